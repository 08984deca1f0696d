/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SASSER_SNAPSHOT_H
#define SASSER_SNAPSHOT_H

#include "model.h"

/*
 * What is in force here, how it counts, and what the last refresh came to.
 * Without the module that is an answer too. Returns 0, or -1 after having
 * complained.
 */
int snapshot_take(struct snapshot *snap);

/* Is the host joined, if a directory says what is assigned? Root alone may see. */
void snapshot_ask_joined(struct snapshot *snap);

/*
 * Put the rows of the policy imposed to those of the namespace's own; where
 * both have one, its hits are added up, for no row may stand twice.
 */
void snapshot_merge(struct snapshot *snap);

/* "SASSER enforce local", or "nothing"; for the journal. */
const char *snapshot_brief(char *buf, size_t size, const struct snapshot *snap);

#endif /* SASSER_SNAPSHOT_H */
