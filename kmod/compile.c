// SPDX-License-Identifier: GPL-2.0-or-later
/* Build a policy from filters, and compile it for the packet path. */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "policy.h"

#define SASSER_PORTS	65536

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

	policy = kzalloc(sizeof(*policy), SASSER_GFP);
	if (!policy)
		return NULL;
	refcount_set(&policy->ref, 1);
	policy->filter = kvcalloc(n_filters, sizeof(*policy->filter), SASSER_GFP);
	policy->range = kvcalloc(n_ranges, sizeof(*policy->range), SASSER_GFP);
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
	ports = kvzalloc(struct_size(ports, row, n + next), SASSER_GFP);
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

	map = kvmalloc_array(SASSER_PORTS, sizeof(*map), SASSER_GFP);
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

/**
 * sasser_policy_compile() - make tables and rows out of the filters
 * @policy: on failure keeps what it got, for sasser_policy_put()
 *
 * The rows get their counters later: they may be those of the policy before.
 *
 * Return: 0 or -ENOMEM
 */
int sasser_policy_compile(struct sasser_policy *policy)
{
	struct sasser_block *block;

	policy->match.observe = policy->mode == SASSER_MODE_OBSERVE;
	block = sasser_compile_rows(policy);
	if (!block)
		return -ENOMEM;
	RCU_INIT_POINTER(policy->match.block, block);

	return sasser_compile_ports(policy, block);
}

/* The hooks that the policy needs: bits of enum sasser_hook_dir. */
unsigned long sasser_policy_dirs(const struct sasser_policy *policy)
{
	unsigned long dirs = 0;
	unsigned int dir, proto;

	for (dir = 0; dir < SASSER_HOOK_DIRS; dir++)
		for (proto = 0; proto < SASSER_HOOK_PROTOS; proto++)
			if (policy->match.ports[dir][proto])
				dirs |= BIT(dir);
	return dirs;
}
