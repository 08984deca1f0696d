// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A blocked connect(2) is refused at once, whatever way it is made, and sends
 * exactly one packet.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"

#define CONTROL_PORT	80
#define VRF		"vrf0"

/* A connect(2) that sends again and again takes two minutes. */
#define AT_ONCE		5.0

/* A SYN as the kernel writes it: IP header, and TCP header with 20 of options. */
#define SYN_LEN_IPV4	60
#define SYN_LEN_IPV6	80

static struct pair pair;
static struct counters before, after;

enum manner {
	BLOCKING,
	NON_BLOCKING,
	FAST_OPEN,		/* sendto(2) with MSG_FASTOPEN */
	FAST_OPEN_CONNECT,	/* the socket option of that name */
	MULTIPATH,
};

struct way {
	int family;		/* of the socket */
	const char *address;
	enum manner manner;
	const char *device;	/* to bind to, or NULL */
	bool cookie;		/* the peer hands out Fast Open cookies */
};

static int wait_connected(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int err;

	if (poll(&pfd, 1, 20000) != 1)
		return -ETIMEDOUT;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return -err;
}

/* Return: 0 or a negative errno */
static int try_connect(const struct way *way, uint16_t port)
{
	int fd, on = 1, err;
	union address a;
	socklen_t len;

	len = address_set(&a, way->family, way->address, port);
	fd = socket(way->family, SOCK_STREAM,
		    way->manner == MULTIPATH ? IPPROTO_MPTCP : 0);
	/* Debian's 5.10 has none, so programs take what there is. */
	if (fd < 0 && errno == EPROTONOSUPPORT)
		fd = socket(way->family, SOCK_STREAM, 0);
	if (fd < 0)
		die("socket: %s", strerror(errno));
	if (way->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE,
				      way->device, strlen(way->device)))
		die("binding to %s: %s", way->device, strerror(errno));

	switch (way->manner) {
	case NON_BLOCKING:
		fcntl(fd, F_SETFL, O_NONBLOCK);
		err = connect(fd, &a.sa, len) ? -errno : 0;
		if (err == -EINPROGRESS)
			err = wait_connected(fd);
		break;
	case FAST_OPEN:
		err = sendto(fd, "x", 1, MSG_FASTOPEN, &a.sa, len) == 1 ?
		      0 : -errno;
		if (!err)
			err = wait_connected(fd);
		break;
	case FAST_OPEN_CONNECT:
		if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on,
			       sizeof(on)))
			die("TCP_FASTOPEN_CONNECT: %s", strerror(errno));
		/* With a cookie at hand the SYN waits for the first data. */
		err = connect(fd, &a.sa, len) || write(fd, "x", 1) != 1 ?
		      -errno : 0;
		if (!err)
			err = wait_connected(fd);
		break;
	default:
		err = connect(fd, &a.sa, len) ? -errno : 0;
	}
	close(fd);
	return err;
}

static void listen_all(bool fast_open)
{
	static const uint16_t ports[] = { CONTROL_PORT, 445, 5554, 9996 };
	static const int families[] = { AF_INET, AF_INET6 };
	unsigned int i, j;
	int fd, n = 100;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		for (j = 0; j < ARRAY_SIZE(families); j++) {
			fd = tcp_listen(families[j], ports[i]);
			if (fast_open && setsockopt(fd, IPPROTO_TCP,
						    TCP_FASTOPEN, &n,
						    sizeof(n)))
				die("TCP_FASTOPEN: %s", strerror(errno));
		}
	}
}

