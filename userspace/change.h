/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change is one thing to the file and to the kernel: the file comes first, so
 * that after a crash in between the next refresh or boot completes it, and if
 * the kernel refuses, the file is put back. The copy of what the domain assigned
 * follows, see last_good.h. Functions return 0, or -1 after having complained.
 */
#ifndef SASSER_CHANGE_H
#define SASSER_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "assignment.h"
#include "domain.h"
#include "kernel.h"
#include "model.h"

struct change {
	const char *command;
	bool runtime;		/* the kernel only, not the files */
	struct kernel *kernel;	/* NULL: the module is not there */
	struct snapshot before;
};

/* What is to be done; the kernel is left alone with .agrees. */
struct step {
	uint8_t origin;		/* whose file is written; 0: no file is */
	const struct assignment *record;	/* NULL: the file goes */
	const struct domain *domain;	/* its whole record is written; or NULL */
	const char *last_good;	/* to be kept, with a file; NULL: nothing is */
	bool agrees;
	const struct policy *policy;	/* NULL: nothing is to be in force */
	bool everywhere;
	uint32_t confirm;
};

/* Rights, namespace and lock are looked at before anything is changed. */
int change_begin(struct change *change);

/* Takes a snapshot, where the module is there. */
int change_open(struct change *change);
/* Loads the module where it is not. */
int change_load(struct change *change);

int change_make(struct change *change, const struct step *step);
void change_end(struct change *change);

#endif /* SASSER_CHANGE_H */
