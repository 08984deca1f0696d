// SPDX-License-Identifier: GPL-2.0-or-later
/* Does a packet get past the policy by the way it is written or cut up? */
#include <netinet/in.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"
#include "packet.h"
#include "wire.h"

static struct wire wire;
static struct counters before, after;

FIXTURE(shape) {
	struct genl genl;
};

FIXTURE_VARIANT(shape) {
	struct shape shape;
};

#define SHAPE(name, ...)						\
	FIXTURE_VARIANT_ADD(shape, name) { .shape = { __VA_ARGS__ } }

SHAPE(ipv4_plain, .family = AF_INET);
SHAPE(ipv4_options_of_4_bytes, .family = AF_INET, .options_len = 4);
SHAPE(ipv4_options_of_40_bytes, .family = AF_INET, .options_len = 40);
SHAPE(ipv4_fragments_of_8, .family = AF_INET, .first = 8, .rest = 8);
SHAPE(ipv4_fragments_of_8_last_first, .family = AF_INET, .first = 8,
      .rest = 8, .backwards = true);
SHAPE(ipv4_fragments_of_16, .family = AF_INET, .first = 16, .rest = 16);
SHAPE(ipv4_fragments_of_16_last_first, .family = AF_INET, .first = 16,
      .rest = 16, .backwards = true);
SHAPE(ipv4_fragments_of_24, .family = AF_INET, .first = 24, .rest = 24);
SHAPE(ipv4_fragments_of_24_last_first, .family = AF_INET, .first = 24,
      .rest = 24, .backwards = true);
SHAPE(ipv4_options_and_fragments_of_8, .family = AF_INET, .options_len = 40,
      .first = 8, .rest = 8);
/* Fragments that overlap end the whole datagram in every kernel. */
SHAPE(ipv4_syn_rewritten_to_ack, .family = AF_INET, .rewritten = TCP_ACK,
      .refused = true);
SHAPE(ipv4_syn_rewritten_to_ack_last_first, .family = AF_INET,
      .rewritten = TCP_ACK, .refused = true, .backwards = true);
SHAPE(ipv4_ack_rewritten_to_syn, .family = AF_INET, .shows_ack = true,
      .rewritten = TCP_SYN, .refused = true);
SHAPE(ipv4_ack_rewritten_to_syn_last_first, .family = AF_INET,
      .shows_ack = true, .rewritten = TCP_SYN, .refused = true,
      .backwards = true);
SHAPE(ipv4_syn_ece_cwr, .family = AF_INET, .flags = TCP_ECE | TCP_CWR);
SHAPE(ipv4_syn_psh_data, .family = AF_INET, .flags = TCP_PSH, .data_len = 16);
SHAPE(ipv4_syn_urg, .family = AF_INET, .flags = TCP_URG);

SHAPE(ipv6_plain, .family = AF_INET6);
SHAPE(ipv6_hop_by_hop_and_destination, .family = AF_INET6, .headers = "HD");
SHAPE(ipv6_routing_and_destination, .family = AF_INET6, .headers = "RD");
SHAPE(ipv6_atomic_fragment, .family = AF_INET6, .headers = "F");
SHAPE(ipv6_fragments_tcp_in_first, .family = AF_INET6, .headers = "F",
      .first = 24);
SHAPE(ipv6_fragments_tcp_in_first_last_first, .family = AF_INET6,
      .headers = "F", .first = 24, .backwards = true);
SHAPE(ipv6_fragments_destination_and_tcp_in_first, .family = AF_INET6,
      .headers = "FD", .first = 48, .data_len = 16);
SHAPE(ipv6_fragments_destination_and_tcp_in_first_last_first,
      .family = AF_INET6, .headers = "FD", .first = 48, .data_len = 16,
      .backwards = true);
/* The kernel wants the whole TCP header in the first fragment. */
SHAPE(ipv6_fragments_of_8, .family = AF_INET6, .headers = "F", .first = 8,
      .rest = 8, .refused = true);
SHAPE(ipv6_fragments_of_8_last_first, .family = AF_INET6, .headers = "F",
      .first = 8, .rest = 8, .refused = true, .backwards = true);
SHAPE(ipv6_fragments_of_16, .family = AF_INET6, .headers = "F", .first = 16,
      .rest = 16, .refused = true);
