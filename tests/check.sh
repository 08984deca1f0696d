#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tests, in three tiers, with a table and one line of result at the end:
#	check.sh check   the oldest and the newest thing that breaks, quickly
#	check.sh all     every kernel, the suite under sanitizers, fuzzing, races
#	check.sh deep    data races, long fuzzing, planted bugs, other processors
# Each part adds "passed failed" to a file. V=1 shows all output; PARTS="..."
# runs only these parts.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"
# shellcheck source=tests/vm/root.sh
. "$top/tests/vm/root.sh"
# shellcheck source=tests/vm/stage.sh
. "$top/tests/vm/stage.sh"

programs() { make -s -C "$top/tests" "list-$1" | tr ' ' '\n'; }

# What runs under the sanitizers in the quick tier: every file of the module.
smoke=evasion,netlink,netlink_filters,remotes,rows
# In the middle one all programs that send packets and messages themselves, but
# those that mostly wait: races has trials that end; and but dumps, which is long
# policies read at length. The scripts run what these did by hundreds of processes,
# which takes an hour under KASAN: the deep tier has it.
sanitized=$(programs compiled | grep -vxF "$(programs wait; echo dumps)" | paste -sd ,)
# Among them those that have the module allocate in each way that there is.
leaks=fuzz_netlink,imposed,netlink,netlink_filters,netlink_remotes,scope
most=$(programs most | paste -sd ,)
of_the_kernel=$(programs kernel | paste -sd ,)
# without what needs two CPUs, or much time
core=$(programs kernel | grep -vxF "$(programs smp; programs wait)" | paste -sd ,)

case ${1:-check} in
check)
	parts='guests static userspace install fuzz'
	kernels=(debug 6.1 sid)
	guests=(--kernel "debug=$smoke" --kernel "6.1=$most" --kernel "sid=$core")
	fuzz_runs=20000
	;;
all)
	parts='guests dkms gpo static story userspace install fuzz harness'
	kernels=(debug 6.1 6.12 bullseye trixie sid)
	guests=(--kernel "debug=$sanitized" --kernel 6.1 --kernel "sid=$of_the_kernel"
		--kernel "bullseye=$of_the_kernel" --kernel "6.12=$core"
		--kernel "trixie=$core" --fuzz 60 --races 30 --leaks "$leaks")
	fuzz_runs=100000
	;;
deep)
	parts='guests fuzz planted arch'
	kernels=(debug kcsan 6.1 6.12 bullseye trixie sid)
	guests=(--kernel debug --kernel kcsan --kernel bullseye --kernel 6.1 --kernel 6.12
		--kernel trixie --kernel sid --faults --fuzz 300 --races 300
		--suite-limit 3600)
	fuzz_runs=120s
	;;
*)
	die "usage: check.sh [check|all|deep]"
	;;
esac
parts=${PARTS:-$parts}
results=$tmp/results
logs=${LOGS:-$(mktemp -d "${TMPDIR:-/tmp}/sasser-logs.XXXXXX")}
export LOGS=$logs
mkdir -p "$logs"
: >"$results"
: >"$logs/table"

# failed_tests TAP NAME: each that failed, and what it said just before or after
failed_tests()
{
	awk -v suite="$2" '
		{ line = "  " substr($0, 1, 150) "\n" }
		/^ok |^@/ { said = ""; lines = after = 0 }
		/^#/ && after > 0 { after--; printf "%s", line; next }
		/^#/ {
			said = said line
			if (++lines > 4)
				sub(/^[^\n]*\n/, "", said)
		}
		/^not ok / {
			printf "%s: %s\n%s", suite, $0, said
			said = ""
			lines = 0
			after = 6
		}' "$1"
}

