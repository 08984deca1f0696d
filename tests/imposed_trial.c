// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Trials of the initial namespace, and what they impose on the others. Begins
 * in the initial namespace, where no packet is sent.
 */
#include <errno.h>

#include <kselftest_harness.h>

#include "netns.h"
#include "site.h"
#include "trials.h"

#define UDP_LEN		(20 + 8 + 10)

static struct counters counters;

enum what {
	NOTHING,
	HOST,
	EVERYWHERE,
};

FIXTURE(trials) {
	struct genl initial;
	struct site site;
};

/* Before the trial, on trial, and perhaps on another one after that. */
FIXTURE_VARIANT(trials) {
	enum what before;
	enum what tried;
	enum what third;
};

#define TRIALS(name, ...)						\
	FIXTURE_VARIANT_ADD(trials, name) { __VA_ARGS__ }

TRIALS(everywhere_after_nothing, NOTHING, EVERYWHERE);
TRIALS(everywhere_after_host, HOST, EVERYWHERE);
TRIALS(everywhere_after_everywhere, EVERYWHERE, EVERYWHERE);
TRIALS(host_after_everywhere, EVERYWHERE, HOST);
TRIALS(host_after_host, HOST, HOST);
TRIALS(host_and_everywhere_after_everywhere, EVERYWHERE, HOST, EVERYWHERE);
TRIALS(everywhere_and_host_after_everywhere, EVERYWHERE, EVERYWHERE, HOST);
TRIALS(everywhere_and_host_after_nothing, NOTHING, EVERYWHERE, HOST);
TRIALS(host_and_everywhere_after_nothing, NOTHING, HOST, EVERYWHERE);
TRIALS(host_and_host_after_everywhere, EVERYWHERE, HOST, HOST);

FIXTURE_SETUP(trials)
{
	genl_open(&self->initial);
	site_open(&self->site);
}

FIXTURE_TEARDOWN(trials)
{
	EXPECT_EQ(0, policy_clear(&self->initial, true));
	genl_close(&self->initial);
	site_close(&self->site);
}

static int assign(struct genl *genl, const struct policy *policy,
		  enum what what, uint32_t confirm)
{
	if (what == EVERYWHERE)
		return impose(genl, policy, confirm);
	return what == HOST ? try_policy(genl, policy, confirm) : 0;
}

static const char *shown(enum what what, const char *name)
{
	return what == EVERYWHERE ? name : "nothing";
}

static bool is_on_trial(struct genl *genl)
{
	struct status status;

	if (status_get(genl, &status))
		die("no status");
	return status.has & HAS(SASSER_A_CONFIRM);
}

static void hit(struct __test_metadata *_metadata, const struct site *site,
		uint16_t port, unsigned int times)
{
	site_enter(site);
	while (times--)
		EXPECT_EQ(-EPERM, send_udp(AF_INET, port));
	site_leave();
}

static void expect_hits(struct __test_metadata *_metadata,
			struct site *site, const char *filter, uint16_t port,
			uint64_t packets)
{
	const struct row *row;

	ASSERT_EQ(0, counters_get(&site->imposed, &counters));
	row = row_find(&counters, filter, SASSER_DIRECTION_OUT, port);
	EXPECT_EQ(packets, row->packets);
	EXPECT_EQ(packets * UDP_LEN, row->bytes);
}

static void wait_for_the_end(struct __test_metadata *_metadata,
			     struct genl *genl)
{
	double began = seconds();

	while (is_on_trial(genl) && seconds() - began < T(30))
		usleep(100000);
	EXPECT_FALSE(is_on_trial(genl));
}

TEST_F(trials, revert_everywhere)
{
	bool was = variant->before == EVERYWHERE;
	struct status before, after;
	struct site *site = &self->site;
	struct site during;

	ASSERT_EQ(0, assign(&self->initial, &policy_before, variant->before,
			    0));
	EXPECT_TRUE(site_is(site, shown(variant->before, "BEFORE")));
	ASSERT_EQ(0, status_get(&self->initial, &before));
	if (was) {
		/* And what site_is() sent */
		hit(_metadata, site, 7779, 3);
		expect_hits(_metadata, site, "before", 7779, 4);
	}

	ASSERT_EQ(0, assign(&self->initial, &policy_tried, variant->tried, T(4)));
	EXPECT_TRUE(is_on_trial(&self->initial));
	EXPECT_TRUE(site_is(site, shown(variant->tried, "TRIED")));
	if (variant->tried == EVERYWHERE)
		expect_hits(_metadata, site, "shared", 7777, 1 + was);
	ASSERT_EQ(0, assign(&self->initial, &policy_third, variant->third, T(4)));
	if (variant->third)
		EXPECT_TRUE(site_is(site, shown(variant->third, "THIRD")));
	site_open(&during);
	EXPECT_TRUE(site_is(&during, variant->third ?
			    shown(variant->third, "THIRD") :
			    shown(variant->tried, "TRIED")));
	EXPECT_TRUE(is_on_trial(&self->initial));

	wait_for_the_end(_metadata, &self->initial);
	EXPECT_TRUE(site_is(site, shown(variant->before, "BEFORE")));
	EXPECT_TRUE(site_is(&during, shown(variant->before, "BEFORE")));
	ASSERT_EQ(0, status_get(&self->initial, &after));
	EXPECT_EQ(before.assigned, after.assigned);
	EXPECT_EQ(before.generation + 2 + !!variant->third, after.generation);
	if (before.assigned) {
		EXPECT_STREQ(before.policy, after.policy);
		EXPECT_EQ(before.scope, after.scope);
	}
	if (was) {
		expect_hits(_metadata, site, "before", 7779, 5);
		expect_hits(_metadata, &during, "before", 7779, 1);
	}
	site_close(&during);

	/* Those that come later get what is in force again. */
	site_open(&during);
	EXPECT_TRUE(site_is(&during, shown(variant->before, "BEFORE")));
	site_close(&during);
	ASSERT_EQ(0, policy_clear(&self->initial, false));
	EXPECT_TRUE(site_is(site, "nothing"));
}

