#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make demo: builds everything, boots a stock Debian kernel in an emulator and
# shows there what is blocked, what passes and what is counted. On the machine
# itself only tools are installed; the rest is under the cache (tests/vm).

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"
# shellcheck source=tests/vm/root.sh
. "$top/tests/vm/root.sh"
# shellcheck source=tests/vm/stage.sh
. "$top/tests/vm/stage.sh"

# In the guest standard output is always a serial line, so this decides.
[ -t 1 ] || export NO_COLOR=1

# Passes on what the guest prints; on a terminal a clock runs while it is
# silent for longer than two seconds.
pass_on()
{
	local line rest='' silent=0

	while :; do
		if IFS= read -r -t 1 line; then
			[ $silent -lt 2 ] || [ ! -t 2 ] || printf '\r\e[K' >&2
			printf '%s%s\n' "$rest" "$line"
			rest='' silent=0
		elif [ $? -gt 128 ]; then
			rest+=$line
			silent=$((silent + 1))
			[ $silent -lt 2 ] || [ ! -t 2 ] ||
				printf '\r... %d s ' $silent >&2
		else
			printf '%s%s' "$rest" "$line"
			return
		fi
	done
}

need_tools qemu-system-x86 cpio kmod xz-utils
root_get bookworm
source_get
stage "$tmp/stage" 6.1
say "booting Debian's kernel ${kvers[0]} in an emulator (about half a minute)"
"$top/tests/vm/boot.sh" --kernel 6.1 --root "$root" \
	--layer "$layer" --limit 900 -- bash /sasser/tests/demo_guest.sh |
	pass_on
