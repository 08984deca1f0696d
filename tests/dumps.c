// SPDX-License-Identifier: GPL-2.0-or-later
/* Policies at the limits, and dumps that take several pieces. */
#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"

/* What the kernel fills at once for a reader with so little room. */
#define LITTLE_ROOM	4096

static struct range many_ranges[SASSER_RANGES_MAX];
static struct filter many_filters[SASSER_FILTERS_MAX];

/* 256 filters of 4 ranges, names as long as they may be; 2,048 rows. */
static const struct policy policy_wide = {
	"WIDE", SASSER_MODE_ENFORCE, SASSER_ORIGIN_DOMAIN, SASSER_FILTERS_MAX,
	many_filters,
};

static const struct filter filter_long = {
	"long", SASSER_DIRECTION_BOTH, SASSER_PROTOCOL_UDP,
	SASSER_ACTION_BLOCK, SASSER_RANGES_MAX, many_ranges,
};

/* With as many remote prefixes besides, and permits among them. */
static struct remote many_remotes[SASSER_REMOTES_MAX];
static struct filter prefixed_filters[SASSER_FILTERS_MAX];

static const struct policy policy_prefixed = {
	"PREFIXED", SASSER_MODE_OBSERVE, SASSER_ORIGIN_LOCAL,
	SASSER_FILTERS_MAX, prefixed_filters, .match = SASSER_MATCH_PACKET,
};

static const struct filter filter_everything = {
	"everything", SASSER_DIRECTION_BOTH, SASSER_PROTOCOL_TCP,
	SASSER_ACTION_PERMIT, SASSER_RANGES_MAX, many_ranges,
	SASSER_REMOTES_MAX, many_remotes,
};

/* One filter with all ranges and all prefixes. */
static const struct policy policy_everything = {
	"EVERYTHING", SASSER_MODE_ENFORCE, SASSER_ORIGIN_DOMAIN, 1,
	&filter_everything, .scope = SASSER_SCOPE_HOST,
};

/* One filter with all the ranges. */
static const struct policy policy_long = {
	"LONG", SASSER_MODE_OBSERVE, SASSER_ORIGIN_LOCAL, 1, &filter_long,
};

static struct counters counters;
static struct filters filters;

/* Ranges of 1 to 7 ports with gaps, the highest first. */
static void policies_make(void)
{
	unsigned int i;

	for (i = 0; i < SASSER_RANGES_MAX; i++) {
		many_ranges[i].first = 65535 - 60 * i - i % 7;
		many_ranges[i].last = 65535 - 60 * i;
	}
	for (i = 0; i < SASSER_FILTERS_MAX; i++) {
		struct filter *f = &many_filters[i];

		snprintf(f->name, sizeof(f->name), "%03u-%059u", i, i);
		f->direction = SASSER_DIRECTION_BOTH;
		f->protocol = i & 1 ? SASSER_PROTOCOL_TCP : SASSER_PROTOCOL_UDP;
		f->action = i & 2 ? SASSER_ACTION_BLOCK : SASSER_ACTION_OBSERVE;
		f->n_ranges = SASSER_RANGES_MAX / SASSER_FILTERS_MAX;
		f->range = &many_ranges[i * f->n_ranges];
	}
	/* all lengths, and addresses of both families by turns */
	for (i = 0; i < SASSER_REMOTES_MAX; i++) {
		struct remote *r = &many_remotes[i];

		r->family = i & 1 ? AF_INET6 : AF_INET;
		r->len = i & 1 ? 16 + i / 2 % 113 : 16 + i / 2 % 17;
		r->addr[0] = 32 + i / 256;
		r->addr[1] = i;
	}
	memcpy(prefixed_filters, many_filters, sizeof(many_filters));
	for (i = 0; i < SASSER_FILTERS_MAX; i++) {
		struct filter *f = &prefixed_filters[i];

		f->action = 1 + i % 3;
		f->n_remotes = SASSER_REMOTES_MAX / SASSER_FILTERS_MAX;
		f->remote = &many_remotes[i * f->n_remotes];
	}
}

FIXTURE(dump) {
	struct genl genl;	/* with all the room */
	struct genl little;
};

FIXTURE_SETUP(dump)
{
	netns_enter(netns_new());
	genl_open(&self->genl);
	genl_open_room(&self->little, LITTLE_ROOM);
}

FIXTURE_TEARDOWN(dump)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
	genl_close(&self->little);
}

/* Every row of the policy, each once, and all at zero. */
static void check_rows(struct __test_metadata *_metadata,
		       const struct counters *rows, const struct policy *policy)
{
	unsigned int i, j, dir, n = 0;

	for (i = 0; i < policy->n_filters; i++) {
		const struct filter *f = &policy->filter[i];

		for (j = 0; j < f->n_ranges; j++) {
			for (dir = SASSER_DIRECTION_IN;
			     dir <= SASSER_DIRECTION_OUT; dir++) {
				const struct row *row;

				row = row_find(rows, f->name, dir,
					       f->range[j].first);
				n++;
				ASSERT_EQ(f->range[j].first, row->first);
				ASSERT_EQ(f->range[j].last, row->last);
				ASSERT_EQ(f->protocol, row->protocol);
				ASSERT_EQ(policy->mode == SASSER_MODE_OBSERVE &&
					  f->action == SASSER_ACTION_BLOCK ?
					  SASSER_ACTION_OBSERVE : f->action,
					  row->action);
				ASSERT_EQ(0, row->packets | row->bytes |
					     row->attempts);
				ASSERT_FALSE(row->has_hit);
			}
		}
	}
	EXPECT_EQ(n, rows->n);
}

