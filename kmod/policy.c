// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Assignments and trials, and the life of a namespace.
 *
 * Whoever changes a namespace holds its lock. Whoever changes the initial one,
 * and with it perhaps all others, holds that of impose.c, too, taken first.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <net/net_namespace.h>

#include "policy.h"

sasser_notify_fn sasser_notify;

static atomic_t sasser_nets_assigned = ATOMIC_INIT(0);

/* Trials of the host, which must not have to wait for those of others. */
static struct workqueue_struct *sasser_host_wq;
static struct workqueue_struct *sasser_wq;

/* How many namespaces have a policy assigned. */
unsigned int sasser_namespaces(void)
{
	return atomic_read(&sasser_nets_assigned);
}

static void sasser_lock(struct sasser_net *sn)
{
	if (sasser_is_initial(sn))
		mutex_lock(&sasser_nets_lock);
	mutex_lock(&sn->lock);
}

static void sasser_unlock(struct sasser_net *sn)
{
	mutex_unlock(&sn->lock);
	if (sasser_is_initial(sn))
		mutex_unlock(&sasser_nets_lock);
}

/* While a policy is assigned the module can't be unloaded. */
static void sasser_pin(struct sasser_net *sn)
{
	lockdep_assert_held(&sn->lock);

	if (sn->pins == sn->own.assigned)
		return;
	sn->pins = sn->own.assigned;
	if (sn->pins) {
		__module_get(THIS_MODULE);
		atomic_inc(&sasser_nets_assigned);
	} else {
		atomic_dec(&sasser_nets_assigned);
		module_put(THIS_MODULE);
	}
}

/*
 * Trials
 */

/* Seconds until the policy of a namespace is reverted; 0 without a trial. */
unsigned int sasser_trial_left(const struct sasser_net *sn)
{
	long left = sn->trial_end - jiffies;

	lockdep_assert_held(&sn->lock);

	if (!sn->on_trial)
		return 0;
	return left > 0 ? DIV_ROUND_UP(left, HZ) : 1;
}

static void sasser_trial_begin(struct sasser_net *sn, unsigned int seconds)
{
	unsigned long delay = seconds * HZ;

	lockdep_assert_held(&sn->lock);

	sn->on_trial = true;
	sn->trial_end = jiffies + delay;
	mod_delayed_work(sasser_is_initial(sn) ? sasser_host_wq : sasser_wq,
			 &sn->trial, delay);
}

/* The work may be waiting for the lock already: it looks at @on_trial. */
static void sasser_trial_end(struct sasser_net *sn)
{
	lockdep_assert_held(&sn->lock);

	sn->on_trial = false;
	cancel_delayed_work(&sn->trial);
}

/*
 * One line, of the host alone: a namespace of somebody's own could fill the log,
 * or have its policies taken for the host's.
 */
static void sasser_trial_tell(const struct sasser_net *sn, const char *tried)
{
	if (!sasser_is_initial(sn))
		return;
	if (sn->own.assigned)
		pr_notice("nf_sasser: policy %s was not confirmed in time: %s is in force again\n",
			  tried, sn->own.now->policy->name);
	else
		pr_notice("nf_sasser: policy %s was not confirmed in time: nothing is in force, as before\n",
			  tried);
}

static void sasser_trial_revert(struct work_struct *work)
{
	struct sasser_net *sn = container_of(to_delayed_work(work),
					     struct sasser_net, trial);
	bool initial = sasser_is_initial(sn);
	const char *tried;

	sasser_lock(sn);
	if (!sn->on_trial || time_before(jiffies, sn->trial_end))
		goto out_unlock;

	sn->on_trial = false;
	tried = sn->own.now->policy->name;
	sasser_slot_revert(sn, &sn->own);
	if (initial)
		sasser_impose_revert();
	sasser_trial_tell(sn, tried);
	synchronize_rcu();
	sasser_slot_settle(&sn->own);
	if (initial)
		sasser_impose_settle();
	sasser_notify(sn, &sn->own, SASSER_EVENT_REVERTED);
	/* The module may go then, but waits for this work to return. */
	sasser_pin(sn);

out_unlock:
	sasser_unlock(sn);
}

/**
 * sasser_confirm() - keep the policy that is on trial
 * @sn: network namespace
 * @generation: of the assignment that is meant
 *
 * Context: process; takes the namespace's lock
 * Return: 0, -ENOENT without a trial, -ESTALE if it is of another assignment
 */
int sasser_confirm(struct sasser_net *sn, u64 generation)
{
	int err = 0;

	sasser_lock(sn);
	if (!sn->on_trial) {
		err = -ENOENT;
	} else if (sn->own.generation != generation) {
		err = -ESTALE;
	} else {
		sasser_trial_end(sn);
		sasser_slot_stay(sn, &sn->own);
		if (sasser_is_initial(sn))
			sasser_impose_stay();
		sasser_notify(sn, &sn->own, SASSER_EVENT_CONFIRMED);
	}
	sasser_unlock(sn);
	return err;
}

/*
 * Assignments
 */

/**
 * sasser_assign() - put a policy in force, in place of any other
 * @sn: network namespace
 * @policy: all its filters added; the caller keeps its reference
 * @confirm: seconds that it is on trial for, or 0
 *
 * Context: process; sleeps for a grace period and takes the namespace's lock.
 * The caller holds a reference of the module.
 * Return: 0, or a negative errno and nothing changed
 */
