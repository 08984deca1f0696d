#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sasserctl gpo with Samba's own functions, and a configuration of its own. Needs no
# module.
#
# SASSERCTL	the program, built for the directories in ROOT
# ROOT		vendor/samba, samba, run and domain are made and removed here

cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/userspace_tap.sh
. ./userspace_tap.sh
SASSERCTL=${SASSERCTL:?} ROOT=${ROOT:?}
tmp=$(mktemp -d)
out=$tmp/stdout err=$tmp/stderr
list=$ROOT/samba/gpext.conf extension=$ROOT/vendor/samba/gp_sasser_ext.py
trap 'rm -rf "$tmp" "$ROOT/vendor/samba" "$ROOT/samba" "$ROOT/run" "$ROOT/domain"' EXIT

# Changes take CAP_NET_ADMIN: else be root of a user namespace.
as=()
"$SASSERCTL" policy delete NIX 2>&1 | grep -q CAP_NET_ADMIN && as=(unshare -rn)

gpo() { "${as[@]}" "${in[@]}" "$SASSERCTL" gpo "$@" >"$out" 2>"$err"; }
in=()

# ends WHAT STATUS WORDS ARGUMENT...: how it ends, and what it says
ends()
{
	local what=$1 want=$2 words=$3 status

	shift 3
	gpo "$@"
	status=$?
	if [ "$want" = 0 ]; then
		# wrapped at 80 columns, wherever the path of this tree has them
		[ $status = 0 ] && tr -d ' \n' <"$out" | grep -qF -e "${words// }"
	else
		[ $status = "$want" ] && [ ! -s "$out" ] && grep -qF -e "$words" "$err"
	fi
	result $? "$what"
}

# holds WHAT COMMAND...
holds()
{
	local what=$1

	shift
	"$@" >"$out" 2>"$err"
	result $? "$what"
}

fails() { ! "$@"; }

smb_conf()
{
	rm -rf "$ROOT/samba"
	mkdir -p "$ROOT/samba"
	printf '[global]\n\t%s = %s\n' "state directory" "$ROOT/samba" \
		"cache directory" "$ROOT/samba" "$@" >"$ROOT/samba/smb.conf"
}

put_extension()
{
	rm -rf "$ROOT/vendor/samba"
	mkdir -p "$ROOT/vendor/samba"
	cp ../userspace/samba/gp_sasser_ext.py "$extension"
}

# What samba-gpupdate would run, by Samba's own loader.
loaded()
{
	/usr/bin/python3 -B -c "
from samba.gp.gp_ext_loader import get_gp_client_side_extensions as get
machine, user = get('$ROOT/samba/smb.conf')
print([ext.__name__ for ext in machine], [ext.__name__ for ext in user])"
}
loads() { [ "$(loaded)" = "$1" ]; }

echo "TAP version 13"
ends "without smb.conf the status is not known" 1 "there is no $ROOT/samba/smb.conf" status
ends "but nothing is left to be unregistered" 0 "assigns nothing here" unregister
smb_conf
ends "nothing is registered by itself" 0 "registered      no" status
ends "gpupdate has never run" 0 "last gpupdate   never" status
ends "a missing file is named" 0 "$extension, missing" status
ends "and not registered" 1 "$extension: No such file" register
holds "the list was not made for that" test ! -e "$list"

put_extension
echo "raise RuntimeError('broken')" >"$extension"
ends "a file that can't be loaded is not registered" 1 "RuntimeError: broken" register
echo "import nix" >"$extension"
ends "nor one whose imports are not there" 1 "No module named 'nix'" register
holds "so Group Policy goes on working" loads "[] []"

put_extension
ends "register" 0 "assigns policies here from the next refresh" register
holds "samba finds the class, for machines alone" loads "['gp_sasser_ext'] []"
holds "Samba's list names the file" grep -qx "dllname = $extension" "$list"
cp "$list" "$tmp/list"
ends "once more" 0 "assigns policies here" register
holds "changes nothing" cmp "$list" "$tmp/list"
ends "status says it" 0 "registered      yes, $extension" status
touch -d '2026-01-02 03:04:05 UTC' "$ROOT/samba/gpo.tdb"
ends "and when gpupdate last ran" 0 "last gpupdate   2026-01-02T03:04:05Z" status
holds "nothing but the list was written" \
	test "$(cd "$ROOT/samba" && echo *)$(ls "$ROOT/vendor/samba")" = \
	"gpext.conf gpo.tdb smb.confgp_sasser_ext.py"

rm "$extension"
gpo status && grep -qF "all of this host's Group Policy fails" "$err"
result $? "a registered file that is missing is warned of"
holds "and it does fail" fails loaded
put_extension

# one of another's stays
cat >"$tmp/other.py" <<-'END'
	from samba.gp.gpclass import gp_ext
	class other(gp_ext):
	    pass
END
/usr/bin/python3 -c "
from samba.gp.gpclass import register_gp_extension as register
register('{11111111-2222-4333-8444-555555555555}', 'other', '$tmp/other.py',
         smb_conf='$ROOT/samba/smb.conf', machine=True, user=False)"
holds "beside another" loads "['gp_sasser_ext', 'other'] []"

empty=$tmp/empty
mkdir "$empty"
modules=$(/usr/bin/python3 -c 'import samba; print(samba.__path__[0])')
# shellcheck disable=SC2016 # expanded there
in=(unshare -m sh -c 'mount --bind "$0" "$1" && shift && exec "$@"' "$empty" "$modules")
ends "without Samba's modules it says what to install" 1 "apt-get install samba python3-samba" \
	register
ends "and can't unregister what is there" 1 "apt-get install" unregister
in=()

mkdir -p "$ROOT/domain"
touch "$ROOT/domain/assigned.conf"
ends "unregister says what stays" 0 "sasserctl domain clear" unregister
rm -rf "$ROOT/domain"
holds "only ours is gone" loads "['other'] []"
ends "once more" 0 "assigns nothing here" unregister

# modules are not taken from where it is called
mkdir "$tmp/here"
printf 'open("%s", "w")\n' "$tmp/mine" | tee "$tmp/here/samba.py" >"$tmp/here/os.py"
in=(env -C "$tmp/here" "PYTHONPATH=$tmp/here")
ends "it is the same wherever it is called" 0 "registered      no" status
holds "with no code from there" test ! -e "$tmp/mine"
in=()

smb_conf "server role" "active directory domain controller"
ends "not on a domain controller" 5 "this is a domain controller" register
holds "where nothing was changed" test ! -e "$list"
smb_conf "apply group policies" yes
ends "status knows of winbindd" 0 "applies Group Policy by itself" status
mkdir "$list"
ends "a list that can't be read is none that is empty" 1 "IsADirectoryError" status

ends "what a gpo command is not" 2 "not \"nix\"" nix
ends "nor with more" 2 "not \"x\"" status x
ends "nor without" 2 "register, unregister or status" ""

smb_conf
gpo failed "$(printf 'GPO {1} "W": no\x1b[1m\nok')"
result $? "the extension has its failure recorded"
ends "which status shows" 0 ", refused: Group Policy: GPO {1} \"W\": no" status
holds "and which every refresh to come will fail for" \
	cmp "$ROOT/run/last_refresh" "$ROOT/run/last_domain"
holds "on one line" test "$(wc -l <"$ROOT/run/last_refresh")" = 1
holds "without what a terminal would do" fails grep -q "$(printf '\x1b')" "$ROOT/run/last_refresh"
echo "1..$count"
exit $failed
