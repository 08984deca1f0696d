/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change is one thing to the kernel and to the file: if the second fails, the
 * first is taken back. Functions return 0, or -1 after having complained.
 */
#ifndef SASSER_CHANGE_H
#define SASSER_CHANGE_H

#include <stdbool.h>

#include "kernel.h"
#include "model.h"

struct change {
	const char *command;
	bool runtime;		/* the kernel only, not the file */
	struct kernel *kernel;	/* NULL: the module is not there */
	struct snapshot before;
};

/* Rights, namespace and lock are looked at before anything is changed. */
int change_begin(struct change *change);

/* Takes a snapshot. Where the module is not there, loads it if @load. */
int change_open(struct change *change, bool load);

int change_assign(struct change *change, const struct policy *policy);
int change_clear(struct change *change, bool everywhere);
void change_end(struct change *change);

#endif /* SASSER_CHANGE_H */
