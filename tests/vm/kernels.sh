# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by stage.sh: the kernels that guests boot.
#	6.1, 6.12            Debian bookworm's
#	bullseye trixie sid  the kernel of that release, our module built there
#	debug, kcsan         made from bookworm's linux-source, with sanitizers
# kernel_get NAME sets $kver, and $kernel_layer to what boot.sh lays over the
# root for it (empty for those of the root itself).

small_packages=(
	linux-image-amd64 linux-headers-amd64
	dkms make gcc libc6-dev kmod file xz-utils zstd
)

# apt's options to look at the packages of another release than this machine's
suite_apt()
{
	local suite=$1 dir=$tmp/apt-$1

	shift
	"$@" -o Dir::Etc::sourcelist="$dir/sources.list" \
		-o Dir::Etc::sourceparts=- -o Dir::State::lists="$dir/lists" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
		-o Dir::State::status=/dev/null \
		-o Acquire::Check-Valid-Until=false -o Acquire::Languages=none
}

suite_lists()
{
	local suite=$1 dir=$tmp/apt-$1

	[ ! -d "$dir" ] || return 0
	mkdir -p "$dir/lists/partial"
	root_sources "$suite" >"$dir/sources.list"
	suite_apt "$suite" apt-get update
}

# suite_build SUITE DIR: DIR/root is where the module is built, DIR/layer has
# the kernel and its modules alone
suite_build()
{
	local suite=$1 dir=$2 kver modules

	mkdir "$dir/root" "$dir/layer" || return
	root_packages=("${small_packages[@]}")
	root_build "$suite" "$dir/root" || return
	for modules in "$dir"/root/{usr/lib,lib}/modules; do
		[ ! -d "$modules" ] || break
	done
	kver=$(find "$modules" -mindepth 1 -maxdepth 1 -printf '%f\n' |
		sort -V | tail -n 1)
	[ -n "$kver" ] || return
	mkdir -p "$dir/layer/boot" "$dir/layer/usr/lib/modules" &&
		cp -al "$dir/root/boot"/vmlinu[xz]-"$kver" "$dir/layer/boot/" &&
		cp -al "$modules/$kver" "$dir/layer/usr/lib/modules/" &&
		ln -s usr/lib "$dir/layer/lib" &&
		printf '%s\n' "$kver" >"$dir/kver"
}

suite_get()
{
	local suite=$1 key

	need_tools mmdebstrap
	debian_lists
	progress "looking at Debian $suite" suite_lists "$suite" ||
		die "apt finds no Debian $suite: is it on the mirror that this machine uses?"
	key=$( (
		suite_apt "$suite" apt-cache policy "${small_packages[@]}" |
			grep -E '^[^ ]|Candidate:'
		declare -f root_build suite_build
		cat "$top/tests/vm/customize.sh"
	) | sha256sum | cut -c 1-16)
	cache_get "suite-$suite" "$key" \
		progress "building a small Debian $suite root (about 1 minute)" \
		suite_build "$suite"
}

