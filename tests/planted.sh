#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Does each detector detect? Every patch of planted/ puts one bug into the
# module; the run has to turn red, and the log has to say why, in the words that
# the patch names. Before and after, the module as it is has to pass. TAP.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"
# shellcheck source=tests/vm/root.sh
. "$top/tests/vm/root.sh"
# shellcheck source=tests/vm/stage.sh
. "$top/tests/vm/stage.sh"

logs=${LOGS:-$tmp}/planted
mkdir -p "$logs"
root_get bookworm
source_get

field() { sed -n "s/^$1: //p" "$2"; }

# run NAME STAGE KERNEL PROGRAM
run()
{
	"$top/tests/vm/run.sh" --stage "$2" --kernel "$3" --logs "$logs/$1" "$4" \
		>"$logs/$1.out" 2>&1
}

n=0 failed=0
result()
{
	local status=$1

	n=$((n + 1))
	shift
	[ "$status" = 0 ] || { failed=1; printf 'not '; }
	echo "ok $n $*"
}

patches=("$top"/tests/planted/*.patch)
echo "TAP version 13"
echo "1..$((2 * ${#patches[@]} + 2))"

clean=$tmp/clean
mkdir -p "$clean"
stage "$clean" debug kcsan >&2
for kernel in debug kcsan; do
	run "clean-$kernel" "$clean" "$kernel" rows
	result $? "$kernel: the module as it is passes"
done
for patch in "${patches[@]}"; do
	name=$(basename "$patch" .patch)
	kernel=$(field Kernel "$patch")
	detector=$(field Detector "$patch")
	words=${detector#*\"}
	words=${words%\"}
	dir=$tmp/$name
	mkdir -p "$dir"
	# the tree and its programs are the same, only the module is another
	cp -a "$clean/layer" "$dir/"
	: >"$dir/kernels"
	rm -rf "$dir/layer/usr/lib/modules"
	patch -s -d "$dir/layer/sasser" -p1 <"$patch" >&2 ||
		die "$patch does not apply any more"
	stage "$dir" "$kernel" >&2
	! run "$name" "$dir" "$kernel" "$(field Program "$patch")"
	result $? "$name turns the run red"
	grep -hE -m 3 -- "$words" "$logs/$name"/*/{console,output} | sed 's/^/# /'
	grep -qhE -- "$words" "$logs/$name"/*/{console,output}
	result $? "$name is found by ${detector%%,*}"
	rm -rf --one-file-system "$dir"
done
exit $failed
