// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel is given of the pool. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool_files.h"
#include "sasserctl.h"
#include "visible.h"

static void *copy(const void *from, size_t n, size_t size)
{
	void *to;

	if (!n)
		return NULL;
	to = calloc(n, size);
	if (!to) {
		complain("out of memory");
		exit(FAILED);
	}
	return memcpy(to, from, n * size);
}

static void add_filter(struct policy *policy, const struct filter *filter)
{
	struct range *ranges = copy(filter->ranges, filter->n_ranges,
				    sizeof(*ranges));
	struct prefix *remotes = copy(filter->remotes, filter->n_remotes,
				      sizeof(*remotes));
	struct filter *added = &policy->filters[policy->n_filters];

	*added = *filter;
	added->ranges = ranges;
	added->remotes = remotes;
	policy->n_filters++;
}

static bool within_limits(const struct policy *policy, char *why)
{
	size_t ranges = 0, remotes = 0;

	for (size_t i = 0; i < policy->n_filters; i++) {
		ranges += policy->filters[i].n_ranges;
		remotes += policy->filters[i].n_remotes;
	}
	if (ranges > SASSER_RANGES_MAX)
		snprintf(why, INI_REASON_LEN, "policy \"%s\" has %zu ports and ranges over all its filters, the limit is %d",
			 policy->name, ranges, SASSER_RANGES_MAX);
	else if (remotes > SASSER_REMOTES_MAX)
		snprintf(why, INI_REASON_LEN, "policy \"%s\" has %zu remote prefixes over all its filters, the limit is %d",
			 policy->name, remotes, SASSER_REMOTES_MAX);
	else
		return true;
	return false;
}

int pool_resolve(const struct pool *pool, const struct pool_policy *policy,
		 uint8_t origin, struct policy *result,
		 char why[INI_REASON_LEN])
{
	memset(result, 0, sizeof(*result));
	memcpy(result->name, policy->name, NAME_LEN);
	result->mode = policy->mode;
	result->origin = origin;
	result->match = policy->match;
	result->scope = policy->scope;
	result->filters = calloc(policy->n_filters + 1,
				 sizeof(*result->filters));
	if (!result->filters) {
		complain("out of memory");
		exit(FAILED);
	}
	for (size_t i = 0; i < policy->n_filters; i++) {
		const struct pool_filter *filter =
			pool_filter(pool, policy->filters[i], origin);

		if (!filter) {
			snprintf(why, INI_REASON_LEN, "policy \"%s\" has the filter \"%s\", which no file defines",
				 policy->name, policy->filters[i]);
			policy_free(result);
			return -1;
		}
		add_filter(result, &filter->filter);
	}
	if (within_limits(result, why))
		return 0;
	policy_free(result);
	return -1;
}

int pool_build(const struct pool *pool, const char *name, uint8_t origin,
	       struct policy *policy)
{
	const struct pool_policy *found = pool_policy(pool, name, origin);
	const char *bad = pool_bad(pool, 0);
	char shown[VISIBLE_LEN], why[INI_REASON_LEN];

	memset(policy, 0, sizeof(*policy));
	if (!found) {
		complain("there is no policy \"%s\"; there is: %s%s%s%s",
			 visible(shown, name), pool_names(pool, origin),
			 bad ? "\nThis file was left out: " : "", bad ?: "",
			 bad && pool_bad(pool, 1) ?
			 "\nAnd others were: sasserctl policy list" : "");
		return -1;
	}
	if (!pool_resolve(pool, found, origin, policy, why))
		return 0;
	complain("%s, line %d: %s", visible(shown, found->file), found->line,
		 why);
	return -1;
}
