// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "change.h"
#include "host.h"
#include "sasserctl.h"

static void report(const struct change *change, bool everywhere)
{
	const struct snapshot *before = &change->before;

	if (!change->kernel)
		puts("The module nf_sasser is not loaded: nothing was in force.");
	else if (everywhere)
		printf("Un-assigned in all network namespaces (%u had a policy).\n",
		       before->namespaces);
	else if (before->assigned)
		printf("%s is no longer in force.\n", before->policy.name);
	else
		puts("Nothing was in force.");
	if (change->runtime)
		puts("The files were left alone: the next reboot or refresh goes by them.");
}

int cmd_disable(const struct request *request)
{
	bool everywhere = request->flags & FLAG_EVERYWHERE;
	struct change change = {
		.command = everywhere ? "disable --everywhere" : "disable",
		.runtime = request->flags & FLAG_RUNTIME,
	};
	int ret = FAILED;

	if (everywhere && host_netns() == NETNS_OTHER) {
		complain("--everywhere is for root of the initial network namespace,\n"
			 "that of PID 1, and this is another; nothing was changed.\n"
			 "For this namespace alone: sasserctl disable --runtime");
		return FAILED;
	}
	if (change_begin(&change))
		return FAILED;
	if (!change_open(&change, false) && !change_clear(&change, everywhere)) {
		report(&change, everywhere);
		ret = DONE;
	}
	change_end(&change);
	return ret;
}
