#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sasserctl against the module: what every command does, says and returns, and
# the files that it keeps.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

conf=/etc/sasser/assigned.conf
stamp=/run/sasser/last_refresh
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

generation() { status init generation; }

# in_force: "SASSER enforce", "null null" where nothing is
in_force()
{
	in_ns "${1:-init}" sasserctl status --json |
		jq -r '"\(.policy) \(.mode)"'
}

# exits NAME STATUS COMMAND...: with output, unlike fails()
exits()
{
	local name=$1 wanted=$2 got

	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	if [ $got = "$wanted" ] && [ -s "$tmp/out" ]; then
		ok "$name"
	else
		not_ok "$name"
		note "wanted: exit status $wanted and some output, got $got: $*"
		note "$(cat "$tmp/out" "$tmp/err")"
	fi
}

# says NAME TEXT: in the output of the last exits()
says() { succeeds "$1" grep -qE -- "$2" "$tmp/out" "$tmp/err"; }

without_module()
{
	exits "no module: status is 4" 4 sasserctl
	exits "no module: in JSON too" 4 sasserctl status --json
	is "no module: the JSON says so" \
		"$(jq -c '[.policy, .assigned, .module]' "$tmp/out")" \
		'[null,false,{"loaded":false,"version":null}]'
	exits "no module: metrics is 1" 1 sasserctl metrics
	says "no module: and tells that" '^sasser_up 0$'
	fails "no module: counters is 1" 1 "not loaded" sasserctl counters --json
	fails "no module: reset is 1" 1 "not loaded" sasserctl reset
	fails "no module: monitor is 1" 1 "not loaded" sasserctl monitor
	exits "no module: version is 0" 0 sasserctl version
	exits "no module: disable is 0" 0 sasserctl disable
	exits "no module: refresh without a file is 0" 0 sasserctl refresh
	succeeds "no module: nothing has loaded it" test ! -e /sys/module/nf_sasser
}

# The ways in which modprobe fails, by its own configuration.
no_loading()
{
	local file=/etc/modprobe.d/sasser-test.conf

	at_exit "rm -f $file"
	echo "blacklist nf_sasser" >$file
	fails "blacklisted: enable says so" 1 "blacklisted" sasserctl enable
	echo "install nf_sasser sh -c 'echo Key was rejected by service >&2; false'" >$file
	fails "Secure Boot: enable says what to do" 1 "mokutil --import" \
		sasserctl enable
	rm -f $file
	succeeds "no module: enable has not written its file" test ! -e $conf
}

persistence()
{
	local before

	exits "enable --runtime is 0" 0 sasserctl enable --runtime
	says "it says that it is not for long" "next reboot"
	succeeds "it writes no file" test ! -e $conf
	is "it is in force" "$(in_force)" "SASSER enforce"

	exits "refresh is 0" 0 sasserctl refresh
	is "it takes away what no file asks for" "$(in_force)" "null null"

	exits "enable is 0, without systemd too" 0 sasserctl enable SASSER
	says "it warns that no boot will repeat it" "systemd does not run here"
	is "it is in force" "$(in_force)" "SASSER enforce"
	is "its file is for all to read" "$(stat -c %a $conf)" 644
	is "its file has the policy, the mode and the time" \
		"$(sed '/^#/d; s/= 20.*Z$/= T/' $conf)" \
		"[assigned]
policy = SASSER
mode = enforce
since = T"
	before=$(generation)
	exits "refresh is 0" 0 sasserctl refresh
	says "it has nothing to do" "nothing to do"
	is "it touches nothing then" "$(generation)" "$before"

	sasserctl disable --runtime >/dev/null
	succeeds "disable --runtime leaves the file" test -e $conf
	is "but nothing in force" "$(in_force)" "null null"
	succeeds "refresh" sasserctl refresh
	is "it puts the policy in force again" "$(in_force)" "SASSER enforce"

	sasserctl enable --observe --runtime >/dev/null
	is "enable --observe observes" "$(in_force)" "SASSER observe"
	succeeds "refresh" sasserctl refresh
	is "it goes back to what the file says" "$(in_force)" "SASSER enforce"
	is "a refresh leaves its record" \
		"$(status init last_refresh.ok) $(grep -c ' ok SASSER (enforce) is in force$' $stamp)" \
		"true 1"
}

