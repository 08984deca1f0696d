/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SASSER_NETLINK_H
#define _SASSER_NETLINK_H

struct genl_family;
struct netlink_callback;
struct sk_buff;

extern struct genl_family sasser_family;

int sasser_netlink_init(void);
void sasser_netlink_exit(void);

/* dump.c */
int sasser_nl_filter_dump(struct sk_buff *skb, struct netlink_callback *cb);
int sasser_nl_counter_dump(struct sk_buff *skb, struct netlink_callback *cb);
int sasser_nl_reset_dump(struct sk_buff *skb, struct netlink_callback *cb);
int sasser_nl_reset_done(struct netlink_callback *cb);

#endif /* _SASSER_NETLINK_H */
