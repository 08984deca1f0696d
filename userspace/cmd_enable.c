// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "change.h"
#include "change_try.h"
#include "effect.h"
#include "host.h"
#include "last_good.h"
#include "out.h"
#include "result.h"
#include "sasserctl.h"
#include "visible.h"
#include "words.h"

struct enable {
	const struct request *request;
	const char *name;
	uint8_t origin;
	bool runtime;
	struct pool *pool;
	struct change change;
	struct assignment record;
	struct result result;	/* what is to be in force, and why */
	char *last_good;	/* a copy of that, if it is the domain's */
};

/* Does the domain's assignment beat the one that is asked for? */
static bool is_beaten(const struct enable *enable)
{
	return enable->result.origin != enable->origin;
}

/* ---- what is wanted */

static int check_term(const struct enable *enable)
{
	const struct pool_policy *policy =
		pool_policy(enable->pool, enable->name, enable->origin);
	char day[DAY_LEN];

	if (!policy->expires || (uint64_t)time(NULL) < policy->expires)
		return 0;
	format_day(day, policy->expires - 1);
	if (policy->expires_action != EXPIRES_DISABLE) {
		warn("the policy %s was meant to last until %s.\n"
		     "It buys the time to patch, and is no substitute for it.",
		     policy->name, day);
		return 0;
	}
	complain("the policy %s was meant to last until %s, and then to go (expires_action = disable);\n"
		 "nothing was changed. To put it in force again change \"expires\" in %s",
		 policy->name, day, policy->file);
	return -1;
}

/* The kernel alone: nothing is worked out from the files. */
static int want_runtime(struct enable *enable, const struct policy *policy)
{
	struct assignment domain;
	int ret = 0;

	if (enable->origin == SASSER_ORIGIN_LOCAL &&
	    !(enable->request->flags & FLAG_FORCE) &&
	    host_netns() == NETNS_INITIAL)
		ret = assignment_read(SASSER_ORIGIN_DOMAIN, &domain);
	if (ret > 0)
		complain("the domain has assigned %s, which can't be put aside locally; nothing was changed.\n"
			 "In an emergency, until the next refresh: sasserctl enable --runtime --force",
			 domain.policy);
	if (ret < 0)
		complain("so it may be that the domain has a policy assigned; nothing was changed.\n"
			 "In an emergency: sasserctl enable --runtime --force");
	if (ret)
		return -1;
	enable->result.assigned = true;
	enable->result.origin = enable->origin;
	enable->result.policy = *policy;
	return 0;
}

static int want_files(struct enable *enable)
{
	const struct instead instead = {
		.origin = enable->origin,
		.assignment = &enable->record,
		.dry_run = enable->request->flags & FLAG_DRY_RUN,
	};

	if (result_work_out(enable->pool, &instead, &enable->result)) {
		complain("nothing was changed");
		return -1;
	}
	if (is_beaten(enable) && enable->request->confirm) {
		complain("there is nothing to try: the domain has assigned %s, which beats the local\n"
			 "assignment; nothing was changed.",
			 enable->result.assignment.policy);
		return -1;
	}
	enable->last_good = last_good_text(enable->pool, &enable->result);
	return 0;
}

static int want(struct enable *enable)
{
	struct policy policy;
	int ret;

	if (pool_build(enable->pool, enable->name, enable->origin, &policy))
		return -1;
	if (enable->request->flags & FLAG_OBSERVE)
		policy.mode = SASSER_MODE_OBSERVE;
	enable->record.mode = policy.mode;
	enable->record.since = (uint64_t)time(NULL);
	snprintf(enable->record.policy, NAME_LEN, "%s", policy.name);
	if (check_term(enable)) {
		policy_free(&policy);
		return -1;
	}
	if (enable->runtime) {
		ret = want_runtime(enable, &policy);
		if (!ret)
			return 0;
	} else {
		ret = want_files(enable);
	}
	policy_free(&policy);
	return ret;
}

/* ---- doing it */

/* It is in force already, and that is not on trial. */
static bool agrees(const struct enable *enable)
{
	const struct snapshot *before = &enable->change.before;

	return is_beaten(enable) && before->assigned && !before->on_trial &&
	       policy_equal(&before->policy, &enable->result.policy);
}

static int make(struct enable *enable, uint64_t *generation)
{
	const struct step step = {
		.origin = enable->runtime || enable->request->confirm ?
			  0 : enable->origin,
		.record = &enable->record,
		.last_good = enable->last_good,
		.agrees = agrees(enable),
		.policy = &enable->result.policy,
		.confirm = enable->request->confirm,
	};
	const struct trial trial = {
		.origin = enable->origin,
		.assignment = enable->record,
	};

	if (step.confirm)
		return change_try(&enable->change, &step,
				  enable->runtime ? NULL : &trial, generation);
	if (change_load(&enable->change) || change_make(&enable->change, &step))
		return -1;
	*generation = 0;
	kernel_generation(enable->change.kernel, generation);
	return 0;
}