broken_file()
{
	local before

	before=$(generation)
	printf '[assigned]\npolicy = NIMDA\n' >$conf
	fails "a broken file: refresh is 1" 1 "no policy \"NIMDA\"" sasserctl refresh
	is "a broken file lifts no block" "$(in_force) $(generation)" \
		"SASSER enforce $before"
	is "status knows it" "$(status init last_refresh.ok)" false
	succeeds "status knows why" grep -q NIMDA <<<"$(status init last_refresh.message)"
	succeeds "the metrics know it" grep -q "^sasser_last_refresh_success 0" \
		<<<"$(sasserctl metrics)"
	succeeds "enable mends it" sasserctl enable
	succeeds "refresh" sasserctl refresh
	is "status knows that, too" "$(status init last_refresh.ok)" true
}

# as_at_boot: neither the module nor a refresh was there before
as_at_boot()
{
	sasserctl disable --runtime --force >/dev/null
	wait_for 60 module_is_idle
	rmmod nf_sasser
	rm -f /run/sasser/booted
}

# The local assignment is SASSER all the time.
broken_domain()
{
	local domain=/var/lib/sasser/domain before

	at_exit 'rm -rf /var/lib/sasser'
	mkdir -p $domain/policy.d
	cat >$domain/policy.d/site.conf <<-EOF
	[filter crane]
	direction = out
	protocol = tcp
	port = 7777
	action = block
	[policy SITE]
	filters = crane
	EOF
	succeeds "the domain assigns its own policy" \
		sasserctl enable SITE --origin domain
	is "its copy is for all to read" "$(stat -c %a $domain.last)" 644
	before=$(stat -c %i $domain.last)
	succeeds "refresh" sasserctl refresh
	is "it leaves the copy alone" "$(stat -c %i $domain.last)" "$before"

	echo rubbish >$domain/policy.d/site.conf
	before=$(generation)
	fails "a broken file of the domain: refresh is 1" 1 "site.conf, line 1" \
		sasserctl refresh
	is "it lifts no block" "$(in_force) $(generation)" "SITE enforce $before"
	as_at_boot
	fails "after a boot refresh is 1, and says what is in force" 1 \
		"last good policy of the domain is in force.*SITE" sasserctl refresh
	is "that is what the domain last assigned" \
		"$(in_force) $(status init origin)" "SITE enforce domain"
	is "with its ports" "$(sasserctl counters --json | jq -c '[.counters[].port]')" \
		"[7777]"
	succeeds "status knows both" \
		grep -q 'site.conf, line 1.*last good policy of the domain, from 20' \
		<<<"$(status init last_refresh.message)"
	succeeds "the metrics know it" grep -q "^sasser_last_refresh_success 0" \
		<<<"$(sasserctl metrics)"
	before=$(generation)
	fails "the next refresh is 1" 1 "site.conf, line 1" sasserctl refresh
	is "it touches nothing, and says the same" \
		"$(generation) $(status init last_refresh.message | grep -c 'last good policy of the domain')" \
		"$before 1"

	as_at_boot
	chmod 666 $domain.last
	fails "a copy that anybody may write is named" 1 \
		"domain.last, is not used: anybody may write it" sasserctl refresh
	is "and what is assigned locally is in force" "$(in_force)" "SASSER enforce"
	exits "the domain un-assigns" 0 sasserctl domain clear
	succeeds "the copy is gone" test ! -e $domain.last
	rm -r /var/lib/sasser
	exits "refresh is 0" 0 sasserctl refresh
}

# What can't be recorded must not be half in force.
read_only()
{
	at_exit 'umount /etc/sasser 2>/dev/null'
	sasserctl enable >/dev/null 2>&1
	mount --bind /etc/sasser /etc/sasser
	mount -o remount,bind,ro /etc/sasser ||
		bail "could not make /etc/sasser read-only"
	fails "read-only: enable is 1" 1 "cannot write in /etc/sasser" \
		sasserctl enable --observe
	is "read-only: in force as before" "$(in_force)" "SASSER enforce"
	fails "read-only: disable is 1" 1 "cannot remove $conf" sasserctl disable
	is "read-only: in force as before" "$(in_force)" "SASSER enforce"
	sasserctl disable --runtime >/dev/null
	fails "read-only: enable is 1" 1 "cannot write in /etc/sasser" \
		sasserctl enable
	is "read-only: nothing in force, as before" "$(in_force)" "null null"
	umount /etc/sasser

	touch /etc/sasser/other
	exits "disable is 0" 0 sasserctl disable
	is "disable removes its file and no other" "$(ls /etc/sasser)" other
	rm /etc/sasser/other
}

