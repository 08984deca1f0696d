// SPDX-License-Identifier: GPL-2.0-or-later
/* Build a policy from filters, and compile its rows. */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "policy.h"

/**
 * sasser_policy_alloc() - an empty policy
 * @n_filters: that it has room for
 * @n_ranges: that it has room for, over all filters
 * @n_remotes: likewise
 *
 * Return: the policy with one reference, or NULL
 */
struct sasser_policy *sasser_policy_alloc(unsigned int n_filters,
					  unsigned int n_ranges,
					  unsigned int n_remotes)
{
	struct sasser_policy *policy;

	policy = kzalloc(sizeof(*policy), SASSER_GFP);
	if (!policy)
		return NULL;
	refcount_set(&policy->ref, 1);
	policy->filter = kvcalloc(n_filters, sizeof(*policy->filter), SASSER_GFP);
	policy->range = kvcalloc(n_ranges, sizeof(*policy->range), SASSER_GFP);
	policy->remote = kvcalloc(n_remotes ?: 1, sizeof(*policy->remote),
				  SASSER_GFP);
	if (!policy->filter || !policy->range || !policy->remote) {
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
	filter->remote = &policy->remote[policy->n_remotes];
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

/* Return: 0, or -EEXIST if the filter added last has that prefix already. */
int sasser_policy_add_remote(struct sasser_policy *policy,
			     const struct sasser_remote *remote)
{
	struct sasser_filter *filter = &policy->filter[policy->n_filters - 1];
	unsigned int i;

	for (i = 0; i < filter->n_remotes; i++)
		if (!memcmp(remote, &filter->remote[i], sizeof(*remote)))
			return -EEXIST;

	filter->remote[filter->n_remotes++] = *remote;
	policy->n_remotes++;
	return 0;
}

void sasser_policy_put(struct sasser_policy *policy)
{
	unsigned int dir, proto;

	if (!policy || !refcount_dec_and_test(&policy->ref))
		return;
	sasser_block_free(policy->block);
	sasser_remotes_free(policy->remotes);
	for (dir = 0; dir < SASSER_HOOK_DIRS; dir++)
		for (proto = 0; proto < SASSER_HOOK_PROTOS; proto++)
			kvfree(policy->ports[dir][proto]);
	kvfree(policy->remote);
	kvfree(policy->range);
	kvfree(policy->filter);
	kfree(policy);
}

/*
 * Which filter wins where two have a prefix of the same length, or none: block
 * before observe before permit, and then the one that stands first.
 */
static void sasser_compile_ranks(struct sasser_policy *policy)
{
	unsigned int action, i, rank = 0;

	for (action = SASSER_ACTION_BLOCK; action <= SASSER_ACTION_PERMIT;
	     action++)
		for (i = 0; i < policy->n_filters; i++)
			if (policy->filter[i].action == action)
				policy->filter[i].rank = rank++;
}

static bool sasser_filter_has_dir(const struct sasser_filter *filter,
				  enum sasser_hook_dir dir)
{
	return filter->direction == SASSER_DIRECTION_BOTH ||
	       filter->direction == (dir == SASSER_HOOK_IN ?
				     SASSER_DIRECTION_IN :
				     SASSER_DIRECTION_OUT);
}

/* The action in effect: in observe mode nothing is blocked. */
static u8 sasser_action(const struct sasser_policy *policy,
			const struct sasser_filter *filter)
{
	if (policy->mode == SASSER_MODE_OBSERVE &&
	    filter->action == SASSER_ACTION_BLOCK)
		return SASSER_ACTION_OBSERVE;
	return filter->action;
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
					.action = sasser_action(policy, filter),
				};
		}
	}
	return block;
}

/**
 * sasser_policy_compile() - make tables and rows out of the filters
 * @policy: on failure keeps what it got, for sasser_policy_put()
 *
 * Return: 0 or -ENOMEM
 */
int sasser_policy_compile(struct sasser_policy *policy)
{
	int err = 0;

	sasser_compile_ranks(policy);
	policy->block = sasser_compile_rows(policy);
	if (!policy->block)
		return -ENOMEM;
	if (policy->n_remotes)
		err = sasser_remotes_compile(policy);
	return err ?: sasser_ports_compile(policy);
}

/* The hooks that the policy needs: bits of enum sasser_hook_dir. */
unsigned long sasser_policy_dirs(const struct sasser_policy *policy)
{
	unsigned long dirs = 0;
	unsigned int dir, proto;

	for (dir = 0; dir < SASSER_HOOK_DIRS; dir++)
		for (proto = 0; proto < SASSER_HOOK_PROTOS; proto++)
			if (policy->ports[dir][proto])
				dirs |= BIT(dir);
	return dirs;
}
