// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * As many prefixes as a policy may have, and ports that filters share in part:
 * each packet has to be decided as a plain look at all filters would do it.
 */
#include <arpa/inet.h>
#include <errno.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"
#include "remotes.h"

#define PORT	445

static struct counters after;
static struct filter filter[SASSER_FILTERS_MAX];
static struct remote remote[SASSER_REMOTES_MAX];
static const struct range port_smb[] = { { PORT, PORT } };
static struct policy policy = {
	"MANY", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 0, filter,
};

/* What each filter is to have counted: at PORT, or at any port. */
static uint64_t packets[SASSER_FILTERS_MAX], bytes[SASSER_FILTERS_MAX];
static unsigned int n_remotes;

static bool bit_of(const uint8_t *addr, unsigned int i)
{
	return addr[i / 8] >> (7 - i % 8) & 1;
}

static void bit_flip(uint8_t *addr, unsigned int i)
{
	addr[i / 8] ^= 1 << (7 - i % 8);
}

static unsigned int bits_of(int family)
{
	return family == AF_INET ? 32 : 128;
}

/* Everything behind the prefix becomes 0, or 1. */
static void rest_fill(struct remote *r, bool one)
{
	unsigned int i;

	for (i = r->len; i < bits_of(r->family); i++)
		if (bit_of(r->addr, i) != one)
			bit_flip(r->addr, i);
}

/* Does a prefix hold an address? */
static bool holds(const struct remote *r, int family, const uint8_t *addr)
{
	unsigned int i;

	if (r->family != family)
		return false;
	for (i = 0; i < r->len; i++)
		if (bit_of(r->addr, i) != bit_of(addr, i))
			return false;
	return true;
}

/* Longest prefix that holds the address; 0: by having none, -1: no match */
static int length_of(const struct filter *f, int family, const uint8_t *addr)
{
	int longest = f->n_remotes ? -1 : 0;
	unsigned int i;

	for (i = 0; i < f->n_remotes; i++)
		if (holds(&f->remote[i], family, addr) &&
		    f->remote[i].len + 1 > longest)
			longest = f->remote[i].len + 1;
	return longest;
}

static bool has_port(const struct filter *f, uint16_t port)
{
	unsigned int i;

	for (i = 0; i < f->n_ranges; i++)
		if (f->range[i].first <= port && port <= f->range[i].last)
			return true;
	return false;
}

/* Index of the filter that decides, or -1 */
static int decide(int family, const uint8_t *addr, uint16_t port)
{
	int best = -1, longest = -1;
	unsigned int i;

	for (i = 0; i < policy.n_filters; i++) {
		int len = has_port(&filter[i], port) ?
			  length_of(&filter[i], family, addr) : -1;

		if (len < 0 || len < longest)
			continue;
		if (len == longest && filter[i].action >= filter[best].action)
			continue;
		best = i;
		longest = len;
	}
	return best;
}

static void add_filter(uint8_t action, unsigned int n)
{
	struct filter *f = &filter[policy.n_filters];

	memset(f, 0, sizeof(*f));
	snprintf(f->name, sizeof(f->name), "f%u", policy.n_filters++);
	f->direction = SASSER_DIRECTION_BOTH;
	f->protocol = SASSER_PROTOCOL_UDP;
	f->action = action;
	f->n_ranges = 1;
	f->range = port_smb;
	f->remote = &remote[n_remotes - n];
	f->n_remotes = n;
}

static void add_remote(const char *address, unsigned int len)
{
	struct remote r;
	char text[64];

	snprintf(text, sizeof(text), "%s/%u", address, len);
	r = remote_of(text);
	rest_fill(&r, false);
	remote[n_remotes++] = r;
}

static void send_and_check(struct __test_metadata *_metadata, int family,
			   const uint8_t *addr, uint16_t port, bool out)
{
	char text[INET6_ADDRSTRLEN];
	struct probe probe = { text, out, port, 0 };
	int i = decide(family, addr, port);
	bool blocked = i >= 0 && filter[i].action == SASSER_ACTION_BLOCK;
	unsigned int len;

	inet_ntop(family, addr, text, sizeof(text));
	ASSERT_EQ(blocked ? -EPERM : 0, probe_send(&probe, &len)) {
		TH_LOG("%s %s, port %u: filter %d", out ? "to" : "from", text,
		       port, i);
	}
	if (i < 0)
		return;
	packets[i]++;
	bytes[i] += len;
}

