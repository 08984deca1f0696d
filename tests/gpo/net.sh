# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced after vm/lib.sh: the network of the test, and the houses in it. A house
# is a host without a kernel of its own: namespaces, and a root that nothing
# outside sees. Nothing of it has a name outside, so nothing can stay behind.
#
#	dc 10.7.0.1 --- br0 --- 10.7.0.2 member (a guest, at a tap device)
#	                 |
#	               peer 10.7.0.3, fd07::3
#	hub 10.8.0.1 --- 10.8.0.2 member: the test's own line to it

# bound SIGNAL COMMAND...: replaces a subshell that it is all of; gets that signal
# when the test ends, whatever ends it
bound() { exec setpriv --pdeathsig "$@"; }

hub_start()
{
	# shellcheck disable=SC2016
	bound KILL unshare --net sh -c 'echo up >"$1"; exec sleep infinity' \
		hub "$tmp/hub" &
	hub_pid=$!
	until [ -s "$tmp/hub" ]; do sleep 0.05; done
	hub ip -batch - <<-EOF || die "could not set up the bridge"
	link set lo up
	link add br0 type bridge
	link set br0 up
	tuntap add dev member mode tap
	link set member master br0 up
	tuntap add dev line mode tap
	address add 10.8.0.1/24 dev line
	link set line up
	EOF
}

hub() { nsenter "--net=/proc/$hub_pid/ns/net" -- "$@"; }

# house NAME NUMBER ROOT: sets house_NAME to its first process
house()
{
	local name=$1 number=$2 lower=$3 dir=$tmp/$1 pid

	mkdir "$dir"
	bound KILL unshare --net --mount --propagation private --uts --ipc --pid \
		--fork --kill-child "$top/tests/gpo/house" "$name" "$lower" \
		"$dir" "$top/tests/gpo" >"$dir/log" 2>&1 &
	until [ -s "$dir/pid" ]; do
		kill -0 $! 2>/dev/null || die "no house for $name: $(cat "$dir/log")"
		sleep 0.05
	done
	pid=$(cat "$dir/pid")
	printf -v "house_$name" %s "$pid"
	hub ip link add "$name" type veth peer name eth0 netns "$pid" ||
		die "could not connect $name"
	plug "$name" || die "could not plug $name in"
	in_house "$name" ip -batch - <<-EOF || die "could not set up $name"
	link set lo up
	address add 10.7.0.$number/24 dev eth0
	address add fd07::$number/64 dev eth0 nodad
	link set eth0 up
	EOF
}

plug() { hub ip link set "$1" master br0 up; }
unplug() { hub ip link set "$1" nomaster; }

# in_house NAME COMMAND...
in_house()
{
	local pid=house_$1

	shift
	nsenter --target "${!pid}" --mount --uts --ipc --pid --net --root --wd -- \
		env -i LC_ALL=C.UTF-8 HOME=/root \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# house_end NAME: all of its processes, and no other
house_end()
{
	local pid=house_$1

	kill -KILL "${!pid}" 2>/dev/null
}

# A share of the peer, for the member to reach.
peer_share()
{
	in_house peer sh -c '
	mkdir -p /srv/share /srv/state
	echo "a share'"'"'s" >/srv/share/name
	cp /sasser/tests/gpo/smb.conf /srv/smb.conf
	smbd --daemon --configfile=/srv/smb.conf' >/dev/null 2>&1
}
