# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Sourced after vm/lib.sh, vm/root.sh and vm/stage.sh: the Debian systems of the
# domain controller and the member, apart from the main root, which most guests
# use and which would grow by them.

gpo_packages=(
	# the provision and the modules of a controller are mere recommendations
	samba samba-ad-provision samba-dsdb-modules samba-vfs-modules
	winbind python3-samba samba-common-bin smbclient ldb-tools
	# samba-gpupdate ends with a traceback without the second
	python3-dnspython python3-cryptography
	# the guest itself, and what sasserctl is linked with
	busybox-static systemd-sysv udev kmod procps iproute2 socat jq
	libnl-3-200 libnl-genl-3-200 libjson-c5 libinih1 libtdb1
)

# The member's kernel is the main root's.
gpo_build()
{
	local kver modules=$2/usr/lib/modules

	root_packages=("${gpo_packages[@]}")
	# a metapackage in bookworm, the controller itself since
	[ "$1" = bookworm ] || root_packages+=(samba-ad-dc)
	root_build "$1" "$2" || return
	kernel_get 6.1
	mkdir -p "$modules" &&
		cp -al "$root/boot"/vmlinu[xz]-"$kver" "$2/boot/" &&
		cp -al "$root/usr/lib/modules/$kver" "$modules/"
}

gpo_policy()
{
	if [ "$1" = bookworm ]; then
		apt-cache policy "${gpo_packages[@]}"
	else
		suite_apt "$1" apt-cache policy "${gpo_packages[@]}"
	fi
}

# gpo_get SUITE: sets $entry to that root; $root is the main one
gpo_get()
{
	local suite=$1 key

	need_tools mmdebstrap
	debian_lists
	[ "$suite" = bookworm ] ||
		progress "looking at Debian $suite" suite_lists "$suite" ||
		die "apt finds no Debian $suite: is it on the mirror that this machine uses?"
	key=$( (
		gpo_policy "$suite" | grep -E '^[^ ]|Candidate:'
		declare -f root_build gpo_build
		kernel_get 6.1
		printf '%s\n' "$kver"
		cat "$top/tests/vm/customize.sh"
	) | sha256sum | cut -c 1-16)
	cache_get "gpo-$suite" "$key" \
		progress "building a Debian $suite root with Samba (about 1 minute)" \
		gpo_build "$suite"
}