/* Is it unlike what a host takes packets from? */
static bool is_odd(int family, const uint8_t *addr)
{
	if (family == AF_INET)
		return addr[0] == 0 || addr[0] == 127 || addr[0] >= 224;
	return addr[0] == 0 || addr[0] >= 0xfe;
}

static void probe_both(struct __test_metadata *_metadata, int family,
		       const uint8_t *addr)
{
	send_and_check(_metadata, family, addr, PORT, true);
	if (!is_odd(family, addr))
		send_and_check(_metadata, family, addr, PORT, false);
}

/* One up or down, over all bits. */
static void step(uint8_t *addr, int family, bool up)
{
	int i = bits_of(family) - 1;

	for (; i >= 0; i--) {
		bit_flip(addr, i);
		if (bit_of(addr, i) == up)
			return;
	}
}

/* The first and last address of a prefix, and the next ones outside. */
static void probe_edges(struct __test_metadata *_metadata,
			const struct remote *prefix)
{
	struct remote r = *prefix;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		rest_fill(&r, i);
		probe_both(_metadata, r.family, r.addr);
		step(r.addr, r.family, i);
		probe_both(_metadata, r.family, r.addr);
		r = *prefix;
	}
}

static void check_counters(struct __test_metadata *_metadata,
			   struct genl *genl)
{
	unsigned int i, f;

	ASSERT_EQ(0, counters_get(genl, &after));
	for (f = 0; f < policy.n_filters; f++) {
		uint64_t sum = 0, sum_bytes = 0;

		for (i = 0; i < after.n; i++) {
			if (strcmp(after.row[i].filter, filter[f].name))
				continue;
			sum += after.row[i].packets;
			sum_bytes += after.row[i].bytes;
			EXPECT_EQ(0, after.row[i].attempts);
		}
		EXPECT_EQ(packets[f], sum) {
			TH_LOG("filter %s", filter[f].name);
		}
		EXPECT_EQ(bytes[f], sum_bytes);
	}
	EXPECT_EQ(0, after.unclassified);
}

FIXTURE(many) {
	struct genl genl;
};

FIXTURE_SETUP(many)
{
	genl_open(&self->genl);
	/* No row of the test before lives on. */
	ASSERT_EQ(0, policy_set(&self->genl, &policy_sasser));
}

FIXTURE_TEARDOWN(many)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

static void nest(const char *address, unsigned int bits)
{
	unsigned int i;

	for (i = 0; i <= bits; i++) {
		add_remote(address, i);
		add_filter(SASSER_ACTION_BLOCK + i % 3, 1);
	}
}

/* The address itself, and those that leave the prefixes at each bit. */
static void probe_nest(struct __test_metadata *_metadata, const char *address)
{
	struct remote r;
	char text[64];
	unsigned int i;

	snprintf(text, sizeof(text), "%s/0", address);
	r = remote_of(text);
	probe_both(_metadata, r.family, r.addr);
	for (i = 0; i < bits_of(r.family); i++) {
		bit_flip(r.addr, i);
		EXPECT_EQ((r.family == AF_INET ? 0 : 33) + (int)i,
			  decide(r.family, r.addr, PORT));
		probe_both(_metadata, r.family, r.addr);
		bit_flip(r.addr, i);
	}
}

TEST_F(many, nested_as_deep_as_they_can_be)
{
	unsigned int i;

	nest("203.0.113.166", 32);
	nest("2001:db8:a5a5:5a5a:a5a5:5a5a:a5a5:5a5a", 128);
	ASSERT_EQ(33 + 129, policy.n_filters);
	ASSERT_EQ(0, policy_set(&self->genl, &policy));
	probe_nest(_metadata, "203.0.113.166");
	probe_nest(_metadata, "2001:db8:a5a5:5a5a:a5a5:5a5a:a5a5:5a5a");
	for (i = 0; i < n_remotes; i++)
		probe_edges(_metadata, &remote[i]);
	check_counters(_metadata, &self->genl);
}

