// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "export.h"
#include "file.h"
#include "last_good.h"
#include "pool_files.h"
#include "safe_file.h"
#include "sasserctl.h"

/* The last line: without it the file was cut. */
#define END	"# end\n"

/* ---- writing */

char *last_good_text(const struct pool *pool, const struct result *result)
{
	const struct assignment *assignment = &result->assignment;
	char head[ASSIGNMENT_CONF_LEN], *text = NULL;
	FILE *out;
	size_t size;

	if (!result->assigned || result->origin != SASSER_ORIGIN_DOMAIN)
		return NULL;
	out = open_memstream(&text, &size);
	if (out) {
		fprintf(out, "# What the domain last assigned: for a boot that finds its files broken.\n"
			"# Written by sasserctl, and of no use elsewhere.\n%s\n",
			assignment_conf(head, assignment));
		export_ini(out, pool,
			   pool_policy(pool, assignment->policy,
				       SASSER_ORIGIN_DOMAIN),
			   SASSER_ORIGIN_DOMAIN);
		fputs(END, out);
	}
	if (!out || fclose(out)) {
		complain("out of memory");
		exit(FAILED);
	}
	return text;
}

/* Whoever may write beside it can put another in its place. */
static char *read_safely(size_t *len, const char **why)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s", LAST_GOOD);
	*strrchr(dir, '/') = '\0';
	*why = safe_directory(dir);
	return *why ? NULL : safe_read(LAST_GOOD, len, why);
}

char *last_good_read(void)
{
	const char *why;
	size_t len;

	return read_safely(&len, &why);
}

int last_good_keep(const char *text)
{
	char *now;
	bool same;

	if (!text)
		return file_remove(LAST_GOOD) < 0 ? -1 : 0;
	now = last_good_read();
	same = now && !strcmp(now, text);
	free(now);
	if (same || !file_replace(LAST_GOOD, text))
		return 0;
	complain("so no copy is kept of what the domain assigned: a boot that finds its files broken would do without.\n"
		 "To try again: sasserctl refresh");
	return -1;
}

/* ---- reading */

/*
 * The assignment stands before the first filter. That part becomes comments
 * then, so that lines of the policy file have the numbers that they have here.
 */
static const char *take_assignment(char *text, struct assignment *assignment,
				   char why[WHY_LEN])
{
	char *end = strstr(text, "\n[filter ");
	size_t len;
	struct stat st;

	if (!end)
		return "it has no filter";
	len = (size_t)(end - text) + 1;
	text[len - 1] = '\0';
	if (assignment_parse(LAST_GOOD, text, len - 1, assignment, why) < 0)
		return why;
	for (char *at = text; at < end; at++)
		if (*at != '\n')
			*at = '#';
	*end = '\n';
	/* The domain need not say since when, but it was when this was written. */
	if (!assignment->since && !stat(LAST_GOOD, &st))
		assignment->since = (uint64_t)st.st_mtime;
	return NULL;
}

/* Returns NULL, or what is wrong with it. */
static const char *parse(char *text, size_t len, struct pool *pool,
			 struct assignment *assignment, char why[WHY_LEN])
{
	const char *wrong, *bad;

	if (len < strlen(END) || strcmp(text + len - strlen(END), END) != 0)
		return "its end is missing";
	wrong = take_assignment(text, assignment, why);
	if (wrong)
		return wrong;
	policy_file_parse(pool_put(pool, LAST_GOOD, POOL_DOMAIN), text, len);
	pool_check(pool);
	bad = pool_bad(pool, 0);
	if (bad)
		snprintf(why, WHY_LEN, "%s", bad);
	return bad ? why : NULL;
}

int last_good_result(struct result *result)
{
	struct assignment assignment = {};
	struct pool *pool = pool_empty();
	char why[WHY_LEN];
	const char *wrong;
	size_t len;
	char *text = read_safely(&len, &wrong);
	int ret = text || wrong ? 1 : 0;

	memset(result, 0, sizeof(*result));
	if (text)
		wrong = parse(text, len, pool, &assignment, why);
	if (ret && !wrong &&
	    result_of(pool, SASSER_ORIGIN_DOMAIN, &assignment, result))
		wrong = "it does not hold together";
	if (wrong) {
		complain("the copy of what the domain last assigned, %s, is not used: %s",
			 LAST_GOOD, wrong);
		ret = -1;
	}
	free(text);
	pool_free(pool);
	return ret;
}
