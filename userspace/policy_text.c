// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "policy_text.h"
#include "policy_values.h"
#include "safe_file.h"
#include "sasserctl.h"
#include "visible.h"

#define BLANKS	" \t\r\v\f"
#define WHY_LEN	((size_t)2 * INI_REASON_LEN)

static bool is_section(const char *line)
{
	if (!strncmp(line, "\xef\xbb\xbf", 3))
		line += 3;
	return line[strspn(line, BLANKS)] == '[';
}

static bool is_comment(const char *line)
{
	char c = line[strspn(line, BLANKS)];

	return c == '#' || c == ';' || c == '\n' || !c;
}

static const char *next(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : line;
}

static bool has_line(const struct policy_file *file, int number)
{
	for (size_t i = 0; i < file->n_filters; i++)
		if (file->filters[i].line == number)
			return true;
	for (size_t i = 0; i < file->n_policies; i++)
		if (file->policies[i].line == number)
			return true;
	return false;
}

char *policy_text_cut(const char *text, const struct policy_file *file)
{
	char *result = NULL;
	const char *last = text, *line = text;
	size_t size, length;
	FILE *out = open_memstream(&result, &size);
	bool keep = true;

	if (!out) {
		complain("out of memory");
		exit(FAILED);
	}
	/* What stands before a section is about that one. */
	for (int number = 1; *line; number++, line = next(line)) {
		if (is_section(line))
			keep = has_line(file, number);
		else if (is_comment(line))
			continue;
		length = (size_t)(next(line) - last);
		if (keep)
			fwrite(last, 1, length, out);
		last += length;
	}
	if (keep)
		fputs(last, out);
	fclose(out);
	if (!file->n_filters && !file->n_policies)
		*result = '\0';
	return result;
}

void edits_add(struct edits *edits, const char *path, enum pool_origin origin,
	       char *after)
{
	struct edit *edit;
	const char *why;
	size_t length;

	for (size_t i = 0; i < edits->n; i++)
		if (!strcmp(edits->edit[i].path, path)) {
			free(edits->edit[i].after);
			edits->edit[i].after = after;
			return;
		}
	edits->edit = grown(edits->edit, edits->n, sizeof(*edits->edit));
	edit = &edits->edit[edits->n++];
	edit->path = copied(path);
	edit->origin = origin;
	edit->before = safe_read(path, &length, &why);
	edit->after = after;
}

void edits_free(struct edits *edits)
{
	for (size_t i = 0; i < edits->n; i++) {
		free(edits->edit[i].path);
		free(edits->edit[i].before);
		free(edits->edit[i].after);
	}
	free(edits->edit);
	memset(edits, 0, sizeof(*edits));
}

static bool is_bad(const struct pool *pool, const char *line)
{
	const char *bad;

	for (size_t i = 0; (bad = pool_bad(pool, i)); i++)
		if (!strcmp(bad, line))
			return true;
	return false;
}

/* Whether the policy can't be assigned by @origin, and why. */
static bool is_broken(const struct pool *pool, const char *name, uint8_t origin,
		      char why[INI_REASON_LEN])
{
	const struct pool_policy *policy = pool_policy(pool, name, origin);
	struct policy result;

	if (!policy || !pool_resolve(pool, policy, origin, &result, why)) {
		if (policy)
			policy_free(&result);
		return false;
	}
	return true;
}

static bool policy_is_worse(const struct pool *before, const struct pool *after,
			    const struct pool_policy *policy,
			    char why[WHY_LEN])
{
	char reason[INI_REASON_LEN], old_reason[INI_REASON_LEN];

	for (unsigned int i = SASSER_ORIGIN_LOCAL; i <= SASSER_ORIGIN_DOMAIN;
	     i++) {
		uint8_t origin = (uint8_t)i;

		if (pool_policy(after, policy->name, origin) == policy &&
		    is_broken(after, policy->name, origin, reason) &&
		    !is_broken(before, policy->name, origin, old_reason)) {
			snprintf(why, WHY_LEN, "%s, line %d: %s", policy->file,
				 policy->line, reason);
			return true;
		}
	}
	return false;
}

/* The first thing that is wrong in @after and not in @before. */
static bool is_worse(const struct pool *before, const struct pool *after,
		     char why[WHY_LEN])
{
	const struct policy_file *file;
	const char *bad;

	for (size_t i = 0; (bad = pool_bad(after, i)); i++)
		if (!is_bad(before, bad)) {
			snprintf(why, WHY_LEN, "%s", bad);
			return true;
		}
	for (size_t i = 0; (file = pool_files(after, i)); i++)
		for (size_t j = 0; !file->bad && j < file->n_policies; j++)
			if (policy_is_worse(before, after, &file->policies[j],
					    why))
				return true;
	return false;
}

struct pool *edits_try(const struct edits *edits, const struct pool *before)
{
	struct pool *after = pool_read();
	char why[WHY_LEN];

	for (size_t i = 0; i < edits->n; i++) {
		const struct edit *edit = &edits->edit[i];
		struct policy_file *file =
			pool_put(after, edit->path, edit->origin);

		if (edit->after)
			policy_file_parse(file, edit->after,
					  strlen(edit->after));
	}
	pool_check(after);
	if (!is_worse(before, after, why))
		return after;
	complain("the policy files would not fit together; nothing was changed.\n%s",
		 why);
	pool_free(after);
	return NULL;
}

static int write_one(const char *path, const char *text)
{
	if (!text)
		return file_remove(path) < 0 ? -1 : 0;
	return file_replace(path, text);
}

int edits_write(const struct edits *edits)
{
	char shown[VISIBLE_LEN];
	size_t i = 0;

	while (i < edits->n && !write_one(edits->edit[i].path,
					  edits->edit[i].after))
		i++;
	if (i == edits->n)
		return 0;
	/* That one may have its new text, on a disk that failed late. */
	for (i++; i--;)
		if (write_one(edits->edit[i].path, edits->edit[i].before)) {
			complain("and %s could not be put back as it was",
				 visible(shown, edits->edit[i].path));
			return -1;
		}
	complain("so nothing was changed");
	return -1;
}
