// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compile, publish and retire a policy: one RCU pointer per network namespace.
 *
 * Whoever changes a namespace holds its lock. The list of namespaces has a lock
 * of its own, taken before any of theirs.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "policy.h"

#define SASSER_PORTS	65536

static sasser_notify_fn sasser_notify;

static LIST_HEAD(sasser_nets);
static DEFINE_MUTEX(sasser_nets_lock);
static atomic_t sasser_nets_assigned = ATOMIC_INIT(0);

/*
 * Building one
 */

/**
 * sasser_policy_alloc() - an empty policy
 * @n_filters: that it has room for
 * @n_ranges: that it has room for, over all filters
 *
 * Return: the policy with one reference, or NULL
 */
struct sasser_policy *sasser_policy_alloc(unsigned int n_filters,
					  unsigned int n_ranges)
{
	struct sasser_policy *policy;

	policy = kzalloc(sizeof(*policy), GFP_KERNEL_ACCOUNT);
	if (!policy)
		return NULL;
	refcount_set(&policy->ref, 1);
	policy->filter = kvcalloc(n_filters, sizeof(*policy->filter),
				  GFP_KERNEL_ACCOUNT);
	policy->range = kvcalloc(n_ranges, sizeof(*policy->range),
				 GFP_KERNEL_ACCOUNT);
	if (!policy->filter || !policy->range) {
		sasser_policy_put(policy);
		return NULL;
	}
	return policy;
}

/* Return: the filter for the caller to complete, NULL if the name is in use. */
struct sasser_filter *sasser_policy_add_filter(struct sasser_policy *policy,
					       const char *name)
{
	struct sasser_filter *filter;
	unsigned int i;

	for (i = 0; i < policy->n_filters; i++)
		if (!strcmp(policy->filter[i].name, name))
			return NULL;

	filter = &policy->filter[policy->n_filters++];
	strscpy(filter->name, name, sizeof(filter->name));
	filter->range = &policy->range[policy->n_ranges];
	return filter;
}

/* Return: 0, or -EEXIST if the filter added last has a port of these already.
 * Two such rows would have the same name.
 */
int sasser_policy_add_range(struct sasser_policy *policy, u16 first, u16 last)
{
	struct sasser_filter *filter = &policy->filter[policy->n_filters - 1];
	unsigned int i;

	for (i = 0; i < filter->n_ranges; i++)
		if (first <= filter->range[i].last &&
		    filter->range[i].first <= last)
			return -EEXIST;

	filter->range[filter->n_ranges++] = (struct sasser_range){
		.first = first, .last = last,
	};
	policy->n_ranges++;
	return 0;
}

void sasser_policy_put(struct sasser_policy *policy)
{
	unsigned int dir, proto;

	if (!policy || !refcount_dec_and_test(&policy->ref))
		return;
	sasser_block_free(rcu_dereference_protected(policy->match.block, true));
	for (dir = 0; dir < SASSER_HOOK_DIRS; dir++)
		for (proto = 0; proto < SASSER_HOOK_PROTOS; proto++)
			kvfree(policy->match.ports[dir][proto]);
	kvfree(policy->range);
	kvfree(policy->filter);
	kfree(policy);
}

/*
 * Compiling it
 */

static bool sasser_filter_has_dir(const struct sasser_filter *filter,
				  enum sasser_hook_dir dir)
{
	return filter->direction == SASSER_DIRECTION_BOTH ||
	       filter->direction == (dir == SASSER_HOOK_IN ?
				     SASSER_DIRECTION_IN :
				     SASSER_DIRECTION_OUT);
}

static struct sasser_block *sasser_compile_rows(struct sasser_policy *policy)
{
	struct sasser_block *block;
	unsigned int i, j, n = 0;
	enum sasser_hook_dir dir;

	for (i = 0; i < policy->n_filters; i++)
		for (dir = 0; dir < SASSER_HOOK_DIRS; dir++)
			if (sasser_filter_has_dir(&policy->filter[i], dir))
				n += policy->filter[i].n_ranges;

	block = sasser_block_alloc(n);
	if (!block)
		return NULL;

	for (i = 0, n = 0; i < policy->n_filters; i++) {
		const struct sasser_filter *filter = &policy->filter[i];

		for (dir = 0; dir < SASSER_HOOK_DIRS; dir++) {
			if (!sasser_filter_has_dir(filter, dir))
				continue;
			for (j = 0; j < filter->n_ranges; j++)
				block->row[n++] = (struct sasser_row){
					.filter = filter,
					.first = filter->range[j].first,
					.last = filter->range[j].last,
					.direction = dir == SASSER_HOOK_IN ?
						     SASSER_DIRECTION_IN :
						     SASSER_DIRECTION_OUT,
					.action = policy->match.observe ?
						  SASSER_ACTION_OBSERVE :
						  filter->action,
				};
		}
	}
	return block;
}

