// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "domain.h"
#include "file.h"
#include "policy_values.h"
#include "pool_files.h"
#include "safe_file.h"
#include "sasserctl.h"
#include "visible.h"

#define NEXT	DOMAIN_DIR ".next"
#define BLANKS	" \t\r\v\f"
#define ASSIGNED_SECTION	"[assigned]"

/* ---- reading */

/*
 * @text becomes two, in which every line has its own number: what is not meant
 * for one of the readers is a comment to it.
 */
struct halves {
	char *assigned;		/* NULL: there is no such section */
	char *policies;
	bool has_policies;
};

static bool begins(const char *line, const char *with)
{
	if (!strncmp(line, "\xef\xbb\xbf", 3))
		line += 3;
	line += strspn(line, BLANKS);
	return !strncmp(line, with, strlen(with));
}

static void hide(char *from, const char *end)
{
	for (; from < end; from++)
		if (*from != '\n')
			*from = '#';
}

static void split(const char *text, size_t len, struct halves *halves)
{
	const char *line = text, *end = text + len;
	char *assigned, *policies;
	bool has_assigned = false, inside = false;

	assigned = copied_bytes(text, len);
	policies = copied_bytes(text, len);
	while (line < end) {
		const char *next = memchr(line, '\n', (size_t)(end - line));
		size_t from = (size_t)(line - text), to;

		next = next ? next + 1 : end;
		to = (size_t)(next - text);
		if (begins(line, "[")) {
			inside = begins(line, ASSIGNED_SECTION);
			has_assigned |= inside;
			halves->has_policies |= !inside;
		}
		if (inside)
			hide(policies + from, policies + to);
		else
			hide(assigned + from, assigned + to);
		line = next;
	}
	halves->policies = policies;
	halves->assigned = has_assigned ? assigned : NULL;
	if (!has_assigned)
		free(assigned);
}

static int take_assignment(const char *name, const char *text, size_t len,
			   struct domain *domain)
{
	char why[WHY_LEN];

	if (!text)
		return 0;
	domain->assigns = true;
	if (assignment_parse(name, text, len, &domain->assignment, why) > 0)
		return 0;
	complain("%s", why);
	return -1;
}

static int take_policies(const char *name, const char *text, size_t len,
			 struct domain *domain)
{
	struct policy_file *file =
		pool_put(domain->pool, DOMAIN_CONF, POOL_DOMAIN);

	policy_file_parse(file, text, len);
	pool_check(domain->pool);
	if (!file->bad)
		return 0;
	complain("%s, line %d: %s", name, file->bad_line,
		 file->reason);
	return -1;
}

int domain_parse(const char *name, const char *text, size_t len,
		 struct domain *domain)
{
	struct halves halves = {};
	char shown[VISIBLE_LEN];
	int ret;

	memset(domain, 0, sizeof(*domain));
	visible(shown, name);
	domain->text = copied_bytes(text, len);
	split(text, len, &halves);
	domain->pool = pool_read_without(POOL_DOMAIN);
	ret = take_assignment(shown, halves.assigned, len, domain);
	if (!ret)
		ret = take_policies(shown, halves.policies, len, domain);
	free(halves.assigned);
	if (halves.has_policies)
		domain->policies = halves.policies;
	else
		free(halves.policies);
	return ret;
}

void domain_free(struct domain *domain)
{
	free(domain->text);
	free(domain->policies);
	pool_free(domain->pool);
	memset(domain, 0, sizeof(*domain));
}

/* ---- what is recorded */

/* No other file of policies is in the domain's directory. */
static bool is_alone(const char *path)
{
	DIR *dir = opendir(DOMAIN_DIR POLICY_D);
	struct dirent *entry;
	bool ret = true;

	if (!dir)
		return true;
	while (ret && (entry = readdir(dir)))
		ret = entry->d_name[0] == '.' ||
		      !strcmp(entry->d_name, basename(path));
	closedir(dir);
	return ret;
}

/* Nothing but these policies stands there. */
static bool has_policies(const char *text)
{
	size_t len;
	const char *why;
	char *now = safe_read(DOMAIN_CONF, &len, &why);
	bool same = text ? now && !strcmp(now, text) : !now && !why;

	free(now);
	return same && is_alone(DOMAIN_CONF);
}

bool domain_is_recorded(const struct domain *domain)
{
	struct assignment now;
	char why[WHY_LEN];
	int has = assignment_look(SASSER_ORIGIN_DOMAIN, &now, why);

	if (has < 0 || has != domain->assigns)
		return false;
	if (has && !assignment_same(&now, &domain->assignment))
		return false;
	return has_policies(domain->policies);
}

/* ---- another one */

void domain_date(struct domain *domain)
{
	struct assignment *assignment = &domain->assignment;
	struct assignment before;
	char why[WHY_LEN];

	if (assignment->since)
		return;
	assignment->since = (uint64_t)time(NULL);
	if (assignment_look(SASSER_ORIGIN_DOMAIN, &before, why) > 0 &&
	    before.since && before.mode == assignment->mode &&
	    !strcmp(before.policy, assignment->policy))
		assignment->since = before.since;
}

int domain_prepare(const struct domain *domain)
{
	if (file_remove_tree(NEXT) || file_make_directory(NEXT))
		return -1;
	if (domain->policies &&
	    file_replace(NEXT POLICY_D "/domain.conf", domain->policies))
		return -1;
	if (domain->assigns &&
	    assignment_write_to(NEXT ASSIGNED_CONF, &domain->assignment))
		return -1;
	/* The names in it are to be on the disk before it takes its place. */
	return file_make_directory(NEXT);
}

int domain_exchange(void)
{
	if (file_make_directory(DOMAIN_DIR))
		return -1;
	return file_exchange(NEXT, DOMAIN_DIR);
}

int domain_drop(void)
{
	return file_remove_tree(NEXT);
}

int domain_write(struct domain *domain)
{
	int ret;

	domain_date(domain);
	ret = domain_prepare(domain) || domain_exchange() ? -1 : 0;
	domain_drop();
	return ret;
}
