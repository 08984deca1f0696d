#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The units, in a guest that runs Debian's systemd: sasser.service puts the
# assignment in force and is in nobody's way, sasser-refresh.timer looks after it,
# sasser-metrics.timer feeds Debian's node_exporter.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

dir=/var/lib/prometheus/node-exporter
url=http://127.0.0.1:9100/metrics

in_force()
{
	sasserctl status --json | jq -r '"\(.policy) \(.mode)"'
}

state() { systemctl show -p "$2" --value "$1"; }

# scraped NAME LINE: node_exporter serves it
scraped()
{
	succeeds "$1" wait_for 120 serves "$2"
}

# shellcheck disable=SC2317 # called by wait_for
written() { sleep 1; grep -qxF -- "$1" "$dir/sasser.prom"; }

# shellcheck disable=SC2317 # called by wait_for and succeeds
serves()
{
	curl -sS --max-time 60 "$url" >"$tmp/scrape" 2>/dev/null &&
		grep -qxF -- "$1" "$tmp/scrape"
}

# shellcheck disable=SC2317 # called by wait_for
only_the_textfile() { [ "$(ls -A "$dir")" = sasser.prom ]; }

plan 42
[ -d /run/systemd/system ] || bail "systemd does not run here"
at_exit 'rm -f /etc/sasser/assigned.conf'
at_exit 'ip link del dummy0 2>/dev/null'

install_userspace
at_exit 'systemctl stop prometheus-node-exporter sasser-metrics.timer 2>/dev/null'
is "install enables what is to run" \
	"$(systemctl is-enabled sasser.service sasser-refresh.timer sasser-metrics.timer |
		tr '\n' ' ')" "enabled enabled enabled "
is "and starts the refresh's timer" "$(state sasser-refresh.timer ActiveState)" active
is "which comes round every 90 minutes" \
	"$(state sasser-refresh.timer TimersMonotonic |
		grep -oE 'OnUnit[A-Za-z]+=[^;]*[^; ]')" "OnUnitInactiveUSec=1h 30min"
is "but not on all hosts at once" \
	"$(state sasser-refresh.timer RandomizedDelayUSec)" 30min
is "install assigns nothing" "$(in_force)" "null null"
succeeds "systemd finds no fault with them" systemd-analyze verify \
	sasser.service sasser-refresh.service sasser-refresh.timer \
	sasser-gpupdate.service sasser-metrics.service sasser-metrics.timer
is "the block comes before the network" \
	"$(state sasser.service Before | tr ' ' '\n' | grep -x network-pre.target)" \
	network-pre.target

succeeds "enable" sasserctl enable
is "enable has nothing to warn of" "$(sasserctl enable 2>&1 >/dev/null)" ""
sasserctl disable --runtime >/dev/null
rmmod nf_sasser
succeeds "as at boot, without the module: sasser.service starts" \
	systemctl start sasser.service
is "the policy is in force" "$(in_force)" "SASSER enforce"
is "the refresh left its record" \
	"$(sasserctl status --json | jq -r .last_refresh.ok)" true
succeeds "the change is in the journal" wait_for 60 sh -c \
	'journalctl -t sasserctl | grep -q "refresh: uid=0 before=.nothing. after=.SASSER enforce local"'
succeeds "sasser.service stops" systemctl stop sasser.service
is "stopping it lifts no block" "$(in_force)" "SASSER enforce"
echo rubbish >/etc/sasser/assigned.conf
fails "a broken file: the unit fails" 1 "failed" systemctl start sasser.service
is "a broken file lifts no block" "$(in_force)" "SASSER enforce"
succeeds "the reason is in the journal" wait_for 60 sh -c \
	'journalctl -u sasser.service | grep -q "assigned.conf, line 1"'

systemctl disable sasser.service 2>/dev/null
sasserctl enable >/dev/null 2>"$tmp/warning"
is "enable warns if the unit is not enabled, and succeeds" \
	"$? $(grep -c 'systemctl enable sasser.service' "$tmp/warning")" "0 1"
