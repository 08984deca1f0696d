// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "guard_parts.h"
#include "joined.h"
#include "policy_judge.h"
#include "visible.h"
#include "words.h"

/* What a joined host, and Group Policy, needs of a controller. */
static const struct judge_flow needed[] = {
	{ SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP, 53 },
	{ SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP, 88 },
	{ SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP, 135 },
	{ SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP, 389 },
	{ SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP, 445 },
	{ SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP, 464 },
	{ SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP, 53 },
	{ SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP, 88 },
	{ SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP, 389 },
	{ SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP, 464 },
};

/* Some address could not be reached on it, that of a controller perhaps. */
static const struct judge_flow *blocked_somewhere(const struct policy *policy)
{
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (guard_blocks(policy, SASSER_DIRECTION_OUT,
				 needed[i].protocol, needed[i].port, 0))
			return &needed[i];
	return NULL;
}

static const struct judge_flow *blocked_to(const struct policy *policy,
					   const struct endpoint *controller)
{
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (policy_judge(policy, &needed[i], controller->family,
				 controller->address) == SASSER_ACTION_BLOCK)
			return &needed[i];
	return NULL;
}

static void guard_each(const struct policy *policy, const struct joined *joined,
		       const char *realm, struct guard *guard)
{
	for (size_t i = 0; i < joined->n; i++) {
		const struct judge_flow *flow =
			blocked_to(policy, &joined->controller[i]);
		char address[INET6_ADDRSTRLEN] = "?";

		if (!flow)
			continue;
		inet_ntop(joined->controller[i].family,
			  joined->controller[i].address, address,
			  sizeof(address));
		guard_add(guard, "this host is joined to \"%s\" (%s), and its controller %s would be out of reach: %s blocks outbound %s port %u",
			  realm, joined->by, address, policy->name,
			  word_protocol(flow->protocol), flow->port);
	}
}

int guard_controllers(const struct policy *policy, struct guard *guard)
{
	const struct judge_flow *flow = blocked_somewhere(policy);
	char realm[VISIBLE_LEN];
	struct joined joined;
	int ret;

	/* SASSER itself asks nobody. */
	if (!flow)
		return 0;
	ret = joined_look(&joined);
	if (ret <= 0)
		return ret;
	visible(realm, joined.realm);
	joined_find_controllers(&joined);
	if (joined.n)
		guard_each(policy, &joined, realm, guard);
	else
		guard_add(guard, "this host is joined to \"%s\" (%s), DNS names no controllers of it, and %s blocks outbound %s port %u",
			  realm, joined.by, policy->name,
			  word_protocol(flow->protocol), flow->port);
	return 0;
}
