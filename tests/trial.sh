#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Trials, as an administrator meets them: who does not confirm gets back what was
# there before, also if sasserctl is killed; and what a trial is to the files.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

conf=/etc/sasser/assigned.conf

in_force()
{
	sasserctl status --json | jq -r '"\(.policy) \(.mode)"'
}

left() { status init confirm_seconds_left; }

# shellcheck disable=SC2317 # called by wait_for
no_trial() { [ "$(left)" = null ]; }

uptime_ms() { awk '{ print int($1 * 1000) }' /proc/uptime; }

# When the kernel wrote that it reverted a policy, in milliseconds since boot
reverted_at()
{
	dmesg | awk -F '[][]' '/was not confirmed in time/ { at = $2 * 1000 }
		END { print int(at) }'
}

plan 29
at_exit "rm -f $conf /run/sasser/pending"
sasserctl enable SASSER-VARIANTS >/dev/null 2>&1 || bail "cannot enable"

before=$(uptime_ms)
sasserctl enable SASSER --confirm 5s >"$tmp/out" 2>&1 &
pid=$!
wait $pid
is "a trial begins" "$? $(in_force)" "0 SASSER enforce"
after=$(uptime_ms)
kill -KILL $pid 2>/dev/null
succeeds "it says how to keep it" grep -q "sasserctl confirm" "$tmp/out"
succeeds "status tells the seconds left" test "$(left)" -ge 1 -a "$(left)" -le 5
is "the file has what was assigned before" \
	"$(grep ^policy $conf)" "policy = SASSER-VARIANTS"
wait_for 60 no_trial
at=$(reverted_at)
succeeds "the kernel reverts it in time (of $before to $after ms, at $at ms)" \
	test "$at" -ge $((before + 5000)) -a "$at" -le $((after + 6000))
is "to what was there before" "$(in_force)" "SASSER-VARIANTS enforce"
is "the kernel's log has one line on it" \
	"$(dmesg | grep -c 'nf_sasser: policy SASSER was not confirmed in time')" 1
fails "confirm comes too late" 1 "trial" sasserctl confirm
is "and changes nothing" "$(in_force) $(grep ^policy $conf)" \
	"SASSER-VARIANTS enforce policy = SASSER-VARIANTS"

# killed at any moment: what it has done by then stays, or goes, as a whole
for delay in 0.05 0.1 0.2 0.3 0.5; do
	sasserctl enable SASSER --confirm 3s >/dev/null 2>&1 &
	pid=$!
	sleep $delay
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	sleep 4
	is "killed after $delay s: reverted" "$(in_force) $(left)" \
		"SASSER-VARIANTS enforce null"
done

sasserctl enable SASSER --confirm 60s >/dev/null 2>&1
succeeds "confirm in time" sasserctl confirm
is "it stays" "$(in_force) $(left) $(grep ^policy $conf)" \
	"SASSER enforce null policy = SASSER"

sasserctl enable SASSER-VARIANTS --confirm 60s >/dev/null 2>&1
generation=$(status init generation)
succeeds "refresh during a trial succeeds" sh -c "sasserctl refresh >$tmp/out"
succeeds "and says why it does nothing" grep -qi "trial" "$tmp/out"
is "it changes nothing" "$(in_force) $(status init generation)" \
	"SASSER-VARIANTS enforce $generation"
sasserctl enable SASSER --observe --confirm 4s >/dev/null 2>&1
is "a second trial" "$(in_force)" "SASSER observe"
succeeds "restarts the clock" test "$(left)" -le 4
succeeds "and reverts" wait_for 60 no_trial
is "to what was there before the first" "$(in_force)" "SASSER enforce"

sasserctl enable SASSER-VARIANTS --confirm 3s >/dev/null 2>&1
sasserctl enable SASSER-VARIANTS >/dev/null 2>&1
sleep 4
is "a plain enable ends a trial" "$(in_force) $(left)" \
	"SASSER-VARIANTS enforce null"
sasserctl enable SASSER --confirm 3s >/dev/null 2>&1
sasserctl disable >/dev/null
sleep 4
is "a plain disable, too" "$(in_force) $(left)" "null null null"

sasserctl enable SASSER --confirm 3s >/dev/null 2>&1
succeeds "a trial of the first policy goes back to nothing" wait_for 60 no_trial
is "which is in force then" "$(in_force)" "null null"
succeeds "and has written no file" test ! -e $conf
succeeds "the module can go" rmmod nf_sasser
finish
