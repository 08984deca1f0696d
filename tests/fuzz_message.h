/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes requests of the family, from right to rubbish, and changes others.
 */
#ifndef _SASSER_TEST_FUZZ_MESSAGE_H
#define _SASSER_TEST_FUZZ_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fuzz.h"

#define MESSAGE_MAX	(96 * 1024)
#define CORPUS_MAX	1024
/* Seconds: a trial that does not end by itself while this runs. */
#define MESSAGE_LONG_TRIAL	20000

struct message {
	size_t len;
	uint8_t data[MESSAGE_MAX];
};

/* Requests worth changing. */
struct corpus {
	unsigned int n;
	struct {
		size_t len;
		uint8_t *data;
	} entry[CORPUS_MAX];
};

/* @generation: of the namespace that it goes to */
void message_make(struct chance *r, struct message *m, uint16_t family,
		  uint64_t generation);
void message_change(struct chance *r, struct message *m,
		    const struct corpus *corpus);
void message_number(struct message *m, uint32_t seq);

void corpus_add(struct corpus *corpus, const struct message *m);
void corpus_free(struct corpus *corpus);

#endif /* _SASSER_TEST_FUZZ_MESSAGE_H */
