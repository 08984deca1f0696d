// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <sys/socket.h>

#include "policy_judge.h"

/* From here up a port may be an innocent's source port. */
#define INNOCENT_PORT	512

static bool holds(const struct prefix *prefix, uint8_t family,
		  const uint8_t *address)
{
	unsigned int bytes = prefix->length / 8, bits = prefix->length % 8;

	if (prefix->family != family ||
	    memcmp(prefix->address, address, bytes))
		return false;
	return !bits ||
	       !((prefix->address[bytes] ^ address[bytes]) >> (8 - bits));
}

static bool filter_matches(const struct filter *filter,
			   const struct judge_flow *flow)
{
	if (filter->protocol != flow->protocol ||
	    (filter->direction != flow->direction &&
	     filter->direction != SASSER_DIRECTION_BOTH))
		return false;
	for (size_t i = 0; i < filter->n_ranges; i++)
		if (flow->port >= filter->ranges[i].first &&
		    flow->port <= filter->ranges[i].last)
			return true;
	return false;
}

/* A longer prefix decides; then block before observe before permit. */
static bool stronger(uint8_t action, int length, uint8_t other, int other_length)
{
	if (!other || length != other_length)
		return !other || length > other_length;
	return action < other;
}

uint8_t policy_judge(const struct policy *policy, const struct judge_flow *flow,
		     uint8_t family, const uint8_t *address)
{
	uint8_t decided = 0;
	int decided_length = 0;

	for (size_t i = 0; i < policy->n_filters; i++) {
		const struct filter *filter = &policy->filters[i];
		int length = -1;	/* shorter than /0 */
		bool held = !filter->n_remotes;

		if (!filter_matches(filter, flow))
			continue;
		for (size_t j = 0; j < filter->n_remotes; j++) {
			const struct prefix *remote = &filter->remotes[j];

			if (!holds(remote, family, address))
				continue;
			held = true;
			if (remote->length > length)
				length = remote->length;
		}
		if (held && stronger(filter->action, length, decided,
				     decided_length)) {
			decided = filter->action;
			decided_length = length;
		}
	}
	return decided;
}

/* The first address behind the prefix at @address; false if it is the last. */
static bool step_over(uint8_t *address, unsigned int length)
{
	unsigned int carry;

	if (!length)
		return false;
	carry = 1U << (7 - (length - 1) % 8);
	for (size_t i = (length - 1) / 8 + 1; carry && i-- > 0;) {
		carry += address[i];
		address[i] = (uint8_t)carry;
		carry >>= 8;
	}
	return !carry;
}

static bool blocks(const struct policy *policy, const struct judge_flow *flow,
		   uint8_t family, const uint8_t *address)
{
	return policy_judge(policy, flow, family, address) ==
	       SASSER_ACTION_BLOCK;
}

/* At the first address of a prefix, or the first behind it. */
static bool blocks_at(const struct policy *policy,
		      const struct judge_flow *flow,
		      const struct prefix *remote)
{
	uint8_t address[16];

	memcpy(address, remote->address, sizeof(address));
	if (blocks(policy, flow, remote->family, address))
		return true;
	return step_over(address, remote->length) &&
	       blocks(policy, flow, remote->family, address);
}

/*
 * From one address to the next the decision changes only where a prefix begins
 * or ends, so these are all that have to be looked at.
 */
bool policy_blocks_some(const struct policy *policy,
			const struct judge_flow *flow, uint8_t family)
{
	static const uint8_t lowest[16];

	if (blocks(policy, flow, family, lowest))
		return true;
	for (size_t i = 0; i < policy->n_filters; i++) {
		const struct filter *filter = &policy->filters[i];

		if (!filter_matches(filter, flow))
			continue;
		for (size_t j = 0; j < filter->n_remotes; j++)
			if (filter->remotes[j].family == family &&
			    blocks_at(policy, flow, &filter->remotes[j]))
				return true;
	}
	return false;
}

bool policy_matches_all(const struct policy *policy,
			const struct judge_flow *flow)
{
	return flow->protocol != SASSER_PROTOCOL_TCP ||
	       flow->port < INNOCENT_PORT ||
	       policy->match == SASSER_MATCH_PACKET;
}
