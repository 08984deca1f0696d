/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sub-commands of sasserctl policy that change files. */
#ifndef SASSER_CMD_POLICY_H
#define SASSER_CMD_POLICY_H

#include "policy_text.h"
#include "sasserctl.h"

/* What they are given; see struct request. */
struct policy_request {
	unsigned int flags;
	char *const *names;	/* arguments, without the sub-command */
	int n_names;
	enum pool_origin origin;	/* whose files are meant */
	const char *format;
};

int policy_import(const struct policy_request *request);
int policy_delete(const struct policy_request *request);

/*
 * Whether an origin has assigned the policy that @file has of this name:
 * enum sasser_origin, 0 if none has, or -1 after having complained.
 */
int policy_assigned(const struct pool *pool, const struct policy_file *file,
		    const char *name);

/* "sasserctl disable", for that origin. */
const char *policy_way_out(int origin);

#endif /* SASSER_CMD_POLICY_H */
