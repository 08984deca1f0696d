/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SASSER_COUNTER_H
#define _SASSER_COUNTER_H

#include <linux/gfp.h>
#include <linux/percpu.h>
#include <linux/refcount.h>
#include <linux/timekeeping.h>
#include <linux/types.h>

struct sasser_filter;

/*
 * For what a namespace makes the module hold: charged to its user, who can be
 * out of memory as often as they please without filling the log.
 */
#define SASSER_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN)

/* One CPU's share of a row. Seconds since the epoch; 0: no hit. */
struct sasser_counter {
	u64 packets;
	u64 bytes;
	u64 attempts;
	u64 first_hit;
	u64 last_hit;
};

/* The counters of a row, which may stand in several blocks. */
struct sasser_tally {
	refcount_t ref;
	struct sasser_counter __percpu *counter;
};

/* What is counted together, and what happens to it. */
struct sasser_row {
	struct sasser_counter __percpu *counter;	/* of @tally */
	struct sasser_tally *tally;
	const struct sasser_filter *filter;
	u16 first;	/* destination ports, host byte order */
	u16 last;
	u8 direction;	/* in or out */
	u8 action;	/* in effect */
};

/* All counters of a policy; a reset puts another block in its place. */
struct sasser_block {
	unsigned int n_rows;
	struct sasser_row row[];	/* one more: the unclassified packets */
};

static inline struct sasser_counter __percpu *
sasser_block_unclassified(const struct sasser_block *block)
{
	return READ_ONCE(block->row[block->n_rows].counter);
}

/**
 * sasser_counter_hit() - count one packet
 * @counter: of a row, or the unclassified packets
 * @bytes: length of the packet, IP header included
 * @attempt: it opens a connection
 *
 * Context: any; under rcu_read_lock(), which keeps the block. LOCAL_OUT runs
 * preemptible with softirqs on, so every step is atomic on its CPU by itself.
 * A 64-bit kernel is a condition of the build: no reader sees half a number.
 */
static inline void sasser_counter_hit(struct sasser_counter __percpu *counter,
				      unsigned int bytes, bool attempt)
{
	u64 now = ktime_get_real_seconds();

	this_cpu_inc(counter->packets);
	this_cpu_add(counter->bytes, bytes);
	if (attempt)
		this_cpu_inc(counter->attempts);
	this_cpu_write(counter->last_hit, now);
	if (unlikely(!this_cpu_read(counter->first_hit)))
		this_cpu_cmpxchg(counter->first_hit, 0, now);
}

void sasser_counter_sum(const struct sasser_counter __percpu *counter,
			struct sasser_counter *sum);

struct sasser_block *sasser_block_alloc(unsigned int n_rows);
int sasser_block_fill(struct sasser_block *block);
void sasser_block_share(struct sasser_block *block,
			const struct sasser_block *old);
struct sasser_block *sasser_block_renew(const struct sasser_block *block);
void sasser_block_follow(struct sasser_block *block,
			 const struct sasser_block *old,
			 const struct sasser_block *new);
void sasser_block_free(struct sasser_block *block);

#endif /* _SASSER_COUNTER_H */
