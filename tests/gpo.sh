#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Group Policy, end to end: a domain controller of Debian's Samba, a member with
# the module, and a peer that knocks at its share. What the domain says is changed
# as an administrator does it; the member says what its kernel has. Prints TAP.
#	gpo.sh --stage DIR [SUITE]    (of vm/run.sh; the controller is that release's,
#	                              bookworm's or trixie's, the member the other's)

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/vm/lib.sh"
# shellcheck source=tests/vm/root.sh
. "$top/tests/vm/root.sh"
# shellcheck source=tests/vm/stage.sh
. "$top/tests/vm/stage.sh"
# shellcheck source=tests/gpo/root.sh
. "$top/tests/gpo/root.sh"
# shellcheck source=tests/gpo/net.sh
. "$top/tests/gpo/net.sh"
# shellcheck source=tests/gpo/dc.sh
. "$top/tests/gpo/dc.sh"
# shellcheck source=tests/gpo/member.sh
. "$top/tests/gpo/member.sh"
# shellcheck source=tests/gpo/look.sh
. "$top/tests/gpo/look.sh"

[ "${1:-}" = --stage ] || die "usage: gpo.sh --stage DIR [bookworm|trixie]"
suite=${3:-bookworm}
case $suite in
bookworm) other=trixie ;;
trixie) other=bookworm ;;
*) die "no such release: $suite" ;;
esac
staged_kernel "$2" 6.1
layer=$2/layer
logs=${LOGS:-$tmp}/gpo-$suite
mkdir -p "$logs"
root_get bookworm
gpo_get "$other"
member=$entry
gpo_get "$suite"
controller=$entry
# what an administrator installs, which the stage has but for the files
in_overlay "$layer:$root" "$tmp/install" make -s -C /sasser/userspace install \
	DESTDIR=/sasser/installed >"$logs/install" 2>&1 ||
	die "could not install: $(cat "$logs/install")"
installed=$tmp/install/sasser/installed

# ---- the story

password_of=(-U "Administrator%$password")
local_policy="HARBOUR of local"

# assigns [POLICY]: what the GPO says. The member's own server is to be blocked.
assigns() { gpo_write "$gpo" Assigned=dword:1 Force=dword:1 "PolicyName=${1:-SASSER}"; }

not_joined()
{
	m 'sasserctl policy import /tmp/harbour.conf && sasserctl enable HARBOUR' >/dev/null
	stands "not joined: the local policy" "$local_policy" open
	refresh
	is "a refresh fails" $? 1
	says "register works before the join" "$(m sasserctl gpo register)" "from the next refresh on"
	stands "and nothing is assigned by it" "$local_policy" open
}

joined()
{
	m net ads join --no-dns-updates "${password_of[@]}" >"$logs/join" 2>&1 ||
		die "no join: $(cat "$logs/join")"
	samba_tool ou create "$ou" >/dev/null || die "no OU"
	member_moves "$ou" || die "the member can't be moved"
	refresh
	is "joined, nothing linked: a refresh works" $? 0
	stands "joined, nothing linked" "$local_policy" open
}

linked()
{
	gpo=$(gpo_create Sasser)
	# without Force: a server that listens is not to be blocked by a slip
	gpo_write "$gpo" Assigned=dword:1 PolicyName=SASSER
	gpo_link "$gpo"
	refresh
	stands "linked, but smbd listens: refused" "$local_policy" open
	says "status says why" "$(last)" "^false: .*(smbd|445)"
	assigns
	refresh
	stands "linked to the OU: blocked after one refresh" "SASSER of domain" blocked
	says "status names the GPO" "$(m sasserctl status)" "$gpo"
}

relinked()
{
	gpo_unlink "$gpo"
	refresh
	stands "un-linked: open again, the local policy is back" "$local_policy" open
	gpo_link "$gpo"
	refresh
	stands "linked again: blocked again" "SASSER of domain" blocked
}

moved()
{
	member_moves "CN=Computers,$dn"
	refresh
	stands "moved out of the OU" "$local_policy" open
	member_moves "$ou"
	refresh
	stands "and back into it" "SASSER of domain" blocked
}

repaired()
{
	m sasserctl domain clear >/dev/null
	stands "the record was lost" "$local_policy" open
	refresh
	stands "the next refresh has it again" "SASSER of domain" blocked
}

