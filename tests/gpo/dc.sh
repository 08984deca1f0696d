# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced after net.sh: the domain controller, in the house "dc".

realm=GPO.TEST
dn=DC=gpo,DC=test
ou=OU=Workstations,$dn
password=Sasser.2004

dc() { in_house dc "$@"; }

dc_provision()
{
	# shellcheck disable=SC2016
	dc sh -eu -c '
	rm -rf /etc/samba/smb.conf /var/lib/samba /var/cache/samba
	mkdir -p /var/lib/samba/private /var/cache/samba /var/log/samba
	echo "127.0.0.1 localhost
10.7.0.1 dc.gpo.test dc" >/etc/hosts
	echo "search gpo.test
nameserver 10.7.0.1" >/etc/resolv.conf
	samba-tool domain provision --realm="$1" --domain=GPO --host-name=dc \
		--host-ip=10.7.0.1 --server-role=dc --dns-backend=SAMBA_INTERNAL \
		--adminpass="$2" --option="interfaces=lo eth0" \
		--option="bind interfaces only=yes"
	sed -i "/dns forwarder/d" /etc/samba/smb.conf
	cp /var/lib/samba/private/krb5.conf /etc/krb5.conf' sh "$realm" "$password"
}

dc_listens()
{
	local port

	for port in 53 88 135 389 445 464; do
		dc ss -Htln "sport = :$port" | grep -q . || return
	done
}

dc_answers()
{
	dc /usr/bin/python3 -c 'import sys, dns.resolver
dns.resolver.resolve("_ldap._tcp." + sys.argv[1], "SRV", lifetime=2)' "$realm" \
		2>/dev/null
}

# until_true SECONDS COMMAND...
until_true()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

dc_start()
{
	dc samba --daemon &&
		until_true 60 dc_listens && until_true 60 dc_answers
}

# Its processes end with the first one; the house stays.
dc_stop()
{
	# shellcheck disable=SC2016
	dc sh -c 'kill "$(cat /run/samba/samba.pid)"'
	until_true 60 dc_is_silent
}

dc_is_silent() { [ -z "$(dc ss -Htln)" ]; }

# It warns of a password among its arguments.
samba_tool()
{
	dc samba-tool "$@" -H ldap://dc.gpo.test -U "Administrator%$password" \
		2>>"$logs/samba-tool"
}

# gpo_create NAME: prints its GUID
gpo_create()
{
	samba_tool gpo create "$1" | sed -n 's/.* created as \({.*}\)$/\1/p'
}

# gpo_link GUID [CONTAINER] [OPTION]..., gpo_unlink GUID [CONTAINER]
gpo_link()
{
	local guid=$1 container=${2:-$ou}

	shift; shift
	samba_tool gpo setlink "$container" "$guid" "$@" >/dev/null
}
gpo_unlink() { samba_tool gpo dellink "${2:-$ou}" "$1" >/dev/null; }

# gpo_write GUID [OPTION]... VALUE...: see policy.py
gpo_write() { dc /usr/bin/python3 /sasser/tests/gpo/policy.py "$@"; }

member_moves() { samba_tool computer move MEMBER "$1" >/dev/null; }
