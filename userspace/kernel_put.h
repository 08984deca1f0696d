/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of kernel.c, for nobody else: it knows libnl. */
#ifndef SASSER_KERNEL_PUT_H
#define SASSER_KERNEL_PUT_H

#include <netlink/msg.h>
#include <stdint.h>

#include "model.h"

/* @confirm: seconds of a trial, 0: none. Returns -1 if it does not fit. */
int kernel_put_policy(struct nl_msg *msg, const struct policy *policy,
		      uint32_t confirm);

#endif /* SASSER_KERNEL_PUT_H */
