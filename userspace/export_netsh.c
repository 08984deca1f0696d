// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPSec policies of Windows 2000 to 2003 (and later) that do no IPSec. Windows
 * goes by the most specific filter, too: what a longer prefix exempts here is
 * exempt there. Its filters have one port each, or all.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "export.h"
#include "words.h"

#define RANGE_MAX	1024	/* ports of a range that become a line each */
#define ADD		"ipsec static add "

static void put_filter(FILE *out, const struct filter *filter,
		       const struct prefix *remote, bool in, unsigned int port)
{
	const char *side = in ? "src" : "dst";
	char address[INET_ADDRSTRLEN];

	fprintf(out, ADD "filter filterlist=\"%s\" ", filter->name);
	if (!in)
		fputs("srcaddr=me ", out);
	if (!remote || !remote->length) {
		fprintf(out, "%saddr=any ", side);
	} else {
		inet_ntop(AF_INET, remote->address, address, sizeof(address));
		fprintf(out, "%saddr=%s %smask=%u ", side, address, side,
			remote->length);
	}
	if (in)
		fputs("dstaddr=me ", out);
	fprintf(out, "protocol=%s srcport=0 dstport=%u mirrored=no\n",
		filter->protocol == SASSER_PROTOCOL_TCP ? "tcp" : "udp",
		port);
}

static void put_ranges(FILE *out, const struct filter *filter,
		       const struct prefix *remote, bool in)
{
	for (size_t i = 0; i < filter->n_ranges; i++) {
		const struct range *range = &filter->ranges[i];

		if (range->first == 1 && range->last == UINT16_MAX)
			put_filter(out, filter, remote, in, 0);
		else if (range->last - range->first < RANGE_MAX)
			for (unsigned int port = range->first;
			     port <= range->last; port++)
				put_filter(out, filter, remote, in, port);
	}
}

static void put_remotes(FILE *out, const struct filter *filter, bool in)
{
	if (!filter->n_remotes)
		put_ranges(out, filter, NULL, in);
	for (size_t i = 0; i < filter->n_remotes; i++)
		if (filter->remotes[i].family == AF_INET)
			put_ranges(out, filter, &filter->remotes[i], in);
}

/* What of a filter can't be said, in comments. */
static void put_gaps(FILE *out, const struct policy *policy,
		     const struct filter *filter)
{
	char word[PREFIX_LEN];

	if (filter->action == SASSER_ACTION_OBSERVE)
		fprintf(out, "# NOT EXPRESSED: %s only observes; what it matches is permitted here\n",
			filter->name);
	for (size_t i = 0; i < filter->n_ranges; i++) {
		const struct range *range = &filter->ranges[i];

		if (range->last - range->first >= RANGE_MAX &&
		    (range->first > 1 || range->last < UINT16_MAX))
			fprintf(out, "# NOT EXPRESSED: %s, ports %s: more than %d, and left out\n",
				filter->name, format_ports(word, range),
				RANGE_MAX);
		if (filter->protocol == SASSER_PROTOCOL_TCP &&
		    filter->action == SASSER_ACTION_BLOCK &&
		    policy->match == SASSER_MATCH_AUTO && range->last >= 512)
			fprintf(out, "# NOT EXPRESSED: %s, ports %s: not only SYNs, but every packet there\n",
				filter->name, format_ports(word, range));
	}
	for (size_t i = 0; i < filter->n_remotes; i++)
		if (filter->remotes[i].family == AF_INET6)
			fprintf(out, "# NOT EXPRESSED: %s, remote %s: IPv6, and left out\n",
				filter->name,
				format_prefix(word, &filter->remotes[i]));
}

/* Whether there is a line to write about a filter: an empty list is an error. */
static bool has_lines(const struct filter *filter)
{
	bool ports = false, remotes = !filter->n_remotes;

	for (size_t i = 0; i < filter->n_ranges; i++) {
		const struct range *range = &filter->ranges[i];

		ports |= range->last - range->first < RANGE_MAX ||
			 (range->first == 1 && range->last == UINT16_MAX);
	}
	for (size_t i = 0; i < filter->n_remotes; i++)
		remotes |= filter->remotes[i].family == AF_INET;
	return ports && remotes;
}

static void put_head(FILE *out, const struct pool_policy *policy,
		     const struct policy *built)
{
	char day[16];

	fprintf(out, "# The policy %s of sasser, for Windows: netsh -f FILE\n"
		"# (in a file *.cmd: \"netsh\" before each line, REM instead of #)\n"
		"#\n"
		"# NOT EXPRESSED: IPv6: these filters are for IPv4\n"
		"# NOT EXPRESSED: counters; a blocked connection times out, outbound too\n",
		policy->name);
	if (built->mode == SASSER_MODE_OBSERVE)
		fputs("# NOT EXPRESSED: its mode is observe: it permits everything here\n",
		      out);
	if (built->scope == SASSER_SCOPE_EVERYWHERE)
		fputs("# NOT EXPRESSED: scope = everywhere\n", out);
	if (policy->expires)
		fprintf(out, "# NOT EXPRESSED: expires = %s: un-assign it by hand then\n",
			export_day(day, policy->expires));
	for (size_t i = 0; i < built->n_filters; i++)
		put_gaps(out, built, &built->filters[i]);
}

static void put_list(FILE *out, const struct policy *built,
		     const struct filter *filter)
{
	bool block = filter->action == SASSER_ACTION_BLOCK &&
		     built->mode == SASSER_MODE_ENFORCE;

	fprintf(out, "\n" ADD "filterlist name=\"%s\"\n", filter->name);
	if (filter->direction != SASSER_DIRECTION_OUT)
		put_remotes(out, filter, true);
	if (filter->direction != SASSER_DIRECTION_IN)
		put_remotes(out, filter, false);
	fprintf(out, ADD "rule name=\"%s\" policy=\"%s\" filterlist=\"%s\" filteraction=\"sasser-%s\"\n",
		filter->name, built->name, filter->name,
		block ? "block" : "permit");
}

void export_netsh(FILE *out, const struct pool_policy *policy,
		  const struct policy *built)
{
	char description[512];

	put_head(out, policy, built);
	snprintf(description, sizeof(description), "%s", policy->description);
	/* Within quotes there is no way to write one. */
	for (char *c = description; *c; c++)
		if (*c == '"' || *c == '%')
			*c = '\'';
	fprintf(out, "\n" ADD "policy name=\"%s\"", built->name);
	if (*description)
		fprintf(out, " description=\"%s\"", description);
	fputs(" activatedefaultrule=no assign=no\n"
	      ADD "filteraction name=\"sasser-block\" action=block\n"
	      ADD "filteraction name=\"sasser-permit\" action=permit\n", out);
	for (size_t i = 0; i < built->n_filters; i++)
		if (has_lines(&built->filters[i]))
			put_list(out, built, &built->filters[i]);
	fprintf(out, "\n# To put it in force:\n"
		"# ipsec static set policy name=\"%s\" assign=y\n", built->name);
}
