/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzzers share: chance that a seed repeats, and their argument. */
#ifndef _SASSER_TEST_FUZZ_H
#define _SASSER_TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(array)	(sizeof(array) / sizeof(*(array)))
/* One of an array */
#define PICK(r, array)		((array)[chance_below(r, ARRAY_LEN(array))])

struct chance {
	uint64_t state;
};

void chance_seed(struct chance *r, uint64_t seed);
uint64_t chance_next(struct chance *r);
unsigned int chance_below(struct chance *r, unsigned int n);
bool chance_percent(struct chance *r, unsigned int percent);
void chance_fill(struct chance *r, void *data, size_t len);

struct fuzz_options {
	double seconds;
	uint64_t seed;
};

void fuzz_arguments(struct fuzz_options *options, int argc, char **argv);
void fuzz_hex(const char *what, const uint8_t *data, size_t len);

#endif /* _SASSER_TEST_FUZZ_H */