two()
{
	local other

	other=$(gpo_create Variants)
	gpo_write "$other" Assigned=dword:1 Force=dword:1 PolicyName=SASSER-VARIANTS
	gpo_link "$other" "$dn"
	refresh
	stands "of two GPOs the OU's wins" "SASSER of domain" blocked
	gpo_unlink "$other" "$dn"
	gpo_link "$other" "$dn" --enforce
	refresh
	stands "but not over an enforced one" "SASSER-VARIANTS of domain" blocked
	gpo_unlink "$other" "$dn"
	refresh
	stands "and that goes" "SASSER of domain" blocked
}

# deleted: Registry.pol, which samba's cache has for ever
deleted()
{
	gpo_write "$gpo" --delete
	refresh
	stands "Registry.pol is deleted" "$local_policy" open
	assigns
	refresh
	stands "and back" "SASSER of domain" blocked
}

# what Samba has downloaded in this run, and what is older
stamps()
{
	is "downloaded is what has a stamp of this run" \
		"$(m /usr/bin/python3 /sasser/tests/gpo/stamps.py)" \
"later True
in that second True
before False
a second before False
gone False"
}

# by force, and both ways
forced()
{
	local said

	gpo_write "$gpo" Assigned=dword:0 Force=dword:1 PolicyName=SASSER
	said=$(m sasserctl refresh --force)
	is "refresh --force succeeds" $? 0
	note "$said"
	stands "Assigned=0" "$local_policy" open
	assigns
	m sasserctl refresh --force >/dev/null
	stands "Assigned=1" "SASSER of domain" blocked
}

permission()
{
	gpo_write "$gpo" --right read
	refresh
	if [ "$other" = bookworm ]; then
		stands "it may be read, but not applied" "$local_policy" open
	else
		# Samba's client has not looked at that right since (README)
		stands "it may be read, but not applied: it is" \
			"SASSER of domain" blocked
	fi
	gpo_write "$gpo" --right apply
	refresh
	stands "it may be applied" "SASSER of domain" blocked
	gpo_write "$gpo" --right none
	refresh
	stands "it may not even be read" "$local_policy" open
	gpo_write "$gpo" --right apply
	refresh
}

# breaks NAME PATTERN OPTION...: the last good one stays, and status says why
breaks()
{
	local name=$1 pattern=$2

	shift 2
	gpo_write "$gpo" "$@"
	refresh
	stands "$name: what was assigned stays" "SASSER of domain" blocked
	says "$name: status says why" "$(last)" "^false: .*$pattern"
}

truncated()
{
	breaks "a truncated file" "Registry.pol" --cut 60 Assigned=dword:1 \
		Force=dword:1 PolicyName=SASSER-VARIANTS
	assigns
	refresh
	says "it is whole again: the refresh is told to be good" "$(last)" "^true"
}

broken()
{
	breaks "a bad port" 99999 Assigned=dword:1 Force=dword:1 PolicyName=PORT \
		'Filters\1=in tcp 99999 block'
	breaks "an unknown policy" NIX Assigned=dword:1 Force=dword:1 PolicyName=NIX
	gpo_write "$gpo" Assigned=dword:1 Force=dword:1 PolicyName=WORM \
		'Filters\1=in tcp 445 block' 'Filters\2=both tcp 5554 block'
	refresh
	stands "good again, with filters of its own" "WORM of domain" blocked
	assigns
	refresh
	says "the refresh is told to be good" "$(last)" "^true"
}

unreachable()
{
	dc_stop || die "the controller does not end"
	refresh
	is "the controller is down: a refresh fails" $? 1
	stands "what was assigned stays" "SASSER of domain" blocked
	m sasserctl refresh --force >>"$logs/gpupdate" 2>&1
	is "refresh --force fails" $? 1
	m sasserctl refresh >>"$logs/gpupdate" 2>&1
	is "and a plain one, until something is fetched" $? 1
	says "status says why" "$(last)" "^false: Group Policy could not be fetched"
	dc_start || die "the controller does not come back"
	refresh
	is "it is up: a refresh works" $? 0
	m sasserctl refresh >>"$logs/gpupdate" 2>&1
	is "and a plain one does" $? 0
	unplug member
	refresh
	is "the cable is out: a refresh fails" $? 1
	is "what was assigned stays in force" "$(json "$in_force")" \
		"SASSER of domain"
	plug member
	stands "the cable is in" "SASSER of domain" blocked
}

