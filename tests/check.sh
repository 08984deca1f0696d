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

# What runs under the sanitizers in the quick tier: every file of the module.
smoke=evasion,netlink,netlink_filters,rows,scope
# In the middle one nearly all programs that send packets and messages themselves, and
# every kind of interface. The other scripts run what these did by hundreds of
# processes, which takes an hour under KASAN: the deep tier has it.
# What mostly waits for trials to end has it, too: races has trials that end.
sanitized=$(make -s -C "$top/tests" list-compiled | tr ' ' '\n' |
	grep -vx -e imposed_trial -e trial_ends | paste -sd ,),topology.sh

case ${1:-check} in
check)
	parts='static userspace install fuzz guests harness'
	kernels=(6.1 sid)
	guests=(--kernel "debug=$smoke" --kernel 6.1 --kernel sid)
	fuzz_runs=30000
	;;
all)
	parts='static userspace install fuzz guests harness story dkms'
	kernels=(6.1 6.12)
	guests=(--kernel "debug=$sanitized" --kernel bullseye --kernel 6.1 --kernel 6.12
		--kernel trixie --kernel sid --fuzz 60 --races 30)
	fuzz_runs=100000
	;;
deep)
	parts='fuzz guests planted arch'
	kernels=(6.1)
	guests=(--kernel debug --kernel kcsan --faults --fuzz 600 --races 300
		--suite-limit 3600)
	fuzz_runs=600s
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

# At the end, whatever ends it: what was run, and the sum. A run that was
# stopped before its end has failed.
complete=0
summary()
{
	say "logs in $logs"
	if [ -s "$logs/table" ]; then
		printf '%-28s %-10s %6s %6s %7s\n' kernel suite passed failed seconds
		while read -r kernel suite passed failed seconds; do
			printf '%-28s %-10s %6s %6s %7s\n' "$kernel" "$suite" \
				"$passed" "$failed" "$seconds"
		done <"$logs/table"
	fi
	cat "$logs/guests/coverage" 2>/dev/null
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
	local name=$1 limit=$2 passed failed rc start=$SECONDS

	shift 2
	progress "$name" tap_to "$logs/$name.tap" "$limit" "$@"
	rc=$?
	passed=$(grep -c '^ok ' "$logs/$name.tap")
	failed=$(grep -c '^not ok ' "$logs/$name.tap")
	failed=$((failed + $(grep -ci '^ok .*# *skip' "$logs/$name.tap")))
	if [ $rc != 0 ] && [ "$failed" = 0 ] || [ "$passed" = 0 ]; then
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
	# what is in this shell's functions can't be given to timeout(1)
	if [ "$1" = in_root ]; then
		in_root "$2" timeout "$limit" "${@:3}" 2>&1 | tee "$file"
	elif [ "$1" = in_overlay ]; then
		in_overlay "$2" "$3" timeout "$limit" "${@:4}" 2>&1 | tee "$file"
	else
		timeout --foreground --kill-after=30 "$limit" "$@" 2>&1 | tee "$file"
	fi
}

need_tools qemu-system-x86 cpio kmod xz-utils procps e2fsprogs
root_get bookworm
source_get
mkdir "$tmp/stage"
stage "$tmp/stage" "${kernels[@]}"
# sparse wants the headers of a kernel, and this root has bookworm's
mapfile -t own_kvers < <(awk 'NF == 2 { print $2 }' "$tmp/stage/kernels")

for part in $parts; do
	case $part in
	static)
		for name in $("$top/tests/static.sh" list); do
			while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
				wait -n
			done
			one "$name" in_overlay "$layer:$linux_source:$root" \
				"$tmp/static-$name" timeout 900 \
				/sasser/tests/static.sh "$name" "${own_kvers[@]}" &
		done
		wait
		;;
	userspace)
		tap userspace 600 in_root "$layer" make -s -C /sasser/userspace check
		;;
	install)
		# aside: it builds the tool for another PREFIX
		tap install 300 in_overlay "$layer:$linux_source:$root" "$tmp/install" \
			/sasser/tests/install.sh "${own_kvers[0]}"
		;;
	fuzz)
		tap fuzz 2700 in_root "$layer" /sasser/tests/fuzz/run.sh "$fuzz_runs"
		;;
	guests)
		lines=$(wc -l <"$results")
		"$top/tests/vm/run.sh" --stage "$tmp/stage" --results "$results" \
			--logs "$logs/guests" "${guests[@]}" >&2
		[ "$lines" -lt "$(wc -l <"$results")" ] || echo 0 1 >>"$results"
		cat "$logs/guests/table" >>"$logs/table"
		;;
	harness)
		tap harness 900 "$top/tests/vm/selftest.sh" --stage "$tmp/stage"
		;;
	story)
		tap story 1200 "$top/tests/story.sh" --stage "$tmp/stage" 6.1
		;;
	dkms)
		tap dkms 2700 "$top/tests/dkms.sh" --stage "$tmp/stage" 6.1
		;;
	planted)
		tap planted 3600 "$top/tests/planted.sh"
		;;
	arch)
		tap arch 5400 "$top/tests/arch.sh"
		;;
	*)
		die "no such part: $part"
		;;
	esac
done
complete=1
awk '{ passed += $1; failed += $2 } END { exit failed || !passed }' "$results"
