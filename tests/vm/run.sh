#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs test programs of tests/ in guests, one guest a kernel, side by side.
# Standard output: a line for each program and kernel, and all that a failing
# one said. Exit status 0 only if everything passed.

usage()
{
	cat <<-EOF
	usage: run.sh [OPTION]... [PROGRAM[:TEST]]...
	  (no PROGRAM: all that tests/Makefile lists; :TEST is its argument)
	  --kernel VERSION  may be repeated (default: 6.1 and 6.12)
	  --limit S         seconds for one program (900)
	  --silence S       seconds without output until a guest is killed (limit + 60)
	  --results FILE    append a line "passed failed" there
	  --logs DIR        where logs go
	  --stage DIR       a folder that a former --stage filled: no new build
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

kernels=() silence='' limit=900 results=/dev/null stage='' logs=''
while [ $# -gt 0 ]; do
	case $1 in
	--kernel) kernels+=("$2"); shift ;;
	--limit) limit=$2; shift ;;
	--silence) silence=$2; shift ;;
	--results) results=$2; shift ;;
	--logs) logs=$2; shift ;;
	--stage) stage=$2; shift ;;
	--help) usage 0 ;;
	-*) usage 2 >&2 ;;
	*) break ;;
	esac
	shift
done
[ ${#kernels[@]} -gt 0 ] || kernels=(6.1 6.12)
programs=("$@")
if [ ${#programs[@]} = 0 ]; then
	read -ra programs <<<"$(make -s -C "$top/tests" list)"
	[ ${#programs[@]} -gt 0 ] || die "tests/Makefile lists no program"
fi
[ -n "$logs" ] || logs=$(mktemp -d "${TMPDIR:-/tmp}/sasser-logs.XXXXXX")
mkdir -p "$logs"

need_tools qemu-system-x86 cpio kmod xz-utils
root_get bookworm
source_get
if [ -z "$stage" ]; then
	stage=$tmp/stage
	stage "$stage" "${kernels[@]}"
elif [ ! -d "$stage/layer" ]; then
	stage "$stage" "${kernels[@]}"
fi
layer=$stage/layer

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

# guest KERNEL KIND PROGRAM...: its verdict goes to LOGDIR/verdict
guest()
{
	local kernel=$1 dir=$logs/$1-$2 kind=() token status passed failed

	case $2 in
	one) kind=(--smp 1) ;;
	two) kind=(--smp 2) ;;
	systemd) kind=(--smp 1 --systemd) ;;
	esac
	shift 2
	mkdir -p "$dir"
	token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	"$top/tests/vm/boot.sh" --root "$root" --layer "$linux_source" \
		--layer "$layer" --kernel "$kernel" --log "$dir" --token "$token" \
		"${kind[@]}" --limit $(((limit + 30) * $# + 120)) \
		--silence "${silence:-$((limit + 60))}" -- \
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
	} >"$dir/verdict"
}

# programs that need two CPUs, or systemd, run in a guest of their own
one=() two=() systemd=()
smp=" $(make -s -C "$top/tests" list-smp) "
sysd=" $(make -s -C "$top/tests" list-systemd) "
for program in "${programs[@]}"; do
	case $smp:$sysd in
	*" ${program%%:*} "*:*) two+=("$program") ;;
	*:*" ${program%%:*} "*) systemd+=("$program") ;;
	*) one+=("$program") ;;
	esac
done

# with one CPU side by side, with two one after the other
run_all()
{
	local kernel

	for kernel in "${kernels[@]}"; do
		{
			[ ${#one[@]} = 0 ] || guest "$kernel" one "${one[@]}"
			[ ${#systemd[@]} = 0 ] ||
				guest "$kernel" systemd "${systemd[@]}"
		} &
	done
	wait
	[ ${#two[@]} = 0 ] || for kernel in "${kernels[@]}"; do
		guest "$kernel" two "${two[@]}"
	done
}
progress "running ${#programs[@]} programs under ${kernels[*]}" run_all

passed=0 failed=0
for kernel in "${kernels[@]}"; do
	for dir in "$logs/$kernel"-{one,systemd,two}; do
		[ -e "$dir/verdict" ] || continue
		cat "$dir/verdict"
		read -r p f <"$dir/count"
		passed=$((passed + p)) failed=$((failed + f))
	done
done
printf '%d %d\n' $passed $failed >>"$results"
printf '%d passed, %d failed; logs in %s\n' $passed $failed "$logs"
[ $failed = 0 ] && [ $passed != 0 ]