/* Under the policy a connect(2) ends so and sends so many packets. */
static void check_connects(struct __test_metadata *_metadata,
			   struct genl *genl, const struct way *way,
			   const struct policy *policy, int err,
			   unsigned int packets)
{
	static const uint16_t ports[] = { 5554, 9996 };
	bool ipv4 = !strchr(way->address, ':') || strchr(way->address, '.');
	unsigned int i;
	double start;

	ASSERT_EQ(0, try_connect(way, CONTROL_PORT));
	ASSERT_EQ(0, try_connect(way, 5554));
	ASSERT_EQ(0, try_connect(way, 9996));

	ASSERT_EQ(0, policy_set(genl, policy));
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		const struct row *b, *a;

		ASSERT_EQ(0, counters_get(genl, &before));
		start = seconds();
		EXPECT_EQ(err, try_connect(way, ports[i]));
		EXPECT_GT(AT_ONCE, seconds() - start);
		EXPECT_EQ(0, try_connect(way, CONTROL_PORT));
		ASSERT_EQ(0, counters_get(genl, &after));
		b = row_find(&before, "payload", SASSER_DIRECTION_OUT,
			     ports[i]);
		a = row_find(&after, "payload", SASSER_DIRECTION_OUT, ports[i]);
		/* Fast Open and MPTCP have options, and data, of their own. */
		if (way->manner == BLOCKING || way->manner == NON_BLOCKING)
			EXPECT_EQ(ipv4 ? SYN_LEN_IPV4 : SYN_LEN_IPV6,
				  a->bytes - b->bytes);
		EXPECT_TRUE(counters_moved(&before, &after, a, packets,
					   a->bytes - b->bytes, packets));
		EXPECT_EQ(before.unclassified, after.unclassified);
	}

	ASSERT_EQ(0, policy_clear(genl, false));
	EXPECT_EQ(0, try_connect(way, CONTROL_PORT));
	EXPECT_EQ(0, try_connect(way, 5554));
	EXPECT_EQ(0, try_connect(way, 9996));
}

FIXTURE(connect) {
	struct genl genl;
};

FIXTURE_VARIANT(connect) {
	struct way way;
	unsigned int packets;
	int err;		/* 0: ECONNREFUSED */
};

#define WAY(name, ...)							\
	FIXTURE_VARIANT_ADD(connect, name) {				\
		.way = { __VA_ARGS__ }, .packets = 1,			\
	}

WAY(ipv4_blocking, AF_INET, PEER_IPV4);
WAY(ipv4_non_blocking, AF_INET, PEER_IPV4, NON_BLOCKING);
WAY(ipv4_fast_open, AF_INET, PEER_IPV4, FAST_OPEN);
WAY(ipv4_fast_open_connect, AF_INET, PEER_IPV4, FAST_OPEN_CONNECT);
WAY(ipv4_multipath, AF_INET, PEER_IPV4, MULTIPATH);
WAY(ipv4_mapped, AF_INET6, "::ffff:" PEER_IPV4);
WAY(ipv4_mapped_non_blocking, AF_INET6, "::ffff:" PEER_IPV4, NON_BLOCKING);
WAY(ipv6_blocking, AF_INET6, PEER_IPV6);
WAY(ipv6_non_blocking, AF_INET6, PEER_IPV6, NON_BLOCKING);
WAY(ipv6_fast_open, AF_INET6, PEER_IPV6, FAST_OPEN);
WAY(ipv6_fast_open_connect, AF_INET6, PEER_IPV6, FAST_OPEN_CONNECT);
WAY(ipv6_multipath, AF_INET6, PEER_IPV6, MULTIPATH);
/*
 * With a cookie of the peer at hand the kernel sends a SYN with data and, as
 * that fails, one without before it gives up: two packets, and each counts.
 */
FIXTURE_VARIANT_ADD(connect, ipv4_fast_open_with_cookie) {
	.way = { AF_INET, PEER_IPV4, FAST_OPEN, .cookie = true },
	.packets = 2,
};

FIXTURE_VARIANT_ADD(connect, ipv6_fast_open_with_cookie) {
	.way = { AF_INET6, PEER_IPV6, FAST_OPEN, .cookie = true },
	.packets = 2,
};

/* Where connect(2) has left the SYN to write(2) the kernel forgets the error. */
FIXTURE_VARIANT_ADD(connect, ipv4_fast_open_connect_with_cookie) {
	.way = { AF_INET, PEER_IPV4, FAST_OPEN_CONNECT, .cookie = true },
	.packets = 2, .err = -ECONNABORTED,
};

FIXTURE_VARIANT_ADD(connect, ipv6_fast_open_connect_with_cookie) {
	.way = { AF_INET6, PEER_IPV6, FAST_OPEN_CONNECT, .cookie = true },
	.packets = 2, .err = -ECONNABORTED,
};

