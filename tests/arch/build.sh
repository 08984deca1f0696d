#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the root with cross compilers, where the other architecture's root,
# with the tree in /sasser, is /target: builds the module, the tool and the
# tests. Prints TAP without a plan: build.sh ARCH TRIPLET KERNEL MACHINE
# (MACHINE: as readelf names it)

arch=$1 triplet=$2 kver=$3 machine=$4
n=0 failed=0

# result STATUS NAME LOG
result()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n $arch: $2"
		return
	fi
	failed=1
	echo "not ok $n $arch: $2"
	tail -n 60 "$3" | sed 's/^/# /'
}

# ---- the module: how Debian's headers are told that this is a cross build

export DEB_BUILD_ARCH=amd64 DEB_HOST_ARCH=$arch DEB_HOST_GNU_TYPE=$triplet
mkdir -p /tmp/module "/target/usr/lib/modules/$kver/updates"
cp -r /sasser/{dkms.conf,Kbuild,Makefile,kmod} /tmp/module/
make -C /tmp/module KVER="$kver" KDIR="/usr/src/linux-headers-$kver" \
	W=1 C=2 KCFLAGS=-Werror module >/tmp/module.log 2>&1
result $? "the module builds with every warning of gcc on (W=1)" /tmp/module.log

grep -E '(kmod/.*|nf_sasser.*)(warning|error)|^WARNING' /tmp/module.log >/tmp/complaints
[ ! -s /tmp/complaints ] && [ "$(grep -c '^ *CHECK .*/kmod/' /tmp/module.log)" = \
	"$(find /sasser/kmod -name '*.c' | wc -l)" ]
result $? "sparse looked at each of its files and has nothing to say" /tmp/module.log

# of a file: class, byte order, machine
elf() { readelf -h "$1" | sed -n 's/^ *\(Class\|Data\|Machine\): *//p' | tr '\n' ' '; }

elf /tmp/module/nf_sasser.ko >/tmp/elf 2>&1
grep -qxF -- "$machine " /tmp/elf
result $? "it is a module for $machine" /tmp/elf

cp /tmp/module/nf_sasser.ko "/target/usr/lib/modules/$kver/updates/" &&
	depmod -b /target "$kver"
result $? "it is installed" /dev/null

# ---- the tool and the tests

# Debian's pkgconf knows paths of this machine only
export PKG_CONFIG_SYSROOT_DIR=/target
export PKG_CONFIG_LIBDIR=/target/usr/lib/$triplet/pkgconfig:/target/usr/share/pkgconfig
cross=("CC=$triplet-gcc --sysroot=/target" "AR=$triplet-ar")

make -s -C /sasser/userspace "${cross[@]}" >/tmp/tool.log 2>&1
result $? "sasserctl builds" /tmp/tool.log
ln -sf /sasser/userspace/sasserctl /target/usr/sbin/sasserctl
install -D -m 0644 -t /target/usr/lib/sasser/policy.d /sasser/userspace/policy.d/*.conf

# The kernel's harness gives a test 30 seconds, too few where a busy machine
# emulates another one; run.sh sets a limit of its own.
cp -r /usr/src/linux-source/tools/testing/selftests /tmp/ksft
sed -i 's/^\(#define TEST_TIMEOUT_DEFAULT\) 30$/\1 600/' /tmp/ksft/kselftest_harness.h
grep -q '^#define TEST_TIMEOUT_DEFAULT 600$' /tmp/ksft/kselftest_harness.h
result $? "the harness takes a longer limit" /dev/null

# the Windows program is left to the architecture that can run it
make -s -C /sasser/tests "${cross[@]}" WINDOWS= OUTPUT=/sasser/tests/build \
	KSFT=/tmp/ksft >/tmp/tests.log 2>&1
result $? "the tests build" /tmp/tests.log

# Those of the tool's parts: programs of the guest like any other. They are
# built without the sanitizers, which is done natively.
# shellcheck disable=SC2016 # make expands it
read -ra parts <<<"$(make -s -C /sasser/userspace --eval \
	'list-check: ; @echo $(CHECK_PROGS)' list-check)"
make -s -C /sasser/userspace "${cross[@]}" CHECK_FLAGS='-O2 -g' \
	"${parts[@]/#/check.build/}" >/tmp/parts.log 2>&1 &&
	cp "${parts[@]/#//sasser/userspace/check.build/}" /sasser/tests/build/ &&
	install -D -m 0644 -t /sasser/userspace/check.build/root/vendor/policy.d \
		/sasser/userspace/policy.d/*.conf
result $? "the tests of sasserctl's parts build" /tmp/parts.log

printf '%s\n' "${parts[@]}" >/sasser/tests/build/parts
exit $failed
