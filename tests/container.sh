#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each command by whoever has no right over the host's namespace: a user, root of
# a user namespace, and a container's root, who has CAP_NET_ADMIN over its own
# network namespace and a PID 1 of its own.

# shellcheck disable=SC2317 # functions are called by name, too
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

plan 43

# all_of NAMESPACE: what root sees there, but for the age of things
all_of()
{
	in_ns "$1" sasserctl status --json
	in_ns "$1" sasserctl counters --json
	in_ns "$1" sasserctl metrics
}

# host_is NAME: as it was
host_is() { is "$1" "$(all_of host; all_of init)" "$before"; }

# The host: the initial namespace and another of its, SASSER in both, and hits.
ns_add host peer
link host peer eth0
addresses host eth0 peer eth0 1
serve host 445,80
tries "445 is served before" served peer 445,80 10.7.1.1 fd00:7:1::1
sasserctl enable --runtime --force >/dev/null || bail "root can't enable"
in_ns host sasserctl enable --runtime --force >/dev/null || bail "root can't enable"
tries "445 times out" timeout peer 445 10.7.1.1 fd00:7:1::1
before=$(all_of host; all_of init)

# ---- a user, and root of a user namespace

user_ns() { nobody unshare -Ur -- "$@"; }

# in_host COMMAND...: in the host's other namespace
in_host() { nsenter --net=/run/netns/host -- "$@"; }

for who in nobody user_ns; do
	for command in status counters metrics version; do
		succeeds "$who: $command" $who sasserctl $command
	done
	for command in "enable --runtime" "disable --runtime" reset refresh; do
		# shellcheck disable=SC2086 # a command and its option
		fails "$who: no $command" 1 "CAP_NET_ADMIN|as root of the host" \
			$who sasserctl $command
	done
done
fails "user_ns: no disable --everywhere" 1 "as root of the host" \
	user_ns sasserctl disable --everywhere
fails "nor in a namespace that it enters with the host's help" 1 \
	CAP_NET_ADMIN in_host setpriv --reuid 65534 --regid 65534 \
	--clear-groups -- unshare -Ur sasserctl reset
host_is "nothing of the host's has changed"

run "$tmp/monitor" setpriv --reuid 65534 --regid 65534 --clear-groups -- \
	sasserctl monitor
monitor=$pid
follows()
{
	sasserctl enable --runtime --force >/dev/null
	grep -q SASSER "$tmp/monitor"
}
succeeds "nobody may follow changes" wait_for 30 follows
stop "$monitor"
before=$(all_of host; all_of init)

# ---- a container

# shellcheck disable=SC2016 # for the shell of the container
run "$tmp/container" unshare --net --mount --pid --uts --ipc --fork \
	--mount-proc --kill-child -- sh -c '
		mkdir -p /etc/sasser /var/lib/sasser /run/sasser
		for dir in /etc/sasser /var/lib/sasser /run/sasser; do
			mount -t tmpfs -o mode=755 own $dir || exit
		done
		ip link set lo up
		echo ready
		exec setpriv --bounding-set=-all,+net_admin \
			--inh-caps=-all,+net_admin -- sleep infinity'
wait_for 60 grep -q ready "$tmp/container" ||
	bail "no container: $(cat "$tmp/container")"
container_pid=$(pgrep -P "$pid")
at_exit "kill -KILL $container_pid"

# in_container COMMAND...: as root there, with that one capability
in_container()
{
	nsenter -t "$container_pid" --net --mount --pid --uts --ipc -- \
		setpriv --bounding-set=-all,+net_admin \
		--inh-caps=-all,+net_admin -- "$@"
}

is "the container has that capability only" \
	"$(in_container grep CapEff /proc/self/status | tr -d '[:space:]')" \
	CapEff:0000000000001000
is "and a namespace without a policy" \
	"$(in_container sasserctl status --json | jq -c '[.assigned, .policy]')" \
	"[false,null]"
succeeds "container: enable" in_container sasserctl enable --force
is "container: SASSER is assigned" \
	"$(in_container sasserctl status --json | jq -r .policy)" SASSER
for command in counters metrics version reset refresh "enable --observe"; do
	# shellcheck disable=SC2086
	succeeds "container: $command" in_container sasserctl $command
done
# Its PID 1 makes sasserctl take it for a host, so the kernel has to refuse.
fails "container: no disable --everywhere" 1 "initial namespaces" \
	in_container sasserctl disable --everywhere
fails "container: nor without the files" 1 "initial namespaces" \
	in_container sasserctl disable --everywhere --runtime
fails "container: no rmmod" 1 "not permitted|in use" \
	in_container rmmod nf_sasser
is "the host says that there is one more" \
	"$(sasserctl status | grep -c '^Elsewhere *2 more network namespaces')" 1
succeeds "container: disable" in_container sasserctl disable
is "container: nothing is assigned" \
	"$(in_container sasserctl status --json | jq .assigned)" false
host_is "nothing of the host's has changed at all"
succeeds "nor its files" test ! -e /etc/sasser/assigned.conf
tries "445 still times out, 80 is served" timeout \
	peer 445 10.7.1.1 fd00:7:1::1

succeeds "root of the host un-assigns everywhere" \
	sasserctl disable --everywhere --runtime
tries "445 is served after" served peer 445,80 10.7.1.1 fd00:7:1::1
finish
