// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controllers.h"
#include "pool_files.h"
#include "result.h"
#include "safe_file.h"
#include "sasserctl.h"
#include "visible.h"
#include "words.h"

struct asked {
	const struct pool *pool;
	const struct instead *instead;
	bool quiet;
};

static int read_one(const struct asked *asked, uint8_t origin,
		    struct assignment *assignment, char why[WHY_LEN])
{
	const struct instead *instead = asked->instead;

	if (!instead || instead->origin != origin)
		return assignment_look(origin, assignment, why);
	if (!instead->assignment)
		return 0;
	*assignment = *instead->assignment;
	return 1;
}

/* Is @name a word of @text? */
static bool names(const char *text, const char *name)
{
	static const char chars[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(name);

	for (const char *at = text; (at = strstr(at, name)); at++)
		if ((at == text || !strchr(chars, at[-1])) &&
		    (!at[len] || !strchr(chars, at[len])))
			return true;
	return false;
}

/*
 * A file that is left out may have said what @policy is, or one of its filters:
 * what stands in another file instead could block less.
 */
static bool may_define(const struct policy_file *file,
		       const struct policy *policy)
{
	const char *why;
	size_t len;
	char *text = any_read(file->path, &len, &why);
	bool ret;

	/* Nobody can tell what it says, or said before it was damaged. */
	if (!text)
		return true;
	/* Without an end of its last line it was cut. */
	ret = !len || text[len - 1] != '\n' || memchr(text, '\0', len) ||
	      names(text, policy->name);
	for (size_t i = 0; i < policy->n_filters && !ret; i++)
		ret = names(text, policy->filters[i].name);
	free(text);
	return ret;
}

/* The bad file that matters for @policy, or NULL. */
static const struct policy_file *bad_file(const struct pool *pool,
					  const struct policy *policy,
					  uint8_t origin)
{
	enum pool_origin first = origin == SASSER_ORIGIN_DOMAIN ? POOL_DOMAIN :
								  POOL_LOCAL;
	const struct policy_file *file;

	for (size_t i = 0; (file = pool_files(pool, i)); i++)
		if (file->bad && file->origin == first &&
		    may_define(file, policy))
			return file;
	return NULL;
}

static int bad_matters(const struct pool *pool, const struct result *result)
{
	const struct policy_file *file = bad_file(pool, &result->policy,
						  result->origin);
	char shown[VISIBLE_LEN];

	if (!file)
		return 0;
	visible(shown, file->path);
	if (file->bad_line)
		complain("%s, line %d: %s.\n"
			 "It may say what the policy %s is, so that is not put in force without it.",
			 shown, file->bad_line, file->reason,
			 result->policy.name);
	else
		complain("%s: %s.\n"
			 "It may say what the policy %s is, so that is not put in force without it.",
			 shown, file->reason, result->policy.name);
	return -1;
}

/*
 * Was @policy found only because a file of @origin, which may say what it is,
 * had to be left out?
 */
static bool is_doubtful(const struct pool *pool,
			const struct pool_policy *policy, uint8_t origin)
{
	struct policy named = {};

	memcpy(named.name, policy->name, NAME_LEN);
	return pool_own_origin(policy->origin) != origin &&
	       bad_file(pool, &named, origin);
}

static void take_term(const struct pool *pool, struct result *result)
{
	const struct pool_policy *policy =
		pool_policy(pool, result->assignment.policy, result->origin);

	if (policy && !is_doubtful(pool, policy, result->origin)) {
		result->term.expires = policy->expires;
		result->term.disables =
			policy->expires_action == EXPIRES_DISABLE;
	}
	if (result->assignment.expires)
		result->term.expires = result->assignment.expires;
}

static bool is_over(const struct result *result)
{
	return result->term.expires && result->term.disables &&
	       (uint64_t)time(NULL) >= result->term.expires;
}

/* Leaves .assigned false where the day of that policy is over. */
static void take_assignment(const struct asked *asked, struct result *result,
			    uint8_t origin, const struct assignment *assignment)
{
	result->origin = origin;
	result->assignment = *assignment;
	memset(&result->term, 0, sizeof(result->term));
	take_term(asked->pool, result);
	result->assigned = !is_over(result);
	if (!result->assigned) {
		memcpy(result->expired, assignment->policy, NAME_LEN);
		result->expired_term = result->term;
	}
}

/* Both files; what results of them by name. */
static int choose(const struct asked *asked, struct result *result)
{
	struct assignment domain, local;
	char why[WHY_LEN];
	int has_domain, has_local;

	memset(result, 0, sizeof(*result));
	has_domain = read_one(asked, SASSER_ORIGIN_DOMAIN, &domain, why);
	if (has_domain < 0) {
		result->broken = SASSER_ORIGIN_DOMAIN;
		if (!asked->quiet)
			complain("%s", why);
		return -1;
	}
	if (has_domain)
		take_assignment(asked, result, SASSER_ORIGIN_DOMAIN, &domain);
	has_local = read_one(asked, SASSER_ORIGIN_LOCAL, &local, why);
	if (has_local < 0 && result->assigned) {
		if (!asked->quiet)
			warn("%s.\nThat does no harm now: the domain's assignment beats it.",
			     why);
		return 0;
	}
	if (has_local < 0) {
		result->broken = SASSER_ORIGIN_LOCAL;
		if (!asked->quiet)
			complain("%s", why);
		return -1;
	}
	if (has_local && result->assigned) {
		result->overrides = true;
		result->overridden = local;
	} else if (has_local) {
		take_assignment(asked, result, SASSER_ORIGIN_LOCAL, &local);
	}
	return 0;
}

static int build(const struct asked *asked, struct result *result)
{
	if (pool_build(asked->pool, result->assignment.policy, result->origin,
		       &result->policy))
		return -1;
	result->policy.origin = result->origin;
	if (result->assignment.mode)
		result->policy.mode = result->assignment.mode;
	if (bad_matters(asked->pool, result))
		return -1;
	if (result->origin != SASSER_ORIGIN_DOMAIN)
		return 0;
	return controllers_permit(&result->policy,
				  asked->instead && asked->instead->dry_run);
}

int result_work_out(const struct pool *pool, const struct instead *instead,
		    struct result *result)
{
	const struct asked asked = { .pool = pool, .instead = instead };
	const char *bad;

	if (choose(&asked, result))
		return -1;
	if (result->assigned && build(&asked, result)) {
		uint8_t broken = result->origin;

		/* Not where that is only to be. */
		if (!instead || instead->origin != broken)
			complain("%s assigns it.", assignment_path(broken));
		result_free(result);
		result->broken = broken;
		return -1;
	}
	for (size_t i = 0; (bad = pool_bad(pool, i)); i++)
		warn("a policy file was left out: %s", bad);
	return 0;
}

int result_of(const struct pool *pool, uint8_t origin,
	      const struct assignment *assignment, struct result *result)
{
	const struct asked asked = { .pool = pool };

	memset(result, 0, sizeof(*result));
	take_assignment(&asked, result, origin, assignment);
	if (!result->assigned || !build(&asked, result))
		return 0;
	result_free(result);
	return -1;
}

void result_free(struct result *result)
{
	policy_free(&result->policy);
	memset(result, 0, sizeof(*result));
}

void result_look(struct result *result)
{
	struct pool *pool = pool_load();
	const struct asked asked = { .pool = pool, .quiet = true };

	if (choose(&asked, result))
		memset(result, 0, sizeof(*result));
	pool_free(pool);
}
