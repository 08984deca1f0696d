// SPDX-License-Identifier: GPL-2.0-or-later
/* What looks like a match and is none */
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"
#include "packet.h"
#include "wire.h"

#define DATAGRAM_PORT	4000

static struct wire wire;
static struct counters before, after;

FIXTURE(innocent) {
	struct genl genl;
	int udp;
};

FIXTURE_SETUP(innocent)
{
	struct sockaddr_in6 any = {
		.sin6_family = AF_INET6, .sin6_port = htons(DATAGRAM_PORT),
	};

	genl_open(&self->genl);
	self->udp = socket(AF_INET6, SOCK_DGRAM, 0);
	ASSERT_EQ(0, bind(self->udp, (void *)&any, sizeof(any)));
}

FIXTURE_TEARDOWN(innocent)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

/* A datagram behind destination options, in four fragments. */
static void send_datagram(struct __test_metadata *_metadata, int udp,
			  bool backwards)
{
	struct flow flow = wire_flow(&wire, AF_INET6, DATAGRAM_PORT);
	uint8_t datagram[1024], payload[PACKET_MAX], got[2048];
	struct pollfd pfd = { .fd = udp, .events = POLLIN };
	struct packet packet[PACKETS_MAX];
	size_t len = udp_datagram(datagram, &flow, 700);
	unsigned int i, n;
	uint8_t nexthdr;

	nexthdr = chain(payload, &len, "D", datagram, len, IPPROTO_UDP);
	n = cut(packet, &(struct shape){
		.headers = "F", .first = 200, .rest = 200,
	}, &flow, payload, len, nexthdr);
	ASSERT_EQ(4, n);
	for (i = 0; i < n; i++)
		wire_send(wire.fd, &packet[backwards ? n - 1 - i : i]);
	ASSERT_EQ(1, poll(&pfd, 1, 20000));
	ASSERT_EQ(700, recv(udp, got, sizeof(got), 0));
	EXPECT_EQ(0, memcmp(datagram + 8, got, 700));
}

TEST_F(innocent, fragmented_datagram_with_destination_options_arrives)
{
	struct genl *genl = &self->genl;

	send_datagram(_metadata, self->udp, false);
	ASSERT_EQ(0, policy_set(genl, &policy_sasser));
	ASSERT_EQ(0, counters_get(genl, &before));
	send_datagram(_metadata, self->udp, false);
	send_datagram(_metadata, self->udp, true);
	ASSERT_EQ(0, counters_get(genl, &after));
	EXPECT_TRUE(counters_moved(&before, &after, NULL, 0, 0, 0));
	EXPECT_EQ(before.unclassified, after.unclassified);
	ASSERT_EQ(0, policy_clear(genl, false));
	send_datagram(_metadata, self->udp, true);
}

/* To port 80, and its second fragment begins like a request to port 445. */
static bool send_lookalike(void)
{
	struct flow flow = wire_flow(&wire, AF_INET, CONTROL_PORT);
	struct flow smb = flow;
	struct packet packet[PACKETS_MAX];
	uint8_t segment[PACKET_MAX];
	unsigned int n;
	size_t len;

	len = tcp_segment(segment, &flow, TCP_SYN, TCP_LEN);
	smb.dport = 445;
	tcp_segment(segment + TCP_LEN, &smb, TCP_SYN, 0);
	tcp_sum(segment, &flow, len);
	n = cut(packet, &(struct shape){ .first = TCP_LEN }, &flow, segment,
		len, IPPROTO_TCP);
	return wire_probe(&wire, &flow, packet, n, false);
}

TEST_F(innocent, ports_are_never_read_from_a_later_fragment)
{
	struct genl *genl = &self->genl;

	EXPECT_TRUE(send_lookalike());
	ASSERT_EQ(0, policy_set(genl, &policy_sasser));
	ASSERT_EQ(0, counters_get(genl, &before));
	EXPECT_TRUE(send_lookalike());
	ASSERT_EQ(0, counters_get(genl, &after));
	EXPECT_TRUE(counters_moved(&before, &after, NULL, 0, 0, 0));
	ASSERT_EQ(0, policy_clear(genl, false));
	EXPECT_TRUE(send_lookalike());
}

