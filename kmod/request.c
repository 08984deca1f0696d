// SPDX-License-Identifier: GPL-2.0-or-later
/* The generic netlink family: requests, from attributes to policy calls. */
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/in6.h>
#include <linux/module.h>
#include <linux/stddef.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "netlink.h"
#include "policy.h"

static const struct nla_policy sasser_range_policy[] = {
	[SASSER_RANGE_A_FIRST]		= NLA_POLICY_MIN(NLA_U16, 1),
	[SASSER_RANGE_A_LAST]		= NLA_POLICY_MIN(NLA_U16, 1),
};

static const struct nla_policy sasser_remote_policy[] = {
	[SASSER_REMOTE_A_ADDRESS]	= { .type = NLA_BINARY,
					    .len = sizeof_field(struct sasser_remote,
								addr) },
	[SASSER_REMOTE_A_LENGTH]	= { .type = NLA_U8 },
};

static const struct nla_policy sasser_filter_policy[] = {
	[SASSER_FILTER_A_NAME]		= { .type = NLA_NUL_STRING,
					    .len = SASSER_NAME_MAX },
	[SASSER_FILTER_A_DIRECTION]	= NLA_POLICY_RANGE(NLA_U8,
						SASSER_DIRECTION_IN,
						SASSER_DIRECTION_BOTH),
	[SASSER_FILTER_A_PROTOCOL]	= { .type = NLA_U8 },
	[SASSER_FILTER_A_ACTION]	= NLA_POLICY_RANGE(NLA_U8,
						SASSER_ACTION_BLOCK,
						SASSER_ACTION_PERMIT),
	[SASSER_FILTER_A_RANGE]		= NLA_POLICY_NESTED(sasser_range_policy),
	[SASSER_FILTER_A_REMOTE]	= NLA_POLICY_NESTED(sasser_remote_policy),
};

const struct nla_policy sasser_set_policy[SASSER_SET_ATTR_MAX + 1] = {
	[SASSER_A_POLICY]		= { .type = NLA_NUL_STRING,
					    .len = SASSER_NAME_MAX },
	[SASSER_A_MODE]			= NLA_POLICY_RANGE(NLA_U8,
						SASSER_MODE_ENFORCE,
						SASSER_MODE_OBSERVE),
	[SASSER_A_ORIGIN]		= NLA_POLICY_RANGE(NLA_U8,
						SASSER_ORIGIN_LOCAL,
						SASSER_ORIGIN_DOMAIN),
	[SASSER_A_FILTER]		= NLA_POLICY_NESTED(sasser_filter_policy),
	[SASSER_A_MATCH]		= NLA_POLICY_RANGE(NLA_U8,
						SASSER_MATCH_AUTO,
						SASSER_MATCH_PACKET),
	[SASSER_A_SCOPE]		= NLA_POLICY_RANGE(NLA_U8,
						SASSER_SCOPE_HOST,
						SASSER_SCOPE_EVERYWHERE),
	[SASSER_A_CONFIRM]		= { .type = NLA_U32 },
};

const struct nla_policy sasser_clear_policy[SASSER_CLEAR_ATTR_MAX + 1] = {
	[SASSER_A_EVERYWHERE]		= { .type = NLA_FLAG },
};

const struct nla_policy sasser_confirm_policy[SASSER_CONFIRM_ATTR_MAX + 1] = {
	[SASSER_A_GENERATION]		= { .type = NLA_U64 },
};

/* A name must be harmless wherever it is printed. */
static bool sasser_name_is_valid(const char *name)
{
	const char *c;

	if (!isalnum(*name) || !isascii(*name))
		return false;
	for (c = name; *c; c++)
		if (!isascii(*c) || !(isalnum(*c) || strchr("._-", *c)))
			return false;
	return true;
}