TEST_F(trials, confirmed)
{
	enum what last = variant->third ?: variant->tried;
	const char *name = shown(last, variant->third ? "THIRD" : "TRIED");
	struct status status;
	struct site later;

	ASSERT_EQ(0, assign(&self->initial, &policy_before, variant->before,
			    0));
	ASSERT_EQ(0, assign(&self->initial, &policy_tried, variant->tried, T(2)));
	ASSERT_EQ(0, assign(&self->initial, &policy_third, variant->third, T(2)));
	ASSERT_EQ(0, status_get(&self->initial, &status));
	ASSERT_EQ(0, policy_confirm(&self->initial, status.generation));
	EXPECT_FALSE(is_on_trial(&self->initial));
	EXPECT_TRUE(site_is(&self->site, name));
	usleep(T(2500000));
	EXPECT_TRUE(site_is(&self->site, name));
	site_open(&later);
	EXPECT_TRUE(site_is(&later, name));
	ASSERT_EQ(0, policy_clear(&self->initial, false));
	EXPECT_TRUE(site_is(&self->site, "nothing"));
	EXPECT_TRUE(site_is(&later, "nothing"));
	site_close(&later);
}

TEST_F(trials, ended_by_an_assignment)
{
	struct site later;

	ASSERT_EQ(0, assign(&self->initial, &policy_before, variant->before,
			    0));
	ASSERT_EQ(0, assign(&self->initial, &policy_tried, variant->tried, T(1)));
	ASSERT_EQ(0, impose(&self->initial, &policy_third, 0));
	EXPECT_TRUE(site_is(&self->site, "THIRD"));
	usleep(T(1500000));
	EXPECT_TRUE(site_is(&self->site, "THIRD"));
	site_open(&later);
	EXPECT_TRUE(site_is(&later, "THIRD"));

	ASSERT_EQ(0, assign(&self->initial, &policy_tried, variant->tried, T(1)));
	ASSERT_EQ(0, policy_clear(&self->initial, false));
	usleep(T(1500000));
	EXPECT_TRUE(site_is(&self->site, "nothing"));
	EXPECT_TRUE(site_is(&later, "nothing"));
	site_close(&later);
}

/* A namespace's own trial is its own affair. */
TEST(events_of_a_trial_everywhere_and_own_trials_beside_it)
{
	uint32_t has = HAS_EVENT | HAS(SASSER_A_IMPOSED);
	struct genl initial;
	struct site site;
	double began;

	genl_open(&initial);
	site_open(&site);
	ASSERT_EQ(0, impose(&initial, &policy_before, 0));
	ASSERT_EQ(0, impose(&initial, &policy_tried, T(1)));
	wait_for_the_end(_metadata, &initial);
	EXPECT_TRUE(event_is(&site.listener, SASSER_EVENT_ASSIGNED, "BEFORE",
			     has));
	EXPECT_TRUE(event_is(&site.listener, SASSER_EVENT_ASSIGNED, "TRIED",
			     has));
	EXPECT_TRUE(event_is(&site.listener, SASSER_EVENT_REVERTED, "BEFORE",
			     has));
	EXPECT_TRUE(is_silent(&site.listener, 0));

	/* The rest of the union is BEFORE's, as long as THIRD is there. */
	began = seconds();
	ASSERT_EQ(0, try_policy(&site.own, &policy_third, T(1)));
	site_enter(&site);
	EXPECT_EQ(-EPERM, send_udp(AF_INET, 7770));
	EXPECT_EQ(-EPERM, send_udp(AF_INET, 7779));
	EXPECT_LE(T(1), wait_for("BEFORE", began));
	site_leave();
	ASSERT_EQ(0, policy_clear(&initial, true));
	genl_close(&initial);
	site_close(&site);
}

int main(int argc, char **argv)
{
	module_load();
	return test_harness_run(argc, argv);
}
