#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A Windows program under Wine meets the block like any other.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

program=${peer%/*}/wine_connect.exe
dlls=/usr/lib/x86_64-linux-gnu/wine/x86_64-windows
export WINEPREFIX=$tmp/wine WINEDEBUG=-all PATH=$PATH:/usr/lib/wine

plan 7

# wine NAMESPACE ADDRESS PORT...: what the program says
wine()
{
	local ns=$1

	shift
	in_ns "$ns" timeout 600 wine64 "$program" "$@" 2>&1 | tr -d '\r'
}

# A first start would fill the prefix for minutes; a program that only opens
# sockets needs the libraries and nothing else.
mkdir -p "$WINEPREFIX/drive_c/windows"
ln -s $dlls "$WINEPREFIX/drive_c/windows/system32"
echo disable >"$WINEPREFIX/.update-timestamp"
at_exit 'wineserver64 -k -w'

ns_add victim peer
link victim peer eth0
addresses victim eth0 peer eth0 1
serve peer 80,9996
witness victim

targets=(10.7.1.2 9996 fd00:7:1::2 9996 10.7.1.2 80 fd00:7:1::2 80)
served="10.7.1.2 9996 served
fd00:7:1::2 9996 served
10.7.1.2 80 served
fd00:7:1::2 80 served"

is "it is a Windows program" "$(file -b "$program" | cut -d ' ' -f 1)" PE32+
is "before: out 9996 and 80 are served" \
	"$(wine victim "${targets[@]}")" "$served"
succeeds "enable" in_ns victim sasserctl enable --runtime --force
mark victim victim
# 10061: WSAECONNREFUSED
is "out 9996 is refused, 80 is served" "$(wine victim "${targets[@]}")" \
	"10.7.1.2 9996 error 10061
fd00:7:1::2 9996 error 10061
10.7.1.2 80 served
fd00:7:1::2 80 served"
counted "the row has exactly what was sent" victim \
	"$(sent victim out tcp 9996)"
succeeds "disable" in_ns victim sasserctl disable --runtime
is "after: out 9996 and 80 are served" "$(wine victim "${targets[@]}")" "$served"
finish
