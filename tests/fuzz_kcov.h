/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the module's code a task's system calls have run: KCOV. */
#ifndef _SASSER_TEST_FUZZ_KCOV_H
#define _SASSER_TEST_FUZZ_KCOV_H

#include <stdbool.h>

#define PCS_MAX		32768	/* a power of two, far above what a module has */

/* A set of addresses. */
struct pcs {
	unsigned int n;
	unsigned long pc[PCS_MAX];
};

struct kcov {
	int fd;			/* -1: this kernel has none */
	unsigned long *area;
};

void kcov_open(struct kcov *kcov);
void kcov_close(struct kcov *kcov);
void kcov_begin(struct kcov *kcov);
unsigned int kcov_end(struct kcov *kcov, struct pcs *pcs, struct pcs *total);

#endif /* _SASSER_TEST_FUZZ_KCOV_H */
