// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the hooks are, and when they are there. */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/string.h>

#include "hook.h"

static const struct nf_hook_ops
sasser_hook_ops[SASSER_HOOK_DIRS][SASSER_HOOK_FAMILIES] = {
	[SASSER_HOOK_IN] = {
		{
			.hook		= sasser_ipv4_in,
			.pf		= NFPROTO_IPV4,
			.hooknum	= NF_INET_PRE_ROUTING,
			.priority	= NF_IP_PRI_RAW_BEFORE_DEFRAG,
		},
		{
			.hook		= sasser_ipv6_in,
			.pf		= NFPROTO_IPV6,
			.hooknum	= NF_INET_PRE_ROUTING,
			.priority	= NF_IP6_PRI_RAW_BEFORE_DEFRAG,
		},
	},
	[SASSER_HOOK_OUT] = {
		{
			.hook		= sasser_ipv4_out,
			.pf		= NFPROTO_IPV4,
			.hooknum	= NF_INET_LOCAL_OUT,
			.priority	= NF_IP_PRI_RAW_BEFORE_DEFRAG,
		},
		{
			.hook		= sasser_ipv6_out,
			.pf		= NFPROTO_IPV6,
			.hooknum	= NF_INET_LOCAL_OUT,
			.priority	= NF_IP6_PRI_RAW_BEFORE_DEFRAG,
		},
	},
};

void sasser_hooks_init(struct sasser_hooks *hooks)
{
	unsigned int dir, i;

	memcpy(hooks->ops, sasser_hook_ops, sizeof(hooks->ops));
	for (dir = 0; dir < SASSER_HOOK_DIRS; dir++)
		for (i = 0; i < SASSER_HOOK_FAMILIES; i++)
			hooks->ops[dir][i].priv = hooks;
}

/**
 * sasser_hooks_add() - register the hooks of some directions
 * @net: network namespace
 * @hooks: of that namespace
 * @dirs: bits of enum sasser_hook_dir, to have besides those there already
 *
 * Context: process; the caller serialises all changes of @hooks.
 * Return: 0, or a negative errno and nothing registered
 */
int sasser_hooks_add(struct net *net, struct sasser_hooks *hooks,
		     unsigned long dirs)
{
	unsigned long had = hooks->dirs;
	unsigned int dir;
	int err;

	for (dir = 0; dir < SASSER_HOOK_DIRS; dir++) {
		if (!(dirs & ~had & BIT(dir)))
			continue;
		err = nf_register_net_hooks(net, hooks->ops[dir],
					    SASSER_HOOK_FAMILIES);
		if (err) {
			sasser_hooks_del(net, hooks, dirs & ~had);
			return err;
		}
		hooks->dirs |= BIT(dir);
	}
	return 0;
}

/* Context: as sasser_hooks_add(). Packets may be in the hooks until a grace
 * period has passed.
 */
void sasser_hooks_del(struct net *net, struct sasser_hooks *hooks,
		      unsigned long dirs)
{
	unsigned int dir;

	for (dir = 0; dir < SASSER_HOOK_DIRS; dir++) {
		if (!(dirs & hooks->dirs & BIT(dir)))
			continue;
		nf_unregister_net_hooks(net, hooks->ops[dir],
					SASSER_HOOK_FAMILIES);
		hooks->dirs &= ~BIT(dir);
	}
}
