// SPDX-License-Identifier: GPL-2.0-or-later
/* Compares what dumps said. Each difference is a line of diagnostics. */
#include <stdio.h>
#include <string.h>

#include "genl.h"
#include "netns.h"

const struct row *row_find(const struct counters *counters, const char *filter,
			   uint8_t direction, uint16_t port)
{
	unsigned int i;

	for (i = 0; i < counters->n; i++)
		if (counters->row[i].direction == direction &&
		    counters->row[i].first <= port &&
		    port <= counters->row[i].last &&
		    !strcmp(counters->row[i].filter, filter))
			return &counters->row[i];
	die("no row %s %u port %u", filter, direction, port);
}

static bool same_row(const struct row *a, const struct row *b)
{
	return a->direction == b->direction && a->protocol == b->protocol &&
	       a->action == b->action && a->first == b->first &&
	       a->last == b->last && !strcmp(a->filter, b->filter);
}

/*
 * Did one row move by so much, and no other? @moved: of @after, or NULL for
 * none at all
 */
bool counters_moved(const struct counters *before, const struct counters *after,
		    const struct row *moved, uint64_t packets, uint64_t bytes,
		    uint64_t attempts)
{
	bool ok = before->n == after->n;
	unsigned int i;

	if (!ok)
		fprintf(stderr, "# %u rows became %u\n", before->n, after->n);
	for (i = 0; i < after->n && i < before->n; i++) {
		const struct row *b = &before->row[i], *a = &after->row[i];
		bool is = a == moved;

		if (same_row(a, b) &&
		    a->packets == b->packets + (is ? packets : 0) &&
		    a->bytes == b->bytes + (is ? bytes : 0) &&
		    a->attempts == b->attempts + (is ? attempts : 0))
			continue;
		ok = false;
		fprintf(stderr,
			"# row %s %u port %u: %ju packets, %ju bytes, %ju attempts became %ju, %ju, %ju\n",
			a->filter, a->direction, a->first,
			(uintmax_t)b->packets, (uintmax_t)b->bytes,
			(uintmax_t)b->attempts, (uintmax_t)a->packets,
			(uintmax_t)a->bytes, (uintmax_t)a->attempts);
	}
	return ok;
}

/* Is it what was sent, in that order, with all its ports and prefixes? */
bool filters_are(const struct filters *filters, const struct policy *policy)
{
	unsigned int i;

	if (filters->n != policy->n_filters) {
		fprintf(stderr, "# %u filters, not %u\n", filters->n,
			policy->n_filters);
		return false;
	}
	for (i = 0; i < filters->n; i++) {
		const struct filter *a = &filters->filter[i];
		const struct filter *b = &policy->filter[i];

		if (!strcmp(a->name, b->name) && a->direction == b->direction &&
		    a->protocol == b->protocol && a->action == b->action &&
		    a->n_ranges == b->n_ranges &&
		    a->n_remotes == b->n_remotes &&
		    !memcmp(a->range, b->range,
			    a->n_ranges * sizeof(*a->range)) &&
		    !memcmp(a->remote, b->remote,
			    a->n_remotes * sizeof(*a->remote)))
			continue;
		fprintf(stderr, "# filter %u, %s, is not what was sent\n", i,
			a->name);
		return false;
	}
	return true;
}
