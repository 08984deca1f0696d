/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Before a policy takes effect, and after. */
#ifndef SASSER_EFFECT_H
#define SASSER_EFFECT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "model.h"

/*
 * Ask the guards, unless @before has the same in force. All that they say goes
 * to standard error. Returns DONE, FAILED, or GUARDED unless @force.
 */
int effect_guarded(const struct policy *policy, const struct snapshot *before,
		   bool force, const char *way_out);

/*
 * Close the open connections that @policy blocks and list them on @out: standard
 * output, unless the command has failed. Once more later, in a process of its own.
 */
void effect_cut(const struct policy *policy, uint64_t generation, FILE *out);

#endif /* SASSER_EFFECT_H */
