/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What should become of a packet: written from the design's words and from the
 * headers' RFCs, not from kmod/, with which it shares <linux/sasser.h> alone.
 * Slow and plain on purpose.
 */
#ifndef _SASSER_TEST_REFERENCE_H
#define _SASSER_TEST_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genl.h"

enum verdict {
	VERDICT_UNSEEN,		/* the kernel drops it before any hook */
	VERDICT_PASS,
	VERDICT_DROP,
	VERDICT_REFUSE,		/* dropped, and the sender is told so */
	VERDICT_UNKNOWN,	/* kernels differ, or nothing is promised */
};

struct judgement {
	enum verdict verdict;
	bool unclassified;
	/* the row that counts it, NULL if none does */
	const struct filter *filter;
	const struct range *range;
	uint8_t direction;
	uint8_t action;		/* of that row, in effect */
	int prefix;		/* bits of the remote one that decided; -1: none */
	unsigned int matches;	/* filters that matched, that one included */
	unsigned int bytes;
	bool attempt;
};

/* To whom a packet goes, seen from the host. */
enum whose {
	WHOSE_HOST,
	WHOSE_GROUP,		/* broadcast or multicast */
	WHOSE_OTHER,
};

/* What of a frame's payload gets to the hooks. Return: its length; 0: nothing */
size_t reference_arrival(int family, const uint8_t *data, size_t len,
			 bool *unknown);

enum whose reference_whose(int family, const uint8_t *address);
struct judgement reference_judge(const struct policy *policy, uint8_t direction,
				 int family, const uint8_t *data, size_t len);

#endif /* _SASSER_TEST_REFERENCE_H */
