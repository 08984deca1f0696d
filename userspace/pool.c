// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_file.h"
#include "policy_values.h"
#include "pool.h"
#include "pool_files.h"
#include "safe_file.h"
#include "sasserctl.h"
#include "visible.h"

struct pool {
	struct policy_file **files;	/* in the order they were read */
	size_t n_files;
	char **bad;
	size_t n_bad;
	char *names[SASSER_ORIGIN_DOMAIN + 1];
};

static const char *const directories[POOL_ORIGINS] = {
	[POOL_VENDOR] = VENDOR_DIR POLICY_D,
	[POOL_LOCAL] = LOCAL_DIR POLICY_D,
	[POOL_DOMAIN] = DOMAIN_DIR POLICY_D,
};

const char *pool_directory(enum pool_origin origin)
{
	return directories[origin];
}

const char *word_pool_origin(enum pool_origin origin)
{
	static const char *const words[POOL_ORIGINS] = {
		[POOL_VENDOR] = "vendor",
		[POOL_LOCAL] = "local",
		[POOL_DOMAIN] = "domain",
	};

	return words[origin];
}

const char *word_pool_kind(enum pool_kind kind)
{
	return kind == POOL_FILTER ? "filter" : "policy";
}

/* ---- reading */

static struct policy_file *add_file(struct pool *pool, const char *path,
				    enum pool_origin origin)
{
	struct policy_file *file = malloc(sizeof(*file));

	if (!file) {
		complain("out of memory");
		exit(FAILED);
	}
	policy_file_init(file, path, origin);
	pool->files = grown(pool->files, pool->n_files,
			    sizeof(struct policy_file *));
	pool->files[pool->n_files++] = file;
	return file;
}

static void drop_last(struct pool *pool)
{
	struct policy_file *file = pool->files[--pool->n_files];

	policy_file_free(file);
	free(file);
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > strlen(".conf") &&
	       !strcmp(entry->d_name + len - strlen(".conf"), ".conf");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_directory(struct pool *pool, enum pool_origin origin)
{
	const char *dir = directories[origin];
	const char *why = safe_directory(dir);
	struct dirent **entries = NULL;
	char path[PATH_MAX];
	int n = why ? 0 : scandir(dir, &entries, is_conf, by_name);

	if (n < 0 && errno != ENOENT && errno != ENOTDIR)
		why = strerror(errno);
	if (why)
		policy_file_refuse(add_file(pool, dir, origin), 0, "%s", why);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (!policy_file_read(add_file(pool, path, origin)))
			drop_last(pool);
		free(entries[i]);
	}
	free(entries);
}

static bool is_local_name(const struct pool *pool, const char *path)
{
	for (size_t i = 0; i < pool->n_files; i++)
		if (pool->files[i]->origin == POOL_LOCAL &&
		    !strcmp(basename(pool->files[i]->path),
			    basename(path)))
			return true;
	return false;
}

/* ---- looking up */

/*
 * To an assignment of the domain the vendor's file is there, whatever the local
 * administrator has in its place.
 */
static bool is_replaced(const struct pool *pool, const struct policy_file *file,
			uint8_t origin)
{
	return file->origin == POOL_VENDOR && origin != SASSER_ORIGIN_DOMAIN &&
	       is_local_name(pool, file->path);
}

static bool holds(const struct policy_file *file, enum pool_kind kind,
		  const char *name)
{
	return kind == POOL_FILTER ? !!policy_file_filter(file, name) :
				     !!policy_file_policy(file, name);
}

struct policy_file *pool_file(const struct pool *pool, enum pool_kind kind,
			      const char *name, uint8_t origin)
{
	static const enum pool_origin orders[][POOL_ORIGINS] = {
		{ POOL_LOCAL, POOL_VENDOR, POOL_DOMAIN },
		{ POOL_DOMAIN, POOL_VENDOR, POOL_LOCAL },
	};
	const enum pool_origin *order = orders[origin == SASSER_ORIGIN_DOMAIN];

	for (size_t i = 0; i < POOL_ORIGINS; i++)
		for (size_t j = 0; j < pool->n_files; j++) {
			struct policy_file *file = pool->files[j];

			if (file->origin == order[i] && !file->bad &&
			    !is_replaced(pool, file, origin) &&
			    holds(file, kind, name))
				return file;
		}
	return NULL;
}

const struct pool_policy *pool_policy(const struct pool *pool, const char *name,
				      uint8_t origin)
{
	struct policy_file *file = pool_file(pool, POOL_POLICY, name, origin);

	return file ? policy_file_policy(file, name) : NULL;
}

const struct pool_filter *pool_filter(const struct pool *pool, const char *name,
				      uint8_t origin)
{
	struct policy_file *file = pool_file(pool, POOL_FILTER, name, origin);

	return file ? policy_file_filter(file, name) : NULL;
}

struct policy_file *pool_files(const struct pool *pool, size_t i)
{
	return i < pool->n_files ? pool->files[i] : NULL;
}

/* ---- what is wrong among files */

static void refuse_twice(struct policy_file *file, enum pool_kind kind,
			 const char *name, int line,
			 const struct policy_file *first)
{
	policy_file_refuse(file, line, "the %s \"%s\" is defined in %s already",
			   word_pool_kind(kind), name, first->path);
}

