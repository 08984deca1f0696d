// SPDX-License-Identifier: GPL-2.0-or-later
/* Per-CPU counters, and the block of them that a policy counts in. */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "counter.h"
#include "filter.h"

/**
 * sasser_counter_sum() - add up the shares of all CPUs
 * @counter: to be read; hits may go on meanwhile
 * @sum: the result
 *
 * Context: process. After a grace period without users of @counter the result
 * is final.
 */
void sasser_counter_sum(const struct sasser_counter __percpu *counter,
			struct sasser_counter *sum)
{
	int cpu;

	*sum = (struct sasser_counter){};

	for_each_possible_cpu(cpu) {
		const struct sasser_counter *c = per_cpu_ptr(counter, cpu);
		u64 first = READ_ONCE(c->first_hit);

		sum->packets += READ_ONCE(c->packets);
		sum->bytes += READ_ONCE(c->bytes);
		sum->attempts += READ_ONCE(c->attempts);
		sum->last_hit = max(sum->last_hit, READ_ONCE(c->last_hit));
		if (first && (!sum->first_hit || first < sum->first_hit))
			sum->first_hit = first;
	}
}

/**
 * sasser_block_alloc() - a block without counters
 * @n_rows: number of its rows, all zero, besides the unclassified packets
 *
 * Return: the block, or NULL
 */
struct sasser_block *sasser_block_alloc(unsigned int n_rows)
{
	struct sasser_block *block;

	block = kvzalloc(struct_size(block, row, n_rows + 1), SASSER_GFP);
	if (block)
		block->n_rows = n_rows;
	return block;
}

static struct sasser_tally *sasser_tally_alloc(void)
{
	struct sasser_tally *tally = kmalloc(sizeof(*tally), SASSER_GFP);

	if (!tally)
		return NULL;
	refcount_set(&tally->ref, 1);
	tally->counter = alloc_percpu_gfp(struct sasser_counter, SASSER_GFP);
	if (!tally->counter) {
		kfree(tally);
		return NULL;
	}
	return tally;
}

static void sasser_tally_put(struct sasser_tally *tally)
{
	if (!tally || !refcount_dec_and_test(&tally->ref))
		return;
	free_percpu(tally->counter);
	kfree(tally);
}

/* In place of the row's own. Takes a reference of its own. */
static void sasser_row_count_in(struct sasser_row *row,
				struct sasser_tally *tally)
{
	refcount_inc(&tally->ref);
	sasser_tally_put(row->tally);
	row->tally = tally;
	WRITE_ONCE(row->counter, tally->counter);
}

/**
 * sasser_block_fill() - give counters to the rows that have none
 * @block: on failure keeps those that it got, for sasser_block_free()
 *
 * One allocation a row: a policy at its limits has 2,048 rows, and the per-CPU
 * allocator warns and fails above 32 KiB.
 *
 * Return: 0 or -ENOMEM
 */
int sasser_block_fill(struct sasser_block *block)
{
	struct sasser_row *row;

	for (row = block->row; row <= &block->row[block->n_rows]; row++) {
		if (row->tally)
			continue;
		row->tally = sasser_tally_alloc();
		if (!row->tally)
			return -ENOMEM;
		row->counter = row->tally->counter;
	}
	return 0;
}

static bool sasser_row_is_same(const struct sasser_row *a,
			       const struct sasser_row *b)
{
	/* The row of the unclassified packets has no filter. */
	if (!a->filter || !b->filter)
		return a->filter == b->filter;

	return a->first == b->first && a->last == b->last &&
	       a->direction == b->direction && a->action == b->action &&
	       a->filter->protocol == b->filter->protocol &&
	       !strcmp(a->filter->name, b->filter->name);
}

/**
 * sasser_block_share() - count on where another block does
 * @block: to follow @old, and not in use yet; of the rows that both have it
 *	gets those of @old, in place of its own
 * @old: may be in use
 */
void sasser_block_share(struct sasser_block *block,
			const struct sasser_block *old)
{
	unsigned int i, j;

	for (i = 0; i <= block->n_rows; i++) {
		/* Most often it stands in the same place. */
		unsigned int at = i % (old->n_rows + 1);

		for (j = 0; j <= old->n_rows; j++) {
			if (sasser_row_is_same(&block->row[i], &old->row[at])) {
				sasser_row_count_in(&block->row[i],
						    old->row[at].tally);
				break;
			}
			at = at == old->n_rows ? 0 : at + 1;
		}
		cond_resched();
	}
}

/**
 * sasser_block_renew() - the same rows with counters at zero
 * @block: to be copied
 *
 * Return: the new block, or NULL
 */
struct sasser_block *sasser_block_renew(const struct sasser_block *block)
{
	struct sasser_block *new = sasser_block_alloc(block->n_rows);
	unsigned int i;

	if (!new)
		return NULL;
	for (i = 0; i < block->n_rows; i++) {
		new->row[i] = block->row[i];
		new->row[i].tally = NULL;
	}
	if (sasser_block_fill(new)) {
		sasser_block_free(new);
		return NULL;
	}
	return new;
}

/**
 * sasser_block_follow() - a block that shares with one that was renewed
 * @block: of the rows that it shares with @old it gets @new's. Packets may be
 *	in it still: each counts in one or the other, and both live until the
 *	grace period that frees @old
 * @old: as it was
 * @new: what sasser_block_renew() made of it
 */
void sasser_block_follow(struct sasser_block *block,
			 const struct sasser_block *old,
			 const struct sasser_block *new)
{
	unsigned int i, j;

	for (i = 0; i <= block->n_rows; i++) {
		for (j = 0; j <= old->n_rows; j++) {
			if (block->row[i].tally != old->row[j].tally)
				continue;
			sasser_row_count_in(&block->row[i], new->row[j].tally);
			break;
		}
		cond_resched();
	}
}

/* The counters too, but those that stand in another block as well. */
void sasser_block_free(struct sasser_block *block)
{
	struct sasser_row *row;

	if (!block)
		return;
	for (row = block->row; row <= &block->row[block->n_rows]; row++)
		sasser_tally_put(row->tally);
	kvfree(block);
}
