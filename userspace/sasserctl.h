/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SASSERCTL_H
#define SASSERCTL_H

#include <stdbool.h>
#include <stddef.h>

#include "model.h"

#define __printf(fmt, args)	__attribute((format(printf, fmt, args)))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

/* Scripts depend on these numbers. */
enum {
	DONE = 0,
	FAILED = 1,
	USAGE = 2,
	UNASSIGNED = 3,		/* status: nothing is assigned */
	NO_MODULE = 4,		/* status: the module is not there */
	GUARDED = 5,		/* refused by a guard */
};

/*
 * Say on standard error what failed, why, and what to type next. The first
 * complaint is kept for the record of a refresh.
 */
void complain(const char *fmt, ...) __printf(1, 2);
const char *first_complaint(void);

#define NOT_LOADED \
	"the module nf_sasser is not loaded: nothing is in force here, or counted.\n" \
	"To put a policy in force: sasserctl enable"

/* Something to know that is no failure. */
void warn(const char *fmt, ...) __printf(1, 2);

/* One command. Flags are given as bits, in the order of the table. */
enum flag {
	FLAG_OBSERVE = 1 << 0,
	FLAG_CONFIRM = 1 << 1,		/* takes a TIME */
	FLAG_RUNTIME = 1 << 2,
	FLAG_FORCE = 1 << 3,
	FLAG_DRY_RUN = 1 << 4,
	FLAG_EVERYWHERE = 1 << 5,
	FLAG_ORIGIN = 1 << 6,		/* takes local or domain */
	FLAG_REPLACE = 1 << 7,
	FLAG_FORMAT = 1 << 8,		/* takes ini, nft or netsh */
	FLAG_JSON = 1 << 9,
};

struct request {
	unsigned int flags;
	const char *argument;	/* the first one; NULL: none was given */
	char *const *arguments;	/* all that are no options, that one included */
	int n_arguments;
	uint32_t confirm;	/* seconds, with FLAG_CONFIRM */
	uint8_t origin;		/* enum sasser_origin, with FLAG_ORIGIN; else 0 */
	const char *format;	/* with FLAG_FORMAT; else NULL */
};

int cmd_enable(const struct request *request);
int cmd_disable(const struct request *request);
int cmd_confirm(const struct request *request);
int cmd_refresh(const struct request *request);
int cmd_status(const struct request *request);
int cmd_counters(const struct request *request);
int cmd_reset(const struct request *request);
int cmd_monitor(const struct request *request);
int cmd_metrics(const struct request *request);
int cmd_policy(const struct request *request);
int cmd_domain(const struct request *request);
int cmd_gpo(const struct request *request);
int cmd_version(const struct request *request);

#endif /* SASSERCTL_H */
