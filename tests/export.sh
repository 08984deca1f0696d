#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# policy export --format nft: on a host without the module nftables does with
# the same packets what the module does, for each vendor policy and for one that
# has all that a filter can have.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

ports=21,80,135,139,445,1023,5554,9996
udp_ports=53,137,445

# What became of each connection, a line each, both ways and from an address
# that a permit names.
outcome()
{
	local args to=(10.7.1.1 fd00:7:1::1)

	for args in "peer $ports ${to[*]}" "peer -a 10.7.1.9 $ports 10.7.1.1" \
		"peer -u $udp_ports ${to[*]}" \
		"peer -s 5554 80,139 ${to[*]}" \
		"victim $ports 10.7.1.2 fd00:7:1::2" \
		"victim -u $udp_ports 10.7.1.2 fd00:7:1::2"; do
		# shellcheck disable=SC2086 # words
		set -- $args
		in_ns "$1" "$peer" connect -t 1500 "${@:2}" 2>&1 |
			sed "s/^/$1 ${*:2:2} /" | sort
	done
}

# same POLICY VERDICT...: module and nftables, and each of these is among it
same()
{
	local policy=$1 module verdict

	in_ns victim sasserctl enable "$policy" --runtime --force >/dev/null ||
		bail "cannot enable $policy"
	module=$(outcome)
	in_ns victim sasserctl disable --runtime >/dev/null
	for verdict in "${@:2}"; do
		succeeds "$policy: some are $verdict" grep -q " $verdict\$" <<<"$module"
	done
	sasserctl policy export "$policy" --format nft >"$tmp/$policy.nft" ||
		bail "cannot export $policy"
	succeeds "$policy: nft takes the export" in_ns victim nft -f "$tmp/$policy.nft"
	is "$policy: nftables does what the module does" "$(outcome)" "$module"
	in_ns victim nft flush ruleset
	is "$policy: and without it all is served" "$(outcome)" "$open"
}

plan 25

ns_add victim peer
link victim peer eth0
addresses victim eth0 peer eth0 1
ip_in peer <<<"address add 10.7.1.9/24 dev eth0"
for ns in victim peer; do
	serve $ns $ports
	serve $ns -u $udp_ports
done
at_exit 'rm -f /etc/sasser/policy.d/mixed.conf'
mkdir -p /etc/sasser/policy.d
cat >/etc/sasser/policy.d/mixed.conf <<-'EOT'
	[filter admins]
	direction = in
	protocol = tcp
	port = 445 5554
	action = permit
	remote = 10.7.1.9 fd00:7:1::/64
	[filter net]
	direction = in
	protocol = tcp
	port = 139 445 5554
	action = block
	remote = 10.7.1.0/25 fd00:7::/32
	[filter names]
	direction = both
	protocol = udp
	port = 137
	action = block
	[filter rpc]
	direction = out
	protocol = tcp
	port = 135
	action = block
	[filter look]
	direction = both
	protocol = tcp
	port = 21
	action = observe
	[policy Mixed]
	filters = admins net names rpc look
EOT

open=$(outcome)
is "before, all is served" "$(grep -v ' served$' <<<"$open")" ""
same SASSER served timeout refused
same SASSER-VARIANTS served timeout refused
same QUARANTINE served timeout refused
same Mixed served timeout refused
finish
