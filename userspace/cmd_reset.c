// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <time.h>

#include "host.h"
#include "kernel.h"
#include "out.h"
#include "sasserctl.h"
#include "snapshot.h"

static const char *reset_of(const struct snapshot *totals)
{
	return !totals->policy.name[0] && totals->imposed ?
	       totals->imposed->policy.name : totals->policy.name;
}

int cmd_reset(const struct request *request)
{
	struct snapshot totals = {};
	struct kernel *kernel;
	int ret;

	if (host_may_change("reset") || host_lock())
		return FAILED;
	ret = kernel_open(&kernel);
	if (ret <= 0) {
		if (!ret)
			complain(NOT_LOADED);
		return FAILED;
	}
	ret = kernel_reset(kernel, &totals);
	kernel_close(kernel);
	if (ret >= 0)
		host_journal("reset", reset_of(&totals), reset_of(&totals));
	if (!ret) {
		snapshot_merge(&totals);
		totals.now = (uint64_t)time(NULL);
		if (request->flags & FLAG_JSON) {
			out_json_counters(stdout, &totals);
		} else {
			puts("The counters start again at zero. Their totals until now:\n");
			out_text_counters(stdout, &totals);
		}
	}
	snapshot_free(&totals);
	return ret ? FAILED : DONE;
}
