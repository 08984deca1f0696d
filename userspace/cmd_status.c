// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "out.h"
#include "sasserctl.h"
#include "snapshot.h"

int cmd_status(const struct request *request)
{
	struct snapshot snap;
	int ret;

	if (snapshot_take(&snap))
		return FAILED;
	snapshot_ask_joined(&snap);
	if (request->flags & FLAG_JSON)
		out_json_status(stdout, &snap);
	else
		out_text_status(stdout, &snap);
	if (!snap.loaded)
		ret = NO_MODULE;
	else
		ret = snap.assigned ? DONE : UNASSIGNED;
	snapshot_free(&snap);
	return ret;
}
