// SPDX-License-Identifier: GPL-2.0-or-later
/* A policy on trial: when it goes, what comes back, and what is counted. */
#include <errno.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"
#include "trial_fixture.h"
#include "trials.h"

#define UDP_LEN		(20 + 8 + 10)

static struct counters counters, final;

TEST_F(trial, goes_back_to_the_policy_before)
{
	unsigned int logged = reverts_logged();
	struct genl *genl = &self->genl;
	struct status status;
	uint64_t generation, since;
	double began, after;

	EXPECT_TRUE(force_is(genl, "nothing", false));
	ASSERT_EQ(0, policy_set(genl, &policy_before));
	EXPECT_TRUE(force_is(genl, "BEFORE", false));
	ASSERT_EQ(0, status_get(genl, &status));
	generation = status.generation;
	since = status.since;
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED,
		     "BEFORE", HAS_EVENT));

	began = seconds();
	ASSERT_EQ(0, try_policy(genl, &policy_tried, 5));
	EXPECT_TRUE(force_is(genl, "TRIED", true));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED,
		     "TRIED", HAS_EVENT | HAS(SASSER_A_CONFIRM)));

	after = wait_for("BEFORE", began);
	EXPECT_LE(5, after);
	EXPECT_GE(6, after);
	EXPECT_TRUE(force_is(genl, "BEFORE", false));
	ASSERT_TRUE(genl_event(&self->listener, &status, 20));
	EXPECT_EQ(SASSER_EVENT_REVERTED, status.event);
	EXPECT_EQ(HAS_EVENT, status.has);
	EXPECT_STREQ("BEFORE", status.policy);
	EXPECT_EQ(SASSER_ORIGIN_DOMAIN, status.origin);
	EXPECT_EQ(1, status.assigned);
	EXPECT_EQ(generation + 2, status.generation);
	EXPECT_EQ(since, status.since);
	/* The log is the host's alone; trial.sh looks there. */
	EXPECT_EQ(logged, reverts_logged());
	EXPECT_TRUE(is_silent(&self->listener, 1));
}

TEST_F(trial, goes_back_to_nothing_and_the_module_may_go)
{
	unsigned int logged = reverts_logged();
	double began, after;

	began = seconds();
	ASSERT_EQ(0, try_policy(&self->genl, &policy_tried, 5));
	EXPECT_TRUE(force_is(&self->genl, "TRIED", true));
	EXPECT_FALSE(unloads());
	after = wait_for("nothing", began);
	EXPECT_LE(5, after);
	EXPECT_GE(6, after);
	EXPECT_TRUE(force_is(&self->genl, "nothing", false));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED,
		     "TRIED", HAS_EVENT | HAS(SASSER_A_CONFIRM)));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_REVERTED,
		     "TRIED", HAS_EVENT));
	/* The log is the host's alone; trial.sh looks there. */
	EXPECT_EQ(logged, reverts_logged());

	genl_close(&self->genl);
	genl_close(&self->listener);
	EXPECT_TRUE(unloads());
	EXPECT_STREQ("nothing", in_force());
	module_load();
	EXPECT_STREQ("nothing", in_force());
}

TEST_F(trial, stays_when_it_is_confirmed)
{
	struct genl *genl = &self->genl;
	struct status status;

	EXPECT_EQ(-ENOENT, policy_confirm(genl, 0));
	ASSERT_EQ(0, policy_set(genl, &policy_before));
	ASSERT_EQ(0, status_get(genl, &status));
	EXPECT_EQ(-ENOENT, policy_confirm(genl, status.generation));
	EXPECT_STREQ("no policy is on trial", genl->message);

	ASSERT_EQ(0, try_policy(genl, &policy_tried, 2));
	EXPECT_EQ(-ESTALE, policy_confirm(genl, status.generation));
	EXPECT_STREQ("SASSER_A_GENERATION is not that of the policy on trial",
		     genl->message);
	EXPECT_EQ(-ESTALE, policy_confirm(genl, status.generation + 2));
	EXPECT_TRUE(force_is(genl, "TRIED", true));
	EXPECT_EQ(0, policy_confirm(genl, status.generation + 1));
	EXPECT_TRUE(force_is(genl, "TRIED", false));
	EXPECT_EQ(-ENOENT, policy_confirm(genl, status.generation + 1));

	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED,
		     "BEFORE", HAS_EVENT));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED,
		     "TRIED", HAS_EVENT | HAS(SASSER_A_CONFIRM)));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_CONFIRMED,
		     "TRIED", HAS_EVENT));
	EXPECT_TRUE(is_silent(&self->listener, 3));
	EXPECT_TRUE(force_is(genl, "TRIED", false));
}

TEST_F(trial, is_too_late_to_confirm_when_it_is_over)
{
	struct status status;

	ASSERT_EQ(0, try_policy(&self->genl, &policy_tried, 1));
	ASSERT_EQ(0, status_get(&self->genl, &status));
	wait_for("nothing", seconds());
	EXPECT_EQ(-ENOENT, policy_confirm(&self->genl, status.generation));
	EXPECT_TRUE(force_is(&self->genl, "nothing", false));
}

