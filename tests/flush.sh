#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nothing that flushes the firewall takes the block away, both count side by
# side, and a namespace that dies with a policy leaves nothing behind.

# shellcheck disable=SC2317 # functions are called by name, too
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

victim="10.7.1.1 fd00:7:1::1"
remote="10.7.1.2 fd00:7:1::2"
ports=445,5554,9996

plan 27

# still_blocks AFTER-WHAT: nft has no table in the victim now
# shellcheck disable=SC2086 # lists of addresses
still_blocks()
{
	mark victim peer
	tries "$1: inbound 445 5554 9996 time out" timeout peer $ports $victim
	tries "$1: outbound 5554 9996 fail at once" refused \
		victim 5554,9996 $remote
	counted "$1: each row has exactly what was sent" victim \
		"$(sent peer in tcp 445 5554 9996)" \
		"out tcp 5554 packets 2 bytes 140 attempts 2" \
		"out tcp 9996 packets 2 bytes 140 attempts 2"
}

rules() { in_ns victim "$1" -t "$2" -S | grep -c '^-A'; }

ns_add victim peer
link victim peer eth0
addresses victim eth0 peer eth0 1
serve victim $ports,80
serve peer $ports,80
witness peer
# shellcheck disable=SC2086
tries "all ports are served before" served peer $ports,80 $victim
succeeds "enable" in_ns victim sasserctl enable --runtime --force

# ---- nft: its counters beside ours, then nothing of it

in_ns victim nft -f - <<-EOF || bail "no nft rules"
table inet filter {
	counter early { }
	counter late { }
	chain prerouting {
		type filter hook prerouting priority -500
		tcp dport 445 counter name early
	}
	chain input {
		type filter hook input priority filter
		tcp dport 445 counter name late
	}
}
EOF
nft_counter()
{
	in_ns victim nft -j list counter inet filter "$1" | jq -r \
		'.nftables[].counter // empty | "packets \(.packets) bytes \(.bytes)"'
}
mark victim peer
# shellcheck disable=SC2086
tries "beside nft: inbound 445 times out" timeout peer 445 $victim
is "an nft rule before the block counts the same" \
	"in tcp 445 $(nft_counter early)" "$(rows victim | sed 's/ attempts.*//')"
is "an nft rule behind it sees nothing" "$(nft_counter late)" \
	"packets 0 bytes 0"
counted "beside nft: the row has exactly what was sent" victim \
	"$(sent peer in tcp 445)"
succeeds "nft flush ruleset" in_ns victim nft flush ruleset
is "no rule is left" "$(in_ns victim nft list ruleset)" ""
still_blocks "after nft flush ruleset"

# ---- iptables, both kinds

for kind in nft legacy; do
	for family in ip ip6; do
		command=${family}tables-$kind
		for table in filter raw; do
			chain=INPUT
			[ $table = filter ] || chain=PREROUTING
			in_ns victim "$command" -t $table -A $chain -p tcp \
				--dport 80 -j ACCEPT || bail "no rule by $command"
		done
		is "$command -F takes rules away" \
			"$(rules "$command" filter; rules "$command" raw
			   in_ns victim "$command" -F
			   in_ns victim "$command" -t raw -F
			   rules "$command" filter; rules "$command" raw)" \
			"1
1
0
0"
	done
done
still_blocks "after iptables -F, both kinds"

in_ns victim sasserctl disable --runtime >/dev/null
# shellcheck disable=SC2086
tries "all ports are served after" served peer $ports,80 $victim

# ---- namespaces that die with a policy, their memory charged to a cgroup

group=/sys/fs/cgroup/sasser-test
n=8

elsewhere() { sasserctl status | sed -n 's/^Elsewhere *\([0-9]*\) .*/\1/p'; }

# memory KEY...: bytes of the group
memory()
{
	local key sum=0

	for key; do
		sum=$((sum + $(sed -n "s/^$key //p" $group/memory.stat | grep . || echo 0)))
	done
	echo $sum
}

assign_in_group()
{
	echo "$BASHPID" >$group/cgroup.procs
	for i in $(seq $n); do
		in_ns "n$i" sasserctl enable --runtime --force >/dev/null || exit
	done
}

# Each enable leaves a process that looks for open connections once more, and
# whose own memory is not the policy's.
# shellcheck disable=SC2317 # called by wait_for
none_in_group()
{
	local pids

	pids=$(cat "$group"/cgroup.procs)
	# shellcheck disable=SC2086 # a list
	[ -z "$pids" ] || kill $pids 2>/dev/null
	grep -q '^populated 0$' "$group"/cgroup.events
}

end_sweeps()
{
	wait_for 60 none_in_group || bail "a process stays in the group"
}

echo +memory >/sys/fs/cgroup/cgroup.subtree_control
mkdir $group || bail "no memory cgroup"
at_exit "rmdir $group"
for i in $(seq $n); do
	ns_add "n$i"
done
(assign_in_group)
end_sweeps
is "status counts the namespaces that have a policy" "$(elsewhere)" $n
is "each of them holds the module" "$(cat /sys/module/nf_sasser/refcnt)" $n
percpu=$(memory percpu) slab=$(memory slab_unreclaimable)
all=$(memory percpu slab_unreclaimable vmalloc)
note "a policy takes $((all / n)) bytes, $((percpu / n)) of them per CPU"
# A kernel whose memory.stat has no line "kernel" (before 5.18) brings what is per
# CPU up to date only every 128 KiB.
! grep -q '^kernel ' $group/memory.stat || exact=1
succeeds "a policy is charged to who assigned it" \
	test "$slab" -gt 0 -a "$percpu" -ge "${exact:-0}"
succeeds "at most 32 KiB each" test $((all / n)) -le 32768
for i in $(seq $n); do
	ip netns del "n$i"
done
succeeds "they die" wait_for 120 module_is_idle
is "status says so" "$(elsewhere)" ""
# the slab keeps some objects for the next in need
freed()
{
	[ "$(memory percpu)" = 0 ] &&
		[ "$(memory slab_unreclaimable)" -lt $((slab / 4)) ]
}
# shellcheck disable=SC2317 # called by succeeds
no_more_than_before()
{
	for _ in 1 2 3 4 5 6; do
		for i in $(seq "$n"); do
			ns_add "n$i"
		done
		(assign_in_group)
		end_sweeps
		for i in $(seq "$n"); do
			ip netns del "n$i"
		done
		wait_for 120 module_is_idle || return
	done
	[ "$(memory slab_unreclaimable)" -lt $((4 * slab)) ]
}
if [ -n "${exact:-}" ]; then
	succeeds "their memory comes back" wait_for 120 freed
else
	succeeds "their memory comes back" no_more_than_before
fi
note "of $percpu bytes per CPU $(memory percpu) are left, of $slab bytes of slab $(memory slab_unreclaimable)"
succeeds "and the module can be unloaded" rmmod nf_sasser
finish
