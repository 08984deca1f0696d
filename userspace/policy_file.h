/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One policy file: what stands in it, and what is wrong with it. */
#ifndef SASSER_POLICY_FILE_H
#define SASSER_POLICY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "ini_lines.h"
#include "pool.h"

struct policy_file {
	char *path;
	enum pool_origin origin;
	struct pool_filter *filters;
	size_t n_filters;
	struct pool_policy *policies;
	size_t n_policies;
	bool bad;		/* nothing of it may be used */
	int bad_line;		/* 0: the file as such */
	char reason[INI_REASON_LEN];
};

/* An empty one. */
void policy_file_init(struct policy_file *file, const char *path,
		      enum pool_origin origin);
void policy_file_free(struct policy_file *file);

/* Read @len bytes, with a NUL behind them; look at .bad then. */
void policy_file_parse(struct policy_file *file, const char *text, size_t len);

/* Read the file itself. Returns false if there is none. */
bool policy_file_read(struct policy_file *file);

/* It is bad, unless it was already. */
void policy_file_refuse(struct policy_file *file, int line, const char *fmt,
			...) __printf(3, 4);

struct pool_filter *policy_file_filter(const struct policy_file *file,
				       const char *name);
struct pool_policy *policy_file_policy(const struct policy_file *file,
				       const char *name);

/* Take one out, if it is there. */
void policy_file_drop_filter(struct policy_file *file, const char *name);
void policy_file_drop_policy(struct policy_file *file, const char *name);

#endif /* SASSER_POLICY_FILE_H */
