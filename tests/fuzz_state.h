/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the module should be in after all requests so far, and is. */
#ifndef _SASSER_TEST_FUZZ_STATE_H
#define _SASSER_TEST_FUZZ_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "fuzz_model.h"
#include "genl.h"

#define EVENTS_MAX	600

struct expected_event {
	uint8_t event;
	uint64_t generation;
	bool assigned;
	bool on_trial;
};

struct state {
	uint64_t generation;
	bool assigned;
	bool ever;			/* @set is the policy, or the last one */
	struct whole_policy set;
	/* While a policy is on trial. */
	bool on_trial;
	double began;
	bool back;			/* @before is what it goes back to */
	struct whole_policy before;
	/* What is imposed on other namespaces. */
	bool imposed;
	uint64_t imposed_generation;
	/* Those that were not received yet. */
	unsigned int events;
	struct expected_event event[EVENTS_MAX];
};

void state_begin(struct state *state, struct genl *genl,
		 const struct policy *policy);
void state_apply(struct state *state, const struct fated *fated,
		 const struct whole_policy *set);
bool state_refuses(const struct state *state, const struct fated *fated);
bool state_end_trial(struct state *state, struct genl *genl, bool wait);
bool state_check(struct state *state, struct genl *genl,
		 const struct asker *asker, bool dumps);
bool state_check_imposed(struct state *state, struct genl *genl, bool dumps);
bool state_check_events(struct state *state, struct genl *listener);

#endif /* _SASSER_TEST_FUZZ_STATE_H */
