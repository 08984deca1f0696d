/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pool by its files, for what changes them. */
#ifndef SASSER_POOL_FILES_H
#define SASSER_POOL_FILES_H

#include "policy_file.h"
#include "pool.h"

enum pool_kind {
	POOL_FILTER,
	POOL_POLICY,
};

const char *word_pool_kind(enum pool_kind kind);
const char *word_pool_origin(enum pool_origin origin);

/* Where an origin has its files. */
const char *pool_directory(enum pool_origin origin);

/* The origin of the assignments (enum sasser_origin) that find it first. */
uint8_t pool_own_origin(enum pool_origin origin);

/* One of no files. */
struct pool *pool_empty(void);
/* As pool_load(), but nothing is looked at beyond each file. */
struct pool *pool_read(void);
/* The same, less what is of that origin. */
struct pool *pool_read_without(enum pool_origin without);
/* Do that. */
void pool_check(struct pool *pool);

/* All files, the bad ones too; NULL behind the last. */
struct policy_file *pool_files(const struct pool *pool, size_t i);

/* The one that @name is taken from, or NULL. */
struct policy_file *pool_file(const struct pool *pool, enum pool_kind kind,
			      const char *name, uint8_t origin);

/* An empty file in place of the one at @path, or besides. */
struct policy_file *pool_put(struct pool *pool, const char *path,
			     enum pool_origin origin);

/*
 * What an assignment of @origin to @policy puts in force: as pool_build(), but
 * without a word. Returns 0, or -1 with the reason in @why.
 */
int pool_resolve(const struct pool *pool, const struct pool_policy *policy,
		 uint8_t origin, struct policy *result,
		 char why[INI_REASON_LEN]);

#endif /* SASSER_POOL_FILES_H */