/* 1,024 prefixes, four a filter: next to each other, or with one between. */
static void fill_side_by_side(unsigned int gap)
{
	char address[64];
	unsigned int i;

	for (i = 0; i < SASSER_REMOTES_MAX / 2; i++) {
		unsigned int at = i * (1 + gap);

		snprintf(address, sizeof(address), "198.%u.%u.0", at / 256,
			 at % 256);
		add_remote(address, 24);
		snprintf(address, sizeof(address), "2001:db8:%x::", at);
		add_remote(address, 48);
		if (n_remotes % 4 == 0)
			add_filter(SASSER_ACTION_BLOCK + i / 2 % 3, 4);
	}
}

static void check_side_by_side(struct __test_metadata *_metadata,
			       struct genl *genl, unsigned int gap)
{
	unsigned int i;

	fill_side_by_side(gap);
	ASSERT_EQ(SASSER_REMOTES_MAX, n_remotes);
	ASSERT_EQ(SASSER_FILTERS_MAX, policy.n_filters);
	ASSERT_EQ(0, policy_set(genl, &policy));
	for (i = 0; i < n_remotes; i++)
		probe_edges(_metadata, &remote[i]);
	check_counters(_metadata, genl);
}

TEST_F(many, next_to_each_other)
{
	check_side_by_side(_metadata, &self->genl, 0);
}

TEST_F(many, with_a_gap_between_them)
{
	check_side_by_side(_metadata, &self->genl, 1);
}

/* A filter for all, and everything in halves of each other. */
TEST_F(many, halves_of_halves)
{
	char address[64];
	unsigned int i;

	add_filter(SASSER_ACTION_BLOCK, 0);
	for (i = 0; i < 255; i++) {
		unsigned int len = 8 + (31 - __builtin_clz(i + 1));
		unsigned int at = (i + 1 - (1U << (len - 8))) << (16 - len);

		snprintf(address, sizeof(address), "10.%u.0.0", at);
		add_remote(address, len);
		snprintf(address, sizeof(address), "fd00:%x::", at << 8);
		add_remote(address, len + 8);
		add_filter(SASSER_ACTION_BLOCK + (i * 7 + i / 3) % 3, 2);
	}
	ASSERT_EQ(0, policy_set(&self->genl, &policy));
	for (i = 0; i < n_remotes; i++)
		probe_edges(_metadata, &remote[i]);
	check_counters(_metadata, &self->genl);
}

static const struct range ports_a[] = { { 7000, 7010 }, { 7020, 7020 } };
static const struct range ports_b[] = { { 7005, 7020 } };
static const struct range ports_c[] = { { 7008, 7015 }, { 7018, 7022 } };
static const struct range ports_d[] = { { 7003, 7008 } };

/* Some of these ports are of one filter only, others of up to four. */
TEST_F(many, ports_shared_in_part)
{
	static const char * const address[] = {
		"198.51.100.7", "198.51.100.200", "198.51.101.7", "203.0.113.7",
		"2001:db8:1::7", "2001:db8:1:8000::7", "2001:db8:2::7",
	};
	unsigned int i;
	uint16_t port;

	add_filter(SASSER_ACTION_BLOCK, 0);
	add_remote("198.51.100.0", 23);
	add_remote("2001:db8:1::", 48);
	add_filter(SASSER_ACTION_PERMIT, 2);
	add_remote("198.51.100.128", 25);
	add_remote("2001:db8:1:8000::", 49);
	add_filter(SASSER_ACTION_OBSERVE, 2);
	add_remote("2001:db8:1::", 48);
	add_filter(SASSER_ACTION_BLOCK, 1);
	filter[0].n_ranges = 2;
	filter[0].range = ports_a;
	filter[1].range = ports_b;
	filter[2].n_ranges = 2;
	filter[2].range = ports_c;
	filter[3].range = ports_d;
	ASSERT_EQ(0, policy_set(&self->genl, &policy));

	for (i = 0; i < ARRAY_SIZE(address); i++) {
		struct remote r;
		char text[64];

		snprintf(text, sizeof(text), "%s/0", address[i]);
		r = remote_of(text);
		for (port = 6999; port <= 7023; port++)
			send_and_check(_metadata, r.family, r.addr, port, true);
	}
	check_counters(_metadata, &self->genl);

	/* Said once more, without the model. */
	EXPECT_EQ(6 + 5, row_find(&after, "f3", SASSER_DIRECTION_OUT,
				  7003)->packets);
	EXPECT_EQ(0, row_find(&after, "f0", SASSER_DIRECTION_IN,
			      7000)->packets);
}

int main(int argc, char **argv)
{
	probe_setup();
	return test_harness_run(argc, argv);
}