static void check_policy(struct __test_metadata *_metadata, struct genl *genl,
			 const struct policy *policy)
{
	struct status status;

	ASSERT_EQ(0, policy_set(genl, policy));
	ASSERT_EQ(0, status_get(genl, &status));
	EXPECT_STREQ(policy->name, status.policy);
	EXPECT_EQ(policy->mode, status.mode);
	EXPECT_EQ(policy->origin, status.origin);
	EXPECT_EQ(policy->match ?: SASSER_MATCH_AUTO, status.match);
	EXPECT_EQ(policy->scope ?: SASSER_SCOPE_HOST, status.scope);
	EXPECT_EQ(1, status.assigned);

	ASSERT_EQ(0, filters_get(genl, &filters));
	EXPECT_FALSE(genl->interrupted);
	EXPECT_TRUE(filters_are(&filters, policy));
	EXPECT_EQ(status.generation, filters.generation);

	ASSERT_EQ(0, counters_get(genl, &counters));
	EXPECT_FALSE(genl->interrupted);
	EXPECT_EQ(status.generation, counters.generation);
	check_rows(_metadata, &counters, policy);

	ASSERT_EQ(0, counters_reset(genl, &counters));
	EXPECT_FALSE(genl->interrupted);
	EXPECT_EQ(status.generation, counters.generation);
	check_rows(_metadata, &counters, policy);
}

TEST_F(dump, of_256_filters_is_what_was_sent)
{
	check_policy(_metadata, &self->genl, &policy_wide);
}

TEST_F(dump, of_256_filters_in_little_room)
{
	check_policy(_metadata, &self->little, &policy_wide);
}

TEST_F(dump, of_1024_ranges_in_one_filter_is_what_was_sent)
{
	check_policy(_metadata, &self->genl, &policy_long);
}

TEST_F(dump, of_1024_prefixes_in_256_filters_is_what_was_sent)
{
	check_policy(_metadata, &self->genl, &policy_prefixed);
}

TEST_F(dump, of_1024_prefixes_in_256_filters_in_little_room)
{
	check_policy(_metadata, &self->little, &policy_prefixed);
}

TEST_F(dump, of_1024_ranges_and_prefixes_in_one_filter_in_little_room)
{
	check_policy(_metadata, &self->little, &policy_everything);
}

/*
 * Wherever a message ends: the room is what the kernel fills at most, and it
 * cuts between two ports, between two prefixes or between both.
 */
TEST_F_TIMEOUT(dump, of_1024_prefixes_in_any_room, 300)
{
	size_t room;

	ASSERT_EQ(0, policy_set(&self->genl, &policy_everything));
	for (room = 4096; room <= GENL_ROOM; room += room < 8192 ? 4 : 1020) {
		genl_close(&self->little);
		genl_open_room(&self->little, room);
		ASSERT_EQ(0, filters_get(&self->little, &filters));
		ASSERT_FALSE(self->little.interrupted);
		ASSERT_TRUE(filters_are(&filters, &policy_everything)) {
			TH_LOG("with %zu bytes of room", room);
		}
	}
}

static int count_cb(const struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	(*(unsigned int *)data)++;
	return MNL_CB_OK;
}

TEST_F(dump, of_1024_ranges_in_one_filter_goes_on_over_messages)
{
	unsigned int messages = 0;
	char buf[256];

	check_policy(_metadata, &self->little, &policy_long);
	ASSERT_EQ(0, genl_talk(&self->little,
			       genl_request(&self->little, buf,
					    SASSER_CMD_FILTER_GET, NLM_F_DUMP),
			       count_cb, &messages));
	/* 20 bytes a range */
	EXPECT_LE(1024 * 20 / LITTLE_ROOM, messages);

	/* and, on the average, 26 a prefix */
	ASSERT_EQ(0, policy_set(&self->genl, &policy_everything));
	messages = 0;
	ASSERT_EQ(0, genl_talk(&self->little,
			       genl_request(&self->little, buf,
					    SASSER_CMD_FILTER_GET, NLM_F_DUMP),
			       count_cb, &messages));
	EXPECT_LE(1024 * (20 + 26) / LITTLE_ROOM, messages);
}

TEST_F(dump, shows_the_last_policy_when_nothing_is_assigned)
{
	struct status status;

	ASSERT_EQ(0, policy_set(&self->genl, &policy_long));
	ASSERT_EQ(0, policy_clear(&self->genl, false));
	ASSERT_EQ(0, status_get(&self->genl, &status));
	EXPECT_EQ(0, status.assigned);
	EXPECT_STREQ("LONG", status.policy);
	EXPECT_EQ(2, status.generation);
	ASSERT_EQ(0, filters_get(&self->genl, &filters));
	EXPECT_TRUE(filters_are(&filters, &policy_long));
	EXPECT_EQ(2, filters.generation);
	ASSERT_EQ(0, counters_get(&self->genl, &counters));
	EXPECT_EQ(2, counters.generation);
	check_rows(_metadata, &counters, &policy_long);
}

