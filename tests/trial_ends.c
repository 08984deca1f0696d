// SPDX-License-Identifier: GPL-2.0-or-later
/* What ends a trial besides time and its confirmation, and what it begins with. */
#include <errno.h>

#include <kselftest_harness.h>

#include "netns.h"
#include "tap.h"
#include "trial_fixture.h"
#include "trials.h"
#include "wire.h"

static int initial, tap;

TEST_F(trial, second_one_keeps_the_way_back_to_a_policy)
{
	struct genl *genl = &self->genl;
	double began;

	ASSERT_EQ(0, policy_set(genl, &policy_before));
	ASSERT_EQ(0, try_policy(genl, &policy_tried, T(2)));
	EXPECT_TRUE(force_is(genl, "TRIED", true));
	usleep(T(1000000));
	began = seconds();
	ASSERT_EQ(0, try_policy(genl, &policy_third, T(3)));
	EXPECT_TRUE(force_is(genl, "THIRD", true));
	/* Beyond the end of the first one. */
	usleep(T(1500000));
	EXPECT_TRUE(force_is(genl, "THIRD", true));
	EXPECT_LE(T(3), wait_for("BEFORE", began));
	EXPECT_GE(T(4), seconds() - began);
	EXPECT_TRUE(force_is(genl, "BEFORE", false));

	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED, "BEFORE",
			     HAS_EVENT));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED, "TRIED",
			     HAS_EVENT | HAS(SASSER_A_CONFIRM)));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED, "THIRD",
			     HAS_EVENT | HAS(SASSER_A_CONFIRM)));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_REVERTED, "BEFORE",
			     HAS_EVENT));
	EXPECT_TRUE(is_silent(&self->listener, 1));
}

TEST_F(trial, second_one_keeps_the_way_back_to_nothing)
{
	double began;

	ASSERT_EQ(0, try_policy(&self->genl, &policy_tried, 600));
	EXPECT_TRUE(force_is(&self->genl, "TRIED", true));
	began = seconds();
	ASSERT_EQ(0, try_policy(&self->genl, &policy_third, T(1)));
	EXPECT_TRUE(force_is(&self->genl, "THIRD", true));
	EXPECT_LE(T(1), wait_for("nothing", began));
	EXPECT_TRUE(force_is(&self->genl, "nothing", false));
}

TEST_F(trial, confirming_the_second_one_confirms_that)
{
	struct status status;

	ASSERT_EQ(0, policy_set(&self->genl, &policy_before));
	ASSERT_EQ(0, try_policy(&self->genl, &policy_tried, T(2)));
	ASSERT_EQ(0, status_get(&self->genl, &status));
	ASSERT_EQ(0, try_policy(&self->genl, &policy_third, T(2)));
	EXPECT_EQ(-ESTALE, policy_confirm(&self->genl, status.generation));
	ASSERT_EQ(0, policy_confirm(&self->genl, status.generation + 1));
	usleep(T(3000000));
	EXPECT_TRUE(force_is(&self->genl, "THIRD", false));
}

TEST_F(trial, ends_with_a_plain_assignment)
{
	struct genl *genl = &self->genl;
	unsigned int logged = reverts_logged();

	ASSERT_EQ(0, policy_set(genl, &policy_before));
	ASSERT_EQ(0, try_policy(genl, &policy_tried, T(1)));
	EXPECT_TRUE(force_is(genl, "TRIED", true));
	ASSERT_EQ(0, policy_set(genl, &policy_third));
	EXPECT_TRUE(force_is(genl, "THIRD", false));
	usleep(T(2000000));
	EXPECT_TRUE(force_is(genl, "THIRD", false));
	EXPECT_EQ(logged, reverts_logged());
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED, "BEFORE",
			     HAS_EVENT));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED, "TRIED",
			     HAS_EVENT | HAS(SASSER_A_CONFIRM)));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED, "THIRD",
			     HAS_EVENT));
	EXPECT_TRUE(is_silent(&self->listener, 0));
}

TEST_F(trial, ends_with_a_plain_assignment_of_the_same_policy)
{
	ASSERT_EQ(0, try_policy(&self->genl, &policy_tried, T(1)));
	ASSERT_EQ(0, policy_set(&self->genl, &policy_tried));
	usleep(T(2000000));
	EXPECT_TRUE(force_is(&self->genl, "TRIED", false));
}

TEST_F(trial, ends_with_an_unassignment)
{
	struct genl *genl = &self->genl;
	unsigned int logged = reverts_logged();

	ASSERT_EQ(0, policy_set(genl, &policy_before));
	ASSERT_EQ(0, try_policy(genl, &policy_tried, T(1)));
	EXPECT_TRUE(force_is(genl, "TRIED", true));
	ASSERT_EQ(0, policy_clear(genl, false));
	EXPECT_TRUE(force_is(genl, "nothing", false));
	usleep(T(2000000));
	EXPECT_TRUE(force_is(genl, "nothing", false));
	EXPECT_EQ(logged, reverts_logged());
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED, "BEFORE",
			     HAS_EVENT));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_ASSIGNED, "TRIED",
			     HAS_EVENT | HAS(SASSER_A_CONFIRM)));
	EXPECT_TRUE(event_is(&self->listener, SASSER_EVENT_UNASSIGNED, "TRIED",
			     HAS_EVENT));
	EXPECT_TRUE(is_silent(&self->listener, 0));
}

