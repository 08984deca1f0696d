// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "joined.h"
#include "kernel.h"
#include "policy_values.h"
#include "result.h"
#include "snapshot.h"
#include "stamp.h"
#include "words.h"

/*
 * A refresh is the initial namespace's. Users that may not look at PID 1's
 * namespace believe the kernel, which counts namespaces in the initial one.
 */
static bool refresh_is_ours(const struct snapshot *snap)
{
	switch (host_netns()) {
	case NETNS_INITIAL:
		return true;
	case NETNS_OTHER:
		return false;
	default:
		return !snap->loaded || snap->initial;
	}
}

/* Is what results from the files what is in force? */
static bool is_in_force(const struct snapshot *snap,
			const struct result *result)
{
	return snap->assigned && !snap->on_trial && result->assigned &&
	       !strcmp(snap->policy.name, result->assignment.policy) &&
	       snap->policy.origin == result->origin &&
	       (!result->assignment.mode ||
		snap->policy.mode == result->assignment.mode);
}

static void take_domain(struct by_domain *domain, const struct result *result)
{
	if (result->origin != SASSER_ORIGIN_DOMAIN)
		return;
	memcpy(domain->policy, result->assignment.policy, NAME_LEN);
	memcpy(domain->source, result->assignment.source, SOURCE_LEN);
	domain->keep_service = result->assignment.keep_service;
	domain->service_off = host_boot_gap();
}

/* The kernel knows since when only from the last boot or change on. */
static void take_files(struct snapshot *snap)
{
	struct standing *standing = &snap->standing;
	struct result result;

	result_look(&result);
	take_domain(&standing->domain, &result);
	memcpy(standing->expired, result.expired, NAME_LEN);
	/* Until the next refresh takes it away. */
	if (snap->assigned && !snap->on_trial && result.expired[0] &&
	    !strcmp(snap->policy.name, result.expired)) {
		standing->term = result.expired_term;
		standing->expired[0] = '\0';
	}
	if (is_in_force(snap, &result)) {
		standing->term = result.term;
		standing->overrides = result.overrides;
		memcpy(standing->overridden, result.overridden.policy,
		       NAME_LEN);
		if (result.assignment.since &&
		    result.assignment.since < snap->since)
			snap->since = result.assignment.since;
	}
	result_free(&result);
}

static void add_up(struct counter *row, const struct counter *more)
{
	row->packets += more->packets;
	row->bytes += more->bytes;
	row->attempts += more->attempts;
	if (more->first_hit &&
	    (!row->first_hit || more->first_hit < row->first_hit))
		row->first_hit = more->first_hit;
	if (more->last_hit > row->last_hit)
		row->last_hit = more->last_hit;
}

void snapshot_merge(struct snapshot *snap)
{
	const struct snapshot *imposed = snap->imposed;

	if (!imposed)
		return;
	snap->unclassified += imposed->unclassified;
	for (size_t i = 0; i < imposed->n_counters; i++) {
		const struct counter *more = &imposed->counters[i];
		struct counter *row = snap->counters;
		struct counter *end = row + snap->n_counters;

		while (row < end && !counter_same_row(row, more))
			row++;
		if (row < end) {
			add_up(row, more);
			continue;
		}
		snap->counters = grown(snap->counters, snap->n_counters,
				       sizeof(*more));
		snap->counters[snap->n_counters++] = *more;
	}
}

int snapshot_take(struct snapshot *snap)
{
	struct kernel *kernel;
	int ret;

	memset(snap, 0, sizeof(*snap));
	ret = kernel_open(&kernel);
	if (ret > 0) {
		ret = kernel_snapshot(kernel, snap);
		kernel_close(kernel);
	}
	if (ret < 0)
		return -1;
	snapshot_merge(snap);
	snap->now = (uint64_t)time(NULL);
	if (refresh_is_ours(snap)) {
		stamp_read(LAST_REFRESH, &snap->refresh);
		take_files(snap);
	}
	return 0;
}

void snapshot_ask_joined(struct snapshot *snap)
{
	struct by_domain *domain = &snap->standing.domain;
	struct joined joined;
	int ret;

	/*
	 * Only a GPO, which is named by its GUID, needs a directory: what
	 * Ansible assigns, which names itself, does not.
	 */
	if (domain->source[0] != '{' || geteuid())
		return;
	ret = joined_samba(&joined);
	if (ret >= 0)
		domain->joined = ret ? JOINED_YES : JOINED_NO;
}

const char *snapshot_brief(char *buf, size_t size, const struct snapshot *snap)
{
	if (!snap->assigned)
		return "nothing";
	snprintf(buf, size, "%s %s %s", snap->policy.name,
		 word_mode(snap->policy.mode), word_origin(snap->policy.origin));
	return buf;
}
