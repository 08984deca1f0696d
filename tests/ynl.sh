#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The netlink specification: the kernel's own client, which knows nothing of
# the family but kmod/uapi/sasser.yaml, drives the module, and says the same as
# sasserctl.

# shellcheck disable=SC2317 # functions are called by name, too
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

linux=/usr/src/linux-source
uapi=$here/../kmod/uapi
schema=$linux/Documentation/netlink/genetlink.yaml

plan 36

# One client for all requests, because python needs seconds to begin with: it
# reads [how, operation, attributes] and writes what comes of that, in JSON.
client()
{
	mkfifo "$tmp/request" "$tmp/answer"
	PYTHONPATH=$linux/tools/net/ynl run "$tmp/client" in_ns_exec victim python3 -c '
import json, sys
from lib import YnlFamily, NlError
family = YnlFamily(sys.argv[1], "")
while True:
    with open(sys.argv[2]) as request:
        how, operation, attributes = json.load(request)
    try:
        answer = getattr(family, how)(operation, attributes)
        answer = json.dumps(answer, default=bytes.hex)
    except NlError as error:
        answer = str(error)
    with open(sys.argv[3], "w") as out:
        print(answer, file=out)' "$uapi/sasser.yaml" "$tmp/request" "$tmp/answer"
}

# ynl --do|--dump OPERATION [ATTRIBUTES]: in the victim
ynl()
{
	local attributes=${3-}

	printf '["%s", "%s", %s]' "${1#--}" "$2" "${attributes:-"{}"}" |
		timeout 120 tee "$tmp/request" >/dev/null
	timeout 120 cat "$tmp/answer"
}

# listen, heard: notifications, with the same client's library. (Its command
# line waits for them by the clock, and falls over one that comes amid a reply.)
listen()
{
	mkfifo "$tmp/enough"
	PYTHONPATH=$linux/tools/net/ynl run "$tmp/heard" in_ns_exec victim \
		python3 -c '
import json, sys
from lib import YnlFamily
family = YnlFamily(sys.argv[1], "")
family.ntf_subscribe("policy")
print("ready", flush=True)
open(sys.argv[2]).read()
family.check_ntf()
print(json.dumps(family.async_msg_queue))' "$uapi/sasser.yaml" "$tmp/enough"
	wait_for 120 grep -q ready "$tmp/heard" || bail "$(cat "$tmp/heard")"
}

heard()
{
	echo >"$tmp/enough"
	wait_for 120 grep -qv ready "$tmp/heard"
	grep -v ready "$tmp/heard"
}

# ---- the specification and the header

names_of_specification()
{
	PYTHONPATH=$linux/tools/net/ynl python3 - "$uapi/sasser.yaml" $schema <<-EOF
	import sys
	from lib import nlspec

	family = nlspec.SpecFamily(sys.argv[1], sys.argv[2])
	def put(name, value):
	    print(name.upper().replace('-', '_'), value)
	for const in family.consts.values():
	    if const['type'] == 'const':
	        put(family.name + '-' + const['name'], const['value'])
	    else:
	        for entry in const.entries.values():
	            put(f"{family.name}-{const.name}-{entry.name}", entry.value)
	for attributes in family.attr_sets.values():
	    for attribute in attributes.attrs.values():
	        put(attributes.yaml['name-prefix'] + attribute.name, attribute.value)
	for message in family.msgs.values():
	    put(family.yaml['operations']['name-prefix'] + message.name, message.req_value)
	for group in family.mcast_groups:
	    put(family.name + '-genl-mcgrp-' + group, f'"{group}"')
	put('sasser-genl-name', f'"{family.name}"')
	EOF
}

# without what an enumeration begins and ends with, and the family's version,
# which the schema does not know
names_of_header()
{
	gcc -fpreprocessed -dD -E -P "$uapi/linux/sasser.h" | awk '
	/^#define SASSER_/ && NF == 3 && $2 != "SASSER_GENL_VERSION" { print $2, $3 }
	/^enum / { value = 0; inside = 1; next }
	/^}/ { inside = 0 }
	inside {
		n = split($0, entry, ",")
		for (i = 1; i <= n; i++) {
			if (split(entry[i], part, "=") == 2)
				value = part[2] + 0
			gsub(/[ \t]/, "", part[1])
			if (part[1] != "" && part[1] !~ /_UNSPEC$|_MAX$/)
				print part[1], value
			if (part[1] != "")
				value++
		}
	}'
}

