// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters with remote prefixes, and which of several decides: datagrams from
 * any address to a host behind a tap device, and from it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"
#include "packet.h"
#include "tap.h"

#define PORT		7000
#define DATA_LEN	10
#define FILTERS		8
#define REMOTES		SASSER_REMOTES_MAX

static int tap;
static struct counters before, after;

/* A policy that a test is making. */
static struct made {
	struct policy policy;
	struct filter filter[FILTERS];
	struct range range[FILTERS];
	struct remote remote[REMOTES];
	unsigned int n_remotes;
} made;

static void make(uint8_t mode)
{
	memset(&made, 0, sizeof(made));
	made.policy = (struct policy){
		.name = "MADE", .mode = mode, .origin = SASSER_ORIGIN_LOCAL,
		.filter = made.filter,
	};
}

static struct filter *make_filter(const char *name, uint8_t action)
{
	unsigned int i = made.policy.n_filters++;
	struct filter *f = &made.filter[i];

	made.range[i] = (struct range){ PORT, PORT };
	*f = (struct filter){
		.direction = SASSER_DIRECTION_IN,
		.protocol = SASSER_PROTOCOL_UDP, .action = action,
		.n_ranges = 1, .range = &made.range[i],
		.remote = &made.remote[made.n_remotes],
	};
	snprintf(f->name, sizeof(f->name), "%s", name);
	return f;
}

/* To the filter made last. */
static void make_remote(const char *prefix)
{
	made.remote[made.n_remotes++] = remote_of(prefix);
	made.filter[made.policy.n_filters - 1].n_remotes++;
}

FIXTURE(remotes) {
	struct genl genl;
	int udp;
};

FIXTURE_SETUP(remotes)
{
	struct sockaddr_in6 any = {
		.sin6_family = AF_INET6, .sin6_port = htons(PORT),
	};

	genl_open(&self->genl);
	self->udp = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, bind(self->udp, (void *)&any, sizeof(any)));
}

