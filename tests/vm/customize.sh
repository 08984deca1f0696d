#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Last step of a root, by mmdebstrap: customize.sh ROOT
set -eu

root=$1

# Services that packages enabled would start in a guest that boots systemd
# and change what a test sees; tests start what they use.
for service in smbd nmbd samba-ad-dc winbind prometheus \
	prometheus-node-exporter nftables; do
	find "$root/etc/systemd/system" -type l -name "$service.service" -delete
done
# apt's and man-db's timers only cost time
find "$root/etc/systemd/system" -type l -path '*timers.target.wants*' -delete

# A kernel that is not compressed starts two seconds sooner under emulation.
chroot "$root" sh -eu <<'EOF'
for vmlinuz in /boot/vmlinuz-*; do
	vmlinux=/boot/vmlinux-${vmlinuz##*/vmlinuz-}
	for how in '\xFD7zXZ\x00:xz -dc --single-stream' '\x28\xB5\x2F\xFD:zstd -dcq'; do
		at=$(LC_ALL=C grep -obUaP "${how%%:*}" "$vmlinuz" | head -n 1 | cut -d : -f 1)
		[ -n "$at" ] || continue
		# what follows the kernel in the file is an error to the unpacker
		tail -c +$((at + 1)) "$vmlinuz" | ${how#*:} >"$vmlinux" 2>/dev/null || :
		file "$vmlinux" | grep -q ELF && break
		rm -f "$vmlinux"
	done
done
EOF

mkdir -p "$root/sasser"
rm -f "$root"/boot/initrd.img-*
: >"$root/etc/machine-id"
printf 'guest\n' >"$root/etc/hostname"
printf '127.0.0.1 localhost guest\n::1 localhost\n' >"$root/etc/hosts"
