/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which packets come to our hook and which get past it, counted by nftables on
 * either side of it.
 */
#ifndef _SASSER_TEST_FUZZ_WATCH_H
#define _SASSER_TEST_FUZZ_WATCH_H

#include <stdint.h>

#include <libmnl/libmnl.h>

/* The IPv4 protocol of the packet that is sent behind a batch (RFC 3692). */
#define WATCH_MARKER	253

struct watch {
	struct mnl_socket *nl;
	uint64_t before;
	uint64_t after;
	uint64_t marker;
};

void watch_open(struct watch *watch);
void watch_read(struct watch *watch);

#endif /* _SASSER_TEST_FUZZ_WATCH_H */
