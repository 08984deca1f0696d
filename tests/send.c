// SPDX-License-Identifier: GPL-2.0-or-later
/* What becomes of other packets that this host would send than a connect(2). */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"
#include "packet.h"

#define CONTROL_PORT	80
#define CLOSED_PORT	81
#define DATAGRAM_PORT	7777

static struct pair pair;
static struct counters before, after;

FIXTURE(send) {
	struct genl genl;
	int wire;
};

FIXTURE_VARIANT(send) {
	int family;
	const char *host;
	const char *peer;
	const char *ghost;
	unsigned int header_len;
};

FIXTURE_VARIANT_ADD(send, ipv4) {
	AF_INET, HOST_IPV4, PEER_IPV4, GHOST_IPV4, 20,
};

FIXTURE_VARIANT_ADD(send, ipv6) {
	AF_INET6, HOST_IPV6, PEER_IPV6, GHOST_IPV6, 40,
};

FIXTURE_SETUP(send)
{
	pin_cpu(0);
	netns_enter(pair.peer);
	self->wire = wire_open();
	tcp_listen(variant->family, 445);
	netns_enter(pair.host);
	tcp_listen(variant->family, CONTROL_PORT);
	genl_open(&self->genl);
}

FIXTURE_TEARDOWN(send)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

static const struct range port_datagram[] = { { DATAGRAM_PORT,
						DATAGRAM_PORT } };
static const struct range port_smb[] = { { 445, 445 } };
static const struct filter filter_datagram = {
	"datagram", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	SASSER_ACTION_BLOCK, 1, port_datagram,
};
static const struct filter filter_smb_out = {
	"smb-out", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP,
	SASSER_ACTION_BLOCK, 1, port_smb,
};
static const struct policy policy_datagram = {
	"DATAGRAM", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 1,
	&filter_datagram,
};
static const struct policy policy_smb_out = {
	"SMB-OUT", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 1,
	&filter_smb_out,
};

static int try_connect(int family, const char *address, uint16_t port)
{
	int fd = socket(family, SOCK_STREAM, 0), err;
	union address a;
	socklen_t len;

	len = address_set(&a, family, address, port);
	err = connect(fd, &a.sa, len) ? -errno : 0;
	close(fd);
	return err;
}

static int send_datagram(int family, const char *address, uint16_t port)
{
	int fd = socket(family, SOCK_DGRAM, 0), err;
	union address a;
	socklen_t len;

	len = address_set(&a, family, address, port);
	err = sendto(fd, "seven b", 7, 0, &a.sa, len) == 7 ? 0 : -errno;
	close(fd);
	return err;
}

/* Return: did the datagram arrive? */
static bool recv_datagram(int fd)
{
	char buf[16];

	return recv(fd, buf, sizeof(buf), MSG_DONTWAIT) == 7;
}

TEST_F(send, datagram_fails_with_eperm)
{
	union address any;
	const struct row *row;
	socklen_t len;
	int fd;

	netns_enter(pair.peer);
	fd = socket(variant->family, SOCK_DGRAM, 0);
	len = address_set(&any, variant->family, variant->peer, DATAGRAM_PORT);
	ASSERT_EQ(0, bind(fd, &any.sa, len));
	netns_enter(pair.host);

	EXPECT_EQ(0, send_datagram(variant->family, variant->peer,
				   DATAGRAM_PORT));
	EXPECT_TRUE(recv_datagram(fd));

	ASSERT_EQ(0, policy_set(&self->genl, &policy_datagram));
	ASSERT_EQ(0, counters_get(&self->genl, &before));
	EXPECT_EQ(-EPERM, send_datagram(variant->family, variant->peer,
					DATAGRAM_PORT));
	EXPECT_EQ(0, send_datagram(variant->family, variant->peer,
				   DATAGRAM_PORT + 1));
	EXPECT_FALSE(recv_datagram(fd));
	ASSERT_EQ(0, counters_get(&self->genl, &after));
	row = row_find(&after, "datagram", SASSER_DIRECTION_OUT, DATAGRAM_PORT);
	EXPECT_TRUE(counters_moved(&before, &after, row, 1,
				   variant->header_len + 8 + 7, 0));

	ASSERT_EQ(0, policy_clear(&self->genl, false));
	EXPECT_EQ(0, send_datagram(variant->family, variant->peer,
				   DATAGRAM_PORT));
	EXPECT_TRUE(recv_datagram(fd));
}

/*
 * A request from source port 445. Return: the TCP flags of the answer, or 0.
 * Another request follows, from a port that no policy knows.
 */
static uint8_t answer_to_445(int wire, int family, const char *ghost,
			     const char *host, uint16_t port)
{
	static uint16_t sport = 30000;
	struct flow flow = { family, ghost, host, 445, port };
	struct flow control = { family, ghost, host, sport++, CONTROL_PORT };
	struct packet packet;
	uint8_t flags;

	tcp_packet(&packet, &flow, TCP_SYN, 0);
	wire_send(wire, &packet);
	tcp_packet(&packet, &control, TCP_SYN, 0);
	wire_send(wire, &packet);
	return wire_recv_tcp(wire, &flow, &control, &flags) ? flags : 0;
}

TEST_F(send, reset_passes_where_the_rest_is_blocked)
{
	const struct row *row;

	EXPECT_EQ(0, try_connect(variant->family, variant->peer, 445));
	EXPECT_EQ(TCP_RST | TCP_ACK,
		  answer_to_445(self->wire, variant->family, variant->ghost,
				variant->host, CLOSED_PORT));

	ASSERT_EQ(0, policy_set(&self->genl, &policy_smb_out));
	ASSERT_EQ(0, counters_reset(&self->genl, &before));
	EXPECT_EQ(TCP_RST | TCP_ACK,
		  answer_to_445(self->wire, variant->family, variant->ghost,
				variant->host, CLOSED_PORT));
	ASSERT_EQ(0, counters_get(&self->genl, &after));
	row = row_find(&after, "smb-out", SASSER_DIRECTION_OUT, 445);
	EXPECT_EQ(0, row->packets);

	/* A SYN-ACK opens nothing, but nobody else comes from port 445. */
	EXPECT_EQ(0, answer_to_445(self->wire, variant->family, variant->ghost,
				   variant->host, CONTROL_PORT));
	ASSERT_EQ(0, counters_get(&self->genl, &after));
	EXPECT_EQ(1, row->packets);
	EXPECT_EQ(variant->header_len + 40, row->bytes);
	EXPECT_EQ(0, row->attempts);
	EXPECT_EQ(-ECONNREFUSED, try_connect(variant->family, variant->peer, 445));
	ASSERT_EQ(0, counters_get(&self->genl, &after));
	EXPECT_EQ(2, row->packets);
	EXPECT_EQ(1, row->attempts);

	ASSERT_EQ(0, policy_clear(&self->genl, false));
	EXPECT_EQ(0, try_connect(variant->family, variant->peer, 445));
	EXPECT_EQ(TCP_RST | TCP_ACK,
		  answer_to_445(self->wire, variant->family, variant->ghost,
				variant->host, CLOSED_PORT));
}

int main(int argc, char **argv)
{
	module_load();
	pair_create(&pair);
	netns_enter(pair.peer);
	pair_address();
	netns_enter(pair.host);
	/* Half-open connections are left to themselves. */
	sysctl_write("ipv4/tcp_synack_retries", "0");
	return test_harness_run(argc, argv);
}
