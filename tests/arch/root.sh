# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Sourced after vm/lib.sh and vm/root.sh: Debian roots of other architectures,
# and the root whose compilers make programs for them.

# What guests need, as in vm/root.sh, without what is written only for x86
# (Wine) or nothing without maintainer scripts (systemd's units); headers of
# the kernel and libraries to build against; a compiler for ynl.sh, which reads
# a header with it. The essential packages are named, since nothing is
# implied here.
arch_packages=(
	linux-image-@ARCH@ linux-headers-@ARCH@
	libc6-dev libnl-3-dev libnl-genl-3-dev libjson-c-dev libinih-dev
	libtdb-dev libmnl-dev gcc make
	base-files base-passwd bash coreutils dash debianutils diffutils
	findutils grep gzip hostname libc-bin login mawk mount passwd sed tar
	util-linux xz-utils
	busybox-static udev kmod procps iproute2 iputils-ping ethtool
	netcat-openbsd socat curl jq file zstd
	nftables iptables samba smbclient
	prometheus python3-minimal python3-yaml python3-jsonschema
)

cross_packages=(
	make gcc libc6-dev pkg-config kmod sparse linux-headers-amd64
	gcc-aarch64-linux-gnu gcc-s390x-linux-gnu
)

# arch_key FILE PACKAGE...: what a root is made of follows the versions that apt
# offers this machine. It knows no other architecture, but sources are one for
# all of them.
arch_key()
{
	local file=$1

	shift
	(
		apt-cache policy "${@/@ARCH@/amd64}" |
			grep -E '^[^ ]|Candidate:'
		declare -f arch_build cross_build
		cat "$file"
	) | sha256sum | cut -c 1-16
}

# No program of it can run here, so the packages are unpacked, no more;
# configure.sh does what is left.
arch_build()
{
	local arch=$1 dir=$2 options=()

	mapfile -t options < <(root_apt_options)
	# shellcheck disable=SC2016 # mmdebstrap's shell expands $1
	root_sources bookworm | mmdebstrap --mode=root --variant=extract \
		--architectures="$arch" --format=directory "${options[@]}" \
		--aptopt='Acquire::Languages "none"' \
		--setup-hook='mkdir -p "$1"/usr/bin "$1"/usr/sbin "$1"/usr/lib' \
		--setup-hook='ln -s usr/bin usr/sbin usr/lib "$1"' \
		--include="$(IFS=,; printf '%s' "${arch_packages[*]/@ARCH@/$arch}")" \
		bookworm "$dir" - &&
		"$top/tests/arch/configure.sh" "$dir"
}

cross_build()
{
	local dir=$1 options=()

	mapfile -t options < <(root_apt_options)
	root_sources bookworm | mmdebstrap --mode=root --variant=apt \
		--architectures=amd64 --format=directory "${options[@]}" \
		--aptopt='Acquire::Languages "none"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt=path-exclude='/usr/share/doc/*' \
		--dpkgopt=path-exclude='/usr/share/man/*' \
		--dpkgopt=path-exclude='/usr/share/locale/*' \
		--include="$(IFS=,; printf '%s' "${cross_packages[*]}")" \
		bookworm "$dir" -
}

# arch_root_get ARCH: sets $root
arch_root_get()
{
	need_tools mmdebstrap kmod
	debian_lists
	cache_get "root-$1" \
		"$(arch_key "$top/tests/arch/configure.sh" "${arch_packages[@]}")" \
		progress "unpacking a Debian root for $1 (about 1 minute)" \
		arch_build "$1"
	root=$entry
}

# cross_get: sets $cross
cross_get()
{
	need_tools mmdebstrap
	debian_lists
	cache_get root-cross "$(arch_key /dev/null "${cross_packages[@]}")" \
		progress "building a root with cross compilers (about 2 minutes)" \
		cross_build
	cross=$entry
}
