// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A policy of the initial namespace that is in force in all others. Begins in
 * the initial namespace, where no packet is sent.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>

#include <kselftest_harness.h>

#include "child.h"
#include "netns.h"
#include "site.h"
#include "trials.h"

#define UDP_LEN		(20 + 8 + 10)
#define NOBODY		65534

static struct counters counters;

FIXTURE(imposed) {
	struct genl initial;
	struct site site[2];
};

FIXTURE_SETUP(imposed)
{
	int i;

	genl_open(&self->initial);
	for (i = 0; i < 2; i++)
		site_open(&self->site[i]);
}

FIXTURE_TEARDOWN(imposed)
{
	int i;

	if (self->initial.nl)
		EXPECT_EQ(0, policy_clear(&self->initial, true));
	genl_close(&self->initial);
	for (i = 0; i < 2; i++)
		site_close(&self->site[i]);
}

TEST_F(imposed, on_present_and_future_namespaces)
{
	struct status status, imposed;
	struct site late;
	int i;

	for (i = 0; i < 2; i++)
		EXPECT_TRUE(site_is(&self->site[i], "nothing"));
	ASSERT_EQ(0, impose(&self->initial, &policy_before, 0));
	for (i = 0; i < 2; i++)
		EXPECT_TRUE(site_is(&self->site[i], "BEFORE"));
	site_open(&late);
	EXPECT_TRUE(site_is(&late, "BEFORE"));

	/* It is not the namespace's own, and counts as assigned once. */
	ASSERT_EQ(0, status_get(&late.own, &status));
	EXPECT_EQ(0, status.assigned);
	EXPECT_EQ(0, status.generation);
	EXPECT_NE(0, status.has & HAS(SASSER_A_IMPOSED));
	EXPECT_EQ(0, status.has & HAS(SASSER_A_POLICY));
	ASSERT_EQ(0, status_get(&late.imposed, &imposed));
	EXPECT_EQ(HAS_POLICY | HAS(SASSER_A_IMPOSED), imposed.has);
	EXPECT_EQ(1, imposed.assigned);
	EXPECT_EQ(SASSER_SCOPE_EVERYWHERE, imposed.scope);
	EXPECT_EQ(SASSER_ORIGIN_DOMAIN, imposed.origin);
	EXPECT_STREQ("BEFORE", imposed.policy);
	ASSERT_EQ(0, status_get(&self->initial, &status));
	EXPECT_EQ(1, status.assigned);
	EXPECT_EQ(1, status.namespaces);
	EXPECT_EQ(0, status.has & HAS(SASSER_A_IMPOSED));
	EXPECT_EQ(SASSER_SCOPE_EVERYWHERE, status.scope);

	ASSERT_EQ(0, policy_clear(&self->initial, false));
	for (i = 0; i < 2; i++)
		EXPECT_TRUE(site_is(&self->site[i], "nothing"));
	EXPECT_TRUE(site_is(&late, "nothing"));
	ASSERT_EQ(0, status_get(&late.own, &status));
	EXPECT_EQ(0, status.has & HAS(SASSER_A_IMPOSED));
	site_close(&late);
	site_open(&late);
	EXPECT_TRUE(site_is(&late, "nothing"));
	site_close(&late);
}