/* True, with a message, if an attribute is not there. @nest: NULL at the top. */
#define sasser_lacks(tb, attr, nest, extack) ({				\
	bool __lacks = !(tb)[attr];					\
									\
	if (__lacks)							\
		NL_SET_ERR_MSG_ATTR(extack, nest, #attr " is missing");	\
	__lacks;							\
})

static int sasser_add_range(struct sasser_policy *policy,
			    const struct nlattr *nest,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(sasser_range_policy)];
	u16 first, last;
	int err;

	err = nla_parse_nested(tb, ARRAY_SIZE(tb) - 1, nest,
			       sasser_range_policy, extack);
	if (err)
		return err;
	if (sasser_lacks(tb, SASSER_RANGE_A_FIRST, nest, extack) ||
	    sasser_lacks(tb, SASSER_RANGE_A_LAST, nest, extack))
		return -EINVAL;

	first = nla_get_u16(tb[SASSER_RANGE_A_FIRST]);
	last = nla_get_u16(tb[SASSER_RANGE_A_LAST]);
	if (last < first) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SASSER_RANGE_A_LAST],
				    "SASSER_RANGE_A_LAST is below SASSER_RANGE_A_FIRST");
		return -EINVAL;
	}
	if (sasser_policy_add_range(policy, first, last)) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "SASSER_FILTER_A_RANGE overlaps another one of its filter");
		return -EINVAL;
	}
	return 0;
}

static int sasser_add_remote(struct sasser_policy *policy,
			     const struct nlattr *nest,
			     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(sasser_remote_policy)];
	struct sasser_remote remote = {};
	int err, len;

	err = nla_parse_nested(tb, ARRAY_SIZE(tb) - 1, nest,
			       sasser_remote_policy, extack);
	if (err)
		return err;
	if (sasser_lacks(tb, SASSER_REMOTE_A_ADDRESS, nest, extack) ||
	    sasser_lacks(tb, SASSER_REMOTE_A_LENGTH, nest, extack))
		return -EINVAL;

	len = nla_len(tb[SASSER_REMOTE_A_ADDRESS]);
	if (len != sizeof(struct in_addr) && len != sizeof(struct in6_addr)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SASSER_REMOTE_A_ADDRESS],
				    "SASSER_REMOTE_A_ADDRESS is neither IPv4 nor IPv6");
		return -EINVAL;
	}
	remote.family = len == sizeof(struct in_addr) ? SASSER_HOOK_IPV4 :
							SASSER_HOOK_IPV6;
	remote.len = nla_get_u8(tb[SASSER_REMOTE_A_LENGTH]);
	memcpy(remote.addr, nla_data(tb[SASSER_REMOTE_A_ADDRESS]), len);
	if (!sasser_remote_is_valid(&remote)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SASSER_REMOTE_A_LENGTH],
				    "SASSER_REMOTE_A_LENGTH is too long, or too short for the address");
		return -EINVAL;
	}
	if (sasser_policy_add_remote(policy, &remote)) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "SASSER_FILTER_A_REMOTE is there twice in its filter");
		return -EINVAL;
	}
	return 0;
}

