#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs test programs of tests/ in guests, one guest a kernel, side by side.
# Standard output: a line for each program and kernel, and all that a failing
# one said. Exit status 0 only if everything passed.

usage()
{
	cat <<-EOF
	usage: run.sh [OPTION]... [PROGRAM[:ARGUMENT]]...
	  (no PROGRAM: all that tests/Makefile lists)
	  --kernel NAME[=PROGRAM,...]
	                    of vm/kernels.sh: 6.1, sid, debug ...; may be repeated
	                    (default: 6.1); its programs if others than the rest's
	  --limit S         seconds for one program (900; three times that with a
	                    kernel of our own)
	  --suite-limit S   seconds for all programs of one guest (1800; likewise)
	  --fuzz S, --races S    seconds of these on the debug kernel
	  --faults          there each allocation fails once, too
	  --leaks PROGRAM,...    there kmemleak watches these alone, in a guest of their
	                    own: the others take half the time without (default: all)
	  --silence S       seconds without output until a guest is killed (limit + 60)
	  --results FILE    append a line "passed failed" there
	  --logs DIR        where logs go
	  --stage DIR       a folder that a former --stage filled: no new build
	  --arch ARCH, --root DIR    of another architecture (arch.sh)
	V=1 shows all output.
	EOF
	exit "$1"
}

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/vm/root.sh
. "$top/tests/vm/root.sh"
# shellcheck source=tests/vm/stage.sh
. "$top/tests/vm/stage.sh"

kernels=() silence='' limit=900 suite_limit=1800 results=/dev/null stage='' logs=''
fuzz='' races='' faults='' leaks='' arch=amd64 root=''
while [ $# -gt 0 ]; do
	case $1 in
	--kernel) kernels+=("$2"); shift ;;
	--limit) limit=$2; shift ;;
	--suite-limit) suite_limit=$2; shift ;;
	--fuzz) fuzz=$2; shift ;;
	--races) races=$2; shift ;;
	--faults) faults=1 ;;
	--leaks) leaks=$2; shift ;;
	--silence) silence=$2; shift ;;
	--results) results=$2; shift ;;
	--logs) logs=$2; shift ;;
	--stage) stage=$2; shift ;;
	--arch) arch=$2; shift ;;
	--root) root=$2; shift ;;
	--help) usage 0 ;;
	-*) usage 2 >&2 ;;
	*) break ;;
	esac
	shift
