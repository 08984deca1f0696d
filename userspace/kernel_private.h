/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files kernel*.c share. */
#ifndef SASSER_KERNEL_PRIVATE_H
#define SASSER_KERNEL_PRIVATE_H

#include <stdbool.h>

#include "kernel.h"
#include "reply.h"

struct kernel {
	struct nl_sock *sock;
	int family;

	/* The request under way. */
	reply_fn take;
	struct reply reply;
	bool done;
	int error;		/* errno */
	char message[256];	/* the extended ack's */
};

#endif /* SASSER_KERNEL_PRIVATE_H */
