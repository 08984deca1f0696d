#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The block and its rows hold over every kind of interface, and for every
# address that is the host's.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

ports=80,445,5554,9996

plan 51

# blocks KIND NET OPTION...: the victim's addresses in NET are blocked, and so
# is what it sends from there. The options are for clients of the victim.
blocks()
{
	local kind=$1 net=$2

	shift 2
	mark victim victim peer
	tries "$kind: inbound 445 5554 9996 time out" timeout \
		peer 445,5554,9996 "10.7.$net.1" "fd00:7:$net::1"
	tries "$kind: outbound 5554 9996 fail at once" refused \
		victim "$@" 5554,9996 "10.7.$net.2" "fd00:7:$net::2"
	tries "$kind: inbound 80 is served" served \
		peer 80 "10.7.$net.1" "fd00:7:$net::1"
	tries "$kind: outbound 80 and 445 are served" served \
		victim "$@" 80,445 "10.7.$net.2" "fd00:7:$net::2"
	# one SYN a connect: 60 bytes over IPv4, 80 over IPv6
	counted "$kind: each row has exactly what was sent" victim \
		"$(sent peer in tcp 445 5554 9996)" \
		"out tcp 5554 packets 2 bytes 140 attempts 2" \
		"out tcp 9996 packets 2 bytes 140 attempts 2"
}

# all_served WHEN
all_served()
{
	local net from=() to=()

	for net in 2 3 4 6 7; do
		to+=("10.7.$net.1" "fd00:7:$net::1")
		from+=("10.7.$net.2" "fd00:7:$net::2")
	done
	tries "inbound, every kind of interface serves $1" served \
		peer $ports "${to[@]}" 10.7.5.1 fd00:7:5::1
	tries "inbound, AnyIP addresses serve $1" served \
		peer $ports 10.7.8.77 fd00:7:8::77
	tries "outbound, every kind of interface is served $1" served \
		victim $ports "${from[@]}"
	tries "outbound, the VRF is served $1" served \
		victim -d red $ports 10.7.5.2 fd00:7:5::2
	tries "the VRF's host serves itself $1" served \
		victim -d red $ports 10.7.5.1 fd00:7:5::1
}

ns_add victim peer
for device in eth0 eth1 eth2 eth3; do
	link victim peer $device
done
addresses victim eth0 peer eth0 1

# 2: a VLAN
for ns in victim peer; do
	ip_in $ns <<<"link add link eth0 vlan10 up type vlan id 10"
done
addresses victim vlan10 peer vlan10 2

# 3: a bridge that has the host's address
ip_in victim <<-EOF
link add br0 type bridge
link set eth1 master br0
link set br0 up
EOF
addresses victim br0 peer eth1 3

# 4: a bond
ip_in victim <<-EOF
link add bond0 type bond mode active-backup miimon 100
link set eth2 down
link set eth2 master bond0
link set bond0 up
EOF
addresses victim bond0 peer eth2 4

# 5: a VRF, with a server of its own
ip_in victim <<-EOF
link add red type vrf table 100
link set red up
link set eth3 master red
EOF
addresses victim eth3 peer eth3 5

# 6: a tunnel
ip_in victim <<<"link add gre6 up type gre local 10.7.1.1 remote 10.7.1.2"
ip_in peer <<<"link add gre6 up type gre local 10.7.1.2 remote 10.7.1.1"
addresses victim gre6 peer gre6 6

# 7: addresses on a dummy interface at either end, reached through eth0
ip_in victim <<-EOF
link add dummy7 up type dummy
address add 10.7.7.1/32 dev dummy7
address add fd00:7:7::1/128 dev dummy7 nodad
route add 10.7.7.2/32 via 10.7.1.2 src 10.7.7.1
route add fd00:7:7::2/128 via fd00:7:1::2 src fd00:7:7::1
EOF
ip_in peer <<-EOF
link add dummy7 up type dummy
address add 10.7.7.2/32 dev dummy7
address add fd00:7:7::2/128 dev dummy7 nodad
route add 10.7.7.1/32 via 10.7.1.1 src 10.7.7.2
route add fd00:7:7::1/128 via fd00:7:1::1 src fd00:7:7::2
EOF

# 8: a whole prefix that is the host's by a route alone
ip_in victim <<-EOF
route add local 10.7.8.0/24 dev lo
route add local fd00:7:8::/64 dev lo
EOF
ip_in peer <<-EOF
route add 10.7.8.0/24 via 10.7.1.1
route add fd00:7:8::/64 via fd00:7:1::1
EOF

# shellcheck disable=SC2317 # called by wait_for
has_carrier() { ip -n victim link show "$1" | grep -q "state UP"; }
for device in br0 bond0; do
	wait_for 60 has_carrier $device || bail "$device has no carrier"
done

serve victim $ports
serve victim -d red $ports
serve peer $ports
witness victim peer
all_served before

succeeds "enable" in_ns victim sasserctl enable --runtime --force
blocks "VLAN" 2
blocks "bridge" 3
blocks "bond" 4
blocks "VRF" 5 -d red
blocks "GRE tunnel" 6
blocks "dummy" 7

mark victim peer
tries "AnyIP: inbound 445 5554 9996 time out" timeout \
	peer 445,5554,9996 10.7.8.77 fd00:7:8::77
counted "AnyIP: each row has exactly what was sent" victim \
	"$(sent peer in tcp 445 5554 9996)"

mark victim
tries "VRF: the host's traffic with itself is exempt" served \
	victim -d red $ports 10.7.5.1 fd00:7:5::1
counted "VRF: and not counted" victim

# In observe mode nothing is dropped, so a packet that a VRF shows to the hooks
# twice could count twice.
succeeds "observe" in_ns victim sasserctl enable --runtime --force --observe
mark victim peer
tries "VRF, observed: inbound is served" served \
	peer $ports 10.7.5.1 fd00:7:5::1
tries "VRF, observed: outbound is served" served \
	victim -d red $ports 10.7.5.2 fd00:7:5::2
tries "VRF, observed: the host's traffic with itself is exempt" served \
	victim -d red $ports 10.7.5.1 fd00:7:5::1
# from 512 up only what opens a connection matches: 60 and 80 bytes
counted "VRF, observed: each packet counts once" victim \
	"$(sent peer in tcp 445)" \
	"in tcp 5554 packets 2 bytes 140 attempts 2" \
	"in tcp 9996 packets 2 bytes 140 attempts 2" \
	"out tcp 5554 packets 2 bytes 140 attempts 2" \
	"out tcp 9996 packets 2 bytes 140 attempts 2"

succeeds "disable" in_ns victim sasserctl disable --runtime
all_served after
finish
