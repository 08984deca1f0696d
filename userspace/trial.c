// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "policy_values.h"
#include "safe_file.h"
#include "sasserctl.h"
#include "trial.h"
#include "words.h"

#define WHOLE	"whole"

int trial_write(const struct trial *trial)
{
	char text[NAME_LEN + 64];

	snprintf(text, sizeof(text), "%ju %s %s %s%s\n",
		 (uintmax_t)trial->generation, word_origin(trial->origin),
		 word_mode(trial->assignment.mode), trial->assignment.policy,
		 trial->whole ? " " WHOLE : "");
	return file_replace(TRIAL_FILE, text);
}

static bool parse(const char *text, struct trial *trial)
{
	char origin[8], mode[8], whole[8] = "";
	uintmax_t generation;

	text = take_number(text, UINT64_MAX, &generation);
	if (!text || sscanf(text, " %7s %7s %63s %7s", origin, mode,
			    trial->assignment.policy, whole) < 3)
		return false;
	trial->generation = generation;
	trial->whole = !strcmp(whole, WHOLE);
	trial->origin = (uint8_t)origin_of_word(origin);
	trial->assignment.mode = (uint8_t)mode_of_word(mode);
	return trial->origin && trial->assignment.mode &&
	       !name_wrong(trial->assignment.policy);
}

int trial_read(struct trial *trial)
{
	const char *why;
	bool good;
	size_t len;
	char *text = safe_read(TRIAL_FILE, &len, &why);

	memset(trial, 0, sizeof(*trial));
	if (!text && !why)
		return 0;
	good = text && parse(text, trial);
	free(text);
	if (good)
		return 1;
	complain("cannot take the record of the trial, " TRIAL_FILE ": %s.\n"
		 "To keep the policy put it in force without a trial: sasserctl enable",
		 why ?: "it is damaged");
	return -1;
}

int trial_forget(void)
{
	return file_remove(TRIAL_FILE) < 0 ? -1 : 0;
}