/* All shapes that count, to @daddr in place of the host. */
static void send_to(int family, const char *daddr)
{
	static const struct shape hidden = {
		.family = AF_INET6, .headers = "FDD", .first = 8,
	};
	struct packet packet[PACKETS_MAX];
	unsigned int i, n;

	for (i = 0; i < 3; i++) {
		struct flow flow = wire_flow(&wire, family, wire_ports[i]);

		flow.daddr = daddr;
		tcp_packet(packet, &flow, TCP_SYN, 0);
		wire_probe(&wire, &flow, packet, 1, false);
		if (family == AF_INET)
			continue;
		n = shape_build(packet, &hidden, &flow);
		wire_probe(&wire, &flow, packet, n, false);
	}
}

static void expect_totals(struct __test_metadata *_metadata,
			  struct genl *genl, uint64_t each,
			  uint64_t unclassified)
{
	unsigned int i;

	ASSERT_EQ(0, counters_get(genl, &after));
	ASSERT_EQ(5, after.n);
	for (i = 0; i < after.n; i++)
		EXPECT_EQ(after.row[i].direction == SASSER_DIRECTION_IN ?
			  each : 0, after.row[i].packets);
	EXPECT_EQ(unclassified, after.unclassified);
}

TEST_F(innocent, packets_to_another_host_are_not_counted)
{
	struct genl *genl = &self->genl;

	ASSERT_EQ(0, policy_set(genl, &policy_sasser));
	ASSERT_EQ(0, counters_reset(genl, &before));
	send_to(AF_INET, HOST_IPV4);
	send_to(AF_INET6, HOST_IPV6);
	expect_totals(_metadata, genl, 2, 3);
	send_to(AF_INET, OTHER_IPV4);
	send_to(AF_INET6, OTHER_IPV6);
	expect_totals(_metadata, genl, 2, 3);
	send_to(AF_INET, HOST_IPV4);
	send_to(AF_INET6, HOST_IPV6);
	expect_totals(_metadata, genl, 4, 6);
}

/* So short that there is no port in it; the kernel has no use for it either. */
static void send_stub(int family, uint8_t protocol)
{
	struct flow flow = wire_flow(&wire, family, 445);
	uint8_t segment[PACKET_MAX];
	struct packet packet;

	tcp_segment(segment, &flow, TCP_SYN, 0);
	if (family == AF_INET)
		ipv4_packet(&packet, &flow, &(struct ipv4_fields){
			.protocol = protocol, .id = flow.sport,
		}, segment, 3);
	else
		ipv6_packet(&packet, &flow, protocol, segment, 3);
	wire_probe(&wire, &flow, &packet, 1, false);
}

TEST_F(innocent, ports_cut_off_are_unclassified_over_ipv6)
{
	struct genl *genl = &self->genl;

	ASSERT_EQ(0, policy_set(genl, &policy_sasser));
	ASSERT_EQ(0, counters_reset(genl, &before));
	send_stub(AF_INET, IPPROTO_TCP);
	send_stub(AF_INET, IPPROTO_UDP);
	expect_totals(_metadata, genl, 0, 0);
	send_stub(AF_INET6, IPPROTO_TCP);
	expect_totals(_metadata, genl, 0, 1);
	send_stub(AF_INET6, IPPROTO_UDP);
	expect_totals(_metadata, genl, 0, 2);
	send_stub(AF_INET6, IPPROTO_SCTP);
	expect_totals(_metadata, genl, 0, 2);

	/* They go on counting in the next policy, and until a reset. */
	ASSERT_EQ(0, policy_set(genl, &policy_sasser));
	expect_totals(_metadata, genl, 0, 2);
	ASSERT_EQ(0, counters_reset(genl, &before));
	EXPECT_EQ(2, before.unclassified);
	expect_totals(_metadata, genl, 0, 0);
}

int main(int argc, char **argv)
{
	wire_setup(&wire);
	return test_harness_run(argc, argv);
}