done
[ ${#kernels[@]} -gt 0 ] || kernels=(6.1)
given=("$@")
[ -n "$logs" ] || logs=$(mktemp -d "${TMPDIR:-/tmp}/sasser-logs.XXXXXX")
mkdir -p "$logs"

if [ -z "$root" ]; then
	need_tools qemu-system-x86 cpio kmod xz-utils
	root_get bookworm
fi
source_get
stage "${stage:=$tmp/stage}" "${kernels[@]%%=*}"

# judge KERNEL LOGDIR: read what `guest` printed; a line a program on standard
# output, "passed failed" into LOGDIR/count
judge()
{
	awk -v kernel="$1" -v verbose="${V:-0}" -v count="$2/count" '
	function finish(rc, seconds,    why) {
		if (plan < 0) why = why "; printed no plan"
		else if (plan == 0) why = why "; ran nothing"
		else if (plan != ok + bad) why = why "; planned " plan " tests, ran " ok + bad
		if (rc == 124 || rc == 137) why = why "; took too long"
		else if (rc != 0 && !bad) why = why "; exit status " rc
		if (left) why = why "; left behind: " left
		if (why) bad++
		printf "%s %s %s: %d passed, %d failed, %d s%s\n", bad ? "FAIL" : "pass",
			kernel, program, ok, bad, seconds, why
		if (bad || verbose == 1)
			printf "%s", text
		passed += ok
		failed += bad
		program = ""
	}
	{ sub(/\r$/, "") }
	/^@begin / { program = $2; plan = -1; ok = bad = 0; left = text = ""; next }
	/^@left / { left = substr($0, 7); next }
	/^@end / { finish($2, $3); next }
	{ text = text "    " $0 "\n" }
	/^1\.\.[0-9]+/ { plan = substr($0, 4) + 0 }
	/^ok / { if (tolower($0) ~ /# *skip/) bad++; else ok++ }
	/^not ok / { bad++ }
	END {
		if (program) { left = ""; finish(255, 0) }
		print passed + 0, failed + 0 > count
	}' "$2/output"
}

# amounts KERNEL LOGDIR: how much each program did, by its own count. One that does
# less than it should can pass.
amounts()
{
	awk -v kernel="$1" '
	function flush() {
		if (line)
			print line
		line = ""
	}
	{ sub(/\r$/, "") }
	/^@begin / { flush(); program = $2 }
	/^# (counts|faults|fuzz|races): / {
		sub(/^# [a-z]+: /, "")
		if (length(line) + length($0) > 96)
			flush()
		line = line (line ? "; " : "amount: " kernel " " program ": ") $0
	}
	END { flush() }' "$2/output"
}

# guest KERNEL KIND PROGRAM...: its verdict goes to LOGDIR/verdict
guest()
{
	local kernel=$1 dir=$logs/$1-$2 kind=() append token status passed failed
	local limit=$limit suite_limit=$suite_limit start=$SECONDS

	case $2 in
	one | leaks | waits) kind=(--smp 1) ;;
	two) kind=(--smp 2) ;;
	turns) kind=(--smp 2 --taking-turns) ;;
	systemd) kind=(--smp 1 --systemd) ;;
	esac
	case $kernel in
	debug | kcsan)
		# several times slower; what a detector finds ends the guest
		append=panic_on_warn=1
		[ -z "$leaks" ] || [ "$2" = leaks ] || append+=" kmemleak=off"
		kind+=(--append "$append" --mem 2048)
		limit=$((limit * 3)) suite_limit=$((suite_limit * 3))
		;;
	esac
	shift 2
	staged_kernel "$stage" "$kernel"
	[ -z "$kernel_layer" ] || kind+=(--layer "$kernel_layer")
	mkdir -p "$dir"
	token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	"$top/tests/vm/boot.sh" --arch "$arch" --root "$root" "${kind[@]}" \
		--layer "$linux_source" --layer "$layer" --kernel "$kver" \
		--log "$dir" --token "$token" --limit "$suite_limit" \
		--silence "${silence:-$((limit + 120))}" -- \
		/sasser/tests/vm/guest "$limit" "$@" >/dev/null 2>"$dir/boot"
	status=$?
	{
		judge "$kernel" "$dir"
		read -r passed failed <"$dir/count"
		if ! grep -qx "$token" "$dir/status" && [ "$failed" = 0 ]; then
			echo "FAIL $kernel: the guest did not come to its end"
			failed=1
		fi
		if [ "$status" = 124 ] || [ "$status" = 125 ]; then
			cat "$dir/boot"
			[ "$failed" != 0 ] || failed=1
		fi
		printf '%d %d\n' "$passed" "$failed" >"$dir/count"
		printf '%s %s %d %d %d\n' "$kver" "${dir##*-}" "$passed" "$failed" \
			$((SECONDS - start)) >>"$logs/table"
	} >"$dir/verdict"
}

