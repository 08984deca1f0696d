/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of requests in want of memory share. For one program each. */
#ifndef _SASSER_TEST_FAULTY_H
#define _SASSER_TEST_FAULTY_H

#include <sys/time.h>

#include <kselftest_harness.h>

#include "fault.h"
#include "genl.h"
#include "netns.h"
#include "packet.h"
#include "wire.h"

#define SYN_LEN		(20 + TCP_LEN)
/* As many as fit in a request that the core of netlink keeps in one piece. */
#define WIDE_RANGES	150

static struct wire wire;
static struct range wide_ranges[WIDE_RANGES];

/* SASSER's, and one that needs large tables and 300 rows. */
static struct filter filters_wide[3] = {
	{ "wide", SASSER_DIRECTION_BOTH, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_BLOCK, WIDE_RANGES, wide_ranges },
};

static const struct policy policy_wide = {
	"WIDE", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 3, filters_wide,
};

/* And one with remote prefixes, of both families and nested. */
#define PREFIXED_RANGES	40
#define PREFIXED_REMOTES	80

static struct remote prefixed_remotes[PREFIXED_REMOTES];
static struct filter filters_prefixed[3] = {
	{ "prefixed", SASSER_DIRECTION_BOTH, SASSER_PROTOCOL_TCP,
	  SASSER_ACTION_PERMIT, PREFIXED_RANGES, wide_ranges,
	  PREFIXED_REMOTES, prefixed_remotes },
};

static const struct policy policy_prefixed = {
	"PREFIXED", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 3,
	filters_prefixed, .match = SASSER_MATCH_PACKET,
};

/* What a namespace says of itself. */
struct view {
	struct status status;
	struct filters filters;
	struct counters counters;
};

static struct view before, after;

static void view_take(struct __test_metadata *_metadata, struct genl *genl,
		      struct view *view)
{
	ASSERT_EQ(0, status_get(genl, &view->status));
	ASSERT_EQ(0, filters_get(genl, &view->filters));
	ASSERT_EQ(0, counters_get(genl, &view->counters));
}

/* To the host's port 445, over IPv4. Return: was it answered? */
static bool is_answered(void)
{
	struct flow flow = wire_flow(&wire, AF_INET, 445);
	struct packet packet;

	tcp_packet(&packet, &flow, TCP_SYN, 0);
	return wire_probe(&wire, &flow, &packet, 1, false);
}

static bool has_smb(const struct policy *policy)
{
	unsigned int i;

	for (i = 0; i < policy->n_filters; i++)
		if (!strcmp(policy->filter[i].name, "smb"))
			return true;
	return false;
}

/*
 * Does the policy that is in force do, and count, what it should? @policy: NULL
 * if nothing is assigned
 */
static void check_block(struct __test_metadata *_metadata, struct genl *genl,
			const struct policy *policy)
{
	static struct counters moved;
	bool has_row = policy && has_smb(policy);

	EXPECT_EQ(!has_row || policy->mode == SASSER_MODE_OBSERVE,
		  is_answered());
	ASSERT_EQ(0, counters_get(genl, &moved));
	EXPECT_TRUE(counters_moved(&after.counters, &moved, has_row ?
				   row_find(&moved, "smb", SASSER_DIRECTION_IN,
					    445) : NULL, 1, SYN_LEN, 1));
}

/*
 * A request that fails for want of its @nth allocation, or does not. Answers
 * are there as soon as it is sent, and the time limit is for those that could
 * not be made.
 *
 * Return: 0 or a negative errno; -ENOBUFS too if the answer is lost
 */
static int faulty_talk(struct genl *g, const struct nlmsghdr *nlh, mnl_cb_t cb,
		       void *data, unsigned int nth, bool *injected)
{
	const struct timeval patience = { .tv_sec = 1 };
	bool dump = nlh->nlmsg_flags & NLM_F_DUMP, done = false;
	int err = 0, lost = 0;

	setsockopt(mnl_socket_get_fd(g->nl), SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	fault_arm(nth);
	if (mnl_socket_sendto(g->nl, nlh, nlh->nlmsg_len) < 0) {
		err = -errno;
		done = true;
	}
	while (!done) {
		err = genl_recv(g, cb, data, &done);
		/* A dump lacked memory for a piece, and goes on with it. */
		if (err == -ENOBUFS && dump) {
			lost = err;
			done = false;
		} else if (err) {
			break;
		}
	}
	*injected = fault_disarm();
	return err == -EAGAIN && lost ? lost : err;
}

struct sockets {
	struct genl sound;	/* asks without a fault */
	struct genl faulty;
	char request[REQUEST_MAX];
};

static void sockets_open(struct __test_metadata *_metadata, struct sockets *s)
{
	fault_setup();
	genl_open(&s->sound);
	genl_open(&s->faulty);
	ASSERT_EQ(0, policy_clear(&s->sound, false));
	EXPECT_TRUE(is_answered());
}

static void sockets_close(struct __test_metadata *_metadata, struct sockets *s)
{
	EXPECT_EQ(0, policy_clear(&s->sound, false));
	EXPECT_TRUE(is_answered());
	genl_close(&s->sound);
	genl_close(&s->faulty);
}

/* An answer that got lost leaves a socket that is out of step. */
static void reopen(struct genl *genl, size_t room)
{
	genl_close(genl);
	genl_open_room(genl, room);
}

static void prepare(struct __test_metadata *_metadata, struct genl *genl,
		    const struct policy *policy)
{
	ASSERT_EQ(0, policy ? policy_set(genl, policy) :
			      policy_clear(genl, false));
}

static void faulty_setup(void)
{
	unsigned int i;

	for (i = 0; i < WIDE_RANGES; i++)
		wide_ranges[i] = (struct range){ 300 * i + 10, 300 * i + 13 };
	memcpy(&filters_wide[1], policy_sasser.filter,
	       2 * sizeof(*filters_wide));
	memcpy(&filters_prefixed[1], policy_sasser.filter,
	       2 * sizeof(*filters_prefixed));
	for (i = 0; i < PREFIXED_REMOTES; i++) {
		struct remote *r = &prefixed_remotes[i];

		r->family = i & 1 ? AF_INET6 : AF_INET;
		r->len = 8 + i / 8;
		r->addr[0] = 16 + i / 2;
	}
	fault_setup();
	wire_setup(&wire);
}

#endif /* _SASSER_TEST_FAULTY_H */
