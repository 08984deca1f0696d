// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least that any netfilter module can cost: a hook that looks at nothing.
 * What nf_sasser adds is told from the difference.
 */
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/net_namespace.h>

static bool drop;
module_param(drop, bool, 0444);
MODULE_PARM_DESC(drop, "drop every packet, else accept every packet");

static unsigned int bench_accept(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static unsigned int bench_drop(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	return NF_DROP;
}

/* Where nf_sasser has its hooks. */
static struct nf_hook_ops bench_ops[] = {
	{
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= NF_IP_PRI_RAW_BEFORE_DEFRAG,
	},
	{
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= NF_IP6_PRI_RAW_BEFORE_DEFRAG,
	},
};

static int __init bench_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bench_ops); i++)
		bench_ops[i].hook = drop ? bench_drop : bench_accept;
	return nf_register_net_hooks(&init_net, bench_ops,
				     ARRAY_SIZE(bench_ops));
}

static void __exit bench_exit(void)
{
	nf_unregister_net_hooks(&init_net, bench_ops, ARRAY_SIZE(bench_ops));
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("An empty netfilter hook, to measure others against");
MODULE_LICENSE("GPL");
