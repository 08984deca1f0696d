// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Publish and retire a policy: one RCU pointer per network namespace.
 *
 * Whoever changes a namespace holds its lock. The list of namespaces has a lock
 * of its own, taken before any of theirs.
 */
#include <linux/module.h>
#include <linux/timekeeping.h>

#include "policy.h"

static sasser_notify_fn sasser_notify;

static LIST_HEAD(sasser_nets);
static DEFINE_MUTEX(sasser_nets_lock);
static atomic_t sasser_nets_assigned = ATOMIC_INIT(0);

/* The counters in use; the caller holds the namespace's lock. */
struct sasser_block *sasser_block_locked(const struct sasser_net *sn)
{
	return rcu_dereference_protected(sn->policy->match.block,
					 lockdep_is_held(&sn->lock));
}

/* How many namespaces have a policy assigned. */
unsigned int sasser_namespaces(void)
{
	return atomic_read(&sasser_nets_assigned);
}

/* While a policy is assigned the module can't be unloaded. */
static void sasser_set_assigned(struct sasser_net *sn, bool assigned)
{
	lockdep_assert_held(&sn->lock);

	if (sn->assigned == assigned)
		return;
	sn->assigned = assigned;
	if (assigned) {
		__module_get(THIS_MODULE);
		atomic_inc(&sasser_nets_assigned);
	} else {
		atomic_dec(&sasser_nets_assigned);
		module_put(THIS_MODULE);
	}
}

static void sasser_changed(struct sasser_net *sn, enum sasser_event event)
{
	lockdep_assert_held(&sn->lock);

	sn->generation++;
	sn->seq += 2;
	sasser_notify(sn, event);
}

/**
 * sasser_assign() - put a policy in force, in place of any other
 * @sn: network namespace
 * @policy: all its filters added; consumed on success
 *
 * Rows that the policy before had too go on in the same counters, so that no
 * hit is lost.
 *
 * Context: process; sleeps for a grace period and takes the namespace's lock.
 * The caller holds a reference of the module.
 * Return: 0, or a negative errno and nothing changed
 */
int sasser_assign(struct sasser_net *sn, struct sasser_policy *policy)
{
	struct sasser_block *block, *old_block = NULL;
	struct sasser_policy *old;
	unsigned long dirs;
	int err;

	err = sasser_policy_compile(policy);
	if (err)
		return err;
	block = rcu_dereference_protected(policy->match.block, true);
	dirs = sasser_policy_dirs(policy);

	mutex_lock(&sn->lock);

	old = sn->policy;
	if (old) {
		old_block = sasser_block_locked(sn);
		sasser_block_borrow(block, old_block);
	}
	err = sasser_block_fill(block);
	if (err)
		goto out_unlock;

	/* The policy in force knows nothing of new directions and lets pass. */
	err = sasser_hooks_add(sn->net, &sn->hooks, dirs);
	if (err)
		goto out_unlock;

	policy->since = ktime_get_real_seconds();
	rcu_assign_pointer(sn->hooks.match, &policy->match);
	sn->policy = policy;
	sasser_hooks_del(sn->net, &sn->hooks, ~dirs);
	synchronize_rcu();

	if (old) {
		sasser_block_keep(block, old_block);
		sasser_policy_put(old);
	}
	sasser_set_assigned(sn, true);
	sasser_changed(sn, SASSER_EVENT_ASSIGNED);

out_unlock:
	mutex_unlock(&sn->lock);
	return err;
}

/* Up to the grace period. The counters stay, to be read. */
static void sasser_withdraw(struct sasser_net *sn)
{
	lockdep_assert_held(&sn->lock);

	RCU_INIT_POINTER(sn->hooks.match, NULL);
	sasser_hooks_del(sn->net, &sn->hooks, ~0UL);
}

/**
 * sasser_unassign() - take the policy of one namespace away, if there is one
 * @sn: network namespace
 *
 * Context: process; sleeps for a grace period and takes the namespace's lock
 */
void sasser_unassign(struct sasser_net *sn)
{
	mutex_lock(&sn->lock);
	if (sn->assigned) {
		sasser_withdraw(sn);
		synchronize_rcu();
		sasser_set_assigned(sn, false);
		sasser_changed(sn, SASSER_EVENT_UNASSIGNED);
	}
	mutex_unlock(&sn->lock);
}

/**
 * sasser_unassign_everywhere() - take the policies of all namespaces away
 *
 * Context: process; sleeps for one grace period, takes every lock. The caller
 * keeps the module's code, as a request of the family does.
 */
void sasser_unassign_everywhere(void)
{
	struct sasser_net *sn;

	mutex_lock(&sasser_nets_lock);
	list_for_each_entry(sn, &sasser_nets, list) {
		mutex_lock(&sn->lock);
		if (sn->assigned) {
			sasser_withdraw(sn);
			sasser_set_assigned(sn, false);
			sasser_changed(sn, SASSER_EVENT_UNASSIGNED);
		}
		mutex_unlock(&sn->lock);
	}
	mutex_unlock(&sasser_nets_lock);

	synchronize_rcu();
}

/**
 * sasser_reset() - start all counters of a namespace again at zero
 * @sn: network namespace
 * @policy: on success the policy that @old belongs to, with a reference
 * @old: on success the counters replaced: final, and the caller's to free
 * @generation: on success that of the namespace at the reset
 *
 * Context: process; sleeps for a grace period and takes the namespace's lock
 * Return: 0, -ENOENT if there never was a policy, or -ENOMEM
 */
int sasser_reset(struct sasser_net *sn, struct sasser_policy **policy,
		 struct sasser_block **old, u64 *generation)
{
	struct sasser_block *new;
	int err = 0;

	mutex_lock(&sn->lock);
	if (!sn->policy) {
		err = -ENOENT;
		goto out_unlock;
	}
	new = sasser_block_renew(sasser_block_locked(sn));
	if (!new) {
		err = -ENOMEM;
		goto out_unlock;
	}

	*old = sasser_block_locked(sn);
	rcu_assign_pointer(sn->policy->match.block, new);
	synchronize_rcu();

	refcount_inc(&sn->policy->ref);
	*policy = sn->policy;
	*generation = sn->generation;
	sn->seq += 2;

out_unlock:
	mutex_unlock(&sn->lock);
	return err;
}

/*
 * Life cycle
 */

void sasser_policy_net_init(struct sasser_net *sn, struct net *net)
{
	sn->net = net;
	sn->seq = 1;
	mutex_init(&sn->lock);
	sasser_hooks_init(&sn->hooks);

	mutex_lock(&sasser_nets_lock);
	list_add_tail(&sn->list, &sasser_nets);
	mutex_unlock(&sasser_nets_lock);
}

/* Hooks have to be gone before the devices are; a grace period follows. */
void sasser_policy_net_pre_exit(struct sasser_net *sn)
{
	mutex_lock(&sasser_nets_lock);
	list_del(&sn->list);
	mutex_unlock(&sasser_nets_lock);

	mutex_lock(&sn->lock);
	sasser_withdraw(sn);
	mutex_unlock(&sn->lock);
}

void sasser_policy_net_exit(struct sasser_net *sn)
{
	mutex_lock(&sn->lock);
	sasser_set_assigned(sn, false);
	mutex_unlock(&sn->lock);

	sasser_policy_put(sn->policy);
}

void sasser_policy_init(sasser_notify_fn notify)
{
	sasser_notify = notify;
}
