// SPDX-License-Identifier: GPL-2.0-or-later
/* Replies of a module that is older, newer, or out of its mind. */
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/netlink.h>

#include "reply.h"
#include "userspace_tap.h"

static char buf[4096];
static size_t used;

static struct nlattr *put(int type, const void *data, size_t len)
{
	struct nlattr *attr = (struct nlattr *)(buf + used);

	attr->nla_type = (uint16_t)type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + len);
	if (len)
		memcpy(attr + 1, data, len);
	memset((char *)(attr + 1) + len, 0, NLA_ALIGN(len) - len);
	used += NLA_HDRLEN + NLA_ALIGN(len);
	return attr;
}

static void put_text(int type, const char *text)
{
	put(type, text, strlen(text) + 1);
}

static void put_u8(int type, uint8_t value)
{
	put(type, &value, sizeof(value));
}

static void put_u16(int type, uint16_t value)
{
	put(type, &value, sizeof(value));
}

static void put_u64(int type, uint64_t value)
{
	put(type, &value, sizeof(value));
}

static void end_nest(struct nlattr *nest)
{
	nest->nla_len = (uint16_t)(buf + used - (char *)nest);
}

/* Attribute @without is left out. */
static void status(int without)
{
	used = 0;
	if (without != SASSER_A_VERSION)
		put_text(SASSER_A_VERSION, "1.2.3");
	if (without != SASSER_A_GENERATION)
		put_u64(SASSER_A_GENERATION, 7);
	if (without != SASSER_A_ASSIGNED)
		put_u8(SASSER_A_ASSIGNED, 1);
	if (without != SASSER_A_UNCLASSIFIED)
		put_u64(SASSER_A_UNCLASSIFIED, 3);
	if (without != SASSER_A_POLICY)
		put_text(SASSER_A_POLICY, "SASSER");
	if (without != SASSER_A_MODE)
		put_u8(SASSER_A_MODE, SASSER_MODE_ENFORCE);
	if (without != SASSER_A_ORIGIN)
		put_u8(SASSER_A_ORIGIN, SASSER_ORIGIN_LOCAL);
	if (without != SASSER_A_MATCH)
		put_u8(SASSER_A_MATCH, SASSER_MATCH_PACKET);
	if (without != SASSER_A_SCOPE)
		put_u8(SASSER_A_SCOPE, SASSER_SCOPE_EVERYWHERE);
	if (without != SASSER_A_SINCE)
		put_u64(SASSER_A_SINCE, 1767323045);
}

static void filter(const char *name, uint16_t first, uint16_t last)
{
	struct nlattr *nest, *range;

	used = 0;
	put_u64(SASSER_A_GENERATION, 7);
	nest = put(SASSER_A_FILTER | NLA_F_NESTED, NULL, 0);
	put_text(SASSER_FILTER_A_NAME, name);
	put_u8(SASSER_FILTER_A_DIRECTION, SASSER_DIRECTION_BOTH);
	put_u8(SASSER_FILTER_A_PROTOCOL, SASSER_PROTOCOL_TCP);
	put_u8(SASSER_FILTER_A_ACTION, SASSER_ACTION_BLOCK);
	range = put(SASSER_FILTER_A_RANGE | NLA_F_NESTED, NULL, 0);
	put_u16(SASSER_RANGE_A_FIRST, first);
	put_u16(SASSER_RANGE_A_LAST, last);
	end_nest(range);
	end_nest(nest);
}

static uint8_t direction = SASSER_DIRECTION_IN;

static void counter(uint64_t generation, uint8_t action, uint64_t last_hit)
{
	struct nlattr *nest;

	used = 0;
	put_u64(SASSER_A_GENERATION, generation);
	nest = put(SASSER_A_COUNTER | NLA_F_NESTED, NULL, 0);
	put_text(SASSER_COUNTER_A_FILTER, "smb");
	put_u8(SASSER_COUNTER_A_DIRECTION, direction);
	put_u8(SASSER_COUNTER_A_PROTOCOL, SASSER_PROTOCOL_TCP);
	put_u16(SASSER_COUNTER_A_FIRST, 445);
	put_u16(SASSER_COUNTER_A_LAST, 445);
	put_u8(SASSER_COUNTER_A_ACTION, action);
	put_u64(SASSER_COUNTER_A_PACKETS, UINT64_MAX);
	put_u64(SASSER_COUNTER_A_BYTES, 2);
	put_u64(SASSER_COUNTER_A_ATTEMPTS, 1);
	if (last_hit)
		put_u64(SASSER_COUNTER_A_LAST_HIT, last_hit);
	put_u64(SASSER_COUNTER_A_MAX + 1, 99);
	end_nest(nest);
	put_u64(SASSER_A_MAX + 1, 99);
}