keys()
{
	sasserctl enable >/dev/null 2>&1
	exits "assigned: status is 0" 0 sasserctl status
	succeeds "it has at most 80 columns" \
		test "$(wc -L <"$tmp/out")" -le 80
	says "it says what is not covered" "other network namespaces, port 139, forwarded guests"
	says "it says that a block is silence" "block is silence"
	is "the keys of status" \
		"$(sasserctl status --json | jq -c 'keys_unsorted')" \
		'["policy","origin","mode","assigned","since","generation","overridden","confirm_seconds_left","expires","days_in_force","last_refresh","unclassified","module","version"]'
	is "their types" \
		"$(sasserctl status --json | jq -c 'map_values(type)')" \
		'{"policy":"string","origin":"string","mode":"string","assigned":"boolean","since":"string","generation":"number","overridden":"null","confirm_seconds_left":"null","expires":"null","days_in_force":"number","last_refresh":"object","unclassified":"number","module":"object","version":"string"}'
	is "the keys of counters" \
		"$(sasserctl counters --json | jq -c '[keys_unsorted, (.counters[0] | keys_unsorted)]')" \
		'[["policy","counters"],["filter","direction","protocol","port","action","packets","bytes","attempts","first_hit","last_hit"]]'
	is "version knows both" "$(sasserctl version | tr '\n' ' ')" \
		"sasserctl $version nf_sasser $version "

	sasserctl disable >/dev/null
	exits "not assigned: status is 3" 3 sasserctl status
	exits "not assigned: in JSON too" 3 sasserctl status --json
	is "not assigned: the JSON says so" \
		"$(jq -c '[.policy, .origin, .mode, .assigned, .since]' "$tmp/out")" \
		'[null,null,null,false,null]'
	is "not assigned: counters has the last policy's rows" \
		"$(sasserctl counters --json | jq -c '[.policy, (.counters | length)]')" \
		'["SASSER",5]'
}

other_namespace()
{
	local before

	ns_add guest
	before=$(generation)
	fails "namespace: enable is 1" 1 "sasserctl enable --runtime" \
		in_ns guest sasserctl enable
	fails "namespace: disable is 1" 1 "sasserctl disable --runtime" \
		in_ns guest sasserctl disable
	fails "namespace: refresh is 1" 1 "that of PID 1" \
		in_ns guest sasserctl refresh
	exits "namespace: status is 3" 3 in_ns guest sasserctl status
	exits "namespace: counters is 0 before any policy" 0 \
		in_ns guest sasserctl counters --json
	is "namespace: and empty" "$(jq -c . "$tmp/out")" \
		'{"policy":null,"counters":[]}'
	fails "namespace: reset is 1 before any policy" 1 "ENOENT" \
		in_ns guest sasserctl reset
	exits "namespace: enable --runtime is 0" 0 \
		in_ns guest sasserctl enable --runtime
	is "namespace: it is in force there" "$(in_force guest)" "SASSER enforce"
	is "namespace: and not here, where nothing changed" \
		"$(in_force) $(generation)" "null null $before"
	succeeds "namespace: no file was written" test ! -e $conf
	exits "not assigned here: status is 3" 3 sasserctl status
	says "it counts the namespace" "1 more network namespace "
	fails "namespace: --everywhere is not for it" 1 "initial network namespace" \
		in_ns guest sasserctl disable --everywhere
	is "namespace: it is still in force there" "$(in_force guest)" \
		"SASSER enforce"
	exits "disable --everywhere is 0" 0 sasserctl disable --everywhere
	is "it reaches the namespace" "$(in_force guest)" "null null"
}

unprivileged()
{
	local before command

	sasserctl enable >/dev/null 2>&1
	before=$(generation)
	for command in status counters metrics version; do
		exits "unprivileged: $command is 0" 0 \
			"${nobody[@]}" sasserctl $command
	done
	for command in enable disable refresh reset; do
		fails "unprivileged: $command is 1" 1 CAP_NET_ADMIN \
			"${nobody[@]}" sasserctl $command
	done
	fails "a user namespace's root is nobody here" 1 CAP_NET_ADMIN \
		"${nobody[@]}" unshare -Ur sasserctl disable --runtime
	is "unprivileged: nothing changed" "$(in_force) $(generation)" \
		"SASSER enforce $before"
	exits "a user namespace may assign in its own" 0 "${nobody[@]}" \
		unshare -Urn sh -c 'sasserctl enable --observe --runtime && sasserctl status'
	says "it is in force there" "observe mode"
	is "and changed nothing here" "$(in_force) $(generation)" \
		"SASSER enforce $before"
	sasserctl disable >/dev/null
}

