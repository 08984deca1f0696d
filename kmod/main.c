// SPDX-License-Identifier: GPL-2.0-or-later
/* Module and per-namespace life cycle: a table of contents. */
#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "netlink.h"
#include "policy.h"

unsigned int sasser_net_id __read_mostly;

static int __net_init sasser_net_init(struct net *net)
{
	return sasser_policy_net_init(net_generic(net, sasser_net_id), net);
}

static void __net_exit sasser_net_pre_exit(struct net *net)
{
	sasser_policy_net_pre_exit(net_generic(net, sasser_net_id));
}

static void __net_exit sasser_net_exit(struct net *net)
{
	sasser_policy_net_exit(net_generic(net, sasser_net_id));
}

static struct pernet_operations sasser_net_ops = {
	.init		= sasser_net_init,
	.pre_exit	= sasser_net_pre_exit,
	.exit		= sasser_net_exit,
	.id		= &sasser_net_id,
	.size		= sizeof(struct sasser_net),
};

/* Requests are taken last and refused first. */
static int __init sasser_init(void)
{
	int err;

	err = sasser_policy_init(sasser_nl_notify);
	if (err)
		return err;

	err = register_pernet_subsys(&sasser_net_ops);
	if (err)
		goto err_pernet;

	err = sasser_netlink_init();
	if (err)
		goto err_netlink;

	return 0;

err_netlink:
	unregister_pernet_subsys(&sasser_net_ops);
err_pernet:
	sasser_policy_exit();
	return err;
}

static void __exit sasser_exit(void)
{
	sasser_netlink_exit();
	unregister_pernet_subsys(&sasser_net_ops);
	sasser_policy_exit();
}

module_init(sasser_init);
module_exit(sasser_exit);

/* No alias for the family: any user's look-up by name would load the module. */
MODULE_DESCRIPTION("Block against worms that spread over SMB");
MODULE_LICENSE("GPL");
MODULE_VERSION(SASSER_VERSION);
