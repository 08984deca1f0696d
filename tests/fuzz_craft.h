/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes random policies, and random packets that come near to them. */
#ifndef _SASSER_TEST_FUZZ_CRAFT_H
#define _SASSER_TEST_FUZZ_CRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fuzz.h"
#include "genl.h"

#define CRAFT_MAX	5000
#define CRAFT_FILTERS	6
#define CRAFT_RANGES	4	/* of a filter */
#define CRAFT_REMOTES	6	/* likewise */

struct crafted {
	bool out;
	int family;		/* what the header begins with may differ */
	const char *mac;	/* destination of the frame, if it comes in */
	/* Bytes of the frame in the buffer's head, the rest in pages; 0: all */
	unsigned int linear;
	size_t len;
	uint8_t data[CRAFT_MAX];
};

struct craft_policy {
	struct policy policy;
	struct filter filter[CRAFT_FILTERS];
	struct range range[CRAFT_FILTERS][CRAFT_RANGES];
	struct remote remote[CRAFT_FILTERS][CRAFT_REMOTES];
};

void craft_policy(struct chance *r, struct craft_policy *p);
void craft_packet(struct chance *r, const struct policy *policy,
		  struct crafted *c);

#endif /* _SASSER_TEST_FUZZ_CRAFT_H */