resets()
{
	ns_add sender
	ip_in sender <<-EOF
	link add dummy0 type dummy
	address add 10.7.9.1/24 dev dummy0
	link set dummy0 up
	EOF
	in_ns sender sasserctl enable --runtime >/dev/null
	in_ns sender bash -c ': </dev/tcp/10.7.9.2/9996' 2>/dev/null
	is "a connect that was refused is counted" "$(rows sender)" \
		"out tcp 9996 packets 1 bytes 60 attempts 1"
	exits "reset --json is 0" 0 in_ns sender sasserctl reset --json
	is "it prints the totals" \
		"$(jq -c '[.policy, (.counters | length), ([.counters[].packets] | add)]' "$tmp/out")" \
		'["SASSER",5,1]'
	is "it begins again at zero" "$(rows sender)" ""
	in_ns sender bash -c ': </dev/tcp/10.7.9.2/9996' 2>/dev/null
	exits "reset is 0" 0 in_ns sender sasserctl reset
	says "it prints a table" "^payload +out +tcp +9996 +block +1 +60 +1 "
	in_ns sender sasserctl disable --runtime >/dev/null
}

monitored()
{
	local follower

	run "$tmp/events" in_ns_exec sender sasserctl monitor --json
	follower=$pid
	wait_for 60 grep -q "following" "$tmp/events" || bail "monitor is silent"
	in_ns sender sasserctl enable --runtime --observe >/dev/null
	in_ns sender sasserctl disable --runtime >/dev/null
	succeeds "monitor sees both changes" \
		wait_for 60 grep -q unassigned "$tmp/events"
	is "monitor: a line each, as JSON" \
		"$(grep '^{' "$tmp/events" | jq -c '[.event, .policy, .mode, .origin]' | tr '\n' ' ')" \
		'["assigned","SASSER","observe","local"] ["unassigned","SASSER","observe","local"] '
	is "monitor: the generations rise by one" \
		"$(grep '^{' "$tmp/events" | jq -s '.[1].generation - .[0].generation')" 1
	kill -TERM "$follower"
	wait "$follower"
	is "monitor ends with 0" $? 0

	run "$tmp/piped" bash -c 'set -o pipefail; nsenter --net=/run/netns/sender -- sasserctl monitor | head -n 1'
	follower=$pid
	wait_for 60 grep -q "following" "$tmp/piped" || bail "monitor is silent"
	in_ns sender sasserctl enable --runtime >/dev/null
	wait "$follower"
	is "monitor ends with 0 when nobody reads" $? 0
	succeeds "monitor: text" grep -qE \
		"Z assigned SASSER enforce local generation [0-9]+$" "$tmp/piped"
	in_ns sender sasserctl disable --runtime >/dev/null
}

journal()
{
	run "$tmp/log" socat -u UNIX-RECV:/dev/log STDOUT
	at_exit 'rm -f /dev/log'
	wait_for 60 test -S /dev/log || bail "no /dev/log"
	SUDO_UID=1000 sasserctl enable --runtime >/dev/null
	sasserctl disable --runtime >/dev/null
	wait_for 60 grep -q 'disable' "$tmp/log"
	stop "$pid"
	is "each change is a line in the journal" \
		"$(grep -oaE '(enable|disable): [^<]*"' "$tmp/log")" \
		'enable: uid=0 sudo_uid=1000 before="nothing" after="SASSER enforce local"
disable: uid=0 before="SASSER enforce local" after="nothing"'
}

locked()
{
	local holder

	run "$tmp/holder" flock /run/sasser/lock sleep 600
	holder=$pid
	wait_for 60 pgrep -P "$holder" >/dev/null
	run "$tmp/waiter" sasserctl enable --runtime
	wait_for 60 grep -q "waiting" "$tmp/waiter" || bail "no lock was met"
	is "a second change waits for the first" "$(in_force)" "null null"
	pkill -P "$holder"
	wait "$pid"
	is "and then has its turn" "$? $(in_force)" "0 SASSER enforce"
	sasserctl disable --runtime >/dev/null
}

unloaded()
{
	local follower

	run "$tmp/gone" sasserctl monitor
	follower=$pid
	wait_for 60 grep -q "following" "$tmp/gone" || bail "monitor is silent"
	sasserctl enable --runtime >/dev/null
	fails "the module stays while a policy is assigned" 1 "in use" \
		rmmod nf_sasser
	sasserctl disable --runtime >/dev/null
	wait_for 60 module_is_idle
	succeeds "then it goes" rmmod nf_sasser
	wait "$follower"
	is "monitor ends with 1 then" $? 1
	succeeds "and says why" grep -q "was unloaded" "$tmp/gone"
}

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' ../dkms.conf)
at_exit "rm -f $conf"
plan 132
without_module
no_loading
persistence
broken_file
broken_domain
read_only
keys
other_namespace
unprivileged
resets
monitored
journal
locked
unloaded
finish
