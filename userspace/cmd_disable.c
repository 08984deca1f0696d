// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "disable.h"
#include "effect.h"
#include "host.h"
#include "last_good.h"
#include "result.h"
#include "sasserctl.h"
#include "words.h"

struct disable {
	const struct request *request;
	bool everywhere;
	uint8_t origin;
	bool explicit;
	bool agrees;		/* that is in force already */
	const struct domain *domain;	/* the record to be; NULL: as it is */
	struct change change;
	struct result result;	/* what is in force behind it */
	char *last_good;	/* the copy of that */
};

static void report_open(const struct disable *disable)
{
	const struct snapshot *before = &disable->change.before;

	if (!disable->change.kernel)
		puts("The module nf_sasser is not loaded: nothing was in force.");
	else if (disable->everywhere)
		printf("Un-assigned in all network namespaces (%u had a policy).\n",
		       before->namespaces);
	else if (before->assigned)
		printf("%s is no longer in force.\n", before->policy.name);
	else
		puts("Nothing was in force.");
	if (!disable->change.runtime)
		return;
	puts("The files were left alone: the next reboot goes by them, and so does the next\n"
	     "refresh, unless a guard refuses it.");
	if (host_netns() == NETNS_INITIAL)
		host_tell_next_refresh();
}

static void report(const struct disable *disable)
{
	const struct result *result = &disable->result;
	char text[ASSIGNMENT_LEN];

	if (!result->assigned)
		report_open(disable);
	else if (result->origin == SASSER_ORIGIN_DOMAIN)
		printf("Nothing is assigned locally now.\n"
		       "The domain's stays in force: %s.\n",
		       assignment_text(text, &result->assignment));
	else
		printf("The domain has nothing assigned any more.\n"
		       "What is assigned locally is in force: %s.\n",
		       assignment_text(text, &result->assignment));
}

/* Who, since when, and the way out. */
static int refuse(const struct disable *disable,
		  const struct assignment *domain)
{
	char since[TIME_LEN + 8] = "", time[TIME_LEN];

	if (domain->since)
		snprintf(since, sizeof(since), " since %s",
			 format_time(time, domain->since));
	complain("the domain has assigned %s%s: that can't be disabled locally;\n"
		 "nothing was changed. It goes when the domain un-assigns it.\n"
		 "To open this host in an emergency, at least until the next refresh or boot:\n"
		 "sasserctl disable --runtime --force%s%s",
		 domain->policy, since,
		 disable->everywhere ? " --everywhere" : "",
		 disable->change.runtime ? "" :
		 "\nTo drop what is assigned locally alone: sasserctl disable --origin local");
	return -1;
}

/* The domain's assignment is not the local administrator's to lift. */
static int may_disable(const struct disable *disable)
{
	unsigned int flags = disable->request->flags;
	struct assignment domain;
	int ret;

	/* Whose file it is was said, and that is the only one that goes. */
	if (disable->explicit && !disable->everywhere &&
	    !disable->change.runtime)
		return 0;
	if (host_netns() != NETNS_INITIAL ||
	    (flags & FLAG_RUNTIME && flags & FLAG_FORCE))
		return 0;
	ret = assignment_read(SASSER_ORIGIN_DOMAIN, &domain);
	if (!ret)
		return 0;
	if (ret > 0)
		return refuse(disable, &domain);
	complain("so it may be that the domain has a policy assigned; nothing was changed.\n"
		 "To open this host in an emergency: sasserctl disable --runtime --force");
	return -1;
}

/* What stays in force, by the other origin. */
static int work_out(struct disable *disable)
{
	const struct instead instead = { .origin = disable->origin };
	const struct domain *domain = disable->domain;
	struct pool *pool;
	int ret;

	if (disable->change.runtime || disable->everywhere)
		return 0;
	pool = domain ? domain->pool : pool_load();
	ret = result_work_out(pool, &instead, &disable->result);
	if (ret)
		complain("nothing was changed");
	else
		disable->last_good = last_good_text(pool, &disable->result);
	if (!domain)
		pool_free(pool);
	return ret;
}

static int make(struct disable *disable)
{
	struct change *change = &disable->change;
	const struct result *result = &disable->result;
	const struct snapshot *before = &change->before;
	const struct step step = {
		.origin = change->runtime ? 0 : disable->origin,
		.domain = disable->domain,
		.last_good = disable->last_good,
		.policy = result->assigned ? &result->policy : NULL,
		.agrees = result->assigned && before->assigned &&
			  !before->on_trial &&
			  policy_equal(&before->policy, &result->policy),
		.everywhere = disable->everywhere,
	};

	disable->agrees = step.agrees;
	if (result->assigned && change_load(change))
		return -1;
	return change_make(change, &step);
}

/* What is in force instead may block more than what went. */
static void cut(const struct disable *disable)
{
	uint64_t generation;

	if (disable->result.assigned && !disable->agrees &&
	    !kernel_generation(disable->change.kernel, &generation))
		effect_cut(&disable->result.policy, generation, stdout);
}

static int disable_locked(struct disable *disable)
{
	int ret = FAILED;

	if (!may_disable(disable) && !change_open(&disable->change) &&
	    !work_out(disable) && !make(disable)) {
		report(disable);
		cut(disable);
		ret = DONE;
	}
	change_end(&disable->change);
	result_free(&disable->result);
	free(disable->last_good);
	return ret;
}

int cmd_disable(const struct request *request)
{
	bool everywhere = request->flags & FLAG_EVERYWHERE;
	struct disable disable = {
		.request = request,
		.everywhere = everywhere,
		.origin = request->origin ?: SASSER_ORIGIN_LOCAL,
		.explicit = request->origin,
		.change.command = everywhere ? "disable --everywhere" :
					       "disable",
		.change.runtime = request->flags & FLAG_RUNTIME,
	};

	if (everywhere && host_netns() == NETNS_OTHER) {
		complain("--everywhere is for root of the initial network namespace,\n"
			 "that of PID 1, and this is another; nothing was changed.\n"
			 "For this namespace alone: sasserctl disable --runtime");
		return FAILED;
	}
	return change_begin(&disable.change) ? FAILED :
					       disable_locked(&disable);
}

int disable_domain(const char *command, const struct domain *domain)
{
	struct disable disable = {
		.request = &(const struct request){},
		.origin = SASSER_ORIGIN_DOMAIN,
		.explicit = true,
		.domain = domain,
		.change.command = command,
	};

	return disable_locked(&disable);
}
