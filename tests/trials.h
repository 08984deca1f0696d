/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies on trial and the traffic that shows which one is in force. */
#ifndef _SASSER_TEST_TRIALS_H
#define _SASSER_TEST_TRIALS_H

#include "genl.h"

#define HAS(attr)	(1U << (attr))
/* A time that what is done in a trial has to fit into. */
#define T(time)		((time) * trial_factor())
#define HAS_POLICY	(HAS(SASSER_A_VERSION) | HAS(SASSER_A_GENERATION) |  \
			 HAS(SASSER_A_ASSIGNED) | HAS(SASSER_A_UNCLASSIFIED) | \
			 HAS(SASSER_A_POLICY) | HAS(SASSER_A_MODE) |	\
			 HAS(SASSER_A_ORIGIN) | HAS(SASSER_A_SINCE) |	\
			 HAS(SASSER_A_MATCH) | HAS(SASSER_A_SCOPE))
#define HAS_EVENT	(HAS_POLICY | HAS(SASSER_A_EVENT))

extern const struct policy policy_before;
extern const struct policy policy_tried;
extern const struct policy policy_third;
extern const struct policy policy_in;

int try_policy(struct genl *genl, const struct policy *policy,
	       uint32_t confirm);
const char *in_force(void);
bool force_is(struct genl *genl, const char *name, bool on_trial);
bool event_is(struct genl *genl, uint8_t event, const char *name, uint32_t has);
bool is_silent(struct genl *genl, int seconds);
double wait_for(const char *name, double began);
unsigned int trial_factor(void);
unsigned int reverts_logged(void);
bool unloads(void);
int trial_world(void);

#endif /* _SASSER_TEST_TRIALS_H */
