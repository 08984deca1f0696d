# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced after lib.sh and root.sh: a copy of this tree, with whatever is not
# committed yet, compiled for guests.

# stage_tree DIR: copy what git knows or would know
stage_tree()
{
	mkdir -p "$1"
	if [ ! -e "$top/.git" ]; then
		tar -C "$top" -c --exclude ./tests/build . | tar -x -C "$1"
		return
	fi
	git -c safe.directory="$top" -C "$top" ls-files -z --cached \
		--others --exclude-standard |
		while IFS= read -r -d '' file; do
			[ ! -e "$top/$file" ] || printf '%s\0' "$file"
		done | tar -C "$top" -c --null -T - | tar -x -C "$1" --no-same-owner
}

# in_root LAYER COMMAND...: run it in the root, with the kernel's source parts
# and LAYER above; what it writes lands in LAYER, the root stays as it is.
in_root()
{
	local layer=$1

	shift
	mkdir -p "$layer" "$layer.work" "$layer.root"
	# shellcheck disable=SC2016
	unshare --mount --fork bash -euc '
		mount -t overlay -o "lowerdir=$1,upperdir=$2,workdir=$2.work" root "$2.root"
		cd "$2.root"
		mount -t proc proc proc
		mount -t tmpfs tmp tmp
		mount --bind /dev dev
		shift 2
		exec chroot . env -i ${V:+V="$V"} HOME=/root LANG=C.UTF-8 \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			"$@"' in_root "$linux_source:$root" "$layer" "$@"
}

# The newest kernel of each series in the root, or those that are named.
stage_kernels()
{
	local series

	for series; do
		find "$root/usr/lib/modules" -mindepth 1 -maxdepth 1 \
			-name "${series}[.+-]*" -printf '%f\n' | sort -V | tail -n 1
	done
}

# What runs in the root: stage_build KVER...
stage_build()
{
	cat <<-'EOF'
	set -eu
	cd /sasser
	make=${MAKE:-make}
	pids=
	for kver; do
		mkdir -p /tmp/$kver /usr/lib/modules/$kver/updates
		cp -r dkms.conf Kbuild Makefile kmod /tmp/$kver/
		(
			$make -C /tmp/$kver KVER=$kver module >/tmp/$kver.log 2>&1 ||
				{ cat /tmp/$kver.log; exit 1; }
			grep -i warning /tmp/$kver.log || :
			cp /tmp/$kver/nf_sasser.ko /usr/lib/modules/$kver/updates/
			depmod $kver
		) &
		pids="$pids $!"
	done
	$make -s userspace
	ln -sf /sasser/userspace/sasserctl /usr/sbin/sasserctl
	$make -s -C tests KSFT=/usr/src/linux-source/tools/testing/selftests \
		OUTPUT=/sasser/tests/build
	for pid in $pids; do wait $pid; done
	EOF
}

# stage DIR SERIES...: sets $layer to a folder that boot.sh lays over the root:
# the tree in /sasser, built, and the module where modprobe finds it.
stage()
{
	layer=$1/layer
	shift
	mkdir -p "$layer"
	stage_tree "$layer/sasser" || die "could not copy the tree"
	mapfile -t kvers < <(stage_kernels "$@")
	[ ${#kvers[@]} = $# ] || die "the root has no kernel for one of: $*"
	stage_build >"$tmp/stage_build"
	cp "$tmp/stage_build" "$layer/sasser/.stage_build"
	progress "building for ${kvers[*]}" in_root "$layer" \
		sh /sasser/.stage_build "${kvers[@]}" ||
		die "the tree does not build (above)"
}
