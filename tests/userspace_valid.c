// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userspace_valid.h"

#define NAME_CHARS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
#define DIGITS	"0123456789"

const char *text_wrong(const char *text, size_t columns)
{
	size_t at = 0;

	for (const char *c = text; *c; c++) {
		if (*c == '\n') {
			at = 0;
			continue;
		}
		if (*c < ' ' || *c > '~')
			return "a character that can't be printed";
		if (columns && ++at > columns)
			return "a line that is too long";
	}
	if (*text && text[strlen(text) - 1] != '\n')
		return "the last line does not end";
	return NULL;
}

static const char *value_wrong(const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;
	const char *wrong = NULL;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
			       JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, (int)len);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		wrong = json_tokener_error_desc(json_tokener_get_error(tokener));
	else if (json_tokener_get_parse_end(tokener) != len)
		wrong = "something behind the value";
	json_object_put(object);
	json_tokener_free(tokener);
	return wrong;
}

const char *json_wrong(const char *text, bool lines)
{
	const char *wrong = NULL;

	if (!*text || text[strlen(text) - 1] != '\n')
		return "the last line does not end";
	if (!lines)
		return value_wrong(text, strlen(text) - 1);
	for (; *text && !wrong; text += strcspn(text, "\n") + 1)
		wrong = value_wrong(text, strcspn(text, "\n"));
	return wrong;
}

/* A family of metrics, as its HELP and TYPE have announced it. */
struct family {
	char name[64];
	size_t len;
	bool is_counter;
};

/* Each takes its part of a line off @at. */

static bool literal(const char **at, const char *text)
{
	if (strncmp(*at, text, strlen(text)))
		return false;
	*at += strlen(text);
	return true;
}

static size_t name(const char **at)
{
	size_t len = strspn(*at, NAME_CHARS);

	if (isdigit((unsigned char)**at))
		return 0;
	*at += len;
	return len;
}

static bool label_value(const char **at)
{
	if (!literal(at, "\""))
		return false;
	while (**at != '"') {
		if (**at == '\\') {
			++*at;
			if (!**at || !strchr("\\\"n", **at))
				return false;
		}
		if ((unsigned char)**at < ' ' || (unsigned char)**at > '~')
			return false;
		++*at;
	}
	return literal(at, "\"");
}

static bool labels(const char **at)
{
	if (!literal(at, "{"))
		return true;
	do {
		if (!name(at) || !literal(at, "=") || !label_value(at))
			return false;
	} while (literal(at, ","));
	return literal(at, "}");
}

static const char *head_wrong(const char **at, struct family *family)
{
	const char *start = *at + strlen("# HELP ");
	const char *end = start;
	bool is_total;

	if (!literal(at, "# HELP "))
		return "a family without HELP";
	family->len = name(&end);
	if (!family->len || family->len >= sizeof(family->name))
		return "no name in HELP";
	snprintf(family->name, sizeof(family->name), "%.*s", (int)family->len,
		 start);
	*at = end;
	if (!literal(at, " ") || !isgraph((unsigned char)**at))
		return "no text in HELP";
	*at += strcspn(*at, "\n\\");
	if (!literal(at, "\n# TYPE ") || !literal(at, family->name) ||
	    !literal(at, " "))
		return "no TYPE of the same name behind HELP";
	family->is_counter = literal(at, "counter\n");
	if (!family->is_counter && !literal(at, "gauge\n"))
		return "an unknown TYPE";
	is_total = family->len > 6 &&
		   !strcmp(family->name + family->len - 6, "_total");
	if (family->is_counter != is_total)
		return "a name that does not fit its TYPE";
	return NULL;
}

/* @series is how much of the line names it. */
static const char *sample_wrong(const char **at, const struct family *family,
				size_t *series)
{
	const char *line = *at;
	size_t digits;

	if (!literal(at, family->name))
		return "a sample of another family";
	if (!labels(at))
		return "bad labels";
	if (!literal(at, " "))
		return "no blank before the number";
	*series = (size_t)(*at - line);
	digits = strspn(*at, DIGITS);
	if (!digits || (digits > 1 && **at == '0'))
		return "no number";
	*at += digits;
	return literal(at, "\n") ? NULL : "something behind the number";
}

/* Does a line of @text before @line begin with the same @len characters? */
static bool seen(const char *text, const char *line, size_t len)
{
	for (; text < line; text += strcspn(text, "\n") + 1)
		if (!strncmp(text, line, len))
			return true;
	return false;
}

const char *metrics_wrong(const char *text)
{
	struct family family;
	const char *at = text, *line, *wrong;
	size_t series;

	while (*at) {
		line = at;
		wrong = head_wrong(&at, &family);
		if (wrong)
			return wrong;
		if (seen(text, line, strlen("# HELP  ") + family.len))
			return "a family twice";
		do {
			line = at;
			wrong = sample_wrong(&at, &family, &series);
			if (wrong)
				return wrong;
			if (seen(text, line, series))
				return "a series twice";
		} while (*at && *at != '#');
	}
	return at == text ? "nothing" : NULL;
}
