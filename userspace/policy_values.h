/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words that a filter is made of. Functions return NULL, or what is wrong
 * with the word, for use behind it: "port 70000 ...".
 */
#ifndef SASSER_POLICY_VALUES_H
#define SASSER_POLICY_VALUES_H

#include <stdbool.h>

#include "model.h"

/* Digits only, up to @max. */
bool parse_number(const char *text, unsigned int max, unsigned int *number);

/* Of a policy or a filter: as the kernel takes it. */
const char *name_wrong(const char *name);

/* "445" or "1000-1010". */
const char *parse_range(const char *text, struct range *range);
/* "192.0.2.0/24", "2001:db8::/32", or an address alone. */
const char *parse_prefix(const char *text, struct prefix *prefix);

/* Bits of @prefix behind its length become 0; whether there were any. */
bool prefix_trim(struct prefix *prefix);

/* Add to what the filter has already. */
const char *filter_add_range(struct filter *filter, const struct range *range);
const char *filter_add_remote(struct filter *filter,
			      const struct prefix *remote);

/* In place: one blank for many, and none at the ends. */
void squeeze_blanks(char *text);

/* @array, of @n elements, with room for one more. */
void *grown(void *array, size_t n, size_t size);
/* strdup(3), or the end. */
char *copied(const char *text);
/* All of them, with a NUL behind. */
char *copied_bytes(const char *bytes, size_t len);

#endif /* SASSER_POLICY_VALUES_H */
