// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "change.h"
#include "effect.h"
#include "fetch.h"
#include "file.h"
#include "gpext.h"
#include "host.h"
#include "joined.h"
#include "last_good.h"
#include "refresh.h"
#include "result.h"
#include "sasserctl.h"
#include "stamp.h"
#include "words.h"

struct refreshing {
	struct change change;
	struct pool *pool;
	struct result result;
	struct result instead;	/* where the files do not say what is to be */
	struct refresh refresh;
	/* what takes effect on connections that are open already, or NULL */
	const struct policy *takes_effect;
	uint64_t generation;
	bool keep_service;
};

static __printf(2, 3) void append(char *message, const char *fmt, ...)
{
	size_t at = strlen(message);
	va_list args;

	va_start(args, fmt);
	vsnprintf(message + at, MESSAGE_LEN - at, fmt, args);
	va_end(args);
}

/* A policy whose day is over: said in every refresh. */
static void tell_term(const struct result *result, char *message)
{
	char day[DAY_LEN];

	if (result->expired[0])
		append(message, "; %s has expired, so it counts as un-assigned",
		       result->expired);
	if (!result->assigned || !result->term.expires ||
	    (uint64_t)time(NULL) < result->term.expires)
		return;
	append(message, "; it was meant to last until %s",
	       format_day(day, result->term.expires - 1));
	warn("the policy %s was meant to last until %s: it is in force all the same.\n"
	     "It buys the time to patch, and is no substitute for it.",
	     result->policy.name, day);
}

/*
 * At boot nothing is guarded: what the files say was in force before. Neither
 * the kernel nor the mark of the first refresh that came to its end outlives a
 * boot; make install leaves that mark, too.
 */
static bool is_boot(const struct snapshot *before)
{
	return !before->generation && access(BOOTED, F_OK);
}

static int assign(struct refreshing *refreshing, const struct result *result)
{
	struct change *change = &refreshing->change;
	const struct policy *policy = &result->policy;
	const struct step step = { .policy = policy };
	bool boot = is_boot(&change->before);
	int ret;

	if (!boot) {
		ret = effect_guarded(policy, &change->before,
				     result->assignment.force,
				     "If in doubt, don't: a server is patched first, never policied.\n"
				     "To put it in force all the same: sasserctl enable --force,\n"
				     "with the policy's name and --origin as it is assigned");
		if (ret)
			return ret;
	}
	if (change_load(change) || change_make(change, &step))
		return FAILED;
	append(refreshing->refresh.message, "%s (%s) is in force", policy->name,
	       word_mode(policy->mode));
	/* Before the network is up nothing is open. */
	if (!boot && !kernel_generation(change->kernel,
					&refreshing->generation))
		refreshing->takes_effect = policy;
	return DONE;
}

static int clear(struct refreshing *refreshing)
{
	struct change *change = &refreshing->change;
	char *message = refreshing->refresh.message;
	const struct step step = {};

	if (!change->before.assigned) {
		append(message, "no policy is assigned, nothing to do");
		return DONE;
	}
	if (change_make(change, &step))
		return FAILED;
	append(message, "%s is no longer in force", change->before.policy.name);
	return DONE;
}

/* Make the kernel agree with the files, and say what came of it. */
static int agree(struct refreshing *refreshing)
{
	const struct snapshot *before = &refreshing->change.before;
	const struct result *result = &refreshing->result;

	if (!result->assigned)
		return clear(refreshing);
	if (!before->assigned || !policy_equal(&result->policy, &before->policy))
		return assign(refreshing, result);
	append(refreshing->refresh.message, "%s (%s) is in force already, nothing to do",
	       result->policy.name, word_mode(result->policy.mode));
	return DONE;
}

/* What is assigned locally is better than nothing. */
static void boot_local(struct refreshing *refreshing)
{
	static const struct instead no_domain = {
		.origin = SASSER_ORIGIN_DOMAIN,
	};
	struct result *result = &refreshing->instead;

	result_free(result);
	if (result_work_out(refreshing->pool, &no_domain, result) ||
	    !result->assigned || assign(refreshing, result))
		return;
	append(refreshing->refresh.message, ", as it is assigned locally");
	warn("what is assigned locally is in force until that is mended: %s",
	     result->policy.name);
}

