// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_policy.h"
#include "host.h"
#include "safe_file.h"
#include "sasserctl.h"
#include "visible.h"
#include "words.h"

#define NOTHING	"nothing was changed"

/* What is to be deleted. */
struct victim {
	enum pool_kind kind;
	const char *name;
	struct policy_file *file;
};

static bool holds(const struct policy_file *file, enum pool_kind kind,
		  const char *name)
{
	return !file->bad && (kind == POOL_POLICY ?
			      !!policy_file_policy(file, name) :
			      !!policy_file_filter(file, name));
}

static struct policy_file *file_of(const struct pool *pool, enum pool_kind kind,
				   const char *name, enum pool_origin origin)
{
	struct policy_file *file;

	for (size_t i = 0; (file = pool_files(pool, i)); i++)
		if (file->origin == origin && holds(file, kind, name))
			return file;
	return NULL;
}

static int not_there(const struct pool *pool,
		     const struct policy_request *request)
{
	const char *name = request->names[0];
	char shown[VISIBLE_LEN];
	const struct policy_file *file = NULL;
	enum pool_origin origin;

	visible(shown, name);
	for (origin = POOL_VENDOR; origin < POOL_ORIGINS && !file; origin++) {
		file = file_of(pool, POOL_POLICY, name, origin);
		if (!file)
			file = file_of(pool, POOL_FILTER, name, origin);
	}
	if (!file)
		complain("there is no policy or filter \"%s\"; " NOTHING ".\n"
			 "See what there is: sasserctl policy list", shown);
	else if (file->origin == POOL_VENDOR)
		complain("\"%s\" is the vendor's, in %s, and can't be deleted.\n"
			 "To have your own in its place: a file of the same name in %s,\n"
			 "by sasserctl policy import --replace", shown,
			 file->path, pool_directory(POOL_LOCAL));
	else
		complain("\"%s\" is of origin %s, in %s; " NOTHING ".\n"
			 "To delete it there: sasserctl policy delete --origin %s %s",
			 shown, word_pool_origin(file->origin), file->path,
			 word_pool_origin(file->origin), shown);
	return -1;
}

static bool policy_uses(const struct pool_policy *policy, const char *filter)
{
	for (size_t i = 0; i < policy->n_filters; i++)
		if (!strcmp(policy->filters[i], filter))
			return true;
	return false;
}

/* Whether an assignment takes the filter from @file, and would find no other. */
static bool is_needed(const struct pool *pool, struct policy_file *file,
		      const char *name)
{
	bool needed = false;

	for (unsigned int i = SASSER_ORIGIN_LOCAL; i <= SASSER_ORIGIN_DOMAIN;
	     i++) {
		uint8_t origin = (uint8_t)i;

		if (pool_file(pool, POOL_FILTER, name, origin) != file)
			continue;
		file->bad = true;	/* as if it were not there */
		needed |= !pool_file(pool, POOL_FILTER, name, origin);
		file->bad = false;
	}
	return needed;
}

/*
 * A policy besides @except that needs the filter @name of @file, NULL if there
 * is none. In the file itself whatever uses it does.
 */
static const struct pool_policy *user_of(const struct pool *pool,
					 struct policy_file *file,
					 const char *name,
					 const struct pool_policy *except)
{
	const struct policy_file *other;

	for (size_t i = 0; (other = pool_files(pool, i)); i++)
		for (size_t j = 0; !other->bad && j < other->n_policies; j++) {
			const struct pool_policy *policy = &other->policies[j];

			if (policy != except && policy_uses(policy, name) &&
			    (other == file || is_needed(pool, file, name)))
				return policy;
		}
	return NULL;
}

static int refuse_used(const char *filter, const struct pool_policy *user)
{
	complain("the filter \"%s\" is used by the policy \"%s\", in %s;\n"
		 NOTHING ". Delete that policy first, or give it another filter.",
		 filter, user->name, user->file);
	return -1;
}

static int drop_filter(const struct pool *pool, const struct victim *victim)
{
	const struct pool_policy *user =
		user_of(pool, victim->file, victim->name, NULL);

	if (user)
		return refuse_used(victim->name, user);
	policy_file_drop_filter(victim->file, victim->name);
	return 0;
}

/*
 * The filters of the policy go with it. One that another policy of the same
 * file uses stays there; a user elsewhere has to go first.
 */
static int drop_filters(const struct pool *pool, const struct victim *victim,
			const struct pool_policy *policy)
{
	for (size_t i = 0; i < policy->n_filters; i++) {
		const char *name = policy->filters[i];
		const struct pool_policy *user;

		if (!policy_file_filter(victim->file, name))
			continue;
		user = user_of(pool, victim->file, name, policy);
		if (user && user->file != policy->file)
			return refuse_used(name, user);
		if (user)
			warn("the filter \"%s\" stays: the policy \"%s\" uses it",
			     name, user->name);
		else
			policy_file_drop_filter(victim->file, name);
	}
	return 0;
}

static int drop_policy(const struct pool *pool, const struct victim *victim)
{
	int by = policy_assigned(pool, victim->file, victim->name);

	if (by < 0)
		return -1;
	if (by) {
		complain("%s is assigned, by origin %s; " NOTHING ".\n"
			 "To un-assign it first: %s", victim->name,
			 word_origin((unsigned int)by), policy_way_out(by));
		return -1;
	}
	if (drop_filters(pool, victim, policy_file_policy(victim->file,
							  victim->name)))
		return -1;
	policy_file_drop_policy(victim->file, victim->name);
	return 0;
}

static int write_rest(const struct pool *before, const struct victim *victim)
{
	const struct policy_file *file = victim->file;
	struct edits edits = {};
	struct pool *after;
	const char *why;
	size_t length;
	char *text = safe_read(file->path, &length, &why), *rest;
	int ret = -1;

	if (!text) {
		complain("cannot read %s: %s; " NOTHING, file->path,
			 why ?: "it is gone");
		return -1;
	}
	rest = policy_text_cut(text, file);
	free(text);
	if (!*rest) {
		free(rest);
		rest = NULL;
	}
	edits_add(&edits, file->path, file->origin, rest);
	after = edits_try(&edits, before);
	if (after && !edits_write(&edits))
		ret = 0;
	pool_free(after);
	edits_free(&edits);
	return ret;
}

int policy_delete(const struct policy_request *request)
{
	struct victim victim = {
		.kind = POOL_POLICY, .name = request->names[0],
	};
	struct pool *before, *pool;
	int ret;

	if (host_may_change("policy delete") ||
	    (host_netns() == NETNS_OTHER &&
	     host_files_speak("policy delete", false)) ||
	    host_lock())
		return FAILED;
	before = pool_load();
	pool = pool_load();	/* for what is left */
	victim.file = file_of(pool, POOL_POLICY, victim.name, request->origin);
	if (!victim.file) {
		victim.kind = POOL_FILTER;
		victim.file = file_of(pool, POOL_FILTER, victim.name,
				      request->origin);
	}
	if (!victim.file)
		ret = not_there(pool, request);
	else if (victim.kind == POOL_FILTER)
		ret = drop_filter(pool, &victim);
	else
		ret = drop_policy(pool, &victim);
	if (!ret)
		ret = write_rest(before, &victim);
	if (!ret) {
		printf("Deleted the %s %s, of %s.\n",
		       word_pool_kind(victim.kind), victim.name,
		       victim.file->path);
		host_journal("policy delete", victim.name, "nothing");
	}
	pool_free(before);
	pool_free(pool);
	return ret ? FAILED : DONE;
}
