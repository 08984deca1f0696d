// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may change a policy, of which namespaces, and who hears of it. Begins in
 * the initial namespace, where no packet is sent.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <time.h>

#include <kselftest_harness.h>

#include "child.h"
#include "genl.h"
#include "netns.h"

#define NOBODY		65534

#define HAS(attr)	(1U << (attr))
#define HAS_STATUS	(HAS(SASSER_A_VERSION) | HAS(SASSER_A_GENERATION) | \
			 HAS(SASSER_A_ASSIGNED) | HAS(SASSER_A_UNCLASSIFIED))
#define HAS_POLICY	(HAS_STATUS | HAS(SASSER_A_POLICY) |		\
			 HAS(SASSER_A_MODE) | HAS(SASSER_A_ORIGIN) |	\
			 HAS(SASSER_A_MATCH) | HAS(SASSER_A_SCOPE) |	\
			 HAS(SASSER_A_SINCE))

static struct counters counters;
static struct filters filters;

FIXTURE(scope) {
	struct genl initial;
	int netns[2];
	struct genl genl[2];
	struct genl listener[2];
};

FIXTURE_SETUP(scope)
{
	int initial = netns_here(), i;

	genl_open(&self->initial);
	for (i = 0; i < 2; i++) {
		self->netns[i] = netns_new();
		netns_enter(self->netns[i]);
		genl_open(&self->genl[i]);
		genl_open(&self->listener[i]);
		genl_join(&self->listener[i]);
	}
	netns_enter(initial);
	close(initial);
}

FIXTURE_TEARDOWN(scope)
{
	int i;

	EXPECT_EQ(0, policy_clear(&self->initial, false));
	genl_close(&self->initial);
	for (i = 0; i < 2; i++) {
		if (self->genl[i].nl)
			EXPECT_EQ(0, policy_clear(&self->genl[i], false));
		genl_close(&self->genl[i]);
		genl_close(&self->listener[i]);
	}
}

static uint32_t namespaces(struct __test_metadata *_metadata, struct genl *genl)
{
	struct status status;

	EXPECT_EQ(0, status_get(genl, &status));
	EXPECT_NE(0, status.has & HAS(SASSER_A_NAMESPACES));
	return status.namespaces;
}

static bool is_assigned(struct __test_metadata *_metadata, struct genl *genl)
{
	struct status status;

	EXPECT_EQ(0, status_get(genl, &status));
	return status.assigned;
}

/* Where a policy is imposed, each change of it is told, with its flag. */
TEST_F(scope, listeners_hear_of_what_is_imposed)
{
	struct policy policy = policy_sasser;
	struct status event, status;

	policy.scope = SASSER_SCOPE_EVERYWHERE;
	policy.confirm = 1000;
	ASSERT_EQ(0, policy_set(&self->initial, &policy));
	ASSERT_TRUE(genl_event(&self->listener[0], &event, 20));
	EXPECT_EQ(HAS_POLICY | HAS(SASSER_A_EVENT) | HAS(SASSER_A_IMPOSED),
		  event.has);
	EXPECT_EQ(SASSER_EVENT_ASSIGNED, event.event);
	EXPECT_EQ(SASSER_SCOPE_EVERYWHERE, event.scope);

	ASSERT_EQ(0, status_get(&self->initial, &status));
	ASSERT_EQ(0, policy_confirm(&self->initial, status.generation));
	ASSERT_TRUE(genl_event(&self->listener[0], &event, 20));
	EXPECT_EQ(HAS_POLICY | HAS(SASSER_A_EVENT) | HAS(SASSER_A_IMPOSED),
		  event.has);
	EXPECT_EQ(SASSER_EVENT_CONFIRMED, event.event);
	EXPECT_EQ(1, event.assigned);

	ASSERT_EQ(0, policy_clear(&self->initial, false));
	ASSERT_TRUE(genl_event(&self->listener[0], &event, 20));
	EXPECT_EQ(SASSER_EVENT_UNASSIGNED, event.event);
	EXPECT_EQ(0, event.assigned);
	EXPECT_FALSE(genl_event(&self->listener[0], &event, 0));
}

