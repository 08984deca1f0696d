// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "export.h"
#include "sasserctl.h"
#include "words.h"

#define EPHEMERAL	512	/* from here a port may be an innocent's */

/* A filter with those of its prefixes that have one family and length. */
struct part {
	const struct filter *filter;
	size_t index;		/* of the filter */
	uint8_t family;		/* 0: every address */
	int length;		/* -1: no prefix, which is the shortest */
};

/* A chain is its first rule that matches: the module's order of precedence. */
static int by_precedence(const void *one, const void *other)
{
	static const int ranks[] = {
		[SASSER_ACTION_BLOCK] = 0,
		[SASSER_ACTION_OBSERVE] = 1,
		[SASSER_ACTION_PERMIT] = 2,
	};
	const struct part *a = one, *b = other;

	if (a->length != b->length)
		return b->length - a->length;
	if (a->filter->action != b->filter->action)
		return ranks[a->filter->action] - ranks[b->filter->action];
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return a->family - b->family;
}

static void add_part(struct part *parts, size_t *n, const struct part *part)
{
	for (size_t i = 0; i < *n; i++)
		if (parts[i].filter == part->filter &&
		    parts[i].family == part->family &&
		    parts[i].length == part->length)
			return;
	parts[(*n)++] = *part;
}

static struct part *in_order(const struct policy *policy, size_t *n)
{
	size_t most = policy->n_filters + 1;
	struct part *parts;

	for (size_t i = 0; i < policy->n_filters; i++)
		most += policy->filters[i].n_remotes;
	parts = calloc(most, sizeof(*parts));
	if (!parts) {
		complain("out of memory");
		exit(FAILED);
	}
	*n = 0;
	for (size_t i = 0; i < policy->n_filters; i++) {
		const struct filter *filter = &policy->filters[i];
		struct part part = { filter, i, 0, -1 };

		if (!filter->n_remotes)
			add_part(parts, n, &part);
		for (size_t j = 0; j < filter->n_remotes; j++) {
			part.family = filter->remotes[j].family;
			part.length = filter->remotes[j].length;
			add_part(parts, n, &part);
		}
	}
	qsort(parts, *n, sizeof(*parts), by_precedence);
	return parts;
}

static void put_addresses(FILE *out, const struct part *part, bool in)
{
	const struct filter *filter = part->filter;
	const char *comma = "";
	char word[PREFIX_LEN];

	if (!part->family)
		return;
	if (!part->length) {
		fprintf(out, "meta nfproto %s ",
			part->family == AF_INET ? "ipv4" : "ipv6");
		return;
	}
	fprintf(out, "%s %s { ", part->family == AF_INET ? "ip" : "ip6",
		in ? "saddr" : "daddr");
	for (size_t i = 0; i < filter->n_remotes; i++)
		if (filter->remotes[i].family == part->family &&
		    filter->remotes[i].length == part->length) {
			fprintf(out, "%s%s", comma,
				format_prefix(word, &filter->remotes[i]));
			comma = ", ";
		}
	fputs(" } ", out);
}

static bool has_ports(const struct filter *filter, unsigned int first,
		      unsigned int last)
{
	for (size_t i = 0; i < filter->n_ranges; i++)
		if (filter->ranges[i].first <= last &&
		    filter->ranges[i].last >= first)
			return true;
	return false;
}

/* Those from @first to @last. */
static void put_ports(FILE *out, const struct filter *filter,
		      unsigned int first, unsigned int last)
{
	const char *comma = "";
	char word[PORTS_LEN];

	fprintf(out, "%s dport { ", word_protocol(filter->protocol));
	for (size_t i = 0; i < filter->n_ranges; i++) {
		struct range range = filter->ranges[i];

		if (range.first > last || range.last < first)
			continue;
		if (range.first < first)
			range.first = (uint16_t)first;
		if (range.last > last)
			range.last = (uint16_t)last;
		fprintf(out, "%s%s", comma, format_ports(word, &range));
		comma = ", ";
	}
	fputs(" } ", out);
}

struct rule {
	const struct policy *policy;
	const struct part *part;
	bool in;
	unsigned int first;	/* the ports that are meant */
	unsigned int last;
};

#define SYN_ONLY	"tcp flags & (syn | ack) == syn "

static void put_rule(FILE *out, const struct rule *rule, const char *flags,
		     const char *verdict)
{
	fputs("        ", out);
	put_addresses(out, rule->part, rule->in);
	put_ports(out, rule->part->filter, rule->first, rule->last);
	fprintf(out, "%scounter %s comment \"%s\"\n", flags, verdict,
		rule->part->filter->name);
}