int sasser_assign(struct sasser_net *sn, struct sasser_policy *policy,
		  unsigned int confirm)
{
	bool everywhere = policy->scope == SASSER_SCOPE_EVERYWHERE;
	bool initial = sasser_is_initial(sn);
	enum sasser_back back;
	int err;

	err = sasser_policy_compile(policy);
	if (err)
		return err;

	sasser_lock(sn);

	err = sasser_slot_prepare(sn, &sn->own, policy);
	if (!err && everywhere) {
		err = sasser_impose_prepare(policy);
		if (err)
			sasser_slot_cancel(sn, &sn->own);
	}
	if (err)
		goto out_unlock;

	back = !confirm ? SASSER_BACK_NONE :
	       sn->on_trial ? SASSER_BACK_KEEP : SASSER_BACK_HERE;
	sasser_slot_publish(sn, &sn->own, back);
	if (initial)
		sasser_impose_publish(everywhere ? policy : NULL, back);
	if (confirm)
		sasser_trial_begin(sn, confirm);
	else
		sasser_trial_end(sn);
	sasser_pin(sn);

	synchronize_rcu();

	sasser_slot_settle(&sn->own);
	if (initial)
		sasser_impose_settle();
	sasser_notify(sn, &sn->own, SASSER_EVENT_ASSIGNED);

out_unlock:
	sasser_unlock(sn);
	return err;
}

/* Up to the grace period. Return: was there anything? */
static bool sasser_withdraw(struct sasser_net *sn)
{
	bool was = sn->own.assigned;

	sasser_trial_end(sn);
	sasser_slot_withdraw(sn, &sn->own);
	if (was)
		sasser_notify(sn, &sn->own, SASSER_EVENT_UNASSIGNED);
	return was;
}

/**
 * sasser_unassign() - take the policy of one namespace away, if there is one
 * @sn: network namespace
 *
 * Context: process; sleeps for a grace period and takes the namespace's lock
 */
void sasser_unassign(struct sasser_net *sn)
{
	bool was;

	sasser_lock(sn);
	was = sasser_withdraw(sn);
	if (sasser_is_initial(sn))
		sasser_impose_publish(NULL, SASSER_BACK_NONE);
	if (was)
		synchronize_rcu();
	sasser_pin(sn);
	sasser_unlock(sn);
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
	sasser_impose_publish(NULL, SASSER_BACK_NONE);
	list_for_each_entry(sn, &sasser_nets, list) {
		mutex_lock(&sn->lock);
		sasser_withdraw(sn);
		sasser_pin(sn);
		mutex_unlock(&sn->lock);
	}
	mutex_unlock(&sasser_nets_lock);

	synchronize_rcu();
}

/**
 * sasser_reset() - start all counters of a slot again at zero
 * @sn: network namespace
 * @slot: of it
 * @policy: on success the policy that @old belongs to, with a reference
 * @old: on success the counters replaced: final, and the caller's to free
 * @generation: on success that of the slot at the reset
 *
 * Context: process; sleeps for a grace period and takes the namespace's lock
 * Return: 0, -ENOENT if there never was a policy, or -ENOMEM
 */
int sasser_reset(struct sasser_net *sn, struct sasser_slot *slot,
		 struct sasser_policy **policy, struct sasser_block **old,
		 u64 *generation)
{
	int err = -ENOENT;

	mutex_lock(&sn->lock);
	if (slot->now)
		err = sasser_slot_reset(sn, slot, old);
	if (!err) {
		*policy = slot->now->policy;
		refcount_inc(&(*policy)->ref);
		*generation = slot->generation;
	}
	mutex_unlock(&sn->lock);
	/* Nobody who wants the lock has to wait for what is ours alone. */
	if (!err)
		synchronize_rcu();
	return err;
}

/*
 * Life cycle
 */

int sasser_policy_net_init(struct sasser_net *sn, struct net *net)
{
	int err;

	sn->net = net;
	mutex_init(&sn->lock);
	INIT_DELAYED_WORK(&sn->trial, sasser_trial_revert);
	sasser_slot_init(&sn->own);
	sasser_slot_init(&sn->imposed);

	mutex_lock(&sasser_nets_lock);
	err = sasser_impose_new(sn);
	if (!err)
		list_add_tail(&sn->list, &sasser_nets);
	mutex_unlock(&sasser_nets_lock);
	return err;
}

/*
 * Hooks have to be gone before the devices are; a grace period follows. A trial
 * goes with its namespace; its work takes the locks, so it is waited for first.
 */
void sasser_policy_net_pre_exit(struct sasser_net *sn)
{
	cancel_delayed_work_sync(&sn->trial);

	mutex_lock(&sasser_nets_lock);
	list_del(&sn->list);
	mutex_unlock(&sasser_nets_lock);

	mutex_lock(&sn->lock);
	sn->on_trial = false;
	sasser_slot_withdraw(sn, &sn->own);
	sasser_slot_withdraw(sn, &sn->imposed);
	mutex_unlock(&sn->lock);
}

void sasser_policy_net_exit(struct sasser_net *sn)
{
	mutex_lock(&sn->lock);
	sasser_pin(sn);
	mutex_unlock(&sn->lock);

	sasser_slot_free(&sn->own);
	sasser_slot_free(&sn->imposed);
}

/* Before and after all namespaces. */
int sasser_policy_init(sasser_notify_fn notify)
{
	sasser_notify = notify;
	sasser_host_wq = alloc_workqueue("nf_sasser_host",
					 WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	if (!sasser_host_wq)
		return -ENOMEM;
	sasser_wq = alloc_workqueue("nf_sasser", WQ_UNBOUND | WQ_MEM_RECLAIM,
				    0);
	if (!sasser_wq) {
		destroy_workqueue(sasser_host_wq);
		return -ENOMEM;
	}
	return 0;
}

void sasser_policy_exit(void)
{
	destroy_workqueue(sasser_wq);
	destroy_workqueue(sasser_host_wq);
}
