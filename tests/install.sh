#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make and make install with their variables, where nothing may be registered
# or started. check.sh runs it in the Debian root, on a copy of the tree.
#	install.sh KERNEL

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

cd "$(dirname "$0")/.." || exit 1
kver=$1
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
dest=$tmp/dest

# what is written beside the tree and /tmp
strange() { find / -xdev -newer "$tmp/mark" ! -type d ! -path '/sasser/*'; }
listed() { (cd "$dest" && find . ! -type d | sed 's,^\./,,' | sort); }

plan 23

touch "$tmp/mark"
succeeds "make, with no headers of the running kernel" \
	sh -c "make >$tmp/make 2>&1"
succeeds "it says that there is no module, and why" \
	grep -q "No module was built.*$(uname -r)" "$tmp/make"
fails "make KVER= of a kernel that is not there" 2 "No headers of kernel 1.2.3" \
	make -s KVER=1.2.3
succeeds "make KVER=$kver" sh -c "make KVER=$kver >$tmp/make 2>&1"
is "leaves the module for that kernel at the top" \
	"$(modinfo -F vermagic ./nf_sasser.ko | cut -d ' ' -f 1)" "$kver"
succeeds "and the controller" ./userspace/sasserctl version

succeeds "make install with DESTDIR and PREFIX" \
	sh -c "make install DESTDIR=$dest PREFIX=/opt/sasser >$tmp/make 2>&1"
is "installs these files" "$(listed | grep -v '^usr/src/')" \
	"opt/sasser/lib/sasser/policy.d/quarantine.conf
opt/sasser/lib/sasser/policy.d/sasser-variants.conf
opt/sasser/lib/sasser/policy.d/sasser.conf
opt/sasser/lib/sasser/samba/gp_sasser_ext.py
opt/sasser/lib/systemd/system/sasser-gpupdate.service
opt/sasser/lib/systemd/system/sasser-metrics.service
opt/sasser/lib/systemd/system/sasser-metrics.timer
opt/sasser/lib/systemd/system/sasser-refresh.service
opt/sasser/lib/systemd/system/sasser-refresh.timer
opt/sasser/lib/systemd/system/sasser.service
opt/sasser/sbin/sasserctl
opt/sasser/share/bash-completion/completions/sasserctl
opt/sasser/share/man/man8/sasserctl.8
opt/sasser/share/sasser/policydefinitions/de-DE/sasser.adml
opt/sasser/share/sasser/policydefinitions/en-US/sasser.adml
opt/sasser/share/sasser/policydefinitions/sasser.admx"
is "the units follow PREFIX" \
	"$(grep -rhoE '/[^ =]*sbin/sasserctl' "$dest"/opt/sasser/lib/systemd | sort -u)" \
	"/opt/sasser/sbin/sasserctl"
is "and so does the controller, which looks there for its policies" \
	"$(grep -c /opt/sasser/lib/sasser/policy.d "$dest/opt/sasser/sbin/sasserctl")" 1
is "and the extension for samba-gpupdate, which calls it" \
	"$(grep ^SASSERCTL "$dest/opt/sasser/lib/sasser/samba/gp_sasser_ext.py")" \
	"SASSERCTL = '/opt/sasser/sbin/sasserctl'"
is "and nothing beside" "$(strange)" ""
source=$dest/usr/src/sasser-$version
succeeds "what DKMS gets is enough to build" \
	make -C "/lib/modules/$kver/build" M="$source" modules
is "nothing of userspace is in it" "$(listed | grep -c 'usr/src.*userspace')" 0
make -C "/lib/modules/$kver/build" M="$source" clean >/dev/null
succeeds "make uninstall with both" \
	sh -c "make uninstall DESTDIR=$dest PREFIX=/opt/sasser >$tmp/make 2>&1"
is "takes it all away" "$(listed)" ""

# Samba has the extension registered
mkdir "$tmp/sbin"
cat >"$tmp/sbin/sasserctl" <<-END
	#!/bin/sh
	echo "\$*" >>$tmp/calls
	[ "\$*" = "help gpo" ] || [ ! -e $tmp/refuse ]
END
chmod 0755 "$tmp/sbin/sasserctl"
touch "$tmp/refuse"
fails "make uninstall, where the extension can't be unregistered" 2 "" \
	make -s uninstall SBINDIR="$tmp/sbin"
fails "nor with PURGE" 2 "" make -s uninstall PURGE=1 SBINDIR="$tmp/sbin"
is "stops before anything else" "$(sort -u "$tmp/calls")" "gpo unregister
help gpo"
succeeds "and has removed nothing" test -x "$tmp/sbin/sasserctl"
rm "$tmp/refuse"
succeeds "where it can be" make -s -C userspace unregister SBINDIR="$tmp/sbin"
echo 'exit 2' >"$tmp/sbin/sasserctl"
succeeds "or where sasserctl is too old to have it registered" \
	make -s -C userspace unregister SBINDIR="$tmp/sbin"

# a host without DKMS: all commands but that one
mkdir "$tmp/path"
ln -s /usr/bin/* /usr/sbin/* "$tmp/path/" 2>/dev/null
rm -f "$tmp/path/dkms"
fails "make install without DKMS says what to do" 2 "apt install dkms" \
	env PATH="$tmp/path" make -s install
finish
