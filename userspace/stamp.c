// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "stamp.h"
#include "visible.h"
#include "words.h"

int stamp_write(const char *path, const struct refresh *refresh)
{
	char text[TIME_LEN + MESSAGE_LEN + 16], time[TIME_LEN];
	char message[MESSAGE_LEN];

	/* One line: a complaint may have more. */
	snprintf(message, sizeof(message), "%s", refresh->message);
	make_visible(message, ' ');
	snprintf(text, sizeof(text), "%s %s %s\n",
		 format_time(time, refresh->time),
		 refresh->ok ? "ok" : "failed", message);
	return file_replace(path, text);
}

void stamp_read(const char *path, struct refresh *refresh)
{
	char text[TIME_LEN + MESSAGE_LEN + 16], time[TIME_LEN], state[8];
	FILE *file = fopen(path, "re");
	int at = 0;

	memset(refresh, 0, sizeof(*refresh));
	if (!file)
		return;
	if (fgets(text, sizeof(text), file) &&
	    sscanf(text, "%20s %7s %n", time, state, &at) == 2 && at &&
	    parse_time(time, &refresh->time)) {
		refresh->ok = !strcmp(state, "ok");
		text[strcspn(text, "\n")] = '\0';
		snprintf(refresh->message, sizeof(refresh->message), "%s",
			 text + at);
		make_visible(refresh->message, ' ');
	}
	fclose(file);
}