# controllers: what the member itself does, by SMB and Kerberos
reaches_controller()
{
	is "$1" "$(m 'smbclient -t 60 -P --use-kerberos=required \
		//dc.gpo.test/sysvol -c ls 2>&1' | grep -c 'gpo\.test')" 1
}

# dry_runs POLICY: how a dry run ends, and what it has written
dry_runs()
{
	m "cd /var/lib/sasser && find . -type f -exec stat -c '%n %Y %i' {} + | sort >/tmp/before
		sasserctl enable $1 --origin domain --force --dry-run 2>/dev/null | tail -n 1
		find . -type f -exec stat -c '%n %Y %i' {} + | sort | diff /tmp/before -"
}

quarantine()
{
	is "a dry run of QUARANTINE writes nothing" "$(dry_runs QUARANTINE)" \
		"Nothing was changed."
	reaches_controller "SASSER: outbound 445 and Kerberos work"
	is "SASSER: a peer's share is reached" "$(m share_of_peer)" open
	assigns QUARANTINE
	refresh
	stands "QUARANTINE" "QUARANTINE of domain" blocked
	is "a peer's share is refused" "$(m share_of_peer)" refused
	says "a permit for the controllers is shown" \
		"$(m sasserctl counters)" "controllers"
	reaches_controller "QUARANTINE: outbound 445 and Kerberos to the controller work"
	assigns
	refresh
	stands "lifted from the directory" "SASSER of domain" blocked
	is "the peer's share is reached again" "$(m share_of_peer)" open
}

# dns add|delete ZONE NAME TYPE DATA
dns()
{
	dc samba-tool dns "$1" dc.gpo.test "${@:2}" "${password_of[@]}" >>"$logs/dns" 2>&1 ||
		die "no change of the DNS: $(tail -n 3 "$logs/dns")"
}

# second add|delete: the peer as the domain's other controller
second()
{
	dns "$1" gpo.test dc2 A 10.7.0.3
	dns "$1" gpo.test dc2 AAAA fd07::3
	dns "$1" _msdcs.gpo.test _ldap._tcp.dc SRV "dc2.gpo.test 389 0 100"
	refresh
}

# by IPv4 and by IPv6
# shellcheck disable=SC2016
peer_by_both() { m 'echo "$(share_of_peer)" "$(share_of_peer fd07::3)"'; }

another_controller()
{
	assigns QUARANTINE
	refresh
	is "QUARANTINE again: a peer's share is refused" "$(peer_by_both)" "refused refused"
	second add
	is "it becomes a controller: it is reached" "$(peer_by_both)" "open open"
	reaches_controller "and the first one is still"
	second delete
	is "it is none any more: refused" "$(peer_by_both)" "refused refused"
	assigns
	refresh
	is "under SASSER it is a peer as before" "$(peer_by_both)" "open open"
}

# Needs samba-tool's gpo load, of 4.20.
templates()
{
	local dir=/usr/share/sasser/policydefinitions of=(-H ldap://dc.gpo.test)

	of+=("${password_of[@]}")
	dc samba-tool gpo admxload --admx-dir=$dir "${of[@]}" >>"$logs/samba-tool" 2>&1
	is "the templates are loaded" $? 0
	is "and are in the central store" "$(dc sh -c '
		cd /var/lib/samba/sysvol/gpo.test/Policies/PolicyDefinitions &&
		find . -iname "sasser.*" | sort')" \
		"$(dc sh -c "cd $dir && find . -type f | sort")"
	is "each of their values is written to a GPO and read back" \
		"$(dc /usr/bin/python3 /sasser/tests/gpo/templates.py $dir/sasser.admx "$gpo" \
			"${of[@]}" 2>>"$logs/samba-tool")" \
"Assigned is read back
PolicyName is read back
Mode is read back
1 is read back
2 is read back
Expires is read back
Confirm is read back
Force is read back
KeepService is read back"
	refresh
	is "and does what it says" "$(json "$in_force"' + " " + .mode +
		if .confirm_seconds_left then " on trial" else "" end')" \
		"TEMPLATES of domain observe on trial"
	m sasserctl confirm >/dev/null
	is "confirmed it stays, as long as it says" "$(json "$in_force"' + " " + .expires +
		if .confirm_seconds_left then " on trial" else "" end')" \
		"TEMPLATES of domain 2099-12-31"
	says "status tells that the service is to be on, and is not" \
		"$(m sasserctl status)" "Service.*off: systemd does not"
	assigns
	refresh
	stands "without them" "SASSER of domain" blocked
}

mixed_fleet()
{
	m sasserctl policy export SASSER --format netsh >"$tmp/windows"
	gpo_write "$gpo" --script Assigned=dword:1 Force=dword:1 PolicyName=SASSER \
		<"$tmp/windows"
	refresh
	stands "Windows' own rules beside them" "SASSER of domain" blocked
	is "are in the GPO as they were exported" "$(in_house peer smbclient -s /dev/null \
		"${password_of[@]}" //10.7.0.1/sysvol -c "get \
		gpo.test/Policies/$gpo/Machine/Scripts/Startup/sasser.txt -" 2>/dev/null |
		tr -d '\r')" "$(cat "$tmp/windows")"
}

