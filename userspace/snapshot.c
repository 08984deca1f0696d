// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host.h"
#include "kernel.h"
#include "snapshot.h"
#include "stamp.h"
#include "words.h"

/*
 * A refresh is the initial namespace's. Users that may not look at PID 1's
 * namespace believe the kernel, which counts namespaces in the initial one.
 */
static bool refresh_is_ours(const struct snapshot *snap)
{
	switch (host_netns()) {
	case NETNS_INITIAL:
		return true;
	case NETNS_OTHER:
		return false;
	default:
		return !snap->loaded || snap->initial;
	}
}

int snapshot_take(struct snapshot *snap)
{
	struct kernel *kernel;
	int ret;

	memset(snap, 0, sizeof(*snap));
	ret = kernel_open(&kernel);
	if (ret > 0) {
		ret = kernel_snapshot(kernel, snap);
		kernel_close(kernel);
	}
	if (ret < 0)
		return -1;
	if (refresh_is_ours(snap))
		stamp_read(LAST_REFRESH, &snap->refresh);
	snap->now = (uint64_t)time(NULL);
	return 0;
}

const char *snapshot_brief(char *buf, size_t size, const struct snapshot *snap)
{
	if (!snap->assigned)
		return "nothing";
	snprintf(buf, size, "%s %s %s", snap->policy.name,
		 word_mode(snap->policy.mode), word_origin(snap->policy.origin));
	return buf;
}
