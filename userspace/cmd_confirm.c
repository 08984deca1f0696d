// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "assignment.h"
#include "domain.h"
#include "file.h"
#include "host.h"
#include "kernel.h"
#include "last_good.h"
#include "safe_file.h"
#include "sasserctl.h"
#include "snapshot.h"
#include "trial.h"
#include "words.h"

#define BRIEF_LEN	(NAME_LEN + 32)

/* Which one is meant: what was recorded, else what the kernel has on trial. */
static int which(const struct snapshot *snap, struct trial *trial)
{
	int ret = host_netns() == NETNS_INITIAL ? trial_read(trial) : 0;

	if (ret)
		return ret;
	if (!snap->on_trial) {
		complain("no policy is on trial: there is nothing to confirm.\n"
			 "Was it reverted already? See: sasserctl status");
		return -1;
	}
	trial->generation = snap->generation;
	return 0;
}

/* All that the domain had to say. */
static int record_domain(void)
{
	struct domain domain = {};
	const char *why;
	size_t len;
	char *text = safe_read(TRIAL_RECORD, &len, &why);
	int ret = -1;

	if (!text)
		complain("cannot read " TRIAL_RECORD ": %s",
			 why ?: "it is gone");
	else if (!domain_parse(TRIAL_RECORD, text, len, &domain))
		ret = domain_write(&domain);
	free(text);
	domain_free(&domain);
	return ret || file_remove(TRIAL_RECORD) < 0 ? -1 : 0;
}

static int record(struct trial *trial)
{
	trial->assignment.since = (uint64_t)time(NULL);
	if (trial->whole ? record_domain() :
	    assignment_write(trial->origin, &trial->assignment)) {
		complain("%s stays in force until the next reboot or refresh, but was not recorded.\n%s%s",
			 trial->assignment.policy, trial->whole ?
			 "The domain has to say it again: sasserctl refresh --force" :
			 "Try again, without a trial: sasserctl enable ",
			 trial->whole ? "" : trial->assignment.policy);
		return -1;
	}
	return trial_forget();
}

/* A copy of what the domain has assigned now. */
static void keep_copy(void)
{
	struct pool *pool = pool_load();
	struct result result = {};
	char *copy = NULL;

	if (!result_work_out(pool, NULL, &result))
		copy = last_good_text(pool, &result);
	if (copy)
		last_good_keep(copy);
	free(copy);
	result_free(&result);
	pool_free(pool);
}

static int confirm(struct kernel *kernel, const struct snapshot *snap)
{
	char brief[BRIEF_LEN], now[BRIEF_LEN + 16];
	const char *before = snapshot_brief(brief, sizeof(brief), snap);
	struct trial trial;
	int recorded = which(snap, &trial);

	if (recorded < 0)
		return FAILED;
	if (kernel_confirm(kernel, trial.generation)) {
		complain("so nothing was recorded. What is in force now: sasserctl status");
		return FAILED;
	}
	snprintf(now, sizeof(now), "%s, confirmed", before);
	host_journal("confirm", before, now);
	if (recorded && record(&trial))
		return FAILED;
	if (recorded && trial.origin == SASSER_ORIGIN_DOMAIN)
		keep_copy();
	if (recorded)
		printf("%s is confirmed and recorded: it stays in force over reboots.\n",
		       trial.assignment.policy);
	else
		printf("%s is confirmed.\n"
		       "It is not recorded: it lasts until the next reboot or refresh.\n",
		       snap->policy.name);
	return DONE;
}

int cmd_confirm(const struct request *request)
{
	struct snapshot snap = {};
	struct kernel *kernel;
	int ret;

	(void)request;
	if (host_may_change("confirm") || host_lock())
		return FAILED;
	ret = kernel_open(&kernel);
	if (!ret)
		complain(NOT_LOADED);
	if (ret <= 0)
		return FAILED;
	ret = kernel_snapshot(kernel, &snap) ? FAILED : confirm(kernel, &snap);
	snapshot_free(&snap);
	kernel_close(kernel);
	return ret;
}
