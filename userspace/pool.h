/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pool: filters and policies by name, from the policy files of three
 * origins. The vendor's files and the local ones lie in two directories; a
 * local file replaces the vendor's of the same name.
 *
 * A name is looked up for an assignment of an origin. A local assignment finds
 * what is local first, then the vendor's, then the domain's; one of the domain
 * finds the domain's first, then the vendor's, and what is local last, so that
 * nobody on the host can change what the domain means.
 *
 * A file that can't be understood is left out whole, and told of in the pool.
 */
#ifndef SASSER_POOL_H
#define SASSER_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

#define POOL_DEFAULT	"SASSER"

/* Tests have places of their own. */
#ifndef VENDOR_DIR
#define VENDOR_DIR	"/usr/lib/sasser"
#endif
#ifndef LOCAL_DIR
#define LOCAL_DIR	"/etc/sasser"
#endif
#ifndef DOMAIN_DIR
#define DOMAIN_DIR	"/var/lib/sasser/domain"
#endif
#define POLICY_D	"/policy.d"

enum pool_origin {
	POOL_VENDOR,
	POOL_LOCAL,
	POOL_DOMAIN,
	POOL_ORIGINS
};

/* What is done when the day of "expires" is over. */
enum expires_action {
	EXPIRES_WARN,
	EXPIRES_DISABLE,
};

/* One [policy NAME] as its file has it. */
struct pool_policy {
	char name[NAME_LEN];
	char *description;	/* "" without one */
	char **filters;		/* names */
	size_t n_filters;
	uint8_t mode;		/* enum sasser_mode */
	uint8_t match;		/* enum sasser_match */
	uint8_t scope;		/* enum sasser_scope */
	uint64_t expires;	/* the first second after its last day, 0: never */
	enum expires_action expires_action;
	enum pool_origin origin;
	const char *file;	/* path */
	int line;		/* that its section begins in */
	int filters_line;
};

/* One [filter NAME] as its file has it. */
struct pool_filter {
	struct filter filter;
	char *description;
	enum pool_origin origin;
	const char *file;
	int line;
};

struct pool;

/*
 * Read all files. Never fails: what is wrong with a file is kept, see
 * pool_bad(). Free it with pool_free().
 */
struct pool *pool_load(void);
void pool_free(struct pool *pool);

/* Files left out: a line "FILE, line N: REASON" each, NULL behind the last. */
const char *pool_bad(const struct pool *pool, size_t i);

/* NULL if there is none. @origin: enum sasser_origin, of the assignment. */
const struct pool_policy *pool_policy(const struct pool *pool, const char *name,
				      uint8_t origin);
const struct pool_filter *pool_filter(const struct pool *pool, const char *name,
				      uint8_t origin);

/*
 * A policy with its filters, as the kernel takes it, in @policy; free it with
 * policy_free(). Its mode is that of the file. Returns 0, or -1 after having
 * complained: there is no such policy, or a filter of it is missing.
 */
int pool_build(const struct pool *pool, const char *name, uint8_t origin,
	       struct policy *policy);

/* The names of all policies that an assignment of @origin finds, for a message. */
const char *pool_names(const struct pool *pool, uint8_t origin);

#endif /* SASSER_POOL_H */
