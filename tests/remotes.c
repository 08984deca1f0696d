// SPDX-License-Identifier: GPL-2.0-or-later
/* Which filter decides where several have remote prefixes, or none. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"
#include "remotes.h"

#define PORT	445
#define LISTED	8	/* filters and probes of a case, at most */

static struct counters before, after;

/* By name, action, and prefixes with blanks between them (none: all). */
struct spec {
	const char *name;
	uint8_t action;
	const char *remotes;
};

/* From or to that address: which filter decides? NULL: none */
struct expected {
	const char *remote;
	const char *filter;
	bool out_only;		/* no host takes packets from there */
};

FIXTURE(choice) {
	struct genl genl;
};

FIXTURE_VARIANT(choice) {
	struct spec spec[LISTED];
	struct expected expected[LISTED];
};

#define BLOCK	SASSER_ACTION_BLOCK
#define OBSERVE	SASSER_ACTION_OBSERVE
#define PERMIT	SASSER_ACTION_PERMIT

FIXTURE_VARIANT_ADD(choice, permit_of_one_beats_block_of_all) {
	.spec = { { "all", BLOCK, "" }, { "one", PERMIT, "192.0.2.7/32" } },
	.expected = { { "192.0.2.7", "one" }, { "192.0.2.6", "all" },
		      { "192.0.2.8", "all" }, { "2001:db8::7", "all" } },
};

FIXTURE_VARIANT_ADD(choice, ipv6_permit_of_one_beats_block_of_all) {
	.spec = { { "one", PERMIT, "2001:db8::7/128" }, { "all", BLOCK, "" } },
	.expected = { { "2001:db8::7", "one" }, { "2001:db8::6", "all" },
		      { "2001:db8::8", "all" }, { "192.0.2.7", "all" } },
};

FIXTURE_VARIANT_ADD(choice, block_of_a_part_beats_permit) {
	.spec = { { "net", PERMIT, "192.0.2.0/24" },
		  { "half", BLOCK, "192.0.2.0/25" } },
	.expected = { { "192.0.2.0", "half" }, { "192.0.2.127", "half" },
		      { "192.0.2.128", "net" }, { "192.0.2.255", "net" },
		      { "192.0.1.255", NULL }, { "192.0.3.0", NULL },
		      { "2001:db8::7", NULL } },
};

FIXTURE_VARIANT_ADD(choice, ipv6_block_of_a_part_beats_permit) {
	.spec = { { "net", PERMIT, "2001:db8:1::/48" },
		  { "half", BLOCK, "2001:db8:1::/49" } },
	.expected = { { "2001:db8:1::", "half" },
		      { "2001:db8:1:7fff:ffff:ffff:ffff:ffff", "half" },
		      { "2001:db8:1:8000::", "net" },
		      { "2001:db8:1:ffff:ffff:ffff:ffff:ffff", "net" },
		      { "2001:db8:0:ffff:ffff:ffff:ffff:ffff", NULL },
		      { "2001:db8:2::", NULL }, { "192.0.2.7", NULL } },
};

FIXTURE_VARIANT_ADD(choice, no_prefix_is_the_shortest) {
	.spec = { { "all", BLOCK, "" }, { "zero", PERMIT, "0.0.0.0/0" } },
	.expected = { { "192.0.2.7", "zero" }, { "2001:db8::7", "all" },
		      { "0.0.0.0", "zero", true },
		      { "255.255.255.255", "zero", true } },
};

FIXTURE_VARIANT_ADD(choice, ipv6_no_prefix_is_the_shortest) {
	.spec = { { "all", BLOCK, "" }, { "zero", OBSERVE, "::/0" } },
	.expected = { { "2001:db8::7", "zero" }, { "192.0.2.7", "all" },
		      { "::", "zero", true },
		      { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "zero",
			true } },
};

FIXTURE_VARIANT_ADD(choice, equal_block_over_observe_over_permit) {
	.spec = { { "permit", PERMIT,
		    "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24" },
		  { "observe", OBSERVE, "192.0.2.0/24 198.51.100.0/24" },
		  { "block", BLOCK, "192.0.2.0/24" } },
	.expected = { { "192.0.2.7", "block" }, { "198.51.100.7", "observe" },
		      { "203.0.113.7", "permit" }, { "2001:db8::7", NULL } },
};

FIXTURE_VARIANT_ADD(choice, ipv6_equal_block_over_observe_over_permit) {
	.spec = { { "permit", PERMIT,
		    "2001:db8:1::/48 2001:db8:2::/48 2001:db8:3::/48" },
		  { "observe", OBSERVE, "2001:db8:1::/48 2001:db8:2::/48" },
		  { "block", BLOCK, "2001:db8:1::/48" } },
	.expected = { { "2001:db8:1::7", "block" },
		      { "2001:db8:2::7", "observe" },
		      { "2001:db8:3::7", "permit" }, { "192.0.2.7", NULL } },
};

