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

# ended NAME: the trial is over within 6 seconds of its beginning, and not
# before 5 of them
ended()
{
	local start=$1 now

	until [ "$(left)" = null ]; do
		now=$(date +%s%N)
		[ $((now - start)) -lt 30000000000 ] || break
		sleep 0.1
	done
	now=$(date +%s%N)
	echo $(((now - start) / 1000000))
}

plan 27
at_exit "rm -f $conf /run/sasser/pending"
sasserctl enable SASSER-VARIANTS >/dev/null 2>&1 || bail "cannot enable"

start=$(date +%s%N)
sasserctl enable SASSER --confirm 5s >"$tmp/out" 2>&1 &
pid=$!
wait $pid
is "a trial begins" "$? $(in_force)" "0 SASSER enforce"
kill -KILL $pid 2>/dev/null
succeeds "it says how to keep it" grep -q "sasserctl confirm" "$tmp/out"
succeeds "status tells the seconds left" test "$(left)" -ge 1 -a "$(left)" -le 5
is "the file has what was assigned before" \
	"$(grep ^policy $conf)" "policy = SASSER-VARIANTS"
took=$(ended "$start")
succeeds "the kernel reverts it in time ($took ms)" \
	test "$took" -ge 5000 -a "$took" -le 7000
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
succeeds "and reverts" wait_for 60 sh -c \
	'[ "$(sasserctl status --json | jq .confirm_seconds_left)" = null ]'
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
succeeds "a trial of the first policy goes back to nothing" wait_for 60 sh -c \
	'[ "$(sasserctl status --json | jq .assigned)" = false ]'
succeeds "and has written no file" test ! -e $conf
succeeds "the module can go" rmmod nf_sasser
finish
