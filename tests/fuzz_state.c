// SPDX-License-Identifier: GPL-2.0-or-later
/* What the module should be in after all requests so far, and is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz_state.h"
#include "netns.h"

static struct filters filters;
static struct counters counters;

static void copy_policy(struct whole_policy *to, const struct policy *policy)
{
	unsigned int i, n = 0, m = 0;

	snprintf(to->name, sizeof(to->name), "%s", policy->name);
	to->policy = *policy;
	to->policy.name = to->name;
	to->policy.filter = to->filter;
	for (i = 0; i < policy->n_filters; i++) {
		const struct filter *f = &policy->filter[i];

		to->filter[i] = *f;
		to->filter[i].range = &to->range[n];
		to->filter[i].remote = &to->remote[m];
		memcpy(&to->range[n], f->range,
		       f->n_ranges * sizeof(*to->range));
		if (f->n_remotes)
			memcpy(&to->remote[m], f->remote,
			       f->n_remotes * sizeof(*to->remote));
		n += f->n_ranges;
		m += f->n_remotes;
	}
	to->n_ranges = n;
	to->n_remotes = m;
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

static void expect(struct state *state, uint8_t event)
{
	if (state->events == EVENTS_MAX)
		die("too many events");
	state->event[state->events++] = (struct expected_event){
		event, state->generation, state->assigned, state->on_trial,
	};
}

/* What is in force has changed, and elsewhere what is imposed may have. */
static void changed(struct state *state, uint8_t event)
{
	bool imposes = state->assigned &&
		       state->set.policy.scope == SASSER_SCOPE_EVERYWHERE;

	state->generation++;
	if (imposes || state->imposed)
		state->imposed_generation++;
	state->imposed = imposes;
	expect(state, event);
}

static void set(struct state *state, const struct policy *policy)
{
	if (policy->confirm && !state->on_trial) {
		state->back = state->assigned;
		if (state->back)
			copy_policy(&state->before, &state->set.policy);
	}
	state->on_trial = policy->confirm;
	state->began = seconds();
	copy_policy(&state->set, policy);
	state->assigned = true;
	state->ever = true;
	changed(state, SASSER_EVENT_ASSIGNED);
}

static void reverted(struct state *state)
{
	state->on_trial = false;
	state->assigned = state->back;
	if (state->back)
		copy_policy(&state->set, &state->before.policy);
	changed(state, SASSER_EVENT_REVERTED);
}

static void confirmed(struct state *state)
{
	state->on_trial = false;
	expect(state, SASSER_EVENT_CONFIRMED);
}

/* A request that has been done. */
void state_apply(struct state *state, const struct fated *fated,
		 const struct whole_policy *whole)
{
	switch (fated->cmd) {
	case SASSER_CMD_POLICY_SET:
		set(state, &whole->policy);
		break;
	case SASSER_CMD_POLICY_CLEAR:
		if (!state->assigned)
			break;
		state->assigned = false;
		state->on_trial = false;
		changed(state, SASSER_EVENT_UNASSIGNED);
		break;
	case SASSER_CMD_POLICY_CONFIRM:
		confirmed(state);
		break;
	}
}

/* Nothing is wrong with the request, but it is not the time for it. */
bool state_refuses(const struct state *state, const struct fated *fated)
{
	switch (fated->cmd) {
	case SASSER_CMD_COUNTER_RESET:
		/* nothing was ever imposed on who asks */
		return fated->imposed || !state->ever;
	case SASSER_CMD_POLICY_CONFIRM:
		return !state->on_trial ||
		       fated->generation != state->generation;
	}
	return false;
}

static bool differs(const char *what, uint64_t is, uint64_t expected)
{
	if (is != expected)
		printf("# %s is %ju, expected %ju\n", what, (uintmax_t)is,
		       (uintmax_t)expected);
	return is != expected;
}

/* Seconds that are left of the trial, no more and hardly less. */
static bool left_is_right(const struct state *state, uint32_t left)
{
	uint32_t of = state->set.policy.confirm;

	if (left && left <= of && left + seconds() - state->began + 2 >= of)
		return true;
	printf("# %u seconds left of %u\n", left, of);
	return false;
}

