#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who may do what: anybody reads, CAP_NET_ADMIN over the namespace changes, and
# an unprivileged user's own namespace is that user's alone.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

ports=445,5554,9996
init="10.7.2.1 fd00:7:2::1"
jail="10.7.1.1 fd00:7:1::1"

plan 39

# all_of NAMESPACE: what root sees there, but for the age of things
all_of()
{
	in_ns "$1" sasserctl status --json
	in_ns "$1" sasserctl counters --json
	in_ns "$1" sasserctl metrics
}

# ---- the module is not there

fails "not loaded: nobody is told what enable takes" 1 CAP_NET_ADMIN \
	nobody sasserctl enable --runtime
is "not loaded: nobody may ask for status" \
	"$(nobody sasserctl status --json | jq .module.loaded; echo "${PIPESTATUS[0]}")" \
	"false
4"
succeeds "neither loads it" not_loaded

# ---- in the initial namespace

ns_add peer other
link init peer cable
addresses init cable peer cable 2
link other peer eth1
at_exit 'ip link del cable 2>/dev/null'
serve init $ports,80
serve peer $ports,80
# shellcheck disable=SC2086 # lists of addresses
tries "all ports are served before" served peer $ports,80 $init
sasserctl enable --runtime --force >/dev/null || bail "root can't enable"
# shellcheck disable=SC2086
tries "inbound 445 5554 9996 time out" timeout peer $ports $init
before=$(all_of init)

for command in "status --json" "counters --json" metrics; do
	# shellcheck disable=SC2086 # a command and its option
	is "nobody sees what root sees: $command" \
		"$(nobody sasserctl $command)" "$(sasserctl $command)"
done
succeeds "nobody may ask for status" nobody sasserctl status
succeeds "nobody may ask for counters" nobody sasserctl counters

for command in "enable --runtime" "disable --runtime" "disable --everywhere" \
	reset; do
	# shellcheck disable=SC2086
	fails "nobody is told what $command takes" 1 \
		"needs the capability CAP_NET_ADMIN" nobody sasserctl $command
done
# CAP_NET_ADMIN, but over a user namespace that owns nothing here: this time it
# is the kernel that refuses
for command in "enable --runtime" "disable --runtime" \
	"disable --everywhere --runtime" reset; do
	# shellcheck disable=SC2086
	fails "nor may root of a user namespace: $command" 1 CAP_NET_ADMIN \
		nobody unshare -Ur sasserctl $command
done
is "and nothing changed" "$(all_of init)" "$before"
# shellcheck disable=SC2086
tries "445 5554 9996 still time out" timeout peer $ports $init

fails "root of another namespace can't disable everywhere" 1 \
	"initial network namespace" in_ns other sasserctl disable --everywhere
is "SASSER is still assigned" "$(status init assigned)" true
sasserctl disable --runtime >/dev/null
# shellcheck disable=SC2086
tries "all ports are served after disable" served peer $ports,80 $init

# ---- an unprivileged user's own namespaces

# in_jail COMMAND...: as the user who made it and is root there
in_jail()
{
	nobody nsenter -t "$jail_pid" -U -n --preserve-credentials -- "$@"
}

run "$tmp/jail" setpriv --reuid 65534 --regid 65534 --clear-groups -- \
	unshare -Urn -- sh -c 'echo ready; exec sleep infinity'
jail_pid=$pid
wait_for 60 grep -q ready "$tmp/jail" || bail "no jail: $(cat "$tmp/jail")"
ip netns attach jail "$jail_pid" || bail "the jail's namespace has no name"
namespaces+=(jail)
ip -n jail link set lo up
link jail peer eth0
addresses jail eth0 peer eth0 1
serve jail $ports,80
witness peer
# shellcheck disable=SC2086
tries "jail: all ports are served before" served peer $ports,80 $jail

is "jail: its root assigns" "$(in_jail sasserctl enable --runtime --force >/dev/null; echo $?)" 0
mark jail peer
# shellcheck disable=SC2086
tries "jail: 445 5554 9996 time out" timeout peer $ports $jail
# shellcheck disable=SC2086
tries "jail: 80 is served" served peer 80 $jail
counted "jail: each row has exactly what was sent" jail \
	"$(sent peer in tcp 445 5554 9996)"
is "jail: its root reads the same" "$(in_jail sasserctl counters --json)" \
	"$(in_ns jail sasserctl counters --json)"

is "nobody else was touched" \
	"$(status init assigned) $(status other assigned) $(status peer assigned)" \
	"false false false"
# shellcheck disable=SC2086
tries "all ports of the initial namespace are served" served \
	peer $ports,80 $init
is "status of the initial namespace says that there is one" \
	"$(sasserctl status | grep -c '^Elsewhere *1 more network namespace')" 1
fails "the module is in use" 1 "in use" rmmod nf_sasser

sasserctl enable --runtime --force >/dev/null
fails "jail: its root can't disable everywhere" 1 \
	"initial network namespace|CAP_NET_ADMIN" \
	in_jail sasserctl disable --everywhere --runtime
is "SASSER is still assigned, here and there" \
	"$(status init assigned) $(status jail assigned)" "true true"

succeeds "root of the initial namespace can" sasserctl disable --everywhere
is "nothing is assigned anywhere" \
	"$(status init assigned) $(status jail assigned)" "false false"
# shellcheck disable=SC2086
tries "jail: all ports are served after" served peer $ports,80 $jail
succeeds "and the module can be unloaded" rmmod nf_sasser
finish
