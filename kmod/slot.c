// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A slot: one policy in force in one namespace, published by one RCU pointer.
 *
 * A change is prepared, which may fail, and published, which may not; when a
 * grace period has passed it is settled. Nothing here waits for that, so that a
 * change of many namespaces waits but once.
 */
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "policy.h"

void sasser_slot_init(struct sasser_slot *slot)
{
	slot->seq = 1;
	sasser_hooks_init(&slot->hooks);
}

static struct sasser_block *
sasser_instance_block(const struct sasser_net *sn,
		      const struct sasser_instance *instance)
{
	return rcu_dereference_protected(instance->rules.block,
					 lockdep_is_held(&sn->lock));
}

/* The counters in use. There is or was a policy in @slot. */
struct sasser_block *sasser_slot_block(const struct sasser_net *sn,
				       const struct sasser_slot *slot)
{
	return sasser_instance_block(sn, slot->now);
}

/* Takes a reference of @policy. */
static struct sasser_instance *
sasser_instance_alloc(struct sasser_policy *policy)
{
	struct sasser_instance *instance;
	struct sasser_block *block;

	instance = kzalloc(sizeof(*instance), SASSER_GFP);
	if (!instance)
		return NULL;
	block = sasser_block_renew(policy->block);
	if (!block) {
		kfree(instance);
		return NULL;
	}
	memcpy(instance->rules.ports, policy->ports,
	       sizeof(instance->rules.ports));
	instance->rules.remotes = policy->remotes;
	instance->rules.observe = policy->mode == SASSER_MODE_OBSERVE;
	instance->rules.packet = policy->match == SASSER_MATCH_PACKET;
	RCU_INIT_POINTER(instance->rules.block, block);
	refcount_inc(&policy->ref);
	instance->policy = policy;
	return instance;
}

/* Nobody uses it any more. */
static void sasser_instance_free(struct sasser_instance *instance)
{
	if (!instance)
		return;
	sasser_block_free(rcu_dereference_protected(instance->rules.block,
						    true));
	sasser_policy_put(instance->policy);
	kfree(instance);
}

static unsigned long sasser_instance_dirs(const struct sasser_instance *instance)
{
	return instance ? sasser_policy_dirs(instance->policy) : 0;
}

/* The way back from a trial must not need memory: it keeps its hooks. */
static void sasser_slot_trim(struct sasser_net *sn, struct sasser_slot *slot)
{
	unsigned long dirs = sasser_instance_dirs(slot->before);

	if (slot->assigned)
		dirs |= sasser_instance_dirs(slot->now);
	sasser_hooks_del(sn->net, &slot->hooks, ~dirs);
}

static void sasser_slot_changed(struct sasser_slot *slot)
{
	slot->generation++;
	slot->seq += 2;
}

static void sasser_slot_drop_before(struct sasser_slot *slot)
{
	/* Not published since the trial began, a grace period ago. */
	if (slot->before != slot->now)
		sasser_instance_free(slot->before);
	slot->before = NULL;
}

/**
 * sasser_slot_prepare() - get ready for sasser_slot_publish()
 * @sn: network namespace
 * @slot: of it
 * @policy: compiled
 *
 * The policy in force knows nothing of new directions and lets pass there.
 *
 * Context: process
 * Return: 0, or a negative errno and nothing changed
 */
int sasser_slot_prepare(struct sasser_net *sn, struct sasser_slot *slot,
			struct sasser_policy *policy)
{
	int err;

	lockdep_assert_held(&sn->lock);

	slot->next = sasser_instance_alloc(policy);
	if (!slot->next)
		return -ENOMEM;
	err = sasser_hooks_add(sn->net, &slot->hooks,
			       sasser_policy_dirs(policy));
	if (err)
		sasser_slot_cancel(sn, slot);
	return err;
}

/* Undoes sasser_slot_prepare(). Fine if there is nothing to undo. */
void sasser_slot_cancel(struct sasser_net *sn, struct sasser_slot *slot)
{
	lockdep_assert_held(&sn->lock);

	if (!slot->next)
		return;
	sasser_instance_free(slot->next);
	slot->next = NULL;
	sasser_slot_trim(sn, slot);
}

/**
 * sasser_slot_publish() - put in force what was prepared
 * @sn: network namespace
 * @slot: of it
 * @back: the way back that there is to be then
 *
 * Rows that the policies before had too go on in the same counters, so that no
 * hit is lost.
 *
 * Context: process; a grace period and sasser_slot_settle() have to follow
 */