/* A name means one thing within an origin: what was read first. */
static void check_twice(struct pool *pool, size_t at)
{
	struct policy_file *file = pool->files[at];

	for (size_t i = 0; i < at && !file->bad; i++) {
		const struct policy_file *first = pool->files[i];

		if (first->origin != file->origin || first->bad)
			continue;
		for (size_t j = 0; j < file->n_filters; j++) {
			const char *name = file->filters[j].filter.name;

			if (policy_file_filter(first, name))
				refuse_twice(file, POOL_FILTER, name,
					     file->filters[j].line, first);
		}
		for (size_t j = 0; j < file->n_policies; j++) {
			const char *name = file->policies[j].name;

			if (policy_file_policy(first, name))
				refuse_twice(file, POOL_POLICY, name,
					     file->policies[j].line, first);
		}
	}
}

uint8_t pool_own_origin(enum pool_origin origin)
{
	return origin == POOL_DOMAIN ? SASSER_ORIGIN_DOMAIN :
				       SASSER_ORIGIN_LOCAL;
}

/*
 * A policy of the vendor's whose filter went when a local file replaced
 * another of his is whole for the domain yet.
 */
static void check_filters(struct pool *pool, struct policy_file *file)
{
	uint8_t origin = file->origin == POOL_LOCAL ? SASSER_ORIGIN_LOCAL :
						      SASSER_ORIGIN_DOMAIN;

	for (size_t i = 0; i < file->n_policies; i++) {
		const struct pool_policy *policy = &file->policies[i];

		for (size_t j = 0; j < policy->n_filters; j++)
			if (!pool_filter(pool, policy->filters[j], origin))
				policy_file_refuse(file, policy->filters_line,
						   "policy \"%s\" has the filter \"%s\", which no file defines",
						   policy->name,
						   policy->filters[j]);
	}
}

/* A file that is left out may have had what another needs. */
static void check_all_filters(struct pool *pool)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < pool->n_files; i++) {
			if (pool->files[i]->bad)
				continue;
			check_filters(pool, pool->files[i]);
			more |= pool->files[i]->bad;
		}
	}
}

static void tell_bad(struct pool *pool, const struct policy_file *file)
{
	char *line = NULL, path[VISIBLE_LEN];
	int ret;

	visible(path, file->path);
	if (file->bad_line)
		ret = asprintf(&line, "%s, line %d: %s", path, file->bad_line,
			       file->reason);
	else
		ret = asprintf(&line, "%s: %s", path, file->reason);
	if (ret < 0) {
		complain("out of memory");
		exit(FAILED);
	}
	pool->bad = grown(pool->bad, pool->n_bad, sizeof(*pool->bad));
	pool->bad[pool->n_bad++] = line;
}

static char *join_names(const struct pool *pool, uint8_t origin)
{
	char *names = NULL;
	size_t size;
	FILE *out = open_memstream(&names, &size);

	for (size_t i = 0; out && i < pool->n_files; i++) {
		const struct policy_file *file = pool->files[i];

		for (size_t j = 0; j < file->n_policies; j++) {
			const char *name = file->policies[j].name;

			if (pool_file(pool, POOL_POLICY, name, origin) == file)
				fprintf(out, "%s%s", ftell(out) ? " " : "",
					name);
		}
	}
	if (!out || fclose(out)) {
		complain("out of memory");
		exit(FAILED);
	}
	return names;
}

const char *pool_names(const struct pool *pool, uint8_t origin)
{
	const char *names = pool->names[origin];

	return names && *names ? names : "none at all";
}

void pool_check(struct pool *pool)
{
	for (size_t i = 0; i < pool->n_files; i++)
		check_twice(pool, i);
	check_all_filters(pool);
	for (size_t i = 0; i < pool->n_files; i++)
		if (pool->files[i]->bad &&
		    !(pool->files[i]->origin == POOL_VENDOR &&
		      is_local_name(pool, pool->files[i]->path)))
			tell_bad(pool, pool->files[i]);
	for (unsigned int i = SASSER_ORIGIN_LOCAL; i <= SASSER_ORIGIN_DOMAIN;
	     i++)
		pool->names[i] = join_names(pool, (uint8_t)i);
}

struct pool *pool_empty(void)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (!pool) {
		complain("out of memory");
		exit(FAILED);
	}
	return pool;
}

struct pool *pool_read_without(enum pool_origin without)
{
	struct pool *pool = pool_empty();

	for (int origin = 0; origin < POOL_ORIGINS; origin++)
		if (origin != (int)without)
			read_directory(pool, origin);
	return pool;
}

struct pool *pool_read(void)
{
	return pool_read_without(POOL_ORIGINS);
}

struct policy_file *pool_put(struct pool *pool, const char *path,
			     enum pool_origin origin)
{
	for (size_t i = 0; i < pool->n_files; i++)
		if (!strcmp(pool->files[i]->path, path)) {
			policy_file_free(pool->files[i]);
			policy_file_init(pool->files[i], path, origin);
			return pool->files[i];
		}
	return add_file(pool, path, origin);
}

struct pool *pool_load(void)
{
	struct pool *pool = pool_read();

	pool_check(pool);
	return pool;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	while (pool->n_files)
		drop_last(pool);
	for (size_t i = 0; i < pool->n_bad; i++)
		free(pool->bad[i]);
	free(pool->files);
	free(pool->bad);
	for (size_t i = 0; i < ARRAY_SIZE(pool->names); i++)
		free(pool->names[i]);
	free(pool);
}

const char *pool_bad(const struct pool *pool, size_t i)
{
	return i < pool->n_bad ? pool->bad[i] : NULL;
}