static void put_rules(FILE *out, struct rule *rule, unsigned int first,
		      unsigned int last, bool only_syn)
{
	const struct filter *filter = rule->part->filter;
	bool tcp = filter->protocol == SASSER_PROTOCOL_TCP;

	rule->first = first;
	rule->last = last;
	if (!has_ports(filter, first, last))
		return;
	if (filter->action != SASSER_ACTION_BLOCK ||
	    rule->policy->mode == SASSER_MODE_OBSERVE) {
		put_rule(out, rule, only_syn ? SYN_ONLY : "", "accept");
		return;
	}
	if (tcp && !rule->in)
		put_rule(out, rule, SYN_ONLY, "reject with tcp reset");
	if (!tcp || rule->in || !only_syn)
		put_rule(out, rule, only_syn ? SYN_ONLY : "", "drop");
}

static void put_part(FILE *out, const struct policy *policy,
		     const struct part *part, bool in)
{
	struct rule rule = { .policy = policy, .part = part, .in = in };

	if (part->filter->protocol != SASSER_PROTOCOL_TCP ||
	    policy->match == SASSER_MATCH_PACKET) {
		put_rules(out, &rule, 1, UINT16_MAX, false);
	} else {
		put_rules(out, &rule, 1, EPHEMERAL - 1, false);
		put_rules(out, &rule, EPHEMERAL, UINT16_MAX, true);
	}
}

static void put_chain(FILE *out, const struct policy *policy,
		      const struct part *parts, size_t n, bool in)
{
	const uint8_t direction = in ? SASSER_DIRECTION_IN :
				       SASSER_DIRECTION_OUT;

	if (in)
		fputs("    chain in {\n"
		      "        type filter hook prerouting priority -450; policy accept;\n"
		      "        meta l4proto != { tcp, udp } accept\n"
		      "        iiftype loopback accept\n"
		      "        meta l4proto tcp fib daddr type != { local, anycast } accept\n"
		      "        meta l4proto udp fib daddr type != { local, anycast, broadcast, multicast } accept\n",
		      out);
	else
		fputs("    chain out {\n"
		      "        type filter hook output priority -450; policy accept;\n"
		      "        meta l4proto != { tcp, udp } accept\n"
		      "        oiftype loopback accept\n"
		      "        tcp flags & rst == rst accept\n", out);
	for (size_t i = 0; i < n; i++)
		if (parts[i].filter->direction & direction)
			put_part(out, policy, &parts[i], in);
	fputs("    }\n", out);
}

static bool has_direction(const struct policy *policy, uint8_t direction)
{
	for (size_t i = 0; i < policy->n_filters; i++)
		if (policy->filters[i].direction & direction)
			return true;
	return false;
}

static void put_head(FILE *out, const struct pool_policy *policy,
		     const struct policy *built)
{
	char day[16];

	fprintf(out, "#!/usr/sbin/nft -f\n"
		"# The policy %s of sasser, for a host without its module.\n"
		"#\n"
		"# What nft can't say, and the module does:\n"
		"# - whatever flushes the ruleset takes this away\n"
		"# - an IPv6 packet that hides its ports behind extension headers, or in a\n"
		"#   second fragment, passes; and so does a first fragment without TCP flags\n"
		"# - a counter is that of a rule, not of each port; sources are not recorded\n"
		"# - an outbound SYN gets a reset, and connect(2) fails by that\n",
		policy->name);
	if (built->match == SASSER_MATCH_AUTO)
		fprintf(out, "# - connections that are open go on, from port %d up\n",
			EPHEMERAL);
	if (built->scope == SASSER_SCOPE_EVERYWHERE)
		fputs("# - scope = everywhere: this is for the network namespace that loads it\n",
		      out);
	if (policy->expires)
		fprintf(out, "# - expires = %s: take it away by hand then\n",
			export_day(day, policy->expires));
	if (built->mode == SASSER_MODE_OBSERVE)
		fputs("# Its mode is observe: it counts, and drops nothing.\n",
		      out);
	fprintf(out, "#\n# To take it away: nft delete table inet sasser-%s\n\n",
		policy->name);
}

void export_nft(FILE *out, const struct pool_policy *policy,
		const struct policy *built)
{
	size_t n;
	struct part *parts = in_order(built, &n);

	put_head(out, policy, built);
	fprintf(out, "table inet sasser-%s {\n}\n"
		"delete table inet sasser-%s\n\n"
		"table inet sasser-%s {\n", policy->name, policy->name,
		policy->name);
	if (has_direction(built, SASSER_DIRECTION_IN))
		put_chain(out, built, parts, n, true);
	if (has_direction(built, SASSER_DIRECTION_OUT))
		put_chain(out, built, parts, n, false);
	fputs("}\n", out);
	free(parts);
}
