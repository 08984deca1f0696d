// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "gpext.h"

bool gpext_has_ours(void)
{
	FILE *file = fopen(GPEXT_CONF, "re");
	bool found = false;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		found = found || strstr(line, GPEXT_GUID);
	if (file)
		fclose(file);
	return found;
}
