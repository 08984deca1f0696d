// SPDX-License-Identifier: GPL-2.0-or-later
/* A policy as attributes of a request. */
#include <netlink/attr.h>
#include <sys/socket.h>

#include "kernel_put.h"

static int put_remote(struct nl_msg *msg, const struct prefix *remote)
{
	struct nlattr *nest = nla_nest_start(msg, SASSER_FILTER_A_REMOTE |
					     NLA_F_NESTED);

	if (!nest ||
	    nla_put(msg, SASSER_REMOTE_A_ADDRESS,
		    remote->family == AF_INET ? 4 : 16, remote->address) ||
	    nla_put_u8(msg, SASSER_REMOTE_A_LENGTH, remote->length))
		return -1;
	return nla_nest_end(msg, nest);
}

static int put_filter(struct nl_msg *msg, const struct filter *filter)
{
	struct nlattr *nest, *inner;

	nest = nla_nest_start(msg, SASSER_A_FILTER | NLA_F_NESTED);
	if (!nest ||
	    nla_put_string(msg, SASSER_FILTER_A_NAME, filter->name) ||
	    nla_put_u8(msg, SASSER_FILTER_A_DIRECTION, filter->direction) ||
	    nla_put_u8(msg, SASSER_FILTER_A_PROTOCOL, filter->protocol) ||
	    nla_put_u8(msg, SASSER_FILTER_A_ACTION, filter->action))
		return -1;
	for (size_t i = 0; i < filter->n_ranges; i++) {
		const struct range *range = &filter->ranges[i];

		inner = nla_nest_start(msg,
				       SASSER_FILTER_A_RANGE | NLA_F_NESTED);
		if (!inner ||
		    nla_put_u16(msg, SASSER_RANGE_A_FIRST, range->first) ||
		    nla_put_u16(msg, SASSER_RANGE_A_LAST, range->last) ||
		    nla_nest_end(msg, inner))
			return -1;
	}
	for (size_t i = 0; i < filter->n_remotes; i++)
		if (put_remote(msg, &filter->remotes[i]))
			return -1;
	return nla_nest_end(msg, nest);
}

int kernel_put_policy(struct nl_msg *msg, const struct policy *policy,
		      uint32_t confirm)
{
	int ret = nla_put_string(msg, SASSER_A_POLICY, policy->name) ||
		  nla_put_u8(msg, SASSER_A_MODE, policy->mode) ||
		  nla_put_u8(msg, SASSER_A_ORIGIN, policy->origin) ||
		  nla_put_u8(msg, SASSER_A_MATCH, policy->match) ||
		  nla_put_u8(msg, SASSER_A_SCOPE, policy->scope) ||
		  (confirm && nla_put_u32(msg, SASSER_A_CONFIRM, confirm));

	for (size_t i = 0; !ret && i < policy->n_filters; i++)
		ret = put_filter(msg, &policy->filters[i]);
	return ret ? -1 : 0;
}
