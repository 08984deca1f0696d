/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module, as this network namespace sees it. Functions return 0, or -1
 * after having complained.
 */
#ifndef SASSER_KERNEL_H
#define SASSER_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"

struct kernel;

/* Returns 1, or 0 and no @kernel if the module is not there, or -1. */
int kernel_open(struct kernel **kernel);
void kernel_close(struct kernel *kernel);

/* All of one generation, but for .refresh and .now; see snapshot_take(). */
int kernel_snapshot(struct kernel *kernel, struct snapshot *snap);

/* With @confirm on trial for so many seconds. */
int kernel_assign(struct kernel *kernel, const struct policy *policy,
		  uint32_t confirm);
/* Keep the policy that is on trial as the assignment number @generation. */
int kernel_confirm(struct kernel *kernel, uint64_t generation);
/* The number of what is assigned now. */
int kernel_generation(struct kernel *kernel, uint64_t *generation);
int kernel_clear(struct kernel *kernel, bool everywhere);

/*
 * Start the counters again; @snap gets the totals until now. Returns 1, after
 * having complained, if they start again but the totals are lost.
 */
int kernel_reset(struct kernel *kernel, struct snapshot *snap);

/* Follow what happens to the policy. */
int kernel_follow(struct kernel *kernel);
int kernel_fd(const struct kernel *kernel);

/*
 * Read what has arrived. @lost says that some of it did not fit the socket's
 * buffer, @gone that the module was unloaded.
 */
struct kernel_events {
	void (*event)(const struct event *event, void *arg);
	void *arg;
	bool lost;
	bool gone;
};

int kernel_read_events(struct kernel *kernel, struct kernel_events *events);

#endif /* SASSER_KERNEL_H */