static bool receives(int fd)
{
	struct flow flow = tap_flow(AF_INET, false, 20000, 7777);
	uint8_t data[64], frame[14 + PACKET_MAX];
	struct packet packet;
	ssize_t len;

	len = udp_datagram(data, &flow, 10);
	ipv4_packet(&packet, &flow, &(struct ipv4_fields){
		.protocol = IPPROTO_UDP, .id = 1,
	}, data, len);
	len = tap_frame(frame, &packet);
	if (write(tap, frame, len) != len)
		die("tap device: %m");
	return recv(fd, data, sizeof(data), MSG_DONTWAIT) == 10;
}

/*
 * To the host, over IPv6, with no ports in the first fragment. Return: how
 * often that was counted
 */
static uint64_t unclassified(struct genl *genl)
{
	static const struct shape shape = {
		.family = AF_INET6, .headers = "FDD", .first = 8,
	};
	static uint16_t sport = 20000;
	struct flow flow = tap_flow(AF_INET6, false, sport++, 7777);
	struct packet packet[PACKETS_MAX];
	unsigned int i, n = shape_build(packet, &shape, &flow);
	struct status before, after;
	uint8_t frame[14 + PACKET_MAX];
	ssize_t len;

	if (status_get(genl, &before))
		die("no status");
	for (i = 0; i < n; i++) {
		len = tap_frame(frame, &packet[i]);
		if (write(tap, frame, len) != len)
			die("tap device: %m");
	}
	if (status_get(genl, &after))
		die("no status");
	return after.unclassified - before.unclassified;
}

/* The way back needs hooks that the policy on trial does without. */
TEST_F(trial, of_a_policy_for_the_other_direction)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct genl *genl = &self->genl;
	union address any;
	socklen_t len = address_set(&any, AF_INET, HOST_IPV4, 7777);
	double began;

	ASSERT_EQ(0, bind(fd, &any.sa, len));
	EXPECT_TRUE(receives(fd));
	ASSERT_EQ(0, policy_set(genl, &policy_before));
	EXPECT_STREQ("BEFORE", in_force());
	EXPECT_TRUE(receives(fd));
	EXPECT_EQ(0, unclassified(genl));
	began = seconds();
	ASSERT_EQ(0, try_policy(genl, &policy_in, T(1)));
	EXPECT_STREQ("nothing", in_force());
	EXPECT_FALSE(receives(fd));
	EXPECT_EQ(1, unclassified(genl));
	EXPECT_LE(T(1), wait_for("BEFORE", began));
	EXPECT_TRUE(receives(fd));

	ASSERT_EQ(0, policy_set(genl, &policy_in));
	EXPECT_STREQ("nothing", in_force());
	EXPECT_FALSE(receives(fd));
	EXPECT_EQ(1, unclassified(genl));
	/* The hook stays, and has nothing to do. */
	ASSERT_EQ(0, try_policy(genl, &policy_before, T(1)));
	EXPECT_STREQ("BEFORE", in_force());
	EXPECT_TRUE(receives(fd));
	EXPECT_EQ(0, unclassified(genl));
	EXPECT_TRUE(force_is(genl, "BEFORE", true));
	wait_for("nothing", seconds());
	EXPECT_STREQ("nothing", in_force());
	EXPECT_FALSE(receives(fd));
	EXPECT_EQ(1, unclassified(genl));
	close(fd);
}

static uint32_t namespaces(struct genl *genl)
{
	struct status status;

	if (status_get(genl, &status))
		die("no status");
	return status.namespaces;
}

/* Before its end, and while its end comes. */
static void check_death(struct __test_metadata *_metadata, struct genl *genl,
			uint32_t confirm)
{
	int here = netns_here(), netns = netns_new();
	double began = seconds();
	struct genl dying;

	netns_enter(netns);
	genl_open(&dying);
	ASSERT_EQ(0, try_policy(&dying, &policy_tried, confirm));
	EXPECT_EQ(1, namespaces(genl));
	genl_close(&dying);
	netns_enter(here);
	close(here);
	close(netns);
	while (namespaces(genl) && seconds() - began < T(20))
		usleep(20000);
	EXPECT_EQ(0, namespaces(genl));
}

TEST_F(trial, goes_with_its_namespace)
{
	int here = netns_here();
	struct genl genl;

	netns_enter(initial);
	genl_open(&genl);
	netns_enter(here);
	check_death(_metadata, &genl, 600);
	check_death(_metadata, &genl, 1);
	usleep(T(1500000));
	genl_close(&genl);
	genl_close(&self->genl);
	genl_close(&self->listener);
	EXPECT_TRUE(unloads());
	module_load();
}

int main(int argc, char **argv)
{
	initial = netns_here();
	tap = trial_world();
	return test_harness_run(argc, argv);
}