SHAPE(ipv6_fragments_of_16_last_first, .family = AF_INET6, .headers = "F",
      .first = 16, .rest = 16, .refused = true, .backwards = true);
/* With one extension header it finds out that TCP is missing ... */
SHAPE(ipv6_first_is_destination, .family = AF_INET6, .headers = "FD",
      .first = 8, .refused = true, .hides_ports = true);
SHAPE(ipv6_first_is_destination_last_first, .family = AF_INET6,
      .headers = "FD", .first = 8, .refused = true, .hides_ports = true,
      .backwards = true);
/* ... and with two it does not. */
SHAPE(ipv6_first_is_destination_of_two, .family = AF_INET6, .headers = "FDD",
      .first = 8, .hides_ports = true);
SHAPE(ipv6_first_is_destination_of_two_last_first, .family = AF_INET6,
      .headers = "FDD", .first = 8, .hides_ports = true, .backwards = true);
SHAPE(ipv6_first_is_routing_before_destination, .family = AF_INET6,
      .headers = "FRD", .first = 8, .hides_ports = true);
SHAPE(ipv6_first_is_routing_before_destination_last_first, .family = AF_INET6,
      .headers = "FRD", .first = 8, .hides_ports = true, .backwards = true);
SHAPE(ipv6_syn_ece_cwr, .family = AF_INET6, .flags = TCP_ECE | TCP_CWR);
SHAPE(ipv6_syn_psh_data, .family = AF_INET6, .flags = TCP_PSH, .data_len = 16);
SHAPE(ipv6_syn_urg, .family = AF_INET6, .flags = TCP_URG);

FIXTURE_SETUP(shape)
{
	genl_open(&self->genl);
}

FIXTURE_TEARDOWN(shape)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

/* To all ports, with the policy in @mode or, where that is 0, with none. */
static void probe_ports(struct __test_metadata *_metadata, struct genl *genl,
			const struct shape *shape, unsigned int mode)
{
	struct packet packet[PACKETS_MAX];
	unsigned int i, n;

	for (i = 0; i < PORTS; i++) {
		uint16_t port = wire_ports[i];
		struct flow flow = wire_flow(&wire, shape->family, port);
		const struct row *moved = NULL;
		bool matches, answered;

		n = shape_build(packet, shape, &flow);
		ASSERT_EQ(0, counters_get(genl, &before));
		answered = wire_probe(&wire, &flow, packet, n,
				      shape->backwards);
		ASSERT_EQ(0, counters_get(genl, &after));

		matches = mode && port != CONTROL_PORT &&
			  !shape->hides_ports &&
			  (!shape->shows_ack || port < 512);
		EXPECT_EQ(!shape->refused &&
			  !(mode == SASSER_MODE_ENFORCE &&
			    (matches || shape->hides_ports)), answered) {
			TH_LOG("port %u, mode %u", port, mode);
		}
		EXPECT_EQ(mode && shape->hides_ports,
			  after.unclassified - before.unclassified) {
			TH_LOG("port %u, mode %u", port, mode);
		}
		if (matches)
			moved = row_find(&after, port == 445 ? "smb" :
					 "payload", SASSER_DIRECTION_IN, port);
		EXPECT_TRUE(counters_moved(&before, &after, moved, 1,
					   packet[0].len, !shape->shows_ack)) {
			TH_LOG("port %u, mode %u", port, mode);
		}
	}
}

TEST_F(shape, opens_no_connection_and_counts_once)
{
	struct genl *genl = &self->genl;

	probe_ports(_metadata, genl, &variant->shape, 0);
	ASSERT_EQ(0, policy_set(genl, &policy_sasser));
	probe_ports(_metadata, genl, &variant->shape, SASSER_MODE_ENFORCE);
	ASSERT_EQ(0, policy_set(genl, &policy_sasser_observe));
	probe_ports(_metadata, genl, &variant->shape, SASSER_MODE_OBSERVE);
	ASSERT_EQ(0, policy_clear(genl, false));
	probe_ports(_metadata, genl, &variant->shape, 0);
}

int main(int argc, char **argv)
{
	wire_setup(&wire);
	return test_harness_run(argc, argv);
}
