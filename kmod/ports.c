// SPDX-License-Identifier: GPL-2.0-or-later
/* Compile the ports of a policy for the packet path. */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "policy.h"

#define SASSER_PORTS	65536

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

/* What is needed while port maps are made, and only then. */
struct sasser_scratch {
	u16 map[SASSER_PORTS];
	u32 edge[2 * SASSER_RANGES_MAX];
	u16 row[SASSER_FILTERS_MAX];	/* of a port: index + 1, by rank */
	unsigned int n_choices;		/* made so far, of all maps */
	unsigned int n_rows;		/* of these */
};

/* One of the four maps. */
struct sasser_map {
	u8 direction;
	u8 protocol;
};

static bool sasser_map_has(const struct sasser_map *of,
			   const struct sasser_row *row, bool remotes)
{
	return row->direction == of->direction &&
	       row->filter->protocol == of->protocol &&
	       !!row->filter->n_remotes == remotes;
}

/*
 * The filters without a remote prefix, from the weakest to the strongest.
 *
 * Return: true if there is any
 */
static bool sasser_map_ports(struct sasser_scratch *scratch,
			     const struct sasser_block *block,
			     const struct sasser_map *of)
{
	unsigned int action, n;
	bool any = false;

	memset(scratch->map, 0, sizeof(scratch->map));
	for (action = SASSER_ACTION_PERMIT; action; action--) {
		for (n = block->n_rows; n > 0; n--) {
			const struct sasser_row *row = &block->row[n - 1];

			if (!sasser_map_has(of, row, false) ||
			    row->filter->action != action)
				continue;
			memset16(&scratch->map[row->first], n,
				 row->last - row->first + 1);
			any = true;
			cond_resched();
		}
	}
	return any;
}

static int sasser_edge_cmp(const void *a, const void *b)
{
	return *(const u32 *)a < *(const u32 *)b ? -1 :
	       *(const u32 *)a > *(const u32 *)b;
}

/* Where the ports change that filters with a remote prefix have. */
static unsigned int sasser_map_edges(struct sasser_scratch *scratch,
				     const struct sasser_block *block,
				     const struct sasser_map *of)
{
	unsigned int i, n = 0;

	for (i = 0; i < block->n_rows; i++) {
		if (!sasser_map_has(of, &block->row[i], true))
			continue;
		scratch->edge[n++] = block->row[i].first;
		scratch->edge[n++] = block->row[i].last + 1;
	}
	sort(scratch->edge, n, sizeof(*scratch->edge), sasser_edge_cmp, NULL);
	return n;
}

/* The filters with a remote prefix that have @port. */
static unsigned int sasser_map_filters(struct sasser_scratch *scratch,
				       const struct sasser_block *block,
				       const struct sasser_map *of, u32 port,
				       struct sasser_set *set)
{
	unsigned int i, n = 0;

	*set = (struct sasser_set){};
	for (i = 0; i < block->n_rows; i++) {
		const struct sasser_row *row = &block->row[i];
		unsigned int rank = row->filter->rank;

		if (!sasser_map_has(of, row, true) || port < row->first ||
		    port > row->last)
			continue;
		set->word[rank / 64] |= BIT_ULL(rank % 64);
		scratch->row[rank] = i + 1;
		n++;
	}
	return n;
}

/* Writes down the rows of a choice; those of @scratch have gaps. */
static void sasser_choice_rows(const struct sasser_scratch *scratch,
			       const struct sasser_set *set, u16 *to)
{
	unsigned int rank;

	for (rank = 0; rank < SASSER_FILTERS_MAX; rank++)
		if (set->word[rank / 64] & BIT_ULL(rank % 64))
			*to++ = scratch->row[rank];
}

/*
 * Puts choices over the map of the filters without a prefix. Until @remotes has
 * room for them they are but counted.
 */
