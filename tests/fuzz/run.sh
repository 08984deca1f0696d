#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzes sasserctl: what the kernel sends it, its command lines, its files, what a domain says,
# policies and scripts that are imported.
#
#   run.sh [RUNS | SECONDSs]   for each target; by default 30000 runs, of the
#                              same seed each time
#
# Needs clang with its run-time libraries, and gcc. Meets neither the kernel
# nor any file of the machine. SEED=N: begin with another seed.

here=$(cd "$(dirname "$0")" && pwd)
much=${1:-30000}
targets="replies commands files pool netsh record"
# What a fuzzer has to reach of the files that read what others wrote, percent.
floor=85
read_others="kernel kernel_events reply sasserctl options assignment trial ini_lines policy_file policy_values
	import_netsh import_netsh_take import_netsh_build stamp visible domain"
count=0 failed=0

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1

case $much in
*s) limit="-max_total_time=${much%s}" seed=${SEED:-$RANDOM} ;;
*) limit="-runs=$much" seed=${SEED:-1} ;;
esac

# result STATUS NAME [LOG]
result()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count $2"
	else
		failed=1
		echo "not ok $count $2"
		sed 's/^/# /' "${3:-/dev/null}"
	fi
}

build()
{
	make -s -j "$(nproc)" -C "$here" OUTPUT="$tmp/build" all gcov >"$tmp/log" 2>&1
}

fuzz()
{
	local target=$1 status runs

	mkdir -p "kept/$target" "work/$target"
	(
		# libFuzzer remembers addresses that were compared: random ones make it
		# take another way each time, with the same seed
		cd "work/$target" &&
			ASAN_OPTIONS=quarantine_size_mb=8:external_symbolizer_path="$(command -v addr2line)" \
				setarch -R "$tmp/build/$target" "$limit" -seed="$seed" -max_len=2048 \
				-timeout=30 -print_final_stats=1 -artifact_prefix="$tmp/" \
				"$tmp/kept/$target" "$tmp/seeds/$target" </dev/null
	) >"$target.log" 2>&1
	status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$target.log")
	grep -vE '^#[0-9]+[[:space:]]+(INITED|NEW|REDUCE|pulse|RELOAD)|^INFO|NEW_FUNC' "$target.log" |
		tail -n 60 >log
	[ $status = 0 ] && [ "${runs:-0}" -gt 0 ]
	result $? "$target: nothing found" log
	echo "# $target: ${runs:-0} runs, seed $seed, $(find "kept/$target" -type f | wc -l) inputs kept"
}

# The files of the tree that some targets begin with.
copy_seeds()
{
	mkdir -p "$tmp"/seeds/{pool,netsh,record} &&
		cp "$here"/record/*.conf "$tmp/seeds/record/" &&
		cp "$here"/pool/*.conf "$here"/../netsh/*.conf \
			"$here"/../../userspace/policy.d/*.conf "$tmp/seeds/pool/" &&
		cp "$here"/../netsh/*.{cmd,bat,txt,netsh} "$tmp/seeds/netsh/"
}

# The lines of the program that all inputs together reach, for gcov.
count_lines()
{
	local target

	for target in $targets; do
		find "$tmp/kept/$target" "$tmp/seeds/$target" -type f -print0 |
			(cd "work/$target" && xargs -0 "$tmp/build/gcov/$target") || return 1
	done >log 2>&1
	(cd "$here" && gcov -t "$tmp"/build/gcov/*.gcda) >lines.gcov 2>log
}

# coverage FILE: "percent lines never-reached"
coverage()
{
	awk -F : -v file="/$1.c" '
		$2 + 0 == 0 && $3 == "Source" {
			ours = substr($4, length($4) - length(file) + 1) == file
		}
		!ours { next }
		$1 ~ /#####|=====/ { never = never " " ($2 + 0) }
		$1 !~ /-$/ && $2 + 0 > 0 { all++ }
		END {
			n = split(never, lines, " ")
			printf "%d %d%s\n", all ? 100 * (all - n) / all : 0, all, never
		}' lines.gcov
}

echo "TAP version 13"
build
result $? "the targets build" "$tmp/log"
if [ $failed = 0 ]; then
	{ "$tmp/build/seeds" "$tmp/seeds" && copy_seeds; } >log 2>&1
	result $? "there is something to begin with" log
fi
if [ $failed = 0 ]; then
	for target in $targets; do
		fuzz "$target"
	done
	count_lines
	result $? "their inputs run again, for gcov" log
	for file in $read_others; do
		read -r percent lines never < <(coverage "$file")
		[ "$percent" -ge $floor ]
		result $? "$file.c: at least $floor % of its lines were reached"
		echo "# $file.c: $percent % of $lines lines${never:+, never:} $never"
	done
fi
echo "1..$count"
exit $failed