FIXTURE_VARIANT_ADD(choice, equal_actions_the_first) {
	.spec = { { "b1", PERMIT, "192.0.2.0/24" },
		  { "a2", PERMIT, "192.0.2.0/24 198.51.100.0/24" },
		  { "d3", BLOCK, "2001:db8::/32" },
		  { "c4", BLOCK, "2001:db8::/32 2001:db9::/32" } },
	.expected = { { "192.0.2.7", "b1" }, { "198.51.100.7", "a2" },
		      { "2001:db8::7", "d3" }, { "2001:db9::7", "c4" } },
};

FIXTURE_VARIANT_ADD(choice, without_prefixes_as_ever) {
	.spec = { { "permit", PERMIT, "" }, { "observe", OBSERVE, "" },
		  { "block", BLOCK, "" }, { "other", BLOCK, "" },
		  { "far", PERMIT, "198.51.100.0/24" } },
	.expected = { { "192.0.2.7", "block" }, { "2001:db8::7", "block" },
		      { "198.51.100.7", "far" } },
};

FIXTURE_VARIANT_ADD(choice, first_and_last_address_of_all) {
	.spec = { { "low", BLOCK, "0.0.0.0/32 ::/128" },
		  { "high", BLOCK,
		    "255.255.255.255/32 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" },
		  { "upper", PERMIT, "128.0.0.0/1 8000::/1" } },
	.expected = { { "0.0.0.0", "low", true }, { "0.0.0.1", NULL, true },
		      { "255.255.255.255", "high", true },
		      { "255.255.255.254", "upper", true },
		      { "::", "low", true }, { "::2", NULL, true },
		      { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "high",
			true },
		      { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "upper",
			true } },
};

