// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "out.h"
#include "sasserctl.h"
#include "snapshot.h"

int cmd_metrics(const struct request *request)
{
	struct snapshot snap;
	int ret = DONE;

	(void)request;
	if (snapshot_take(&snap)) {
		snap.loaded = false;
		ret = FAILED;
	} else if (!snap.loaded) {
		complain(NOT_LOADED);
		ret = FAILED;
	}
	out_metrics(stdout, &snap);
	snapshot_free(&snap);
	return ret;
}
