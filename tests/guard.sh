#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guards: each reason with the real thing, and what overrides them.

# shellcheck disable=SC2016 # awk, and other shells, expand these
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

peer4=10.7.1.2 victim4=10.7.1.1
conf=/etc/samba/smb.conf policies=/etc/sasser/policy.d/guard-test.conf

plan 39

# dry POLICY: what speaks against it; the reasons are in $tmp/err
dry()
{
	in_ns victim sasserctl enable "$@" --runtime --dry-run \
		>"$tmp/out" 2>"$tmp/err"
}

# guarded NAME POLICY TEXT...: refused with these reasons, and nothing done
guarded()
{
	local name=$1 policy=$2 status text

	shift 2
	dry "$policy"
	status=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/both"
	for text; do
		if ! grep -qE -- "$text" "$tmp/both"; then
			not_ok "$name"
			note "exit status $status, and no /$text/ in:"
			note "$(cat "$tmp/both")"
			return
		fi
	done
	is "$name" "$status $(status victim assigned)" "5 false"
}

# unguarded NAME POLICY TEXT: not for that reason
unguarded()
{
	dry "$2"
	is "$1" "$(cat "$tmp/out" "$tmp/err" | grep -cE -- "$3")" 0
}

# Debian's smbd, in a session of its own, since it ends its whole process group
# when it ends. Sets $pid.
starts_smbd()
{
	mkdir -p /run/samba /var/lib/samba/private /var/log/samba
	run "$tmp/smbd" in_ns_exec victim setsid smbd --foreground \
		--no-process-group
	wait_for 120 listens 445 || bail "smbd does not start: $(cat "$tmp/smbd")"
}

