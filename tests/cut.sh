#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Connections that are open when a policy is put in force: those that it blocks
# are cut and listed, innocents stay, and what can't be cut is named.

# shellcheck disable=SC2016 # awk, and other shells, expand these
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

victim4=10.7.1.1 victim6=fd00:7:1::1 peer4=10.7.1.2 peer6=fd00:7:1::2

plan 29

smbd_in_victim()
{
	local dir=$tmp/smbd

	mkdir -p "$dir/share" "$dir/state"
	truncate -s 100G "$dir/share/file"
	cat >"$dir/smb.conf" <<-EOS
	[global]
		server role = standalone server
		private dir = $dir/state
		lock directory = $dir/state
		state directory = $dir/state
		cache directory = $dir/state
		pid directory = $dir/state
		ncalrpc dir = $dir/state/ncalrpc
		log file = $dir/log
		load printers = no
		disable spoolss = yes
		map to guest = Bad User
	[share]
		path = $dir/share
		guest ok = yes
		force user = root
	EOS
	run "$dir/out" in_ns_exec victim smbd --foreground --no-process-group \
		--configfile="$dir/smb.conf"
	wait_for 120 serves_smb || bail "smbd does not start: $(cat "$dir/out")"
}

serves_smb() { [ "$(in_ns victim ss -Htln sport = :445 | wc -l)" -ge 2 ]; }

# established PORT: how many connections the victim has to its port
established() { in_ns victim ss -Htn state established sport = ":$1" | wc -l; }

is_established() { [ "$(established "$1")" -ge "${2:-1}" ]; }

# copies ADDRESS: an SMB copy that takes for ever. Sets $pid.
copies()
{
	run "$tmp/copy" in_ns_exec peer smbclient -N "//$1/share" \
		-c 'get file /dev/null'
	wait_for 120 is_copying || bail "no copy: $(cat "$tmp/copy")"
}

received() { in_ns peer awk '$1 == "eth0:" { print $2 }' /proc/self/net/dev; }

is_copying()
{
	local before

	before=$(received)
	sleep 0.5
	[ $(($(received) - before)) -gt 200000 ]
}

# grows FILE: what the innocent downloads
grows()
{
	local before

	before=$(stat -c %s "$1")
	sleep 1
	[ "$(stat -c %s "$1")" -gt "$before" ]
}

ended() { ! kill -0 "$1" 2>/dev/null; }

# cut_is_listed NAME ADDRESS: with its port and process, in $tmp/out
cut_is_listed()
{
	succeeds "$1" grep -qE "$2.* 445.*smbd.*[0-9]+" "$tmp/out"
}

# enables OPTION...: its output in $tmp/out
enables()
{
	in_ns victim sasserctl enable --runtime "$@" >"$tmp/out" 2>"$tmp/err"
}

disables() { in_ns victim sasserctl disable --runtime >/dev/null; }

ns_add victim peer
link victim peer eth0
addresses victim eth0 peer eth0 1
# a copy as fast as can be would leave no time for anything else
in_ns victim tc qdisc add dev eth0 root tbf rate 16mbit burst 64k latency 200ms ||
	bail "no limit"
smbd_in_victim

# The innocent, a client whose own port happens to be 5554.
run "$tmp/web" in_ns_exec victim socat TCP-LISTEN:80,fork,reuseaddr \
	SYSTEM:'while printf %04000d 0; do sleep 0.5; done'
wait_for 60 in_ns victim ss -Htln sport = :80 >/dev/null
sleep 1
run "$tmp/innocent" in_ns_exec peer socat -u \
	TCP:$victim4:80,sourceport=5554,reuseaddr OPEN:"$tmp/got",creat
innocent=$pid
wait_for 60 test -s "$tmp/got" || bail "no download: $(cat "$tmp/innocent")"

# ---- an open SMB copy

for to in $victim4 $victim6; do
	from=$peer4
	[ "$to" = $victim4 ] || from=$peer6
	copies "$to"
	copy=$pid
	ok "an SMB copy is under way: $to"

	enables --observe
	is "observe mode: enable is 0" $? 0
	cut_is_listed "observe mode: the copy is listed" "$from"
	succeeds "observe mode: and goes on" is_copying

	fails "without --force: refused" 5 "session.* 445" \
		in_ns victim sasserctl enable --runtime
	succeeds "without --force: it goes on" is_copying

	enables --force
	is "with --force: enable is 0" $? 0
	sleep 1
	is "with --force: the victim has no such connection a second later" \
		"$(established 445)" 0
	cut_is_listed "with --force: it is listed" "$from"
	succeeds "with --force: the copy has ended" wait_for 60 ended "$copy"
	disables
done
succeeds "the innocent from port 5554 has its download" grows "$tmp/got"
is "and was not listed" "$(grep -c ':80\b' "$tmp/out")" 0
kill "$innocent"

# ---- a flow that DNAT sends on to a container

ns_add guest
link victim guest eth1
addresses victim eth1 guest eth1 2
ip_in guest <<<"route add default via 10.7.2.1"
in_ns victim sysctl -q net.ipv4.ip_forward=1
in_ns victim nft -f - <<-EOF || bail "no DNAT"
table ip published {
	chain prerouting {
		type nat hook prerouting priority dstnat
		tcp dport 9996 dnat to 10.7.2.2:80
	}
}
EOF
serve guest 80
mkfifo "$tmp/flow"
run "$tmp/flow.out" in_ns_exec peer socat "PIPE:$tmp/flow" TCP:$victim4:9996
flow=$pid
in_guest() { in_ns guest ss -Htn state established sport = :80 | grep -q .; }
wait_for 60 in_guest || bail "no flow to the guest: $(cat "$tmp/flow.out")"
enables --force
is "DNAT: enable is 0" $? 0
succeeds "DNAT: the flow to the guest is named as remaining" \
	grep -qE "$peer4.* 9996.*DNAT" "$tmp/out" "$tmp/err"
succeeds "DNAT: and remains" in_guest
kill "$flow"
disables
in_ns victim nft delete table ip published

# ---- a SYN cookie that was given out before

in_ns victim sysctl -q net.ipv4.tcp_syncookies=2
serve victim 5554
in_ns peer nft -f - <<-EOF || bail "no nft"
table ip late {
	chain output {
		type filter hook output priority 0
		tcp dport 5554 tcp flags & (syn | ack) == ack drop
	}
}
EOF
printf '#!/bin/sh\nwhile echo x; do sleep 1; done\n' >"$tmp/talk"
chmod +x "$tmp/talk"
run "$tmp/late" in_ns_exec peer socat -u EXEC:"$tmp/talk" TCP:$victim4:5554
late=$pid
is_connected() { in_ns peer ss -Htn state established dport = :5554 | grep -q .; }
wait_for 60 is_connected || bail "no SYN cookie: $(cat "$tmp/late")"
is "cookie: the victim does not know of it yet" "$(established 5554)" 0
enables --force
is "cookie: enable is 0" $? 0
in_ns peer nft delete table ip late
succeeds "cookie: it opens a connection later on" wait_for 60 is_established 5554
is_closed() { [ "$(established 5554)" = 0 ]; }
succeeds "cookie: which is closed within 140 seconds" wait_for 140 is_closed
kill "$late" 2>/dev/null
disables
finish
