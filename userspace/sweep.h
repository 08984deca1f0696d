/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SASSER_SWEEP_H
#define SASSER_SWEEP_H

#include <stdint.h>

#include "model.h"

/* A SYN cookie is good for two minutes. */
#ifndef SWEEP_SECONDS
#define SWEEP_SECONDS	130
#endif

/*
 * Cut open connections once more after SWEEP_SECONDS, in a process of its own,
 * if @generation is still what is assigned then: a SYN cookie that was handed
 * out before the assignment opens a connection later on. Call it last, with
 * nothing left in the buffers of stdio. Returns 0, or -1 after having
 * complained.
 */
int sockets_sweep_later(const struct policy *policy, uint64_t generation);

#endif /* SASSER_SWEEP_H */
