/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a policy does with a packet, by the rules of <linux/sasser.h>. A policy
 * in observe mode is judged as if it were enforced.
 */
#ifndef SASSER_POLICY_JUDGE_H
#define SASSER_POLICY_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"

/* Which rows: @direction is never both, @port that of the destination. */
struct judge_flow {
	uint8_t direction;	/* enum sasser_direction */
	uint8_t protocol;	/* enum sasser_protocol */
	uint16_t port;
};

/*
 * The action (enum sasser_action) for the remote @address of @family, in
 * network byte order; 0 if no filter matches. A TCP packet is meant to open a
 * connection.
 */
uint8_t policy_judge(const struct policy *policy, const struct judge_flow *flow,
		     uint8_t family, const uint8_t *address);

/* Does this block a packet from or to at least one address of @family? */
bool policy_blocks_some(const struct policy *policy,
			const struct judge_flow *flow, uint8_t family);

/*
 * Do all packets to @port match, or of TCP those alone that open a connection?
 */
bool policy_matches_all(const struct policy *policy,
			const struct judge_flow *flow);

#endif /* SASSER_POLICY_JUDGE_H */
