// SPDX-License-Identifier: GPL-2.0-or-later
/* The generic netlink family: attributes to policy calls and back. */
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "netlink.h"
#include "policy.h"

enum {
	SASSER_MCGRP_POLICY,
};

static const struct nla_policy sasser_range_policy[] = {
	[SASSER_RANGE_A_FIRST]		= NLA_POLICY_MIN(NLA_U16, 1),
	[SASSER_RANGE_A_LAST]		= NLA_POLICY_MIN(NLA_U16, 1),
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
						SASSER_ACTION_OBSERVE),
	[SASSER_FILTER_A_RANGE]		= NLA_POLICY_NESTED(sasser_range_policy),
};

static const struct nla_policy sasser_set_policy[] = {
	[SASSER_A_POLICY]		= { .type = NLA_NUL_STRING,
					    .len = SASSER_NAME_MAX },
	[SASSER_A_MODE]			= NLA_POLICY_RANGE(NLA_U8,
						SASSER_MODE_ENFORCE,
						SASSER_MODE_OBSERVE),
	[SASSER_A_ORIGIN]		= NLA_POLICY_RANGE(NLA_U8,
						SASSER_ORIGIN_LOCAL,
						SASSER_ORIGIN_DOMAIN),
	[SASSER_A_FILTER]		= NLA_POLICY_NESTED(sasser_filter_policy),
};

static const struct nla_policy sasser_clear_policy[] = {
	[SASSER_A_EVERYWHERE]		= { .type = NLA_FLAG },
};

/* An op without a policy would take anything on some kernels. */
static const struct nla_policy sasser_none_policy[] = {
	[SASSER_A_PAD]			= { .type = NLA_REJECT },
};

/*
 * Requests: from attributes to a policy
 */

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
		if (nla_type(attr) != SASSER_FILTER_A_RANGE)
			continue;
		err = sasser_add_range(policy, attr, extack);
		if (err)
			return err;
	}
	return 0;
}

/* How many filters and port ranges a request has; it is validated already. */
static int sasser_count(const struct genl_info *info, unsigned int *n_filters,
			unsigned int *n_ranges)
{
	const struct nlattr *filter, *attr;
	int rem, nested_rem;

	*n_filters = 0;
	*n_ranges = 0;
	nlmsg_for_each_attr(filter, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(filter) != SASSER_A_FILTER)
			continue;
		if (++*n_filters > SASSER_FILTERS_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, filter,
					    "SASSER_A_FILTER: more than SASSER_FILTERS_MAX");
			return -E2BIG;
		}
		nla_for_each_nested(attr, filter, nested_rem) {
			if (nla_type(attr) != SASSER_FILTER_A_RANGE)
				continue;
			if (++*n_ranges > SASSER_RANGES_MAX) {
				NL_SET_ERR_MSG_ATTR(info->extack, attr,
						    "SASSER_FILTER_A_RANGE: more than SASSER_RANGES_MAX");
				return -E2BIG;
			}
		}
	}
	return 0;
}

static int sasser_nl_policy_set(struct sk_buff *skb, struct genl_info *info)
{
	struct netlink_ext_ack *extack = info->extack;
	unsigned int n_filters, n_ranges;
	struct sasser_policy *policy;
	const struct nlattr *attr;
	int err, rem;

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
	err = sasser_count(info, &n_filters, &n_ranges);
	if (err)
		return err;

	policy = sasser_policy_alloc(n_filters, n_ranges);
	if (!policy)
		return -ENOMEM;
	strscpy(policy->name, nla_data(info->attrs[SASSER_A_POLICY]),
		sizeof(policy->name));
	policy->mode = nla_get_u8(info->attrs[SASSER_A_MODE]);
	policy->origin = nla_get_u8(info->attrs[SASSER_A_ORIGIN]);

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != SASSER_A_FILTER)
			continue;
		err = sasser_add_filter(policy, attr, extack);
		if (err)
			goto err_put;
	}
	/* A request keeps the family, but not a module that is going already. */
	if (!try_module_get(THIS_MODULE)) {
		NL_SET_ERR_MSG(extack, "the module is being unloaded");
		err = -ENOENT;
		goto err_put;
	}
	err = sasser_assign(net_generic(genl_info_net(info), sasser_net_id),
			    policy);
	module_put(THIS_MODULE);
	if (err)
		goto err_put;
	return 0;

err_put:
	sasser_policy_put(policy);
	return err;
}

static int sasser_nl_policy_clear(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);

	if (!info->attrs[SASSER_A_EVERYWHERE]) {
		sasser_unassign(net_generic(net, sasser_net_id));
		return 0;
	}
	if (!net_eq(net, &init_net) || !netlink_capable(skb, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[SASSER_A_EVERYWHERE],
				    "SASSER_A_EVERYWHERE is for CAP_NET_ADMIN in the initial namespaces");
		return -EPERM;
	}
	sasser_unassign_everywhere();
	return 0;
}

/*
 * Replies: from a policy to attributes
 */

