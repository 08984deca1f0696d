// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a policy does with a packet: policy_judge.c against a slow version that
 * follows the text of <linux/sasser.h>, over all of a small world. Its
 * addresses are 16, the last byte's lower half, in 192.0.2.0/28 and 2001:db8::/124.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "policy_judge.h"
#include "userspace_tap.h"

#define WORLDS		2000
#define FILTERS		6
#define REMOTES		4
#define ADDRESSES	16

static const uint16_t ports[] = { 1, 444, 445, 446, 511, 512, 5554, 65535 };

static struct prefix remotes[FILTERS][REMOTES];
static struct range ranges[FILTERS][2];
static struct filter filters[FILTERS];
static struct policy policy = { .name = "TEST", .filters = filters };

/* The same worlds every time. */
static unsigned int seed = 20040430;

static unsigned int any(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void address_of(uint8_t address[16], uint8_t family, unsigned int i)
{
	memset(address, 0, 16);
	inet_pton(family, family == AF_INET ? "192.0.2.0" : "2001:db8::",
		  address);
	address[family == AF_INET ? 3 : 15] |= (uint8_t)i;
}

static bool bit(const uint8_t *address, unsigned int i)
{
	return address[i / 8] >> (7 - i % 8) & 1;
}

static void make_remote(struct prefix *remote)
{
	unsigned int whole;

	remote->family = any(2) ? AF_INET : AF_INET6;
	whole = remote->family == AF_INET ? 32 : 128;
	remote->length = (uint8_t)(any(8) ? whole - any(6) : any(whole + 1));
	address_of(remote->address, remote->family, any(ADDRESSES));
	for (unsigned int i = remote->length; i < 128; i++)
		remote->address[i / 8] &= (uint8_t)~(0x80 >> i % 8);
}

static void make_world(void)
{
	policy.n_filters = 1 + any(FILTERS);
	policy.match = any(2) ? SASSER_MATCH_AUTO : SASSER_MATCH_PACKET;
	policy.mode = any(2) ? SASSER_MODE_ENFORCE : SASSER_MODE_OBSERVE;
	for (size_t i = 0; i < policy.n_filters; i++) {
		struct filter *filter = &filters[i];

		snprintf(filter->name, NAME_LEN, "f%zu", i);
		filter->direction = (uint8_t)(SASSER_DIRECTION_IN + any(3));
		filter->protocol = any(3) ? SASSER_PROTOCOL_TCP :
					    SASSER_PROTOCOL_UDP;
		filter->action = (uint8_t)(SASSER_ACTION_BLOCK + any(3));
		filter->ranges = ranges[i];
		filter->n_ranges = 1 + any(2);
		for (size_t j = 0; j < filter->n_ranges; j++) {
			uint16_t a = ports[any(ARRAY_SIZE(ports))];
			uint16_t b = any(2) ? a : ports[any(ARRAY_SIZE(ports))];

			ranges[i][j].first = a < b ? a : b;
			ranges[i][j].last = a < b ? b : a;
		}
		filter->remotes = remotes[i];
		filter->n_remotes = any(3) ? any(REMOTES + 1) : 0;
		for (size_t j = 0; j < filter->n_remotes; j++)
			make_remote(&remotes[i][j]);
	}
}

/* ---- the slow version */

static bool slow_has_port(const struct filter *filter, uint16_t port)
{
	for (size_t i = 0; i < filter->n_ranges; i++)
		if (filter->ranges[i].first <= port &&
		    port <= filter->ranges[i].last)
			return true;
	return false;
}

static bool slow_holds(const struct prefix *remote, uint8_t family,
		       const uint8_t *address)
{
	if (remote->family != family)
		return false;
	for (unsigned int i = 0; i < remote->length; i++)
		if (bit(remote->address, i) != bit(address, i))
			return false;
	return true;
}

/* Does this filter match with a prefix of just that length? -1: with none. */
static bool slow_matches(const struct filter *filter,
			 const struct judge_flow *flow, uint8_t family,
			 const uint8_t *address, int length)
{
	if (filter->protocol != flow->protocol ||
	    !(filter->direction == SASSER_DIRECTION_BOTH ||
	      filter->direction == flow->direction) ||
	    !slow_has_port(filter, flow->port))
		return false;
	if (length < 0)
		return !filter->n_remotes;
	for (size_t i = 0; i < filter->n_remotes; i++)
		if (filter->remotes[i].length == length &&
		    slow_holds(&filter->remotes[i], family, address))
			return true;
	return false;
}

static uint8_t slow_judge(const struct judge_flow *flow, uint8_t family,
			  const uint8_t *address)
{
	static const uint8_t order[] = {
		SASSER_ACTION_BLOCK, SASSER_ACTION_OBSERVE,
		SASSER_ACTION_PERMIT,
	};

	for (int length = 128; length >= -1; length--)
		for (size_t a = 0; a < ARRAY_SIZE(order); a++)
			for (size_t i = 0; i < policy.n_filters; i++)
				if (filters[i].action == order[a] &&
				    slow_matches(&filters[i], flow, family,
						 address, length))
					return order[a];
	return 0;
}

/* ---- the comparison */

static unsigned int asked, blocked, differ, some_blocked, some_differ;

static bool slow_blocks(const struct judge_flow *flow, uint8_t family,
			const uint8_t *address)
{
	return slow_judge(flow, family, address) == SASSER_ACTION_BLOCK;
}

/*
 * All prefixes lie about the small world, so addresses outside it are decided
 * alike if they leave it at the same bit: one of each kind is all there is.
 */
static void compare_some(const struct judge_flow *flow, uint8_t family)
{
	unsigned int outside = family == AF_INET ? 28 : 124;
	uint8_t address[16];
	bool some = false;

	for (unsigned int i = 0; i < ADDRESSES; i++) {
		address_of(address, family, i);
		some |= slow_blocks(flow, family, address);
	}
	for (unsigned int i = 0; i < outside; i++) {
		address_of(address, family, 0);
		address[i / 8] ^= (uint8_t)(0x80 >> i % 8);
		some |= slow_blocks(flow, family, address);
	}
	some_blocked += some;
	some_differ += policy_blocks_some(&policy, flow, family) != some;
}

static void compare(const struct judge_flow *flow)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	uint8_t address[16];

	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		for (unsigned int i = 0; i < ADDRESSES; i++) {
			uint8_t got, wanted;

			address_of(address, families[f], i);
			got = policy_judge(&policy, flow, families[f], address);
			wanted = slow_judge(flow, families[f], address);
			asked++;
			blocked += wanted == SASSER_ACTION_BLOCK;
			differ += got != wanted;
		}
		compare_some(flow, families[f]);
	}
}

