/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guards are made of. Each returns 0, or -1 after having complained. */
#ifndef SASSER_GUARD_PARTS_H
#define SASSER_GUARD_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "guard.h"
#include "sasserctl.h"
#include "sockets.h"

/* A reason that stands there already is not added again. */
void guard_add(struct guard *guard, const char *fmt, ...) __printf(2, 3);

/* Does @policy block @port for some address of @family, 0: of any? */
bool guard_blocks(const struct policy *policy, uint8_t direction,
		  uint8_t protocol, uint16_t port, uint8_t family);

/* guard_samba.c: a domain controller; a file server */
int guard_samba(const struct policy *policy, struct guard *guard);

/* guard_session.c: the session typed in; @blocked are its candidates */
int guard_own_session(const struct policy *policy,
		      const struct sockets *blocked, struct guard *guard);

/* guard_joined.c: controllers out of reach */
int guard_controllers(const struct policy *policy, struct guard *guard);

#endif /* SASSER_GUARD_PARTS_H */
