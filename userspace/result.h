/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What results from what the origins have assigned: the domain's beats the
 * local one, and what has expired counts as not assigned.
 */
#ifndef SASSER_RESULT_H
#define SASSER_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "assignment.h"
#include "model.h"
#include "pool.h"

struct result {
	bool assigned;		/* else only .expired means something */
	/* where nothing could be worked out: whose files are to blame */
	uint8_t broken;		/* enum sasser_origin */
	uint8_t origin;		/* enum sasser_origin */
	struct assignment assignment;
	struct policy policy;	/* for the kernel */
	struct term term;
	bool overrides;
	struct assignment overridden;	/* the local one */
	/* the policy that was left out because its day is over; "": none */
	char expired[NAME_LEN];
	struct term expired_term;
};

/*
 * What is to be in place of a file: a change works out what results from it
 * before it is made.
 */
struct instead {
	uint8_t origin;		/* of the file; 0: of none */
	const struct assignment *assignment;	/* NULL: there is no file */
	bool dry_run;		/* nothing at all is written */
};

/*
 * Returns 0, or -1 after having complained: a file that matters can't be
 * understood. What does not matter is warned of. Free it with result_free().
 */
int result_work_out(const struct pool *pool, const struct instead *instead,
		    struct result *result);
/* The same for what stands in @assignment alone, of that pool. */
int result_of(const struct pool *pool, uint8_t origin,
	      const struct assignment *assignment, struct result *result);
void result_free(struct result *result);

/* The same for a report: nothing is said, and nothing results on a mistake. */
void result_look(struct result *result);

#endif /* SASSER_RESULT_H */
