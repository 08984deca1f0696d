# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the shell tests: TAP, network namespaces, traffic with positive
# controls, and a witness that the counters are compared to.
#
# The witness is a pair of nftables sets in a namespace. It counts every packet
# that the namespace sends, by protocol and destination port, before anything
# can drop it; so a counter row is not compared to what a test believes to have
# sent, but to what was sent.
#
# Everything that is waited for has a time limit far above what it takes, since
# an emulated guest on a busy machine is slow.

set -u -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peer=${OUTPUT:-$here/build}/peer
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sasser.XXXXXX") || exit 1
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C.UTF-8 NO_COLOR=1

# ---- TAP

planned=0 done_tests=0 failed=0

plan()
{
	planned=$1
	echo "TAP version 13"
	echo "1..$planned"
}

note() { printf '%s\n' "$*" | sed 's/^/# /'; }

ok()
{
	done_tests=$((done_tests + 1))
	echo "ok $done_tests $*"
}

not_ok()
{
	done_tests=$((done_tests + 1))
	failed=$((failed + 1))
	echo "not ok $done_tests $*"
}

# A step that the tests stand on did not work: no use in going on.
bail()
{
	echo "Bail out! $*"
	exit 1
}

# is NAME GOT WANTED
is()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1"
		note "wanted:"
		note "$3"
		note "got:"
		note "$2"
	fi
}

# succeeds NAME COMMAND...
succeeds()
{
	local name=$1 out status

	shift
	out=$("$@" 2>&1)
	status=$?
	if [ $status = 0 ]; then
		ok "$name"
	else
		not_ok "$name"
		note "exit status $status: $*"
		note "$out"
	fi
}

# fails NAME STATUS TEXT COMMAND...: with that exit status, nothing on standard
# output, and a standard error that has TEXT (an extended regular expression).
fails()
{
	local name=$1 wanted=$2 text=$3 status

	shift 3
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	if [ $status = "$wanted" ] && [ ! -s "$tmp/out" ] &&
	   grep -qE -- "$text" "$tmp/err"; then
		ok "$name"
	else
		not_ok "$name"
		note "wanted: exit status $wanted and /$text/ on standard error"
		note "got: exit status $status: $*"
		note "standard output: $(cat "$tmp/out")"
		note "standard error: $(cat "$tmp/err")"
	fi
}

finish()
{
	if [ $done_tests != "$planned" ]; then
		note "planned $planned tests, ran $done_tests"
		exit 1
	fi
	[ $failed = 0 ] || exit 1
	exit 0
}

# ---- what a test leaves behind goes when it ends, whatever ends it

pids=() namespaces=() exit_cmds=()

at_exit() { exit_cmds=("$*" "${exit_cmds[@]}"); }

# install_userspace: as an administrator does it, until the test ends
install_userspace()
{
	at_exit 'make -s -C .. uninstall-userspace >/dev/null 2>&1'
	make -s -C .. install-userspace >"$tmp/install" 2>&1 ||
		bail "install-userspace failed: $(cat "$tmp/install")"
}

run_exit_cmds()
{
	local status=$? cmd pid

	trap '' INT TERM HUP
	for cmd in "${exit_cmds[@]}"; do
		eval "$cmd"
	done
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null
	done
	for pid in "${pids[@]}"; do
		wait "$pid" 2>/dev/null
	done
	for ns in "${namespaces[@]}"; do
		ip netns del "$ns" 2>/dev/null
	done
	if [ -e /sys/module/nf_sasser ]; then
		sasserctl disable --runtime >/dev/null
		# a namespace dies some time after its name
		if ! wait_for 60 module_is_idle; then
			echo "# nf_sasser is still in use"
			status=1
		fi
	fi
	rm -rf --one-file-system "$tmp"
	exit "$status"
}
trap run_exit_cmds EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

module_is_idle() { [ "$(cat /sys/module/nf_sasser/refcnt)" = 0 ]; }

# wait_for SECONDS COMMAND...: what takes long is not asked for all the time, which
# would be all that an emulated guest gets done
wait_for()
{
	local until=$((SECONDS + $1)) tries=0

	shift
	until "$@"; do
		[ $SECONDS -lt $until ] || return 1
		if [ $((++tries)) -lt 30 ]; then sleep 0.1; else sleep 1; fi
	done
}

