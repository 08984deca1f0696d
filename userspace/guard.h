/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guards: what speaks against putting a policy in force on this host.
 */
#ifndef SASSER_GUARD_H
#define SASSER_GUARD_H

#include <stddef.h>

#include "model.h"

#define GUARD_REASONS_MAX	64

struct guard {
	/* a line each, visible, with the fact behind it */
	char *reason[GUARD_REASONS_MAX];
	size_t n;
};

/*
 * All reasons against @policy, none if it is in observe mode. Returns 0, or -1
 * after having complained: what can't be looked at is a failure and no "no".
 */
int guard_check(const struct policy *policy, struct guard *guard);
void guard_free(struct guard *guard);

#endif /* SASSER_GUARD_H */