static int sasser_add_filter(struct sasser_policy *policy,
			     const struct nlattr *nest,
			     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(sasser_filter_policy)];
	struct sasser_filter *filter;
	const struct nlattr *attr;
	int err, rem;

	err = nla_parse_nested(tb, ARRAY_SIZE(tb) - 1, nest,
			       sasser_filter_policy, extack);
	if (err)
		return err;
	if (sasser_lacks(tb, SASSER_FILTER_A_NAME, nest, extack) ||
	    sasser_lacks(tb, SASSER_FILTER_A_DIRECTION, nest, extack) ||
	    sasser_lacks(tb, SASSER_FILTER_A_PROTOCOL, nest, extack) ||
	    sasser_lacks(tb, SASSER_FILTER_A_ACTION, nest, extack) ||
	    sasser_lacks(tb, SASSER_FILTER_A_RANGE, nest, extack))
		return -EINVAL;

	if (!sasser_name_is_valid(nla_data(tb[SASSER_FILTER_A_NAME]))) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SASSER_FILTER_A_NAME],
				    "SASSER_FILTER_A_NAME is empty or has a character not allowed");
		return -EINVAL;
	}
	filter = sasser_policy_add_filter(policy,
					  nla_data(tb[SASSER_FILTER_A_NAME]));
	if (!filter) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SASSER_FILTER_A_NAME],
				    "SASSER_FILTER_A_NAME is that of another filter too");
		return -EEXIST;
	}
	filter->direction = nla_get_u8(tb[SASSER_FILTER_A_DIRECTION]);
	filter->action = nla_get_u8(tb[SASSER_FILTER_A_ACTION]);
	filter->protocol = nla_get_u8(tb[SASSER_FILTER_A_PROTOCOL]);
	if (filter->protocol != SASSER_PROTOCOL_TCP &&
	    filter->protocol != SASSER_PROTOCOL_UDP) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SASSER_FILTER_A_PROTOCOL],
				    "SASSER_FILTER_A_PROTOCOL is neither TCP nor UDP");
		return -EINVAL;
	}

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) == SASSER_FILTER_A_RANGE)
			err = sasser_add_range(policy, attr, extack);
		else if (nla_type(attr) == SASSER_FILTER_A_REMOTE)
			err = sasser_add_remote(policy, attr, extack);
		if (err)
			return err;
	}
	return 0;
}

/* How many of a policy's parts a request has. */
struct sasser_parts {
	unsigned int filters;
	unsigned int ranges;
	unsigned int remotes;
};

static int sasser_count_nested(const struct nlattr *filter,
			       struct sasser_parts *parts,
			       struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, filter, rem) {
		if (nla_type(attr) == SASSER_FILTER_A_RANGE &&
		    ++parts->ranges > SASSER_RANGES_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "SASSER_FILTER_A_RANGE: more than SASSER_RANGES_MAX");
			return -E2BIG;
		}
		if (nla_type(attr) == SASSER_FILTER_A_REMOTE &&
		    ++parts->remotes > SASSER_REMOTES_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "SASSER_FILTER_A_REMOTE: more than SASSER_REMOTES_MAX");
			return -E2BIG;
		}
	}
	return 0;
}

/* The request is validated already. */
static int sasser_count(const struct genl_info *info,
			struct sasser_parts *parts)
{
	const struct nlattr *filter;
	int err, rem;

	nlmsg_for_each_attr(filter, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(filter) != SASSER_A_FILTER)
			continue;
		if (++parts->filters > SASSER_FILTERS_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, filter,
					    "SASSER_A_FILTER: more than SASSER_FILTERS_MAX");
			return -E2BIG;
		}
		err = sasser_count_nested(filter, parts, info->extack);
		if (err)
			return err;
	}
	return 0;
}

/* What concerns more than one network namespace is for root of the host. */
static bool sasser_may_everywhere(struct sk_buff *skb, struct genl_info *info)
{
	return net_eq(genl_info_net(info), &init_net) &&
	       netlink_capable(skb, CAP_NET_ADMIN);
}

static u8 sasser_get_u8(const struct nlattr *attr, u8 otherwise)
{
	return attr ? nla_get_u8(attr) : otherwise;
}

