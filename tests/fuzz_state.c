// SPDX-License-Identifier: GPL-2.0-or-later
/* What the module should be in after all requests so far, and is. */
#include <stdio.h>
#include <string.h>

#include "fuzz_state.h"
#include "netns.h"

static struct filters filters;
static struct counters counters;

static void copy_policy(struct whole_policy *to, const struct policy *policy)
{
	unsigned int i, n = 0;

	snprintf(to->name, sizeof(to->name), "%s", policy->name);
	to->policy = *policy;
	to->policy.name = to->name;
	to->policy.filter = to->filter;
	for (i = 0; i < policy->n_filters; i++) {
		to->filter[i] = policy->filter[i];
		to->filter[i].range = &to->range[n];
		memcpy(&to->range[n], policy->filter[i].range,
		       policy->filter[i].n_ranges * sizeof(*to->range));
		n += policy->filter[i].n_ranges;
	}
	to->n_ranges = n;
}

/* @policy: assigned already, NULL: there never was one, or none is known */
void state_begin(struct state *state, struct genl *genl,
		 const struct policy *policy)
{
	struct status status;

	memset(state, 0, sizeof(*state));
	if (status_get(genl, &status))
		die("reading the status");
	state->generation = status.generation;
	state->assigned = status.assigned;
	state->ever = policy;
	if (policy)
		copy_policy(&state->set, policy);
	if (state->assigned != !!policy)
		die("something is assigned that should not be");
}

/* A request that has been done. */
void state_apply(struct state *state, const struct fated *fated,
		 const struct whole_policy *set)
{
	switch (fated->cmd) {
	case SASSER_CMD_POLICY_SET:
		copy_policy(&state->set, &set->policy);
		state->assigned = true;
		state->ever = true;
		break;
	case SASSER_CMD_POLICY_CLEAR:
		if (!state->assigned)
			return;
		state->assigned = false;
		break;
	default:
		return;
	}
	state->generation++;
	state->events++;
}

static bool differs(const char *what, uint64_t is, uint64_t expected)
{
	if (is != expected)
		printf("# %s is %ju, expected %ju\n", what, (uintmax_t)is,
		       (uintmax_t)expected);
	return is != expected;
}

static bool status_is_right(const struct state *state,
			    const struct status *status, bool event)
{
	const uint32_t always = 1U << SASSER_A_VERSION |
				1U << SASSER_A_GENERATION |
				1U << SASSER_A_ASSIGNED |
				1U << SASSER_A_UNCLASSIFIED;
	const uint32_t policy = 1U << SASSER_A_POLICY | 1U << SASSER_A_MODE |
				1U << SASSER_A_ORIGIN | 1U << SASSER_A_SINCE;
	uint32_t has = status->has & ~(1U << SASSER_A_NAMESPACES);
	const struct policy *p = &state->set.policy;

	if (event)
		has &= ~(1U << SASSER_A_EVENT);
	/* what there was before the program is not known */
	if (!state->ever)
		has &= ~policy;
	if (differs("the status' attributes", has,
		    always | (state->ever ? policy : 0)) ||
	    differs("unclassified", status->unclassified, 0))
		return false;
	if (event)
		return true;
	if (differs("generation", status->generation, state->generation) ||
	    differs("assigned", status->assigned, state->assigned))
		return false;
	if (!state->ever)
		return true;
	return !differs("mode", status->mode, p->mode) &&
	       !differs("origin", status->origin, p->origin) &&
	       !differs("the policy's name",
			strcmp(status->policy, p->name), 0);
}

/* Each row of each filter, all at zero: there is no traffic. */
static bool rows_are_right(const struct state *state)
{
	const struct policy *p = &state->set.policy;
	unsigned int i, rows = 0, hits = 0;

	for (i = 0; i < p->n_filters; i++)
		rows += p->filter[i].n_ranges *
			(p->filter[i].direction == SASSER_DIRECTION_BOTH ? 2 :
									   1);
	for (i = 0; i < counters.n; i++)
		hits += !!counters.row[i].packets;
	return !differs("rows", counters.n, rows) &&
	       !differs("the rows' generation", rows ? counters.generation :
			state->generation, state->generation) &&
	       !differs("rows with hits", hits, 0);
}

/* @dumps: with its filters and counters, which are dear. */
bool state_check(struct state *state, struct genl *genl,
		 const struct asker *asker, bool dumps)
{
	struct status status;

	if (differs("status_get()", status_get(genl, &status), 0) ||
	    !status_is_right(state, &status, false))
		return false;
	if (differs("NAMESPACES in the status",
		    status.has >> SASSER_A_NAMESPACES & 1, asker->initial))
		return false;
	if (asker->initial && differs("namespaces", status.namespaces,
				      state->assigned))
		return false;
	if (!dumps || !state->ever)
		return true;
	return !differs("filters_get()", filters_get(genl, &filters), 0) &&
	       !differs("the filters' generation", filters.generation,
			state->generation) &&
	       filters_are(&filters, &state->set.policy) &&
	       !differs("counters_get()", counters_get(genl, &counters), 0) &&
	       rows_are_right(state);
}

/* One for each change, in their order, and no other. */
bool state_check_events(struct state *state, struct genl *listener)
{
	struct status status;

	while (genl_event(listener, &status, 0)) {
		if (!state->events) {
			printf("# an event without a change\n");
			return false;
		}
		state->events--;
		if (differs("an event's generation", status.generation,
			    state->generation - state->events) ||
		    differs("an event", status.event, status.assigned ?
			    SASSER_EVENT_ASSIGNED : SASSER_EVENT_UNASSIGNED) ||
		    !status_is_right(state, &status, true))
			return false;
	}
	return !differs("events that are missing", state->events, 0);
}