/* Returns whether something of the domain's is in force, or was to be. */
static bool take_last_good(struct refreshing *refreshing)
{
	const struct snapshot *before = &refreshing->change.before;
	char *message = refreshing->refresh.message;
	struct result *result = &refreshing->instead;
	bool stays = before->assigned &&
		     before->policy.origin == SASSER_ORIGIN_DOMAIN;
	bool known = last_good_result(result) > 0 && result->assigned;
	bool same = known && stays &&
		    policy_equal(&result->policy, &before->policy);
	char since[TIME_LEN];

	if (result->expired[0] && !stays)
		warn("the domain last assigned %s, which has expired: it is not put in force",
		     result->expired);
	if (same)
		append(message, "%s (%s) is in force still", result->policy.name,
		       word_mode(result->policy.mode));
	if (same || (known && !stays && !assign(refreshing, result))) {
		format_time(since, result->assignment.since);
		append(message, ", the last good policy of the domain, from %s",
		       since);
		warn("the last good policy of the domain is in force until that is mended: %s (%s), from %s",
		     result->policy.name, word_mode(result->policy.mode), since);
	}
	return known || stays;
}

/*
 * The domain's files can't be understood. What it has in force stays; after a
 * boot, that is nothing, and what it last assigned is known from the copy.
 */
static int without_domain(struct refreshing *refreshing)
{
	if (!take_last_good(refreshing) && is_boot(&refreshing->change.before))
		boot_local(refreshing);
	return FAILED;
}

/* At boot nobody but sasser.service itself asks for this. */
static bool wants_service(const struct refreshing *refreshing)
{
	const struct result *result = &refreshing->result;

	return result->assigned && result->origin == SASSER_ORIGIN_DOMAIN &&
	       result->assignment.keep_service &&
	       !is_boot(&refreshing->change.before);
}

/* The files say what is to be, and the copy follows them. */
static int follow(struct refreshing *refreshing)
{
	const struct result *result = &refreshing->result;
	char *copy = last_good_text(refreshing->pool, result);
	int ret = copy || !last_good_keep(NULL) ? DONE : FAILED;

	if (!ret)
		ret = agree(refreshing);
	if (!ret && copy && last_good_keep(copy))
		ret = FAILED;
	if (!ret) {
		refreshing->keep_service = wants_service(refreshing);
		tell_term(result, refreshing->refresh.message);
	}
	free(copy);
	return ret;
}

static int work(struct refreshing *refreshing)
{
	struct change *change = &refreshing->change;
	struct result *result = &refreshing->result;

	if (change_open(change))
		return FAILED;
	if (change->before.on_trial) {
		append(refreshing->refresh.message,
		       "%s is on trial, %u seconds are left: nothing was changed",
		       change->before.policy.name, change->before.confirm);
		return DONE;
	}
	refreshing->pool = pool_load();
	/* A file that can't be understood lifts no block and sets none. */
	if (!result_work_out(refreshing->pool, NULL, result))
		return follow(refreshing);
	if (result->broken == SASSER_ORIGIN_DOMAIN)
		return without_domain(refreshing);
	/* it is known that the domain has nothing assigned */
	last_good_keep(NULL);
	return FAILED;
}

/* Whoever fetches Group Policy does so every two hours, at most. */
#define SILENT_HOURS	4

static uint64_t changed(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (uint64_t)st.st_mtim.tv_sec;
}

/* winbindd keeps it to itself that it can't fetch anything. */
static bool is_silent(const struct refresh *last)
{
	uint64_t since = last->time ?: changed(BOOTED);
	uint64_t registered = changed(GPEXT_CONF);

	if (since && since < registered)
		since = registered;
	return since && since + SILENT_HOURS * UINT64_C(3600) <
	       (uint64_t)time(NULL);
}

