// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Datagrams that the host sends to a group: others get them, so they are
 * judged, although the host itself gets a copy.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"

#define PORT	138
#define LENGTH	10

static const struct range range = { PORT, PORT };
static const struct filter filter = {
	"datagrams", SASSER_DIRECTION_BOTH, SASSER_PROTOCOL_UDP,
	SASSER_ACTION_BLOCK, 1, &range,
};

static const struct policy enforced = {
	"GROUPS", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 1, &filter,
};

static const struct policy observed = {
	"GROUPS", SASSER_MODE_OBSERVE, SASSER_ORIGIN_LOCAL, 1, &filter,
};

static struct pair pair;
static struct counters before, after;

FIXTURE(datagram) {
	struct genl genl;
};

FIXTURE_VARIANT(datagram) {
	int family;
	const char *to;
	bool loopback;
};

#define TO(name, ...)							\
	FIXTURE_VARIANT_ADD(datagram, to_##name) { __VA_ARGS__ }

TO(another_host, AF_INET, PEER_IPV4);
TO(broadcast, AF_INET, "255.255.255.255");
TO(broadcast_of_the_network, AF_INET, "192.0.2.255");
/* All hosts are in this one, and this host is in no other. */
TO(multicast_group_of_its_own, AF_INET, "224.0.0.1");
TO(multicast_group_of_others, AF_INET, "239.1.2.3");
TO(another_host_ipv6, AF_INET6, PEER_IPV6);
TO(multicast_group_of_its_own_ipv6, AF_INET6, "ff02::1");
TO(multicast_group_of_others_ipv6, AF_INET6, "ff05::1:3");
TO(itself, AF_INET, HOST_IPV4, .loopback = true);
TO(itself_ipv6, AF_INET6, HOST_IPV6, .loopback = true);

FIXTURE_SETUP(datagram)
{
	genl_open(&self->genl);
}

FIXTURE_TEARDOWN(datagram)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

/* Return: 0 or a negative errno */
static int send_datagram(int family, const char *to)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, err;
	int dev = if_nametoindex(VETH);
	struct ip_mreqn via = { .imr_ifindex = dev };
	union address a;
	socklen_t len = address_set(&a, family, to, PORT);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)))
		die("socket: %s", strerror(errno));
	if (family == AF_INET ?
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &via, sizeof(via)) :
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &dev, sizeof(dev)))
		die("interface for multicast: %s", strerror(errno));
	err = sendto(fd, "0123456789", LENGTH, 0, &a.sa, len) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static void check_counted(struct __test_metadata *_metadata,
			  struct genl *genl, int family, bool counted)
{
	unsigned int len = LENGTH + 8 + (family == AF_INET ? 20 : 40);

	ASSERT_EQ(0, counters_get(genl, &after));
	EXPECT_TRUE(counters_moved(&before, &after, counted ?
				   row_find(&after, "datagrams",
					    SASSER_DIRECTION_OUT, PORT) : NULL,
				   1, len, 0));
}

TEST_F(datagram, is_judged_once)
{
	const char *to = variant->to;
	struct genl *genl = &self->genl;
	int family = variant->family;

	EXPECT_EQ(0, send_datagram(family, to));
	ASSERT_EQ(0, policy_set(genl, &enforced));
	ASSERT_EQ(0, counters_get(genl, &before));
	EXPECT_EQ(variant->loopback ? 0 : -EPERM, send_datagram(family, to));
	check_counted(_metadata, genl, family, !variant->loopback);

	/* What passes comes back by the loopback, which is exempt. */
	ASSERT_EQ(0, policy_set(genl, &observed));
	ASSERT_EQ(0, counters_get(genl, &before));
	EXPECT_EQ(0, send_datagram(family, to));
	check_counted(_metadata, genl, family, !variant->loopback);

	ASSERT_EQ(0, policy_clear(genl, false));
	EXPECT_EQ(0, send_datagram(family, to));
}

int main(int argc, char **argv)
{
	module_load();
	pin_cpu(0);
	pair_create(&pair);
	netns_enter(pair.host);
	run("ip route add default via " PEER_IPV4);
	return test_harness_run(argc, argv);
}
