#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What sasserctl says and returns where nothing is changed. Needs no module.
#
# SASSERCTL	the program (default: the one that is built in ../userspace)

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/userspace_tap.sh
. ./userspace_tap.sh
SASSERCTL=${SASSERCTL:-../userspace/sasserctl}
out=$(mktemp) err=$(mktemp)
trap 'rm -f "$out" "$err"' EXIT

run()
{
	"$SASSERCTL" "$@" >"$out" 2>"$err"
	status=$?
}

# A refusal: its status, nothing on standard output, and the reason.
refused()
{
	local want=$1 why=$2

	shift 2
	run "$@"
	[ "$status" = "$want" ] && [ ! -s "$out" ] && grep -qF -e "$why" "$err"
	result $? "refused with $want: sasserctl $*"
}

answered()
{
	local want=$1 what=$2

	shift 2
	run "$@"
	[ "$status" = "$want" ] && grep -qF -e "$what" "$out"
	result $? "answered with $want: sasserctl $*"
}

echo "TAP version 13"
refused 2 'no command "nix"' nix
refused 2 'no command ""' ''
refused 2 'no command "nix"' help nix
refused 2 '--confirm "5x" is not a time' enable --confirm 5x
refused 2 '--confirm "5" is not a time' enable --confirm 5
refused 2 '--confirm "" is not a time' enable --confirm ''
refused 2 '--confirm "0s" is not a time' enable --confirm 0s
refused 2 '--confirm "-1s" is not a time' enable --confirm=-1s
refused 2 '--confirm "25h" is not a time' enable --confirm 25h
refused 2 '--confirm "86401s" is not a time' enable --confirm 86401s
refused 2 '--confirm "99999999999999999999s"' enable --confirm 99999999999999999999s
refused 2 '--confirm needs TIME' enable --confirm
refused 2 '--origin "vendor" is not local or domain' enable --origin vendor
refused 2 '--origin needs local|domain' disable --origin
refused 2 '--format "xml" is not ini, nft or netsh' policy export SASSER --format xml
refused 2 'does not take --confirm' disable --confirm 5m
refused 2 'does not take --dry-run' disable --dry-run
refused 2 'does not take --everywhere' enable --everywhere
refused 2 'does not take --replace' enable --replace
refused 2 'does not take the argument "X"' confirm X
refused 2 'domain takes "set" or "clear"' domain
refused 2 'not "leave"' domain leave
refused 2 'does not take the argument "X"' domain clear X
refused 2 'does not take the argument "X"' enable SASSER X
refused 2 'does not take the argument "X"' disable X
refused 2 'does not take --force' confirm --force
refused 2 'does not take --json' metrics --json
refused 2 'does not take -x' status -x
refused 2 'does not take --nix' --nix
refused 1 'no policy "NIMDA"; there is: ' enable NIMDA
refused 1 'no policy "NIMDA"; there is: ' enable --dry-run NIMDA

answered 0 'Usage: sasserctl [COMMAND]' help
answered 0 'Usage: sasserctl [COMMAND]' --help
answered 0 'Usage: sasserctl [COMMAND]' -h
answered 0 'Usage: sasserctl enable [POLICY]' help enable
answered 0 'Usage: sasserctl enable [POLICY]' enable --help
answered 0 'sasserctl ' version

if [ -d /sys/module/nf_sasser ]; then
	echo "# the module is loaded: what holds without it is not tried"
else
	answered 4 'the module nf_sasser is not loaded'
	answered 4 'the module nf_sasser is not loaded' status
	answered 4 '"loaded": false' status --json
	answered 4 '"loaded": false' --json
	answered 1 'sasser_up 0' metrics
	refused 1 'not loaded' counters
	refused 1 'not loaded' counters --json
	refused 1 'not loaded' monitor
	# In a namespace of its own, where it changes nothing of the host's.
	as=-n
	[ "$(id -u)" = 0 ] || as=-rn
	unshare $as "$SASSERCTL" disable --runtime --force >"$out" 2>"$err" &&
		grep -q 'the next reboot goes by them' "$out" &&
		grep -q 'refresh, unless a guard refuses it' "$out"
	result $? "an emergency's end: a reboot, or a refresh that is not refused"
	if [ "$(id -u)" != 0 ]; then
		for command in enable "enable --dry-run" disable confirm \
			refresh "refresh --force" reset "domain set" \
			"domain clear"; do
			# shellcheck disable=SC2086 # words
			refused 1 CAP_NET_ADMIN $command
		done
	fi
fi

"$SASSERCTL" help >/dev/full 2>"$err"
[ $? = 1 ] && grep -q 'cannot write' "$err"
result $? "a full disk is no success"

echo "1..$count"
exit $failed
