# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Sourced after lib.sh: the Debian system that guests run on (also the place
# where everything is compiled), and the parts of the kernel's source that
# the tests use.

root_packages=(
	# the kernels under test, and what builds a module for them
	linux-image-amd64 linux-headers-amd64
	linux-image-6.12-amd64 linux-headers-6.12-amd64
	dkms make gcc g++ libc6-dev pkg-config
	# a kernel of our own (debug.sh), and analysers
	flex bison bc libelf-dev libssl-dev clang clang-tidy clang-tools
	libclang-rt-14-dev coccinelle
	libnl-3-dev libnl-genl-3-dev libjson-c-dev libinih-dev libtdb-dev libmnl-dev
	# the guest itself
	busybox-static systemd-sysv udev kmod procps iproute2 iputils-ping
	ethtool netcat-openbsd socat curl jq file zstd
	# what the module is compared to, and what it must not break
	nftables iptables samba smbclient openssh-server
	# a Windows program under Wine
	wine64 gcc-mingw-w64-x86-64-win32
	# monitoring
	prometheus prometheus-node-exporter
	# for hosts that no Group Policy reaches
	ansible-core
	# the kernel's own netlink client, ynl
	python3-minimal python3-yaml python3-jsonschema
	# static checks
	sparse cppcheck shellcheck codespell man-db
)

# Sources of SUITE for apt, from the mirrors that this machine itself uses. Of
# another release, without what is not there for each of them; its Release file
# may be past its date.
root_sources()
{
	local suite=$1 host uri release component options=''

	# shellcheck disable=SC1091
	host=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-sid}")
	[ "$suite" = "$host" ] || options='[check-valid-until=no] '
	debian_targets | while read -r uri release component; do
		case $suite:$release in
		*:"$host") release=$suite ;;
		sid:*) continue ;;
		*:"$host"-security) release=$suite-security ;;
		"$host:$host"-updates) ;;
		*) continue ;;
		esac
		printf 'deb %s%s %s %s\n' "$options" "$uri" "$release" "$component"
	done | sort -u
}

# How this machine's apt reaches its mirrors (a proxy, say).
root_apt_options()
{
	apt-config dump --format '%F "%v";%n' |
		grep -iE '^Acquire::(https?::(proxy|timeout)|retries|forceipv4)' |
		sed 's/;$//; s/^/--aptopt=/'
}

root_build()
{
	local suite=$1 dir=$2 options=()

	mapfile -t options < <(root_apt_options)
	# No documentation, no initial RAM disks (boot.sh makes its own).
	root_sources "$suite" | INITRD=No mmdebstrap --mode=root \
		--variant=apt --format=directory "${options[@]}" \
		--aptopt='Acquire::Languages "none"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt=path-exclude='/usr/share/doc/*' \
		--dpkgopt=path-exclude='/usr/share/man/*' \
		--dpkgopt=path-exclude='/usr/share/info/*' \
		--dpkgopt=path-exclude='/usr/share/locale/*' \
		--dpkgopt=path-exclude='/usr/share/javascript/*' \
		--dpkgopt=path-exclude='/usr/share/iso-codes/*' \
		--include="$(IFS=,; printf '%s' "${root_packages[*]}")" \
		--customize-hook="$top/tests/vm/customize.sh \"\$1\"" \
		"$suite" "$dir" -
}

# root_get: sets $root to the Debian root, built if the cache has none for the
# versions that apt offers now.
root_get()
{
	local suite=${1:-bookworm} key

	need_tools mmdebstrap
	debian_lists
	key=$( (
		apt-cache policy "${root_packages[@]}" |
			grep -E '^[^ ]|Candidate:'
		declare -f root_build
		cat "$top/tests/vm/customize.sh"
	) | sha256sum | cut -c 1-16)
	cache_get "root-$suite" "$key" \
		progress "building a Debian $suite root (about 3 minutes)" \
		root_build "$suite"
	root=$entry
}

source_paths=(
	tools/testing/selftests/kselftest.h
	tools/testing/selftests/kselftest_harness.h
	tools/testing/selftests/kselftest/ktap_helpers.sh
	tools/testing/selftests/lib.mk
	tools/net/ynl
	Documentation/netlink
	scripts/checkpatch.pl scripts/spelling.txt
	scripts/const_structs.checkpatch
	scripts/coccinelle
)

source_build()
{
	local pkg=$1 dir=$2

	(
		cd "$tmp" &&
			apt_do apt-get download "$pkg" &&
			mkdir -p "$dir/usr/src/linux-source" &&
			dpkg-deb --fsys-tarfile "$pkg"_*.deb |
			tar -xO --wildcards "./usr/src/$pkg.tar.xz" |
			xz -dc -T0 |
			tar -x -C "$dir/usr/src/linux-source" \
				--strip-components=1 --no-same-owner \
				"${source_paths[@]/#/$pkg/}" &&
			rm -f "$pkg"_*.deb
	)
}

# source_get: sets $linux_source to a folder that has those parts of Debian's
# linux-source under usr/src/linux-source (it is also a layer for guests).
source_get()
{
	local pkg=linux-source-6.12 key

	debian_lists
	key=$( (
		apt-cache policy $pkg | grep Candidate:
		printf '%s\n' "${source_paths[@]}"
	) | sha256sum | cut -c 1-16)
	cache_get linux-source "$key" \
		progress "fetching the kernel's test headers and netlink client" \
		source_build $pkg
	linux_source=$entry
}