by_winbindd()
{
	gpo_unlink "$gpo"
	refresh
	stands "un-linked" "$local_policy" open
	gpo_link "$gpo"
	m 'sed -i "/\[global\]/a apply group policies = yes" /etc/samba/smb.conf
		winbindd --daemon >/dev/null 2>&1' >/dev/null
	until_true 120 in_force_by_winbindd
	stands "winbindd refreshes by itself" "SASSER of domain" blocked
	# what winbindd started would end by itself, some time after it
	# shellcheck disable=SC2016
	m 'kill $(cat /run/samba/winbindd.pid /run/samba/samba-dcerpcd.pid)
		sed -i "/apply group policies/d" /etc/samba/smb.conf' >/dev/null
}

in_force_by_winbindd() { [ "$(json "$in_force")" = "SASSER of domain" ]; }

on_controller()
{
	local said

	said=$(dc sasserctl domain set - <<<$'[assigned]\npolicy = SASSER' 2>&1)
	is "on a controller it is refused" $? 5
	says "and said why" "$said" "domain controller"
}

leaves()
{
	m net ads leave "${password_of[@]}" >/dev/null
	refresh
	is "the domain is left: a refresh fails" $? 1
	stands "what was assigned stays" "SASSER of domain" blocked
	says "status names it" "$(m sasserctl status)" "no longer joined"
	m sasserctl domain clear >/dev/null
	stands "cleared on request" "$local_policy" open
}

# naive_fails CHAPTER NAME: that line of it fails, and no other
naive_fails()
{
	local was_n=$n was_failed=$failed

	$1 >"$tmp/naive"
	n=$was_n failed=$was_failed
	is "but fails the story: $2" \
		"$(sed -n 's/^not ok [0-9]* //p' "$tmp/naive")" "$2"
}

# The same lines with an extension that believes what it is told has changed.
naive()
{
	m sasserctl gpo unregister >/dev/null
	m '/usr/bin/python3 -c "
from samba.gp.gpclass import register_gp_extension
register_gp_extension(\"{5A5AE5A5-0000-4000-8000-0000000000AA}\", \"gp_naive_ext\",
    \"/sasser/tests/gpo/gp_naive_ext.py\", machine=True, user=False)"'
	m sasserctl domain clear >/dev/null
	assigns
	refresh
	stands "a naive extension can block, too" "SASSER of domain" blocked
	naive_fails relinked "linked again: blocked again"
	naive_fails repaired "the next refresh has it again"
}

# Both have what everything stands on; the rest is shared out, so that both take as
# long.
case $suite in
bookworm) # 4.17, and the member 4.22
	chapters='not_joined joined linked mixed_fleet relinked moved truncated
		deleted forced permission quarantine another_controller unreachable on_controller leaves'
	;;
trixie) # 4.22, and the member 4.17
	chapters='not_joined joined linked relinked broken truncated deleted two
		stamps permission templates by_winbindd repaired naive'
	;;
esac

hub_start
house peer 3 "$member"
member_start "$member" "$layer" "$installed"
house dc 1 "$installed:$controller"
dc_provision >"$logs/provision" 2>&1 ||
	die "no domain: $(tail -n 20 "$logs/provision")"
dc_start || die "the controller does not start"
peer_share
member_ready

echo "TAP version 13"
for chapter in ${CHAPTERS:-$chapters}; do
	echo "# $SECONDS s: $chapter"
	$chapter
done
member_end
is "the member's kernel has nothing to complain of, and the module goes" \
	"$? $(grep -E '^(not ok|@left)' "$logs/member/output")" "0 "
echo "1..$n"
house_end dc
house_end peer
echo "# $SECONDS s: the end"
[ $failed = 0 ]
