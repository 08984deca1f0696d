// SPDX-License-Identifier: GPL-2.0-or-later
#include "change_try.h"
#include "host.h"
#include "sasserctl.h"

static int keep(const struct trial *trial, uint64_t generation)
{
	struct trial kept;

	if (!trial)
		return trial_forget();
	kept = *trial;
	kept.generation = generation;
	return trial_write(&kept);
}

int change_try(struct change *change, const struct step *step,
	       const struct trial *trial, uint64_t *generation)
{
	bool kept = host_netns() == NETNS_INITIAL;
	struct trial first;
	int had = kept ? trial_read(&first) : 0;

	/* So that a trial which can't be recorded never begins. */
	if (change_load(change) || (kept && keep(trial, 0)))
		return -1;
	if (change_make(change, step)) {
		/* That one goes on, and can be confirmed. */
		if (had > 0)
			trial_write(&first);
		return -1;
	}
	*generation = 0;
	if (!kernel_generation(change->kernel, generation) &&
	    (!kept || !keep(trial, *generation)))
		return 0;
	complain("the trial can't be confirmed: it ends by itself in %u seconds",
		 step->confirm);
	return -1;
}
