// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "sasserctl.h"
#include "snapshot.h"

int cmd_version(const struct request *request)
{
	struct snapshot snap;

	(void)request;
	if (snapshot_take(&snap))
		return FAILED;
	puts("sasserctl " SASSER_VERSION);
	if (!snap.loaded) {
		puts("nf_sasser is not loaded");
	} else {
		printf("nf_sasser %s\n", snap.module_version);
		if (strcmp(snap.module_version, SASSER_VERSION))
			warn("the tool and the module that is loaded are of different versions.\n"
			     "Load the new one: sasserctl disable --everywhere --runtime; rmmod nf_sasser; sasserctl refresh");
	}
	snapshot_free(&snap);
	return DONE;
}
