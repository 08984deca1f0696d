// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "change.h"
#include "host.h"
#include "pool.h"
#include "sasserctl.h"
#include "visible.h"
#include "words.h"

static void report(const struct change *change, const struct policy *policy)
{
	const char *gap;

	if (policy->mode == SASSER_MODE_OBSERVE)
		printf("%s is assigned in observe mode: what it would block is counted,\n"
		       "nothing is dropped.\n",
		       policy->name);
	else
		printf("%s is in force. Open connections to ports from 512 up go on.\n",
		       policy->name);
	if (change->runtime) {
		puts("It was not recorded: it lasts until the next reboot or refresh.");
		return;
	}
	gap = host_boot_gap();
	if (gap)
		warn("after a reboot %s will not be in force by itself: %s.\n"
		     "Have \"sasserctl refresh\" run at boot, before the network comes up.",
		     policy->name, gap);
	else
		puts("sasser.service puts it in force again at every boot.");
}

int cmd_enable(const struct request *request)
{
	const char *name = request->argument ?: POOL_DEFAULT;
	struct change change = {
		.command = "enable",
		.runtime = request->flags & FLAG_RUNTIME,
	};
	const struct policy *found = pool_find(name);
	char shown[VISIBLE_LEN];
	struct policy policy;
	int ret = FAILED;

	if (!found) {
		complain("there is no policy \"%s\"; there is: %s",
			 visible(shown, name), pool_names());
		return FAILED;
	}
	policy = *found;
	if (request->flags & FLAG_OBSERVE)
		policy.mode = SASSER_MODE_OBSERVE;
	if (change_begin(&change))
		return FAILED;
	if (!change_open(&change, true) && !change_assign(&change, &policy)) {
		report(&change, &policy);
		ret = DONE;
	}
	change_end(&change);
	return ret;
}