# keytab N NAME...: one of one key, for a name that has N parts
keytab()
{
	local n=$1 part text

	shift
	text="\\0\\$n"
	for part in EXAMPLE.ORG "$@"; do
		text+=$(printf '\\0\\%o%s' ${#part} "$part")
	done
	# of an account, at no time, the first of its kind, AES: 4 bytes
	text+='\0\0\0\1\0\0\0\0\1\0\022\0\0041234'
	# shellcheck disable=SC2059 # that is a format
	{
		printf '\5\2\0\0\0'
		printf "\\$(printf %o "$(printf "$text" | wc -c)")$text"
	} >/etc/krb5.keytab
}

listens() { in_ns victim ss -Htln sport = ":$1" | grep -q .; }
has_no_smbd() { ! pgrep -x smbd >/dev/null; }

cp $conf "$tmp/smb.conf" || bail "no $conf"
at_exit 'cp "$tmp/smb.conf" $conf; rm -f $policies /etc/krb5.keytab; rmdir /etc/sasser/policy.d 2>/dev/null'
mkdir -p "${policies%/*}"
cat >$policies <<-EOF
	[filter ssh]
	direction = in
	protocol = tcp
	port = 22
	action = block
	[policy NO-SSH]
	filters = ssh

	[filter far-smb]
	direction = out
	protocol = tcp
	port = 445
	action = block
	[filter one-server]
	direction = out
	protocol = tcp
	port = 445
	action = permit
	remote = 10.7.1.2/32
	[policy NO-SMB]
	filters = far-smb
	[policy ONE-SMB]
	filters = far-smb one-server
EOF
ns_add victim peer
link victim peer eth0
addresses victim eth0 peer eth0 1

dry SASSER
is "nothing speaks against SASSER" $? 0
is "and a dry run does nothing" "$(status victim assigned)" false

# ---- a listener; Debian's untouched smb.conf is no file server

starts_smbd
smbd=$pid
guarded "smbd listens" SASSER \
	"smbd \(pid $smbd\) listens on port 445, which SASSER blocks inbound"
unguarded "port 139 is not blocked" SASSER "port 139"
unguarded "Debian's smb.conf is no file server" SASSER "file server"
unguarded "nor a domain controller" SASSER "domain controller"
unguarded "a policy without SMB does not mind" NO-SSH smbd
serve victim -a 127.0.0.1 5554
unguarded "nor does SASSER mind who listens on loopback" SASSER "port 5554"

fails "without a dry run: refused" 5 "smbd \(pid $smbd\)" \
	in_ns victim sasserctl enable --runtime
is "nothing is in force" "$(status victim assigned)" false
succeeds "observe mode is not guarded" \
	in_ns victim sasserctl enable --runtime --observe
fails "and guards what goes beyond it" 5 "smbd \(pid $smbd\)" \
	in_ns victim sasserctl enable --runtime
is "observe mode stays" "$(status victim mode)" observe
succeeds "--force overrides" in_ns victim sasserctl enable --runtime --force
is "it is in force" "$(status victim mode)" enforce
succeeds "what is in force is not guarded again" \
	in_ns victim sasserctl disable --runtime

# ---- a session

mkfifo "$tmp/commands"
exec 9<>"$tmp/commands"
in_ns peer smbclient -N "//$victim4/IPC\$" <"$tmp/commands" >"$tmp/session" 2>&1 &
session=$!
has_session() { in_ns victim ss -Htn state established sport = :445 | grep -q .; }
wait_for 120 has_session || bail "no session: $(cat "$tmp/session")"
guarded "an open session" SASSER \
	"1 open session on port 445, which SASSER blocks inbound; it is from $peer4"
exec 9>&-
stop "$session"

# ---- a file server

cat >>$conf <<-EOF
	[accounts]
	path = $tmp
EOF
guarded "a share" SASSER \
	"file server: smbd runs \(pid [0-9]+\) and shares \"accounts\""
unguarded "a policy without SMB does not mind it" NO-SSH "file server"
kill -- "-$smbd"
wait_for 60 has_no_smbd || bail "smbd does not end"
mkdir -p /etc/systemd/system/sasser-test.wants
at_exit 'rm -rf /etc/systemd/system/sasser-test.wants'
ln -s /usr/lib/systemd/system/smbd.service /etc/systemd/system/sasser-test.wants/
guarded "a share, and smbd is but enabled" SASSER \
	"file server: smbd.service is enabled and shares \"accounts\""
rm -rf /etc/systemd/system/sasser-test.wants

# ---- a port that DNAT publishes for a container

ns_add guest
link victim guest eth1
addresses victim eth1 guest eth1 2
ip_in guest <<<"route add default via 10.7.2.1"
in_ns victim sysctl -q net.ipv4.ip_forward=1
in_ns victim nft "add table ip published
	add chain ip published in { type nat hook prerouting priority dstnat; }
	add rule ip published in tcp dport 445 dnat to 10.7.2.2:80" ||
	bail "no DNAT"
serve guest 80
succeeds "DNAT that nobody uses is no reason" dry SASSER
mkfifo "$tmp/flow"
run "$tmp/flow.out" in_ns_exec peer socat "PIPE:$tmp/flow" TCP:$victim4:445
in_guest() { in_ns guest ss -Htn state established sport = :80 | grep -q .; }
wait_for 60 in_guest || bail "no flow to the guest: $(cat "$tmp/flow.out")"
guarded "a session that DNAT sends on" SASSER \
	"1 open session on port 445, which DNAT sends on and SASSER blocks inbound; it is from $peer4"
stop "$pid"
succeeds "it is none once it is over" wait_for 60 dry SASSER
in_ns victim nft delete table ip published

# ---- a domain controller, as samba-tool leaves it

cat >$conf <<-EOF
	# Global parameters
	[global]
		dns forwarder = 192.0.2.53
		netbios name = DC1
		realm = EXAMPLE.ORG
		server role = active directory domain controller
		workgroup = EXAMPLE
		idmap_ldb:use rfc2307 = yes

	[sysvol]
		path = /var/lib/samba/sysvol
		read only = No

	[netlogon]
		path = /var/lib/samba/sysvol/example.org/scripts
		read only = No
EOF
guarded "a domain controller" SASSER \
	"domain controller: testparm says \"server role = active directory domain controller\""
echo '[global' >$conf
dry SASSER
is "an smb.conf that can't be read is a failure" $? 1
succeeds "that says so" grep -q "testparm -s fails" "$tmp/err"
cp "$tmp/smb.conf" $conf

# ---- the session typed in

mkdir -p /run/sshd "$tmp/ssh"
chmod 700 "$tmp/ssh"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/host"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/user"
run "$tmp/sshd" in_ns_exec victim /usr/sbin/sshd -D -e -f /dev/null \
	-h "$tmp/ssh/host" -o UsePAM=no -o StrictModes=no \
	-o AuthorizedKeysFile="$tmp/ssh/user.pub" -o PermitRootLogin=yes
wait_for 60 listens 22 || bail "sshd does not start: $(cat "$tmp/sshd")"

# by_ssh COMMAND
by_ssh()
{
	in_ns peer ssh -F /dev/null -i "$tmp/ssh/user" \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o LogLevel=ERROR -o BatchMode=yes root@$victim4 "$1"
}

is "SSH works" "$(by_ssh 'echo $((6 * 7))')" 42
by_ssh 'sasserctl enable NO-SSH --runtime --dry-run' >"$tmp/out" 2>&1
is "a policy that cuts this session: refused" $? 5
succeeds "it is named" grep -qE \
	"NO-SSH would cut the session that this is typed in: from $peer4:[0-9]+ to port 22, sshd \(pid" \
	"$tmp/out"
by_ssh 'sudo() { env -i PATH="$PATH" setsid -w "$@"; }; sudo sasserctl enable NO-SSH --runtime --dry-run' \
	>"$tmp/out" 2>&1
succeeds "also without its environment" grep -q "typed in" "$tmp/out"
by_ssh 'sasserctl enable SASSER --runtime --dry-run' >"$tmp/out" 2>&1
is "SASSER does not cut it" $? 0

# ---- controllers out of reach

unguarded "a host that is not joined may block outbound 445" NO-SMB joined
keytab 2 nfs VICTIM
unguarded "nor is one that has a key for NFS" NO-SMB joined
keytab 1 'VICTIM$'
guarded "joined, and DNS does not know the controllers" NO-SMB \
	'joined to "EXAMPLE.ORG" .*DNS names no controllers'

cat >"$tmp/names.py" <<-EOF
	import os, socket, sys, dns.flags, dns.message, dns.rrset
	# of dc2 nothing is said while there is "silent", and it goes with "two"
	def records():
	    srv = ["0 100 389 dc%d.example.org." % n for n in (1, 2)]
	    return {
	        "_ldap._tcp.dc._msdcs.example.org.":
	            ("SRV", srv if os.path.exists("$tmp/two") else srv[:1]),
	        "dc1.example.org.": ("A", ["$peer4"]),
	        "dc2.example.org.": ("A", ["192.0.2.2"]),
	    }
	sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sock.bind((sys.argv[1], 53))
	while True:
	    data, peer = sock.recvfrom(4096)
	    query = dns.message.from_wire(data)
	    question, answer = query.question[0], dns.message.make_response(query)
	    answer.flags |= dns.flags.AA    # else "no such record" counts as no answer
	    name = question.name.to_text().lower()
	    if name.startswith("dc2.") and os.path.exists("$tmp/silent"):
	        continue
	    kind, texts = records().get(name, (None, None))
	    if kind == dns.rdatatype.to_text(question.rdtype):
	        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *texts))
	    sock.sendto(answer.to_wire(), peer)
