#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Ansible role, on this host, with places of its own. sasserctl is played: it
# keeps what it is told, and refuses a policy that is called NIX.

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/userspace_tap.sh
. ./userspace_tap.sh
cd ../userspace/ansible || exit 1
tmp=$(mktemp -d)
out=$tmp/out
record=$tmp/etc/sasser/ansible.conf
trap 'rm -rf "$tmp"' EXIT
export ANSIBLE_HOME=$tmp/home ANSIBLE_LOCAL_TEMP=$tmp/home ANSIBLE_NOCOLOR=1
export ANSIBLE_REMOTE_TEMP=$tmp/home ANSIBLE_ROLES_PATH=. LC_ALL=C.UTF-8

cat >"$tmp/sasserctl" <<END_OF_PROGRAM
#!/bin/bash
cd $tmp || exit 1
echo "\$*" >>calls
case \$* in
"status --json")
	policy=\$(sed -n 's/^policy = //p' kept)
	mode=\$(sed -n 's/^mode = //p' kept)
	[ "\$policy" ] || { echo '{"policy": null, "origin": null, "mode": null}'; exit 3; }
	echo "{\"policy\": \"\$policy\", \"origin\": \"domain\", \"mode\": \"\$mode\"}"
	;;
"domain set "*)
	grep -q '= NIX\$' "\$3" && { echo "sasserctl: line 3: there is no policy NIX" >&2; exit 1; }
	cmp -s "\$3" kept && { echo "The domain's record is that already: nothing to do."; exit 0; }
	cp "\$3" kept
	;;
*) exit 2 ;;
esac
END_OF_PROGRAM
chmod 755 "$tmp/sasserctl"
: >"$tmp/kept"
printf '[filter here]\ndirection = in\nprotocol = tcp\nport = 445\naction = block\n\n%s\n' \
	'[policy SITE]
filters = here' >"$tmp/site.conf"
cat >"$tmp/play.yml" <<END_OF_PLAY
- hosts: localhost
  connection: local
  gather_facts: false
  roles: [sasser]
END_OF_PLAY

# play WHAT CHANGED ARGUMENT...: the tasks that change something, or "failed"
play()
{
	local what=$1 changed=$2

	shift 2
	: >"$tmp/calls"
	ansible-playbook -i localhost, -e ansible_python_interpreter=/usr/bin/python3 \
		-e "sasser_sasserctl=$tmp/sasserctl" -e "sasser_record=$record" \
		"$tmp/play.yml" "$@" >"$out" 2>&1
	[ "$(recap)" = "$changed" ]
	result $? "$what: $changed"
}

recap()
{
	if grep -q 'failed=[1-9]' "$out"; then
		echo failed
	else
		sed -n 's/.* changed=\([0-9]*\) .*/\1 changed/p' "$out"
	fi
}

# holds WHAT COMMAND...
holds()
{
	local what=$1

	shift
	"$@"
	result $? "$what"
}

kept() { grep -qxF -e "$1" "$tmp/kept"; }

echo "TAP version 13"
play "check mode, with nothing there" "3 changed" --check --diff
holds "tells what would be written" grep -qF "+policy = SASSER" "$out"
holds "and what is in force" grep -qF "nothing is in force, by nobody" "$out"
holds "and only looks" test "$(cat "$tmp/calls")" = "status --json" -a ! -e "$tmp/etc"
play "assigned" "3 changed"
holds "the policy" kept "policy = SASSER"
holds "to be kept at boot" kept "keep_service = yes"
holds "and nothing is forced" test "$(grep -cE "^(force|expires|confirm) =" "$tmp/kept")" = 0
play "once more" "0 changed"
play "once more in check mode" "0 changed" --check
play "another mode" "2 changed" -e sasser_mode=observe
holds "is taken" kept "mode = observe"
site=(-e sasser_policy=SITE -e "{\"sasser_policy_files\": [\"$tmp/site.conf\"]}"
	-e sasser_expires=2026-12-31 -e sasser_confirm=10m -e sasser_force=true
	-e sasser_keep_service=false)
play "a policy of one's own" "2 changed" "${site[@]}"
holds "with all that was given" test "$(grep -v '^#' "$tmp/kept")" = "[assigned]
policy = SITE
mode = enforce
expires = 2026-12-31
confirm = 10m
force = yes
source = Ansible
$(cat "$tmp/site.conf")"
play "once more" "0 changed" "${site[@]}"
: >"$tmp/kept"
play "un-assigned by somebody else, in check mode" "1 changed" --check "${site[@]}"
play "and assigned again" "1 changed" "${site[@]}"
play "a policy that there is none of" failed -e sasser_policy=NIX
holds "is refused with the reason" grep -qF "there is no policy NIX" "$out"
holds "and the old one stays" kept "policy = SITE"
play "un-assigned, in check mode" "2 changed" --check -e sasser_policy=
play "un-assigned" "2 changed" -e sasser_policy=
holds "says nothing" test "$(grep -vc '^#' "$tmp/kept")" = 0
play "once more" "0 changed" -e sasser_policy=
rm "$tmp/sasserctl"
play "without sasserctl" failed
ansible-playbook --syntax-check -i 'workstations,' example.yml >"$out" 2>&1
result $? "the example is one"
echo "1..$count"
exit $failed
