/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel and the host that the target "commands" meets, in place of
 * kernel.c, module.c and host.c: nothing of the machine is touched.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include <stdbool.h>

struct world {
	unsigned int bits;	/* of enum world_bit */
	bool loaded;
	bool assigned;
	unsigned int changes;	/* that the kernel was asked for, and made */
	unsigned int journal;	/* lines */
	bool failed;		/* a change */
	bool quiet;		/* a command that may end without a word */
	bool events_sent;
};

extern struct world world;

/* The vendor's policies there: SASSER, and two that do not last. */
extern const char world_policies[];

void world_make(unsigned int bits);
void world_end(void);

#endif /* FUZZ_WORLD_H */
