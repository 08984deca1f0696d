// SPDX-License-Identifier: GPL-2.0-or-later
/* Which row a packet counts in, and how long a row lives. */
#include <time.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"

#define UDP_LEN		(20 + 8 + 10)	/* of send_udp() over IPv4 */

static struct counters counters;

static const struct range ports_low[] = { { 7000, 7010 } };
static const struct range ports_high[] = { { 7005, 7020 } };

static const struct filter block_then_block[] = {
	{ "first", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_BLOCK, 1, ports_low },
	{ "second", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_BLOCK, 1, ports_high },
};

static const struct filter observe_then_block[] = {
	{ "first", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_OBSERVE, 1, ports_low },
	{ "second", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_BLOCK, 1, ports_high },
};

static const struct filter observe_then_observe[] = {
	{ "first", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_OBSERVE, 1, ports_low },
	{ "second", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_OBSERVE, 1, ports_high },
};

/* For another protocol and another direction. */
static const struct filter unrelated_then_block[] = {
	{ "first", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP,
	  SASSER_ACTION_BLOCK, 1, ports_low },
	{ "other", SASSER_DIRECTION_IN, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_BLOCK, 1, ports_low },
	{ "second", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_BLOCK, 1, ports_high },
};

FIXTURE(overlap) {
	struct genl genl;
};

FIXTURE_VARIANT(overlap) {
	struct policy policy;
	/* What happens to a datagram to a port of the first only, of both, and
	 * of the second only; and who counts it.
	 */
	int err[3];
	const char *filter[3];
};

FIXTURE_VARIANT_ADD(overlap, block_then_block) {
	.policy = { "P", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 2,
		    block_then_block },
	.err = { -EPERM, -EPERM, -EPERM },
	.filter = { "first", "first", "second" },
};

FIXTURE_VARIANT_ADD(overlap, observe_then_block) {
	.policy = { "P", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 2,
		    observe_then_block },
	.err = { 0, -EPERM, -EPERM },
	.filter = { "first", "second", "second" },
};

FIXTURE_VARIANT_ADD(overlap, observe_then_observe) {
	.policy = { "P", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 2,
		    observe_then_observe },
	.filter = { "first", "first", "second" },
};

/* The filter that would have blocked. */
FIXTURE_VARIANT_ADD(overlap, observe_then_block_in_observe_mode) {
	.policy = { "P", SASSER_MODE_OBSERVE, SASSER_ORIGIN_LOCAL, 2,
		    observe_then_block },
	.filter = { "first", "second", "second" },
};

FIXTURE_VARIANT_ADD(overlap, unrelated_then_block) {
	.policy = { "P", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 3,
		    unrelated_then_block },
	.err = { 0, -EPERM, -EPERM },
	.filter = { NULL, "second", "second" },
};

FIXTURE_SETUP(overlap)
{
	genl_open(&self->genl);
}

FIXTURE_TEARDOWN(overlap)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

TEST_F(overlap, counts_in_the_row_that_decides)
{
	static const uint16_t ports[] = { 7004, 7005, 7011 };
	static struct counters before;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ports); i++)
		EXPECT_EQ(0, send_udp(AF_INET, ports[i]));
	ASSERT_EQ(0, policy_set(&self->genl, &variant->policy));
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		const struct row *row = NULL;

		ASSERT_EQ(0, counters_get(&self->genl, &before));
		EXPECT_EQ(variant->err[i], send_udp(AF_INET, ports[i]));
		ASSERT_EQ(0, counters_get(&self->genl, &counters));
		if (variant->filter[i])
			row = row_find(&counters, variant->filter[i],
				       SASSER_DIRECTION_OUT, ports[i]);
		EXPECT_TRUE(counters_moved(&before, &counters, row, 1, UDP_LEN,
					   0));
	}
	ASSERT_EQ(0, policy_clear(&self->genl, false));
	for (i = 0; i < ARRAY_SIZE(ports); i++)
		EXPECT_EQ(0, send_udp(AF_INET, ports[i]));
}

FIXTURE(life) {
	struct genl genl;
	uint64_t first_hit;
};

static const struct range port_kept[] = { { 7777, 7777 } };
static const struct range ports_kept_wider[] = { { 7777, 7778 } };

static struct filter filter_kept = {
	"kept", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	SASSER_ACTION_BLOCK, 1, port_kept,
};

static const struct policy policy_kept = {
	"KEPT", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 1, &filter_kept,
};

/* The row has so many packets, and began when it did. */
static void expect_row(struct __test_metadata *_metadata, struct genl *genl,
		       uint64_t packets, uint64_t first_hit)
{
	const struct row *row;

	ASSERT_EQ(0, counters_get(genl, &counters));
	row = row_find(&counters, "kept", SASSER_DIRECTION_OUT, 7777);
	EXPECT_EQ(packets, row->packets);
	EXPECT_EQ(packets * UDP_LEN, row->bytes);
	EXPECT_EQ(0, row->attempts);
	EXPECT_EQ(packets > 0, row->has_hit);
	if (packets && first_hit)
		EXPECT_EQ(first_hit, row->first_hit);
	EXPECT_LE(row->first_hit, row->last_hit);
}