TEST_F(scope, listeners_hear_of_their_namespace)
{
	struct genl *genl = self->genl;
	uint64_t began = time(NULL);
	struct status event, status;

	ASSERT_EQ(0, policy_set(&genl[0], &policy_sasser));
	ASSERT_TRUE(genl_event(&self->listener[0], &event, 20));
	EXPECT_EQ(HAS_POLICY | HAS(SASSER_A_EVENT), event.has);
	EXPECT_EQ(SASSER_EVENT_ASSIGNED, event.event);
	EXPECT_EQ(1, event.assigned);
	EXPECT_EQ(1, event.generation);
	EXPECT_EQ(0, event.unclassified);
	EXPECT_STREQ("SASSER", event.policy);
	EXPECT_EQ(SASSER_MODE_ENFORCE, event.mode);
	EXPECT_EQ(SASSER_ORIGIN_LOCAL, event.origin);
	EXPECT_EQ(SASSER_MATCH_AUTO, event.match);
	EXPECT_EQ(SASSER_SCOPE_HOST, event.scope);
	EXPECT_LE(began, event.since);
	EXPECT_LE(event.since, (uint64_t)time(NULL));

	/* What a status says, but for what only one of them has. */
	ASSERT_EQ(0, status_get(&genl[0], &status));
	EXPECT_EQ(HAS_POLICY, status.has);
	event.has = status.has;
	event.event = 0;
	EXPECT_EQ(0, memcmp(&status, &event, sizeof(event)));

	ASSERT_EQ(0, policy_set(&genl[0], &policy_sasser_observe));
	ASSERT_TRUE(genl_event(&self->listener[0], &event, 20));
	EXPECT_EQ(SASSER_EVENT_ASSIGNED, event.event);
	EXPECT_EQ(2, event.generation);
	EXPECT_EQ(SASSER_MODE_OBSERVE, event.mode);

	/* The second one changes nothing, so nobody hears of it. */
	ASSERT_EQ(0, policy_clear(&genl[0], false));
	ASSERT_EQ(0, policy_clear(&genl[0], false));
	ASSERT_TRUE(genl_event(&self->listener[0], &event, 20));
	EXPECT_EQ(HAS_POLICY | HAS(SASSER_A_EVENT), event.has);
	EXPECT_EQ(SASSER_EVENT_UNASSIGNED, event.event);
	EXPECT_EQ(0, event.assigned);
	EXPECT_EQ(3, event.generation);
	EXPECT_STREQ("SASSER", event.policy);
	ASSERT_EQ(0, counters_reset(&genl[0], &counters));
	EXPECT_FALSE(genl_event(&self->listener[0], &event, 0));

	/* All this was none of the other namespace's business. */
	EXPECT_FALSE(genl_event(&self->listener[1], &event, 0));
	ASSERT_EQ(0, policy_set(&genl[1], &policy_sasser));
	ASSERT_TRUE(genl_event(&self->listener[1], &event, 20));
	EXPECT_EQ(1, event.generation);
	EXPECT_FALSE(genl_event(&self->listener[0], &event, 0));
}

TEST_F(scope, everywhere_is_for_the_initial_namespace)
{
	struct genl *genl = self->genl;
	struct status status, event;
	struct nlmsghdr *nlh;
	int i;

	EXPECT_EQ(0, namespaces(_metadata, &self->initial));
	ASSERT_EQ(0, policy_set(&genl[0], &policy_sasser));
	EXPECT_EQ(1, namespaces(_metadata, &self->initial));
	ASSERT_EQ(0, policy_set(&genl[0], &policy_sasser_observe));
	EXPECT_EQ(1, namespaces(_metadata, &self->initial));
	ASSERT_EQ(0, policy_set(&genl[1], &policy_sasser));
	EXPECT_EQ(2, namespaces(_metadata, &self->initial));
	ASSERT_EQ(0, policy_set(&self->initial, &policy_sasser));
	EXPECT_EQ(3, namespaces(_metadata, &self->initial));
	ASSERT_EQ(0, status_get(&genl[0], &status));
	EXPECT_EQ(HAS_POLICY, status.has);

	EXPECT_EQ(-EPERM, policy_clear(&genl[0], true));
	EXPECT_STREQ("SASSER_A_EVERYWHERE is for CAP_NET_ADMIN in the initial namespaces",
		     genl[0].message);
	EXPECT_EQ(sizeof(*nlh) + 4, genl[0].offset);
	EXPECT_EQ(3, namespaces(_metadata, &self->initial));

	ASSERT_EQ(0, policy_clear(&self->initial, false));
	EXPECT_EQ(2, namespaces(_metadata, &self->initial));
	EXPECT_TRUE(is_assigned(_metadata, &genl[0]));
	EXPECT_TRUE(is_assigned(_metadata, &genl[1]));
	ASSERT_EQ(0, policy_set(&self->initial, &policy_sasser));

	for (i = 0; i < 2; i++)
		while (genl_event(&self->listener[i], &event, 0))
			;
	ASSERT_EQ(0, policy_clear(&self->initial, true));
	EXPECT_EQ(0, namespaces(_metadata, &self->initial));
	EXPECT_FALSE(is_assigned(_metadata, &self->initial));
	for (i = 0; i < 2; i++) {
		EXPECT_FALSE(is_assigned(_metadata, &genl[i]));
		ASSERT_TRUE(genl_event(&self->listener[i], &event, 20));
		EXPECT_EQ(SASSER_EVENT_UNASSIGNED, event.event);
		EXPECT_FALSE(genl_event(&self->listener[i], &event, 0));
	}
	/* Nothing is left of it: each may assign again. */
	ASSERT_EQ(0, policy_set(&genl[1], &policy_sasser));
	EXPECT_EQ(1, namespaces(_metadata, &self->initial));
}

