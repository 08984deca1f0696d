#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demonstration itself: runs as root in the guest that demo.sh boots.
# Every result is printed by the command that stands above it. Should a command
# not end as it has to, the demonstration ends there, with exit status 1.

set -u

bold='' dim='' off=''
if [ -z "${NO_COLOR-}" ]; then
	bold=$'\e[1m' dim=$'\e[36m' off=$'\e[0m'
fi

die()
{
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

# what follows, in a line or more
chapter()
{
	local line

	echo
	for line; do
		printf '%s# %s%s\n' "$dim" "$line" "$off"
	done
}

show() { printf '%s$ %s%s\n' "$bold" "$1" "$off"; }

# run COMMAND: it has to succeed
run()
{
	show "$1"
	eval "$1" 2>&1 || die "this should have succeeded (exit status $?)"
}

# run_fails COMMAND: it has to fail
run_fails()
{
	show "$1"
	! eval "$1" 2>&1 || die "this should have failed"
}

# until_works COMMAND: what starts takes its time
until_works()
{
	local try

	for ((try = 0; try < 300; try++)); do
		eval "$1" >/dev/null 2>&1 && return
		sleep 0.2
	done
	die "did not come up in time: $1"
}

# ---- the two hosts: this one, 192.0.2.1, and a peer, 192.0.2.2

ip netns add peer
ip link add eth1 type veth peer name eth1 netns peer
ip address add 192.0.2.1/24 dev eth1
ip address add 2001:db8::1/64 dev eth1 nodad
ip link set eth1 up
ip -n peer link set lo up
ip -n peer address add 192.0.2.2/24 dev eth1
ip -n peer address add 2001:db8::2/64 dev eth1 nodad
ip -n peer link set eth1 up

# samba NAME: the configuration of a file server that lets anybody in
samba()
{
	local dir=/srv/$1

	mkdir -p "$dir"/{files,private,lock,state,cache,pid,rpc,log}
	cat >"$dir/smb.conf" <<-EOF
	[global]
		netbios name = $1
		map to guest = bad user
		load printers = no
		disable spoolss = yes
		private dir = $dir/private
		lock directory = $dir/lock
		state directory = $dir/state
		cache directory = $dir/cache
		pid directory = $dir/pid
		ncalrpc dir = $dir/rpc
		log file = $dir/log/smbd
	[files]
		comment = files of $1
		path = $dir/files
		guest ok = yes
	EOF
}

samba here
samba peer
echo 'The quarterly report.' >/srv/peer/files/report.txt
echo 'Notes of this host.' >/srv/here/files/notes.txt
smbd --daemon --configfile=/srv/here/smb.conf
ip netns exec peer smbd --daemon --configfile=/srv/peer/smb.conf

# what the worm leaves open on a host, at either end
for port in 5554 9996; do
	socat TCP6-LISTEN:$port,fork,reuseaddr /dev/null &
	ip netns exec peer socat TCP6-LISTEN:$port,fork,reuseaddr /dev/null &
done
for port in 139 445 5554 9996; do
	until_works "nc -z 127.0.0.1 $port"
	until_works "ip netns exec peer nc -z 127.0.0.1 $port"
done
cd /tmp || exit 1

# ---- the demonstration

chapter "This host has the address 192.0.2.1. A peer is a network away:"
run 'uname -sr'
run 'peer() { ip netns exec peer "$@"; }'
run 'peer ip -brief address show dev eth1'

chapter "Nothing is assigned. The peer looks for SMB here, as the worm does," \
	"and this host fetches from the peer, as an infected one does:"
run 'peer nc -zv -w 2 192.0.2.1 445'
run 'nc -zv -w 2 192.0.2.2 5554'

chapter "One command (--runtime: until the next reboot). But this host is a file server," \
	"which is to be patched, not blocked, and sasserctl says so:"
run_fails 'sasserctl enable --runtime'

chapter "Whoever knows better overrides it. Connections that are open are closed:"
run 'sasserctl enable --runtime --force'
run 'sasserctl status'

chapter "The worm again: SMB, then the shell and the FTP server it leaves behind:"
run_fails 'peer nc -zv -w 2 192.0.2.1 445'
run_fails 'peer nc -zv -w 2 192.0.2.1 9996'
run_fails 'peer nc -zv -w 2 192.0.2.1 5554'
run_fails 'peer nc -zv -w 2 2001:db8::1 445'

chapter "Were this host infected, it would fetch the worm and attack others:"
run_fails 'nc -zv -w 2 192.0.2.2 5554'
run_fails 'nc -zv -w 2 192.0.2.2 9996'

chapter "The host's own work: a file from a server, over port 445:"
run 'smbclient -N //192.0.2.2/files -c "get report.txt"'
run 'cat report.txt'

chapter "And SMB to this host, over port 139:"
run 'peer smbclient -N -p 139 //192.0.2.1/files -c "get notes.txt -"'

chapter "What was counted, as a table:"
run 'sasserctl counters'
chapter "as JSON:"
run 'sasserctl counters --json'
chapter "and for Prometheus:"
run 'sasserctl metrics'
