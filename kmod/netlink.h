/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SASSER_NETLINK_H
#define _SASSER_NETLINK_H

#include <net/netlink.h>

#include <linux/sasser.h>

struct genl_family;
struct genl_info;
struct netlink_callback;
struct sasser_net;
struct sasser_slot;

extern struct genl_family sasser_family;

int sasser_netlink_init(void);
void sasser_netlink_exit(void);
void sasser_nl_notify(struct sasser_net *sn, struct sasser_slot *slot,
		      enum sasser_event event);
struct sasser_slot *sasser_nl_slot(struct sasser_net *sn,
				   const struct nlmsghdr *nlh);

/* request.c */
#define SASSER_SET_ATTR_MAX	SASSER_A_CONFIRM
#define SASSER_CLEAR_ATTR_MAX	SASSER_A_EVERYWHERE
#define SASSER_CONFIRM_ATTR_MAX	SASSER_A_GENERATION

extern const struct nla_policy sasser_set_policy[SASSER_SET_ATTR_MAX + 1];
extern const struct nla_policy sasser_clear_policy[SASSER_CLEAR_ATTR_MAX + 1];
extern const struct nla_policy sasser_confirm_policy[SASSER_CONFIRM_ATTR_MAX + 1];

int sasser_nl_policy_set(struct sk_buff *skb, struct genl_info *info);
int sasser_nl_policy_clear(struct sk_buff *skb, struct genl_info *info);
int sasser_nl_policy_confirm(struct sk_buff *skb, struct genl_info *info);

/* dump.c */
int sasser_nl_filter_dump(struct sk_buff *skb, struct netlink_callback *cb);
int sasser_nl_counter_dump(struct sk_buff *skb, struct netlink_callback *cb);
int sasser_nl_reset_dump(struct sk_buff *skb, struct netlink_callback *cb);
int sasser_nl_reset_done(struct netlink_callback *cb);

#endif /* _SASSER_NETLINK_H */
