/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is not to be had, for one thread: one allocation after the other
 * fails, or all that exceed a limit do. Needs a kernel with fault injection.
 */
#ifndef _SASSER_TEST_FAULT_H
#define _SASSER_TEST_FAULT_H

#include <stdbool.h>
#include <stddef.h>

/* For a loop over allocations: one difference is enough. */
#define CHECK_OR_RETURN(n, err) do {					\
	if (!__test_passed(_metadata)) {				\
		TH_LOG("with allocation %u failing: %d", n, err);	\
		return;							\
	}								\
} while (0)

/*
 * Behind such a loop: so many allocations have failed. With none it has shown
 * nothing. With kmemleak there are twice as many, so @least is far below.
 */
#define EXPECT_FAULTS(least, n, what) do {				\
	unsigned int faults_met = (n);					\
									\
	EXPECT_LE(least, faults_met);					\
	fprintf(stderr, "# faults: %s %u\n", what, faults_met);		\
} while (0)

void fault_setup(void);
void fault_arm(unsigned int nth);
bool fault_disarm(void);

void limit_setup(void);
void limit_remove(void);
void limit_set(size_t bytes);
size_t limit_used(void);
void limit_enter(void);
void limit_leave(void);

#endif /* _SASSER_TEST_FAULT_H */
