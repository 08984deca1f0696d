#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job: SASSER blocks its ports and nothing else, and counts exactly,
# in a namespace of its own and in the initial one.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

blocked=445,5554,9996
open=80,139,444,446,5553,5555,9995,9997

plan 37

zero_rows="smb in tcp 445 block 0 0 0 null null
payload in tcp 5554 block 0 0 0 null null
payload in tcp 9996 block 0 0 0 null null
payload out tcp 5554 block 0 0 0 null null
payload out tcp 9996 block 0 0 0 null null"

all_rows()
{
	in_ns "$1" sasserctl counters --json | jq -r '.counters[] |
		"\(.filter) \(.direction) \(.protocol) \(.port) \(.action) \(.packets) " +
		"\(.bytes) \(.attempts) \(.first_hit) \(.last_hit)"'
}

# hits_since SECOND NAMESPACE: which rows have times, and times that can be
hits_since()
{
	in_ns "$2" sasserctl counters --json |
		jq -r --argjson since "$1" --argjson until "$(date +%s)" '
		.counters[] | "\(.direction) \(.port) " +
		([.first_hit, .last_hit | . != null and
		  (sub("[+-]00:00$"; "Z") | fromdate | . >= $since and . <= $until)] |
		 tostring)'
}

# all_served WHEN VICTIM ADDRESSES-OF-VICTIM ADDRESSES-OF-PEER
all_served()
{
	# shellcheck disable=SC2086 # lists of addresses
	tries "$2: inbound, all ports are served $1" served peer $blocked,$open $3
	# shellcheck disable=SC2086
	tries "$2: outbound, all ports are served $1" served "$2" $blocked,$open $4
}

# block VICTIM ADDRESSES-OF-VICTIM ADDRESSES-OF-PEER
block()
{
	local victim=$1 to_victim=$2 to_peer=$3 start

	serve "$victim" $blocked,$open
	serve "$victim" -u 80,$blocked
	witness "$victim"
	all_served before "$victim" "$to_victim" "$to_peer"

	succeeds "$victim: enable" in_ns "$victim" sasserctl enable --runtime --force
	is "$victim: every row is there, at zero" "$(all_rows "$victim")" \
		"$zero_rows"

	# shellcheck disable=SC2086 # lists of addresses, in all of these
	{
	mark "$victim" "$victim" peer
	start=$(date +%s)
	tries "$victim: inbound 445 5554 9996 time out" timeout \
		peer $blocked $to_victim
	tries "$victim: outbound 5554 9996 fail at once" refused \
		"$victim" 5554,9996 $to_peer
	counted "$victim: each row has exactly what was sent" "$victim" \
		"$(sent peer in tcp 445 5554 9996)" \
		"$(sent "$victim" out tcp 5554 9996)"
	is "$victim: a refused connect is one packet, IPv4 60 bytes and IPv6 80" \
		"$(rows "$victim" | grep '^out')" \
		"out tcp 5554 packets 2 bytes 140 attempts 2
out tcp 9996 packets 2 bytes 140 attempts 2"
	is "$victim: the rows have the times of their hits" \
		"$(hits_since "$start" "$victim")" \
		"in 445 [true,true]
in 5554 [true,true]
in 9996 [true,true]
out 5554 [true,true]
out 9996 [true,true]"

	mark "$victim"
	tries "$victim: outbound 445 works" served "$victim" 445 $to_peer
	tries "$victim: inbound 139 works" served peer 139 $to_victim
	tries "$victim: inbound, other ports are untouched" served \
		peer $open $to_victim
	tries "$victim: outbound, other ports are untouched" served \
		"$victim" $open $to_peer
	tries "$victim: inbound, UDP is untouched" served \
		peer -u 80,$blocked $to_victim
	tries "$victim: outbound, UDP is untouched" served \
		"$victim" -u 80,$blocked $to_peer
	}
	counted "$victim: nothing of that was counted" "$victim"

	in_ns "$victim" sasserctl disable --runtime >/dev/null
	all_served after "$victim" "$to_victim" "$to_peer"
}

ns_add victim peer
link victim peer eth0
addresses victim eth0 peer eth0 1
link init peer cable
addresses init cable peer cable 2
serve peer $blocked,$open
serve peer -u 80,$blocked
witness peer
at_exit 'nft delete table inet witness 2>/dev/null; ip link del cable 2>/dev/null'

block victim "10.7.1.1 fd00:7:1::1" "10.7.1.2 fd00:7:1::2"
block init "10.7.2.1 fd00:7:2::1" "10.7.2.2 fd00:7:2::2"

is "init: the other namespace was not touched" \
	"$(status init assigned) $(status victim assigned)" "false false"
finish
