#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest's part of run.sh: guest.sh DIR, where DIR has bench and
# bench_hook.ko. Prints "CONTENDER KIND LEAST MEDIAN" lines, separated by tabs.
set -eu -o pipefail

dir=$1
bench=$dir/bench
passing=(ack4 ack6 udp4 udp6)
dropped=(syn4 syn6)

modprobe tun
sysctl -q -w net.ipv6.conf.all.router_solicitations=0 \
	net.ipv6.conf.default.router_solicitations=0
ip tuntap add dev bench0 mode tap
ip link set dev bench0 address 02:00:00:00:00:01
ip address add 192.0.2.1/24 dev bench0
ip -6 address add 2001:db8::1/64 dev bench0 nodad
ip link set dev bench0 up

"$bench" "nothing loaded" passes "${passing[@]}"

insmod "$dir/bench_hook.ko"
"$bench" "empty hook, PRE_ROUTING" passes "${passing[@]}"
rmmod bench_hook

insmod "$dir/bench_hook.ko" drop=1
"$bench" "drop all, PRE_ROUTING" drops "${dropped[@]}"
rmmod bench_hook

modprobe nf_sasser
"$bench" "loaded, nothing assigned" passes "${passing[@]}"
sasserctl enable --runtime --force >/dev/null 2>&1
"$bench" SASSER drops "${passing[@]}" "${dropped[@]}"
"$dir/prefixes"
"$bench" "SASSER, 1,024 prefixes" drops "${passing[@]}" "${dropped[@]}"
sasserctl disable --runtime >/dev/null
rmmod nf_sasser

# what most would write, with one counter for all three ports
nft -f - <<-EOF
	table inet filter {
		chain input {
			type filter hook input priority filter;
			tcp dport { 445, 5554, 9996 } counter drop
		}
	}
EOF
"$bench" "nft INPUT" drops "${passing[@]}" "${dropped[@]}"
nft flush ruleset

nft -f - <<-EOF
	table netdev filter {
		chain ingress {
			type filter hook ingress device bench0 priority filter;
			tcp dport { 445, 5554, 9996 } counter drop
		}
	}
EOF
"$bench" "nft netdev ingress" drops "${dropped[@]}"
nft flush ruleset