/* The same in a reply and in a notification. */
static int sasser_fill_status(struct sk_buff *skb, const struct sasser_net *sn)
{
	const struct sasser_policy *policy = sn->policy;
	struct sasser_counter unclassified = {};

	lockdep_assert_held(&sn->lock);

	if (policy)
		sasser_counter_sum(sasser_block_unclassified(sasser_block_locked(sn)),
				   &unclassified);

	if (nla_put_string(skb, SASSER_A_VERSION, SASSER_VERSION) ||
	    nla_put_u64_64bit(skb, SASSER_A_GENERATION, sn->generation,
			      SASSER_A_PAD) ||
	    nla_put_u8(skb, SASSER_A_ASSIGNED, sn->assigned) ||
	    nla_put_u64_64bit(skb, SASSER_A_UNCLASSIFIED, unclassified.packets,
			      SASSER_A_PAD))
		return -EMSGSIZE;
	if (!policy)
		return 0;
	if (nla_put_string(skb, SASSER_A_POLICY, policy->name) ||
	    nla_put_u8(skb, SASSER_A_MODE, policy->mode) ||
	    nla_put_u8(skb, SASSER_A_ORIGIN, policy->origin) ||
	    nla_put_u64_64bit(skb, SASSER_A_SINCE, policy->since,
			      SASSER_A_PAD))
		return -EMSGSIZE;
	return 0;
}

static int sasser_nl_status_get(struct sk_buff *request, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct sasser_net *sn = net_generic(net, sasser_net_id);
	struct sk_buff *skb;
	int err = -EMSGSIZE;
	void *hdr;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	hdr = genlmsg_put_reply(skb, info, &sasser_family, 0,
				SASSER_CMD_STATUS_GET);
	if (!hdr)
		goto err_free;

	mutex_lock(&sn->lock);
	err = sasser_fill_status(skb, sn);
	mutex_unlock(&sn->lock);
	if (!err && net_eq(net, &init_net))
		err = nla_put_u32(skb, SASSER_A_NAMESPACES,
				  sasser_namespaces());
	if (err)
		goto err_free;

	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);

err_free:
	nlmsg_free(skb);
	return err;
}

static void sasser_nl_notify(struct sasser_net *sn, enum sasser_event event)
{
	struct sk_buff *skb;
	void *hdr;

	if (!genl_has_listeners(&sasser_family, sn->net, SASSER_MCGRP_POLICY))
		return;

	/* Whoever listens is told by the socket that it missed something. */
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		goto err_set;
	hdr = genlmsg_put(skb, 0, 0, &sasser_family, 0, SASSER_CMD_POLICY_NTF);
	if (!hdr || nla_put_u8(skb, SASSER_A_EVENT, event) ||
	    sasser_fill_status(skb, sn))
		goto err_free;
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&sasser_family, sn->net, skb, 0,
				SASSER_MCGRP_POLICY, GFP_KERNEL);
	return;

err_free:
	nlmsg_free(skb);
err_set:
	genl_set_err(&sasser_family, sn->net, 0, SASSER_MCGRP_POLICY, -ENOBUFS);
}

/*
 * The family
 */

static const struct genl_ops sasser_ops[] = {
	{
		.cmd		= SASSER_CMD_STATUS_GET,
		.doit		= sasser_nl_status_get,
		.policy		= sasser_none_policy,
		.maxattr	= ARRAY_SIZE(sasser_none_policy) - 1,
	},
	{
		.cmd		= SASSER_CMD_POLICY_SET,
		.flags		= GENL_UNS_ADMIN_PERM,
		.doit		= sasser_nl_policy_set,
		.policy		= sasser_set_policy,
		.maxattr	= ARRAY_SIZE(sasser_set_policy) - 1,
	},
	{
		.cmd		= SASSER_CMD_POLICY_CLEAR,
		.flags		= GENL_UNS_ADMIN_PERM,
		.doit		= sasser_nl_policy_clear,
		.policy		= sasser_clear_policy,
		.maxattr	= ARRAY_SIZE(sasser_clear_policy) - 1,
	},
	{
		.cmd		= SASSER_CMD_FILTER_GET,
		.dumpit		= sasser_nl_filter_dump,
		.policy		= sasser_none_policy,
		.maxattr	= ARRAY_SIZE(sasser_none_policy) - 1,
	},
	{
		.cmd		= SASSER_CMD_COUNTER_GET,
		.dumpit		= sasser_nl_counter_dump,
		.policy		= sasser_none_policy,
		.maxattr	= ARRAY_SIZE(sasser_none_policy) - 1,
	},
	{
		.cmd		= SASSER_CMD_COUNTER_RESET,
		.flags		= GENL_UNS_ADMIN_PERM,
		.dumpit		= sasser_nl_reset_dump,
		.done		= sasser_nl_reset_done,
		.policy		= sasser_none_policy,
		.maxattr	= ARRAY_SIZE(sasser_none_policy) - 1,
	},
};

static const struct genl_multicast_group sasser_mcgrps[] = {
	[SASSER_MCGRP_POLICY]	= { .name = SASSER_GENL_MCGRP_POLICY },
};

/* Parallel: an assignment waits for a grace period, which must hold up no
 * other family.
 */
struct genl_family sasser_family __ro_after_init = {
	.name		= SASSER_GENL_NAME,
	.version	= SASSER_GENL_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.parallel_ops	= true,
	.ops		= sasser_ops,
	.n_ops		= ARRAY_SIZE(sasser_ops),
	.mcgrps		= sasser_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(sasser_mcgrps),
};

int __init sasser_netlink_init(void)
{
	sasser_policy_init(sasser_nl_notify);
	return genl_register_family(&sasser_family);
}

void sasser_netlink_exit(void)
{
	genl_unregister_family(&sasser_family);
}
