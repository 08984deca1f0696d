// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "change.h"
#include "host.h"
#include "pool.h"
#include "sasserctl.h"
#include "stamp.h"
#include "words.h"

/* Make the kernel agree with the files, and say what came of it. */
static int agree(struct change *change, char *message)
{
	const struct snapshot *before = &change->before;
	struct policy wanted;
	/* A file that can't be understood lifts no block and sets none. */
	int have = pool_resulting(ASSIGNED_CONF, &wanted);

	if (have < 0 || change_open(change, have))
		return -1;
	if (!have) {
		if (!before->assigned) {
			snprintf(message, MESSAGE_LEN,
				 "no policy is assigned, nothing to do");
			return 0;
		}
		snprintf(message, MESSAGE_LEN, "%s is no longer in force",
			 before->policy.name);
		return change_clear(change, false);
	}
	if (before->assigned && policy_equal(&wanted, &before->policy)) {
		snprintf(message, MESSAGE_LEN,
			 "%s (%s) is in force already, nothing to do",
			 wanted.name, word_mode(wanted.mode));
		return 0;
	}
	snprintf(message, MESSAGE_LEN, "%s (%s) is in force", wanted.name,
		 word_mode(wanted.mode));
	return change_assign(change, &wanted);
}

int cmd_refresh(const struct request *request)
{
	struct change change = {
		.command = "refresh",
		.runtime = true,	/* the files are right as they are */
	};
	struct refresh refresh = {};

	(void)request;
	if (change_begin(&change) || host_files_speak("refresh", false))
		return FAILED;
	refresh.ok = !agree(&change, refresh.message);
	change_end(&change);
	if (!refresh.ok) {
		complain("nothing was changed: what was in force stays");
		snprintf(refresh.message, sizeof(refresh.message), "%s",
			 first_complaint());
	}
	refresh.time = (uint64_t)time(NULL);
	if (stamp_write(LAST_REFRESH, &refresh) || !refresh.ok)
		return FAILED;
	printf("%s.\n", refresh.message);
	return DONE;
}