TEST_F(imposed, listeners_hear_of_it)
{
	struct site *site = &self->site[0];

	ASSERT_EQ(0, impose(&self->initial, &policy_before, 0));
	EXPECT_TRUE(event_is(&site->listener, SASSER_EVENT_ASSIGNED, "BEFORE",
			     HAS_EVENT | HAS(SASSER_A_IMPOSED)));
	ASSERT_EQ(0, impose(&self->initial, &policy_tried, 0));
	EXPECT_TRUE(event_is(&site->listener, SASSER_EVENT_ASSIGNED, "TRIED",
			     HAS_EVENT | HAS(SASSER_A_IMPOSED)));
	EXPECT_TRUE(site_is(site, "TRIED"));
	/* With host scope it is taken from the others. */
	ASSERT_EQ(0, policy_set(&self->initial, &policy_third));
	EXPECT_TRUE(event_is(&site->listener, SASSER_EVENT_UNASSIGNED, "TRIED",
			     HAS_EVENT | HAS(SASSER_A_IMPOSED)));
	EXPECT_TRUE(site_is(site, "nothing"));
	ASSERT_EQ(0, impose(&self->initial, &policy_before, 0));
	EXPECT_TRUE(event_is(&site->listener, SASSER_EVENT_ASSIGNED, "BEFORE",
			     HAS_EVENT | HAS(SASSER_A_IMPOSED)));
	EXPECT_TRUE(site_is(site, "BEFORE"));
	ASSERT_EQ(0, policy_clear(&self->initial, false));
	EXPECT_TRUE(event_is(&site->listener, SASSER_EVENT_UNASSIGNED, "BEFORE",
			     HAS_EVENT | HAS(SASSER_A_IMPOSED)));
	EXPECT_TRUE(is_silent(&site->listener, 0));
}

/* One datagram. Return: what came of it */
static int send_at(struct site *site, uint16_t port)
{
	int err;

	site_enter(site);
	err = send_udp(AF_INET, port);
	site_leave();
	return err;
}

/* Of the outbound row of a filter. */
static uint64_t packets_of(struct __test_metadata *_metadata, struct genl *genl,
			   const char *filter, uint16_t port)
{
	const struct row *row;

	EXPECT_EQ(0, counters_get(genl, &counters));
	row = row_find(&counters, filter, SASSER_DIRECTION_OUT, port);
	EXPECT_EQ(row->packets * UDP_LEN, row->bytes);
	EXPECT_EQ(0, row->attempts);
	return row->packets;
}

static const struct range port_shared[] = { { 7777, 7777 } };
static const struct range port_third[] = { { 7770, 7770 } };

static const struct filter filters_permit[] = {
	{ "permit", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_PERMIT, 1, port_shared },
	{ "third", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_BLOCK, 1, port_third },
};

static const struct policy policy_permit = {
	"PERMIT", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 2, filters_permit,
};

TEST_F(imposed, beside_a_policy_that_permits)
{
	struct site *site = &self->site[0];

	/* Either way round: who permits lifts nothing of the other. */
	ASSERT_EQ(0, policy_set(&site->own, &policy_permit));
	EXPECT_EQ(0, send_at(site, 7777));
	EXPECT_EQ(1, packets_of(_metadata, &site->own, "permit", 7777));
	ASSERT_EQ(0, impose(&self->initial, &policy_before, 0));
	EXPECT_EQ(-EPERM, send_at(site, 7777));
	EXPECT_EQ(-EPERM, send_at(site, 7770));
	EXPECT_EQ(-EPERM, send_at(site, 7779));
	EXPECT_EQ(0, send_at(site, 7778));
	EXPECT_EQ(1, packets_of(_metadata, &site->imposed, "shared", 7777));
	EXPECT_EQ(1, packets_of(_metadata, &site->imposed, "before", 7779));
	EXPECT_EQ(1, packets_of(_metadata, &site->own, "third", 7770));

	ASSERT_EQ(0, policy_set(&site->own, &policy_before));
	ASSERT_EQ(0, impose(&self->initial, &policy_permit, 0));
	EXPECT_EQ(-EPERM, send_at(site, 7777));
	EXPECT_EQ(-EPERM, send_at(site, 7770));
	EXPECT_EQ(-EPERM, send_at(site, 7779));
	EXPECT_EQ(0, send_at(site, 7778));
	EXPECT_EQ(1, packets_of(_metadata, &site->own, "shared", 7777));
	EXPECT_EQ(1, packets_of(_metadata, &site->own, "before", 7779));
	EXPECT_EQ(1, packets_of(_metadata, &site->imposed, "third", 7770));

	ASSERT_EQ(0, policy_clear(&self->initial, false));
	EXPECT_TRUE(site_is(site, "BEFORE"));
}

