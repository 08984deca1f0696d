#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The module by DKMS: make install, a reboot and make uninstall on a Debian
# that systemd runs, for each kernel. Prints TAP.
#	dkms.sh --stage DIR [KERNEL]...    (of vm/run.sh)

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"
# shellcheck source=tests/vm/root.sh
. "$top/tests/vm/root.sh"

[ "${1:-}" = --stage ] || die "usage: dkms.sh --stage DIR [KERNEL]..."
# Built, but not put in place: a hard-linked copy without what stage() did.
layer=$tmp/layer
cp -al "$2/layer" "$layer"
rm -rf "$layer/usr/lib/modules" "$layer/usr/sbin/sasserctl" "$layer/usr/lib/sasser"
shift 2
kernels=("$@")
[ ${#kernels[@]} -gt 0 ] || kernels=(6.1 6.12)
logs=${LOGS:-$tmp}/dkms
root_get bookworm

# Two boots on one disk. DKMS compiles, which takes minutes under emulation;
# one CPU does that with a third of the work, and there is one for each guest.
one_kernel()
{
	local kernel=$1 step rc

	truncate -s 8G "$tmp/disk-$kernel"
	mkfs.ext4 -q "$tmp/disk-$kernel" || return
	for step in install remove; do
		"$top/tests/vm/boot.sh" --root "$root" --layer "$layer" \
			--kernel "$kernel" --systemd --smp 1 \
			--disk "$tmp/disk-$kernel" \
			--limit 2400 --silence 1800 --log "$logs/$kernel-$step" -- \
			/sasser/tests/dkms_guest.sh $step
		rc=$?
		[ $rc = 0 ] && continue
		echo "not ok $kernel: dkms_guest.sh $step ended with $rc"
		sed 's/^/# /' "$logs/$kernel-$step/console" | tail -n 20
		return
	done
}

need_tools e2fsprogs
for kernel in "${kernels[@]}"; do
	one_kernel "$kernel" >"$tmp/tap-$kernel" 2>&1 &
done
wait
cat "$tmp"/tap-*
! grep -q '^not ok' "$tmp"/tap-*
