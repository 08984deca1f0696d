/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What should become of a request, whatever is in it: read anew from
 * <linux/sasser.h>, not from kmod/.
 */
#ifndef _SASSER_TEST_FUZZ_MODEL_H
#define _SASSER_TEST_FUZZ_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genl.h"

enum fate {
	FATE_IGNORED,		/* and all that follows it in the datagram */
	FATE_NOTHING,		/* success, without effect */
	FATE_DONE,
	FATE_REFUSED,
	FATE_EITHER,		/* kernels differ */
};

struct fated {
	enum fate fate;
	uint8_t cmd;
	bool dump;
	bool everywhere;
	bool imposed;		/* about the policy that is imposed */
	uint64_t generation;	/* that is to be confirmed */
	bool explained;		/* if refused, then with a message */
};

/* A policy with all that it points to. */
struct whole_policy {
	struct policy policy;
	char name[SASSER_NAME_MAX + 1];
	struct filter filter[SASSER_FILTERS_MAX];
	unsigned int n_ranges;
	struct range range[SASSER_RANGES_MAX];
	unsigned int n_remotes;
	struct remote remote[SASSER_REMOTES_MAX];
};

/* Who asks, and where. */
struct asker {
	bool privileged;	/* over the network namespace */
	bool initial;		/* the initial one, and over that too */
};

/* @at: a message in a datagram that ends at @end. @set: for a SET to be done */
struct fated model_message(const uint8_t *at, const uint8_t *end,
			   const struct asker *asker,
			   struct whole_policy *set);

#endif /* _SASSER_TEST_FUZZ_MODEL_H */
