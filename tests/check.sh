#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make check: everything that is tested, with one line of result at the end.
# Each part adds "passed failed" to a file. V=1 shows all output; PARTS="..."
# runs only these parts.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"
# shellcheck source=tests/vm/root.sh
. "$top/tests/vm/root.sh"
# shellcheck source=tests/vm/stage.sh
. "$top/tests/vm/stage.sh"

parts=${PARTS:-static userspace install guests harness dkms}
results=$tmp/results
logs=${LOGS:-$(mktemp -d "${TMPDIR:-/tmp}/sasser-logs.XXXXXX")}
export LOGS=$logs
mkdir -p "$logs"
: >"$results"

# one COMMAND, one result
one()
{
	local name=$1

	shift
	if progress "$name" "$@"; then
		say "pass $name"
		echo 1 0 >>"$results"
	else
		say "FAIL $name"
		echo 0 1 >>"$results"
	fi
}

# tap NAME COMMAND: a command that prints TAP, maybe of several programs
tap()
{
	local name=$1 passed failed rc

	shift
	progress "$name" tap_to "$logs/$name.tap" "$@"
	rc=$?
	passed=$(grep -c '^ok ' "$logs/$name.tap")
	failed=$(grep -c '^not ok ' "$logs/$name.tap")
	failed=$((failed + $(grep -ci '^ok .*# *skip' "$logs/$name.tap")))
	if [ $rc != 0 ] && [ "$failed" = 0 ] || [ "$passed" = 0 ]; then
		failed=$((failed + 1))
	fi
	say "$([ "$failed" = 0 ] && echo pass || echo FAIL)" \
		"$name: $passed passed, $failed failed"
	echo "$passed $failed" >>"$results"
}

tap_to()
{
	local file=$1

	shift
	"$@" 2>&1 | tee "$file"
}

need_tools qemu-system-x86 cpio kmod xz-utils procps e2fsprogs
root_get bookworm
source_get
mkdir "$tmp/stage"
stage "$tmp/stage" 6.1 6.12

for part in $parts; do
	case $part in
	static)
		for name in checkpatch sparse cppcheck shellcheck header version; do
			one "$name" in_root "$layer" /sasser/tests/static.sh $name "${kvers[@]}"
		done
		;;
	userspace)
		tap userspace in_root "$layer" make -s -C /sasser/userspace check
		;;
	install)
		tap install in_root "$layer" /sasser/tests/install.sh "${kvers[0]}"
		;;
	guests)
		lines=$(wc -l <"$results")
		"$top/tests/vm/run.sh" --stage "$tmp/stage" --results "$results" \
			--logs "$logs/guests" >&2
		[ "$lines" -lt "$(wc -l <"$results")" ] || echo 0 1 >>"$results"
		;;
	harness)
		tap harness "$top/tests/vm/selftest.sh" --stage "$tmp/stage"
		;;
	dkms)
		tap dkms "$top/tests/dkms.sh" --stage "$tmp/stage"
		;;
	*)
		die "no such part: $part"
		;;
	esac
done

awk -v logs="$logs" '
	{ passed += $1; failed += $2 }
	END {
		print "logs in " logs >"/dev/stderr"
		close("/dev/stderr")
		printf "%d passed, %d failed\n", passed, failed
		exit failed || !passed
	}' "$results"
