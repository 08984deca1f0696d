// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests worth changing, and their changes. */
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "fuzz_message.h"
#include "netns.h"

#define HEADERS	(NLMSG_HDRLEN + GENL_HDRLEN)

/* A place where an attribute may begin. */
static size_t any_place(struct chance *r, size_t len)
{
	if (len <= HEADERS)
		return HEADERS;
	return HEADERS + chance_below(r, (len - HEADERS) / 4 + 1) * 4;
}

static void set_len(struct message *m)
{
	uint32_t len = m->len;

	memcpy(m->data, &len, sizeof(len));
}

static void cut_out(struct chance *r, struct message *m)
{
	size_t at = any_place(r, m->len), n = 4 * (1 + chance_below(r, 8));

	if (at + n >= m->len)
		return;
	memmove(m->data + at, m->data + at + n, m->len - at - n);
	m->len -= n;
	set_len(m);
}

/* A piece of @data, of @len bytes, somewhere into the message. */
static void put_into(struct chance *r, struct message *m, const uint8_t *data,
		     size_t len)
{
	size_t at = any_place(r, m->len), from = any_place(r, len);
	size_t n = 4 * (1 + chance_below(r, 32));

	if (from >= len || at > m->len)
		return;
	if (n > len - from)
		n = len - from;
	if (m->len + n > MESSAGE_MAX)
		return;
	memmove(m->data + at + n, m->data + at, m->len - at);
	memcpy(m->data + at, data + from, n);
	m->len += n;
	set_len(m);
}

/* One of the corpus, with a few changes. */
void message_change(struct chance *r, struct message *m,
		    const struct corpus *corpus)
{
	static const uint8_t values[] = { 0, 1, 2, 3, 4, 5, 6, 17, 64, 0xff };
	unsigned int n = 1 + chance_below(r, 4), i;
	uint8_t piece[512];

	i = chance_below(r, corpus->n);
	m->len = corpus->entry[i].len;
	memcpy(m->data, corpus->entry[i].data, m->len);
	while (n--) {
		/* the family stays, or another one might be asked */
		size_t at = NLMSG_HDRLEN;

		if (m->len <= HEADERS)
			return;
		at += chance_below(r, m->len - NLMSG_HDRLEN);
		switch (chance_below(r, 7)) {
		case 0:
			m->data[at] ^= 1 << chance_below(r, 8);
			break;
		case 1:
			m->data[at] = PICK(r, values);
			break;
		case 2:
			m->data[6 + chance_below(r, 2)] ^=
				1 << chance_below(r, 8);
			break;
		case 3:
			cut_out(r, m);
			break;
		case 4:
			i = m->len < sizeof(piece) ? m->len : sizeof(piece);
			memcpy(piece, m->data, i);
			put_into(r, m, piece, i);
			break;
		case 5:
			i = chance_below(r, corpus->n);
			put_into(r, m, corpus->entry[i].data,
				 corpus->entry[i].len);
			break;
		case 6:
			m->len = at + 1 > HEADERS ? at + 1 : HEADERS;
			set_len(m);
			break;
		}
	}
}

/* So that its answer is known. */
void message_number(struct message *m, uint32_t seq)
{
	if (m->len >= NLMSG_HDRLEN)
		memcpy(m->data + 8, &seq, sizeof(seq));
}

void corpus_add(struct corpus *corpus, const struct message *m)
{
	uint8_t *data;

	if (corpus->n == CORPUS_MAX || m->len < HEADERS)
		return;
	data = malloc(m->len);
	if (!data)
		die("out of memory");
	memcpy(data, m->data, m->len);
	corpus->entry[corpus->n].len = m->len;
	corpus->entry[corpus->n++].data = data;
}

void corpus_free(struct corpus *corpus)
{
	while (corpus->n)
		free(corpus->entry[--corpus->n].data);
}
