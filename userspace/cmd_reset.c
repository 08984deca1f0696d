// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <time.h>

#include "host.h"
#include "kernel.h"
#include "out.h"
#include "sasserctl.h"

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
		host_journal("reset", totals.policy.name, totals.policy.name);
	if (!ret) {
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
