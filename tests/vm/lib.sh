# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016,SC2034
# Sourced by every script of the harness: messages, temporary files, the
# cache, the tools of this machine. Needs bash, root and Debian's apt.
#
# V=1        show everything that a step prints
# NOCACHE=1  build all anew in a cache of its own, which goes at the end

set -u -o pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
me=${0##*/}

say() { printf '%s\n' "$*" >&2; }

die()
{
	printf '%s: %s\n' "$me" "$*" >&2
	exit 1
}

[ "$(id -u)" = 0 ] ||
	die "needs root (mounts, chroot, apt-get): type: sudo make ${MAKECMDGOALS:-check}"

# What a script leaves behind goes at its end, newest first, whatever ends it.
exit_cmds=()

at_exit() { exit_cmds=("$*" "${exit_cmds[@]}"); }

descendants()
{
	local pid

	for pid in $(ps -o pid= --ppid "$1"); do
		printf '%s ' "$pid"
		descendants "$pid"
	done
}

run_exit_cmds()
{
	local rc=$? cmd

	trap '' INT TERM HUP
	# shellcheck disable=SC2046
	kill $(descendants $$) 2>/dev/null
	for cmd in "${exit_cmds[@]}"; do
		eval "$cmd"
	done
	exit "$rc"
}
trap run_exit_cmds EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

tmp=$(mktemp -d "${TMPDIR:-/tmp}/sasser.XXXXXX") || exit 1
at_exit 'rm -rf --one-file-system "$tmp"'

# progress WHAT COMMAND...: run it with its output in a file, shown only if it
# fails (or with V=1); what takes longer than two seconds says so.
progress()
{
	local what=$1 log start=$SECONDS pid said=0 rc=0

	shift
	if [ "${V:-0}" = 1 ]; then
		say "$what"
		"$@" >&2 </dev/null
		return
	fi
	log=$(mktemp "$tmp/log.XXXXXX")
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		if [ $((SECONDS - start)) -lt 2 ]; then
			sleep 0.2
			continue
		elif [ -t 2 ]; then
			printf '\r%s: %d s ' "$what" $((SECONDS - start)) >&2
		elif [ $said = 0 ]; then
			say "$what ..."
		fi
		said=1
		sleep 1
	done
	wait "$pid" || rc=$?
	if [ $said = 1 ] && [ -t 2 ]; then
		printf '\r%s: %d s\n' "$what" $((SECONDS - start)) >&2
	elif [ $said = 1 ]; then
		say "$what: $((SECONDS - start)) s"
	fi
	if [ $rc != 0 ]; then
		say "$me: failed with exit status $rc: $what"
		tail -n 60 "$log" >&2
	fi
	return $rc
}

# ---- what runs side by side

# on_cpu COMMAND...: start it once a place is free. There are as many as there are
# processors, for a script and all that it starts; a process has its place as long
# as it or a child lives. Who waits less between two looks comes first:
# SASSER_PATIENCE, in seconds.
on_cpu()
{
	local place cpu

	if [ -z "${SASSER_CPUS:-}" ]; then
		export SASSER_CPUS=$tmp/cpus
		mkdir "$SASSER_CPUS" && (cd "$SASSER_CPUS" && seq "$(nproc)" | xargs touch)
	fi
	while :; do
		for place in "$SASSER_CPUS"/*; do
			exec {cpu}<"$place"
			if flock -n "$cpu"; then
				"$@" &
				exec {cpu}<&-
				return
			fi
			exec {cpu}<&-
		done
		sleep "${SASSER_PATIENCE:-0.2}"
	done
}

# ---- the cache: one folder a thing, THING-KEY, and one lock for each thing

cache=${SASSER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sasser}
if [ "${NOCACHE:-0}" = 1 ] && [ -z "${SASSER_CACHE:-}" ]; then
	cache=$(mktemp -d "${TMPDIR:-/var/tmp}/sasser-cache.XXXXXX") || exit 1
	at_exit 'rm -rf --one-file-system "$cache"'
	export SASSER_CACHE=$cache
fi

# cache_get THING KEY BUILDER...: sets $entry to the folder THING-KEY, which
# `BUILDER... FOLDER` fills aside if it is not there yet. Folders of the same
# thing under other keys go, but those that a running script still uses: each
# user holds a shared lock on its folder as long as it or a child lives.
cache_get()
{
	local thing=$1 key=$2 lock old used

	shift 2
	entry=$cache/$thing-$key
	mkdir -p "$cache"
	exec {lock}>"$cache/lock.$thing"
	if ! flock -n "$lock"; then
		say "waiting for another script that makes $thing in $cache"
		flock "$lock"
	fi
	if [ ! -d "$entry" ]; then
		rm -rf --one-file-system "$cache/new.$thing"
		mkdir "$cache/new.$thing"
		"$@" "$cache/new.$thing" ||
			die "could not make $thing (above); nothing was cached"
		mv -T "$cache/new.$thing" "$entry"
	fi
	exec {used}<"$entry"
	flock -s "$used"
	for old in "$cache/$thing"-*; do
		[ "$old" != "$entry" ] || continue
		exec {used}<"$old"
		flock -n -x "$used" && rm -rf --one-file-system "$old"
		exec {used}<&-
	done
	exec {lock}>&-
}

# ---- this machine: tools, and where its apt finds Debian

debian_targets()
{
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' 2>/dev/null | sort -u
}

# apt_do COMMAND...: with fresh lists if it fails with those that are here
apt_do()
{
	"$@" || { apt-get -o DPkg::Lock::Timeout=600 update && "$@"; }
}

# Lists of Debian's packages, fetched if this machine never did.
debian_lists()
{
	[ -n "$(debian_targets)" ] ||
		progress "apt-get update" apt-get -o DPkg::Lock::Timeout=600 update ||
		die "apt-get update failed: is a mirror of Debian within reach?"
	[ -n "$(debian_targets)" ] ||
		die "apt knows no Debian archive here; add one to /etc/apt/sources.list"
}

# need_tools PACKAGE...: install what is missing; no service may start.
need_tools()
{
	local missing=() p guard=/usr/sbin/policy-rc.d

	for p; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
			missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	debian_lists
	say "installing on this machine: ${missing[*]}"
	if [ ! -e $guard ]; then
		at_exit "rm -f $guard"
		printf '#!/bin/sh\nexit 101\n' >$guard
		chmod 755 $guard
	fi
	progress "apt-get install" apt_do env DEBIAN_FRONTEND=noninteractive \
		apt-get -o DPkg::Lock::Timeout=600 install -y \
		--no-install-recommends "${missing[@]}" ||
		die "apt-get could not install: ${missing[*]}"
}
