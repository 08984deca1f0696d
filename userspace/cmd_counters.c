// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "out.h"
#include "sasserctl.h"
#include "snapshot.h"

int cmd_counters(const struct request *request)
{
	struct snapshot snap;
	int ret = FAILED;

	if (snapshot_take(&snap))
		return FAILED;
	if (!snap.loaded) {
		complain(NOT_LOADED);
	} else {
		if (request->flags & FLAG_JSON)
			out_json_counters(stdout, &snap);
		else
			out_text_counters(stdout, &snap);
		ret = DONE;
	}
	snapshot_free(&snap);
	return ret;
}
