// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers in want of memory: they are whole or not there, and reading changes
 * nothing. What a reset takes away it has said.
 */
#include <linux/genetlink.h>

#include "faulty.h"

FIXTURE(answer) {
	struct sockets s;
};

FIXTURE_VARIANT(answer) {
	const char *name;
	uint8_t cmd;
	uint16_t flags;
	size_t room;
};

FIXTURE_SETUP(answer)
{
	sockets_open(_metadata, &self->s);
	ASSERT_EQ(0, policy_set(&self->s.sound, &policy_wide));
	EXPECT_FALSE(is_answered());
}

FIXTURE_TEARDOWN(answer)
{
	sockets_close(_metadata, &self->s);
}

#define ANSWER(id, text, ...)						\
	FIXTURE_VARIANT_ADD(answer, id) { .name = text, __VA_ARGS__ }

ANSWER(status, "status", SASSER_CMD_STATUS_GET, NLM_F_ACK, GENL_ROOM);
ANSWER(filters, "dump of filters", SASSER_CMD_FILTER_GET, NLM_F_DUMP, 4096);
ANSWER(counters, "dump of 305 counters", SASSER_CMD_COUNTER_GET, NLM_F_DUMP,
       4096);
ANSWER(reset, "reset of 305 counters", SASSER_CMD_COUNTER_RESET, NLM_F_DUMP,
       4096);

/* What one answer says; only one of these. */
static struct view said;

static int said_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *genlh = mnl_nlmsg_get_payload(nlh);

	(void)data;
	switch (genlh->cmd) {
	case SASSER_CMD_STATUS_GET:
		return status_cb(nlh, &said.status);
	case SASSER_CMD_FILTER_GET:
		return filter_cb(nlh, &said.filters);
	default:
		return counter_cb(nlh, &said.counters);
	}
}

/* Each hit from before is in the totals that were said or still there. */
static void check_sum(struct __test_metadata *_metadata)
{
	const struct counters *then = &before.counters, *now = &after.counters;
	unsigned int i;

	EXPECT_EQ(then->n, now->n);
	if (said.counters.n)
		EXPECT_EQ(then->n, said.counters.n);
	for (i = 0; i < then->n; i++)
		EXPECT_EQ(then->row[i].packets, now->row[i].packets +
			  (said.counters.n ? said.counters.row[i].packets : 0));
}

/* The answer, if it is one, is what was there; a reset takes it away. */
static void check_answer(struct __test_metadata *_metadata, uint8_t cmd,
			 int err)
{
	EXPECT_TRUE(err == 0 || err == -ENOMEM || err == -ENOBUFS);
	EXPECT_EQ(0, memcmp(&before.status, &after.status,
			    sizeof(after.status)));
	EXPECT_TRUE(filters_are(&after.filters, &policy_wide));
	if (cmd == SASSER_CMD_COUNTER_RESET)
		check_sum(_metadata);
	else
		EXPECT_TRUE(counters_moved(&before.counters, &after.counters,
					   NULL, 0, 0, 0));
	if (err)
		return;
	switch (cmd) {
	case SASSER_CMD_STATUS_GET:
		EXPECT_EQ(0, memcmp(&said.status, &before.status,
				    sizeof(said.status)));
		break;
	case SASSER_CMD_FILTER_GET:
		EXPECT_TRUE(filters_are(&said.filters, &policy_wide));
		break;
	default:
		EXPECT_TRUE(counters_moved(&before.counters, &said.counters,
					   NULL, 0, 0, 0));
	}
}

TEST_F_TIMEOUT(answer, whole_or_none, 1800)
{
	struct sockets *s = &self->s;
	struct nlmsghdr *nlh;
	bool injected = true;
	unsigned int n;
	int err = 0;

	for (n = 1; injected; n++) {
		reopen(&s->faulty, variant->room);
		view_take(_metadata, &s->sound, &before);
		memset(&said, 0, sizeof(said));

		nlh = genl_request(&s->faulty, s->request, variant->cmd,
				   variant->flags);
		err = faulty_talk(&s->faulty, nlh, said_cb, NULL, n, &injected);

		view_take(_metadata, &s->sound, &after);
		check_answer(_metadata, variant->cmd, err);
		check_block(_metadata, &s->sound, &policy_wide);
		CHECK_OR_RETURN(n, err);
	}
	EXPECT_EQ(0, err);
	EXPECT_FALSE(s->faulty.interrupted);
	EXPECT_FAULTS(4, n - 2, variant->name);
}

static int ignore_cb(const struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	(void)data;
	return MNL_CB_OK;
}

FIXTURE(listener) {
	struct sockets s;
};

FIXTURE_SETUP(listener)
{
	sockets_open(_metadata, &self->s);
}

FIXTURE_TEARDOWN(listener)
{
	sockets_close(_metadata, &self->s);
}

/* Finding the family, and joining its group. */
TEST_F_TIMEOUT(listener, hears_or_is_told_that_it_does_not, 1800)
{
	struct genl *g = &self->s.faulty;
	struct nlmsghdr *nlh;
	bool injected = true;
	unsigned int n;
	int err = 0;

	for (n = 1; injected; n++) {
		reopen(g, GENL_ROOM);
		g->family = GENL_ID_CTRL;
		nlh = genl_request(g, self->s.request, CTRL_CMD_GETFAMILY,
				   NLM_F_ACK);
		mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, SASSER_GENL_NAME);
		err = faulty_talk(g, nlh, ignore_cb, NULL, n, &injected);
		EXPECT_TRUE(err == 0 || err == -ENOMEM || err == -ENOBUFS);
		CHECK_OR_RETURN(n, err);
	}
	EXPECT_EQ(0, err);
	EXPECT_FAULTS(4, n - 2, "find the family");

	for (n = 1, injected = true; injected; n++) {
		struct status event;

		reopen(g, GENL_ROOM);
		fault_arm(n);
		err = mnl_socket_setsockopt(g->nl, NETLINK_ADD_MEMBERSHIP,
					    &g->group, sizeof(g->group)) ?
		      -errno : 0;
		injected = fault_disarm();
		EXPECT_TRUE(err == 0 || err == -ENOMEM);
		prepare(_metadata, &self->s.sound, n & 1 ? &policy_sasser :
							   NULL);
		EXPECT_EQ(!err, genl_event(g, &event, 0));
		CHECK_OR_RETURN(n, err);
	}
	EXPECT_EQ(0, err);
	EXPECT_FAULTS(1, n - 2, "join the group");
}

int main(int argc, char **argv)
{
	faulty_setup();
	return test_harness_run(argc, argv);
}
