#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who only happens to use a number of SASSER's is left alone: source ports,
# the host's traffic with itself, and traffic that it forwards. What it
# publishes by NAT on its own address is not.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

client="10.7.1.2 fd00:7:1::2"
host="10.7.1.1 fd00:7:1::1"
inside="10.7.2.1 fd00:7:2::1"		# the host, as the container sees it
container="10.7.2.2 fd00:7:2::2"
ports=445,5554,9996

# shellcheck disable=SC2086 # lists of addresses
source_ports()
{
	local port

	for port in 5554 9996; do
		tries "client from port $port reaches local port 80 $1" \
			served client -s $port 80 $host
		tries "local client from port $port reaches remote port 80 $1" \
			served host -s $port 80 $client
	done
}

# shellcheck disable=SC2086
itself()
{
	tries "loopback connections work $1" served host $ports 127.0.0.1 ::1
	tries "connections to the host's own addresses work $1" served \
		host $ports $host $inside
	tries "and from one own address to another $1" served \
		host -a 10.7.1.1 $ports 10.7.2.1
	tries "loopback UDP works $1" served host -u $ports 127.0.0.1 ::1 $host
}

# shellcheck disable=SC2086
forwarded()
{
	tries "forwarded connections to the container work $1" container \
		client $ports $container
	tries "forwarded connections from the container work $1" served \
		container $ports $client
}

plan 30

ns_add host client container
link host client eth0
addresses host eth0 client eth0 1
link host container eth1
addresses host eth1 container eth1 2
in_ns host sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
for ns in client container; do
	net=1
	[ $ns = client ] || net=2
	ip_in $ns <<-EOF
	route add default via 10.7.$net.1
	route add ::/0 via fd00:7:$net::1
	EOF
done
serve host 80,$ports
serve host -u $ports
serve client 80,$ports
serve container -n container $ports
witness host client

source_ports before
itself before
forwarded before
in_ns host nft -f - <<-EOF || bail "could not publish a port"
table inet publish {
	chain prerouting {
		type nat hook prerouting priority dstnat
		iifname eth0 ip daddr 10.7.1.1 tcp dport { 445, 8445 } dnat ip to 10.7.2.2:445
		iifname eth0 ip6 daddr fd00:7:1::1 tcp dport { 445, 8445 } dnat ip6 to [fd00:7:2::2]:445
	}
}
EOF
# shellcheck disable=SC2086
tries "445 of the host is the container's by DNAT before" container \
	client 445 $host

succeeds "enable" in_ns host sasserctl enable --runtime --force
mark host host client
source_ports "under SASSER"
itself "under SASSER"
forwarded "under SASSER"
# shellcheck disable=SC2086
tries "8445 of the host is the container's by DNAT under SASSER" container \
	client 8445 $host
counted "nothing of that was counted" host

mark host client
# shellcheck disable=SC2086
tries "445 of the host times out although DNAT sends it elsewhere" timeout \
	client 445 $host
counted "and its row has exactly what was sent" host \
	"$(sent client in tcp 445)"

succeeds "disable" in_ns host sasserctl disable --runtime
# shellcheck disable=SC2086
tries "445 of the host is the container's by DNAT after" container \
	client 445 $host
# shellcheck disable=SC2086
tries "and the container is reached by its own address after" container \
	client $ports $container
# shellcheck disable=SC2086
tries "445 of the host is the host's own for the container after" served \
	container 445 $inside
finish
