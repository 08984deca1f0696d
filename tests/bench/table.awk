# SPDX-License-Identifier: GPL-2.0-or-later
# From the lines of guest.sh, the tables that people read.
BEGIN {
	FS = "\t"
	n_kinds = split("ack4 ack6 udp4 udp6 syn4 syn6", kinds, " ")
}

{
	if (!($1 in seen)) {
		seen[$1] = 1
		contender[++n] = $1
	}
	cost[$1, $2] = $3
	if ($4 - $3 > spread)
		spread = $4 - $3
}

function head(title,    i)
{
	printf "\n%s\n%26s%18s%18s%18s\n%26s", title, "", "passes: TCP ACK",
		"passes: UDP", "dropped: SYN 445", ""
	for (i = 1; i <= n_kinds; i++)
		printf "%9s", kinds[i] ~ /4$/ ? "IPv4" : "IPv6"
	print ""
}

# The costs of one contender; with a name in FROM, what they are more than that
# one's, where the packet passes, and more than a bare drop's where it doesn't.
function row(name, from, label,    i, kind, base, line)
{
	line = sprintf("%-26s", label ? label : name)
	for (i = 1; i <= n_kinds; i++) {
		kind = kinds[i]
		base = kind ~ /^syn/ ? "drop all, PRE_ROUTING" : from
		if (!((name, kind) in cost))
			line = line sprintf("%9s", "")
		else if (from)
			line = line sprintf("%+9d",
				cost[name, kind] - cost[base, kind])
		else
			line = line sprintf("%9d", cost[name, kind])
	}
	sub(/ +$/, "", line)
	print line
}

END {
	head("Linux " kver ": instructions per packet")
	for (c = 1; c <= n; c++)
		row(contender[c])
	head("Passes: more than with nothing loaded. Dropped: more than dropping all.")
	for (c = 2; c <= n; c++)
		if (contender[c] !~ /^drop all/)
			row(contender[c], "nothing loaded")
	row("SASSER", "empty hook, PRE_ROUTING", "SASSER over empty hook")
	row("SASSER, 1,024 prefixes", "empty hook, PRE_ROUTING",
		"the same, 1,024 prefixes")
	printf "\nLeast of 4 runs of 20,000 packets; the median is at most %d above.\n",
		spread
}
