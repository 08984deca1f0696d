/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SASSER_HOOK_H
#define _SASSER_HOOK_H

#include <linux/bits.h>
#include <linux/netfilter.h>

#include "match.h"

struct net;

/* The hooks of one namespace, and what they judge by. */
struct sasser_hooks {
	struct sasser_rules __rcu *rules;	/* NULL: accept everything */
	unsigned long dirs;			/* registered: BIT(SASSER_HOOK_*) */
	struct nf_hook_ops ops[SASSER_HOOK_DIRS][SASSER_HOOK_FAMILIES];
};

/* hook.c */
unsigned int sasser_ipv4_in(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state);
unsigned int sasser_ipv4_out(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state);
unsigned int sasser_ipv6_in(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state);
unsigned int sasser_ipv6_out(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state);

/* register.c */
void sasser_hooks_init(struct sasser_hooks *hooks);
int sasser_hooks_add(struct net *net, struct sasser_hooks *hooks,
		     unsigned long dirs);
void sasser_hooks_del(struct net *net, struct sasser_hooks *hooks,
		      unsigned long dirs);

#endif /* _SASSER_HOOK_H */
