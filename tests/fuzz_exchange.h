/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams of requests and their answers; and dumps that go on beside them. */
#ifndef _SASSER_TEST_FUZZ_EXCHANGE_H
#define _SASSER_TEST_FUZZ_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fuzz.h"
#include "fuzz_message.h"
#include "fuzz_model.h"
#include "genl.h"

#define ANSWERS_MAX	256
/* A socket sends no more at once unless it is told to. */
#define DATAGRAM_MAX	(200 * 1024)
#define SIDES		3

/* Of one message, as the kernel finds it in the datagram. */
struct answer {
	size_t at;
	bool wanted;		/* it asks for an acknowledgment */
	bool ended;		/* there was an error, acknowledgment or end */
	int err;
	char why[80];		/* the message, empty if there is none */
};

struct exchange {
	size_t len;
	uint8_t data[DATAGRAM_MAX];
	uint32_t seq;		/* of the first message */
	unsigned int n;
	struct answer answer[ANSWERS_MAX];
};

void exchange_put(struct exchange *x, const uint8_t *data, size_t len);
void exchange_number(struct exchange *x, uint16_t family, unsigned int *seq);
void exchange_end_at_trial(struct exchange *x, const struct asker *asker,
			   struct whole_policy *set);
void exchange_send(const struct exchange *x, struct genl *genl,
		   struct chance *r);
bool exchange_receive(struct exchange *x, struct genl *genl);
bool answer_is_right(const struct answer *answer, const struct fated *fated,
		     bool dumped);

struct side {
	struct genl genl[SIDES];
};

void side_dump(struct side *side, struct chance *r);
void side_close(struct side *side);

#endif /* _SASSER_TEST_FUZZ_EXCHANGE_H */