succeeds "the specification follows the kernel's schema" python3 -c '
import sys, yaml, jsonschema
spec, schema = [yaml.safe_load(open(name)) for name in sys.argv[1:]]
jsonschema.validate(spec, schema)' "$uapi/sasser.yaml" $schema
header=$(names_of_header | sort)
is "it has the names and numbers of the header, all and no other" \
	"$(names_of_specification | sort)" "$header"
note "$(wc -l <<<"$header") of them"

# ---- what the module and sasserctl say, in the same words

status_of_ynl()
{
	ynl --do status-get | jq -cS '{policy, mode, origin,
		assigned: (.assigned == 1), generation, unclassified,
		since: (.since | todate), module: .version, namespaces}'
}

status_of_sasserctl()
{
	in_ns victim sasserctl status --json | jq -cS '{policy, mode, origin,
		assigned, generation, unclassified, since,
		module: .module.version, namespaces: null}'
}

# rows_of_ynl: from standard input
rows_of_ynl()
{
	jq -cS '.[].counter // empty | {filter, direction, protocol,
		port: (if .first == .last then .first else "\(.first)-\(.last)" end),
		action, packets, bytes, attempts,
		first_hit: (.["first-hit"] | if . then todate else . end),
		last_hit: (.["last-hit"] | if . then todate else . end)}'
}

rows_of_sasserctl() { in_ns victim sasserctl counters --json | jq -cS '.counters[]'; }

same_status() { is "$1: status-get says what sasserctl says" "$(status_of_ynl)" "$(status_of_sasserctl)"; }

same_rows()
{
	ynl --dump counter-get >"$tmp/rows"
	is "$1: counter-get says what sasserctl says" \
		"$(rows_of_ynl <"$tmp/rows")" "$(rows_of_sasserctl)"
	is "$1: every message has the generation" \
		"$(jq -c '[.[].generation] | unique' "$tmp/rows")" \
		"[$(status victim generation)]"
}

# ---- a policy that sasserctl assigned

ns_add victim peer
link victim peer eth0
addresses victim eth0 peer eth0 1
serve victim 80,445,5554
serve peer 80,445,5554
serve victim -u 137,138
witness peer
in_ns victim sasserctl enable --runtime --force >/dev/null || bail "can't enable"
client
in_ns peer "$peer" connect -t 1500 445,5554 10.7.1.1 fd00:7:1::1 >/dev/null
same_status SASSER
same_rows SASSER
counted "SASSER: the rows that both say are what was sent" victim \
	"$(sent peer in tcp 445 5554)"
is "SASSER: filter-get" "$(ynl --dump filter-get | jq -cS '.[].filter[]')" \
	'{"action":"block","direction":"in","name":"smb","protocol":"tcp","range":[{"first":445,"last":445}]}
{"action":"block","direction":"both","name":"payload","protocol":"tcp","range":[{"first":5554,"last":5554},{"first":9996,"last":9996}]}'

# ---- a policy that ynl assigns

filters='[{"action":"block","direction":"in","name":"shares","protocol":"tcp","range":[{"first":445,"last":445}]},
{"action":"observe","direction":"in","name":"netbios","protocol":"udp","range":[{"first":137,"last":138},{"first":5000,"last":5000}]}]'
policy=$(jq -cn --argjson filter "$filters" \
	'{policy: "Test-1.x", mode: "enforce", origin: "domain", $filter}')
generation=$(status victim generation)
listen
is "policy-set answers with nothing but success" \
	"$(ynl --do policy-set "$policy")" null
is "and a notification comes" "$(heard | jq -cS '.[] | del(.msg.since)')" \
	"$(jq -cnS --arg version "$(status victim module.version)" \
	--argjson generation $((generation + 1)) '{name: "policy-ntf", msg: {
	event: "assigned", assigned: 1, $version, $generation, unclassified: 0,
	policy: "Test-1.x", mode: "enforce", origin: "domain", match: "auto",
	scope: "host"}}')"
is "filter-get gives back what was set" \
	"$(ynl --dump filter-get | jq -cS '[.[].filter[]]')" \
	"$(jq -cS . <<<"$filters")"
is "sasserctl shows the same filters" \
	"$(in_ns victim sasserctl status | sed -n '/^Filters/,/^Hits/{/^Hits/d; s/^Filters//; s/  */ /g; s/^ //; s/ $//; p}')" \
	"shares in tcp block 445