systemctl mask sasser.service 2>/dev/null
sasserctl enable >/dev/null 2>"$tmp/warning"
is "enable warns if the unit is masked, and succeeds" \
	"$? $(grep -c 'is masked' "$tmp/warning")" "0 1"
systemctl unmask sasser.service 2>/dev/null
systemctl enable sasser.service 2>/dev/null

systemctl disable --now sasser.service 2>/dev/null
succeeds "the domain wants sasser.service to be on" sh -c \
	'printf "[assigned]\npolicy = SASSER\nkeep_service = yes\n" | sasserctl domain set'
sasserctl refresh >"$tmp/refresh" 2>&1
wait_for 60 systemctl -q is-active sasser.service
is "a refresh sees to that" "$(systemctl is-enabled sasser.service) $(
	systemctl is-active sasser.service ||
		tail -n 5 "$tmp/refresh")" "enabled active"
sasserctl domain clear >/dev/null

# fetched: what became of the last time that the domain was to be asked
# shellcheck disable=SC2317 # called by wait_for
asked() { [ "$(state sasser-gpupdate.service ActiveState)" = inactive ]; }
fetched()
{
	systemctl start sasser-refresh.service && wait_for 60 asked
	state sasser-gpupdate.service Result
	sasserctl status --json | jq -r .last_refresh.message
}
is "the domain is not asked where nobody wants it" "$(fetched)" \
	"exec-condition
SASSER (enforce) is in force already, nothing to do"
sasserctl gpo register >/dev/null
is "it is where the extension is registered" "$(fetched)" \
	"success
this host is joined to no domain, so nothing was fetched; SASSER (enforce) is in force already, nothing to do"
sed -i '/^\[global\]/a apply group policies = yes' /etc/samba/smb.conf
is "also where winbindd could do that" "$(fetched | head -n 1)" success
systemd-run --quiet --unit winbind.service sleep infinity
is "but not where it does" "$(fetched | head -n 1)" exec-condition
systemctl stop winbind.service
sed -i '/^apply group policies/d' /etc/samba/smb.conf
sasserctl gpo unregister >/dev/null

echo 'ARGS="--web.listen-address=127.0.0.1:9100"' \
	>/etc/default/prometheus-node-exporter
succeeds "Debian's node_exporter starts" \
	systemctl restart prometheus-node-exporter
succeeds "it answers" wait_for 120 serves "node_textfile_scrape_error 0"
is "the timer runs" "$(state sasser-metrics.timer ActiveState)" active
succeeds "within a minute or two it writes" \
	wait_for 400 written "sasser_policy_assigned 1"
scraped "the timer's textfile is served" "sasser_policy_assigned 1"
is "the file is for all to read" "$(stat -c %a $dir/sasser.prom)" 644
succeeds "no other file stays in its directory" wait_for 60 only_the_textfile

ip_in init <<-EOF
link add veth0 type veth peer name veth1
address add 10.7.9.1/24 dev veth0
link set veth0 up
link set veth1 up
EOF
row='sasser_connection_attempts_total{action="block",direction="out",filter="payload",port="9996",protocol="tcp"}'
succeeds "its rows are served at zero" serves "$row 0"
for _ in 1 2; do bash -c ': </dev/tcp/10.7.9.2/9996' 2>/dev/null; done
succeeds "the timer's service runs by hand" \
	systemctl start sasser-metrics.service
scraped "two attempts show" "$row 2"
succeeds "node_exporter has no complaint" serves "node_textfile_scrape_error 0"

sasserctl disable >/dev/null
wait_for 60 module_is_idle
rmmod nf_sasser
systemctl start sasser-metrics.service 2>/dev/null
scraped "that the module is gone is served, too" "sasser_up 0"

make -s -C .. uninstall-userspace >"$tmp/uninstall" 2>&1
is "uninstall succeeds" "$?" 0
is "it leaves no unit" "$(systemctl list-unit-files 'sasser*' | grep -c '^sasser')" 0
is "nor a stale textfile" "$(ls -A $dir)" ""
is "nor a link to a unit" "$(find /etc/systemd -name 'sasser*')" ""
finish