# run FILE COMMAND...: in the background, with its output in a file. Sets $pid.
run()
{
	local file=$1

	shift
	"$@" >"$file" 2>&1 </dev/null &
	pid=$!
	pids+=("$pid")
}

# stop PID
stop()
{
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# ---- network namespaces: "init" is the one that the tests run in

# in_ns NAMESPACE COMMAND...: replaces a subshell that it is all of, so that
# run() knows the process itself
in_ns()
{
	local ns=$1

	shift
	if [ "$ns" = init ]; then
		"$@"
	else
		nsenter --net="/run/netns/$ns" -- "$@"
	fi
}

# ip_in NAMESPACE: commands of ip(8), a line each, from standard input
ip_in()
{
	local ns=()

	[ "$1" = init ] || ns=(-n "$1")
	ip "${ns[@]}" -batch - || bail "could not set up namespace $1"
}

# ns_add NAMESPACE...: IPv6 addresses are usable at once there
ns_add()
{
	local ns

	for ns; do
		ip netns add "$ns" || bail "could not add namespace $ns"
		namespaces+=("$ns")
		in_ns "$ns" sysctl -q net.ipv6.conf.all.accept_dad=0 \
			net.ipv6.conf.default.accept_dad=0
		ip -n "$ns" link set lo up
	done
}

# link A B DEVICE: a cable between two namespaces, DEVICE at either end
link()
{
	local b=() a=()

	[ "$1" = init ] || a=(netns "$1")
	[ "$2" = init ] || b=(netns "$2")
	ip link add "$3" "${a[@]}" type veth peer name "$3" "${b[@]}" ||
		bail "could not link $1 and $2"
	ip_in "$1" <<<"link set $3 up"
	ip_in "$2" <<<"link set $3 up"
}

# addresses A DEVICE B DEVICE NET: 10.7.NET.1 and fd00:7:NET::1 to A, ...2 to B
addresses()
{
	ip_in "$1" <<-EOF
	address add 10.7.$5.1/24 dev $2
	address add fd00:7:$5::1/64 dev $2 nodad
	EOF
	ip_in "$3" <<-EOF
	address add 10.7.$5.2/24 dev $4
	address add fd00:7:$5::2/64 dev $4 nodad
	EOF
}

# ---- traffic

# serve NAMESPACE [OPTION]... PORT,...: until the end of the test. Sets $pid.
serve()
{
	local ns=$1 file

	shift
	file=$(mktemp "$tmp/serve.XXXXXX")
	run "$file" in_ns_exec "$ns" "$peer" listen "$@"
	wait_for 60 test -s "$file"
	[ "$(cat "$file")" = ready ] ||
		bail "no server in $ns: $* ($(cat "$file"))"
}

in_ns_exec()
{
	local ns=$1

	shift
	[ "$ns" = init ] || set -- nsenter --net="/run/netns/$ns" -- "$@"
	exec "$@"
}

# tries NAME RESULT NAMESPACE [OPTION]... PORT,... ADDRESS...: every one of the
# connections has that result: "served" (or what the server answers), "refused",
# "timeout" (at once when all others are done, and after 2.5 seconds),
# "forbidden"
tries()
{
	local name=$1 wanted=$2 ns=$3 limit=()

	shift 3
	[ "$wanted" != timeout ] || limit=(-t 2500)
	in_ns "$ns" "$peer" connect "${limit[@]}" "$@" >"$tmp/out" 2>"$tmp/err"
	if [ -s "$tmp/err" ] || [ ! -s "$tmp/out" ] ||
	   grep -qv " $wanted\$" "$tmp/out"; then
		not_ok "$name"
		note "wanted: all $wanted"
		note "got: $(grep -v " $wanted\$" "$tmp/out")"
		note "$(cat "$tmp/err")"
	else
		ok "$name"
	fi
}

# ---- counters

# witness NAMESPACE...
witness()
{
	local ns

	for ns; do
		in_ns "$ns" nft -f - <<-EOF || bail "could not set up the witness"
		table inet witness {
			set packets {
				type inet_proto . inet_service
				flags dynamic
				size 1024
			}
			set opens {
				type inet_proto . inet_service
				flags dynamic
				size 1024
			}
			chain output {
				type filter hook output priority -500
				meta l4proto { tcp, udp } add @packets { meta l4proto . th dport counter }
				tcp flags & (syn | ack) == syn add @opens { meta l4proto . th dport counter }
			}
		}
		EOF
	done
}

# forget WITNESS...: what was sent so far
forget()
{
	local ns

	for ns; do
		in_ns "$ns" nft "flush set inet witness packets; flush set inet witness opens" ||
			bail "could not reset the witness"
	done
}

# mark VICTIM WITNESS...: what comes from here on is compared
mark()
{
	in_ns "$1" sasserctl reset >/dev/null || bail "could not reset"
	shift
	forget "$@"
}

# These three are called a hundred times, and jq takes ten times as long as awk to
# start in an emulated guest.

# sent NAMESPACE DIRECTION PROTOCOL PORT...: the rows that should be
sent()
{
	local ns=$1 direction=$2 protocol=$3

	shift 3
	in_ns "$ns" nft list table inet witness | tr ',' '\n' |
		awk -v direction="$direction" -v protocol="$protocol" -v ports="$*" '
		$1 == "set" { set = $2 }
		{
			for (i = 1; i < NF; i++) {
				if ($i != protocol || $(i + 1) != ".") continue
				packets[set, $(i + 2)] = $(i + 5)
				bytes[set, $(i + 2)] = $(i + 7)
			}
		}
		END {
			n = split(ports, port, " ")
			for (i = 1; i <= n; i++) {
				p = port[i]
				seen = ("packets", p) in packets
				print direction, protocol, p,
					"packets", seen ? packets["packets", p] : "none was sent",
					"bytes", bytes["packets", p] + 0,
					"attempts", packets["opens", p] + 0
			}
		}'
}

# rows NAMESPACE: the counters with a hit
rows()
{
	in_ns "$1" sasserctl counters --json | awk '
		{ key = $1; value = $2; gsub(/[":,]/, "", key); gsub(/[",]/, "", value) }
		{ row[key] = value }
		key == "last_hit" && row["packets"] > 0 {
			print row["direction"], row["protocol"], row["port"],
				"packets", row["packets"], "bytes", row["bytes"],
				"attempts", row["attempts"]
		}'
}

# counted NAME NAMESPACE ROW...: exactly these rows moved, exactly so
counted()
{
	local name=$1 ns=$2

	shift 2
	is "$name" "$(rows "$ns" | sort)" \
		"$(printf '%s\n' "$@" | sort | sed '/^$/d')"
}

# status NAMESPACE KEY: of an object within, OBJECT.KEY
status()
{
	in_ns "$1" sasserctl status --json | awk -v wanted="$2" '
		{ key = $1; gsub(/[":,]/, "", key) }
		$2 == "{" { object = key "."; next }
		$1 ~ /^}/ { object = ""; next }
		object key == wanted {
			sub(/^[^:]*: /, "")
			sub(/,$/, "")
			gsub(/^"|"$/, "")
			print
		}'
}

# ---- which functions of the module run

# called_while COMMAND...: their names, a line each
called_while()
{
	local tracing=/sys/kernel/tracing

	mountpoint -q $tracing || mount -t tracefs tracefs $tracing
	{
		echo '*:mod:nf_sasser' >$tracing/set_ftrace_filter
		echo function >$tracing/current_tracer
	} || bail "cannot trace the functions of nf_sasser"
	"$@" >&2
	echo 0 >$tracing/tracing_on
	grep -oE '\bsasser_[a-z0-9_]+ <-' $tracing/trace | cut -d ' ' -f 1 | sort -u
	echo nop >$tracing/current_tracer
	echo >$tracing/set_ftrace_filter
	echo 1 >$tracing/tracing_on
}

# ---- other users

nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"; }

not_loaded() { [ ! -e /sys/module/nf_sasser ]; }
