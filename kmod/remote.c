// SPDX-License-Identifier: GPL-2.0-or-later
/* Compile the remote prefixes of a policy for the packet path. */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "policy.h"

/* A prefix as the addresses from its first to its last one. */
struct sasser_span {
	struct sasser_addr first;
	struct sasser_addr last;
	unsigned int node;
	u16 rank;		/* of the filter that has it */
	u8 family;
};

static const unsigned int sasser_addr_bits[SASSER_HOOK_FAMILIES] = {
	[SASSER_HOOK_IPV4] = 32,
	[SASSER_HOOK_IPV6] = 128,
};

static struct sasser_addr sasser_remote_first(const struct sasser_remote *remote)
{
	struct sasser_addr addr = {};
	__be64 half[2];
	__be32 ipv4;

	if (remote->family == SASSER_HOOK_IPV4) {
		memcpy(&ipv4, remote->addr, sizeof(ipv4));
		addr.lo = be32_to_cpu(ipv4);
	} else {
		memcpy(half, remote->addr, sizeof(half));
		addr.hi = be64_to_cpu(half[0]);
		addr.lo = be64_to_cpu(half[1]);
	}
	return addr;
}

/* The bits behind a prefix. */
static struct sasser_addr sasser_remote_rest(const struct sasser_remote *remote)
{
	unsigned int bits = sasser_addr_bits[remote->family] - remote->len;

	return (struct sasser_addr){
		.hi = bits <= 64 ? 0 : bits == 128 ? U64_MAX :
						     BIT_ULL(bits - 64) - 1,
		.lo = bits >= 64 ? U64_MAX : BIT_ULL(bits) - 1,
	};
}

/**
 * sasser_remote_is_valid() - is it a prefix?
 * @remote: from a request; its family is right
 *
 * Return: false if it is too long, or has bits behind its end
 */
bool sasser_remote_is_valid(const struct sasser_remote *remote)
{
	struct sasser_addr first, rest;

	if (remote->len > sasser_addr_bits[remote->family])
		return false;
	first = sasser_remote_first(remote);
	rest = sasser_remote_rest(remote);
	return !(first.hi & rest.hi) && !(first.lo & rest.lo);
}

static int sasser_addr_cmp(const struct sasser_addr *a,
			   const struct sasser_addr *b)
{
	return sasser_addr_before(a, b) ? -1 : sasser_addr_before(b, a);
}

/* By family, then what is around before what is in it. */
static int sasser_span_cmp(const void *left, const void *right)
{
	const struct sasser_span *a = left, *b = right;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return sasser_addr_cmp(&a->first, &b->first) ?:
	       sasser_addr_cmp(&b->last, &a->last);
}

static void sasser_spans_fill(struct sasser_span *span,
			      const struct sasser_policy *policy)
{
	unsigned int i, j;

	for (i = 0; i < policy->n_filters; i++) {
		const struct sasser_filter *filter = &policy->filter[i];

		for (j = 0; j < filter->n_remotes; j++, span++) {
			const struct sasser_remote *remote = &filter->remote[j];
			struct sasser_addr rest = sasser_remote_rest(remote);

			span->family = remote->family;
			span->rank = filter->rank;
			span->first = sasser_remote_first(remote);
			span->last.hi = span->first.hi | rest.hi;
			span->last.lo = span->first.lo | rest.lo;
		}
	}
}

/* Pieces come in the order of their addresses; the last one of several that
 * begin at the same counts.
 */
static void sasser_space_cut(struct sasser_space *space,
			     const struct sasser_addr *first, unsigned int node)
{
	if (space->n && !sasser_addr_cmp(&space->first[space->n - 1], first))
		space->n--;
	space->first[space->n] = *first;
	space->node[space->n++] = node;
}

/* Behind a prefix its parent goes on. Nothing is behind the last address. */
static void sasser_space_end(struct sasser_space *space,
			     const struct sasser_span *span,
			     unsigned int parent)
{
	struct sasser_addr next = {
		.hi = span->last.hi + (span->last.lo == U64_MAX),
		.lo = span->last.lo + 1,
	};
	unsigned int bits = sasser_addr_bits[span->family];

	if (bits == 128 ? !next.hi && !next.lo : next.lo == BIT_ULL(bits))
		return;
	sasser_space_cut(space, &next, parent);
}

