#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shares go on working: Debian's smbclient and smbd on a host that SASSER
# protects.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

victim4=10.7.1.1 victim6=fd00:7:1::1
peer4=10.7.1.2 peer6=fd00:7:1::2

plan 19

# smbd_in NAMESPACE: shares $tmp/NAMESPACE/share with everybody
smbd_in()
{
	local dir=$tmp/$1

	mkdir -p "$dir/share" "$dir/state"
	echo "$1" >"$dir/share/name"
	cat >"$dir/smb.conf" <<-EOF
	[global]
		server role = standalone server
		smb ports = 445 139
		private dir = $dir/state
		lock directory = $dir/state
		state directory = $dir/state
		cache directory = $dir/state
		pid directory = $dir/state
		ncalrpc dir = $dir/state/ncalrpc
		log file = $dir/log
		usershare path =
		load printers = no
		printcap name = /dev/null
		disable spoolss = yes
		map to guest = Bad User
	[share]
		path = $dir/share
		guest ok = yes
		force user = root
	EOF
	run "$dir/out" in_ns_exec "$1" smbd --foreground --no-process-group \
		--configfile="$dir/smb.conf"
	# a connect that gets through, before any client depends on it
	wait_for 120 is_up "$1" || bail "smbd does not start: $(cat "$dir/out")"
}

# shellcheck disable=SC2317 # called by wait_for
is_up() { [ "$(in_ns "$1" ss -Htln sport = :445 or sport = :139 | wc -l)" -ge 4 ]; }

# smb NAMESPACE PORT ADDRESS COMMANDS
smb() { in_ns "$1" smbclient -N -t 30 -p "$2" "//$3/share" -c "$4"; }

# reaches NAME NAMESPACE PORT ADDRESS WHOSE: the file in that host's share
reaches()
{
	rm -f "$tmp/name"
	smb "$2" "$3" "$4" "get name $tmp/name" >"$tmp/out" 2>&1
	is "$1" "$(cat "$tmp/name" "$tmp/out" 2>/dev/null | head -n 1)" "$5"
}

# does_not_reach NAME NAMESPACE PORT ADDRESS
does_not_reach()
{
	is "$1" "$(in_ns "$2" smbclient -N -t 3 -p "$3" "//$4/share" -c ls 2>&1)" \
		"do_connect: Connection to $4 failed (Error NT_STATUS_IO_TIMEOUT)"
}

# copies NAME ADDRESS: 10 MB from the peer
copies()
{
	rm -f "$tmp/copy"
	smb victim 445 "$2" "get file $tmp/copy" >"$tmp/out" 2>&1 ||
		note "$(cat "$tmp/out")"
	is "$1" "$(sha256sum <"$tmp/copy")" \
		"$(sha256sum <"$tmp/peer/share/file")"
}

# all_reach WHEN
all_reach()
{
	local to

	for to in $victim4 $victim6; do
		reaches "inbound 445 reaches the local smbd $1: $to" \
			peer 445 "$to" victim
		reaches "inbound 139 reaches the local smbd $1: $to" \
			peer 139 "$to" victim
	done
}

ns_add victim peer
link victim peer eth0
addresses victim eth0 peer eth0 1
witness peer
smbd_in victim
smbd_in peer
head -c 10000000 /dev/urandom >"$tmp/peer/share/file"

all_reach before
reaches "outbound 445 reaches the peer's smbd before" victim 445 $peer4 peer

succeeds "enable" in_ns victim sasserctl enable --runtime --force
mark victim peer
copies "10 MB come from the peer's smbd over IPv4, unharmed" $peer4
copies "10 MB come from the peer's smbd over IPv6, unharmed" $peer6
for to in $victim4 $victim6; do
	reaches "inbound 139 reaches the local smbd: $to" peer 139 "$to" victim
done
counted "nothing of that was counted" victim

for to in $victim4 $victim6; do
	does_not_reach "inbound 445 does not: $to" peer 445 "$to"
done
counted "the row has exactly what was sent" victim \
	"$(sent peer in tcp 445)"

succeeds "disable" in_ns victim sasserctl disable --runtime
all_reach after
finish
