// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes in want of memory: of each kind of request its first allocation
 * fails, then its second, and so on until a request meets no failure any more.
 * Each time either nothing has changed or all of it, no hit is lost, and what
 * is assigned goes on blocking. Leaks are the kernel's own to find.
 */
#include <limits.h>
#include <pthread.h>

#include "faulty.h"

static const struct range ports_out[] = { { 9996, 9996 } };
static const struct filter filter_out = {
	"out", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP, SASSER_ACTION_BLOCK,
	1, ports_out,
};

/* Has the hooks that another one lacks, and the other way round. */
static const struct policy policy_out = {
	"OUT", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 1, &filter_out,
};

static const struct policy policy_in = {
	"IN", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 1, &filters_wide[1],
};

static const struct policy policy_trial = {
	"TRIAL", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 3, filters_prefixed,
	.confirm = 10000,
};

/* Either all of the change has happened, with @to in force now, or none. */
static const struct policy *check_change(struct __test_metadata *_metadata,
					 struct genl *genl,
					 const struct policy *from,
					 const struct policy *to, int err)
{
	const struct policy last = {
		.n_filters = before.filters.n, .filter = before.filters.filter,
	};

	view_take(_metadata, genl, &after);
	if (after.status.generation == before.status.generation) {
		EXPECT_TRUE(err == -ENOMEM || err == -ENOBUFS);
		EXPECT_EQ(0, memcmp(&before.status, &after.status,
				    sizeof(after.status)));
		EXPECT_TRUE(filters_are(&after.filters, &last));
		EXPECT_TRUE(counters_moved(&before.counters, &after.counters,
					   NULL, 0, 0, 0));
		return from;
	}
	EXPECT_EQ(before.status.generation + 1, after.status.generation);
	EXPECT_TRUE(err == 0 || err == -ENOBUFS);
	EXPECT_EQ(!!to, after.status.assigned);
	if (to) {
		EXPECT_STREQ(to->name, after.status.policy);
		EXPECT_EQ(to->mode, after.status.mode);
		EXPECT_TRUE(filters_are(&after.filters, to));
	} else {
		EXPECT_TRUE(counters_moved(&before.counters, &after.counters,
					   NULL, 0, 0, 0));
	}
	return to;
}

FIXTURE(change) {
	struct sockets s;
};

FIXTURE_VARIANT(change) {
	const char *name;
	const struct policy *from;	/* NULL: nothing assigned */
	const struct policy *to;
	bool listener;
};

FIXTURE_SETUP(change)
{
	sockets_open(_metadata, &self->s);
}

FIXTURE_TEARDOWN(change)
{
	sockets_close(_metadata, &self->s);
}

#define CHANGE(id, text, ...)						\
	FIXTURE_VARIANT_ADD(change, id) { .name = text, __VA_ARGS__ }

CHANGE(assign, "assign", .to = &policy_sasser);
CHANGE(assign_wide, "assign 300 rows", .to = &policy_wide);
CHANGE(assign_and_tell, "assign with a listener", .to = &policy_sasser,
       .listener = true);
CHANGE(assign_prefixed, "assign prefixes", .to = &policy_prefixed);
CHANGE(begin_trial, "begin a trial", .from = &policy_sasser,
       .to = &policy_trial);
CHANGE(begin_trial_and_tell, "begin a trial with a listener",
       .from = &policy_sasser, .to = &policy_trial, .listener = true);
CHANGE(begin_trial_of_nothing, "begin a trial where nothing is assigned",
       .to = &policy_trial);
CHANGE(reassign, "assign again", .from = &policy_sasser, .to = &policy_sasser);
CHANGE(reassign_more, "assign more", .from = &policy_sasser,
       .to = &policy_wide);
CHANGE(reassign_less, "assign less", .from = &policy_wide,
       .to = &policy_sasser);
CHANGE(reassign_mode, "assign in observe mode", .from = &policy_sasser,
       .to = &policy_sasser_observe);
CHANGE(reassign_direction, "assign the other direction", .from = &policy_in,
       .to = &policy_out);
CHANGE(unassign, "unassign", .from = &policy_sasser);
CHANGE(unassign_and_tell, "unassign with a listener", .from = &policy_sasser,
       .listener = true);

