#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# In a root that was only unpacked: what the packages' maintainer scripts, which
# can't run here, would have done, as far as guests need it: configure.sh ROOT
set -eu

root=$1

cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
[ -e "$root/etc/nsswitch.conf" ] ||
	printf 'passwd: files\ngroup: files\nhosts: files\n' >"$root/etc/nsswitch.conf"
printf 'guest\n' >"$root/etc/hostname"
printf '127.0.0.1 localhost guest\n::1 localhost\n' >"$root/etc/hosts"
mkdir -p "$root/sasser" "$root/etc/samba"
cp "$root/usr/share/samba/smb.conf" "$root/etc/samba/"
[ -e "$root/var/run" ] || ln -s /run "$root/var/run"
[ -e "$root/var/lock" ] || ln -s /run/lock "$root/var/lock"

# alternatives
link() { ln -sf "$1" "$root/usr/$2"; }
link mawk bin/awk
link nc.openbsd bin/nc
for family in iptables ip6tables; do
	link $family-nft sbin/$family
	link $family-nft-save sbin/$family-save
	link $family-nft-restore sbin/$family-restore
done

for dir in "$root"/usr/lib/modules/*; do
	depmod -b "$root" "${dir##*/}"
done