# programs_of NAME [PROGRAM,...]: sets $one, $waits, $watched, $two and $systemd to those
# that this kernel is to run; those that need two CPUs, or systemd, get a guest of
# their own, and so do those that mostly wait, or that kmemleak watches.
waiting=" $(make -s -C "$top/tests" list-wait) "
smp=" $(make -s -C "$top/tests" list-smp) "
sysd=" $(make -s -C "$top/tests" list-systemd) "
programs_of()
{
	local programs=("${given[@]}") program

	if [ -n "${2:-}" ]; then
		IFS=, read -ra programs <<<"$2"
	elif [ ${#programs[@]} = 0 ]; then
		read -ra programs <<<"$(make -s -C "$top/tests" list)"
		[ ${#programs[@]} -gt 0 ] || die "tests/Makefile lists no program"
		[ "$1,$faults" != debug,1 ] || read -ra programs <<<"${programs[*]} \
			$(make -s -C "$top/tests" list-debug)"
	fi
	one=() waits=() watched=() two=() systemd=()
	for program in "${programs[@]}"; do
		case $1,$program in
		debug,fuzz_*) program+=${fuzz:+:$fuzz} ;;
		debug,races | kcsan,races) program+=${races:+:$races} ;;
		esac
		if [[ $1,,$leaks, = debug,*,"${program%%:*}",* ]]; then
			watched+=("$program")
		elif [[ $smp = *" ${program%%:*} "* ]]; then
			two+=("$program")
		elif [[ $sysd = *" ${program%%:*} "* ]]; then
			systemd+=("$program")
		elif [[ $waiting = *" ${program%%:*} "* ]]; then
			waits+=("$program")
		else
			one+=("$program")
		fi
	done
}

# One guest a CPU at a time, those that mostly wait beside them, and then those
# with two CPUs, one after the other. What takes longest comes first.
#
# Two CPUs at once have the kernels that most hosts run and those that find races;
# with the others they take turns on one. Kernels of late die under QEMU's emulation
# of two CPUs at once where the hooks' static keys flip under traffic: one CPU still
# runs the breakpoint that the other has taken away. Those of our own have no such keys.
run_all()
{
	local spec kernel busy=()

	for spec in "${kernels[@]}"; do
		kernel=${spec%%=*}
		programs_of "$kernel" "${spec:$((${#kernel} + 1))}"
		[ ${#waits[@]} = 0 ] || guest "$kernel" waits "${waits[@]}" &
		begin "$kernel" leaks "${watched[@]}"
		begin "$kernel" one "${one[@]}"
		begin "$kernel" systemd "${systemd[@]}"
		at_once "$kernel" || begin "$kernel" turns "${two[@]}"
	done
	wait "${busy[@]}"
	for spec in "${kernels[@]}"; do
		kernel=${spec%%=*}
		programs_of "$kernel" "${spec:$((${#kernel} + 1))}"
		busy=()
		! at_once "$kernel" || begin "$kernel" two "${two[@]}"
		[ ${#busy[@]} = 0 ] || wait "${busy[@]}"
	done
	wait
}

# begin KERNEL KIND [PROGRAM]...: a guest that takes a place, if it has anything to do
begin()
{
	[ $# -gt 2 ] || return 0
	on_cpu guest "$@"
	busy+=($!)
}

at_once() { [[ " 6.1 debug kcsan " = *" $1 "* ]]; }

: >"$logs/table"
progress "running the tests under ${kernels[*]%%=*}" run_all

# how much of the module the tests ran, where it was counted
if grep -qs '^@gcov ' "$logs"/debug-*/output; then
	# gcov wants the sources where they were compiled
	mkdir -p "$tmp/coverage/runs" "$tmp/coverage/usr/src"
	cp -r "$stage/debug/sasser-own" "$tmp/coverage/usr/src/"
	cp "$top/tests/vm/coverage.sh" "$tmp/coverage/"
	for dir in "$logs"/debug-*; do
		cp "$dir/output" "$tmp/coverage/runs/${dir##*/}"
	done
	in_root "$tmp/coverage" sh -c '/coverage.sh /usr/src/sasser-own /runs/*' \
		>"$logs/coverage" 2>&1 || say "could not tell the coverage: $(cat "$logs/coverage")"
	sed 's/^/coverage: /' "$logs/coverage"
fi

passed=0 failed=0
for kernel in "${kernels[@]%%=*}"; do
	found=0
	for dir in "$logs/$kernel"-{one,leaks,waits,systemd,turns,two}; do
		[ -e "$dir/verdict" ] || continue
		found=1
		cat "$dir/verdict"
		read -r p f <"$dir/count"
		passed=$((passed + p)) failed=$((failed + f))
	done
	if [ $found = 0 ]; then
		echo "FAIL $kernel: no guest came up"
		failed=$((failed + 1))
	fi
done
for kernel in "${kernels[@]%%=*}"; do
	for dir in "$logs/$kernel"-{one,leaks,waits,systemd,turns,two}; do
		[ ! -e "$dir/output" ] || amounts "$kernel" "$dir"
	done
done
printf '%d %d\n' $passed $failed >>"$results"
printf '%d passed, %d failed; logs in %s\n' $passed $failed "$logs"
[ $failed = 0 ] && [ $passed != 0 ]