/* Notified of a change, or told that something was missed; of none neither. */
static void check_listener(struct __test_metadata *_metadata,
			   struct genl *listener, bool changed)
{
	static char buf[GENL_ROOM];
	const struct nlmsghdr *nlh = (void *)buf;
	ssize_t len = recv(mnl_socket_get_fd(listener->nl), buf, sizeof(buf),
			   MSG_DONTWAIT);

	if (len < 0) {
		EXPECT_EQ(changed ? ENOBUFS : EAGAIN, errno);
		return;
	}
	EXPECT_TRUE(changed);
	ASSERT_LE((ssize_t)sizeof(*nlh), len);
	EXPECT_EQ((size_t)len, nlh->nlmsg_len);
	EXPECT_EQ(listener->family, nlh->nlmsg_type);
}

TEST_F_TIMEOUT(change, all_of_it_or_none, 1800)
{
	const struct policy *to = variant->to, *now;
	struct sockets *s = &self->s;
	struct nlmsghdr *nlh;
	struct genl listener;
	bool injected = true;
	unsigned int n;
	int err = 0;

	for (n = 1; injected; n++) {
		prepare(_metadata, &s->sound, variant->from);
		reopen(&s->faulty, GENL_ROOM);
		genl_open(&listener);
		if (variant->listener)
			genl_join(&listener);
		view_take(_metadata, &s->sound, &before);

		nlh = genl_request(&s->faulty, s->request, to ?
				   SASSER_CMD_POLICY_SET :
				   SASSER_CMD_POLICY_CLEAR, NLM_F_ACK);
		if (to)
			policy_put(nlh, to);
		err = faulty_talk(&s->faulty, nlh, NULL, NULL, n, &injected);

		now = check_change(_metadata, &s->sound, variant->from, to,
				   err);
		if (variant->listener)
			check_listener(_metadata, &listener,
				       before.status.generation !=
				       after.status.generation);
		check_block(_metadata, &s->sound, now);
		genl_close(&listener);
		CHECK_OR_RETURN(n, err);
	}
	EXPECT_EQ(0, err);
	EXPECT_FAULTS(to ? 10 : 2, n - 2, variant->name);
}

FIXTURE(trial) {
	struct sockets s;
};

FIXTURE_VARIANT(trial) {
	uint8_t cmd;
	const char *name;
};

FIXTURE_VARIANT_ADD(trial, confirmed) {
	SASSER_CMD_POLICY_CONFIRM, "confirm",
};

FIXTURE_VARIANT_ADD(trial, unassigned) {
	SASSER_CMD_POLICY_CLEAR, "unassign on trial",
};

FIXTURE_SETUP(trial)
{
	sockets_open(_metadata, &self->s);
}

FIXTURE_TEARDOWN(trial)
{
	sockets_close(_metadata, &self->s);
}

/* The end of a trial lacks memory for its answer at most, and is whole. */
TEST_F_TIMEOUT(trial, ends_or_does_not, 1800)
{
	bool confirms = variant->cmd == SASSER_CMD_POLICY_CONFIRM;
	const uint32_t on_trial = 1U << SASSER_A_CONFIRM;
	struct sockets *s = &self->s;
	struct nlmsghdr *nlh;
	bool injected = true;
	unsigned int n;
	int err = 0;

	for (n = 1; injected; n++) {
		prepare(_metadata, &s->sound, &policy_sasser);
		prepare(_metadata, &s->sound, &policy_trial);
		reopen(&s->faulty, GENL_ROOM);
		view_take(_metadata, &s->sound, &before);
		ASSERT_NE(0, before.status.has & on_trial);

		nlh = genl_request(&s->faulty, s->request, variant->cmd,
				   NLM_F_ACK);
		if (confirms)
			mnl_attr_put_u64(nlh, SASSER_A_GENERATION,
					 before.status.generation);
		err = faulty_talk(&s->faulty, nlh, NULL, NULL, n, &injected);

		view_take(_metadata, &s->sound, &after);
		if (after.status.has & on_trial) {
			EXPECT_TRUE(err == -ENOMEM || err == -ENOBUFS);
			EXPECT_EQ(before.status.generation,
				  after.status.generation);
		} else {
			EXPECT_TRUE(err == 0 || err == -ENOBUFS);
			EXPECT_EQ(before.status.generation + !confirms,
				  after.status.generation);
			EXPECT_EQ(confirms, after.status.assigned);
		}
		EXPECT_TRUE(filters_are(&after.filters, &policy_trial));
		check_block(_metadata, &s->sound,
			    after.status.assigned ? &policy_trial : NULL);
		CHECK_OR_RETURN(n, err);
	}
	EXPECT_EQ(0, err);
	EXPECT_FAULTS(2, n - 2, variant->name);
}

