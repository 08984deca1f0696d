#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# story.sh runs this in a guest, a chapter a boot.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# The host's own connections tell what is blocked, so that no server here has
# to be ignored by force: 7777 is HARBOUR's, 5554 SASSER's, 80 nobody's.
network()
{
	ns_add peer
	link init peer sw
	addresses init sw peer sw 9
	at_exit ip link del sw
	serve peer 80,5554,7777
}

# blocks WHEN PORT: that one alone
blocks()
{
	local port

	for port in 80 5554 7777; do
		tries "$1: port $port is $([ $port = "$2" ] && echo refused || echo served)" \
			"$([ $port = "$2" ] && echo refused || echo served)" \
			init $port 10.7.9.2 fd00:7:9::2
	done
}

# in_force: "POLICY ORIGIN, over POLICY ORIGIN"
in_force()
{
	sasserctl status --json | jq -r '"\(.policy) \(.origin), over " +
		if .overridden then "\(.overridden.policy) \(.overridden.origin)"
		else "nothing" end'
}

assign()
{
	plan 28
	make -s -C /sasser install-userspace >"$tmp/install" 2>&1 ||
		bail "install-userspace failed: $(cat "$tmp/install")"
	network
	blocks "nothing is assigned" none

	cat >"$tmp/harbour.conf" <<-EOF
	# what the harbour's cranes must not be reached by
	[filter crane]
	direction = both
	protocol = tcp
	port = 7777
	action = block

	[policy HARBOUR]
	description = Keeps the worm off the cranes
	filters = crane smb
	EOF
	succeeds "a policy is imported" sasserctl policy import "$tmp/harbour.conf"
	succeeds "it is in the pool" \
		grep -qE '^HARBOUR +local' <<<"$(sasserctl policy list)"
	is "importing assigned nothing" "$(sasserctl status >/dev/null; echo $?)" 4

	succeeds "it is enabled here" sasserctl enable HARBOUR
	is "it is in force" "$(in_force)" "HARBOUR local, over nothing"
	blocks "HARBOUR" 7777

	succeeds "the domain assigns SASSER" sasserctl enable SASSER --origin domain
	is "it overrides" "$(in_force)" "SASSER domain, over HARBOUR local"
	blocks "SASSER" 5554

	fails "disable is refused, and says who assigned it" 1 "domain" \
		sasserctl disable
	fails "and how to open the host in an emergency" 1 \
		"disable --runtime --force" sasserctl disable
	is "it is in force still" "$(in_force)" "SASSER domain, over HARBOUR local"
	blocks "SASSER" 5554

	succeeds "the domain un-assigns" sasserctl disable --origin domain
	is "the local one is back" "$(in_force)" "HARBOUR local, over nothing"
	blocks "HARBOUR" 7777
	is "it has counted what it refused" "$(rows init)" \
		"out tcp 7777 packets 2 bytes 140 attempts 2"
	# it has to stay in force over the reboot, so lib.sh must not lift it
	trap - EXIT
	finish
}

# moment UNIT: when it became active, in microseconds since boot
moment() { systemctl show -P ActiveEnterTimestampMonotonic "$1"; }

reboot()
{
	local policy_at network_at

	plan 12
	is "after a reboot it is in force" "$(in_force)" \
		"HARBOUR local, over nothing"
	policy_at=$(moment sasser.service)
	network_at=$(moment network-pre.target)
	succeeds "since before any interface was configured ($policy_at, $network_at)" \
		test "$policy_at" -gt 0 -a "$policy_at" -le "$network_at"
	is "and no interface came up before" \
		"$(journalctl -b -o short-monotonic --no-pager -t kernel |
			sed -n '/nf_sasser: loading/q; /link becomes ready/p')" ""
	network
	blocks "HARBOUR" 7777
	succeeds "it is un-assigned" sasserctl disable
	is "nothing is in force" "$(in_force)" "null null, over nothing"
	blocks "nothing is assigned" none
	succeeds "the domain assigns SASSER" sasserctl enable SASSER --origin domain
	# and its file is damaged before the next boot
	echo rubbish >/var/lib/sasser/domain/assigned.conf
	sync /var/lib/sasser/domain/assigned.conf
	trap - EXIT
	finish
}

broken()
{
	plan 9
	is "after a reboot that finds the domain's file broken its last policy is in force" \
		"$(in_force)" "SASSER domain, over nothing"
	is "sasser.service has failed" \
		"$(systemctl is-active sasser.service)" failed
	is "so says status" \
		"$(sasserctl status --json | jq .last_refresh.ok)" false
	succeeds "and why, and what is in force" \
		grep -q 'assigned.conf, line 1.*last good policy of the domain' \
		<<<"$(sasserctl status --json | jq -r .last_refresh.message)"
	network
	blocks "the last good policy" 5554
	succeeds "the host leaves the domain" sasserctl domain clear
	is "nothing is in force" "$(in_force)" "null null, over nothing"
	trap - EXIT
	finish
}

after()
{
	plan 4
	is "after the next reboot nothing is in force" \
		"$(sasserctl status >/dev/null; echo $?)" 4
	is "and no module loaded" "$(grep -c nf_sasser /proc/modules)" 0
	is "sasser.service had nothing to do" \
		"$(systemctl is-active sasser.service)" active
	succeeds "the policy is in the pool still" \
		grep -qE '^HARBOUR +local' <<<"$(sasserctl policy list)"
	finish
}

case $1 in
assign | reboot | broken | after) "$1" ;;
esac
