/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INI files by inih, with what it lacks: the number of the line, sections
 * without keys, names of sections longer than 49 characters, and lines of any
 * length. A value goes on in the next line if that is indented (and no "key =
 * value" itself).
 */
#ifndef SASSER_INI_LINES_H
#define SASSER_INI_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "sasserctl.h"
#include "visible.h"

#define INI_REASON_LEN	(2 * VISIBLE_LEN + 160)

struct ini_lines {
	/* To be set: what is told of each section, and of each value. */
	void (*section)(struct ini_lines *ini, const char *name);
	/* @more: it goes on with the value of the call before */
	void (*value)(struct ini_lines *ini, const char *key,
		      const char *value, bool more);
	void *arg;

	int line;		/* where it is at; the last one at the end */
	int bad_line;		/* the first line with a mistake; 0: none */
	char reason[INI_REASON_LEN];

	/* private: */
	const char *text;
	const char *end;
	char *current;		/* the line */
	char *rest;		/* what inih has not had of it */
	bool wanted;		/* inih has to find a key or a value */
	bool key_seen;		/* in this section, so a value may go on */
	bool more;
};

/*
 * Read @len bytes, with a NUL behind them. The calls come for what stands before
 * the first mistake only. Returns 0, or -1 if there was one.
 */
int ini_lines_read(struct ini_lines *ini, const char *text, size_t len);

/* Whether an indented line with @text goes on with the value before. */
bool ini_goes_on(const char *text);

/* The line at hand is wrong. @fmt may take what visible() made. */
void ini_refuse(struct ini_lines *ini, const char *fmt, ...) __printf(2, 3);
/* Another line is. */
void ini_refuse_line(struct ini_lines *ini, int line, const char *fmt, ...)
	__printf(3, 4);

#endif /* SASSER_INI_LINES_H */