FIXTURE_TEARDOWN(remotes)
{
	close(self->udp);
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

/* From an address to the host, on the wire. Return: bytes from the IP header on */
static unsigned int inject(const char *from, uint16_t port)
{
	bool ipv4 = !strchr(from, ':');
	struct flow flow = {
		ipv4 ? AF_INET : AF_INET6, from, ipv4 ? HOST_IPV4 : HOST_IPV6,
		4000, port,
	};
	uint8_t frame[PACKET_MAX + 32], datagram[64];
	size_t len = udp_datagram(datagram, &flow, DATA_LEN);
	struct packet packet;

	if (ipv4)
		ipv4_packet(&packet, &flow, &(struct ipv4_fields){
			.protocol = SASSER_PROTOCOL_UDP,
		}, datagram, len);
	else
		ipv6_packet(&packet, &flow, SASSER_PROTOCOL_UDP, datagram, len);
	len = tap_frame(frame, &packet);
	if (write(tap, frame, len) != (ssize_t)len)
		die("writing to the tap device: %s", strerror(errno));
	return packet.len;
}

static bool arrived(int udp)
{
	char data[64];

	return recv(udp, data, sizeof(data), MSG_DONTWAIT) == DATA_LEN;
}

/*
 * A datagram from @from is counted by the filter, or by none, and arrives or
 * not. Sources that no host may have never arrive: @arrives is -1 then.
 */
#define FROM(from, filter, arrives)					\
	check_in(_metadata, self->udp, &self->genl, from, PORT, filter,	\
		 arrives, __LINE__)

static void check_in(struct __test_metadata *_metadata, int udp,
		     struct genl *genl, const char *from, uint16_t port,
		     const char *filter, int arrives, int line)
{
	const struct row *row = NULL;
	unsigned int len;
	bool came;

	ASSERT_EQ(0, counters_get(genl, &before));
	len = inject(from, port);
	came = arrived(udp);
	ASSERT_EQ(0, counters_get(genl, &after));
	if (filter)
		row = row_find(&after, filter, SASSER_DIRECTION_IN, port);
	EXPECT_TRUE(counters_moved(&before, &after, row, 1, len, 0))
		TH_LOG("from %s, line %d", from, line);
	if (arrives >= 0)
		EXPECT_EQ(arrives, came)
			TH_LOG("from %s, line %d", from, line);
}

/* Before a policy, and after it, all of them arrive. */
static void all_arrive(struct __test_metadata *_metadata, int udp)
{
	static const char *const from[] = {
		"192.0.2.7", "192.0.2.9", "192.0.2.200", "203.0.113.5",
		"2001:db8::7", "2001:db8::9", "2001:db8:1::5",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(from); i++) {
		inject(from[i], PORT);
		EXPECT_TRUE(arrived(udp)) TH_LOG("from %s", from[i]);
	}
}

TEST_F(remotes, a_permit_of_one_address_beats_a_block_of_any)
{
	all_arrive(_metadata, self->udp);
	make(SASSER_MODE_ENFORCE);
	make_filter("block", SASSER_ACTION_BLOCK);
	make_filter("scanner", SASSER_ACTION_PERMIT);
	make_remote("192.0.2.7/32");
	make_remote("2001:db8::7/128");
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	FROM("192.0.2.7", "scanner", 1);
	FROM("192.0.2.6", "block", 0);
	FROM("192.0.2.8", "block", 0);
	FROM("203.0.113.7", "block", 0);
	FROM("2001:db8::7", "scanner", 1);
	FROM("2001:db8::6", "block", 0);
	FROM("2001:db8::8", "block", 0);
	FROM("2001:db8:1::7", "block", 0);
	ASSERT_EQ(0, policy_clear(&self->genl, false));
	all_arrive(_metadata, self->udp);
}

TEST_F(remotes, the_longer_prefix_decides)
{
	make(SASSER_MODE_ENFORCE);
	make_filter("half", SASSER_ACTION_BLOCK);
	make_remote("192.0.2.0/25");
	make_remote("2001:db8::/65");
	make_filter("all", SASSER_ACTION_PERMIT);
	make_remote("192.0.2.0/24");
	make_remote("2001:db8::/64");
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	FROM("192.0.2.5", "half", 0);
	FROM("192.0.2.127", "half", 0);
	FROM("192.0.2.128", "all", 1);
	FROM("192.0.2.254", "all", 1);
	FROM("192.0.3.0", NULL, 1);
	FROM("192.0.1.255", NULL, 1);
	FROM("2001:db8::5", "half", 0);
	FROM("2001:db8::7fff:ffff:ffff:ffff", "half", 0);
	FROM("2001:db8::8000:0:0:0", "all", 1);
	FROM("2001:db8::ffff:ffff:ffff:ffff", "all", 1);
	FROM("2001:db8:0:1::", NULL, 1);
	FROM("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", NULL, 1);
}

TEST_F(remotes, no_prefix_is_shorter_than_none_at_all)
{
	make(SASSER_MODE_ENFORCE);
	make_filter("none", SASSER_ACTION_BLOCK);
	make_filter("zero", SASSER_ACTION_PERMIT);
	make_remote("0.0.0.0/0");
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	FROM("192.0.2.5", "zero", 1);
	FROM("0.0.0.0", "zero", -1);
	FROM("255.255.255.255", "zero", -1);
	/* IPv4 prefixes hold no IPv6 address */
	FROM("2001:db8::5", "none", 0);

	make(SASSER_MODE_ENFORCE);
	make_filter("none", SASSER_ACTION_BLOCK);
	make_filter("zero", SASSER_ACTION_PERMIT);
	make_remote("::/0");
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	FROM("192.0.2.5", "none", 0);
	FROM("2001:db8::5", "zero", 1);
	FROM("::2", "zero", -1);
	FROM("feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "zero", -1);
}

TEST_F(remotes, at_equal_length_block_observe_permit_and_then_the_first)
{
	make(SASSER_MODE_ENFORCE);
	make_filter("permit", SASSER_ACTION_PERMIT);
	make_remote("192.0.2.0/24");
	make_remote("198.51.100.0/24");
	make_remote("203.0.113.0/24");
	make_filter("observe", SASSER_ACTION_OBSERVE);
	make_remote("192.0.2.0/24");
	make_remote("198.51.100.0/24");
	make_filter("block", SASSER_ACTION_BLOCK);
	make_remote("192.0.2.0/24");
	make_filter("block2", SASSER_ACTION_BLOCK);
	make_remote("192.0.2.0/24");
	make_filter("observe2", SASSER_ACTION_OBSERVE);
	make_remote("198.51.100.0/24");
	make_filter("permit2", SASSER_ACTION_PERMIT);
	make_remote("203.0.113.0/24");
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	FROM("192.0.2.5", "block", 0);
	FROM("198.51.100.5", "observe", 1);
	FROM("203.0.113.5", "permit", 1);
	FROM("2001:db8::5", NULL, 1);

	/* and where there is no prefix */
	make(SASSER_MODE_ENFORCE);
	make_filter("permit", SASSER_ACTION_PERMIT);
	make_filter("observe", SASSER_ACTION_OBSERVE);
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	FROM("192.0.2.5", "observe", 1);
	make_filter("block", SASSER_ACTION_BLOCK);
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	FROM("192.0.2.5", "block", 0);
}

TEST_F(remotes, in_observe_mode_block_observes_and_permit_permits)
{
	const struct row *row;

	make(SASSER_MODE_OBSERVE);
	make_filter("block", SASSER_ACTION_BLOCK);
	make_filter("scanner", SASSER_ACTION_PERMIT);
	make_remote("192.0.2.7/32");
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	FROM("192.0.2.7", "scanner", 1);
	FROM("192.0.2.8", "block", 1);
	row = row_find(&after, "block", SASSER_DIRECTION_IN, PORT);
	EXPECT_EQ(SASSER_ACTION_OBSERVE, row->action);
	row = row_find(&after, "scanner", SASSER_DIRECTION_IN, PORT);
	EXPECT_EQ(SASSER_ACTION_PERMIT, row->action);
}

/* Each port has the filters that it has, with a prefix or without. */
TEST_F(remotes, ports_share_filters_in_part)
{
	make(SASSER_MODE_ENFORCE);
	make_filter("wide", SASSER_ACTION_BLOCK);
	made.range[0] = (struct range){ PORT - 10, PORT + 10 };
	make_filter("left", SASSER_ACTION_PERMIT);
	made.range[1] = (struct range){ PORT - 5, PORT };
	make_remote("192.0.2.0/24");
	make_filter("right", SASSER_ACTION_OBSERVE);
	made.range[2] = (struct range){ PORT, PORT + 5 };
	make_remote("192.0.2.0/24");
	make_remote("192.0.2.64/26");
	make_filter("alone", SASSER_ACTION_BLOCK);
	made.range[3] = (struct range){ PORT + 20, PORT + 20 };
	make_remote("192.0.2.0/24");
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
#define TO(from, port, filter)						\
	check_in(_metadata, self->udp, &self->genl, from, port, filter,	\
		 -1, __LINE__)
	TO("192.0.2.5", PORT - 11, NULL);
	TO("192.0.2.5", PORT - 10, "wide");
	TO("192.0.2.5", PORT - 6, "wide");
	TO("192.0.2.5", PORT - 5, "left");
	TO("203.0.113.5", PORT - 5, "wide");
	TO("192.0.2.5", PORT, "right");
	TO("192.0.2.70", PORT, "right");
	TO("192.0.2.5", PORT + 1, "right");
	TO("192.0.2.5", PORT + 5, "right");
	TO("203.0.113.5", PORT + 5, "wide");
	TO("192.0.2.5", PORT + 6, "wide");
	TO("192.0.2.5", PORT + 11, NULL);
	TO("192.0.2.5", PORT + 20, "alone");
	TO("203.0.113.5", PORT + 20, NULL);
	TO("2001:db8::5", PORT + 20, NULL);
}

/* Addresses at both ends of each of these have its row, those beside not. */
TEST_F(remotes, prefixes_end_where_they_end)
{
	make(SASSER_MODE_ENFORCE);
	make_filter("low", SASSER_ACTION_OBSERVE);
	make_remote("0.0.0.0/1");
	make_remote("::/1");
	make_filter("high", SASSER_ACTION_OBSERVE);
	make_remote("255.255.255.255/32");
	make_remote("fe80::ffff:ffff:ffff:ffff/128");
	make_filter("mid", SASSER_ACTION_OBSERVE);
	make_remote("128.0.0.0/32");
	make_remote("8000::/128");
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	FROM("0.0.0.0", "low", -1);
	FROM("127.255.255.255", "low", -1);
	FROM("128.0.0.0", "mid", -1);
	FROM("128.0.0.1", NULL, -1);
	FROM("255.255.255.254", NULL, -1);
	FROM("255.255.255.255", "high", -1);
	FROM("::2", "low", -1);
	FROM("7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "low", -1);
	FROM("8000::", "mid", -1);
	FROM("8000::1", NULL, -1);
	FROM("fe80::ffff:ffff:ffff:fffe", NULL, -1);
	FROM("fe80::ffff:ffff:ffff:ffff", "high", -1);
	FROM("fe80:0:0:1::", NULL, -1);
}

/* All lengths around one address, alternately blocked and observed. */
TEST_F(remotes, prefixes_nest_as_deep_as_there_are_bits)
{
	unsigned int len, turn;

	make(SASSER_MODE_ENFORCE);
	for (turn = 0; turn < 2; turn++) {
		make_filter(turn ? "odd" : "even", turn ?
			    SASSER_ACTION_OBSERVE : SASSER_ACTION_BLOCK);
		for (len = turn; len <= 128; len += 2) {
			struct remote *r = &made.remote[made.n_remotes++];
			unsigned int i;

			/* 85 is 01010101 */
			r->family = AF_INET6;
			r->len = len;
			for (i = 0; i < len; i++)
				if (i % 2)
					r->addr[i / 8] |= 0x80 >> i % 8;
			made.filter[turn].n_remotes++;
		}
		for (len = turn; len <= 32; len += 2) {
			struct remote *r = &made.remote[made.n_remotes++];
			unsigned int i;

			r->family = AF_INET;
			r->len = len;
			for (i = 0; i < len; i++)
				if (i % 2)
					r->addr[i / 8] |= 0x80 >> i % 8;
			made.filter[turn].n_remotes++;
		}
	}
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	/* an address that agrees in so many bits has a prefix of that length */
	for (len = 0; len <= 32; len++) {
		uint32_t address = 0x55555555 ^ (len < 32 ?
						 0x80000000U >> len : 0);
		struct in_addr in = { htonl(address) };
		char text[INET_ADDRSTRLEN];

		inet_ntop(AF_INET, &in, text, sizeof(text));
		FROM(text, len % 2 ? "odd" : "even", -1);
	}
	/* not a group as the source, which the kernel drops before: bit 0 stays */
	for (len = 1; len <= 128; len++) {
		char text[INET6_ADDRSTRLEN];
		struct in6_addr in6;

		memset(&in6, 0x55, sizeof(in6));
		if (len < 128)
			in6.s6_addr[len / 8] ^= 0x80 >> len % 8;
		inet_ntop(AF_INET6, &in6, text, sizeof(text));
		FROM(text, len % 2 ? "odd" : "even", -1);
	}
}

/* As many as there may be, side by side, with gaps between them. */
TEST_F(remotes, a_thousand_prefixes)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	static const uint8_t actions[] = {
		SASSER_ACTION_BLOCK, SASSER_ACTION_PERMIT,
		SASSER_ACTION_OBSERVE, SASSER_ACTION_BLOCK,
	};
	unsigned int i, f;

	make(SASSER_MODE_ENFORCE);
	for (f = 0; f < 4; f++) {
		make_filter(names[f], actions[f]);
		for (i = f; i < REMOTES; i += 4) {
			struct remote *r = &made.remote[made.n_remotes++];

			/* 10.x.y.0/25, and 2001:db8:x:y::/64 */
			made.filter[f].n_remotes++;
			if (i < REMOTES / 2) {
				*r = (struct remote){
					AF_INET, 25,
					{ 10, i >> 8, i & 0xff },
				};
			} else {
				*r = (struct remote){
					AF_INET6, 64,
					{ 0x20, 0x01, 0x0d, 0xb8, 0, i >> 8, 0,
					  i & 0xff },
				};
			}
		}
	}
	ASSERT_EQ(REMOTES, made.n_remotes);
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	for (i = 0; i < REMOTES; i += 17) {
		char in[64], out[64];
		int passes = actions[i % 4] != SASSER_ACTION_BLOCK;

		if (i < REMOTES / 2) {
			snprintf(in, sizeof(in), "10.%u.%u.127", i >> 8, i & 0xff);
			snprintf(out, sizeof(out), "10.%u.%u.128", i >> 8,
				 i & 0xff);
		} else {
			snprintf(in, sizeof(in), "2001:db8:%x:%x:ffff::1",
				 i >> 8, i & 0xff);
			snprintf(out, sizeof(out), "2001:db8:%x:1%02x::1",
				 i >> 8, i & 0xff);
		}
		FROM(in, names[i % 4], passes);
		FROM(out, NULL, 1);
	}
}

/* The remote address of what the host sends is its destination. */
TEST_F(remotes, outbound_it_is_the_destination)
{
	static const struct {
		int family;
		const char *filter;
		int err;
	} sends[] = {
		{ AF_INET, "peer", 0 },
		{ AF_INET6, "block", -EPERM },
	};
	unsigned int i;

	make(SASSER_MODE_ENFORCE);
	make_filter("block", SASSER_ACTION_BLOCK)->direction =
		SASSER_DIRECTION_OUT;
	make_filter("peer", SASSER_ACTION_PERMIT)->direction =
		SASSER_DIRECTION_OUT;
	make_remote(PEER_IPV4 "/32");
	for (i = 0; i < ARRAY_SIZE(sends); i++)
		EXPECT_EQ(0, send_udp(sends[i].family, PORT));
	ASSERT_EQ(0, policy_set(&self->genl, &made.policy));
	for (i = 0; i < ARRAY_SIZE(sends); i++) {
		ASSERT_EQ(0, counters_get(&self->genl, &before));
		EXPECT_EQ(sends[i].err, send_udp(sends[i].family, PORT));
		ASSERT_EQ(0, counters_get(&self->genl, &after));
		EXPECT_TRUE(counters_moved(&before, &after,
					   row_find(&after, sends[i].filter,
						    SASSER_DIRECTION_OUT, PORT),
					   1, sends[i].family == AF_INET ?
					   38 : 58, 0));
	}
	/* nobody is asked where it comes from */
	FROM(PEER_IPV4, NULL, 1);
	ASSERT_EQ(0, policy_clear(&self->genl, false));
	for (i = 0; i < ARRAY_SIZE(sends); i++)
		EXPECT_EQ(0, send_udp(sends[i].family, PORT));
}

FIXTURE(packet) {
	struct genl genl;
	int raw[2];
};

FIXTURE_SETUP(packet)
{
	genl_open(&self->genl);
	self->raw[0] = raw_open(AF_INET);
	self->raw[1] = raw_open(AF_INET6);
}

FIXTURE_TEARDOWN(packet)
{
	close(self->raw[0]);
	close(self->raw[1]);
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

/*
 * A segment to port 5554, in or out, is a hit of the row or not. In: what is
 * dropped can't be told from what the host has no socket for, so the row tells.
 */
static void check_segment(struct __test_metadata *_metadata, struct genl *genl,
			  int raw, int family, bool out, uint8_t flags,
			  bool hit, int err)
{
	struct flow flow = tap_flow(family, out, 4000, 5554);
	bool opens = (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	uint8_t frame[PACKET_MAX + 32];
	const struct row *row;
	struct packet packet;
	size_t len;

	tcp_packet(&packet, &flow, flags, 0);
	ASSERT_EQ(0, counters_get(genl, &before));
	if (out) {
		EXPECT_EQ(err, raw_send(raw, &packet, family));
	} else {
		len = tap_frame(frame, &packet);
		ASSERT_EQ(len, write(tap, frame, len));
	}
	ASSERT_EQ(0, counters_get(genl, &after));
	row = row_find(&after, "payload", out ? SASSER_DIRECTION_OUT :
						SASSER_DIRECTION_IN, 5554);
	EXPECT_TRUE(counters_moved(&before, &after, hit ? row : NULL, 1,
				   packet.len, opens))
		TH_LOG("family %d, out %d, flags %#x", family, out, flags);
}

TEST_F(packet, match_packet_is_every_packet)
{
	static const uint8_t flags[] = {
		TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_ACK | TCP_PSH,
		TCP_FIN | TCP_ACK, TCP_RST, TCP_RST | TCP_ACK, 0,
	};
	unsigned int turn, i, k;

	for (turn = 0; turn < 3; turn++) {
		struct policy policy = policy_sasser;
		bool every = turn == 1;

		policy.match = every ? SASSER_MATCH_PACKET :
			       turn ? SASSER_MATCH_AUTO : 0;
		ASSERT_EQ(0, policy_set(&self->genl, &policy));
		for (i = 0; i < ARRAY_SIZE(flags); i++) {
			bool opens = flags[i] == TCP_SYN;
			bool out_hit = opens ||
				       (every && !(flags[i] & TCP_RST));

			for (k = 0; k < 2; k++) {
				int family = k ? AF_INET6 : AF_INET;

				check_segment(_metadata, &self->genl,
					      self->raw[k], family, false,
					      flags[i], opens || every, 0);
				check_segment(_metadata, &self->genl,
					      self->raw[k], family, true,
					      flags[i], out_hit, opens ?
					      -ECONNREFUSED : out_hit ?
					      -EPERM : 0);
			}
		}
	}
}

int main(int argc, char **argv)
{
	int netns;

	module_load();
	netns = netns_new();
	netns_enter(netns);
	tap = tap_create();
	run("ip -batch - <<-EOF\n"
	    "neigh add " PEER_IPV4 " lladdr " PEER_MAC " dev " TAP "\n"
	    "neigh add " PEER_IPV6 " lladdr " PEER_MAC " dev " TAP "\n"
	    "route add default via " PEER_IPV4 " dev " TAP "\n"
	    "EOF");
	run("ip -6 route add default via " PEER_IPV6 " dev " TAP);
	return test_harness_run(argc, argv);
}
