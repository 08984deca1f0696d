# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced after dc.sh and member.sh: TAP, and what a line of the story looks at.

n=0 failed=0

note() { printf '%s\n' "$*" | sed 's/^/# /'; }

# is NAME GOT WANTED
is()
{
	n=$((n + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $n $1"
	else
		failed=$((failed + 1))
		echo "not ok $n $1"
		note "wanted: $3"
		note "got: $2"
	fi
}

# says NAME TEXT PATTERN: an extended regular expression that is found there
says()
{
	n=$((n + 1))
	if grep -qE -- "$3" <<<"$2"; then
		echo "ok $n $1"
	else
		failed=$((failed + 1))
		echo "not ok $n $1"
		note "wanted: /$3/"
		note "got: $2"
	fi
}

# share HOUSE PORT ADDRESS SECONDS: "open" if a file comes from the share there,
# "silent" if nothing answers
share()
{
	local said

	said=$(in_house "$1" smbclient -s /dev/null -N -t "$4" -p "$2" \
		"//$3/share" -c 'get name -' 2>&1)
	case $said in
	*"a share's"*) echo open ;;
	*NT_STATUS_IO_TIMEOUT*) echo silent ;;
	*) echo "$said" ;;
	esac
}

# json FILTER: of what the member's kernel has, status and counters in one
json()
{
	m 'sasserctl status --json; sasserctl counters --json' | dc jq -sr ".[0] + {counters: .[1].counters} | $1"
}

in_force='(.policy // "nothing") + " of " + (.origin // "nobody")'
attempts='([.counters[]? | select(.direction == "in" and .port == 445) | .attempts] | add // 0)'

# stands NAME WANTED open|blocked: this is in force ("SASSER of domain") by what
# the kernel says, and by SMB from the peer: port 445, with port 139 beside it,
# which is always open. What is blocked is counted, too.
stands()
{
	local name=$1 wanted="$2, 445 open, 139 open" limit=30 hits=0 smb now

	if [ "$3" = blocked ]; then
		wanted="$2, 445 silent and counted, 139 open" limit=1
		hits=$(json "$attempts")
	fi
	share peer 445 10.7.0.2 $limit >"$tmp/445" &
	smb=$!
	share peer 139 10.7.0.2 30 >"$tmp/139"
	wait $smb
	now=$(json "$in_force + if $attempts > $hits then \", 445 $(cat "$tmp/445") and counted\"
		else \", 445 $(cat "$tmp/445")\" end")
	is "$name" "$now, 139 $(cat "$tmp/139")" "$wanted"
}

# refresh: as winbindd and the timer call it; what it says is for the log
refresh()
{
	{
		echo "---- $SECONDS s: samba-gpupdate"
		m samba-gpupdate
	} >>"$logs/gpupdate" 2>&1
}

# last: the result of the last refresh, as status tells it
last() { json '"\(.last_refresh.ok): \(.last_refresh.message)"'; }
