/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the module should be in after all requests so far, and is. */
#ifndef _SASSER_TEST_FUZZ_STATE_H
#define _SASSER_TEST_FUZZ_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "fuzz_model.h"
#include "genl.h"

struct state {
	uint64_t generation;
	bool assigned;
	bool ever;			/* @set is the policy, or the last one */
	unsigned int events;		/* that were not received yet */
	struct whole_policy set;
};

void state_begin(struct state *state, struct genl *genl,
		 const struct policy *policy);
void state_apply(struct state *state, const struct fated *fated,
		 const struct whole_policy *set);
bool state_check(struct state *state, struct genl *genl,
		 const struct asker *asker, bool dumps);
bool state_check_events(struct state *state, struct genl *listener);

#endif /* _SASSER_TEST_FUZZ_STATE_H */