/* Packs one entry per port into pages. */
static struct sasser_ports *sasser_ports_pack(const u16 *map)
{
	unsigned int page, n, next = 0;
	struct sasser_ports *ports;
	bool used[256];

	for (page = 0, n = 0; page < 256; page++) {
		used[page] = memchr_inv(&map[page * 256], 0, 256 * sizeof(u16));
		n += used[page];
	}

	/* Where there is a page without any port, the first one is for those. */
	if (n < 256)
		next = 1;
	ports = kvzalloc(struct_size(ports, row, n + next), GFP_KERNEL_ACCOUNT);
	if (!ports)
		return NULL;

	for (page = 0; page < 256; page++) {
		if (!used[page])
			continue;
		memcpy(ports->row[next], &map[page * 256], 256 * sizeof(u16));
		ports->page[page] = next++;
	}
	return ports;
}

/*
 * One entry per port of a direction and protocol. Written from the weakest row
 * to the strongest: block wins over observe, then the one that stands first.
 *
 * Return: true if there is any
 */
static bool sasser_ports_map(u16 *map, const struct sasser_block *block,
			     u8 direction, u8 protocol)
{
	static const u8 actions[] = {
		SASSER_ACTION_OBSERVE, SASSER_ACTION_BLOCK
	};
	unsigned int i, n;
	bool any = false;

	memset(map, 0, SASSER_PORTS * sizeof(*map));
	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		for (n = block->n_rows; n > 0; n--) {
			const struct sasser_row *row = &block->row[n - 1];

			if (row->direction != direction ||
			    row->filter->protocol != protocol ||
			    row->filter->action != actions[i])
				continue;
			memset16(&map[row->first], n,
				 row->last - row->first + 1);
			any = true;
			cond_resched();
		}
	}
	return any;
}

static int sasser_compile_ports(struct sasser_policy *policy,
				const struct sasser_block *block)
{
	static const u8 directions[SASSER_HOOK_DIRS] = {
		[SASSER_HOOK_IN] = SASSER_DIRECTION_IN,
		[SASSER_HOOK_OUT] = SASSER_DIRECTION_OUT,
	};
	static const u8 protocols[SASSER_HOOK_PROTOS] = {
		[SASSER_HOOK_TCP] = SASSER_PROTOCOL_TCP,
		[SASSER_HOOK_UDP] = SASSER_PROTOCOL_UDP,
	};
	unsigned int dir, proto;
	int err = 0;
	u16 *map;

	map = kvmalloc_array(SASSER_PORTS, sizeof(*map), GFP_KERNEL_ACCOUNT);
	if (!map)
		return -ENOMEM;

	for (dir = 0; dir < SASSER_HOOK_DIRS; dir++) {
		for (proto = 0; proto < SASSER_HOOK_PROTOS; proto++) {
			struct sasser_ports *ports;

			if (!sasser_ports_map(map, block, directions[dir],
					      protocols[proto]))
				continue;
			ports = sasser_ports_pack(map);
			if (!ports) {
				err = -ENOMEM;
				goto out_free;
			}
			policy->match.ports[dir][proto] = ports;
		}
	}

out_free:
	kvfree(map);
	return err;
}

/*
 * On failure the policy keeps what it got, and sasser_policy_put() frees it.
 * Counters come last and apart: they may be those of the policy before.
 */
static int sasser_compile(struct sasser_policy *policy)
{
	struct sasser_block *block;

	policy->match.observe = policy->mode == SASSER_MODE_OBSERVE;
	block = sasser_compile_rows(policy);
	if (!block)
		return -ENOMEM;
	RCU_INIT_POINTER(policy->match.block, block);

	return sasser_compile_ports(policy, block);
}

static unsigned long sasser_policy_dirs(const struct sasser_policy *policy)
{
	unsigned long dirs = 0;
	unsigned int dir, proto;

	for (dir = 0; dir < SASSER_HOOK_DIRS; dir++)
		for (proto = 0; proto < SASSER_HOOK_PROTOS; proto++)
			if (policy->match.ports[dir][proto])
				dirs |= BIT(dir);
	return dirs;
}

/*
 * Publishing and retiring it
 */

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
 * The caller keeps the module, as a request of the family does.
 * Return: 0, or a negative errno and nothing changed
 */
int sasser_assign(struct sasser_net *sn, struct sasser_policy *policy)
{
	struct sasser_block *block, *old_block = NULL;
	struct sasser_policy *old;
	unsigned long dirs;
	int err;

	err = sasser_compile(policy);
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
 * keeps the module.
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
