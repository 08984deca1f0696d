#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sasserctl policy, with directories of its own. Needs no module.
#
# SASSERCTL	the program, built for the directories in ROOT
# ROOT		with vendor/policy.d; local and domain are made and removed here

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/userspace_tap.sh
. ./userspace_tap.sh
SASSERCTL=${SASSERCTL:?} ROOT=${ROOT:?}
local=$ROOT/local/policy.d domain=$ROOT/domain/policy.d
tmp=$(mktemp -d)
out=$tmp/stdout err=$tmp/stderr
trap 'rm -rf "$tmp" "$ROOT/local" "$ROOT/domain"' EXIT

# Changes take CAP_NET_ADMIN: else be root of a user namespace.
as=()
"$SASSERCTL" policy delete NIX 2>&1 | grep -q CAP_NET_ADMIN && as=(unshare -rn)

policy()
{
	"${as[@]}" "$SASSERCTL" policy "$@" >"$out" 2>"$err"
}

# did WHAT ARGUMENT...: succeeds, without a word on standard error
did()
{
	local what=$1

	shift
	policy "$@" && [ ! -s "$err" ]
	result $? "$what"
}

state() { (cd "$ROOT" && find local domain -printf '%p %m %y\n' -type f \
	-exec cat {} + 2>/dev/null | sort); }

# refused STATUS REASON ARGUMENT...: nothing is printed, and nothing changed
refused()
{
	local want=$1 why=$2 before status

	shift 2
	before=$(state)
	policy "$@"
	status=$?
	[ $status = "$want" ] && [ ! -s "$out" ] && grep -qF -e "$why" "$err" &&
		[ "$before" = "$(state)" ]
	result $? "refused with $want: policy $* ($why)"
}

# same NAME FILE FILE
same()
{
	diff -u "$2" "$3" >"$tmp/diff"
	result $? "$1" "$tmp/diff"
}

has()
{
	grep -qF -e "$2" "$out"
	result $? "$1"
}

clear() { rm -rf "$ROOT/local" "$ROOT/domain"; }

# filter NAME PORT [ACTION]
filter()
{
	printf '[filter %s]\ndirection = in\nprotocol = tcp\nport = %s\naction = %s\n' \
		"$1" "$2" "${3:-block}"
}

define() { printf '[policy %s]\nfilters = %s\n' "$1" "$2"; }

clear
echo "TAP version 13"

# ---- usage
refused 2 'policy what?'
refused 2 'does not know "nix"' nix
refused 2 'needs the name of a policy' show
refused 2 'needs a file' import
refused 2 'does not take the argument "X"' list X
refused 2 'does not take the argument "Y"' show X Y
refused 2 'does not take --replace' list --replace
refused 2 'does not take --format' show --format nft X

# ---- list, show
did "lists the vendor's policies" list
printf '%-18s %-6s %-7s %-24s %s\n' POLICY ORIGIN MODE FILTERS FILE \
	QUARANTINE vendor enforce 'smb payload payload-d p~' quarantine.conf \
	SASSER-VARIANTS vendor enforce 'smb payload payload-d p~' \
	sasser-variants.conf \
	SASSER vendor enforce 'smb payload' sasser.conf >"$tmp/want"
same "as a table" "$tmp/want" "$out"
did "shows one" show SASSER-VARIANTS
has "with each filter" '[filter payload-e]'
has "and where that is from" "# vendor, line 6 of "
refused 1 'no policy "NIMDA"; there is: QUARANTINE' show NIMDA
did "lists them as JSON" list --json
has "which has them" '"policy": "SASSER-VARIANTS"'
did "shows one as JSON" show --json QUARANTINE
has "with its filters" '"filter": "smb-out"'

# ---- import
filter web '80 8000-8010' >"$tmp/site.conf"
define SITE 'web smb' >>"$tmp/site.conf"
did "imports a policy that uses the vendor's filter" import "$tmp/site.conf"
has "says that nothing is assigned" 'What is in force was not touched.'
same "as it is" "$tmp/site.conf" "$local/site.conf"
[ "$(stat -c '%a %a' "$local/site.conf")" = "644 644" ] &&
	[ "$(stat -c %a "$local")" = 755 ]