/* Do @p's own attributes have its values? */
static bool policy_is_right(const struct policy *p, const struct status *status)
{
	return !differs("mode", status->mode, p->mode) &&
	       !differs("origin", status->origin, p->origin) &&
	       !differs("match", status->match, p->match ?: SASSER_MATCH_AUTO) &&
	       !differs("scope", status->scope, p->scope ?: SASSER_SCOPE_HOST) &&
	       !differs("the policy's name", strcmp(status->policy, p->name), 0);
}

/* @event: what is expected of one; NULL: it is an answer */
static bool status_is_right(const struct state *state,
			    const struct status *status,
			    const struct expected_event *event)
{
	const uint32_t always = 1U << SASSER_A_VERSION |
				1U << SASSER_A_GENERATION |
				1U << SASSER_A_ASSIGNED |
				1U << SASSER_A_UNCLASSIFIED;
	const uint32_t policy = 1U << SASSER_A_POLICY | 1U << SASSER_A_MODE |
				1U << SASSER_A_ORIGIN | 1U << SASSER_A_SINCE |
				1U << SASSER_A_MATCH | 1U << SASSER_A_SCOPE;
	uint32_t has = status->has & ~(1U << SASSER_A_NAMESPACES);
	bool on_trial = event ? event->on_trial : state->on_trial;

	if (event)
		has &= ~(1U << SASSER_A_EVENT);
	/* what there was before the program is not known */
	if (!state->ever)
		has &= ~policy;
	if (differs("the status' attributes", has,
		    always | (state->ever ? policy : 0) |
		    (on_trial ? 1U << SASSER_A_CONFIRM : 0)) ||
	    differs("unclassified", status->unclassified, 0))
		return false;
	if (event)
		return true;
	if (differs("generation", status->generation, state->generation) ||
	    differs("assigned", status->assigned, state->assigned))
		return false;
	if (on_trial && !left_is_right(state, status->confirm))
		return false;
	return !state->ever || policy_is_right(&state->set.policy, status);
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
	    !status_is_right(state, &status, NULL))
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

/*
 * A trial that may end by itself is brought to its end: confirmed, if it is not
 * over yet, or @wait for that.
 */
bool state_end_trial(struct state *state, struct genl *genl, bool wait)
{
	double until = seconds() + state->set.policy.confirm + 20;
	struct status status;
	int err;

	do {
		if (differs("status_get()", status_get(genl, &status), 0))
			return false;
	} while (wait && status.has & 1U << SASSER_A_CONFIRM &&
		 seconds() < until && !usleep(20000));
	if (wait && differs("a trial that is over",
			    status.has & 1U << SASSER_A_CONFIRM, 0))
		return false;

	err = policy_confirm(genl, state->generation);
	if (err == -ENOENT) {
		if (seconds() < state->began + state->set.policy.confirm - 1) {
			printf("# a trial has ended before its time\n");
			return false;
		}
		reverted(state);
		return true;
	}
	confirmed(state);
	return !differs("confirming", err, 0);
}

/* @genl: asks in another namespace about what is imposed on it */
bool state_check_imposed(struct state *state, struct genl *genl, bool dumps)
{
	struct status status;

	if (differs("status_get()", status_get(genl, &status), 0) ||
	    differs("imposed", status.assigned, state->imposed) ||
	    differs("the flag that it is", status.has >> SASSER_A_IMPOSED & 1,
		    state->imposed) ||
	    differs("its generation", status.generation,
		    state->imposed_generation))
		return false;
	if (!state->imposed)
		return true;
	if (!policy_is_right(&state->set.policy, &status))
		return false;
	return !dumps ||
	       (!differs("filters_get()", filters_get(genl, &filters), 0) &&
		!differs("the filters' generation", filters.generation,
			 state->imposed_generation) &&
		filters_are(&filters, &state->set.policy));
}

/* One for each change, in their order, and no other. */
bool state_check_events(struct state *state, struct genl *listener)
{
	const struct expected_event *e = state->event;
	struct status status;

	while (genl_event(listener, &status, 0)) {
		if (e == &state->event[state->events]) {
			printf("# an event without a change\n");
			return false;
		}
		if (differs("an event's generation", status.generation,
			    e->generation) ||
		    differs("an event", status.event, e->event) ||
		    differs("an event's assigned", status.assigned,
			    e->assigned) ||
		    !status_is_right(state, &status, e))
			return false;
		e++;
	}
	if (differs("events", e - state->event, state->events))
		return false;
	state->events = 0;
	return true;
}