static bool lacks(reply_fn take, struct reply *reply, const char *words)
{
	reply->malformed = false;
	said[0] = '\0';
	take(reply, buf, used);
	return reply->malformed && strstr(said, words);
}

static void test_status(void)
{
	static const struct {
		int attr;
		const char *words;
	} needed[] = {
		{ SASSER_A_VERSION, "lacks SASSER_A_VERSION" },
		{ SASSER_A_GENERATION, "lacks SASSER_A_GENERATION" },
		{ SASSER_A_ASSIGNED, "lacks SASSER_A_ASSIGNED" },
		{ SASSER_A_UNCLASSIFIED, "lacks SASSER_A_UNCLASSIFIED" },
		{ SASSER_A_POLICY, "lacks SASSER_A_POLICY" },
		{ SASSER_A_MODE, "lacks SASSER_A_MODE" },
		{ SASSER_A_ORIGIN, "lacks SASSER_A_ORIGIN" },
		{ SASSER_A_MATCH, "lacks SASSER_A_MATCH" },
		{ SASSER_A_SCOPE, "lacks SASSER_A_SCOPE" },
		{ SASSER_A_SINCE, "lacks SASSER_A_SINCE" },
	};
	struct snapshot snap = {};
	struct reply reply = { .snap = &snap };
	char too_long[NAME_LEN + 1] = {};
	uint32_t four = 4, left = 299;

	memset(too_long, 'x', NAME_LEN);
	status(0);
	reply_status(&reply, buf, used);
	ok(!reply.malformed && snap.loaded && snap.assigned && !snap.initial &&
	   snap.generation == 7 && snap.unclassified == 3 &&
	   snap.since == 1767323045 && !strcmp(snap.policy.name, "SASSER") &&
	   !strcmp(snap.module_version, "1.2.3"), "takes a status");
	put(SASSER_A_NAMESPACES, &four, sizeof(four));
	reply_status(&reply, buf, used);
	ok(snap.initial && snap.namespaces == 4,
	   "takes one of the initial namespace");
	ok(!snap.on_trial && !reply.imposed &&
	   snap.policy.match == SASSER_MATCH_PACKET &&
	   snap.policy.scope == SASSER_SCOPE_EVERYWHERE,
	   "takes match and scope");
	put(SASSER_A_CONFIRM, &left, sizeof(left));
	put(SASSER_A_IMPOSED, NULL, 0);
	reply_status(&reply, buf, used);
	ok(snap.on_trial && snap.confirm == 299 && reply.imposed,
	   "takes a trial, and that a policy is imposed");
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		status(needed[i].attr);
		ok(lacks(reply_status, &reply, needed[i].words),
		   "a status that %s", needed[i].words);
	}
	status(SASSER_A_MODE);
	put_u8(SASSER_A_MODE, 77);
	ok(lacks(reply_status, &reply, "unknown number in SASSER_A_MODE"),
	   "a mode of the future");
	status(SASSER_A_MODE);
	put_u64(SASSER_A_MODE, 1);
	ok(lacks(reply_status, &reply, "wrong length in SASSER_A_MODE"),
	   "a mode of eight bytes");
	status(SASSER_A_SINCE);
	put_u64(SASSER_A_SINCE, UINT64_MAX);
	ok(lacks(reply_status, &reply, "no time in SASSER_A_SINCE"),
	   "a time beyond all years");
	status(SASSER_A_POLICY);
	put(SASSER_A_POLICY, "abc", 3);
	ok(lacks(reply_status, &reply, "bad string in SASSER_A_POLICY"),
	   "a name without an end");
	status(SASSER_A_POLICY);
	put(SASSER_A_POLICY, "a\0c", 4);
	ok(lacks(reply_status, &reply, "bad string in SASSER_A_POLICY"),
	   "a name that ends early");
	status(SASSER_A_POLICY);
	put_text(SASSER_A_POLICY, too_long);
	ok(lacks(reply_status, &reply, "bad string in SASSER_A_POLICY"),
	   "a name that is too long");
}

