/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TAP for the tests that need no kernel, and sasserctl's own voice: what it
 * would say on standard error is kept, to be looked at.
 */
#ifndef USERSPACE_TAP_H
#define USERSPACE_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sasserctl.h"

static int tap_count, tap_failed;
static char said[1024];
/* The first complaint since the test emptied this. */
static char said_first[1024];

static inline void ok(bool good, const char *fmt, ...)
{
	va_list args;

	tap_count++;
	if (!good)
		tap_failed++;
	printf("%sok %d ", good ? "" : "not ", tap_count);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	if (!good && said[0])
		printf("# said: %s\n", said);
	fflush(stdout);
}

static inline int tap_end(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed ? 1 : 0;
}

void complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
	if (!said_first[0])
		memcpy(said_first, said, sizeof(said));
}

const char *first_complaint(void)
{
	return said_first;
}

void warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
}

#endif /* USERSPACE_TAP_H */
