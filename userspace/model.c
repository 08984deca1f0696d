// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "model.h"

void policy_free(struct policy *policy)
{
	for (size_t i = 0; i < policy->n_filters; i++)
		free(policy->filters[i].ranges);
	free(policy->filters);
	memset(policy, 0, sizeof(*policy));
}

void snapshot_free(struct snapshot *snap)
{
	policy_free(&snap->policy);
	free(snap->counters);
	memset(snap, 0, sizeof(*snap));
}

static bool has_range(const struct filter *filter, const struct range *range)
{
	for (size_t i = 0; i < filter->n_ranges; i++)
		if (filter->ranges[i].first == range->first &&
		    filter->ranges[i].last == range->last)
			return true;
	return false;
}

/* The ranges of a filter never overlap, so their order means nothing. */
static bool filter_equal(const struct filter *a, const struct filter *b)
{
	if (strcmp(a->name, b->name) || a->direction != b->direction ||
	    a->protocol != b->protocol || a->action != b->action ||
	    a->n_ranges != b->n_ranges)
		return false;
	for (size_t i = 0; i < a->n_ranges; i++)
		if (!has_range(b, &a->ranges[i]))
			return false;
	return true;
}

bool policy_equal(const struct policy *a, const struct policy *b)
{
	if (strcmp(a->name, b->name) || a->mode != b->mode ||
	    a->origin != b->origin || a->n_filters != b->n_filters)
		return false;
	for (size_t i = 0; i < a->n_filters; i++)
		if (!filter_equal(&a->filters[i], &b->filters[i]))
			return false;
	return true;
}
