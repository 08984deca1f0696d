// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controllers.h"
#include "file.h"
#include "policy_values.h"
#include "pool.h"
#include "safe_file.h"
#include "sasserctl.h"

#define OUT	SASSER_DIRECTION_OUT
#define TCP	SASSER_PROTOCOL_TCP
#define UDP	SASSER_PROTOCOL_UDP

static const struct judge_flow needed[] = {
	{ OUT, TCP, 53 }, { OUT, TCP, 88 }, { OUT, TCP, 135 },
	{ OUT, TCP, 389 }, { OUT, TCP, 445 }, { OUT, TCP, 464 },
	{ OUT, UDP, 53 }, { OUT, UDP, 88 }, { OUT, UDP, 389 },
	{ OUT, UDP, 464 },
};

static const struct {
	const char *name;
	uint8_t protocol;
} permits[] = {
	{ "controllers", TCP }, { "controllers-udp", UDP },
};

const struct judge_flow *controllers_needed(size_t i)
{
	return i < ARRAY_SIZE(needed) ? &needed[i] : NULL;
}

/* ---- who they are */

/* A line each. */
static char *addresses(const struct joined *joined)
{
	char *text = NULL, address[INET6_ADDRSTRLEN];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; out && i < joined->n; i++) {
		inet_ntop(joined->controller[i].family,
			  joined->controller[i].address, address,
			  sizeof(address));
		fprintf(out, "%s\n", address);
	}
	if (!out || fclose(out)) {
		complain("out of memory");
		exit(FAILED);
	}
	return text;
}

static void keep(const struct joined *joined)
{
	char *text = addresses(joined), *now;
	const char *why;
	size_t len;

	now = safe_read(CONTROLLERS_FILE, &len, &why);
	if (!now || strcmp(now, text))
		file_replace(CONTROLLERS_FILE, text);
	free(now);
	free(text);
}

static void take_known(struct joined *joined)
{
	const char *why;
	size_t len;
	char *text = safe_read(CONTROLLERS_FILE, &len, &why);
	char *rest = NULL;

	for (char *line = text ? strtok_r(text, "\n", &rest) : NULL;
	     line && joined->n < CONTROLLERS_MAX;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct endpoint *controller = &joined->controller[joined->n];
		struct prefix prefix;

		if (strchr(line, '/') || parse_prefix(line, &prefix))
			continue;
		memset(controller, 0, sizeof(*controller));
		controller->family = prefix.family;
		memcpy(controller->address, prefix.address,
		       sizeof(controller->address));
		if (!joined_has(joined, controller))
			joined->n++;
	}
	free(text);
}

void controllers_find(struct joined *joined)
{
	joined_find_controllers(joined);
	/* One that was not named this time may be the one that is asked next. */
	if (!joined->n || joined->incomplete)
		take_known(joined);
}

/* ---- the filters */

static bool is_blocked(const struct policy *policy,
		       const struct judge_flow *flow)
{
	return policy_blocks_some(policy, flow, AF_INET) ||
	       policy_blocks_some(policy, flow, AF_INET6);
}

static bool blocks_needed(const struct policy *policy)
{
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (is_blocked(policy, &needed[i]))
			return true;
	return false;
}

static bool has_filter(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_filters; i++)
		if (!strcmp(policy->filters[i].name, name))
			return true;
	return false;
}

/* What the policy leaves alone needs no permit. */
static void take_ports(struct filter *filter, const struct policy *policy)
{
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		const struct range range = { needed[i].port, needed[i].port };

		if (needed[i].protocol == filter->protocol &&
		    is_blocked(policy, &needed[i]))
			filter_add_range(filter, &range);
	}
}

static void take_addresses(struct filter *filter, const struct joined *joined)
{
	for (size_t i = 0; i < joined->n; i++) {
		const struct endpoint *controller = &joined->controller[i];
		struct prefix prefix = {
			.family = controller->family,
			.length = controller->family == AF_INET ? 32 : 128,
		};

		memcpy(prefix.address, controller->address,
		       sizeof(prefix.address));
		filter_add_remote(filter, &prefix);
	}
}

static bool fits(const struct policy *policy, const struct filter *filter)
{
	size_t ranges = filter->n_ranges, remotes = filter->n_remotes;

	for (size_t i = 0; i < policy->n_filters; i++) {
		ranges += policy->filters[i].n_ranges;
		remotes += policy->filters[i].n_remotes;
	}
	return policy->n_filters < SASSER_FILTERS_MAX &&
	       ranges <= SASSER_RANGES_MAX && remotes <= SASSER_REMOTES_MAX;
}

/* Takes what @filter has. */
static int put(struct policy *policy, struct filter *filter)
{
	struct filter *more;

	if (!fits(policy, filter)) {
		complain("there is no room in the policy %s for the filter %s, without which this host could not reach its controllers",
			 policy->name, filter->name);
		filter_free(filter);
		return -1;
	}
	more = reallocarray(policy->filters, policy->n_filters + 1,
			    sizeof(*more));
	if (!more) {
		complain("out of memory");
		exit(FAILED);
	}
	policy->filters = more;
	more[policy->n_filters++] = *filter;
	return 0;
}

static int permit(struct policy *policy, const struct joined *joined, size_t i)
{
	struct filter filter = {
		.direction = OUT, .protocol = permits[i].protocol,
		.action = SASSER_ACTION_PERMIT,
	};

	snprintf(filter.name, NAME_LEN, "%s", permits[i].name);
	take_ports(&filter, policy);
	if (!filter.n_ranges || has_filter(policy, filter.name)) {
		filter_free(&filter);
		return 0;
	}
	take_addresses(&filter, joined);
	return put(policy, &filter);
}

int controllers_permit(struct policy *policy, bool dry_run)
{
	struct joined joined;
	int ret = 0;

	/* SASSER itself asks nobody. */
	if (!blocks_needed(policy) || !joined_look(&joined))
		return 0;
	controllers_find(&joined);
	if (!joined.n)
		return 0;
	if (!dry_run)
		keep(&joined);
	for (size_t i = 0; i < ARRAY_SIZE(permits) && !ret; i++)
		ret = permit(policy, &joined, i);
	return ret;
}

/* ---- with others */

/* A policy may have a filter of that name of its own, which blocks. */
static struct policy apart(const struct policy *policy)
{
	struct policy ret = *policy;

	for (size_t i = ARRAY_SIZE(permits); i-- > 0 && ret.n_filters;) {
		const struct filter *last = &ret.filters[ret.n_filters - 1];

		if (last->action == SASSER_ACTION_PERMIT &&
		    !strcmp(last->name, permits[i].name))
			ret.n_filters--;
	}
	return ret;
}

bool controllers_apart_same(const struct policy *a, const struct policy *b)
{
	const struct policy first = apart(a), second = apart(b);

	return policy_blocks_the_same(&first, &second);
}
