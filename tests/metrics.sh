#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The metrics of the loaded module: as promtool likes them in every state, and
# the same numbers as in the counters' JSON.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

metrics() { in_ns host sasserctl metrics; }

# shellcheck disable=SC2317 # called by succeeds
promtool_is_content()
{
	metrics | promtool check metrics >"$tmp/promtool" 2>&1
	[ "${PIPESTATUS[*]}" = "0 0" ] && [ ! -s "$tmp/promtool" ]
}

linted()
{
	succeeds "$1: promtool has nothing to say" promtool_is_content
	is "$1: each sample is a name and a number, without a time" \
		"$(metrics | grep -vE '^(# (HELP|TYPE) .*|sasser_[a-z_]+(\{[^{}]*\})? [0-9]+)$')" ""
	is "$1: each family has one HELP and one TYPE" \
		"$(metrics | sed -n 's/^# \(HELP\|TYPE\) \([a-z_]*\) .*/\2/p' | uniq -c | grep -v '^ *2 ')" ""
	is "$1: no series stands twice" \
		"$(metrics | grep -v '^#' | sed 's/ [0-9]*$//' | sort | uniq -d)" ""
}

# value SERIES
value() { metrics | sed -n "s/^$1 //p"; }

# What the metrics should be, by the JSON of the counters.
wanted_rows()
{
	in_ns host sasserctl counters --json | jq -r '.counters[] |
		"{filter=\"\(.filter)\",direction=\"\(.direction)\",protocol=\"\(.protocol)\",port=\"\(.port)\",action=\"\(.action)\"}" as $labels |
		"sasser_matched_packets_total\($labels) \(.packets)",
		"sasser_matched_bytes_total\($labels) \(.bytes)",
		"sasser_connection_attempts_total\($labels) \(.attempts)"' | sort
}

rows_agree()
{
	is "$1: the rows are those of the JSON" \
		"$(metrics | grep -E '^sasser_(matched|connection)' | sort)" \
		"$(wanted_rows)"
}

plan 29
ns_add host
ip_in host <<-EOF
link add dummy0 type dummy
address add 10.7.9.1/24 dev dummy0
link set dummy0 up
EOF
modprobe nf_sasser || bail "could not load the module"
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' ../dkms.conf)

linted "before any policy"
is "before any policy: the families are these" \
	"$(metrics | sed -n 's/^# TYPE //p' | tr '\n' ',')" \
	"sasser_up gauge,sasser_build_info gauge,sasser_policy_assigned gauge,sasser_unclassified_packets_total counter,sasser_last_refresh_timestamp_seconds gauge,sasser_last_refresh_success gauge,"
is "before any policy: up, and nothing is assigned" \
	"$(value sasser_up) $(value sasser_policy_assigned)" "1 0"
is "both versions" "$(metrics | grep '^sasser_build_info')" \
	"sasser_build_info{version=\"$version\",module_version=\"$version\"} 1"

in_ns host sasserctl enable --runtime --force >/dev/null
linted "assigned"
is "assigned: three families of five rows" \
	"$(metrics | grep -cE '^sasser_(matched|connection)') $(wanted_rows | wc -l)" \
	"15 15"
rows_agree "assigned, without a hit"
is "assigned: the policy" "$(metrics | grep '^sasser_policy_')" \
	'sasser_policy_assigned 1
sasser_policy_info{policy="SASSER",origin="local",mode="enforce"} 1'
for _ in 1 2 3; do
	in_ns host bash -c ': </dev/tcp/10.7.9.2/5554' 2>/dev/null
done
labels='filter="payload",direction="out",protocol="tcp",port="5554",action="block"'
is "three hits are counted" \
	"$(for name in matched_packets matched_bytes connection_attempts; do
		value "sasser_${name}_total{$labels}"
	done | tr '\n' ' ')" "3 180 3 "
rows_agree "with hits"

in_ns host sasserctl enable --observe --runtime >/dev/null
linted "observe"
is "observe: the policy and the action in effect" \
	"$(metrics | sed -n 's/^sasser_policy_info//p') $(metrics | grep -c 'action="observe"')" \
	'{policy="SASSER",origin="local",mode="observe"} 1 15'
rows_agree "observe"

in_ns host sasserctl disable --runtime >/dev/null
linted "not assigned any more"
is "not assigned any more: up, and told so" \
	"$(value sasser_up) $(value sasser_policy_assigned)" "1 0"
is "not assigned any more: the last policy's rows stay" \
	"$(metrics | grep -cE '^sasser_(matched|connection)')" 15
rows_agree "not assigned any more"
finish
