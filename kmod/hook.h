/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SASSER_HOOK_H
#define _SASSER_HOOK_H

#include <linux/bits.h>
#include <linux/netfilter.h>

#include "match.h"

struct net;

/* Two hooks a direction: IPv4 and IPv6. */
#define SASSER_HOOK_FAMILIES	2

/* The hooks of one namespace, and what they judge by. */
struct sasser_hooks {
	struct sasser_match __rcu *match;	/* NULL: accept everything */
	unsigned long dirs;			/* registered: BIT(SASSER_HOOK_*) */
	struct nf_hook_ops ops[SASSER_HOOK_DIRS][SASSER_HOOK_FAMILIES];
};

void sasser_hooks_init(struct sasser_hooks *hooks);
int sasser_hooks_add(struct net *net, struct sasser_hooks *hooks,
		     unsigned long dirs);
void sasser_hooks_del(struct net *net, struct sasser_hooks *hooks,
		      unsigned long dirs);

#endif /* _SASSER_HOOK_H */