result $? "for all to read"
[ "$(ls -A "$local")" = site.conf ]
result $? "and leaves no temporary file"
did "imports the same again" import "$tmp/site.conf"
policy list
has "it is in the list" 'SITE               local  enforce web smb'
(umask 077 && policy import --origin domain "$tmp/site.conf") &&
	[ "$(stat -c %a "$domain/site.conf" "$domain" "$ROOT/domain")" = \
		"644
755
755" ]
result $? "imports for the domain, whatever the umask"
rm -rf "$ROOT/domain"

refused 1 'there is no such file' import "$tmp/nix.conf"
cp "$tmp/site.conf" "$tmp/site.ini"
refused 1 'ends with .conf' import "$tmp/site.ini"
cp "$tmp/site.conf" "$tmp/.x.conf"
refused 1 'does not begin with' import "$tmp/.x.conf"
refused 1 'it is a directory' import "$tmp"
: >"$tmp/empty.conf"
refused 1 'defines no policy and no filter' import "$tmp/empty.conf"
filter web 81 >"$tmp/bad.conf"
echo 'colour = red' >>"$tmp/bad.conf"
refused 1 'bad.conf, line 6: a filter has no key "colour"' import "$tmp/bad.conf"
define BAD 'smb nix' >"$tmp/bad.conf"
refused 1 'bad.conf, line 2: policy "BAD" has the filter "nix", which no file' \
	import "$tmp/bad.conf"
define OTHER smb >"$tmp/other.conf"
refused 1 'bad.conf, line 2' import "$tmp/other.conf" "$tmp/bad.conf"
mkdir "$tmp/again"
cp "$tmp/other.conf" "$tmp/again"
refused 1 'two of the files' import "$tmp/other.conf" "$tmp/again/other.conf"
define TWO one >"$tmp/two.conf"
filter one 1 >"$tmp/one.conf"
did "imports two files that need each other" import "$tmp/two.conf" \
	"$tmp/one.conf"

# ---- names in use
filter smb 139 >"$tmp/smb.conf"
refused 1 'the filter "smb" means something else already: ' import "$tmp/smb.conf"
define SASSER smb >"$tmp/mine.conf"
refused 1 'the policy "SASSER" means something else already: ' \
	import "$tmp/mine.conf"
did "takes a name of the vendor's with --replace" import --replace \
	"$tmp/mine.conf"
policy show SASSER
has "which then means that" "# local, line 1 of "
policy show SASSER --origin domain
has "but not to the domain" "# vendor, line "
filter smb 445 >"$tmp/same.conf"
did "takes what means the same" import "$tmp/same.conf"
{ filter smb 445 && filter new 1 && define NEW 'new smb'; } >"$tmp/new.conf"
did "and the same, in another file of the origin" import "$tmp/new.conf"
[ "$(grep -c filter "$local/new.conf")" = 2 ] && [ -e "$local/same.conf" ]
result $? "where it stays"
filter smb 446 >"$tmp/new2.conf"
refused 1 'means something else already' import "$tmp/new2.conf"
did "moves it with --replace" import --replace "$tmp/new2.conf"
[ ! -e "$local/same.conf" ] && [ -e "$local/new2.conf" ]
result $? "from one file to the other"
filter other 1 >"$tmp/again/site.conf"
refused 1 "site.conf, whose filter \"web\" it lacks" import "$tmp/again/site.conf"
did "drops what was in a file of that name with --replace" \
	import --replace "$tmp/again/site.conf"
filter y 1 >"$tmp/again/one.conf"
refused 1 'policy "TWO" has the filter "one", which no file defines' \
	import --replace "$tmp/again/one.conf"
filter vendors 1 >"$tmp/sasser.conf"
refused 1 'sasser.conf, whose filter "smb" it lacks' import "$tmp/sasser.conf"
clear

# ---- limits, over files
{ printf '[filter many]\ndirection = in\nprotocol = tcp\naction = block\nport =' &&
	seq -f ' %g' -s '' 1 2 2047 && echo; } >"$tmp/many.conf"
did "takes 1024 ports" import "$tmp/many.conf"
define MANY 'many smb' >"$tmp/limit.conf"
refused 1 'policy "MANY" has 1025 ports and ranges' import "$tmp/limit.conf"
clear

# ---- what is assigned
did "imports" import "$tmp/site.conf"
printf '[assigned]\npolicy = SITE\n' >"$ROOT/local/assigned.conf"
refused 1 'SITE is assigned, by origin local' delete SITE
filter other 1 >"$tmp/again/site.conf"
refused 1 'the policy "SITE" would be gone, and it is assigned, by origin local' \
	import --replace "$tmp/again/site.conf"
mkdir -p "$domain"
printf '[assigned]\npolicy = SITE\n' >"$ROOT/domain/assigned.conf"
rm "$ROOT/local/assigned.conf"
refused 1 'sasserctl disable --origin domain' delete SITE
rm "$ROOT/domain/assigned.conf"

# ---- delete
refused 1 'can'"'"'t be deleted' delete SASSER
refused 1 'there is no policy or filter "NIX"' delete NIX
define USER web >"$tmp/user.conf"
did "imports a user of its filter" import "$tmp/user.conf"
refused 1 'the filter "web" is used by the policy "USER", in ' delete SITE
refused 1 'the filter "web" is used by the policy ' delete web
refused 1 'sasserctl policy delete --origin local SITE' delete --origin domain SITE
did "deletes the user" delete USER
[ ! -e "$local/user.conf" ]
result $? "and its file, which has nothing else"
did "and then the policy" delete SITE
[ ! -e "$local/site.conf" ]
result $? "with its filter"
{
	echo '# The first.'
	filter a 1
	echo
	echo '# Both have it.'
	filter both 2
	echo
	echo '# Of A.'
	define A 'a both'
	echo
	echo '# Of B.'
	define B both
} >"$tmp/ab.conf"
policy import "$tmp/ab.conf"
policy delete A && grep -qF 'filter "both" stays: the policy "B" uses it' "$err"
result $? "a filter that another policy of the file uses stays"
{ echo && echo '# Both have it.' && filter both 2 && echo && echo '# Of B.' &&
	define B both; } >"$tmp/want"
same "with its comments" "$tmp/want" "$local/ab.conf"
cp "$tmp/ab.conf" "$tmp/sasser.conf"
did "imports in the place of the vendor's file" import --replace "$tmp/ab.conf"
did "deletes a filter that nobody uses" import --replace "$tmp/smb.conf"
did "deletes what hides the vendor's" delete smb
clear

# ---- a bad file in the pool
mkdir -p "$local"
echo rubbish >"$local/bad.conf"
policy list && grep -q '^SASSER ' "$out" &&
	grep -qF 'left out: ' "$err" && grep -qF 'bad.conf, line 1: neither' "$err"
result $? "a bad file is named, the others are listed"
did "others can be imported beside it" import "$tmp/site.conf"
filter x 1 >"$tmp/again/bad.conf"
refused 1 'already, with a mistake in it' import "$tmp/again/bad.conf"
did "and it can be replaced" import --replace "$tmp/again/bad.conf"
policy list && [ ! -s "$err" ]
result $? "so that nothing is wrong any more"
clear

# ---- export as a file, and back
cat >"$tmp/rich.conf" <<-EOF
	[filter in]
	description = Everything a filter can have, and a line that is so long that it is = written in more than one
	direction = in
	protocol = tcp
	port = 445 1000-1001 511-512
	action = block
	remote = 2001:db8::/32 0.0.0.0/0 192.0.2.0/24 198.51.100.0/24
	[filter scanner]
	direction = both
	protocol = tcp
	port = 1-65535
	action = permit
	remote = 192.0.2.7 2001:db8::7 192.0.2.128/25
	[filter watch]
	direction = out
	protocol = udp
	port = 137
	action = observe
	[policy RICH]
	description = Rich
	filters = in scanner watch smb
	match = packet
	scope = everywhere
	expires = 2026-12-31
	expires_action = disable
EOF
did "imports a rich policy" import "$tmp/rich.conf"
for name in SASSER SASSER-VARIANTS QUARANTINE RICH; do
	policy export "$name" && cp "$out" "$tmp/$name.conf" && clear &&
		did "$name: what was exported can be imported" import --replace \
			"$tmp/$name.conf"
	policy show --json "$name" && grep -v '"file":\|"origin":' "$out" >"$tmp/there"
	policy export "$name" && cp "$out" "$tmp/second.conf"
	same "$name: and exported again it is the same" "$tmp/$name.conf" \
		"$tmp/second.conf"
	clear
	policy import "$tmp/rich.conf"
	policy show --json "$name" && grep -v '"file":\|"origin":' "$out" >"$tmp/here"
	same "$name: and means the same" "$tmp/here" "$tmp/there"
done
did "exports for nft" export --format nft RICH
same "as it should be" golden/policy_rich.nft "$out"
did "exports for netsh" export --format netsh RICH
same "as that should be" golden/policy_rich.netsh "$out"
clear
for name in SASSER SASSER-VARIANTS QUARANTINE; do
	policy show --json "$name" && grep -v '"file":\|"origin":\|"description":' "$out" \
		>"$tmp/here"
	policy export --format netsh "$name" && cp "$out" "$tmp/$name.netsh"
	did "$name: imports what was exported for netsh" import "$tmp/$name.netsh"
	policy show --json "$name" && grep -v '"file":\|"origin":\|"description":' "$out" \
		>"$tmp/there"
	same "$name: which means the same" "$tmp/here" "$tmp/there"
	clear
done

# ---- scripts of netsh ipsec static, as they were written in 2004
for script in netsh/*.{cmd,txt,bat,netsh}; do
	base=${script%.*}
	base=${base#netsh/}
	case $base in
	08-*) refused 1 "line 5: action=negotiate can't be expressed" import "$script" ;;
	09-*) refused 1 "line 4: srcport=9996 can't be expressed" import "$script" ;;
	10-*) refused 1 'line 5: the address "DHCP" can'"'"'t be expressed' \
		import "$script" ;;
	*)
		did "imports $script" import "$script"
		same "as it was meant" "netsh/$base.conf" "$local/$base.conf"
		did "which can be imported itself" import "netsh/$base.conf"
		clear
		;;
	esac
done

# wrong LINE REASON: a script whose line is that one is refused
wrong()
{
	{
		echo 'netsh ipsec static add policy name=p'
		echo 'netsh ipsec static add filteraction name=b action=block'
		echo "$1"
	} >"$tmp/wrong.cmd"
	refused 1 "wrong.cmd, line 3: $2" import "$tmp/wrong.cmd"
}

add='netsh ipsec static add'
wrong 'ipconfig /all' '"ipconfig /all" can'"'"'t be expressed'
wrong "$add policy name=P" 'there is a policy "P" already'
wrong "$add policy" 'there is no name='
wrong "$add policy name=\"x" 'a quote is not closed'
wrong "$add filter filterlist=f srcaddr=any dstaddr=me protocol=icmp" \
	'protocol=icmp can'"'"'t'
wrong "$add filter filterlist=f srcaddr=any dstaddr=me" 'protocol=any can'"'"'t'
wrong "$add filter filterlist=f srcaddr=any dstaddr=any protocol=tcp" \
	'srcaddr=, dstaddr=: one of them has to be me'
wrong "$add filter filterlist=f srcaddr=me dstaddr=me protocol=tcp" \
	'srcaddr=, dstaddr=: one of them has to be me'
wrong "$add filter filterlist=f srcaddr=10.0.0.1-10.0.0.9 dstaddr=me protocol=tcp" \
	'the address "10.0.0.1-10.0.0.9" can'"'"'t'
wrong "$add filter filterlist=f srcaddr=10.0.0.1 srcmask=255.0.255.0 dstaddr=me protocol=tcp" \
	'the mask "255.0.255.0" is none'
wrong "$add filter filterlist=f srcaddr=any dstaddr=me protocol=tcp dstport=445>nul" \
	'dstport=445>nul is no port'
wrong "$add filter filterlist=f srcaddr=any dstaddr=me protocol=tcp mirrored=maybe" \
	'mirrored=maybe'
wrong "$add filter filterlist=f srcaddr=any dstaddr=me protocol=tcp dstport=%PORT%" \
	'"%PORT%" takes a variable'
wrong "$add filter filterlist=f srcaddr=any srcaddr=any dstaddr=me protocol=tcp" \
	'"srcaddr" is given twice'
wrong "$add rule name=r policy=p filterlist=f filteraction=b" 'there is no filter list "f"'
wrong "$add rule name=r policy=p filterlist=f filteraction=b tunnel=10.0.0.1" \
	'"tunnel" can'"'"'t be expressed'
wrong 'netsh ipsec static delete all' '"delete all" can'"'"'t'
printf '%s\n' "$add policy name=p" "$add policy name=q" >"$tmp/wrong.cmd"
refused 1 'wrong.cmd, line 1: the policy "p"' import "$tmp/wrong.cmd"

echo "1..$count"
exit $failed
