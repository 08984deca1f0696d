/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One packet from or to any address, and whether it passed. */
#ifndef _SASSER_TEST_REMOTES_H
#define _SASSER_TEST_REMOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "packet.h"

struct probe {
	const char *remote;
	bool out;
	uint16_t port;		/* its destination */
	uint8_t flags;		/* of TCP; 0: a datagram */
};

void probe_setup(void);
int probe_send(const struct probe *probe, unsigned int *len);

#endif /* _SASSER_TEST_REMOTES_H */
