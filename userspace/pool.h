/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies by name, the assignment that is kept in a file, and what results. */
#ifndef SASSER_POOL_H
#define SASSER_POOL_H

#include <stdint.h>

#include "model.h"

#define POOL_DEFAULT	"SASSER"
/* Tests have a place of their own. */
#ifndef ASSIGNED_CONF
#define ASSIGNED_CONF	"/etc/sasser/assigned.conf"
#endif

struct assignment {
	const struct policy *policy;	/* of the pool */
	uint8_t mode;
	uint64_t since;
};

/* NULL if the pool has no such policy. */
const struct policy *pool_find(const char *name);

/* The names of all policies, for a message. */
const char *pool_names(void);

/* Returns 1, 0 if there is no such file, or -1 after having complained. */
int assignment_read(const char *path, struct assignment *assignment);
int assignment_write(const char *path, const struct assignment *assignment);

/*
 * The policy that the file @path asks for, in @policy, which borrows from the
 * pool: not to be freed. Returns as assignment_read().
 */
int pool_resulting(const char *path, struct policy *policy);

#endif /* SASSER_POOL_H */
