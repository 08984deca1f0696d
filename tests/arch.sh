#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Other architectures: the module, the tool and the tests are cross-built
# against Debian's packages of arm64 and of s390x (big-endian), and the test
# programs run in guests of these machines. Prints TAP.

usage()
{
	cat <<-EOF
	usage: arch.sh [OPTION]... [PROGRAM[:TEST]]...
	  (no PROGRAM: all that tests/Makefile lists, but those in arch/left-out)
	  --arch ARCH   arm64 or s390x, may be repeated (default: both)
	  --limit S     seconds for one program (1800)
	  --logs DIR    where logs go
	  --stage DIR   a folder that a former --stage filled: no new build
	EOF
	exit "$1"
}

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"
# shellcheck source=tests/vm/root.sh
. "$top/tests/vm/root.sh"
# shellcheck source=tests/vm/stage.sh
. "$top/tests/vm/stage.sh"
# shellcheck source=tests/arch/root.sh
. "$top/tests/arch/root.sh"

archs=() limit=1800 logs='' stage=$tmp/stage
while [ $# -gt 0 ]; do
	case $1 in
	--arch) archs+=("$2"); shift ;;
	--limit) limit=$2; shift ;;
	--logs) logs=$2; shift ;;
	--stage) stage=$2; shift ;;
	--help) usage 0 ;;
	-*) usage 2 >&2 ;;
	*) break ;;
	esac
	shift
done
programs=("$@")
[ ${#archs[@]} -gt 0 ] || archs=(arm64 s390x)
[ -n "$logs" ] || logs=$(mktemp -d "${TMPDIR:-/tmp}/sasser-logs.XXXXXX")
mkdir -p "$logs"

# ---- TAP

n=0 failed=0

# result STATUS NAME [LOG]
result()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n $2"
		return
	fi
	failed=1
	echo "not ok $n $2"
	[ ! -e "${3:-}" ] || tail -n 60 "$3" | sed 's/^/# /'
}

# ---- the build

# of ARCH: how the compiler calls it, and what readelf says of its programs
triplet_of()
{
	case $1 in
	arm64) triplet=aarch64-linux-gnu machine="ELF64 2's complement, little endian AArch64" ;;
	s390x) triplet=s390x-linux-gnu machine="ELF64 2's complement, big endian IBM S/390" ;;
	*) die "no such architecture here: $1" ;;
	esac
}

# build ARCH DIR: DIR/layer is laid over $root, with the tree in /sasser, built;
# in the root with the compilers both together are /target. What is wrong is in
# DIR/tap.
build()
{
	local arch=$1 dir=$2

	mkdir -p "$dir"/{layer,target,work,cross,cross.upper,cross.work}
	stage_tree "$dir/layer/sasser" || return
	# shellcheck disable=SC2016
	unshare --mount --fork bash -euc '
		mount -t overlay -o "lowerdir=$3:$2,upperdir=$1/layer,workdir=$1/work" \
			target "$1/target"
		mount -t overlay \
			-o "lowerdir=$4,upperdir=$1/cross.upper,workdir=$1/cross.work" \
			cross "$1/cross"
		mkdir -p "$1/cross/target" "$1/cross/sasser"
		mount --bind "$1/target" "$1/cross/target"
		mount --bind "$1/target/usr/src" "$1/cross/usr/src"
		mount --bind "$1/target/sasser" "$1/cross/sasser"
		mount -t proc proc "$1/cross/proc"
		mount -t tmpfs tmp "$1/cross/tmp"
		mount --bind /dev "$1/cross/dev"
		cd "$1/cross"
		shift 4
		exec chroot . env -i HOME=/root LANG=C.UTF-8 \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			/sasser/tests/arch/build.sh "$@"' \
		build "$dir" "$root" "$linux_source" "$cross" \
		"$arch" "$triplet" "$kver" "$machine" >"$dir/tap"
	# what failed is in there
	[ -s "$dir/tap" ] || return
	rm -rf --one-file-system "$dir/cross.upper"
	printf '%s %s \n' "$arch" "$kver" >"$dir/kernels"
}

# staged ARCH DIR: sets $root and $kver
staged()
{
	local arch=$1 dir=$2

	arch_root_get "$arch"
	kver=$(find "$root/usr/lib/modules" -mindepth 1 -maxdepth 1 -printf '%f\n' |
		sort -V | tail -n 1)
	triplet_of "$arch"
	if [ ! -e "$dir/kernels" ]; then
		cross_get
		progress "building for $arch ($kver)" build "$arch" "$dir" ||
			die "could not build for $arch (above)"
	fi
}

# ---- the programs

# choose ARCH: sets $chosen; those that no such guest can run are named, with
# the reason
choose()
{
	local arch=$1 program reason all parts

	if [ ${#programs[@]} -gt 0 ]; then
		chosen=("${programs[@]}")
		return
	fi
	read -ra all <<<"$(make -s -C "$top/tests" list)"
	mapfile -t parts <"$stage/$arch/layer/sasser/tests/build/parts"
	chosen=()
	for program in userspace_cli.sh "${parts[@]}" "${all[@]}"; do
		if reason=$(grep "^$program	" "$top/tests/arch/left-out"); then
			echo "# $arch: left out: ${reason/	/, which }"
		else
			chosen+=("$program")
		fi
	done
}

# run_programs ARCH ROOT PROGRAM...: run.sh prints a line a program, "pass" or
# "FAIL", and below a failed one what it said
run_programs()
{
	local arch=$1 root=$2

	shift 2
	"$top/tests/vm/run.sh" --arch "$arch" --root "$root" --kernel "$arch" \
		--stage "$stage/$arch" --limit "$limit" --suite-limit 14400 \
		--logs "$logs/$arch" "$@" >"$logs/$arch.run"
	echo $? >"$logs/$arch.status"
}

run_all()
{
	local arch

	for arch in "${good[@]}"; do
		read -ra chosen <<<"${chosen_of[$arch]}"
		run_programs "$arch" "${root_of[$arch]}" "${chosen[@]}" &
	done
	wait
}

tally()
{
	local arch=$1 line wanted

	while IFS= read -r line; do
		case $line in
		pass\ *) result 0 "${line#pass }" ;;
		FAIL\ *) result 1 "${line#FAIL }" ;;
		*) printf '# %s\n' "$line" ;;
		esac
	done <"$logs/$arch.run"
	wanted=$(wc -w <<<"${chosen_of[$arch]}")
	[ "$(grep -cE "^pass $arch " "$logs/$arch.run")" -gt "$wanted" ] &&
		[ "$(cat "$logs/$arch.status")" = 0 ]
	result $? "$arch: all $wanted programs ran, and the kernel has no complaint"
}

echo "TAP version 13"
need_tools qemu-system-arm qemu-system-misc cpio kmod xz-utils procps
source_get
good=()
declare -A root_of chosen_of
for arch in "${archs[@]}"; do
	staged "$arch" "$stage/$arch"
	bad=0
	while read -r word number name; do
		case $word in
		ok) result 0 "$name" ;;
		not) bad=1; result 1 "${name#* }" ;;
		*) echo "$word $number $name" ;;
		esac
	done <"$stage/$arch/tap"
	[ $bad = 0 ] || continue
	choose "$arch"
	good+=("$arch")
	root_of[$arch]=$root chosen_of[$arch]=${chosen[*]}
done
if [ ${#good[@]} -gt 0 ]; then
	progress "running ${#chosen[@]} programs on ${good[*]}" run_all
	for arch in "${good[@]}"; do tally "$arch"; done
fi
echo "1..$n"
exit $failed
