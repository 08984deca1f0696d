// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "model.h"

void filter_free(struct filter *filter)
{
	free(filter->ranges);
	free(filter->remotes);
	memset(filter, 0, sizeof(*filter));
}

void policy_free(struct policy *policy)
{
	for (size_t i = 0; i < policy->n_filters; i++)
		filter_free(&policy->filters[i]);
	free(policy->filters);
	memset(policy, 0, sizeof(*policy));
}

static void free_parts(struct snapshot *snap)
{
	policy_free(&snap->policy);
	free(snap->counters);
}

void snapshot_free(struct snapshot *snap)
{
	/* On what is imposed nothing is imposed in turn. */
	if (snap->imposed)
		free_parts(snap->imposed);
	free(snap->imposed);
	free_parts(snap);
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

static bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->family == b->family && a->length == b->length &&
	       !memcmp(a->address, b->address, sizeof(a->address));
}

static bool has_remote(const struct filter *filter, const struct prefix *remote)
{
	for (size_t i = 0; i < filter->n_remotes; i++)
		if (prefix_equal(&filter->remotes[i], remote))
			return true;
	return false;
}

/*
 * Neither ranges of a filter overlap nor are two of its prefixes the same, so
 * their order means nothing.
 */
bool filter_equal(const struct filter *a, const struct filter *b)
{
	if (strcmp(a->name, b->name) || a->direction != b->direction ||
	    a->protocol != b->protocol || a->action != b->action ||
	    a->n_ranges != b->n_ranges || a->n_remotes != b->n_remotes)
		return false;
	for (size_t i = 0; i < a->n_ranges; i++)
		if (!has_range(b, &a->ranges[i]))
			return false;
	for (size_t i = 0; i < a->n_remotes; i++)
		if (!has_remote(b, &a->remotes[i]))
			return false;
	return true;
}

bool policy_equal(const struct policy *a, const struct policy *b)
{
	return a->origin == b->origin && policy_blocks_the_same(a, b);
}

bool policy_blocks_the_same(const struct policy *a, const struct policy *b)
{
	if (strcmp(a->name, b->name) || a->mode != b->mode ||
	    a->match != b->match || a->scope != b->scope ||
	    a->n_filters != b->n_filters)
		return false;
	for (size_t i = 0; i < a->n_filters; i++)
		if (!filter_equal(&a->filters[i], &b->filters[i]))
			return false;
	return true;
}

bool counter_same_row(const struct counter *a, const struct counter *b)
{
	return !strcmp(a->filter, b->filter) && a->direction == b->direction &&
	       a->protocol == b->protocol && a->action == b->action &&
	       a->ports.first == b->ports.first &&
	       a->ports.last == b->ports.last;
}

uint64_t snapshot_days(const struct snapshot *snap)
{
	return snap->now > snap->since ? (snap->now - snap->since) / 86400 : 0;
}
