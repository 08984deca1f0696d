#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# help, the manual and the completion speak of the same commands and flags.
#
# SASSERCTL	the program (default: the one that is built in ../userspace), which
#		has the vendor's policies, and no others

cd "$(dirname "$0")" || exit 1
SASSERCTL=${SASSERCTL:-../userspace/sasserctl}
man=../userspace/man/sasserctl.8
count=0 failed=0

same()
{
	count=$((count + 1))
	if [ -n "$2" ] && [ "$2" = "$3" ]; then
		echo "ok $count $1"
	else
		failed=1
		echo "not ok $count $1"
		printf '# help: %s\n# there: %s\n' "$2" "$3"
	fi
}

sorted()
{
	tr ' ' '\n' | grep . | LC_ALL=C sort | tr '\n' ' '
}

# What the completion offers for the words given.
offered()
{
	# shellcheck disable=SC1091 # this tree's own file
	bash -c '. ../userspace/completion/sasserctl
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_sasserctl
		echo "${COMPREPLY[*]}"' - "$@" | sorted
}

# The line of the manual's section COMMANDS that begins with the command.
manual()
{
	sed -n '/^\.SH COMMANDS/,/^\.SH OPTIONS/p' $man |
		grep -A1 '^\.TP' | grep -E '^\.BR? ' | sed 's/\\-/-/g' |
		grep -E "^\.BR? $1( |$)"
}

commands=$("$SASSERCTL" help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p')
listed=$(sed -n '/^\.SH COMMANDS/,/^\.SH OPTIONS/p' $man | grep -A1 '^\.TP' |
	sed -n 's/^\.BR\{0,1\} \([a-z]\{1,\}\).*/\1/p')

echo "TAP version 13"
same "the manual lists the commands" "$(echo "$commands" | sorted)" \
	"$(echo "$listed" | sorted)"
same "the completion offers them" "$(echo "$commands" | sorted)" \
	"$(offered sasserctl '')"
same "and after help, too" "$(echo "$commands" | sorted)" \
	"$(offered sasserctl help '')"
for command in $commands; do
	flags=$("$SASSERCTL" help "$command" |
		sed -n '1,/^$/p' | grep -o -e '--[a-z-]*')
	same "the manual gives the flags of $command" \
		"$(echo "$command" "$flags" | sorted)" \
		"$(echo "$command" "$(manual "$command" |
			grep -o -e '--[a-z-]*')" | sorted)"
	same "the completion gives the flags of $command" \
		"$(echo "$command" "$flags" | sorted)" \
		"$(echo "$command" "$(offered sasserctl "$command" '' |
			grep -o -e '--[a-z-]*')" | sorted)"
done

# ---- names of policies
vendor="QUARANTINE SASSER SASSER-VARIANTS "
for words in enable "enable --observe" "policy show" "policy export" \
	"policy delete"; do
	# shellcheck disable=SC2086 # words
	same "the completion knows the policies after $words" "$vendor" \
		"$(offered "$SASSERCTL" $words '' | tr ' ' '\n' |
			grep '^[A-Z]' | tr '\n' ' ')"
done
same "it takes what is there of a name" "SASSER SASSER-VARIANTS " \
	"$(offered "$SASSERCTL" enable SAS)"
for words in "policy list" "policy import" policy disable status; do
	# shellcheck disable=SC2086 # words
	same "it offers none after $words" "$words" \
		"$words$(offered "$SASSERCTL" $words '' | grep -o SASSER)"
done
same "without the program it offers none, and says nothing" \
	"$(offered sasserctl enable -)" "$(offered ./nix enable '' 2>&1)"

for flag in $(for command in $commands; do
	"$SASSERCTL" help "$command" | grep -o -e '^  --[a-z-]*'
done | LC_ALL=C sort -u); do
	same "the manual explains $flag" "$flag" \
		"$(sed -n '/^\.SH OPTIONS/,/^\.SH JSON/s/^\.B //p' $man |
			sed 's/\\-/-/g' | grep -Fx -e "$flag")"
done
echo "1..$count"
exit $failed
