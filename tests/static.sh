#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Checks that need no kernel to run on: static.sh CHECK [KERNEL]...
# Runs in the Debian root (check.sh), on a copy of the tree.

set -u -o pipefail

cd "$(dirname "$0")/.." || exit 1
what=$1
shift

checkpatch()
{
	local dir=$1 sources

	shift
	mapfile -t sources < <(find "$dir" -name '*.[ch]' ! -path '*/check.build/*')
	# it looks for the kernel's names in CamelCase below the working directory
	(cd /usr/src/linux-source && mkdir -p include &&
		perl scripts/checkpatch.pl --no-tree --root=. --strict --terse \
			--show-types --no-summary "$@" -f "${sources[@]/#//sasser/}")
}

case $what in
checkpatch)
	# Outside the kernel there are no kernel types, attributes and
	# ARRAY_SIZE(); a message stands in one piece, and may have the word
	# that happens to be a function's name.
	checkpatch kmod &&
		checkpatch userspace --ignore=PREFER_KERNEL_TYPES \
			--ignore=PREFER_DEFINED_ATTRIBUTE_MACRO --ignore=ARRAY_SIZE \
			--ignore=LONG_LINE_STRING --ignore=EMBEDDED_FUNCTION_NAME
	;;
sparse)
	# also every warning of gcc at W=1
	status=0
	for kver; do
		cp -r . "/tmp/sparse-$kver"
		make -C "/tmp/sparse-$kver" KVER="$kver" W=1 C=2 KCFLAGS=-Werror \
			module >/tmp/sparse.log 2>&1 || status=1
		if [ $status != 0 ] || grep -E 'kmod/.*(warning|error)' /tmp/sparse.log; then
			cat /tmp/sparse.log
			exit 1
		fi
	done
	;;
cppcheck)
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 \
		--enable=warning,performance,portability \
		--suppress=missingIncludeSystem -I kmod/uapi userspace/*.c
	;;
shellcheck)
	# SC2317: functions are handed to others here, and so never called
	grep -lrE '^#!/bin/(ba)?sh|^# shellcheck shell=' --exclude-dir=.git \
		--exclude-dir=check.build . | sort | xargs shellcheck -x -e SC2317
	;;
header)
	for cc in "gcc -std=gnu99 -xc" "gcc -std=gnu11 -xc" "g++ -std=c++11 -xc++" \
		"g++ -std=c++20 -xc++"; do
		$cc -Wall -Wextra -Werror -pedantic -fsyntax-only -I kmod/uapi \
			-include linux/sasser.h /dev/null || exit 1
	done
	;;
version)
	# it stands in dkms.conf alone
	version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
	[ -n "$version" ] || exit 1
	! grep -rnF "$version" --exclude=dkms.conf --exclude-dir=build \
		--exclude-dir=check.build --exclude='*.o' --exclude=sasserctl \
		--exclude-dir=.git --exclude=COPYING --exclude='.*.cmd' -I .
	;;
*)
	echo "no such check: $what" >&2
	exit 2
	;;
esac