/* What happens between the first piece of a dump and the second. */
enum disturbance {
	NONE,
	ASSIGNED_AGAIN,
	UNASSIGNED,
	RESET,
};

FIXTURE(disturbed) {
	struct genl genl;
	struct genl little;
};

FIXTURE_VARIANT(disturbed) {
	uint8_t cmd;
	enum disturbance by;
};

#define DISTURBED(name, ...)						\
	FIXTURE_VARIANT_ADD(disturbed, name) { __VA_ARGS__ }

DISTURBED(filters_by_nothing, SASSER_CMD_FILTER_GET, NONE);
DISTURBED(filters_by_assignment, SASSER_CMD_FILTER_GET, ASSIGNED_AGAIN);
DISTURBED(filters_by_unassignment, SASSER_CMD_FILTER_GET, UNASSIGNED);
DISTURBED(counters_by_nothing, SASSER_CMD_COUNTER_GET, NONE);
DISTURBED(counters_by_assignment, SASSER_CMD_COUNTER_GET, ASSIGNED_AGAIN);
DISTURBED(counters_by_unassignment, SASSER_CMD_COUNTER_GET, UNASSIGNED);
DISTURBED(counters_by_reset, SASSER_CMD_COUNTER_GET, RESET);

FIXTURE_SETUP(disturbed)
{
	netns_enter(netns_new());
	genl_open(&self->genl);
	genl_open_room(&self->little, LITTLE_ROOM);
	ASSERT_EQ(0, policy_set(&self->genl, &policy_wide));
}

FIXTURE_TEARDOWN(disturbed)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
	genl_close(&self->little);
}

TEST_F(disturbed, dump_says_that_it_was_interrupted)
{
	struct genl *little = &self->little;
	unsigned int messages = 0;
	char buf[256];
	bool done;
	int err;

	genl_send(little, genl_request(little, buf, variant->cmd, NLM_F_DUMP));
	ASSERT_EQ(0, genl_recv(little, count_cb, &messages, &done));
	ASSERT_FALSE(done);
	ASSERT_FALSE(little->interrupted);
	ASSERT_LT(0, messages);

	switch (variant->by) {
	case ASSIGNED_AGAIN:
		ASSERT_EQ(0, policy_set(&self->genl, &policy_wide));
		break;
	case UNASSIGNED:
		ASSERT_EQ(0, policy_clear(&self->genl, false));
		break;
	case RESET:
		ASSERT_EQ(0, counters_reset(&self->genl, &counters));
		break;
	default:
		break;
	}
	do {
		err = genl_recv(little, count_cb, &messages, &done);
	} while (!err && !done);
	EXPECT_EQ(0, err);
	EXPECT_EQ(variant->by != NONE, little->interrupted);

	/* Begun again it is whole. */
	ASSERT_EQ(0, filters_get(little, &filters));
	EXPECT_FALSE(little->interrupted);
	EXPECT_TRUE(filters_are(&filters, &policy_wide));
}

/* The totals are final: nobody else has them any more. */
TEST_F(dump, of_a_reset_goes_on_over_a_change_of_the_policy)
{
	struct genl *little = &self->little;
	char buf[256];
	bool done;
	int err;

	ASSERT_EQ(0, policy_set(&self->genl, &policy_wide));
	memset(&counters, 0, sizeof(counters));
	genl_send(little, genl_request(little, buf, SASSER_CMD_COUNTER_RESET,
				       NLM_F_DUMP));
	ASSERT_EQ(0, genl_recv(little, counter_cb, &counters, &done));
	ASSERT_FALSE(done);
	ASSERT_EQ(0, policy_set(&self->genl, &policy_long));
	do {
		err = genl_recv(little, counter_cb, &counters, &done);
	} while (!err && !done);
	EXPECT_EQ(0, err);
	EXPECT_FALSE(little->interrupted);
	EXPECT_EQ(1, counters.generation);
	check_rows(_metadata, &counters, &policy_wide);
}

TEST_F(dump, of_a_reset_may_be_abandoned)
{
	struct genl *little = &self->little;
	unsigned int messages = 0;
	char buf[256];
	bool done;

	ASSERT_EQ(0, policy_set(&self->genl, &policy_wide));
	genl_send(little, genl_request(little, buf, SASSER_CMD_COUNTER_RESET,
				       NLM_F_DUMP));
	ASSERT_EQ(0, genl_recv(little, count_cb, &messages, &done));
	ASSERT_FALSE(done);
	genl_close(little);
	ASSERT_EQ(0, counters_reset(&self->genl, &counters));
	check_rows(_metadata, &counters, &policy_wide);
}

int main(int argc, char **argv)
{
	module_load();
	policies_make();
	return test_harness_run(argc, argv);
}
