#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dkms.sh runs this in a guest that Debian's systemd has booted:
# dkms_guest.sh install, and after a reboot dkms_guest.sh remove

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

kver=$(uname -r)
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' /sasser/dkms.conf)
before=/var/tmp/before
extensions=/var/lib/samba/gpext.conf

# Files of this system, but for those that change by themselves. DKMS makes
# itself a key to sign with, the first time that it builds anything; systemctl
# makes and removes a folder for links as there are any to keep in it.
files()
{
	find / -xdev \( -path /sasser -o -path /var/log -o -path /var/tmp \
		-o -path /var/lib/systemd -o -path '/var/lib/dkms/mok.*' \
		-o -path /var/cache -o -path /tmp -o -path /root \) -prune \
		-o ! -path '/etc/systemd/system/*.wants' -print | sort
}

# a peer that connects inbound and outbound, over IPv4 and IPv6
network()
{
	ns_add peer
	link init peer sw
	addresses init sw peer sw 9
	at_exit ip link del sw
	serve init 80,445
	serve peer 80,445,9996
}

open_here()
{
	tries "$1: a peer reaches port 445 here" served \
		peer 445 10.7.9.1 fd00:7:9::1
	tries "$1: port 9996 of the peer is reached" served \
		init 9996 10.7.9.2 fd00:7:9::2
}

blocked_here()
{
	tries "$1: a peer does not reach port 445 here" timeout \
		peer 445 10.7.9.1 fd00:7:9::1
	tries "$1: port 9996 of the peer is refused" refused \
		init 9996 10.7.9.2 fd00:7:9::2
	tries "$1: port 445 of the peer is reached" served \
		init 445 10.7.9.2 fd00:7:9::2
	tries "$1: a peer reaches port 80 here" served \
		peer 80 10.7.9.1 fd00:7:9::1
}

says() { grep -qF -- "$1" "$tmp/make"; }

installs()
{
	plan 18
	for other in /lib/modules/*; do
		other=${other##*/}
		[ "$other" = "$kver" ] || break
	done
	rm "/lib/modules/$other/build"
	# every Debian has it, but for this one, which is without documentation
	mkdir -p /usr/share/man/man8
	# Samba's list of extensions is there, and empty
	touch $extensions
	files >$before

	# what an earlier version left
	mkdir /usr/src/sasser-0.0.1
	cp -r /sasser/{dkms.conf,Kbuild,kmod} /usr/src/sasser-0.0.1/
	sed -i 's/^PACKAGE_VERSION=.*/PACKAGE_VERSION="0.0.1"/' \
		/usr/src/sasser-0.0.1/dkms.conf
	dkms add -m sasser -v 0.0.1 >/dev/null || bail "dkms add failed"

	network
	open_here "before"
	succeeds "make install" sh -c "make -C /sasser install >$tmp/make 2>&1 ||
		{ cat $tmp/make; exit 1; }"
	succeeds "the kernel without headers is named" says "Kernel $other has no headers"
	is "DKMS has it installed, and the earlier version no more" \
		"$(dkms status sasser | tr -d ' ')" \
		"sasser/$version,$kver,x86_64:installed"
	is "modinfo tells the version" "$(modinfo -F version nf_sasser)" "$version"
	is "nothing is assigned yet" "$(sasserctl status >/dev/null; echo $?)" 4
	succeeds "modprobe loads it" modprobe nf_sasser
	succeeds "enable" sasserctl enable --force
	blocked_here "enabled"
	is "the units are enabled" \
		"$(systemctl is-enabled sasser.service sasser-metrics.timer)" \
		$'enabled\nenabled'
	succeeds "the manual is there" man --where sasserctl
	is "the block counts" "$(rows init | grep -c 'in tcp 445')" 1
	is "Group Policy is not asked for anything" "$(cat $extensions)" ""
	succeeds "unless somebody wants that" sasserctl gpo register
	# it has to stay in force over the reboot, so lib.sh must not lift it
	trap - EXIT
	finish
}

removes()
{
	plan 18
	is "sasser.service put the policy in force at boot" \
		"$(systemctl is-active sasser.service)" active
	is "before any interface was configured" \
		"$(systemctl show -P After network-pre.target |
			tr ' ' '\n' | grep -x sasser.service)" sasser.service
	policy_at=$(systemctl show -P ActiveEnterTimestampMonotonic sasser.service)
	network_at=$(systemctl show -P ActiveEnterTimestampMonotonic network-pre.target)
	succeeds "and it was so ($policy_at, $network_at)" \
		test "$network_at" -gt 0 -a "$policy_at" -le "$network_at"
	is "the policy" "$(status init policy)" SASSER
	network
	blocked_here "after the reboot"

	succeeds "make uninstall" sh -c "make -C /sasser uninstall >$tmp/make 2>&1 ||
		{ cat $tmp/make; exit 1; }"
	open_here "after"
	is "the extension is not registered any more" "$(cat $extensions)" ""
	is "the module is not loaded" "$(grep -c nf_sasser /proc/modules)" 0
	fails "nor found" 1 "not found" modprobe nf_sasser
	succeeds "the settings that stay are named" says 'Kept: /etc/sasser/assigned.conf'
	is "nothing else is left" "$(files | comm -13 $before - )" \
		$'/etc/sasser\n/etc/sasser/assigned.conf'
	is "nothing else is missing" "$(files | comm -23 $before - )" ""
	succeeds "make uninstall PURGE=1, with nothing there" \
		sh -c "make -C /sasser uninstall PURGE=1 && [ ! -e /etc/sasser ]"
	finish
}

case $1 in
install) installs ;;
remove) removes ;;
esac