/* ---- saying it */

/* A sentence with names in it, which may be long. */
static __attribute__((format(printf, 1, 2))) void tell(const char *fmt, ...)
{
	char text[2 * ASSIGNMENT_LEN + 128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	out_text_wrapped(stdout, 0, text);
}

static void tell_duration(const struct enable *enable)
{
	const char *name = enable->result.policy.name;
	uint32_t confirm = enable->request->confirm;
	const char *gap;

	if (confirm) {
		printf("It is on trial: unless it is confirmed within %u seconds, the kernel goes\n"
		       "back to what was in force before. To keep it: sasserctl confirm\n",
		       confirm);
		return;
	}
	if (enable->runtime) {
		puts("It was not recorded: it lasts until the next reboot or refresh.");
		return;
	}
	gap = host_boot_gap();
	if (gap)
		warn("after a reboot %s will not be in force by itself: %s.\n"
		     "Have \"sasserctl refresh\" run at boot, before the network comes up.",
		     name, gap);
	else
		puts("sasser.service puts it in force again at every boot.");
}

static void report(const struct enable *enable)
{
	const struct policy *policy = &enable->result.policy;
	char text[ASSIGNMENT_LEN];

	if (is_beaten(enable)) {
		tell("%s is recorded as the local assignment.",
		     enable->record.policy);
		tell("The domain's stays in force: %s.",
		     assignment_text(text, &enable->result.assignment));
		return;
	}
	if (policy->mode == SASSER_MODE_OBSERVE)
		tell("%s is assigned in observe mode: what it would block is counted, nothing is dropped.",
		     policy->name);
	else
		tell("%s is in force.", policy->name);
	if (enable->result.overrides)
		tell("It overrides what was assigned locally: %s.",
		     assignment_text(text, &enable->result.overridden));
	tell_duration(enable);
}

static void report_dry_run(const struct enable *enable)
{
	const struct policy *policy = &enable->result.policy;

	if (is_beaten(enable))
		tell("%s would be recorded as the local assignment; the domain's, %s, would stay in force.",
		     enable->record.policy, policy->name);
	else
		tell("%s (%s) would be put in force%s.", policy->name,
		     word_mode(policy->mode),
		     enable->runtime ? "" : enable->request->confirm ?
		     " on trial" : " and recorded");
	puts("Nothing was changed.");
}

static int run(struct enable *enable)
{
	unsigned int flags = enable->request->flags;
	uint64_t generation;
	int ret;

	if (change_open(&enable->change) || want(enable))
		return FAILED;
	ret = effect_guarded(&enable->result.policy, &enable->change.before,
			     flags & FLAG_FORCE,
			     "If in doubt, don't: a server is patched first, never policied.\n"
			     "To see what would be hit: sasserctl enable --observe\n"
			     "To put it in force all the same: sasserctl enable --force");
	if (ret)
		return ret;
	if (flags & FLAG_DRY_RUN) {
		report_dry_run(enable);
		return DONE;
	}
	if (make(enable, &generation))
		return FAILED;
	report(enable);
	if (!is_beaten(enable))
		effect_cut(&enable->result.policy, generation, stdout);
	return DONE;
}

static int begin(struct enable *enable)
{
	if (!(enable->request->flags & FLAG_DRY_RUN))
		return change_begin(&enable->change);
	/* Whoever may not see all processes would see no reason. */
	if (host_may_change("enable --dry-run"))
		return -1;
	return enable->runtime ? 0 : host_files_speak("enable", true);
}

int cmd_enable(const struct request *request)
{
	struct enable enable = {
		.request = request,
		.name = request->argument ?: POOL_DEFAULT,
		.origin = request->origin ?: SASSER_ORIGIN_LOCAL,
		.runtime = request->flags & FLAG_RUNTIME,
		.change.command = "enable",
		.change.runtime = request->flags & FLAG_RUNTIME,
	};
	struct policy unused;
	int ret = FAILED;

	enable.pool = pool_load();
	/* A name that means nothing is told to everybody. */
	if (!pool_build(enable.pool, enable.name, enable.origin, &unused)) {
		policy_free(&unused);
		if (!begin(&enable)) {
			/* What holds now, with the lock held. */
			pool_free(enable.pool);
			enable.pool = pool_load();
			ret = run(&enable);
		}
	}
	change_end(&enable.change);
	result_free(&enable.result);
	free(enable.last_good);
	pool_free(enable.pool);
	return ret;
}
