// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <time.h>

#include "change.h"
#include "file.h"
#include "host.h"
#include "module.h"
#include "pool.h"
#include "sasserctl.h"
#include "snapshot.h"

#define BRIEF_LEN	(NAME_LEN + 32)

int change_begin(struct change *change)
{
	if (host_may_change(change->command))
		return -1;
	if (!change->runtime && host_files_speak(change->command, true))
		return -1;
	return host_lock();
}

int change_open(struct change *change, bool load)
{
	if (load ? module_open(&change->kernel) :
		   kernel_open(&change->kernel) < 0)
		return -1;
	return change->kernel ?
	       kernel_snapshot(change->kernel, &change->before) : 0;
}

void change_end(struct change *change)
{
	if (change->kernel)
		kernel_close(change->kernel);
	change->kernel = NULL;
	snapshot_free(&change->before);
}

static void take_back(struct change *change)
{
	char brief[BRIEF_LEN];
	const char *before = snapshot_brief(brief, sizeof(brief),
					    &change->before);
	int ret;

	if (!change->kernel)
		return;
	if (change->before.assigned)
		ret = kernel_assign(change->kernel, &change->before.policy);
	else
		ret = kernel_clear(change->kernel, false);
	if (ret)
		complain("and the kernel could not be put back to what was in force before: %s.\n"
			 "See what is now: sasserctl status", before);
	else
		complain("so the kernel was put back, in force as before: %s",
			 before);
}

int change_assign(struct change *change, const struct policy *policy)
{
	struct assignment assignment = {
		.policy = policy,
		.mode = policy->mode,
		.since = (uint64_t)time(NULL),
	};
	struct snapshot after = { .assigned = true, .policy = *policy };
	char before_brief[BRIEF_LEN], after_brief[BRIEF_LEN];

	if (kernel_assign(change->kernel, policy))
		return -1;
	if (!change->runtime &&
	    assignment_write(ASSIGNED_CONF, &assignment)) {
		take_back(change);
		return -1;
	}
	host_journal(change->command,
		     snapshot_brief(before_brief, BRIEF_LEN, &change->before),
		     snapshot_brief(after_brief, BRIEF_LEN, &after));
	return 0;
}

int change_clear(struct change *change, bool everywhere)
{
	char brief[BRIEF_LEN];
	int removed = 0;

	if (change->kernel && kernel_clear(change->kernel, everywhere))
		return -1;
	if (!change->runtime)
		removed = file_remove(ASSIGNED_CONF);
	if (removed < 0) {
		take_back(change);
		return -1;
	}
	if (change->before.assigned || removed ||
	    (everywhere && change->before.namespaces))
		host_journal(change->command,
			     snapshot_brief(brief, sizeof(brief),
					    &change->before),
			     everywhere ? "nothing, in any namespace" :
					  "nothing");
	return 0;
}
