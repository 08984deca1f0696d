#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Arguments that try to be a line, a quote or a command to the terminal, and
# command lines that no shell would make. Needs no module.
#
# SASSERCTL	the program (default: the one that is built in ../userspace)

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/userspace_tap.sh
. ./userspace_tap.sh
SASSERCTL=${SASSERCTL:-../userspace/sasserctl}
out=$(mktemp) err=$(mktemp)
trap 'rm -f "$out" "$err"' EXIT

# says WANTED-STATUS TEXT NAME ARGUMENT...: one line with TEXT on standard
# error, all of it printable, and nothing on standard output
says()
{
	local want=$1 text=$2 name=$3

	shift 3
	"$SASSERCTL" "$@" >"$out" 2>"$err"
	[ $? = "$want" ] && [ ! -s "$out" ] && [ "$(wc -l <"$err")" = 1 ] &&
		[ "$(wc -c <"$err")" -lt 400 ] && grep -qF -e "$text" "$err" &&
		! LC_ALL=C grep -q '[^ -~]' "$err"
	result $? "$name"
}

# Each text, and what is shown of it.
texts=(
	$'a\nsasserctl: SASSER is in force' 'a\x0asasserctl: SASSER is in force'
	$'\e]0;title\a' '\x1b]0;title\x07'
	$'\e[2J' '\x1b[2J'
	$'a\rsasserctl: done' 'a\x0dsasserctl: done'
	$'a"b' 'a\"b'
	$'a\\b' 'a\\b'
	$'\xc2\x9b31m' '\xc2\x9b31m'
	$'\xff\xfe' '\xff\xfe'
	'%s%n%99999999d' '%s%n%99999999d'
	"$(printf '%0100000d' 0)" '0000...'
)

echo "TAP version 13"
for ((i = 0; i < ${#texts[@]}; i += 2)); do
	text=${texts[i]} shown=${texts[i + 1]}
	says 2 "there is no command \"${shown%0000...}" "text $i as a command" "$text"
	says 2 "$shown" "text $i as a command to explain" help "$text"
	says 2 "$shown" "text $i as an argument" status "$text"
	says 2 "$shown" "text $i as an option" status "--$text"
	says 1 "$shown" "text $i as a policy" enable "$text"
done

# Letters in one word: the one that is wrong is named.
says 2 'does not take -x.' "the first of two letters" status -xy
says 2 'does not take -y.' "the second of them" status --json -yx
says 2 'does not take -\xff.' "a letter that is none" status $'-\xff'
says 2 'does not take --json=1.' "an option with a value" status --json=1
says 2 'does not take --help=1.' "help with a value" status --help=1

# A caller's environment is the caller's: nothing of it is printed.
TERM=$'\e[2J' NO_COLOR='' SUDO_UID=$'1\n2' LC_ALL=$'\e[2J' \
	"$SASSERCTL" help >"$out" 2>"$err" &&
	[ ! -s "$err" ] && ! LC_ALL=C grep -q '[^ -~]' "$out"
result $? "the environment is not printed"

echo "1..$count"
exit $failed