TEST_F(trial, status_counts_down)
{
	uint32_t last = 4;
	struct status status;
	double began, left;

	began = seconds();
	ASSERT_EQ(0, try_policy(&self->genl, &policy_tried, 4));
	do {
		ASSERT_EQ(0, status_get(&self->genl, &status));
		left = 4 - (seconds() - began);
		if (!(status.has & HAS(SASSER_A_CONFIRM)))
			break;
		/* Rounded up, and asked a moment ago. */
		EXPECT_GE(last, status.confirm);
		EXPECT_LE(1, status.confirm);
		EXPECT_GT(left + 1.6, status.confirm);
		EXPECT_LT(left - 0.1, status.confirm);
		last = status.confirm;
		usleep(200000);
	} while (left > -1);
	EXPECT_EQ(1, last);
	EXPECT_TRUE(force_is(&self->genl, "nothing", false));
}

FIXTURE(counting) {
	struct genl genl;
};

FIXTURE_VARIANT(counting) {
	bool confirm;
	bool reset;
};

FIXTURE_VARIANT_ADD(counting, revert) {
};

FIXTURE_VARIANT_ADD(counting, revert_after_a_reset) {
	.reset = true,
};

FIXTURE_VARIANT_ADD(counting, confirm) {
	.confirm = true,
};

FIXTURE_VARIANT_ADD(counting, confirm_after_a_reset) {
	.confirm = true, .reset = true,
};

FIXTURE_SETUP(counting)
{
	genl_open(&self->genl);
	ASSERT_EQ(0, policy_set(&self->genl, &policy_sasser));
}

FIXTURE_TEARDOWN(counting)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

static void hit(struct __test_metadata *_metadata, uint16_t port,
		unsigned int times)
{
	while (times--)
		EXPECT_EQ(-EPERM, send_udp(AF_INET, port));
}

static void expect_hits(struct __test_metadata *_metadata,
			const struct counters *of, const char *filter,
			uint16_t port, uint64_t packets)
{
	const struct row *row = row_find(of, filter, SASSER_DIRECTION_OUT,
					 port);

	EXPECT_EQ(packets, row->packets) {
		TH_LOG("filter %s", filter);
	}
	EXPECT_EQ(packets * UDP_LEN, row->bytes);
	EXPECT_EQ(0, row->attempts);
	EXPECT_EQ(packets > 0, row->has_hit);
}

TEST_F(counting, keeps_every_hit)
{
	unsigned int reset = variant->reset;
	struct genl *genl = &self->genl;
	struct status status;

	ASSERT_EQ(0, policy_set(genl, &policy_before));
	hit(_metadata, 7777, 3);
	hit(_metadata, 7779, 4);

	ASSERT_EQ(0, try_policy(genl, &policy_tried, 2));
	ASSERT_EQ(0, status_get(genl, &status));
	ASSERT_EQ(0, counters_get(genl, &counters));
	ASSERT_EQ(2, counters.n);
	expect_hits(_metadata, &counters, "shared", 7777, 3);
	expect_hits(_metadata, &counters, "tried", 7778, 0);
	hit(_metadata, 7777, 2);
	hit(_metadata, 7778, 1);
	if (reset) {
		ASSERT_EQ(0, counters_reset(genl, &final));
		EXPECT_EQ(2, final.n);
		EXPECT_EQ(status.generation, final.generation);
		expect_hits(_metadata, &final, "shared", 7777, 5);
		expect_hits(_metadata, &final, "tried", 7778, 1);
	}
	hit(_metadata, 7777, 6);
	hit(_metadata, 7778, 7);

	if (variant->confirm) {
		ASSERT_EQ(0, policy_confirm(genl, status.generation));
		ASSERT_EQ(0, counters_get(genl, &counters));
		ASSERT_EQ(2, counters.n);
		expect_hits(_metadata, &counters, "tried", 7778,
			    7 + (reset ? 0 : 1));
	} else {
		double began = seconds();

		/* Without a packet that would count. */
		do {
			usleep(50000);
			ASSERT_EQ(0, status_get(genl, &status));
		} while (!strcmp(status.policy, "TRIED") &&
			 seconds() - began < 30);
		ASSERT_EQ(0, counters_get(genl, &counters));
		ASSERT_EQ(2, counters.n);
		/* A reset is one of the policy on trial. */
		expect_hits(_metadata, &counters, "before", 7779, 4);
	}
	expect_hits(_metadata, &counters, "shared", 7777, 6 + (reset ? 0 : 5));
	hit(_metadata, 7777, 1);
	ASSERT_EQ(0, counters_get(genl, &counters));
	expect_hits(_metadata, &counters, "shared", 7777, 7 + (reset ? 0 : 5));
}

int main(int argc, char **argv)
{
	trial_world();
	return test_harness_run(argc, argv);
}