FIXTURE_SETUP(life)
{
	uint64_t now = time(NULL);

	genl_open(&self->genl);
	/* No row of the test before lives on. */
	ASSERT_EQ(0, policy_set(&self->genl, &policy_sasser));
	ASSERT_EQ(0, policy_set(&self->genl, &policy_kept));
	expect_row(_metadata, &self->genl, 0, 0);
	EXPECT_EQ(-EPERM, send_udp(AF_INET, 7777));
	ASSERT_EQ(0, counters_get(&self->genl, &counters));
	self->first_hit = counters.row[0].first_hit;
	EXPECT_LE(now, self->first_hit);
	EXPECT_LE(self->first_hit, (uint64_t)time(NULL));
	expect_row(_metadata, &self->genl, 1, self->first_hit);
}

FIXTURE_TEARDOWN(life)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

/* The row of @policy, which is to be assigned now, has so many packets. */
static void check_next(struct __test_metadata *_metadata, struct genl *genl,
		       const struct policy *policy, uint64_t packets,
		       uint64_t first_hit)
{
	ASSERT_EQ(0, policy_set(genl, policy));
	expect_row(_metadata, genl, packets, first_hit);
	EXPECT_EQ(policy->mode == SASSER_MODE_ENFORCE &&
		  policy->filter[policy->n_filters - 1].action ==
		  SASSER_ACTION_BLOCK ? -EPERM : 0, send_udp(AF_INET, 7777));
	expect_row(_metadata, genl, packets + 1, first_hit);
}

TEST_F(life, goes_on_when_the_same_policy_is_assigned)
{
	check_next(_metadata, &self->genl, &policy_kept, 1, self->first_hit);
	check_next(_metadata, &self->genl, &policy_kept, 2, self->first_hit);
}

TEST_F(life, goes_on_over_an_unassignment)
{
	ASSERT_EQ(0, policy_clear(&self->genl, false));
	expect_row(_metadata, &self->genl, 1, self->first_hit);
	EXPECT_EQ(0, send_udp(AF_INET, 7777));
	expect_row(_metadata, &self->genl, 1, self->first_hit);
	check_next(_metadata, &self->genl, &policy_kept, 1, self->first_hit);
}

TEST_F(life, goes_on_in_another_policy_that_has_the_row)
{
	struct filter filter[] = { block_then_block[0], filter_kept };
	struct policy policy = {
		"ANOTHER", SASSER_MODE_ENFORCE, SASSER_ORIGIN_DOMAIN, 2, filter,
	};

	check_next(_metadata, &self->genl, &policy, 1, self->first_hit);
	check_next(_metadata, &self->genl, &policy_kept, 2, self->first_hit);
}

TEST_F(life, goes_on_where_the_filter_gets_another_direction_too)
{
	struct filter filter = filter_kept;
	struct policy policy = policy_kept;

	policy.filter = &filter;
	filter.direction = SASSER_DIRECTION_BOTH;
	check_next(_metadata, &self->genl, &policy, 1, self->first_hit);
}

TEST_F(life, ends_when_the_mode_changes)
{
	struct policy policy = policy_kept;

	policy.mode = SASSER_MODE_OBSERVE;
	check_next(_metadata, &self->genl, &policy, 0, 0);
	check_next(_metadata, &self->genl, &policy_kept, 0, 0);
}

TEST_F(life, ends_when_the_action_changes)
{
	struct filter filter = filter_kept;
	struct policy policy = policy_kept;

	policy.filter = &filter;
	filter.action = SASSER_ACTION_OBSERVE;
	check_next(_metadata, &self->genl, &policy, 0, 0);
}

TEST_F(life, ends_when_the_ports_change)
{
	struct filter filter = filter_kept;
	struct policy policy = policy_kept;

	policy.filter = &filter;
	filter.range = ports_kept_wider;
	check_next(_metadata, &self->genl, &policy, 0, 0);
}

TEST_F(life, ends_with_the_policy)
{
	ASSERT_EQ(0, policy_set(&self->genl, &policy_sasser));
	EXPECT_EQ(0, send_udp(AF_INET, 7777));
	check_next(_metadata, &self->genl, &policy_kept, 0, 0);
}

TEST_F(life, begins_anew_with_a_reset)
{
	static struct counters final;

	ASSERT_EQ(0, counters_reset(&self->genl, &final));
	EXPECT_EQ(1, final.row[0].packets);
	EXPECT_EQ(UDP_LEN, final.row[0].bytes);
	EXPECT_EQ(self->first_hit, final.row[0].first_hit);
	expect_row(_metadata, &self->genl, 0, 0);
	EXPECT_EQ(-EPERM, send_udp(AF_INET, 7777));
	expect_row(_metadata, &self->genl, 1, 0);
}

int main(int argc, char **argv)
{
	module_load();
	dummy_create();
	return test_harness_run(argc, argv);
}