int sasser_nl_policy_set(struct sk_buff *skb, struct genl_info *info)
{
	struct netlink_ext_ack *extack = info->extack;
	struct sasser_policy *policy;
	struct sasser_parts parts = {};
	const struct nlattr *attr;
	unsigned int confirm = 0;
	int err, rem;
	u8 scope;

	if (sasser_lacks(info->attrs, SASSER_A_POLICY, NULL, extack) ||
	    sasser_lacks(info->attrs, SASSER_A_MODE, NULL, extack) ||
	    sasser_lacks(info->attrs, SASSER_A_ORIGIN, NULL, extack) ||
	    sasser_lacks(info->attrs, SASSER_A_FILTER, NULL, extack))
		return -EINVAL;
	if (!sasser_name_is_valid(nla_data(info->attrs[SASSER_A_POLICY]))) {
		NL_SET_ERR_MSG_ATTR(extack, info->attrs[SASSER_A_POLICY],
				    "SASSER_A_POLICY is empty or has a character not allowed");
		return -EINVAL;
	}
	if (info->attrs[SASSER_A_CONFIRM]) {
		confirm = nla_get_u32(info->attrs[SASSER_A_CONFIRM]);
		if (!confirm || confirm > SASSER_CONFIRM_MAX) {
			NL_SET_ERR_MSG_ATTR(extack,
					    info->attrs[SASSER_A_CONFIRM],
					    "SASSER_A_CONFIRM is not 1 to SASSER_CONFIRM_MAX seconds");
			return -ERANGE;
		}
	}
	scope = sasser_get_u8(info->attrs[SASSER_A_SCOPE], SASSER_SCOPE_HOST);
	if (scope == SASSER_SCOPE_EVERYWHERE &&
	    !sasser_may_everywhere(skb, info)) {
		NL_SET_ERR_MSG_ATTR(extack, info->attrs[SASSER_A_SCOPE],
				    "SASSER_A_SCOPE everywhere is for CAP_NET_ADMIN in the initial namespaces");
		return -EPERM;
	}
	err = sasser_count(info, &parts);
	if (err)
		return err;

	policy = sasser_policy_alloc(parts.filters, parts.ranges,
				     parts.remotes);
	if (!policy)
		return -ENOMEM;
	strscpy(policy->name, nla_data(info->attrs[SASSER_A_POLICY]),
		sizeof(policy->name));
	policy->mode = nla_get_u8(info->attrs[SASSER_A_MODE]);
	policy->origin = nla_get_u8(info->attrs[SASSER_A_ORIGIN]);
	policy->match = sasser_get_u8(info->attrs[SASSER_A_MATCH],
				      SASSER_MATCH_AUTO);
	policy->scope = scope;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != SASSER_A_FILTER)
			continue;
		err = sasser_add_filter(policy, attr, extack);
		if (err)
			goto out_put;
	}
	/* A request keeps the family, but not a module that is going already. */
	if (!try_module_get(THIS_MODULE)) {
		NL_SET_ERR_MSG(extack, "the module is being unloaded");
		err = -ENOENT;
		goto out_put;
	}
	err = sasser_assign(net_generic(genl_info_net(info), sasser_net_id),
			    policy, confirm);
	module_put(THIS_MODULE);

out_put:
	sasser_policy_put(policy);
	return err;
}

int sasser_nl_policy_clear(struct sk_buff *skb, struct genl_info *info)
{
	if (!info->attrs[SASSER_A_EVERYWHERE]) {
		sasser_unassign(net_generic(genl_info_net(info),
					    sasser_net_id));
		return 0;
	}
	if (!sasser_may_everywhere(skb, info)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[SASSER_A_EVERYWHERE],
				    "SASSER_A_EVERYWHERE is for CAP_NET_ADMIN in the initial namespaces");
		return -EPERM;
	}
	sasser_unassign_everywhere();
	return 0;
}

int sasser_nl_policy_confirm(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *generation = info->attrs[SASSER_A_GENERATION];
	int err;

	if (sasser_lacks(info->attrs, SASSER_A_GENERATION, NULL, info->extack))
		return -EINVAL;
	err = sasser_confirm(net_generic(genl_info_net(info), sasser_net_id),
			     nla_get_u64(generation));
	if (err == -ENOENT)
		NL_SET_ERR_MSG(info->extack, "no policy is on trial");
	if (err == -ESTALE)
		NL_SET_ERR_MSG_ATTR(info->extack, generation,
				    "SASSER_A_GENERATION is not that of the policy on trial");
	return err;
}
