# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Sourced by the scripts that test sasserctl without the module: TAP.

count=0 failed=0

# result STATUS NAME [FILE]: what was said is in that file, or $out, and in $err if
# there is one
result()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count $2"
		return
	fi
	failed=1
	echo "not ok $count $2"
	cat -v "${3:-$out}" | sed 's/^/# stdout: /'
	[ -z "${err:-}" ] || cat -v "$err" | sed 's/^/# stderr: /'
}
