/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which row a packet belongs to: pure functions, no skb, no lock. */
#ifndef _SASSER_MATCH_H
#define _SASSER_MATCH_H

#include <linux/bitops.h>
#include <linux/types.h>

#include <linux/sasser.h>

struct sasser_block;

/* From here up a port may be an innocent's source port (rresvport, NFS). */
#define SASSER_PORT_OPENS_ONLY	512

/*
 * Port to row, in two steps: 256 pages of 256 ports. Pages without any port
 * share one, so the three ports of SASSER take 2 KiB and a look-up costs the
 * same for one port and for all 65,535.
 *
 * An entry is the index of a row + 1, or 0 without a filter. Where the remote
 * address has a say, it is the number of rows + the index of a choice + 1.
 */
struct sasser_ports {
	u8 page[256];
	u16 row[][256];
};

enum sasser_hook_dir {
	SASSER_HOOK_IN,
	SASSER_HOOK_OUT,
	SASSER_HOOK_DIRS
};

enum sasser_hook_proto {
	SASSER_HOOK_TCP,
	SASSER_HOOK_UDP,
	SASSER_HOOK_PROTOS
};

/* Two hooks a direction, and two kinds of address. */
enum sasser_hook_family {
	SASSER_HOOK_IPV4,
	SASSER_HOOK_IPV6,
	SASSER_HOOK_FAMILIES
};

/* A number that is ordered as addresses are; of IPv4 @lo alone. */
struct sasser_addr {
	u64 hi;
	u64 lo;
};

/* A set of filters, in the order in which they win over each other. */
#define SASSER_SET_WORDS	(SASSER_FILTERS_MAX / 64)

struct sasser_set {
	u64 word[SASSER_SET_WORDS];
};

/* A prefix that filters have: which ones, and the next one around it. */
struct sasser_node {
	struct sasser_set filters;
	u16 parent;		/* a shorter prefix that holds this one; 0: none */
};

/* The addresses of a family, cut where a prefix begins or ends. */
struct sasser_space {
	unsigned int n;
	struct sasser_addr *first;	/* of each piece; the first is 0 */
	u16 *node;			/* longest prefix that holds it; 0: none */
};

/* The filters with remote prefixes that a port has. */
struct sasser_choice {
	struct sasser_set filters;
	unsigned int rows;	/* of them: from here in sasser_remotes.row */
	u16 otherwise;		/* row + 1 of a filter without any; 0: none */
};

struct sasser_remotes {
	struct sasser_space space[SASSER_HOOK_FAMILIES];
	struct sasser_node *node;	/* from 1 on */
	struct sasser_choice *choice;
	u16 *row;			/* index of the row + 1 */
};

/* A policy as the packet path sees it. */
struct sasser_rules {
	/* NULL: no filter of that direction and protocol */
	const struct sasser_ports *ports[SASSER_HOOK_DIRS][SASSER_HOOK_PROTOS];
	const struct sasser_remotes *remotes;
	struct sasser_block __rcu *block;
	bool observe;
	bool packet;		/* every TCP packet to a port matches */
};

/* The entry of a port, in host byte order. */
static inline unsigned int sasser_ports_find(const struct sasser_ports *ports,
					     u16 port)
{
	return ports->row[ports->page[port >> 8]][port & 0xff];
}

/* Does a TCP packet to a port that has a row match it? */
static inline bool sasser_tcp_matches(const struct sasser_rules *rules,
				      u16 port, bool opens)
{
	return opens || port < SASSER_PORT_OPENS_ONLY || rules->packet;
}

static inline bool sasser_addr_before(const struct sasser_addr *a,
				      const struct sasser_addr *b)
{
	return a->hi < b->hi || (a->hi == b->hi && a->lo < b->lo);
}

/* The longest prefix that holds an address, or 0. */
static inline unsigned int sasser_space_find(const struct sasser_space *space,
					     const struct sasser_addr *addr)
{
	unsigned int low = 0, high = space->n;

	if (!high)
		return 0;
	while (high - low > 1) {
		unsigned int mid = (low + high) / 2;

		if (sasser_addr_before(addr, &space->first[mid]))
			high = mid;
		else
			low = mid;
	}
	return space->node[low];
}

/*
 * Index of the row + 1, or 0. The first filter of the choice that has the
 * longest prefix decides: that is what the order of the bits is for.
 */
static inline unsigned int
sasser_remotes_find(const struct sasser_remotes *remotes,
		    const struct sasser_choice *choice,
		    enum sasser_hook_family family,
		    const struct sasser_addr *addr)
{
	unsigned int node, i, rank;

	node = sasser_space_find(&remotes->space[family], addr);
	for (; node; node = remotes->node[node].parent) {
		const struct sasser_set *set = &remotes->node[node].filters;

		for (i = 0, rank = 0; i < SASSER_SET_WORDS; i++) {
			u64 of_choice = choice->filters.word[i];
			u64 both = of_choice & set->word[i];

			if (both) {
				rank += hweight64(of_choice &
						  (BIT_ULL(__ffs64(both)) - 1));
				return remotes->row[choice->rows + rank];
			}
			rank += hweight64(of_choice);
		}
	}
	return choice->otherwise;
}

#endif /* _SASSER_MATCH_H */
