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

# Coccinelle, with one of the kernel's scripts: spatch_report SCRIPT DIR
spatch_report()
{
	local log options

	log=$(mktemp)
	read -ra options < <(sed -n 's,^// *Options:,,p' "$1")
	spatch -D report --no-show-diff --very-quiet --cocci-file "$1" \
		"${options[@]}" --dir "$2" 2>"$log" || cat "$log"
}
export -f spatch_report

coccinelle()
{
	local scripts=/usr/src/linux-source/scripts/coccinelle log

	log=$(mktemp)
	spatch_report $scripts/free/ifnullfree.cocci "${control%/*}" |
		grep -q 'NULL check' || return 1
	# Left out are the two that spatch needs a compiler of OCaml for: one is
	# about a single driver, the other says what sparse says, too.
	find $scripts -name '*.cocci' ! -name check_bq27xxx_data.cocci \
		! -name badzero.cocci -print0 |
		xargs -0 -I '{}' bash -c 'spatch_report "$@"' - '{}' "$1" \
			>"$log" || return 1
	cat "$log"
	[ ! -s "$log" ]
}

# What was found clean once is not looked at again: a file for each of these, by
# all that is read (as it stands: comments and macros count, too), what with, and
# what was asked. check.sh keeps them.
clean=/shared

# analyse COMMAND: for each file of standard input, in $file, with what it is
# compiled with in "$@"; succeeds if all did, and said nothing
analyse()
{
	local flags log how

	log=$(mktemp)
	read -ra flags < <(pkg-config --cflags libnl-genl-3.0 json-c libmnl)
	mkdir -p $clean
	how=$(echo "$1"; dpkg-query -W gcc clang clang-tidy clang-tools; cat .clang-tidy)
	# what one says stays in one piece
	how=$how xargs -I '{}' bash -c "
		file=\$1
		shift
		key=\$( { gcc -M \"\$file\" \"\$@\" | sed 's/^[^:]*://; s/[\\\\]\$//' |
			xargs cat && echo \"\$how \$*\"; } | sha256sum)
		key=$clean/\${key%% *}
		[ ! -e \$key ] || exit 0
		out=\$($1) && [ -z \"\$out\" ] && : >\$key || echo \"\${out:-\$file: failed}\"" \
		- '{}' -std=gnu11 -D_GNU_SOURCE= -DSASSER_VERSION='"0"' \
		-Ikmod/uapi -Iuserspace -Itests \
		-isystem /usr/src/linux-source/tools/testing/selftests \
		"${flags[@]}" >"$log"
	cat "$log"
	[ ! -s "$log" ]
}

# The same command has to find what is wrong with the control: WHAT COMMAND
analyses()
{
	! echo "$control" | analyse "$2" >/tmp/control.log &&
		grep -q "$1" /tmp/control.log && analyse "$2"
}

# Each tool has to find what is wrong with this before it is believed.
control=/tmp/control/control.c
make_control()
{
	mkdir -p "${control%/*}"
	cat >$control <<-'EOF'
	#include <stdlib.h>
	void kfree(const void *p);
	void drop(void *p);
	void drop(void *p)
	{
		if (p)
			kfree(p);
	}
	void twice(void *p);
	void twice(void *p)
	{
		free(p);
		free(p);
	}
	EOF
}

# The program, and the tests that are compiled with it.
userspace_sources()
{
	printf '%s\n' userspace/*.c tests/userspace_*.c tests/fuzz/*.c
}

# The kselftest programs; wine_connect.c is compiled for Windows.
kselftest_sources()
{
	find tests -maxdepth 1 -name '*.c' ! -name 'userspace_*' \
		! -name wine_connect.c
}

case $what in
list)
	echo checkpatch sparse cppcheck coccinelle clang-tidy gcc-analyzer \
		clang-analyzer shellcheck header version
	;;
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
coccinelle)
	make_control && coccinelle kmod
	;;
clang-tidy)
	# with clang's analyzer; .clang-tidy says what is left out
	# shellcheck disable=SC2016 # the command is expanded later
	make_control && userspace_sources | analyses clang-analyzer-unix.Malloc \
		'clang-tidy --quiet --config-file=.clang-tidy "$file" -- "$@" 2>/dev/null'
	;;
gcc-analyzer)
	# Not the fuzz targets: a malloc() that fails may end them, and the
	# sanitizers watch them run. A field that an initializer leaves out is
	# 0, and that is what it is to be.
	# shellcheck disable=SC2016 # the command is expanded later
	make_control && { userspace_sources | grep -v /fuzz/; kselftest_sources; } |
		analyses Wanalyzer-double-free \
		'gcc -fanalyzer -O2 -Wall -Wextra -Wno-missing-field-initializers \
			-S -o /dev/null "$file" "$@" 2>&1'
	;;
clang-analyzer)
	# what clang-tidy does not see
	# shellcheck disable=SC2016 # the command is expanded later
	make_control && kselftest_sources | analyses unix.Malloc \
		'clang --analyze --analyzer-output text "$file" "$@" 2>&1'
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
