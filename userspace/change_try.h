/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SASSER_CHANGE_TRY_H
#define SASSER_CHANGE_TRY_H

#include "change.h"
#include "trial.h"

/*
 * A change on trial, and what confirm has to know of it: @trial, whose
 * generation comes from here, or NULL if that has nothing to record. Loads the
 * module. Returns 0, or -1 after having complained.
 */
int change_try(struct change *change, const struct step *step,
	       const struct trial *trial, uint64_t *generation);

#endif /* SASSER_CHANGE_TRY_H */