static void test_filters(void)
{
	struct snapshot snap = { .generation = 7 };
	struct reply reply = { .snap = &snap };
	const struct policy *policy = &snap.policy;

	filter("payload", 5554, 5554);
	reply_filter(&reply, buf, used);
	filter("payload", 9996, 9998);
	reply_filter(&reply, buf, used);
	filter("smb", 445, 445);
	reply_filter(&reply, buf, used);
	ok(!reply.malformed && policy->n_filters == 2 &&
	   policy->filters[0].n_ranges == 2 &&
	   policy->filters[0].ranges[1].first == 9996 &&
	   policy->filters[0].ranges[1].last == 9998 &&
	   policy->filters[1].n_ranges == 1,
	   "puts a filter together that came in two messages");
	used = 0;
	put_u64(SASSER_A_GENERATION, 7);
	ok(lacks(reply_filter, &reply, "lacks SASSER_A_FILTER"),
	   "a message without a filter");
	snapshot_free(&snap);
}

/* Part of a filter that consists of nothing but prefixes. */
static void remotes(const char *name, const void *address, size_t bytes,
		    uint8_t length)
{
	struct nlattr *nest, *remote;

	used = 0;
	put_u64(SASSER_A_GENERATION, 7);
	nest = put(SASSER_A_FILTER | NLA_F_NESTED, NULL, 0);
	put_text(SASSER_FILTER_A_NAME, name);
	put_u8(SASSER_FILTER_A_DIRECTION, SASSER_DIRECTION_BOTH);
	put_u8(SASSER_FILTER_A_PROTOCOL, SASSER_PROTOCOL_TCP);
	put_u8(SASSER_FILTER_A_ACTION, SASSER_ACTION_PERMIT);
	remote = put(SASSER_FILTER_A_REMOTE | NLA_F_NESTED, NULL, 0);
	put(SASSER_REMOTE_A_ADDRESS, address, bytes);
	put_u8(SASSER_REMOTE_A_LENGTH, length);
	end_nest(remote);
	end_nest(nest);
}

static void test_remotes(void)
{
	static const uint8_t four[4] = { 192, 0, 2, 0 }, six[16] = { 0x20, 1 };
	struct snapshot snap = { .generation = 7 };
	struct reply reply = { .snap = &snap };
	const struct filter *got;

	filter("smb", 445, 445);
	reply_filter(&reply, buf, used);
	remotes("smb", four, sizeof(four), 23);
	reply_filter(&reply, buf, used);
	remotes("smb", six, sizeof(six), 16);
	reply_filter(&reply, buf, used);
	got = snap.policy.filters;
	ok(!reply.malformed && snap.policy.n_filters == 1 &&
	   got->n_ranges == 1 && got->n_remotes == 2 &&
	   got->remotes[0].family == AF_INET && got->remotes[0].length == 23 &&
	   !memcmp(got->remotes[0].address, four, sizeof(four)) &&
	   got->remotes[1].family == AF_INET6 &&
	   got->remotes[1].length == 16 &&
	   !memcmp(got->remotes[1].address, six, sizeof(six)),
	   "takes prefixes that come in messages of their own");
	remotes("smb", four, sizeof(four), 33);
	ok(lacks(reply_filter, &reply, "wrong prefix in SASSER_REMOTE_A_LENGTH"),
	   "a prefix of 33 bits");
	remotes("smb", four, sizeof(four), 24);
	ok(!lacks(reply_filter, &reply, "") && got->n_remotes == 3,
	   "a prefix with no bit behind it");
	remotes("smb", four, sizeof(four), 8);
	ok(lacks(reply_filter, &reply, "wrong prefix in SASSER_REMOTE_A_LENGTH"),
	   "a prefix with bits behind it");
	remotes("smb", six, 5, 8);
	ok(lacks(reply_filter, &reply,
		 "wrong length in SASSER_REMOTE_A_ADDRESS"),
	   "an address of five bytes");
	snapshot_free(&snap);
}

