/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy of the pool for elsewhere. */
#ifndef SASSER_EXPORT_H
#define SASSER_EXPORT_H

#include <stdio.h>

#include "pool.h"

/* For another host's pool: a policy file. */
void export_filter(FILE *out, const struct pool_filter *filter);
void export_policy(FILE *out, const struct pool_policy *policy);
void export_ini(FILE *out, const struct pool *pool,
		const struct pool_policy *policy, uint8_t origin);

/*
 * The same block without the module: a table for nft -f, or a script for
 * Windows' netsh -f. @built: what pool_build() makes of the policy. What can't
 * be said there stands in comments.
 */
void export_nft(FILE *out, const struct pool_policy *policy,
		const struct policy *built);
void export_netsh(FILE *out, const struct pool_policy *policy,
		  const struct policy *built);

/* The day before "expires" is over. */
const char *export_day(char day[16], uint64_t expires);

#endif /* SASSER_EXPORT_H */