static void sasser_map_choices(struct sasser_scratch *scratch,
			       struct sasser_remotes *remotes,
			       const struct sasser_block *block,
			       const struct sasser_map *of)
{
	unsigned int i, n, n_edges = sasser_map_edges(scratch, block, of);
	struct sasser_set set;
	u32 port;

	for (i = 0; i + 1 < n_edges; i++) {
		unsigned int otherwise = SASSER_PORTS;	/* none yet */

		if (scratch->edge[i] == scratch->edge[i + 1])
			continue;
		n = sasser_map_filters(scratch, block, of, scratch->edge[i],
				       &set);
		if (!n)
			continue;
		for (port = scratch->edge[i]; port < scratch->edge[i + 1];
		     port++) {
			if (scratch->map[port] != otherwise) {
				otherwise = scratch->map[port];
				if (remotes->choice)
					remotes->choice[scratch->n_choices] =
						(struct sasser_choice){
						.filters = set,
						.rows = scratch->n_rows,
						.otherwise = otherwise,
					};
				scratch->n_choices++;
			}
			scratch->map[port] = block->n_rows + scratch->n_choices;
		}
		if (remotes->row)
			sasser_choice_rows(scratch, &set,
					   &remotes->row[scratch->n_rows]);
		scratch->n_rows += n;
		cond_resched();
	}
}

/* Return: true if the map has any port */
static bool sasser_map_fill(struct sasser_scratch *scratch,
			    const struct sasser_policy *policy,
			    const struct sasser_map *of)
{
	unsigned int n_choices = scratch->n_choices;
	bool any = sasser_map_ports(scratch, policy->block, of);

	if (policy->remotes)
		sasser_map_choices(scratch, policy->remotes, policy->block, of);
	return any || scratch->n_choices != n_choices;
}

static const struct sasser_map sasser_maps[SASSER_HOOK_DIRS][SASSER_HOOK_PROTOS] = {
	[SASSER_HOOK_IN] = {
		[SASSER_HOOK_TCP] = { SASSER_DIRECTION_IN, SASSER_PROTOCOL_TCP },
		[SASSER_HOOK_UDP] = { SASSER_DIRECTION_IN, SASSER_PROTOCOL_UDP },
	},
	[SASSER_HOOK_OUT] = {
		[SASSER_HOOK_TCP] = { SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP },
		[SASSER_HOOK_UDP] = { SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP },
	},
};

/* Counts the choices first, and makes room for them. */
static int sasser_choices_compile(struct sasser_policy *policy,
				  struct sasser_scratch *scratch)
{
	struct sasser_remotes *remotes = policy->remotes;
	unsigned int dir, proto;

	for (dir = 0; dir < SASSER_HOOK_DIRS; dir++)
		for (proto = 0; proto < SASSER_HOOK_PROTOS; proto++)
			sasser_map_fill(scratch, policy,
					&sasser_maps[dir][proto]);

	remotes->choice = kvmalloc_array(scratch->n_choices,
					 sizeof(*remotes->choice), SASSER_GFP);
	remotes->row = kvmalloc_array(scratch->n_rows, sizeof(*remotes->row),
				      SASSER_GFP);
	scratch->n_choices = 0;
	scratch->n_rows = 0;
	return remotes->choice && remotes->row ? 0 : -ENOMEM;
}

/**
 * sasser_ports_compile() - make a table of the ports of each direction and
 *	protocol, and the choices that are in them
 * @policy: has its rows, and its remote prefixes if there are any
 *
 * Return: 0, or -ENOMEM and what there is, for sasser_policy_put()
 */
int sasser_ports_compile(struct sasser_policy *policy)
{
	struct sasser_scratch *scratch;
	unsigned int dir, proto;
	int err = 0;

	scratch = kvmalloc(sizeof(*scratch), SASSER_GFP);
	if (!scratch)
		return -ENOMEM;
	scratch->n_choices = 0;
	scratch->n_rows = 0;

	if (policy->remotes)
		err = sasser_choices_compile(policy, scratch);
	for (dir = 0; !err && dir < SASSER_HOOK_DIRS; dir++) {
		for (proto = 0; !err && proto < SASSER_HOOK_PROTOS; proto++) {
			if (!sasser_map_fill(scratch, policy,
					     &sasser_maps[dir][proto]))
				continue;
			policy->ports[dir][proto] =
				sasser_ports_pack(scratch->map);
			if (!policy->ports[dir][proto])
				err = -ENOMEM;
		}
	}
	kvfree(scratch);
	return err;
}