# What runs in bookworm's root: own_script KIND. Every option that a fragment
# asks for has to be there in the end: Kconfig drops in silence what it can't
# have, and a detector that is not there finds nothing.
own_script()
{
	cat <<-'EOF'
	set -eu
	kind=$1
	tree=/usr/src/kernel
	cd $tree
	make -s x86_64_defconfig
	scripts/kconfig/merge_config.sh -m .config /config/base.config \
		/config/$kind.config >/dev/null
	make -s olddefconfig
	make -s mod2yesconfig
	missing=$(cat /config/base.config /config/$kind.config |
		sed -n 's/^# \(CONFIG_[A-Z0-9_]*\) is not set$/\1=n/p;t; /^CONFIG_/p' |
		while IFS= read -r line; do
			case $line in
			*=n) ! grep -q "^${line%=n}=" .config || echo "$line" ;;
			*) grep -qxF -- "$line" .config || echo "$line" ;;
			esac
		done)
	if [ -n "$missing" ]; then
		echo "The kernel can't have: $missing" >&2
		exit 1
	fi
	# of a kernel that looks for data races, only our module is looked at
	make -s -j"$(nproc)" KCSAN_SANITIZE=n bzImage modules
	kver=$(make -s kernelrelease)
	out=/out/usr/src/linux-headers-$kver
	mkdir -p /out/boot /out/usr/lib/modules/$kver $out
	ln -s usr/lib /out/lib
	cp arch/x86/boot/bzImage /out/boot/vmlinuz-$kver
	cp modules.order modules.builtin modules.builtin.modinfo \
		/out/usr/lib/modules/$kver/
	depmod -b /out $kver
	ln -s /usr/src/linux-headers-$kver /out/usr/lib/modules/$kver/build
	# what Debian's linux-headers have, too
	{
		find . arch/x86 -maxdepth 1 -name 'Makefile*'
		find include scripts arch/x86/include -type f -o -type l
		find arch/x86 -name module.lds -o -name Kbuild.platforms -o -name Platform
		find tools/objtool -type f -name objtool
		echo .config
		echo Module.symvers
	} | grep -v '\.o$' | tar -c -T - | tar -x -C $out
	echo $kver >/out/kver
	EOF
}

own_build()
{
	local kind=$1 pkg=$2 dir=$3 layer=$tmp/own-$1 free

	# the tree and its objects, aside in $tmp until the kernel is built
	free=$(df --output=avail -BM "$tmp" | tr -dc '0-9\n' | tail -n 1)
	if [ "$free" -lt 6000 ]; then
		echo "A kernel of our own needs 6,000 MB in ${TMPDIR:-/tmp}, which has $free."
		echo "Make room, or name another folder: TMPDIR=DIR"
		return 1
	fi
	mkdir -p "$layer/usr/src/kernel" "$layer/config"
	cp "$top"/tests/vm/config/*.config "$layer/config/"
	own_script >"$layer/own.sh"
	(cd "$tmp" && apt_do apt-get download "$pkg") &&
		dpkg-deb --fsys-tarfile "$tmp/$pkg"_*.deb |
		tar -xO --wildcards "./usr/src/$pkg.tar.xz" |
			xz -dc -T0 |
			tar -x -C "$layer/usr/src/kernel" --strip-components=1 \
				--no-same-owner &&
		in_root "$layer" sh /own.sh "$kind" &&
		find "$layer/out" -mindepth 1 -maxdepth 1 -exec mv -t "$dir" {} +
	set -- $?
	rm -rf --one-file-system "$layer" "$tmp/$pkg"_*.deb
	return "$1"
}

own_get()
{
	local kind=$1 pkg=linux-source-6.1 key

	debian_lists
	key=$( (
		apt-cache policy $pkg gcc | grep Candidate:
		declare -f own_script own_build
		cat "$top/tests/vm/config"/{base,"$kind"}.config
	) | sha256sum | cut -c 1-16)
	cache_get "kernel-$kind" "$key" \
		progress "building a kernel for $kind (about 8 minutes)" \
		own_build "$kind" "$pkg"
}

kernel_get()
{
	kernel_layer=''
	case $1 in
	bullseye | trixie | sid)
		suite_get "$1"
		kernel_layer=$entry/layer
		kernel_root=$entry/root
		kver=$(cat "$entry/kver")
		;;
	debug | kcsan)
		own_get "$1"
		kernel_layer=$entry
		kernel_root=$root
		kver=$(cat "$entry/kver")
		;;
	*)
		kernel_root=$root
		kver=$(find "$root/usr/lib/modules" -mindepth 1 -maxdepth 1 \
			-name "${1}[.+-]*" -printf '%f\n' | sort -V | tail -n 1)
		[ -n "$kver" ] || die "there is no kernel $1"
		;;
	esac
}
