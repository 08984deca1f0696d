# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced after lib.sh and root.sh: a copy of this tree, with whatever is not
# committed yet, compiled for guests.

# shellcheck source=tests/vm/kernels.sh
. "$top/tests/vm/kernels.sh"

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

# in_overlay LOWER UPPER COMMAND...: run it in LOWER (folders with colons between
# them, the topmost first); what it writes lands in UPPER. SHARED=DIR: /shared there.
in_overlay()
{
	local lower=$1 upper=$2

	shift 2
	mkdir -p "$upper" "$upper.work" "$upper.root"
	# shellcheck disable=SC2016
	unshare --mount --fork bash -euc '
		mount -t overlay -o "lowerdir=$1,upperdir=$2,workdir=$2.work" root "$2.root"
		cd "$2.root"
		mount -t proc proc proc
		mount -t tmpfs tmp tmp
		mount --bind /dev dev
		if [ -n "${SHARED:-}" ]; then
			mkdir -p shared
			mount --bind "$SHARED" shared
		fi
		shift 2
		exec chroot . env -i ${V:+V="$V"} HOME=/root LANG=C.UTF-8 \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			"$@"' in_overlay "$lower" "$upper" "$@"
}

# in_root LAYER COMMAND...: in the main root, with the kernel's source parts
in_root()
{
	local layer=$1

	shift
	in_overlay "$linux_source:$root" "$layer" "$@"
}

# What builds the tool and the tests, in the main root.
stage_build()
{
	cat <<-'EOF'
	set -eu
	cd /sasser
	make=${MAKE:-make}
	$make -s -j "$(nproc)" userspace
	ln -sf /sasser/userspace/sasserctl /usr/sbin/sasserctl
	install -d /usr/lib/sasser/policy.d
	install -m 0644 userspace/policy.d/*.conf /usr/lib/sasser/policy.d/
	$make -s -j "$(nproc)" -C tests KSFT=/usr/src/linux-source/tools/testing/selftests \
		OUTPUT=/sasser/tests/build
	EOF
}

# What builds the module for a Debian kernel, by DKMS, in that release's root:
# every warning is an error. Arguments: kernel, version of sasser.
stage_dkms()
{
	cat <<-'EOF'
	set -eu
	export KBUILD_EXTRA_WARN=1 KCFLAGS=-Werror
	dkms add -m sasser -v $2
	dkms build -m sasser -v $2 -k $1 || {
		cat /var/lib/dkms/sasser/$2/build/make.log
		exit 1
	}
	dkms install -m sasser -v $2 -k $1
	test -n "$(find /lib/modules/$1/updates -name 'nf_sasser.ko*')"
	EOF
}

# For a kernel of our own: instrumented, if it has what that needs. The
# objects stay, because gcov reads them.
stage_own()
{
	cat <<-'EOF'
	set -eu
	cd /usr/src/sasser-own
	flags=
	if grep -q ^CONFIG_GCOV_KERNEL=y /lib/modules/$1/build/.config; then
		flags="GCOV_PROFILE=y KCOV_INSTRUMENT=y UBSAN_SANITIZE=y"
	fi
	make KVER=$1 KCFLAGS="-g -Werror" $flags module
	mkdir -p /usr/lib/modules/$1/updates
	cp nf_sasser.ko /usr/lib/modules/$1/updates/
	depmod $1
	EOF
}

# stage_module DIR NAME: into DIR/layer, from DIR/layer/sasser
stage_module()
{
	local layer=$1/layer name=$2 work=$tmp/module-$2 version

	version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")
	case $name in
	debug | kcsan)
		# apart from the tree, to which two kernels' objects can't belong
		mkdir -p "$work/usr/src/sasser-own"
		cp -r "$layer/sasser"/{dkms.conf,Kbuild,Makefile,kmod} \
			"$work/usr/src/sasser-own/"
		stage_own >"$work/build.sh"
		in_overlay "$kernel_layer:$root" "$work" \
			sh /build.sh "$kver" || return
		mkdir -p "$1/$name" && cp -r "$work/usr/src/sasser-own" "$1/$name/"
		;;
	*)
		mkdir -p "$work/usr/src/sasser-$version"
		cp -r "$layer/sasser"/{dkms.conf,Kbuild,kmod} \
			"$work/usr/src/sasser-$version/"
		stage_dkms >"$work/build.sh"
		in_overlay "$kernel_root" "$work" \
			sh /build.sh "$kver" "$version" || return
		;;
	esac
	mkdir -p "$layer/usr/lib/modules"
	if [ -d "$work/usr/lib/modules" ]; then
		cp -r "$work/usr/lib/modules/$kver" "$layer/usr/lib/modules/"
	else
		cp -r "$work/lib/modules/$kver" "$layer/usr/lib/modules/"
	fi
	# 6.12 is under way, too, where 6.1 ends
	rm -rf --one-file-system "$work" "$work.work" "$work.root"
}

# stage DIR KERNEL...: sets $kvers, and $layer to a folder that boot.sh lays over the root:
# the tree in /sasser, built, and the module where modprobe finds it, for each
# of these kernels (kernels.sh). DIR/kernels lists them: name, version and what
# else boot.sh has to lay over the root. Adds to what DIR has.
stage()
{
	local dir=$1 name building=() new=()

	layer=$dir/layer
	shift
	if [ ! -d "$layer/sasser" ]; then
		mkdir -p "$layer"
		stage_tree "$layer/sasser" || die "could not copy the tree"
		stage_build >"$layer/sasser/.stage_build"
		progress "building sasserctl and the tests" \
			in_root "$layer" sh /sasser/.stage_build ||
			die "the tree does not build (above)"
		: >"$dir/kernels"
	fi
	for name; do
		! grep -q "^$name " "$dir/kernels" || continue
		kernel_get "$name"
		on_cpu progress "building the module for $kver" stage_module "$dir" "$name"
		building+=($!)
		new+=("$name $kver $kernel_layer")
	done
	for name in "${!building[@]}"; do
		wait "${building[name]}" ||
			die "a module does not build (above): ${new[name]}"
		printf '%s\n' "${new[name]}" >>"$dir/kernels"
	done
	kvers=()
	for name; do
		staged_kernel "$dir" "$name"
		kvers+=("$kver")
	done
}

# staged_kernel DIR NAME: sets $kver and $kernel_layer
staged_kernel()
{
	read -r _ kver kernel_layer < <(grep "^$2 " "$1/kernels")
	[ -n "${kver:-}" ] || die "nothing was built for kernel $2"
}
