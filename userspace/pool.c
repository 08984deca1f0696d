// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "pool.h"
#include "sasserctl.h"
#include "visible.h"
#include "words.h"

static struct filter sasser_filters[] = {
	{
		.name = "smb",
		.direction = SASSER_DIRECTION_IN,
		.protocol = SASSER_PROTOCOL_TCP,
		.action = SASSER_ACTION_BLOCK,
		.ranges = (struct range[]){ { 445, 445 } },
		.n_ranges = 1,
	},
	{
		.name = "payload",
		.direction = SASSER_DIRECTION_BOTH,
		.protocol = SASSER_PROTOCOL_TCP,
		.action = SASSER_ACTION_BLOCK,
		.ranges = (struct range[]){ { 5554, 5554 }, { 9996, 9996 } },
		.n_ranges = 2,
	},
};

static const struct policy policies[] = {
	{
		.name = "SASSER",
		.mode = SASSER_MODE_ENFORCE,
		.origin = SASSER_ORIGIN_LOCAL,
		.filters = sasser_filters,
		.n_filters = ARRAY_SIZE(sasser_filters),
	},
};

const struct policy *pool_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		if (!strcmp(policies[i].name, name))
			return &policies[i];
	return NULL;
}

const char *pool_names(void)
{
	static char names[ARRAY_SIZE(policies) * (NAME_LEN + 1)];
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s",
				       i ? " " : "", policies[i].name);
	return names;
}

/* What the INI parser is at, and the first thing that is wrong. */
struct reading {
	FILE *file;
	struct assignment *assignment;
	int line;
	int bad_line;
	char reason[VISIBLE_LEN + 128];
	bool has_mode;
	bool has_since;
};

static __printf(2, 3) int refuse(struct reading *reading, const char *fmt, ...)
{
	va_list args;

	if (!reading->bad_line) {
		reading->bad_line = reading->line;
		va_start(args, fmt);
		vsnprintf(reading->reason, sizeof(reading->reason), fmt, args);
		va_end(args);
	}
	return 0;
}

/*
 * inih neither tells its handler the line nor notices one that is too long for
 * its buffer: it would take the rest for a line of its own.
 */
static char *read_line(char *buf, int size, void *arg)
{
	struct reading *reading = arg;
	char *line = NULL;
	size_t room = 0;
	ssize_t len = getline(&line, &room, reading->file);
	char *ret = NULL;

	if (len >= 0) {
		reading->line++;
		if (strlen(line) != (size_t)len)
			refuse(reading, "the line holds a NUL byte");
		else if (len >= size)
			refuse(reading, "the line is too long");
		ret = buf;
		snprintf(buf, (size_t)size, "%s", line);
	}
	free(line);
	return ret;
}

static int take(void *arg, const char *section, const char *key,
		const char *value)
{
	struct reading *reading = arg;
	struct assignment *assignment = reading->assignment;
	char shown[VISIBLE_LEN];

	if (strcmp(section, "assigned"))
		return refuse(reading, "unknown section [%s], it must be [assigned]",
			      visible(shown, section));
	if (!strcmp(key, "policy")) {
		if (assignment->policy)
			return refuse(reading, "\"policy\" is given twice");
		assignment->policy = pool_find(value);
		if (!assignment->policy)
			return refuse(reading, "unknown policy \"%s\", there is: %s",
				      visible(shown, value), pool_names());
		return 1;
	}
	if (!strcmp(key, "mode")) {
		if (reading->has_mode)
			return refuse(reading, "\"mode\" is given twice");
		reading->has_mode = true;
		assignment->mode = (uint8_t)mode_of_word(value);
		if (!assignment->mode)
			return refuse(reading, "mode \"%s\" is neither enforce nor observe",
				      visible(shown, value));
		return 1;
	}
	if (!strcmp(key, "since")) {
		if (reading->has_since)
			return refuse(reading, "\"since\" is given twice");
		reading->has_since = true;
		if (!parse_time(value, &assignment->since))
			return refuse(reading,
				      "since \"%s\" is not a time like 2026-01-02T03:04:05Z",
				      visible(shown, value));
		return 1;
	}
	return refuse(reading, "unknown key \"%s\"", visible(shown, key));
}

static int check(const char *path, struct reading *reading, int ini_error)
{
	/* Lines that inih itself can't read never reach the handler. */
	if (ini_error > 0 && (!reading->bad_line ||
			      ini_error < reading->bad_line)) {
		reading->bad_line = ini_error;
		snprintf(reading->reason, sizeof(reading->reason),
			 "neither [section] nor key = value");
	}
	if (reading->bad_line) {
		complain("%s, line %d: %s", path, reading->bad_line,
			 reading->reason);
		return -1;
	}
	if (ferror(reading->file)) {
		complain("cannot read %s: %s", path, strerror(errno));
		return -1;
	}
	if (!reading->assignment->policy) {
		complain("%s names no policy.\n"
			 "It needs a section [assigned] with a line \"policy = NAME\".",
			 path);
		return -1;
	}
	return 1;
}

int assignment_read(const char *path, struct assignment *assignment)
{
	struct reading reading = { .assignment = assignment };
	int ret;

	memset(assignment, 0, sizeof(*assignment));
	assignment->mode = SASSER_MODE_ENFORCE;
	reading.file = fopen(path, "re");
	if (!reading.file) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		complain("cannot read %s: %s", path, strerror(errno));
		return -1;
	}
	ret = ini_parse_stream(read_line, &reading, take, &reading);
	ret = check(path, &reading, ret);
	fclose(reading.file);
	return ret;
}

int assignment_write(const char *path, const struct assignment *assignment)
{
	char text[256], since[TIME_LEN];

	snprintf(text, sizeof(text),
		 "# Written by sasserctl; put in force at boot by sasser.service.\n"
		 "[assigned]\npolicy = %s\nmode = %s\nsince = %s\n",
		 assignment->policy->name, word_mode(assignment->mode),
		 format_time(since, assignment->since));
	return file_replace(path, text);
}

int pool_resulting(const char *path, struct policy *policy)
{
	struct assignment assignment;
	int ret = assignment_read(path, &assignment);

	if (ret == 1) {
		*policy = *assignment.policy;
		policy->mode = assignment.mode;
		policy->origin = SASSER_ORIGIN_LOCAL;
	}
	return ret;
}
