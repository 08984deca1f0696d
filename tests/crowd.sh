#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A hundred at once: whoever changes what is assigned does it alone, or is told
# that others are at it. In the end files and kernel agree.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

conf=/etc/sasser/assigned.conf
seconds=20 changes=20

changed() { cat "$tmp"/did.* | grep -c '^went well'; }

# worker NUMBER: until the time is over; a slow kernel gets more of it
worker()
{
	local n=$1 until=$((SECONDS + seconds)) i=0 status

	while [ $SECONDS -lt $until ] ||
		{ [ "$(changed)" -lt $changes ] && [ $SECONDS -lt $((until + 5 * seconds)) ]; }; do
		i=$((i + 1))
		case $(((n + i) % 5)) in
		0) set -- enable SASSER ;;
		1) set -- enable SASSER-VARIANTS --observe ;;
		2) set -- disable ;;
		3) set -- refresh ;;
		4) set -- policy import --replace "$tmp/crowd.conf" ;;
		esac
		sasserctl "$@" >"$tmp/out.$n" 2>"$tmp/err.$n"
		status=$?
		if [ $status = 0 ]; then
			echo "went well"
		elif [ $status = 1 ] && grep -q "busy, try again" "$tmp/err.$n"; then
			echo busy
		elif [ -e /proc/self/fail-nth ] && [ $status = 1 ] &&
			grep -q "it took too long" "$tmp/err.$n"; then
			# testparm has a minute; with a hundred beside it, under
			# KASAN (a kernel that has this file), that may not do
			echo slow
		else
			echo "wrong: exit status $status: $*: $(cat "$tmp/err.$n")"
		fi
	done >"$tmp/did.$n"
}

plan 5
at_exit "rm -f $conf /etc/sasser/policy.d/crowd.conf"
cat >"$tmp/crowd.conf" <<-EOF
[filter crowd]
direction = in
protocol = tcp
port = 7777
action = block
[policy CROWD]
filters = crowd
EOF
sasserctl enable SASSER >/dev/null 2>&1 || bail "cannot enable"

workers=()
for n in $(seq 100); do
	worker "$n" &
	workers+=($!)
done
wait "${workers[@]}"
cat "$tmp"/did.* >"$tmp/did"
note "$(sort "$tmp/did" | uniq -c | sort -rn | head -n 5)"
is "no error but that others are at it" "$(grep -m 3 '^wrong' "$tmp/did")" ""
succeeds "changes were made" test "$(changed)" -ge $changes

file="null null"
[ ! -e $conf ] ||
	file=$(sed -n 's/^policy = //p; s/^mode = //p' $conf | paste -sd ' ')
is "files and kernel agree" \
	"$(sasserctl status --json | jq -r '"\(.policy) \(.mode)"')" "$file"
generation=$(status init generation)
sasserctl refresh >/dev/null
is "so a refresh has nothing to do" "$(status init generation)" "$generation"
is "and no temporary file is left" \
	"$(find /etc/sasser /run/sasser -name '.sasser.*')" ""
finish
