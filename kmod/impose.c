// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The policy of the initial namespace that is imposed on every other one, and
 * the list of all namespaces.
 *
 * Both have one lock, taken before that of any namespace.
 */
#include <linux/printk.h>
#include <net/net_namespace.h>

#include "policy.h"

LIST_HEAD(sasser_nets);
/* Of the list, and of what is imposed. */
DEFINE_MUTEX(sasser_nets_lock);

/* For namespaces that are yet to come; each NULL where there is none. */
static struct sasser_policy *sasser_imposed;
static struct sasser_policy *sasser_imposed_before;	/* while on trial */

bool sasser_is_initial(const struct sasser_net *sn)
{
	return net_eq(sn->net, &init_net);
}

/* Not the initial one, whose lock the caller may hold. */
static bool sasser_lock_other(struct sasser_net *sn)
{
	lockdep_assert_held(&sasser_nets_lock);

	if (sasser_is_initial(sn))
		return false;
	mutex_lock_nested(&sn->lock, SINGLE_DEPTH_NESTING);
	return true;
}

static void sasser_set_imposed(struct sasser_policy **to,
			       struct sasser_policy *policy)
{
	lockdep_assert_held(&sasser_nets_lock);

	if (policy)
		refcount_inc(&policy->ref);
	sasser_policy_put(*to);
	*to = policy;
}

static void sasser_impose_cancel(void)
{
	struct sasser_net *sn;

	list_for_each_entry(sn, &sasser_nets, list) {
		if (!sasser_lock_other(sn))
			continue;
		sasser_slot_cancel(sn, &sn->imposed);
		mutex_unlock(&sn->lock);
	}
}

/**
 * sasser_impose_prepare() - get ready to impose a policy
 * @policy: compiled
 *
 * Context: process, under sasser_nets_lock
 * Return: 0, or a negative errno and nothing changed
 */
int sasser_impose_prepare(struct sasser_policy *policy)
{
	struct sasser_net *sn;
	int err = 0;

	list_for_each_entry(sn, &sasser_nets, list) {
		if (!sasser_lock_other(sn))
			continue;
		err = sasser_slot_prepare(sn, &sn->imposed, policy);
		mutex_unlock(&sn->lock);
		/* A netfilter hook that its owner has filled is no veto. */
		if (err == -E2BIG) {
			pr_warn_ratelimited("nf_sasser: a network namespace has no room for the policy that is imposed\n");
			err = 0;
		}
		if (err)
			break;
	}
	if (err)
		sasser_impose_cancel();
	return err;
}

/* Each of these changes one slot. Return: is there something to tell? */
static bool sasser_impose_one(struct sasser_net *sn, enum sasser_back back)
{
	u64 generation = sn->imposed.generation;

	if (sn->imposed.next)
		sasser_slot_publish(sn, &sn->imposed, back);
	else if (back == SASSER_BACK_NONE)
		sasser_slot_withdraw(sn, &sn->imposed);
	else
		sasser_slot_suspend(sn, &sn->imposed, back);
	return sn->imposed.generation != generation;
}

static bool sasser_revert_one(struct sasser_net *sn, enum sasser_back back)
{
	u64 generation = sn->imposed.generation;

	sasser_slot_revert(sn, &sn->imposed);
	return sn->imposed.generation != generation;
}

static bool sasser_stay_one(struct sasser_net *sn, enum sasser_back back)
{
	sasser_slot_stay(sn, &sn->imposed);
	return sn->imposed.assigned;
}

static void sasser_impose(bool (*change)(struct sasser_net *sn,
					 enum sasser_back back),
			  enum sasser_back back, enum sasser_event event)
{
	struct sasser_net *sn;

	list_for_each_entry(sn, &sasser_nets, list) {
		if (!sasser_lock_other(sn))
			continue;
		if (change(sn, back))
			sasser_notify(sn, &sn->imposed, event);
		mutex_unlock(&sn->lock);
	}
}

/* Else no other namespace has anything in force, or to go back to. */
static bool sasser_imposes(void)
{
	return sasser_imposed || sasser_imposed_before;
}

/* Keeps in mind what namespaces to come are to get. */
static void sasser_impose_later(struct sasser_policy *policy,
				enum sasser_back back)
{
	if (back == SASSER_BACK_HERE)
		sasser_set_imposed(&sasser_imposed_before, sasser_imposed);
	sasser_set_imposed(&sasser_imposed, policy);
	if (back == SASSER_BACK_NONE)
		sasser_set_imposed(&sasser_imposed_before, NULL);
}

/**
 * sasser_impose_publish() - put in force what was prepared
 * @policy: the one, or NULL for none in place of any that is imposed
 * @back: the way back that there is to be then
 *
 * Context: process, under sasser_nets_lock; a grace period and
 *	sasser_impose_settle() have to follow
 */
void sasser_impose_publish(struct sasser_policy *policy, enum sasser_back back)
{
	if (!policy && !sasser_imposes())
		return;
	sasser_impose(sasser_impose_one, back, policy ?
		      SASSER_EVENT_ASSIGNED : SASSER_EVENT_UNASSIGNED);
	sasser_impose_later(policy, back);
}

/* The trial was not confirmed. Context: as sasser_impose_publish() */
void sasser_impose_revert(void)
{
	if (!sasser_imposes())
		return;
	sasser_impose(sasser_revert_one, SASSER_BACK_NONE,
		      SASSER_EVENT_REVERTED);
	sasser_impose_later(sasser_imposed_before, SASSER_BACK_NONE);
}

/* The trial was confirmed. Context: process, under sasser_nets_lock */
void sasser_impose_stay(void)
{
	if (!sasser_imposes())
		return;
	sasser_impose(sasser_stay_one, SASSER_BACK_NONE,
		      SASSER_EVENT_CONFIRMED);
	sasser_set_imposed(&sasser_imposed_before, NULL);
}

/* A grace period has passed since the change. */
void sasser_impose_settle(void)
{
	struct sasser_net *sn;

	list_for_each_entry(sn, &sasser_nets, list) {
		if (!sasser_lock_other(sn))
			continue;
		sasser_slot_settle(&sn->imposed);
		mutex_unlock(&sn->lock);
	}
}

/* A new namespace gets what is imposed on all, the way back from it included. */
int sasser_impose_new(struct sasser_net *sn)
{
	struct sasser_slot *slot = &sn->imposed;
	int err = 0;

	mutex_lock(&sn->lock);
	if (sasser_imposed_before) {
		err = sasser_slot_prepare(sn, slot, sasser_imposed_before);
		if (err)
			goto out_unlock;
		sasser_slot_publish(sn, slot, SASSER_BACK_NONE);
		sasser_slot_suspend(sn, slot, SASSER_BACK_HERE);
	}
	if (sasser_imposed) {
		err = sasser_slot_prepare(sn, slot, sasser_imposed);
		if (err)
			goto out_unlock;
		sasser_slot_publish(sn, slot, SASSER_BACK_KEEP);
	}

out_unlock:
	if (err) {
		sasser_slot_withdraw(sn, slot);
		sasser_slot_free(slot);
	}
	mutex_unlock(&sn->lock);
	return err;
}
