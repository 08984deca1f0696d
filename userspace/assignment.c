// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assignment.h"
#include "file.h"
#include "ini_lines.h"
#include "policy_values.h"
#include "safe_file.h"
#include "sasserctl.h"
#include "visible.h"
#include "words.h"

#define SECTION	"assigned"

const char *assignment_path(uint8_t origin)
{
	return origin == SASSER_ORIGIN_DOMAIN ? DOMAIN_DIR ASSIGNED_CONF :
						LOCAL_DIR ASSIGNED_CONF;
}

static const char *directory(uint8_t origin)
{
	return origin == SASSER_ORIGIN_DOMAIN ? DOMAIN_DIR : LOCAL_DIR;
}

struct reading {
	struct assignment *assignment;
	bool has_section;
	bool has_policy;
	bool has_mode;
	bool has_since;
	bool has_expires;
	bool has_confirm;
	bool has_force;
	bool has_keep_service;
	bool has_source;
};

static void take_section(struct ini_lines *ini, const char *name)
{
	struct reading *reading = ini->arg;
	char shown[VISIBLE_LEN];

	if (strcmp(name, SECTION))
		ini_refuse(ini, "unknown section [%s], it must be [" SECTION "]",
			   visible(shown, name));
	else if (reading->has_section)
		ini_refuse(ini, "the section [" SECTION "] is given twice");
	reading->has_section = true;
}

static void take_policy(struct ini_lines *ini, const char *value)
{
	struct reading *reading = ini->arg;
	const char *wrong = name_wrong(value);
	char shown[VISIBLE_LEN];

	if (wrong)
		ini_refuse(ini, "policy \"%s\" %s", visible(shown, value), wrong);
	else
		snprintf(reading->assignment->policy, NAME_LEN, "%s", value);
}

static void take_mode(struct ini_lines *ini, const char *value)
{
	struct reading *reading = ini->arg;
	char shown[VISIBLE_LEN];

	reading->assignment->mode = (uint8_t)mode_of_word(value);
	if (!reading->assignment->mode)
		ini_refuse(ini, "mode \"%s\" is neither enforce nor observe",
			   visible(shown, value));
}

static void take_since(struct ini_lines *ini, const char *value)
{
	struct reading *reading = ini->arg;
	char shown[VISIBLE_LEN];

	if (!parse_time(value, &reading->assignment->since))
		ini_refuse(ini, "since \"%s\" is not a time like 2026-01-02T03:04:05Z",
			   visible(shown, value));
}

static void take_expires(struct ini_lines *ini, const char *value)
{
	struct reading *reading = ini->arg;
	char shown[VISIBLE_LEN];

	if (!parse_day(value, &reading->assignment->expires))
		ini_refuse(ini, "expires \"%s\" is no day like 2026-12-31",
			   visible(shown, value));
}

static void take_confirm(struct ini_lines *ini, const char *value)
{
	struct reading *reading = ini->arg;
	char shown[VISIBLE_LEN];

	if (!parse_duration(value, &reading->assignment->confirm))
		ini_refuse(ini, "confirm \"%s\" is not a time like 90s, 5m or 2h, from 1s to 24h",
			   visible(shown, value));
}

static bool take_yes(struct ini_lines *ini, const char *key, const char *value)
{
	bool yes = !strcmp(value, "yes");
	char shown[VISIBLE_LEN];

	if (!yes && strcmp(value, "no"))
		ini_refuse(ini, "%s \"%s\" is neither yes nor no", key,
			   visible(shown, value));
	return yes;
}

static void take_force(struct ini_lines *ini, const char *value)
{
	struct reading *reading = ini->arg;

	reading->assignment->force = take_yes(ini, "force", value);
}

static void take_keep_service(struct ini_lines *ini, const char *value)
{
	struct reading *reading = ini->arg;

	reading->assignment->keep_service = take_yes(ini, "keep_service",
						     value);
}

/*
 * What can't be shown becomes "?", and so does what would make a comment of the
 * rest where it is recorded: it has to be read as it was written, or each
 * refresh would find another assignment.
 */
static void make_recordable(char *source)
{
	squeeze_blanks(source);
	make_visible(source, '?');
	if (*source == '#')
		*source = '?';
	for (char *c = source; *c; c++)
		if (*c == ';' && (c == source || c[-1] == ' '))
			*c = '?';
}

/* It is shown, and decides nothing: what does not fit is left out. */
static void take_source(struct ini_lines *ini, const char *value)
{
	struct reading *reading = ini->arg;
	char *source = reading->assignment->source;
	size_t len = strlen(source);

	snprintf(source + len, SOURCE_LEN - len, "%s%s", len ? " " : "",
		 value);
	make_recordable(source);
}

