// SPDX-License-Identifier: GPL-2.0-or-later
/* The generic netlink family: the status, notifications, and the table. */
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "netlink.h"
#include "policy.h"

enum {
	SASSER_MCGRP_POLICY,
};

/* Of which slot? */
static const struct nla_policy sasser_slot_policy[] = {
	[SASSER_A_IMPOSED]		= { .type = NLA_FLAG },
};

/* The same in a reply and in a notification. */
static int sasser_fill_status(struct sk_buff *skb, const struct sasser_net *sn,
			      const struct sasser_slot *slot)
{
	struct sasser_counter unclassified = {};
	const struct sasser_policy *policy;
	unsigned int left;

	lockdep_assert_held(&sn->lock);

	if (slot->now)
		sasser_counter_sum(sasser_block_unclassified(sasser_slot_block(sn, slot)),
				   &unclassified);

	if (nla_put_string(skb, SASSER_A_VERSION, SASSER_VERSION) ||
	    nla_put_u64_64bit(skb, SASSER_A_GENERATION, slot->generation,
			      SASSER_A_PAD) ||
	    nla_put_u8(skb, SASSER_A_ASSIGNED, slot->assigned) ||
	    nla_put_u64_64bit(skb, SASSER_A_UNCLASSIFIED, unclassified.packets,
			      SASSER_A_PAD))
		return -EMSGSIZE;
	left = slot == &sn->own ? sasser_trial_left(sn) : 0;
	if (left && nla_put_u32(skb, SASSER_A_CONFIRM, left))
		return -EMSGSIZE;
	if (!slot->now)
		return 0;
	policy = slot->now->policy;
	if (nla_put_string(skb, SASSER_A_POLICY, policy->name) ||
	    nla_put_u8(skb, SASSER_A_MODE, policy->mode) ||
	    nla_put_u8(skb, SASSER_A_ORIGIN, policy->origin) ||
	    nla_put_u8(skb, SASSER_A_MATCH, policy->match) ||
	    nla_put_u8(skb, SASSER_A_SCOPE, policy->scope) ||
	    nla_put_u64_64bit(skb, SASSER_A_SINCE, slot->now->since,
			      SASSER_A_PAD))
		return -EMSGSIZE;
	return 0;
}

/* The slot that a request is about. */
struct sasser_slot *sasser_nl_slot(struct sasser_net *sn,
				   const struct nlmsghdr *nlh)
{
	return nlmsg_find_attr(nlh, GENL_HDRLEN, SASSER_A_IMPOSED) ?
	       &sn->imposed : &sn->own;
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
	err = sasser_fill_status(skb, sn, sasser_nl_slot(sn, info->nlhdr));
	if (!err && sn->imposed.assigned)
		err = nla_put_flag(skb, SASSER_A_IMPOSED);
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

void sasser_nl_notify(struct sasser_net *sn, struct sasser_slot *slot,
		      enum sasser_event event)
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
	    (slot == &sn->imposed && nla_put_flag(skb, SASSER_A_IMPOSED)) ||
	    sasser_fill_status(skb, sn, slot))
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
		.policy		= sasser_slot_policy,
		.maxattr	= ARRAY_SIZE(sasser_slot_policy) - 1,
	},
	{
		.cmd		= SASSER_CMD_POLICY_SET,
		.flags		= GENL_UNS_ADMIN_PERM,
		.doit		= sasser_nl_policy_set,
		.policy		= sasser_set_policy,
		.maxattr	= SASSER_SET_ATTR_MAX,
	},
	{
		.cmd		= SASSER_CMD_POLICY_CLEAR,
		.flags		= GENL_UNS_ADMIN_PERM,
		.doit		= sasser_nl_policy_clear,
		.policy		= sasser_clear_policy,
		.maxattr	= SASSER_CLEAR_ATTR_MAX,
	},
	{
		.cmd		= SASSER_CMD_POLICY_CONFIRM,
		.flags		= GENL_UNS_ADMIN_PERM,
		.doit		= sasser_nl_policy_confirm,
		.policy		= sasser_confirm_policy,
		.maxattr	= SASSER_CONFIRM_ATTR_MAX,
	},
	{
		.cmd		= SASSER_CMD_FILTER_GET,
		.dumpit		= sasser_nl_filter_dump,
		.policy		= sasser_slot_policy,
		.maxattr	= ARRAY_SIZE(sasser_slot_policy) - 1,
	},
	{
		.cmd		= SASSER_CMD_COUNTER_GET,
		.dumpit		= sasser_nl_counter_dump,
		.policy		= sasser_slot_policy,
		.maxattr	= ARRAY_SIZE(sasser_slot_policy) - 1,
	},
	{
		.cmd		= SASSER_CMD_COUNTER_RESET,
		.flags		= GENL_UNS_ADMIN_PERM,
		.dumpit		= sasser_nl_reset_dump,
		.done		= sasser_nl_reset_done,
		.policy		= sasser_slot_policy,
		.maxattr	= ARRAY_SIZE(sasser_slot_policy) - 1,
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
	return genl_register_family(&sasser_family);
}

void sasser_netlink_exit(void)
{
	genl_unregister_family(&sasser_family);
}