/* Whether what Group Policy says gets here. */
static int check_fetched(const struct refresh *last)
{
	struct refresh fetch;
	struct joined joined;
	char time[TIME_LEN];
	bool failed;

	stamp_read(LAST_FETCH, &fetch);
	failed = fetch.time > last->time && !fetch.ok;
	if ((!failed && !is_silent(last)) || !gpext_has_ours() ||
	    joined_samba(&joined) <= 0)
		return DONE;
	if (failed)
		complain("Group Policy could not be fetched at %s: %s",
			 format_time(time, fetch.time), fetch.message);
	else
		complain("Group Policy has brought sasser nothing for more than %d hours: what the domain assigned before stays.\n"
			 "Is a domain controller within reach? See: sasserctl refresh --force",
			 SILENT_HOURS);
	return FAILED;
}

/* What the domain said last may have been refused: that can't be seen here. */
static int check_domain(void)
{
	struct refresh last;
	char time[TIME_LEN];

	stamp_read(LAST_DOMAIN, &last);
	if (!last.time || last.ok)
		return check_fetched(&last);
	complain("what the domain said last, at %s, was refused: %s",
		 format_time(time, last.time), last.message);
	return FAILED;
}

/* Why it failed, and what was done all the same. */
static void tell_failure(char *message)
{
	const int half = MESSAGE_LEN / 2 - 2;
	char done[MESSAGE_LEN];

	if (!message[0]) {
		complain("nothing was changed: what was in force stays");
		snprintf(message, MESSAGE_LEN, "%s", first_complaint());
		return;
	}
	snprintf(done, sizeof(done), "%s", message);
	snprintf(message, MESSAGE_LEN, "%.*s; %.*s", half, first_complaint(),
		 half, done);
}

/* A line for each thing that it says. */
static void print(const char *message)
{
	const char *end;

	while ((end = strstr(message, "; "))) {
		printf("%.*s.\n", (int)(end - message), message);
		message = end + 2;
	}
	printf("%s.\n", message);
}

int refresh_record(struct refresh *refresh, int ret)
{
	/* One that has failed, for want of the module, say, will be repeated. */
	if (ret != FAILED && access(BOOTED, F_OK) && file_replace(BOOTED, ""))
		ret = FAILED;
	refresh->ok = !ret;
	if (ret)
		tell_failure(refresh->message);
	refresh->time = (uint64_t)time(NULL);
	return stamp_write(LAST_REFRESH, refresh) ? FAILED : ret;
}

int refresh_now(const char *command, const char *fetched, int ret)
{
	struct refreshing refreshing = {
		.change.command = command,
		.change.runtime = true,	/* the files are right as they are */
	};
	char *message = refreshing.refresh.message;
	int worked;

	if (fetched)
		append(message, "%s; ", fetched);
	worked = work(&refreshing);
	/* The last one did not get to say anything. */
	if (fetched && !message[strlen(fetched) + strlen("; ")])
		message[strlen(fetched)] = '\0';
	if (!ret)
		ret = worked ?: check_domain();
	ret = refresh_record(&refreshing.refresh, ret);
	/* The policy is in force, whatever failed since. */
	if (refreshing.takes_effect)
		effect_cut(refreshing.takes_effect, refreshing.generation,
			   ret ? stderr : stdout);
	if (!ret)
		print(refreshing.refresh.message);
	change_end(&refreshing.change);
	result_free(&refreshing.result);
	result_free(&refreshing.instead);
	pool_free(refreshing.pool);
	if (refreshing.keep_service)
		host_keep_service();
	return ret;
}

/* A plain refresh tells of a failure until something was fetched. */
static int record_fetch(const char *fetched, int ret)
{
	struct refresh fetch = {
		.time = (uint64_t)time(NULL), .ok = !ret,
	};

	snprintf(fetch.message, MESSAGE_LEN, "%s",
		 ret ? first_complaint() : fetched);
	return stamp_write(LAST_FETCH, &fetch) ? FAILED : ret;
}

int cmd_refresh(const struct request *request)
{
	struct change change = { .command = "refresh", .runtime = true };
	char fetched[MESSAGE_LEN] = "";
	int ret = DONE;

	/* Before anything is fetched. */
	if (host_may_change("refresh") || host_files_speak("refresh", false))
		return FAILED;
	if (request->flags & FLAG_FORCE)
		ret = fetch_policy(fetched);
	if (change_begin(&change))
		return FAILED;
	if (request->flags & FLAG_FORCE)
		ret = record_fetch(fetched, ret);
	return refresh_now("refresh", fetched[0] ? fetched : NULL, ret);
}
