/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A copy of what last resulted from the domain's files, for a boot that finds
 * them broken: in one file its assignment, as assigned.conf has it, and its
 * policy with all filters, as "policy export" writes it.
 *
 * What the domain has un-assigned must never come back from here. So where
 * nothing of the domain's is to be in force the copy goes first, before the
 * assignment and the kernel, and a new one is written last, once both have it:
 * a crash in between costs the copy, which the next refresh writes again.
 */
#ifndef SASSER_LAST_GOOD_H
#define SASSER_LAST_GOOD_H

#include "pool.h"
#include "result.h"

/* Beside the domain's directory: who spoils that need not have spoilt this. */
#define LAST_GOOD	DOMAIN_DIR ".last"

/*
 * What is to be kept of @result, NULL if it is not the domain's; free(3) it.
 * @pool: that which it was worked out with.
 */
char *last_good_text(const struct pool *pool, const struct result *result);

/* What is kept, or NULL. Nothing is kept that others may have written. */
char *last_good_read(void);

/*
 * Keep @text, or nothing if it is NULL; the file is left alone where it says
 * that already. Returns 0, or -1 after having complained.
 */
int last_good_keep(const char *text);

/*
 * What results from the copy; .assigned is false where its day is over.
 * Returns 1, 0 if there is none, or -1 after having complained: it can't be
 * used. Free it with result_free().
 */
int last_good_result(struct result *result);

#endif /* SASSER_LAST_GOOD_H */