FIXTURE_SETUP(connect)
{
	/* Cookies come from listeners that have Fast Open, and are kept. */
	netns_enter(pair.peer);
	listen_all(variant->way.cookie);
	netns_enter(pair.host);
	genl_open(&self->genl);
}

FIXTURE_TEARDOWN(connect)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
	run("ip tcp_metrics flush");
}

TEST_F(connect, is_refused_at_once)
{
	check_connects(_metadata, &self->genl, &variant->way, &policy_sasser,
		       variant->err ?: -ECONNREFUSED, variant->packets);
}

FIXTURE(vrf) {
	struct pair pair;
	struct genl genl;
};

FIXTURE_VARIANT(vrf) {
	struct way way;
	const struct policy *policy;
	bool qdisc;		/* on the VRF: packets take another path */
};

#define VRF_WAY(name, policy, qdisc, ...)				\
	FIXTURE_VARIANT_ADD(vrf, name) { { __VA_ARGS__ }, policy, qdisc }

VRF_WAY(ipv4_enforce, &policy_sasser, false, AF_INET, PEER_IPV4,
	.device = VRF);
VRF_WAY(ipv6_enforce, &policy_sasser, false, AF_INET6, PEER_IPV6,
	.device = VRF);
VRF_WAY(ipv4_enforce_qdisc, &policy_sasser, true, AF_INET, PEER_IPV4,
	.device = VRF);
VRF_WAY(ipv6_enforce_qdisc, &policy_sasser, true, AF_INET6, PEER_IPV6,
	.device = VRF);
VRF_WAY(ipv4_observe, &policy_sasser_observe, false, AF_INET, PEER_IPV4,
	.device = VRF);
VRF_WAY(ipv6_observe, &policy_sasser_observe, false, AF_INET6, PEER_IPV6,
	.device = VRF);
VRF_WAY(ipv4_observe_qdisc, &policy_sasser_observe, true, AF_INET, PEER_IPV4,
	.device = VRF);
VRF_WAY(ipv6_observe_qdisc, &policy_sasser_observe, true, AF_INET6, PEER_IPV6,
	.device = VRF);

FIXTURE_SETUP(vrf)
{
	netns_enter(pair.peer);
	listen_all(false);
	netns_enter(pair.host);
	/* Addresses and neighbours of IPv6 go when a device is enslaved. */
	run("ip -batch - <<-EOF\n"
	    "link add " VRF " type vrf table 10\n"
	    "link set " VRF " up\n"
	    "link set " VETH " master " VRF "\n"
	    "address replace " HOST_IPV6 "/64 dev " VETH " nodad\n"
	    "neigh replace " PEER_IPV4 " lladdr " PEER_MAC " dev " VETH "\n"
	    "neigh replace " PEER_IPV6 " lladdr " PEER_MAC " dev " VETH "\n"
	    "EOF");
	if (variant->qdisc)
		run("tc qdisc add dev " VRF " root pfifo");
	genl_open(&self->genl);
}

FIXTURE_TEARDOWN(vrf)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
	run("ip -batch - <<-EOF\n"
	    "link del " VRF "\n"
	    "address replace " HOST_IPV6 "/64 dev " VETH " nodad\n"
	    "neigh replace " PEER_IPV4 " lladdr " PEER_MAC " dev " VETH "\n"
	    "neigh replace " PEER_IPV6 " lladdr " PEER_MAC " dev " VETH "\n"
	    "EOF");
}

TEST_F(vrf, connect_meets_the_policy_once)
{
	check_connects(_metadata, &self->genl, &variant->way, variant->policy,
		       variant->policy->mode == SASSER_MODE_ENFORCE ?
		       -ECONNREFUSED : 0, 1);
}

int main(int argc, char **argv)
{
	module_load();
	pair_create(&pair);
	netns_enter(pair.peer);
	pair_address();
	sysctl_write("ipv4/tcp_fastopen", "3");
	netns_enter(pair.host);
	sysctl_write("ipv4/tcp_fastopen", "1");
	return test_harness_run(argc, argv);
}