# Once more, and short: who looks at a build server sees the end of its output.
failures()
{
	local tap

	for tap in "$logs"/*.tap; do
		[ ! -e "$tap" ] || failed_tests "$tap" "$(basename "$tap" .tap)"
	done
	for tap in "$logs"/guests/*/output; do
		[ ! -e "$tap" ] || failed_tests "$tap" "$(basename "${tap%/output}")"
	done
	cat "$logs"/guests/*/verdict 2>/dev/null | grep '^FAIL'
	awk '$1 == "-" && $4 { print "FAIL " $2 }' "$logs/table"
}

# At the end, whatever ends it: what was run, and the sum. A run that was
# stopped before its end has failed.
complete=0
summary()
{
	say "logs in $logs"
	cat "$logs/table" "$logs/guests/table" 2>/dev/null >"$tmp/table"
	if [ -s "$tmp/table" ]; then
		printf '%-28s %-10s %6s %6s %7s\n' kernel suite passed failed seconds
		while read -r kernel suite passed failed seconds; do
			printf '%-28s %-10s %6s %6s %7s\n' "$kernel" "$suite" \
				"$passed" "$failed" "$seconds"
		done <"$tmp/table"
	fi
	cat "$logs/guests/coverage" 2>/dev/null
	failures | head -n 40
	[ $complete = 1 ] || {
		echo "The tests were stopped after $SECONDS seconds, before their end."
		echo 0 1 >>"$results"
	}
	awk '{ passed += $1; failed += $2 }
		END { printf "%d passed, %d failed\n", passed, failed }' "$results"
}
at_exit summary

# result SUITE PASSED FAILED SECONDS
result()
{
	echo "$2 $3" >>"$results"
	echo "- $1 $2 $3 $4" >>"$logs/table"
}

# one COMMAND, one result
one()
{
	local name=$1 start=$SECONDS

	shift
	if progress "$name" "$@"; then
		say "pass $name"
		result "$name" 1 0 $((SECONDS - start))
	else
		say "FAIL $name"
		result "$name" 0 1 $((SECONDS - start))
	fi
}

# tap NAME SECONDS COMMAND: a command that prints TAP, maybe of several programs
tap()
{
	local name=$1 limit=$2 passed failed planned rc start=$SECONDS

	shift 2
	progress "$name" tap_to "$logs/$name.tap" "$limit" "$@"
	rc=$?
	passed=$(grep -c '^ok ' "$logs/$name.tap")
	failed=$(grep -c '^not ok ' "$logs/$name.tap")
	failed=$((failed + $(grep -ci '^ok .*# *skip' "$logs/$name.tap")))
	planned=$(awk '/^1\.\.[0-9]+/ { n += substr($0, 4) } END { print n + 0 }' "$logs/$name.tap")
	if [ "$failed" = 0 ] && { [ $rc != 0 ] || [ "$passed" = 0 ] ||
		[ "$passed" != "$planned" ]; }; then
		echo "# planned $planned, passed $passed, exit status $rc" >>"$logs/$name.tap"
		failed=$((failed + 1))
	fi
	say "$([ "$failed" = 0 ] && echo pass || echo FAIL)" \
		"$name: $passed passed, $failed failed"
	result "$name" "$passed" "$failed" $((SECONDS - start))
}

tap_to()
{
	local file=$1 limit=$2

	shift 2
	# what is a function here can't be given to timeout(1)
	if [ "$1" = aside ]; then
		aside "$2" timeout "$limit" "${@:3}"
	else
		timeout --foreground --kill-after=30 "$limit" "$@"
	fi 2>&1 | tee "$file"
}

need_tools qemu-system-x86 cpio kmod xz-utils procps e2fsprogs
root_get bookworm
source_get
mkdir "$tmp/stage"
stage "$tmp/stage" "${kernels[@]}"
# sparse wants the headers of a kernel, and this root has bookworm's
mapfile -t own_kvers < <(awk 'NF == 2 { print $2 }' "$tmp/stage/kernels")

# aside NAME COMMAND...: in a root and a copy of the tree of its own
aside() { in_overlay "$layer:$linux_source:$root" "$tmp/aside-$1" "${@:2}"; }

guests()
{
	"$top/tests/vm/run.sh" --stage "$tmp/stage" --results "$tmp/guests" \
		--logs "$logs/guests" "${guests[@]}" >&2
	if [ -s "$tmp/guests" ]; then
		cat "$tmp/guests" >>"$results"
	else
		echo 0 1 >>"$results"
	fi
}

mkdir -p "$cache/clean"
find "$cache/clean" -type f -mtime +30 -delete

# All of it side by side, as many as there are processors. The guests come first;
# a part that runs guests of its own sees to that itself.
export SASSER_PATIENCE=2
for part in $parts; do
	case $part in
	static)
		for name in $("$top/tests/static.sh" list); do
			SHARED=$cache/clean on_cpu one "$name" aside "$name" timeout 1800 \
				/sasser/tests/static.sh "$name" "${own_kvers[@]}"
		done
		;;
	userspace)
		on_cpu tap userspace 1200 aside userspace make -s -C /sasser/userspace check
		;;
	install)
		on_cpu tap install 600 aside install /sasser/tests/install.sh "${own_kvers[0]}"
		;;
	fuzz)
		on_cpu tap fuzz 2700 aside fuzz /sasser/tests/fuzz/run.sh "$fuzz_runs"
		;;
	guests)
		SASSER_PATIENCE=0.2 guests &
		;;
	harness)
		on_cpu tap harness 900 env -u SASSER_CPUS "$top/tests/vm/selftest.sh" \
			--stage "$tmp/stage"
		;;
	story)
		on_cpu tap story 1600 "$top/tests/story.sh" --stage "$tmp/stage" 6.1
		;;
	gpo)
		# A controller and a member each, on one place. It takes no more
		# time for what runs beside it: the story has five minutes.
		for suite in bookworm trixie; do
			on_cpu tap "gpo-$suite" 1800 nice -n -5 "$top/tests/gpo.sh" \
				--stage "$tmp/stage" "$suite"
		done
		;;
	dkms)
		on_cpu tap dkms 2700 "$top/tests/dkms.sh" --stage "$tmp/stage" 6.1
		;;
	planted)
		on_cpu tap planted 3600 env -u SASSER_CPUS "$top/tests/planted.sh"
		;;
	arch)
		on_cpu tap arch 5400 env -u SASSER_CPUS "$top/tests/arch.sh"
		;;
	*)
		die "no such part: $part"
		;;
	esac
done
wait
complete=1
awk '{ passed += $1; failed += $2 } END { exit failed || !passed }' "$results"