TEST_F(imposed, what_both_block_is_counted_once)
{
	struct site *site = &self->site[0];
	uint64_t sum;

	ASSERT_EQ(0, impose(&self->initial, &policy_before, 0));
	ASSERT_EQ(0, policy_set(&site->own, &policy_before));
	EXPECT_EQ(-EPERM, send_at(site, 7777));
	sum = packets_of(_metadata, &site->own, "shared", 7777);
	sum += packets_of(_metadata, &site->imposed, "shared", 7777);
	EXPECT_EQ(1, sum);
}

TEST_F(imposed, each_namespace_has_its_own_counters)
{
	struct site *site = self->site;
	struct status status;
	int i;

	ASSERT_EQ(0, impose(&self->initial, &policy_before, 0));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-EPERM, send_at(&site[0], 7777));
	EXPECT_EQ(-EPERM, send_at(&site[1], 7777));
	EXPECT_EQ(-EPERM, send_at(&site[1], 7779));
	EXPECT_EQ(3, packets_of(_metadata, &site[0].imposed, "shared", 7777));
	EXPECT_EQ(0, packets_of(_metadata, &site[0].imposed, "before", 7779));
	EXPECT_EQ(1, packets_of(_metadata, &site[1].imposed, "shared", 7777));
	EXPECT_EQ(1, packets_of(_metadata, &site[1].imposed, "before", 7779));
	EXPECT_EQ(0, packets_of(_metadata, &self->initial, "shared", 7777));
	ASSERT_EQ(0, counters_get(&site[0].own, &counters));
	EXPECT_EQ(0, counters.n);

	ASSERT_EQ(0, status_get(&site[0].imposed, &status));
	ASSERT_EQ(0, counters_reset(&site[0].imposed, &counters));
	EXPECT_EQ(status.generation, counters.generation);
	EXPECT_EQ(3, row_find(&counters, "shared", SASSER_DIRECTION_OUT,
			      7777)->packets);
	EXPECT_EQ(0, packets_of(_metadata, &site[0].imposed, "shared", 7777));
	EXPECT_EQ(1, packets_of(_metadata, &site[1].imposed, "shared", 7777));
	EXPECT_EQ(-EPERM, send_at(&site[0], 7777));
	EXPECT_EQ(1, packets_of(_metadata, &site[0].imposed, "shared", 7777));

	/* What the next one has too goes on. */
	ASSERT_EQ(0, impose(&self->initial, &policy_tried, 0));
	EXPECT_EQ(-EPERM, send_at(&site[1], 7777));
	EXPECT_EQ(1, packets_of(_metadata, &site[0].imposed, "shared", 7777));
	EXPECT_EQ(2, packets_of(_metadata, &site[1].imposed, "shared", 7777));
	EXPECT_EQ(0, packets_of(_metadata, &site[1].imposed, "tried", 7778));
	/* Also when it was away, and read by anybody. */
	ASSERT_EQ(0, policy_clear(&self->initial, false));
	EXPECT_EQ(2, packets_of(_metadata, &site[1].imposed, "shared", 7777));
	ASSERT_EQ(0, impose(&self->initial, &policy_before, 0));
	EXPECT_EQ(2, packets_of(_metadata, &site[1].imposed, "shared", 7777));
	EXPECT_EQ(0, packets_of(_metadata, &site[1].imposed, "before", 7779));
}

/* Whatever root of a namespace does there. */
static bool cannot_lift(struct genl *genl)
{
	struct status status;

	CHECK(policy_clear(genl, false) == 0);
	CHECK(!strcmp(in_force(), "BEFORE"));
	CHECK(policy_clear(genl, true) == -EPERM);
	CHECK(!strcmp(genl->message, "SASSER_A_EVERYWHERE is for CAP_NET_ADMIN in the initial namespaces"));
	CHECK(impose(genl, &policy_third, 0) == -EPERM);
	CHECK(!strcmp(genl->message, "SASSER_A_SCOPE everywhere is for CAP_NET_ADMIN in the initial namespaces"));
	CHECK(impose(genl, &policy_third, 5) == -EPERM);
	CHECK(!strcmp(in_force(), "BEFORE"));
	CHECK(policy_set(genl, &policy_permit) == 0);
	CHECK(send_udp(AF_INET, 7777) == -EPERM);
	CHECK(send_udp(AF_INET, 7779) == -EPERM);
	CHECK(counters_reset(genl, &counters) == 0);
	CHECK(counters.n == 2);
	genl->imposed = true;
	CHECK(counters_reset(genl, &counters) == 0);
	CHECK(counters.n == 2);
	CHECK(!strcmp(counters.row[0].filter, "shared"));
	genl->imposed = false;
	CHECK(try_policy(genl, &policy_permit, 1) == 0);
	CHECK(send_udp(AF_INET, 7777) == -EPERM);
	CHECK(policy_clear(genl, false) == 0);
	CHECK(status_get(genl, &status) == 0);
	CHECK(policy_confirm(genl, status.generation) == -ENOENT);
	CHECK(!strcmp(in_force(), "BEFORE"));
	return true;
}

