#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# When the module comes and goes, when it sees packets, and how long counters
# live.

# shellcheck disable=SC2317 # functions are called by name, too
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

ports=445,5554,9996
victim="10.7.1.1 fd00:7:1::1"
remote="10.7.1.2 fd00:7:1::2"

plan 39

# Packets of both families in both directions.
# shellcheck disable=SC2086 # lists of addresses
traffic()
{
	in_ns peer "$peer" connect -t 1500 $ports,80 $victim
	in_ns victim "$peer" connect -t 1500 $ports,80 $remote
}

# hit PORT,...: from the peer to the victim, both families
# shellcheck disable=SC2086
hit() { in_ns peer "$peer" connect -t 1500 "$1" $victim >/dev/null; }

hooks_called() { called_while traffic | grep -xE 'sasser_ipv[46]_(in|out)'; }

# everything NAMESPACE: all that sasserctl says of the counters
everything() { in_ns "$1" sasserctl counters --json | jq -c .counters; }

# sum ROWS ROWS: row by row
sum()
{
	printf '%s\n' "$@" | awk '
		{ key = $1 " " $2 " " $3; p[key] += $5; b[key] += $7; a[key] += $9 }
		END {
			for (key in p)
				print key, "packets", p[key], "bytes", b[key], "attempts", a[key]
		}'
}

# ---- only enable loads the module

is "the family has no module alias" "$(modinfo -F alias nf_sasser)" ""
fails "the family is not there" 255 . genl ctrl get name sasser
fails "nor for nobody" 255 . nobody genl ctrl get name sasser
is "status says that the module is not loaded" \
	"$(sasserctl status --json | jq .module.loaded; echo "${PIPESTATUS[0]}")" \
	"false
4"
fails "counters fail" 1 "not loaded" sasserctl counters
fails "reset fails" 1 "not loaded" sasserctl reset
is "metrics say that it is down" "$(sasserctl metrics 2>/dev/null |
	grep '^sasser_'; echo "${PIPESTATUS[0]}")" "sasser_up 0
1"
succeeds "disable has nothing to do" sasserctl disable --runtime
succeeds "and none of these loaded it" not_loaded

load_and_unload()
{
	for _ in 1 2 3 4 5; do
		modprobe nf_sasser && rmmod nf_sasser && not_loaded || return
	done
}
succeeds "it loads and unloads, five times" load_and_unload

# ---- which packets it sees

ns_add victim peer other
link victim peer eth0
addresses victim eth0 peer eth0 1
link other peer eth1
addresses other eth1 peer eth1 2
serve victim $ports,80
serve other $ports,80
serve peer $ports,80
tries "all ports are served before it is loaded" served \
	peer $ports,80 10.7.1.1 fd00:7:1::1

modprobe nf_sasser
is "loaded, status says that nothing is assigned" \
	"$(in_ns victim sasserctl status --json | jq .assigned; echo "${PIPESTATUS[0]}")" \
	"false
3"
is "loaded and nothing assigned: no packet comes near it" \
	"$(called_while traffic 2>/dev/null)" ""
rmmod nf_sasser

succeeds "enable loads it" in_ns victim sasserctl enable --runtime --force
is "assigned: it sees packets in and out, of both families" \
	"$(hooks_called 2>/dev/null)" \
	"sasser_ipv4_in
sasser_ipv4_out
sasser_ipv6_in
sasser_ipv6_out"
succeeds "now nobody may look the family up" nobody genl ctrl get name sasser
fails "rmmod is told that it is in use" 1 "in use" rmmod nf_sasser
fails "modprobe -r too" 1 "in use" modprobe -r nf_sasser
fails "enable for a namespace leaves the files alone" 1 \
	"sasserctl enable --runtime" in_ns victim sasserctl enable
fails "so does disable" 1 "sasserctl disable --runtime" \
	in_ns victim sasserctl disable
is "SASSER is still assigned" "$(status victim assigned)" true
succeeds "there is no assignment on disk" test ! -e /etc/sasser/assigned.conf

# ---- how long counters live

witness peer
mark victim peer
hit $ports
sent=$(sent peer in tcp 445 5554 9996)
counted "hits are counted" victim "$sent"
before=$(everything victim)
in_ns victim sasserctl enable --runtime --force >/dev/null
is "they survive another enable" "$(everything victim)" "$before"
in_ns victim sasserctl disable --runtime >/dev/null
is "they are still shown after disable" "$(everything victim)" "$before"
is "and the policy's name" \
	"$(in_ns victim sasserctl counters --json | jq -r .policy)" SASSER
is "unassigned: no packet comes near it" \
	"$(called_while traffic 2>/dev/null)" ""
is "and nothing is counted" "$(everything victim)" "$before"
in_ns victim sasserctl enable --runtime --force >/dev/null
is "they go on after disable and enable" "$(everything victim)" "$before"
forget peer
hit $ports
counted "and count further" victim \
	"$(sum "$sent" "$(sent peer in tcp 445 5554 9996)")"

before=$(everything victim)
is "reset answers with the old totals" \
	"$(in_ns victim sasserctl reset --json | jq -c .counters)" "$before"
is "and all rows are zero" "$(rows victim)" ""
forget peer
hit 445
counted "hits after a reset start at zero" victim "$(sent peer in tcp 445)"
text=$(in_ns victim sasserctl reset)
is "reset prints the old totals for people too" \
	"$(grep -cE "^smb +in +tcp +445 +block +[1-9]" <<<"$text")" 1

# ---- each namespace counts its own

in_ns other sasserctl enable --runtime --force >/dev/null
mark victim peer
hit $ports
is "another namespace's rows stand still" "$(rows other)" ""
counted "while this one's move" victim "$(sent peer in tcp 445 5554 9996)"
in_ns other sasserctl disable --runtime >/dev/null
is "disable in one namespace leaves the other one's policy" \
	"$(status other assigned) $(status victim assigned)" "false true"

in_ns victim sasserctl disable --runtime >/dev/null
tries "all ports are served again" served peer $ports,80 10.7.1.1 fd00:7:1::1
succeeds "nothing assigned: it can be unloaded" rmmod nf_sasser
finish