/*
 * One walk over the sorted prefixes of a family. They nest, so those around the
 * place where the walk is are a stack, kept in the nodes' parents.
 */
static void sasser_space_fill(struct sasser_remotes *remotes,
			      struct sasser_span *span, unsigned int n,
			      unsigned int *n_nodes)
{
	static const struct sasser_addr zero;
	struct sasser_space *space = &remotes->space[span->family];
	const struct sasser_span *around[129];	/* one of each length */
	unsigned int depth = 0, i;

	sasser_space_cut(space, &zero, 0);
	for (i = 0; i < n; i++, span++) {
		struct sasser_node *node;

		while (depth && sasser_addr_before(&around[depth - 1]->last,
						   &span->first)) {
			depth--;
			sasser_space_end(space, around[depth], depth ?
					 around[depth - 1]->node : 0);
		}
		/* the same prefix of another filter? */
		if (!depth || sasser_span_cmp(around[depth - 1], span)) {
			node = &remotes->node[++*n_nodes];
			node->parent = depth ? around[depth - 1]->node : 0;
			span->node = *n_nodes;
			around[depth++] = span;
			sasser_space_cut(space, &span->first, *n_nodes);
		}
		node = &remotes->node[around[depth - 1]->node];
		node->filters.word[span->rank / 64] |= BIT_ULL(span->rank % 64);
	}
	while (depth--)
		sasser_space_end(space, around[depth],
				 depth ? around[depth - 1]->node : 0);
}

static int sasser_space_alloc(struct sasser_space *space, unsigned int n)
{
	if (!n)
		return 0;
	space->first = kvmalloc_array(2 * n + 1, sizeof(*space->first),
				      SASSER_GFP);
	space->node = kvmalloc_array(2 * n + 1, sizeof(*space->node),
				     SASSER_GFP);
	return space->first && space->node ? 0 : -ENOMEM;
}

/**
 * sasser_remotes_compile() - make look-up tables of all remote prefixes
 * @policy: its filters have their ranks, and at least one a prefix
 *
 * The choices are left to the caller.
 *
 * Return: 0, or -ENOMEM and what there is, for sasser_remotes_free()
 */
int sasser_remotes_compile(struct sasser_policy *policy)
{
	unsigned int n = policy->n_remotes, n_ipv4 = 0, n_nodes = 0;
	struct sasser_remotes *remotes;
	struct sasser_span *span;
	int err = -ENOMEM;

	span = kvmalloc_array(n, sizeof(*span), SASSER_GFP);
	if (!span)
		return -ENOMEM;
	remotes = kzalloc(sizeof(*remotes), SASSER_GFP);
	if (!remotes)
		goto out_free;
	policy->remotes = remotes;

	sasser_spans_fill(span, policy);
	sort(span, n, sizeof(*span), sasser_span_cmp, NULL);
	while (n_ipv4 < n && span[n_ipv4].family == SASSER_HOOK_IPV4)
		n_ipv4++;

	remotes->node = kvcalloc(n + 1, sizeof(*remotes->node), SASSER_GFP);
	if (!remotes->node ||
	    sasser_space_alloc(&remotes->space[SASSER_HOOK_IPV4], n_ipv4) ||
	    sasser_space_alloc(&remotes->space[SASSER_HOOK_IPV6], n - n_ipv4))
		goto out_free;
	if (n_ipv4)
		sasser_space_fill(remotes, span, n_ipv4, &n_nodes);
	if (n_ipv4 < n)
		sasser_space_fill(remotes, span + n_ipv4, n - n_ipv4, &n_nodes);
	err = 0;

out_free:
	kvfree(span);
	return err;
}

void sasser_remotes_free(struct sasser_remotes *remotes)
{
	unsigned int family;

	if (!remotes)
		return;
	for (family = 0; family < SASSER_HOOK_FAMILIES; family++) {
		kvfree(remotes->space[family].first);
		kvfree(remotes->space[family].node);
	}
	kvfree(remotes->node);
	kvfree(remotes->choice);
	kvfree(remotes->row);
	kfree(remotes);
}
