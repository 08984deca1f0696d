// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dumps: filters and counter rows, a message each.
 *
 * A dump is read piece by piece and holds no lock between the pieces. What it
 * shows has a sequence number; if that has changed since the piece before, the
 * core tells the reader to begin again.
 */
#include <linux/in6.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include "netlink.h"
#include "policy.h"

static void *sasser_dump_begin(struct sk_buff *skb, struct netlink_callback *cb,
			       u8 cmd, u64 generation)
{
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &sasser_family, NLM_F_MULTI, cmd);
	if (!hdr)
		return NULL;
	genl_dump_check_consistent(cb, hdr);
	if (nla_put_u64_64bit(skb, SASSER_A_GENERATION, generation,
			      SASSER_A_PAD)) {
		genlmsg_cancel(skb, hdr);
		return NULL;
	}
	return hdr;
}

static int sasser_fill_range(struct sk_buff *skb,
			     const struct sasser_range *range)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SASSER_FILTER_A_RANGE);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u16(skb, SASSER_RANGE_A_FIRST, range->first) ||
	    nla_put_u16(skb, SASSER_RANGE_A_LAST, range->last)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int sasser_fill_remote(struct sk_buff *skb,
			      const struct sasser_remote *remote)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SASSER_FILTER_A_REMOTE);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put(skb, SASSER_REMOTE_A_ADDRESS,
		    remote->family == SASSER_HOOK_IPV4 ?
		    sizeof(struct in_addr) : sizeof(struct in6_addr),
		    remote->addr) ||
	    nla_put_u8(skb, SASSER_REMOTE_A_LENGTH, remote->len)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/*
 * Fits in as many ranges, and then remote prefixes, as it can, but at least one:
 * from @*at on, which counts the ones after the others.
 */
static int sasser_fill_filter(struct sk_buff *skb,
			      const struct sasser_filter *filter,
			      unsigned int *at)
{
	unsigned int n = filter->n_ranges, i = *at;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SASSER_A_FILTER);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_string(skb, SASSER_FILTER_A_NAME, filter->name) ||
	    nla_put_u8(skb, SASSER_FILTER_A_DIRECTION, filter->direction) ||
	    nla_put_u8(skb, SASSER_FILTER_A_PROTOCOL, filter->protocol) ||
	    nla_put_u8(skb, SASSER_FILTER_A_ACTION, filter->action))
		return -EMSGSIZE;
	while (i < n && !sasser_fill_range(skb, &filter->range[i]))
		i++;
	while (i >= n && i < n + filter->n_remotes &&
	       !sasser_fill_remote(skb, &filter->remote[i - n]))
		i++;
	if (i == *at)
		return -EMSGSIZE;

	nla_nest_end(skb, nest);
	*at = i;
	return 0;
}

/* @cb->args: next filter, its next part */
int sasser_nl_filter_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sasser_net *sn = net_generic(sock_net(skb->sk), sasser_net_id);
	const struct sasser_slot *slot = sasser_nl_slot(sn, cb->nlh);
	unsigned int i = cb->args[0], at = cb->args[1];
	const struct sasser_policy *policy;

	mutex_lock(&sn->lock);
	cb->seq = slot->seq;
	policy = slot->now ? slot->now->policy : NULL;
	while (policy && i < policy->n_filters) {
		const struct sasser_filter *filter = &policy->filter[i];
		void *hdr = sasser_dump_begin(skb, cb, SASSER_CMD_FILTER_GET,
					      slot->generation);

		if (!hdr)
			break;
		if (sasser_fill_filter(skb, filter, &at)) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		if (at == filter->n_ranges + filter->n_remotes) {
			at = 0;
			i++;
		}
	}
	mutex_unlock(&sn->lock);

	cb->args[0] = i;
	cb->args[1] = at;
	return skb->len;
}

static int sasser_fill_counter(struct sk_buff *skb,
			       const struct sasser_row *row)
{
	struct sasser_counter sum;
	struct nlattr *nest;

	sasser_counter_sum(row->counter, &sum);

	nest = nla_nest_start(skb, SASSER_A_COUNTER);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_string(skb, SASSER_COUNTER_A_FILTER, row->filter->name) ||
	    nla_put_u8(skb, SASSER_COUNTER_A_DIRECTION, row->direction) ||
	    nla_put_u8(skb, SASSER_COUNTER_A_PROTOCOL, row->filter->protocol) ||
	    nla_put_u16(skb, SASSER_COUNTER_A_FIRST, row->first) ||
	    nla_put_u16(skb, SASSER_COUNTER_A_LAST, row->last) ||
	    nla_put_u8(skb, SASSER_COUNTER_A_ACTION, row->action) ||
	    nla_put_u64_64bit(skb, SASSER_COUNTER_A_PACKETS, sum.packets,
			      SASSER_COUNTER_A_PAD) ||
	    nla_put_u64_64bit(skb, SASSER_COUNTER_A_BYTES, sum.bytes,
			      SASSER_COUNTER_A_PAD) ||
	    nla_put_u64_64bit(skb, SASSER_COUNTER_A_ATTEMPTS, sum.attempts,
			      SASSER_COUNTER_A_PAD))
		return -EMSGSIZE;
	if (sum.first_hit &&
	    (nla_put_u64_64bit(skb, SASSER_COUNTER_A_FIRST_HIT, sum.first_hit,
			       SASSER_COUNTER_A_PAD) ||
	     nla_put_u64_64bit(skb, SASSER_COUNTER_A_LAST_HIT, sum.last_hit,
			       SASSER_COUNTER_A_PAD)))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);
	return 0;
}