static void test_counters(void)
{
	struct snapshot snap = { .generation = 7 };
	struct reply reply = { .snap = &snap };

	counter(7, SASSER_ACTION_BLOCK, 0);
	reply_counter(&reply, buf, used);
	counter(7, SASSER_ACTION_OBSERVE, 1767323045);
	reply_counter(&reply, buf, used);
	ok(!reply.malformed && snap.n_counters == 2 &&
	   snap.counters[0].packets == UINT64_MAX &&
	   snap.counters[0].bytes == 2 && snap.counters[0].attempts == 1 &&
	   !snap.counters[0].last_hit &&
	   snap.counters[1].last_hit == 1767323045 &&
	   snap.counters[1].action == SASSER_ACTION_OBSERVE &&
	   snap.counters[1].ports.last == 445,
	   "takes rows, and leaves attributes of the future");
	counter(7, 77, 0);
	ok(lacks(reply_counter, &reply, "unknown number in SASSER_COUNTER_A_ACTION"),
	   "an action of the future");
	direction = SASSER_DIRECTION_BOTH;
	counter(7, SASSER_ACTION_BLOCK, 0);
	ok(lacks(reply_counter, &reply,
		 "unknown number in SASSER_COUNTER_A_DIRECTION"),
	   "a row of both directions");
	direction = SASSER_DIRECTION_IN;
	counter(7, SASSER_ACTION_BLOCK, 0);
	ok(lacks(reply_counter, &reply, "has a row twice: smb") &&
	   snap.n_counters == 2, "a row that stands twice");
	reply.malformed = false;
	counter(8, SASSER_ACTION_BLOCK, 0);
	reply_counter(&reply, buf, used);
	ok(reply.interrupted && !reply.malformed && snap.n_counters == 2,
	   "a row of another generation");
	reply.interrupted = false;
	used = 0;
	put_u64(SASSER_A_GENERATION, 7);
	put_u64(SASSER_A_UNCLASSIFIED, 12);
	reply_reset(&reply, buf, used);
	ok(!reply.malformed && snap.unclassified == 12,
	   "the end of a reset has no row");
	ok(lacks(reply_counter, &reply, "lacks SASSER_A_COUNTER"),
	   "any other message has");
	snapshot_free(&snap);
}

static void test_event(void)
{
	struct event event = {};

	status(0);
	put_u8(SASSER_A_EVENT, SASSER_EVENT_UNASSIGNED);
	ok(reply_event(buf, used, &event) &&
	   event.what == SASSER_EVENT_UNASSIGNED && event.generation == 7 &&
	   !strcmp(event.policy, "SASSER"), "takes an event");
	status(0);
	ok(!reply_event(buf, used, &event), "no event in it");
	for (unsigned int i = SASSER_EVENT_REVERTED;
	     i <= SASSER_EVENT_CONFIRMED; i++) {
		status(0);
		put_u8(SASSER_A_EVENT, (uint8_t)i);
		put(SASSER_A_IMPOSED, NULL, 0);
		ok(reply_event(buf, used, &event) && event.what == i &&
		   event.imposed, "takes event %u of what is imposed", i);
	}
}

/* What the sanitizers find is the result. */
static void test_rubbish(void)
{
	static const reply_fn takes[] = {
		reply_status, reply_filter, reply_counter, reply_reset,
	};
	unsigned int seed = 1;
	size_t taken = 0;

	for (int i = 0; i < 200000; i++) {
		struct snapshot snap = { .generation = 7 };
		struct reply reply = { .snap = &snap };
		size_t len;
		char *copy;

		if (i % 7 == 0)
			remotes("payload", &seed, sizeof(seed), 32);
		else if (i % 3 == 0)
			status(0);
		else if (i % 3 == 1)
			filter("payload", 5554, 5554);
		else
			counter(7, SASSER_ACTION_BLOCK, 1767323045);
		for (int n = rand_r(&seed) % 4; n; n--)
			buf[(size_t)rand_r(&seed) % used] = (char)rand_r(&seed);
		len = (size_t)rand_r(&seed) % (used + 1);
		if (i & 1)
			len = used;
		/* Its own allocation: a byte beyond it is seen. */
		copy = malloc(len + 1);
		memcpy(copy, buf, len);
		takes[(size_t)rand_r(&seed) % 4](&reply, copy, len);
		taken += !reply.malformed;
		free(copy);
		snapshot_free(&snap);
	}
	ok(taken > 1000 && taken < 190000,
	   "lives through 200000 damaged replies");
}

int main(void)
{
	puts("TAP version 13");
	test_status();
	test_filters();
	test_remotes();
	test_counters();
	test_event();
	test_rubbish();
	return tap_end();
}