FIXTURE_VARIANT_ADD(choice, first_and_last_prefix_of_all) {
	.spec = { { "low", BLOCK, "0.0.0.0/8 ::/8" },
		  { "high", PERMIT, "255.0.0.0/8 ff00::/8" } },
	.expected = { { "0.255.255.255", "low", true },
		      { "1.0.0.0", NULL },
		      { "255.0.0.0", "high", true },
		      { "254.255.255.255", NULL, true },
		      { "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "low", true },
		      { "100::", NULL, true },
		      { "ff00::", "high", true },
		      { "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL,
			true } },
};

FIXTURE_SETUP(choice)
{
	genl_open(&self->genl);
}

FIXTURE_TEARDOWN(choice)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

/* Return: number of them */
static unsigned int remotes_of(const char *text, struct remote *remote)
{
	unsigned int n = 0;
	char one[64];
	int len;

	for (; sscanf(text, "%63s%n", one, &len) == 1; text += len)
		remote[n++] = remote_of(one);
	return n;
}

static const struct spec *spec_find(const struct spec *spec, const char *name)
{
	unsigned int i;

	for (i = 0; name && i < LISTED && spec[i].name; i++)
		if (!strcmp(spec[i].name, name))
			return &spec[i];
	return NULL;
}

/* One packet. @spec: of the filter that is to decide, or NULL */
static void check_one(struct __test_metadata *_metadata, struct genl *genl,
		      const struct probe *probe, const struct spec *spec,
		      uint8_t mode)
{
	const struct row *row = NULL;
	uint8_t action = spec ? spec->action : PERMIT;
	unsigned int len;
	int err;

	if (mode == SASSER_MODE_OBSERVE && action == BLOCK)
		action = OBSERVE;
	ASSERT_EQ(0, counters_get(genl, &before));
	err = probe_send(probe, &len);
	ASSERT_EQ(0, counters_get(genl, &after));
	EXPECT_EQ(action != BLOCK ? 0 : probe->out && probe->flags == TCP_SYN ?
		  -ECONNREFUSED : -EPERM, err) {
		TH_LOG("%s %s", probe->out ? "to" : "from", probe->remote);
	}
	if (spec) {
		row = row_find(&after, spec->name, probe->out ?
			       SASSER_DIRECTION_OUT : SASSER_DIRECTION_IN,
			       probe->port);
		EXPECT_EQ(action, row->action);
	}
	EXPECT_TRUE(counters_moved(&before, &after, row, 1, len,
				   probe->flags == TCP_SYN)) {
		TH_LOG("%s %s", probe->out ? "to" : "from", probe->remote);
	}
}

static void check_all(struct __test_metadata *_metadata, struct genl *genl,
		      const struct spec *spec, const struct expected *expected,
		      uint8_t protocol, uint8_t direction, uint8_t mode)
{
	unsigned int i, out;

	for (i = 0; i < LISTED && expected[i].remote; i++) {
		for (out = 0; out < 2; out++) {
			bool here = direction == SASSER_DIRECTION_BOTH ||
				    direction == (out ? SASSER_DIRECTION_OUT :
							SASSER_DIRECTION_IN);
			struct probe probe = {
				.remote = expected[i].remote, .out = out,
				.port = PORT,
				.flags = protocol == SASSER_PROTOCOL_TCP ?
					 TCP_SYN : 0,
			};

			if (!out && expected[i].out_only)
				continue;
			check_one(_metadata, genl, &probe, mode && here ?
				  spec_find(spec, expected[i].filter) : NULL,
				  mode);
		}
	}
}

static void check_policy(struct __test_metadata *_metadata, struct genl *genl,
			 const struct spec *spec,
			 const struct expected *expected, uint8_t protocol,
			 uint8_t direction, uint8_t mode)
{
	static const struct range range[] = { { PORT, PORT } };
	struct remote remote[LISTED][LISTED];
	struct filter filter[LISTED] = {};
	struct policy policy = {
		"P", mode, SASSER_ORIGIN_LOCAL, 0, filter,
	};
	unsigned int i;

	for (i = 0; i < LISTED && spec[i].name; i++) {
		strcpy(filter[i].name, spec[i].name);
		filter[i].direction = direction;
		filter[i].protocol = protocol;
		filter[i].action = spec[i].action;
		filter[i].n_ranges = 1;
		filter[i].range = range;
		filter[i].n_remotes = remotes_of(spec[i].remotes, remote[i]);
		filter[i].remote = remote[i];
	}
	policy.n_filters = i;
	ASSERT_EQ(0, policy_set(genl, &policy));
	check_all(_metadata, genl, spec, expected, protocol, direction, mode);
}

TEST_F(choice, the_right_filter_decides_and_counts)
{
	static const uint8_t protocol[] = {
		SASSER_PROTOCOL_TCP, SASSER_PROTOCOL_UDP,
	};
	unsigned int i;
	uint8_t dir;

	for (i = 0; i < 2; i++) {
		check_all(_metadata, &self->genl, variant->spec,
			  variant->expected, protocol[i],
			  SASSER_DIRECTION_BOTH, 0);
		for (dir = SASSER_DIRECTION_IN; dir <= SASSER_DIRECTION_BOTH;
		     dir++) {
			check_policy(_metadata, &self->genl, variant->spec,
				     variant->expected, protocol[i], dir,
				     SASSER_MODE_ENFORCE);
			check_policy(_metadata, &self->genl, variant->spec,
				     variant->expected, protocol[i], dir,
				     SASSER_MODE_OBSERVE);
		}
		ASSERT_EQ(0, policy_clear(&self->genl, false));
		check_all(_metadata, &self->genl, variant->spec,
			  variant->expected, protocol[i],
			  SASSER_DIRECTION_BOTH, 0);
	}
}

/*
 * match = packet
 */

static const struct range port_payload[] = { { 5554, 5554 } };

static void check_packets(struct __test_metadata *_metadata,
			  struct genl *genl, uint8_t match, bool out)
{
	struct spec spec = { "payload", BLOCK, "" };
	struct filter filter = {
		"payload", out ? SASSER_DIRECTION_OUT : SASSER_DIRECTION_IN,
		SASSER_PROTOCOL_TCP, BLOCK, 1, port_payload,
	};
	struct policy policy = {
		"P", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 1, &filter,
		.match = match,
	};
	unsigned int i;

	ASSERT_EQ(0, policy_set(genl, &policy));
	for (i = 0; i < 2; i++) {
		struct probe probe = {
			i ? "2001:db8::9" : "192.0.2.9", out, 5554, TCP_ACK,
		};

		check_one(_metadata, genl, &probe,
			  match == SASSER_MATCH_PACKET ? &spec : NULL,
			  SASSER_MODE_ENFORCE);
		probe.flags = TCP_SYN | TCP_ACK;
		check_one(_metadata, genl, &probe,
			  match == SASSER_MATCH_PACKET ? &spec : NULL,
			  SASSER_MODE_ENFORCE);
		probe.flags = TCP_SYN;
		check_one(_metadata, genl, &probe, &spec, SASSER_MODE_ENFORCE);

		/* The other direction is none of its business. */
		probe.out = !out;
		probe.flags = TCP_ACK;
		check_one(_metadata, genl, &probe, NULL, SASSER_MODE_ENFORCE);
		if (!out)
			continue;
		probe.out = true;
		probe.flags = TCP_RST;
		check_one(_metadata, genl, &probe, NULL, SASSER_MODE_ENFORCE);
		probe.flags = TCP_RST | TCP_ACK;
		check_one(_metadata, genl, &probe, NULL, SASSER_MODE_ENFORCE);
	}
}

TEST(match_packet_takes_what_opens_no_connection)
{
	struct genl genl;
	uint8_t match;

	genl_open(&genl);

	for (match = SASSER_MATCH_AUTO; match <= SASSER_MATCH_PACKET; match++) {
		check_packets(_metadata, &genl, match, false);
		check_packets(_metadata, &genl, match, true);
	}
	EXPECT_EQ(0, policy_clear(&genl, false));
	genl_close(&genl);
}

int main(int argc, char **argv)
{
	probe_setup();
	return test_harness_run(argc, argv);
}