void sasser_slot_publish(struct sasser_net *sn, struct sasser_slot *slot,
			 enum sasser_back back)
{
	struct sasser_instance *next = slot->next, *last = slot->now;
	struct sasser_block *block = sasser_instance_block(sn, next);

	lockdep_assert_held(&sn->lock);

	if (slot->before)
		sasser_block_share(block,
				   sasser_instance_block(sn, slot->before));
	if (last)
		sasser_block_share(block, sasser_instance_block(sn, last));

	if (back == SASSER_BACK_NONE)
		sasser_slot_drop_before(slot);

	next->since = ktime_get_real_seconds();
	rcu_assign_pointer(slot->hooks.rules, &next->rules);
	slot->now = next;
	slot->next = NULL;

	if (back == SASSER_BACK_HERE && slot->assigned)
		slot->before = last;
	else if (last != slot->before)
		slot->retired = last;
	slot->assigned = true;
	sasser_slot_trim(sn, slot);
	sasser_slot_changed(slot);
}

/* Takes the policy away. Its counters stay, to be read. Context: as publish. */
void sasser_slot_withdraw(struct sasser_net *sn, struct sasser_slot *slot)
{
	lockdep_assert_held(&sn->lock);

	RCU_INIT_POINTER(slot->hooks.rules, NULL);
	sasser_slot_drop_before(slot);
	if (slot->assigned)
		sasser_slot_changed(slot);
	slot->assigned = false;
	sasser_slot_trim(sn, slot);
}

/**
 * sasser_slot_suspend() - have nothing in force while another policy is on trial
 * @sn: network namespace
 * @slot: of it
 * @back: SASSER_BACK_HERE or SASSER_BACK_KEEP
 *
 * Context: as sasser_slot_publish()
 */
void sasser_slot_suspend(struct sasser_net *sn, struct sasser_slot *slot,
			 enum sasser_back back)
{
	lockdep_assert_held(&sn->lock);

	if (!slot->assigned)
		return;
	RCU_INIT_POINTER(slot->hooks.rules, NULL);
	slot->assigned = false;
	if (back == SASSER_BACK_HERE) {
		slot->before = slot->now;
	} else if (slot->before) {
		slot->retired = slot->now;
		slot->now = slot->before;
	}
	sasser_slot_trim(sn, slot);
	sasser_slot_changed(slot);
}

/**
 * sasser_slot_revert() - go back to what was in force before the trial
 * @sn: network namespace
 * @slot: of it
 *
 * Needs no memory. Context: as sasser_slot_publish()
 */
void sasser_slot_revert(struct sasser_net *sn, struct sasser_slot *slot)
{
	lockdep_assert_held(&sn->lock);

	if (!slot->before) {
		sasser_slot_withdraw(sn, slot);
		return;
	}
	if (slot->now != slot->before)
		slot->retired = slot->now;
	slot->now = slot->before;
	slot->before = NULL;
	rcu_assign_pointer(slot->hooks.rules, &slot->now->rules);
	slot->assigned = true;
	sasser_slot_trim(sn, slot);
	sasser_slot_changed(slot);
}

/* There is no way back any more: the trial is confirmed. */
void sasser_slot_stay(struct sasser_net *sn, struct sasser_slot *slot)
{
	lockdep_assert_held(&sn->lock);

	sasser_slot_drop_before(slot);
	sasser_slot_trim(sn, slot);
}

/* A grace period has passed since the change. */
void sasser_slot_settle(struct sasser_slot *slot)
{
	sasser_instance_free(slot->retired);
	slot->retired = NULL;
}

/**
 * sasser_slot_reset() - start the counters again at zero
 * @sn: network namespace
 * @slot: of it; there is or was a policy
 * @old: on success the counters replaced, the caller's to free; final after a
 *	grace period
 *
 * Context: process
 * Return: 0 or -ENOMEM
 */
int sasser_slot_reset(struct sasser_net *sn, struct sasser_slot *slot,
		      struct sasser_block **old)
{
	struct sasser_block *new;

	lockdep_assert_held(&sn->lock);

	*old = sasser_slot_block(sn, slot);
	new = sasser_block_renew(*old);
	if (!new)
		return -ENOMEM;
	if (slot->before && slot->before != slot->now)
		sasser_block_follow(sasser_instance_block(sn, slot->before),
				    *old, new);
	rcu_assign_pointer(slot->now->rules.block, new);
	slot->seq += 2;
	return 0;
}

/* Nobody is left who could use it. */
void sasser_slot_free(struct sasser_slot *slot)
{
	sasser_slot_drop_before(slot);
	sasser_instance_free(slot->now);
	sasser_instance_free(slot->retired);
}
