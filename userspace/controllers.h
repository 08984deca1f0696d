/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a joined host, and Group Policy, needs of its controllers: the domain
 * could not lift again what keeps the host from them. So a policy that the
 * domain assigns, and that blocks some of that, gets a permit filter for them.
 */
#ifndef SASSER_CONTROLLERS_H
#define SASSER_CONTROLLERS_H

#include "joined.h"
#include "model.h"
#include "policy_judge.h"

/* Where DNS does not know them, these are the ones that it knew last. */
#define CONTROLLERS_FILE	DOMAIN_DIR ".controllers"

/* All that is needed, outbound; NULL behind the last. */
const struct judge_flow *controllers_needed(size_t i);

/* Of joined_look(): by DNS, or the last known ones. */
void controllers_find(struct joined *joined);

/*
 * Put the filters "controllers" and "controllers-udp" to @policy where they are
 * needed, and keep the addresses but in a dry run. One of that name that it has
 * already is left alone. Returns 0, or -1 after having complained: they don't fit
 * in.
 */
int controllers_permit(struct policy *policy, bool dry_run);

/* Do they block the same, whichever controllers there are? */
bool controllers_apart_same(const struct policy *a, const struct policy *b);

#endif /* SASSER_CONTROLLERS_H */
