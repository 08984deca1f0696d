/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is an output what it has to be, whatever went into it? Each function returns
 * NULL, or what is wrong.
 */
#ifndef USERSPACE_VALID_H
#define USERSPACE_VALID_H

#include <stdbool.h>
#include <stddef.h>

/* Whole lines of printable ASCII, of at most @columns; 0: as long as they are. */
const char *text_wrong(const char *text, size_t columns);

/* One JSON value in valid UTF-8, or with @lines one in each line. */
const char *json_wrong(const char *text, bool lines);

/*
 * Prometheus' text format as the textfile collector and promtool take it, and
 * stricter: each family once, with HELP and TYPE, then all of its samples, each
 * with a whole number, no time, and no series twice.
 */
const char *metrics_wrong(const char *text);

#endif /* USERSPACE_VALID_H */
