#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: what a packet costs, in instructions, with nf_sasser, with
# nftables and with nothing, under stock Debian kernels.
#	run.sh [KERNEL]...	(default: 6.1 and 6.12)
#
# Time on a shared machine is noise; instructions are not. The guests run with
# one instruction a nanosecond of their own clock, so it counts instructions,
# and a second run gives the same numbers (bench.c, guest.sh).

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
# shellcheck source=tests/vm/root.sh
. "$top/tests/vm/root.sh"
# shellcheck source=tests/vm/stage.sh
. "$top/tests/vm/stage.sh"

series=("$@")
[ ${#series[@]} -gt 0 ] || series=(6.1 6.12)

need_tools qemu-system-x86 cpio kmod xz-utils
root_get bookworm
source_get
stage "$tmp/stage" "${series[@]}"

# in the root: bench and the empty hook, for each kernel
build_bench()
{
	cat <<-'EOF'
	set -eu
	cd /sasser/tests/bench
	gcc -O2 -Wall -Wextra -Werror -o bench bench.c
	gcc -O2 -I ../../kmod/uapi -o prefixes prefixes.c ../genl.c ../family.c ../netns.c -lmnl
	for kver; do
		mkdir -p /bench/$kver
		cp Kbuild bench_hook.c /bench/$kver/
		make -s -C /lib/modules/$kver/build M=/bench/$kver modules
		cp bench prefixes /bench/$kver/
	done
	EOF
}

build_bench >"$layer/sasser/.build_bench"
progress "building the measuring programs" in_root "$layer" \
	sh /sasser/.build_bench "${kvers[@]}" ||
	die "the measuring programs do not build (above)"

measure()
{
	"$top/tests/vm/boot.sh" --icount --kernel "$1" --root "$root" \
		--layer "$layer" --log "$tmp/log-$1" --limit 3000 -- \
		/sasser/tests/bench/guest.sh "/bench/$1" >"$tmp/result-$1"
}

# side by side: what the machine does besides changes the time, not the result
measure_all()
{
	local kver pids=() pid rc=0

	for kver in "${kvers[@]}"; do
		measure "$kver" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || rc=1
	done
	return $rc
}
if ! progress "measuring under ${kvers[*]} (a few minutes)" measure_all; then
	cat "$tmp"/result-* >&2
	die "a measurement failed (above)"
fi

for kver in "${kvers[@]}"; do
	awk -v kver="$kver" -f "$top/tests/bench/table.awk" "$tmp/result-$kver"
done
# for programs: KERNEL CONTENDER KIND LEAST MEDIAN, separated by tabs
if [ -n "${BENCH_TSV-}" ]; then
	for kver in "${kvers[@]}"; do
		sed "s/^/$kver\t/" "$tmp/result-$kver"
	done >"$BENCH_TSV"
fi
