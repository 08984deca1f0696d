// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ini_lines.h"

#define BLANKS	" \t\r\v\f"

void ini_refuse_line(struct ini_lines *ini, int line, const char *fmt, ...)
{
	va_list args;

	if (ini->bad_line)
		return;
	ini->bad_line = line;
	va_start(args, fmt);
	vsnprintf(ini->reason, sizeof(ini->reason), fmt, args);
	va_end(args);
}

void ini_refuse(struct ini_lines *ini, const char *fmt, ...)
{
	va_list args;

	if (ini->bad_line)
		return;
	ini->bad_line = ini->line;
	va_start(args, fmt);
	vsnprintf(ini->reason, sizeof(ini->reason), fmt, args);
	va_end(args);
}

/* inih takes what follows " ;" for a comment. */
static void cut_comment(char *line)
{
	for (char *c = line; *c; c++)
		if (*c == ';' && c > line && isspace((unsigned char)c[-1])) {
			*c = '\0';
			return;
		}
}

/* The next line without its end, or NULL behind the last. */
static char *next_line(struct ini_lines *ini)
{
	const char *start = ini->text;
	size_t len;

	if (start == ini->end)
		return NULL;
	len = strcspn(start, "\n");
	if (len > (size_t)(ini->end - start))
		len = (size_t)(ini->end - start);
	ini->line++;
	ini->text = start + len;
	if (ini->text < ini->end && *ini->text == '\n')
		ini->text++;
	else if (ini->text < ini->end)
		ini->text = ini->end;	/* a NUL byte */
	if (start + len < ini->end && start[len] != '\n')
		ini_refuse(ini, "the line holds a NUL byte: this is no text file");
	free(ini->current);
	ini->current = strndup(start, len);
	if (!ini->current) {
		complain("out of memory");
		exit(FAILED);
	}
	return ini->current;
}

static void check_characters(struct ini_lines *ini, const char *line)
{
	for (; *line; line++)
		if (iscntrl((unsigned char)*line) && !strchr(BLANKS, *line)) {
			ini_refuse(ini, "the line holds a control character: this is no text file");
			return;
		}
}

/* Whether an indented line is no more of a value, but has a key of its own. */
static bool has_key(const char *start)
{
	size_t len = strspn(start, "abcdefghijklmnopqrstuvwxyz_");

	return len && start[len + strspn(start + len, BLANKS)] == '=';
}

bool ini_goes_on(const char *text)
{
	return *text && !strchr("#;[", *text) && !has_key(text);
}

static void take_section(struct ini_lines *ini, char *start)
{
	char *end = strchr(start, ']');

	if (!end) {
		ini_refuse(ini, "the section is not closed by \"]\"");
		return;
	}
	if (end[1 + strspn(end + 1, BLANKS)]) {
		ini_refuse(ini, "something follows the \"]\" of the section");
		return;
	}
	*end = '\0';
	ini->key_seen = false;
	if (!ini->bad_line)
		ini->section(ini, start + 1);
}

/*
 * As much of the line as inih can take: Debian's has a buffer of 200 bytes, and
 * takes what is left of a line for another. So a longer one is given to it as
 * one that goes on in further lines, none of which may look like a comment.
 */
static void give(struct ini_lines *ini, char *buf, size_t size, bool more)
{
	char *rest = ini->rest;
	const size_t piece = size - 3;	/* " " and "\n" and NUL */
	size_t len = strlen(rest), at;

	if (len > piece) {
		for (at = piece; at; at--)
			if (strchr(" \t", rest[at]) &&
			    !strchr(" \t#;", rest[at + 1]))
				break;
		if (!at) {
			ini_refuse(ini, "there is a word that is too long");
			at = piece;
		}
		len = at;
	}
	snprintf(buf, size, "%s%.*s", more ? " " : "", (int)len, rest);
	ini->rest = rest[len] ? rest + len + strspn(rest + len, " \t") : NULL;
	ini->wanted = strspn(buf, BLANKS) < strlen(buf);
}

/* What inih did not find a key in. */
static void missed(struct ini_lines *ini)
{
	if (ini->wanted)
		ini_refuse(ini, "neither [section] nor key = value");
	ini->wanted = false;
}

static char *read_line(char *buf, int size, void *arg)
{
	struct ini_lines *ini = arg;
	char *line, *start;
	bool indented;

	missed(ini);
	if (ini->rest && !ini->bad_line) {
		ini->more = true;
		give(ini, buf, (size_t)size, true);
		return buf;
	}
	ini->rest = NULL;
	/* Nobody wants to know of a second mistake. */
	line = ini->bad_line ? NULL : next_line(ini);
	if (!line)
		return NULL;
	check_characters(ini, line);
	if (ini->line == 1 && !strncmp(line, "\xef\xbb\xbf", 3))
		line += 3;
	cut_comment(line);
	start = line + strspn(line, BLANKS);
	indented = start > line;
	buf[0] = '\0';
	if (!*start || *start == '#' || *start == ';')
		return buf;
	if (*start == '[') {
		/* So that nothing before it can go on behind it. */
		take_section(ini, start);
		snprintf(buf, (size_t)size, "[x]");
		return buf;
	}
	ini->more = indented && ini->key_seen && ini_goes_on(start);
	ini->rest = start;
	give(ini, buf, (size_t)size, ini->more);
	return buf;
}

static int take(void *arg, const char *section, const char *key,
		const char *value)
{
	struct ini_lines *ini = arg;

	(void)section;
	ini->wanted = false;
	ini->key_seen = true;
	if (!ini->bad_line)
		ini->value(ini, key, value, ini->more);
	return 1;
}

int ini_lines_read(struct ini_lines *ini, const char *text, size_t len)
{
	ini->text = text;
	ini->end = text + len;
	if (ini_parse_stream(read_line, ini, take, ini) == -2) {
		complain("out of memory");
		exit(FAILED);
	}
	missed(ini);
	free(ini->current);
	ini->current = NULL;
	ini->rest = NULL;
	return ini->bad_line ? -1 : 0;
}
