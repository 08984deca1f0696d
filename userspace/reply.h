/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the attributes of a reply to the model. Nothing in a reply is trusted:
 * the module may be older or newer than this tool.
 */
#ifndef SASSER_REPLY_H
#define SASSER_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "model.h"

struct reply {
	struct snapshot *snap;
	bool malformed;		/* and complained about */
	bool interrupted;	/* of another generation than the status */
	bool imposed;		/* the status says that a policy is */
};

/* The attributes of one message: @attrs, @len bytes of them. */
typedef void (*reply_fn)(struct reply *reply, const void *attrs, size_t len);

void reply_status(struct reply *reply, const void *attrs, size_t len);
void reply_filter(struct reply *reply, const void *attrs, size_t len);
void reply_counter(struct reply *reply, const void *attrs, size_t len);

/* The same, and the last message of a reset's dump, which has no row. */
void reply_reset(struct reply *reply, const void *attrs, size_t len);

bool reply_event(const void *attrs, size_t len, struct event *event);

#endif /* SASSER_REPLY_H */
