/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inputs of the target "replies". */
#ifndef FUZZ_REPLIES_H
#define FUZZ_REPLIES_H

#include <stdint.h>

#define REPLY_FAMILY	32
#define REPLY_NOW	1767323045	/* 2026-01-02T03:04:05Z */
#define REPLY_ROOM	64		/* more than any headers take */

enum reply_to {
	REPLY_TO_SNAPSHOT,
	REPLY_TO_RESET,
	REPLY_TO_ASSIGN,
	REPLY_TO_CLEAR,
	REPLY_TO_EVENTS,
	REPLY_TO_CONFIRM,
	REPLY_TO_GENERATION,
	REPLY_TO_MAX,
};

enum reply_kind {
	REPLY_OURS,
	REPLY_DONE,
	REPLY_ERROR,
	REPLY_CTRL,
	REPLY_RAW,	/* the payload is all there is */
	REPLY_LOST,	/* no message: the socket's buffer was full */
};

enum reply_flag {
	REPLY_NL_FLAGS = 0x0f,	/* as they are in struct nlmsghdr */
	REPLY_DUMP_INTR = 0x10,
	REPLY_CAPPED = 0x20,
	REPLY_ACK_TLVS = 0x40,
	REPLY_STRANGER = 0x80,	/* not from the kernel */
};

struct reply_head {
	uint8_t kind;
	uint8_t flags;
	uint16_t len;
};

#endif /* FUZZ_REPLIES_H */