netbios in udp observe 137-138 5000"
is "sasserctl names the policy" "$(status victim policy) $(status victim origin) $(status victim mode)" \
	"Test-1.x domain enforce"

forget peer
tries "the policy blocks" timeout peer 445 10.7.1.1 fd00:7:1::1
tries "and observes" served peer -u 137,138 10.7.1.1 fd00:7:1::1
tries "and leaves alone what it does not name" served \
	peer 80,5554 10.7.1.1 fd00:7:1::1
same_status "Test-1.x"
same_rows "Test-1.x"
is "each row has exactly what was sent" "$(rows victim)" \
	"$(sent peer in tcp 445)
in udp 137-138 packets 4 bytes $(((20 + 40 + 2 * (8 + 1)) * 2)) attempts 0"

traffic()
{
	in_ns peer "$peer" connect 80 10.7.1.1 fd00:7:1::1
	in_ns victim "$peer" connect 80 10.7.1.2 fd00:7:1::2
}
is "a policy of one direction has hooks for that alone" \
	"$(called_while traffic 2>/dev/null | grep -xE 'sasser_ipv[46]_(in|out)')" \
	"sasser_ipv4_in
sasser_ipv6_in"

# ---- a refusal, the reset, the end

wrong=$(jq -c '.filter[1].range[0].first = 139' <<<"$policy")
is "a range upside down is refused, with a message" \
	"$(ynl --do policy-set "$wrong" | tr '\n' ' ' |
	grep -c 'Invalid argument.*SASSER_RANGE_A_LAST is below')" 1
is "and nothing changed" "$(status victim generation)" $((generation + 1))

before=$(rows_of_sasserctl)
ynl --dump counter-reset >"$tmp/reset"
is "counter-reset answers with the totals" \
	"$(rows_of_ynl <"$tmp/reset")" "$before"
is "and last with the unclassified packets" \
	"$(jq -c '.[-1] | del(.generation)' "$tmp/reset")" '{"unclassified":0}'
is "all rows are zero" "$(rows victim)" ""

# ---- remote prefixes, a trial, what is imposed

# status_now JQ: of what the kernel says now
status_now() { ynl --do status-get | jq -cS "$1"; }

filters='[{"action":"permit","direction":"in","name":"admins","protocol":"tcp","range":[{"first":445,"last":445}],"remote":[{"address":"0a070102","length":32},{"address":"fd000007000100000000000000000000","length":64}]},
{"action":"block","direction":"in","name":"shares","protocol":"tcp","range":[{"first":445,"last":445}]}]'
trial=$(jq -cn --argjson filter "$filters" '{policy: "Trial", mode: "enforce",
	origin: "local", match: "packet", scope: "host", confirm: 600, $filter}')
is "a policy with remote prefixes goes on trial" \
	"$(ynl --do policy-set "$trial")" null
is "filter-get gives back its prefixes" \
	"$(ynl --dump filter-get | jq -cS '[.[].filter[]]')" \
	"$(jq -cS . <<<"$filters")"
is "status-get has what is left of the trial" \
	"$(status_now '{match, scope, left: (.confirm > 300 and .confirm <= 600)}')" \
	'{"left":true,"match":"packet","scope":"host"}'
tries "a permit with a longer prefix exempts" served \
	peer 445 10.7.1.1 fd00:7:1::1
generation=$(status_now .generation)
is "only the generation on trial can be confirmed" \
	"$(ynl --do policy-confirm "{\"generation\": $((generation - 1))}" |
	tr '\n' ' ' | grep -c 'Stale file handle.*SASSER_A_GENERATION is not')" 1
is "policy-confirm answers with nothing but success" \
	"$(ynl --do policy-confirm "{\"generation\": $generation}")" null
is "and the policy stays, not on trial" \
	"$(status_now '{policy, generation, confirm}')" \
	"{\"confirm\":null,\"generation\":$generation,\"policy\":\"Trial\"}"
is "nothing is imposed" \
	"$(ynl --do status-get '{"imposed": true}' |
	jq -cS '{assigned, generation, policy, imposed}')" \
	'{"assigned":0,"generation":0,"imposed":null,"policy":null}'
is "and has no counters" \
	"$(ynl --dump counter-get '{"imposed": true}')" '[]'

ynl --do policy-clear '{}' >/dev/null
is "policy-clear un-assigns" "$(status victim assigned)" false
tries "and nothing is blocked" served peer 445 10.7.1.1 fd00:7:1::1
finish
