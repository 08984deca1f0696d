/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `sasserctl confirm` has to write, once a policy on trial has proved
 * itself. It is gone after a reboot, like the trial.
 */
#ifndef SASSER_TRIAL_H
#define SASSER_TRIAL_H

#include <stdint.h>

#include "assignment.h"
#include "stamp.h"

#define TRIAL_FILE	RUN_DIR "/trial"
/* The text that the domain has on trial, or had last: see domain.h. */
#define TRIAL_RECORD	RUN_DIR "/trial.domain"

struct trial {
	uint64_t generation;	/* 0: not known yet, it confirms nothing */
	uint8_t origin;
	struct assignment assignment;	/* without .since */
	bool whole;		/* TRIAL_RECORD is to be the domain's record */
};

int trial_write(const struct trial *trial);
/* Returns 1, 0 if there is none, or -1 after having complained. */
int trial_read(struct trial *trial);
int trial_forget(void);

#endif /* SASSER_TRIAL_H */
