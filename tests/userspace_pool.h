/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policy files in the places that the tests are built for. */
#ifndef USERSPACE_POOL_H
#define USERSPACE_POOL_H

#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool.h"
#include "userspace_tap.h"
#include "userspace_tree.h"

#define LOCAL	SASSER_ORIGIN_LOCAL
#define DOMAIN	SASSER_ORIGIN_DOMAIN

#define FILTER(name, port) \
	"[filter " name "]\ndirection = in\nprotocol = tcp\nport = " port "\n" \
	"action = block\n"
#define POLICY(name, filters) \
	"[policy " name "]\nfilters = " filters "\n"
/* A filter, whose lines 6 and up are @more. */
#define MORE(more)	FILTER("x", "1") more
#define POLICY_MORE(more)	FILTER("x", "1") POLICY("X", "x") more

static char path[PATH_MAX];

static inline const char *in(const char *dir, const char *name)
{
	snprintf(path, sizeof(path), "%s/policy.d/%s", dir, name);
	return path;
}

static inline void put_bytes(const char *dir, const char *name, const char *text,
		      size_t len)
{
	FILE *file = fopen(in(dir, name), "w");

	if (!file || fwrite(text, 1, len, file) != len || fclose(file)) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
	chmod(path, 0644);
}

static inline void put(const char *dir, const char *name, const char *text)
{
	put_bytes(dir, name, text, strlen(text));
}

static inline void make_empty(const char *dir)
{
	if (!remove_tree(dir) || mkdir(dir, 0755)) {
		printf("Bail out! %s: %s\n", dir, strerror(errno));
		exit(1);
	}
}

/* Nothing but the vendor's own. */
static inline void clear(void)
{
	glob_t added;

	if (!glob(VENDOR_DIR "/policy.d/test*", 0, NULL, &added))
		for (size_t i = 0; i < added.gl_pathc; i++)
			unlink(added.gl_pathv[i]);
	globfree(&added);
	make_empty(LOCAL_DIR "/policy.d");
	make_empty(DOMAIN_DIR "/policy.d");
}

/* ---- refusals */

/* The file is left out, for that reason, and nothing else is. */
static inline void left_out(const char *name, const char *where, const char *why)
{
	struct pool *pool = pool_load();
	const char *bad = pool_bad(pool, 0);
	char begin[PATH_MAX + 32];

	snprintf(begin, sizeof(begin), "%s%s%s: ", path, *where ? ", " : "",
		 where);
	snprintf(said, sizeof(said), "%s", bad ?: "nothing");
	ok(bad && !pool_bad(pool, 1) && !strncmp(bad, begin, strlen(begin)) &&
	   strstr(bad, why) && !pool_policy(pool, "X", LOCAL) &&
	   !pool_filter(pool, "x", LOCAL) && pool_policy(pool, "SASSER", LOCAL),
	   "refuses %s", name);
	pool_free(pool);
}

static inline void refused(const char *name, const char *text, const char *where,
		    const char *why)
{
	put(LOCAL_DIR, "test.conf", text);
	left_out(name, where, why);
	clear();
}

static inline void pools_begin(void)
{
	puts("TAP version 13");
	umask(022);
	mkdir(LOCAL_DIR, 0755);
	mkdir(DOMAIN_DIR, 0755);
	clear();
}

#endif /* USERSPACE_POOL_H */
