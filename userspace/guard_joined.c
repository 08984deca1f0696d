// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "controllers.h"
#include "guard_parts.h"
#include "visible.h"
#include "words.h"

/* Some address could not be reached on it, that of a controller perhaps. */
static const struct judge_flow *blocked_somewhere(const struct policy *policy)
{
	const struct judge_flow *flow;

	for (size_t i = 0; (flow = controllers_needed(i)); i++)
		if (guard_blocks(policy, flow->direction, flow->protocol,
				 flow->port, 0))
			return flow;
	return NULL;
}

static const struct judge_flow *blocked_to(const struct policy *policy,
					   const struct endpoint *controller)
{
	const struct judge_flow *flow;

	for (size_t i = 0; (flow = controllers_needed(i)); i++)
		if (policy_judge(policy, flow, controller->family,
				 controller->address) == SASSER_ACTION_BLOCK)
			return flow;
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
	controllers_find(&joined);
	if (joined.n)
		guard_each(policy, &joined, realm, guard);
	else
		guard_add(guard, "this host is joined to \"%s\" (%s), DNS names no controllers of it, and %s blocks outbound %s port %u",
			  realm, joined.by, policy->name,
			  word_protocol(flow->protocol), flow->port);
	return 0;
}