EOF
run "$tmp/dns" in_ns_exec peer python3 "$tmp/names.py" $peer4
cp /etc/resolv.conf "$tmp/resolv.conf" 2>/dev/null
at_exit 'cp "$tmp/resolv.conf" /etc/resolv.conf 2>/dev/null || rm -f /etc/resolv.conf'
echo "nameserver $peer4" >/etc/resolv.conf
has_dns() { in_ns peer ss -Huln sport = :53 | grep -q .; }
wait_for 60 has_dns || bail "no DNS: $(cat "$tmp/dns")"
guarded "joined, and DNS knows them" NO-SMB \
	"joined to \"EXAMPLE.ORG\" .*its controller $peer4 would be out of reach: NO-SMB blocks outbound tcp port 445"
dry ONE-SMB
is "a permit for the controller is a way" $? 0

# ---- the permit that a policy of the domain gets, in the initial namespace

run "$tmp/dns.here" python3 "$tmp/names.py" 127.0.0.1
echo nameserver 127.0.0.1 >/etc/resolv.conf
# shellcheck disable=SC2317 # called by wait_for
has_dns_here() { ss -Huln sport = :53 | grep -q .; }
wait_for 60 has_dns_here || bail "no DNS here: $(cat "$tmp/dns.here")"
known() { sort /var/lib/sasser/domain.controllers | tr '\n' ' '; }
permitted() { sasserctl refresh >&2; known; }
both=$(printf '%s\n' "$peer4" 192.0.2.2 | sort | tr '\n' ' ')
touch "$tmp/two"
at_exit 'sasserctl domain clear >/dev/null'
sasserctl domain set - >&2 <<<$'[assigned]\npolicy = QUARANTINE\nforce = yes'
is "is for both controllers" "$(known)" "$both"
touch "$tmp/silent"
is "one that DNS tells nothing of stays" "$(permitted)" "$both"
rm "$tmp/two"
is "one that it does not name any more goes" "$(permitted)" "$peer4 "
finish