/* Return: the first row that did not fit; all of them did if there is none. */
static unsigned int sasser_dump_rows(struct sk_buff *skb,
				     struct netlink_callback *cb, u8 cmd,
				     u64 generation,
				     const struct sasser_block *block,
				     unsigned int i)
{
	for (; i < block->n_rows; i++) {
		void *hdr = sasser_dump_begin(skb, cb, cmd, generation);

		if (!hdr)
			break;
		if (sasser_fill_counter(skb, &block->row[i])) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
	}
	return i;
}

/* @cb->args: next row */
int sasser_nl_counter_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sasser_net *sn = net_generic(sock_net(skb->sk), sasser_net_id);
	const struct sasser_slot *slot = sasser_nl_slot(sn, cb->nlh);

	mutex_lock(&sn->lock);
	cb->seq = slot->seq;
	if (slot->now)
		cb->args[0] = sasser_dump_rows(skb, cb, SASSER_CMD_COUNTER_GET,
					       slot->generation,
					       sasser_slot_block(sn, slot),
					       cb->args[0]);
	mutex_unlock(&sn->lock);

	return skb->len;
}

/*
 * Of a namespace at a time: each holds a block of counters until it is read, and
 * root of a user namespace may open as many sockets as it likes.
 */
#define SASSER_RESETS_MAX	16

/* The counters that a reset has replaced: final, and nobody else's. */
struct sasser_reset {
	struct sasser_net *sn;
	struct sasser_policy *policy;
	struct sasser_block *block;
	u64 generation;
	unsigned int next;
	bool complete;
};

static int sasser_dump_unclassified(struct sk_buff *skb,
				    struct netlink_callback *cb,
				    const struct sasser_reset *reset)
{
	struct sasser_counter sum;
	void *hdr;

	sasser_counter_sum(sasser_block_unclassified(reset->block), &sum);
	hdr = sasser_dump_begin(skb, cb, SASSER_CMD_COUNTER_RESET,
				reset->generation);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u64_64bit(skb, SASSER_A_UNCLASSIFIED, sum.packets,
			      SASSER_A_PAD)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static void sasser_reset_end(struct sasser_reset *reset)
{
	atomic_dec(&reset->sn->resets);
	kfree(reset);
}

/* The socket that asks keeps the namespace, and with it @sn. */
static struct sasser_reset *sasser_reset_begin(struct sasser_net *sn,
					       struct netlink_callback *cb)
{
	struct sasser_reset *reset = kzalloc(sizeof(*reset), SASSER_GFP);
	int err;

	if (!reset)
		return ERR_PTR(-ENOMEM);
	if (!atomic_add_unless(&sn->resets, 1, SASSER_RESETS_MAX)) {
		kfree(reset);
		NL_SET_ERR_MSG(cb->extack,
			       "too many resets that nobody has read to the end");
		return ERR_PTR(-EBUSY);
	}
	reset->sn = sn;
	err = sasser_reset(sn, sasser_nl_slot(sn, cb->nlh), &reset->policy,
			   &reset->block, &reset->generation);
	if (err == -ENOENT)
		NL_SET_ERR_MSG(cb->extack,
			       "no counters: there never was a policy");
	if (err) {
		sasser_reset_end(reset);
		return ERR_PTR(err);
	}
	return reset;
}

/* @cb->args: struct sasser_reset * */
int sasser_nl_reset_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sasser_net *sn = net_generic(sock_net(skb->sk), sasser_net_id);
	struct sasser_reset *reset = (struct sasser_reset *)cb->args[0];

	if (!reset) {
		reset = sasser_reset_begin(sn, cb);
		if (IS_ERR(reset))
			return PTR_ERR(reset);
		cb->args[0] = (long)reset;
	}

	reset->next = sasser_dump_rows(skb, cb, SASSER_CMD_COUNTER_RESET,
				       reset->generation, reset->block,
				       reset->next);
	if (reset->next == reset->block->n_rows && !reset->complete &&
	    !sasser_dump_unclassified(skb, cb, reset))
		reset->complete = true;
	return skb->len;
}

int sasser_nl_reset_done(struct netlink_callback *cb)
{
	struct sasser_reset *reset = (struct sasser_reset *)cb->args[0];

	if (reset) {
		sasser_block_free(reset->block);
		sasser_policy_put(reset->policy);
		sasser_reset_end(reset);
	}
	return 0;
}
