#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Ansible role with the real sasserctl and the module, in a guest that runs
# systemd: the role takes from sasserctl's words whether anything changed.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

record=/etc/sasser/ansible.conf
export ANSIBLE_HOME=$tmp/home ANSIBLE_LOCAL_TEMP=$tmp/home ANSIBLE_NOCOLOR=1
export ANSIBLE_REMOTE_TEMP=$tmp/home ANSIBLE_ROLES_PATH=$here/../userspace/ansible
# Without these an emulated CPU mostly starts shells, and looks a thousand times a
# second whether a task has come to its end.
export ANSIBLE_PIPELINING=1 ANSIBLE_CONFIG=$tmp/ansible.cfg
printf '[defaults]\ninternal_poll_interval = 0.05\n' >"$ANSIBLE_CONFIG"

# plays NAME CHANGED [ARGUMENT]...: all goes well, and so many tasks change something
plays()
{
	local name=$1 changed=$2

	shift 2
	ansible-playbook -i localhost, "$tmp/play.yml" \
		-e ansible_python_interpreter=/usr/bin/python3 "$@" >"$tmp/out" 2>&1
	if grep -qE " changed=$changed +unreachable=0 +failed=0 " "$tmp/out"; then
		ok "$name"
	else
		not_ok "$name"
		note "wanted: changed=$changed"
		note "$(cat "$tmp/out")"
	fi
}

asked() { sasserctl status --json | jq -r "$1"; }

in_force() { asked '"\(.policy) \(.mode) \(.origin)"'; }

service()
{
	echo "$(systemctl is-enabled sasser.service)" \
		"$(systemctl is-active sasser.service)"
}

plan 13
[ -d /run/systemd/system ] || bail "systemd does not run here"
at_exit 'rmmod nf_sasser 2>/dev/null'

install_userspace
at_exit "rm -f $record"
at_exit 'sasserctl domain clear >/dev/null 2>&1'
# so that it is the role that enables it
systemctl disable sasser.service 2>/dev/null
# Whoever ran before may have left it, and it would be one change more or less.
mkdir -p /etc/sasser
cat >"$tmp/play.yml" <<EOF
- hosts: localhost
  connection: local
  gather_facts: false
  roles: [sasser]
EOF

plays "check mode, with nothing assigned, tells of changes" 2 --check
is "it makes none" "$(in_force), $(service)" "null null null, disabled inactive"
succeeds "it writes no record" test ! -e $record
succeeds "it does not even load the module" not_loaded

plays "the role assigns" 2
is "the policy is in force, as the domain's" "$(in_force)" "SASSER enforce domain"
is "the record is written" "$(grep '^policy' $record)" "policy = SASSER"
wait_for 60 systemctl -q is-active sasser.service
is "sasser.service is on" "$(service)" "enabled active"
generation=$(asked .generation)
plays "once more: nothing changes" 0
is "nor does anything in the kernel" "$(asked .generation)" "$generation"

plays "the role un-assigns" 2 -e sasser_policy=
is "nothing is assigned" "$(in_force)" "null null null"
plays "un-assigned once more: nothing changes" 0 -e sasser_policy=
finish