static bool as_root_of_the_namespace(struct site *site)
{
	bool ok;

	site_enter(site);
	ok = cannot_lift(&site->own);
	site_leave();
	return ok;
}

/* With nothing but namespaces of its own, where it is root, programs too. */
static bool as_root_of_a_user_namespace(void)
{
	static const char map[] = "0 65534 1\n";
	struct genl genl;
	int fd;

	CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0);
	CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
	CHECK(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
	fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	CHECK(write(fd, map, strlen(map)) == (ssize_t)strlen(map));
	close(fd);
	run("ip -batch - <<-EOF\n"
	    "link add dummy0 type dummy\n"
	    "link set dummy0 up\n"
	    "address add " HOST_IPV4 "/24 dev dummy0\n"
	    "EOF");
	genl_open(&genl);
	return cannot_lift(&genl);
}

/* All capabilities, and in the initial network namespace, but not over it. */
static bool as_root_of_a_user_namespace_alone(void)
{
	struct genl genl;

	CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0);
	CHECK(unshare(CLONE_NEWUSER) == 0);
	genl_open(&genl);
	CHECK(impose(&genl, &policy_third, 0) == -EPERM);
	CHECK(policy_clear(&genl, true) == -EPERM);
	return true;
}

TEST_F(imposed, nobody_lifts_it_from_inside)
{
	run("modprobe dummy numdummies=0");
	ASSERT_EQ(0, impose(&self->initial, &policy_before, 0));
	EXPECT_TRUE(as_root_of_the_namespace(&self->site[0]));
	EXPECT_TRUE(in_child(as_root_of_a_user_namespace));
	EXPECT_TRUE(in_child(as_root_of_a_user_namespace_alone));
	EXPECT_TRUE(site_is(&self->site[1], "BEFORE"));
}

TEST_F(imposed, goes_with_everything_else)
{
	struct site *site = self->site;
	struct status status;

	ASSERT_EQ(0, impose(&self->initial, &policy_before, 0));
	ASSERT_EQ(0, policy_set(&site[0].own, &policy_third));
	ASSERT_EQ(0, policy_clear(&self->initial, true));
	EXPECT_TRUE(site_is(&site[0], "nothing"));
	EXPECT_TRUE(site_is(&site[1], "nothing"));
	ASSERT_EQ(0, status_get(&self->initial, &status));
	EXPECT_EQ(0, status.namespaces);
	EXPECT_EQ(0, status.assigned);
}

TEST_F(imposed, namespaces_come_and_go)
{
	int i, netns;

	ASSERT_EQ(0, impose(&self->initial, &policy_before, 0));
	site_close(&self->site[0]);
	for (i = kernel_is_slow() ? 10 : 50; i > 0; i--) {
		netns = netns_new();
		close(netns);
	}
	EXPECT_TRUE(site_is(&self->site[1], "BEFORE"));
	EXPECT_FALSE(unloads());
	ASSERT_EQ(0, policy_clear(&self->initial, false));
	EXPECT_TRUE(site_is(&self->site[1], "nothing"));
	genl_close(&self->initial);
	site_close(&self->site[1]);
	EXPECT_TRUE(unloads());
	module_load();
}

int main(int argc, char **argv)
{
	module_load();
	return test_harness_run(argc, argv);
}