static void test_random(void)
{
	for (unsigned int world = 0; world < WORLDS; world++) {
		struct judge_flow flow = {
			.direction = any(2) ? SASSER_DIRECTION_IN :
					      SASSER_DIRECTION_OUT,
			.protocol = any(3) ? SASSER_PROTOCOL_TCP :
					     SASSER_PROTOCOL_UDP,
			.port = ports[any(ARRAY_SIZE(ports))],
		};

		make_world();
		compare(&flow);
	}
	ok(!differ, "%u of %u decisions differ from the slow version's, in %u worlds",
	   differ, asked, WORLDS);
	ok(blocked > asked / 20 && blocked < asked / 2,
	   "%u of them are to block, and not all", blocked);
	ok(!some_differ && some_blocked > WORLDS / 10 && some_blocked < WORLDS,
	   "whether some address is blocked: %u of %u are wrong, %u have one",
	   some_differ, 2 * WORLDS, some_blocked);
}

/* ---- by example */

struct example {
	const char *name;
	struct {
		uint8_t action;
		const char *remote;	/* NULL: none */
		uint8_t length;
	} filter[3];
	const char *address;
	uint8_t wanted;
	bool some;		/* some address of that family is blocked */
};

#define BLOCK	SASSER_ACTION_BLOCK
#define OBSERVE	SASSER_ACTION_OBSERVE
#define PERMIT	SASSER_ACTION_PERMIT

