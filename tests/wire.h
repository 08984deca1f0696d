/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A peer that writes connection requests by hand, in every shape, and watches
 * the wire for the SYN-ACK. A plain request to port 80 follows each; on one CPU
 * and over a veth its answer comes last, so silence needs no time-out.
 */
#ifndef _SASSER_TEST_WIRE_H
#define _SASSER_TEST_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genl.h"
#include "netns.h"
#include "packet.h"

#define CONTROL_PORT	80
#define PORTS		4
#define PACKETS_MAX	8

/* Three that SASSER blocks, and one that it does not. */
extern const uint16_t wire_ports[PORTS];

struct shape {
	int family;
	uint8_t flags;		/* besides SYN */
	size_t data_len;
	size_t options_len;	/* IPv4 */
	/*
	 * IPv6 extension headers: Hop-by-hop, Destination options, Routing,
	 * Fragment. What stands behind the last is what fragments cut.
	 */
	const char *headers;
	size_t first;		/* bytes in the first fragment; 0: all */
	size_t rest;		/* and in the others; 0: all the rest */
	bool backwards;		/* the last fragment first */
	/* The second fragment begins at byte 8 anew, with these TCP flags. */
	uint8_t rewritten;
	bool shows_ack;		/* the first one shows ACK without SYN */

	bool refused;		/* by the kernel itself, policy or not */
	bool hides_ports;	/* the first fragment has none */
};

/* Made once for all tests of a program, for it takes a guest seconds. */
struct wire {
	struct pair pair;
	int fd;			/* packet socket of the peer */
	uint16_t *sport;	/* next source port, for all tests */
};

void wire_setup(struct wire *wire);
struct flow wire_flow(struct wire *wire, int family, uint16_t port);
bool wire_probe(struct wire *wire, const struct flow *flow,
		const struct packet *packet, unsigned int n, bool backwards);

unsigned int cut(struct packet *packet, const struct shape *shape,
		 const struct flow *flow, const uint8_t *payload, size_t len,
		 uint8_t nexthdr);
uint8_t chain(uint8_t *out, size_t *len, const char *headers,
	      const uint8_t *payload, size_t payload_len, uint8_t protocol);
unsigned int shape_build(struct packet *packet, const struct shape *shape,
			 const struct flow *flow);

#endif /* _SASSER_TEST_WIRE_H */