static void take_value(struct ini_lines *ini, const char *key,
		       const char *value, bool more)
{
	struct reading *reading = ini->arg;
	const struct {
		const char *key;
		bool *has;
		void (*take)(struct ini_lines *ini, const char *value);
	} keys[] = {
		{ "policy", &reading->has_policy, take_policy },
		{ "mode", &reading->has_mode, take_mode },
		{ "since", &reading->has_since, take_since },
		{ "expires", &reading->has_expires, take_expires },
		{ "confirm", &reading->has_confirm, take_confirm },
		{ "force", &reading->has_force, take_force },
		{ "keep_service", &reading->has_keep_service,
		  take_keep_service },
		{ "source", &reading->has_source, take_source },
	};
	char shown[VISIBLE_LEN];

	if (!reading->has_section) {
		ini_refuse(ini, "a key before the section [" SECTION "]");
		return;
	}
	/* The names of many GPOs are longer than a line of inih's. */
	if (more && !strcmp(key, "source")) {
		take_source(ini, value);
		return;
	}
	if (more) {
		ini_refuse(ini, "\"%s\" can't go on in another line",
			   visible(shown, key));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(key, keys[i].key))
			continue;
		if (*keys[i].has)
			ini_refuse(ini, "\"%s\" is given twice", key);
		else
			keys[i].take(ini, value);
		*keys[i].has = true;
		return;
	}
	ini_refuse(ini, "unknown key \"%s\"", visible(shown, key));
}

int assignment_parse(const char *path, const char *text, size_t len,
		     struct assignment *assignment, char why[WHY_LEN])
{
	struct reading reading = { .assignment = assignment };
	struct ini_lines ini = {
		.section = take_section,
		.value = take_value,
		.arg = &reading,
	};

	if (ini_lines_read(&ini, text, len)) {
		snprintf(why, WHY_LEN, "%s, line %d: %s", path, ini.bad_line,
			 ini.reason);
		return -1;
	}
	if (!reading.has_policy) {
		snprintf(why, WHY_LEN, "%s names no policy: it needs a section [" SECTION "] with a line \"policy = NAME\"",
			 path);
		return -1;
	}
	return 1;
}

int assignment_look(uint8_t origin, struct assignment *assignment,
		    char why[WHY_LEN])
{
	const char *path = assignment_path(origin), *reason;
	char *text;
	size_t len;
	int ret;

	memset(assignment, 0, sizeof(*assignment));
	reason = safe_directory(directory(origin));
	if (reason) {
		snprintf(why, WHY_LEN, "%s can't be trusted, so neither can %s: %s",
			 directory(origin), path, reason);
		return -1;
	}
	text = safe_read(path, &len, &reason);
	if (!text && !reason)
		return 0;
	if (!text) {
		snprintf(why, WHY_LEN, "cannot take %s: %s", path, reason);
		return -1;
	}
	ret = assignment_parse(path, text, len, assignment, why);
	free(text);
	if (ret < 0 || !assignment->confirm)
		return ret;
	snprintf(why, WHY_LEN, "%s has a line \"confirm\": what stands in there is no trial any more",
		 path);
	return -1;
}

int assignment_read(uint8_t origin, struct assignment *assignment)
{
	char why[WHY_LEN];
	int ret = assignment_look(origin, assignment, why);

	if (ret < 0)
		complain("%s", why);
	return ret;
}

bool assignment_same(const struct assignment *a, const struct assignment *b)
{
	return !strcmp(a->policy, b->policy) && a->mode == b->mode &&
	       a->expires == b->expires && a->force == b->force &&
	       a->keep_service == b->keep_service &&
	       !strcmp(a->source, b->source);
}

const char *assignment_conf(char buf[ASSIGNMENT_CONF_LEN],
			    const struct assignment *assignment)
{
	FILE *out = fmemopen(buf, ASSIGNMENT_CONF_LEN, "w");
	char time[TIME_LEN];

	if (!out) {
		complain("out of memory");
		exit(FAILED);
	}
	fprintf(out, "[" SECTION "]\npolicy = %s\n", assignment->policy);
	if (assignment->mode)
		fprintf(out, "mode = %s\n", word_mode(assignment->mode));
	if (assignment->since)
		fprintf(out, "since = %s\n",
			format_time(time, assignment->since));
	if (assignment->expires)
		fprintf(out, "expires = %s\n",
			format_day(time, assignment->expires - 1));
	if (assignment->force)
		fputs("force = yes\n", out);
	if (assignment->keep_service)
		fputs("keep_service = yes\n", out);
	if (assignment->source[0])
		fprintf(out, "source = %s\n", assignment->source);
	fclose(out);
	return buf;
}

int assignment_write_to(const char *path, const struct assignment *assignment)
{
	char text[ASSIGNMENT_CONF_LEN + 128], conf[ASSIGNMENT_CONF_LEN];

	snprintf(text, sizeof(text),
		 "# Written by sasserctl; put in force at boot by sasser.service.\n%s",
		 assignment_conf(conf, assignment));
	return file_replace(path, text);
}

int assignment_write(uint8_t origin, const struct assignment *assignment)
{
	return assignment_write_to(assignment_path(origin), assignment);
}

int assignment_remove(uint8_t origin)
{
	return file_remove(assignment_path(origin));
}

const char *assignment_text(char buf[ASSIGNMENT_LEN],
			    const struct assignment *assignment)
{
	if (assignment->mode)
		snprintf(buf, ASSIGNMENT_LEN, "%s (%s)", assignment->policy,
			 word_mode(assignment->mode));
	else
		snprintf(buf, ASSIGNMENT_LEN, "%s", assignment->policy);
	return buf;
}
