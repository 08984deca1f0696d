# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced after net.sh: the member, a guest with the module, which has a line of
# its own to the test.

# member_start ROOT LAYER...: boots; member_ready waits for it
member_start()
{
	local root=$1 layer layers=()

	shift
	for layer; do layers+=(--layer "$layer"); done
	bound TERM "$top/tests/vm/boot.sh" --root "$root" "${layers[@]}" --kernel "$kver" \
		--netns "/proc/$hub_pid/ns/net" --tap member --tap line --smp 1 \
		--limit 900 --log "$logs/member" -- \
		/sasser/tests/vm/guest 900 gpo/guest >"$logs/member.out" 2>&1 &
	member_pid=$!
}

member_ready()
{
	until_true 120 member_is_up ||
		die "the member does not come up: $(cat "$logs/member.out")"
}

member_is_up()
{
	kill -0 "$member_pid" 2>/dev/null || die "the member ended: $(cat "$logs/member.out")"
	[ "$(m echo up 2>/dev/null)" = up ]
}

# m COMMAND...: a line of shell in the member, by the agent; prints what it said,
# on standard error, too
m()
{
	local said

	# shellcheck disable=SC2016
	said=$(hub timeout 120 bash -c '
		exec 3<>/dev/tcp/10.8.0.2/7 || exit
		printf "%s\n" "$1" >&3
		sed -u "/^@exit/q" <&3' m "$(printf %q "$*")" 2>&1)
	[[ $said =~ (.*)@exit\ ([0-9]+)$ ]] || {
		echo "the member does not answer: $said" >&2
		return 125
	}
	said=${BASH_REMATCH[1]}
	printf '%s' "$said"
	return "${BASH_REMATCH[2]}"
}

# It ends by itself, and has its kernel looked at.
member_end()
{
	m 'touch /run/end' >/dev/null
	wait "$member_pid"
}