TEST_F(scope, a_namespace_takes_its_policy_along)
{
	double began = seconds();

	ASSERT_EQ(0, policy_set(&self->genl[0], &policy_sasser));
	EXPECT_EQ(1, namespaces(_metadata, &self->initial));
	genl_close(&self->genl[0]);
	genl_close(&self->listener[0]);
	close(self->netns[0]);
	while (namespaces(_metadata, &self->initial) && seconds() - began < 20)
		usleep(50000);
	EXPECT_EQ(0, namespaces(_metadata, &self->initial));
}

/* Of the namespace that the caller is in, where SASSER is assigned. */
static bool may_only_read(struct genl *genl)
{
	struct status status;

	CHECK(policy_set(genl, &policy_sasser_observe) == -EPERM);
	CHECK(policy_clear(genl, false) == -EPERM);
	CHECK(policy_clear(genl, true) == -EPERM);
	CHECK(counters_reset(genl, &counters) == -EPERM);
	CHECK(counters.n == 0);

	CHECK(status_get(genl, &status) == 0);
	CHECK(status.assigned == 1);
	CHECK(status.generation == 1);
	CHECK(status.mode == SASSER_MODE_ENFORCE);
	CHECK(filters_get(genl, &filters) == 0);
	CHECK(filters_are(&filters, &policy_sasser));
	CHECK(counters_get(genl, &counters) == 0);
	CHECK(counters.n == 5);
	genl_join(genl);
	return true;
}

static bool as_nobody(void)
{
	struct genl genl;

	CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0);
	genl_open(&genl);
	return may_only_read(&genl);
}

/* All capabilities, but not over the namespace. */
static bool as_root_of_a_user_namespace(void)
{
	struct genl genl;

	CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0);
	CHECK(unshare(CLONE_NEWUSER) == 0);
	genl_open(&genl);
	return may_only_read(&genl);
}

static bool as_root_of_an_own_namespace(void)
{
	struct status status;
	struct genl genl;

	CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0);
	CHECK(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
	genl_open(&genl);
	CHECK(policy_set(&genl, &policy_sasser) == 0);
	CHECK(counters_reset(&genl, &counters) == 0);
	CHECK(counters.n == 5);
	CHECK(policy_clear(&genl, true) == -EPERM);
	CHECK(status_get(&genl, &status) == 0);
	CHECK(status.assigned == 1);
	CHECK(status.generation == 1);
	CHECK(policy_clear(&genl, false) == 0);
	return true;
}

TEST_F(scope, changes_take_a_privilege_and_reading_does_not)
{
	netns_enter(self->netns[0]);
	ASSERT_EQ(0, policy_set(&self->genl[0], &policy_sasser));
	EXPECT_TRUE(in_child(as_nobody));
	EXPECT_TRUE(in_child(as_root_of_a_user_namespace));
	EXPECT_TRUE(in_child(as_root_of_an_own_namespace));
	EXPECT_TRUE(is_assigned(_metadata, &self->genl[0]));
	EXPECT_EQ(1, namespaces(_metadata, &self->initial));
	/* With the privilege all of it works. */
	EXPECT_EQ(0, counters_reset(&self->genl[0], &counters));
	EXPECT_EQ(0, policy_set(&self->genl[0], &policy_sasser_observe));
}

int main(int argc, char **argv)
{
	module_load();
	return test_harness_run(argc, argv);
}