/*
 * A limit that rises by a step at a time until the largest policy fits in. So
 * it fails at places where no single allocation does: tables for which other
 * pages would do, and the counters of one row after the other, of which the
 * policy in force lends half.
 */
#define LIMIT_STEP	8192

static struct range many_ranges[SASSER_RANGES_MAX];
static struct filter many_filters[SASSER_FILTERS_MAX];

static const struct policy policy_half = {
	"HALF", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL,
	SASSER_FILTERS_MAX / 2, many_filters,
};

static const struct policy policy_largest = {
	"LARGEST", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL,
	SASSER_FILTERS_MAX, many_filters,
};

/* SASSER's three ranges stand first. */
static void policies_make(void)
{
	unsigned int i, n = 0;

	memcpy(many_filters, policy_sasser.filter, 2 * sizeof(*many_filters));
	for (i = 2; i < SASSER_FILTERS_MAX; i++) {
		struct filter *f = &many_filters[i];

		snprintf(f->name, sizeof(f->name), "%03u-%059u", i, i);
		f->direction = SASSER_DIRECTION_BOTH;
		f->protocol = i & 1 ? SASSER_PROTOCOL_TCP : SASSER_PROTOCOL_UDP;
		f->action = SASSER_ACTION_BLOCK;
		f->range = &many_ranges[n];
		for (; f->n_ranges < 4; f->n_ranges++, n++)
			many_ranges[n] = (struct range){ 10000 + 50 * n,
							 10002 + 50 * n };
	}
}

struct limited_request {
	struct genl *genl;
	const struct nlmsghdr *nlh;
	int err;
};

/* A thread of its own: pages of user space are not what is to be limited. */
static void *limited_talk(void *data)
{
	struct limited_request *r = data;
	bool injected;

	limit_enter();
	/* No allocation has such a number. */
	r->err = faulty_talk(r->genl, r->nlh, NULL, NULL, UINT_MAX, &injected);
	limit_leave();
	return NULL;
}

FIXTURE(limited) {
	struct sockets s;
};

FIXTURE_SETUP(limited)
{
	sockets_open(_metadata, &self->s);
	limit_setup();
	ASSERT_EQ(0, policy_set(&self->s.sound, &policy_half));
	EXPECT_FALSE(is_answered());
}

FIXTURE_TEARDOWN(limited)
{
	/* What was charged goes with the policy. */
	EXPECT_EQ(0, policy_set(&self->s.sound, &policy_out));
	sockets_close(_metadata, &self->s);
	limit_remove();
}

TEST_F_TIMEOUT(limited, all_of_it_or_none, 1800)
{
	struct sockets *s = &self->s;
	const struct policy *now;
	struct limited_request r;
	struct nlmsghdr *nlh;
	unsigned int n = 0;
	pthread_t thread;

	do {
		limit_set(++n * LIMIT_STEP);
		reopen(&s->faulty, GENL_ROOM);
		view_take(_metadata, &s->sound, &before);
		nlh = genl_request(&s->faulty, s->request,
				   SASSER_CMD_POLICY_SET, NLM_F_ACK);
		policy_put(nlh, &policy_largest);
		r = (struct limited_request){ &s->faulty, nlh, 0 };
		ASSERT_EQ(0, pthread_create(&thread, NULL, limited_talk,
					    &r));
		pthread_join(thread, NULL);
		now = check_change(_metadata, &s->sound, &policy_half,
				   &policy_largest, r.err);
		check_block(_metadata, &s->sound, now);
		CHECK_OR_RETURN(n, r.err);
	} while (r.err);
	/* Under no limit the first one would have been enough. */
	EXPECT_LT(10, n);
	fprintf(stderr, "# faults: assign within a limit %u (of %u KiB)\n",
		n - 1, n * LIMIT_STEP / 1024);
}

int main(int argc, char **argv)
{
	policies_make();
	faulty_setup();
	return test_harness_run(argc, argv);
}
