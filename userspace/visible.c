// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "visible.h"

/* Names are ASCII; of the rest some terminals take parts for commands, too. */
static bool is_visible(char c)
{
	return c >= ' ' && c <= '~';
}

#define PIECE_LEN	sizeof("\\x1b")

static size_t hex(char piece[PIECE_LEN], char c)
{
	return (size_t)snprintf(piece, PIECE_LEN, "\\x%02x", (unsigned char)c);
}

const char *visible(char buf[VISIBLE_LEN], const char *text)
{
	static const char more[] = "...";
	size_t at = 0;

	for (; *text; text++) {
		char piece[PIECE_LEN] = { *text };
		size_t len = 1;

		if (!is_visible(*text))
			len = hex(piece, *text);
		else if (*text == '"' || *text == '\\')
			len = (size_t)snprintf(piece, PIECE_LEN, "\\%c", *text);
		if (at + len + sizeof(more) > VISIBLE_LEN) {
			memcpy(buf + at, more, sizeof(more));
			return buf;
		}
		memcpy(buf + at, piece, len);
		at += len;
	}
	buf[at] = '\0';
	return buf;
}

bool visible_lines(char *buf, size_t size, const char *text)
{
	size_t at = 0;

	for (; *text; text++) {
		char piece[PIECE_LEN] = { *text };
		size_t len = 1;

		if (!is_visible(*text) && *text != '\n')
			len = hex(piece, *text);
		if (at + len >= size)
			break;
		memcpy(buf + at, piece, len);
		at += len;
	}
	buf[at] = '\0';
	return !*text;
}

void make_visible(char *text, char instead)
{
	for (; *text; text++)
		if (!is_visible(*text))
			*text = instead;
}
