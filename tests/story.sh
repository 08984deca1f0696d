#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The story of a policy over three reboots, on a Debian that systemd runs:
# imported, enabled, overruled by the domain, back, and gone; and the domain's
# again, with its file broken. Prints TAP.
#	story.sh --stage DIR [KERNEL]    (of vm/run.sh)

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"
# shellcheck source=tests/vm/root.sh
. "$top/tests/vm/root.sh"

[ "${1:-}" = --stage ] || die "usage: story.sh --stage DIR [KERNEL]"
layer=$2/layer
kernel=${3:-6.1}
logs=${LOGS:-$tmp}/story
root_get bookworm
need_tools e2fsprogs

truncate -s 2G "$tmp/disk"
mkfs.ext4 -q "$tmp/disk" || die "could not make a file system"
for chapter in assign reboot broken after; do
	"$top/tests/vm/boot.sh" --root "$root" --layer "$layer" \
		--kernel "$kernel" --systemd --smp 1 --disk "$tmp/disk" \
		--limit 600 --log "$logs/$chapter" -- \
		/sasser/tests/story_guest.sh $chapter
	rc=$?
	[ $rc = 0 ] && continue
	echo "not ok $kernel: story_guest.sh $chapter ended with $rc"
	sed 's/^/# /' "$logs/$chapter/console" | tail -n 20
	exit 1
done