static const struct example examples[] = {
	{ "nothing matches", {}, "192.0.2.7", 0, false },
	{ "block any", { { BLOCK, NULL, 0 } }, "192.0.2.7", BLOCK, true },
	{ "permit an address, block any",
	  { { BLOCK, NULL, 0 }, { PERMIT, "192.0.2.7", 32 } },
	  "192.0.2.7", PERMIT, true },
	{ "but another is blocked",
	  { { BLOCK, NULL, 0 }, { PERMIT, "192.0.2.7", 32 } },
	  "192.0.2.8", BLOCK, true },
	{ "block /25 beats permit /24",
	  { { PERMIT, "192.0.2.0", 24 }, { BLOCK, "192.0.2.0", 25 } },
	  "192.0.2.7", BLOCK, true },
	{ "block beats observe at equal length",
	  { { OBSERVE, "192.0.2.0", 24 }, { BLOCK, "192.0.2.0", 24 } },
	  "192.0.2.7", BLOCK, true },
	{ "observe beats permit at equal length",
	  { { PERMIT, "192.0.2.0", 24 }, { OBSERVE, "192.0.2.0", 24 } },
	  "192.0.2.7", OBSERVE, false },
	{ "/0 is longer than none",
	  { { BLOCK, NULL, 0 }, { PERMIT, "0.0.0.0", 0 } },
	  "192.0.2.7", PERMIT, false },
	{ "and of one family only",
	  { { BLOCK, NULL, 0 }, { PERMIT, "0.0.0.0", 0 } },
	  "2001:db8::7", BLOCK, true },
	{ "two halves permitted are the whole",
	  { { BLOCK, NULL, 0 }, { PERMIT, "0.0.0.0", 1 },
	    { PERMIT, "128.0.0.0", 1 } }, "192.0.2.7", PERMIT, false },
	{ "two halves of IPv6, too",
	  { { BLOCK, NULL, 0 }, { PERMIT, "::", 1 },
	    { PERMIT, "8000::", 1 } }, "2001:db8::7", PERMIT, false },
	{ "a gap in the middle is found",
	  { { BLOCK, NULL, 0 }, { PERMIT, "0.0.0.0", 2 },
	    { PERMIT, "128.0.0.0", 1 } }, "192.0.2.7", PERMIT, true },
	{ "the last address of all is found",
	  { { PERMIT, "0.0.0.0", 0 }, { BLOCK, "255.255.255.255", 32 } },
	  "192.0.2.7", PERMIT, true },
	{ "permit /128 beats block /64 of IPv6",
	  { { BLOCK, "2001:db8::", 64 }, { PERMIT, "2001:db8::7", 128 } },
	  "2001:db8::7", PERMIT, true },
};

static uint8_t put_address(uint8_t address[16], const char *text)
{
	uint8_t family = strchr(text, ':') ? AF_INET6 : AF_INET;

	memset(address, 0, 16);
	inet_pton(family, text, address);
	return family;
}

static void test_example(const struct example *example)
{
	const struct judge_flow in = {
		SASSER_DIRECTION_IN, SASSER_PROTOCOL_TCP, 445
	};
	uint8_t address[16], family = put_address(address, example->address);

	memset(filters, 0, sizeof(filters));
	policy.n_filters = 0;
	for (size_t i = 0; i < 3 && example->filter[i].action; i++) {
		struct filter *filter = &filters[policy.n_filters++];

		filter->direction = SASSER_DIRECTION_IN;
		filter->protocol = SASSER_PROTOCOL_TCP;
		filter->action = example->filter[i].action;
		filter->ranges = ranges[i];
		filter->n_ranges = 1;
		ranges[i][0] = (struct range){ 445, 445 };
		if (!example->filter[i].remote)
			continue;
		filter->remotes = remotes[i];
		filter->n_remotes = 1;
		remotes[i][0].length = example->filter[i].length;
		remotes[i][0].family = put_address(remotes[i][0].address,
						   example->filter[i].remote);
	}
	ok(policy_judge(&policy, &in, family, address) == example->wanted &&
	   policy_blocks_some(&policy, &in, family) == example->some,
	   "%s", example->name);
}

static void test_matching(void)
{
	struct judge_flow flow = {
		SASSER_DIRECTION_IN, SASSER_PROTOCOL_TCP, 511
	};

	policy.match = SASSER_MATCH_AUTO;
	ok(policy_matches_all(&policy, &flow), "all of TCP match to port 511");
	flow.port = 512;
	ok(!policy_matches_all(&policy, &flow), "only what opens, to port 512");
	policy.match = SASSER_MATCH_PACKET;
	ok(policy_matches_all(&policy, &flow), "but all with match = packet");
	policy.match = SASSER_MATCH_AUTO;
	flow.protocol = SASSER_PROTOCOL_UDP;
	ok(policy_matches_all(&policy, &flow), "all of UDP match");
}

int main(void)
{
	puts("TAP version 13");
	test_random();
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		test_example(&examples[i]);
	test_matching();
	return tap_end();
}
