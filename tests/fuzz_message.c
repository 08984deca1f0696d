// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes requests of the family, from right to rubbish. How wild a request is,
 * is drawn for the whole of it: with one thing wrong it gets far, and with all
 * wrong nowhere.
 */
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/sasser.h>

#include "fuzz_message.h"

#define HEADERS	(NLMSG_HDRLEN + GENL_HDRLEN)

/* A message that is being made. @wild: percent of its parts that go wrong */
struct maker {
	struct chance *r;
	struct message *m;
	unsigned int wild;
};

static bool goes_wrong(const struct maker *k)
{
	return chance_percent(k->r, k->wild);
}

static void put(const struct maker *k, uint16_t type, const void *data,
		size_t len)
{
	struct nlattr nla = { .nla_len = sizeof(nla) + len, .nla_type = type };
	struct message *m = k->m;

	if (m->len + NLA_HDRLEN + NLA_ALIGN(len) > MESSAGE_MAX)
		return;
	memcpy(m->data + m->len, &nla, sizeof(nla));
	memset(m->data + m->len + sizeof(nla), 0, NLA_ALIGN(len));
	memcpy(m->data + m->len + sizeof(nla), data, len);
	m->len += NLA_HDRLEN + NLA_ALIGN(len);
}

/* An attribute, or what comes out where one goes wrong. */
static void put_attr(const struct maker *k, uint16_t type, const void *data,
		     size_t len)
{
	uint8_t rubbish[128];
	struct chance *r = k->r;
	size_t at = k->m->len;

	if (!goes_wrong(k)) {
		put(k, type, data, len);
		return;
	}
	switch (chance_below(r, 9)) {
	case 0:					/* none */
	case 8:
		return;
	case 1:					/* twice */
		put(k, type, data, len);
		put(k, type, data, len);
		return;
	case 2:					/* another type */
		put(k, chance_below(r, SASSER_A_MAX + 3), data, len);
		return;
	case 3:					/* a type with flags */
		put(k, type ^ PICK(r, ((const uint16_t[]){
			NLA_F_NESTED, NLA_F_NET_BYTEORDER, 0x2000 })),
		    data, len);
		return;
	case 4:					/* another length */
		chance_fill(r, rubbish, sizeof(rubbish));
		put(k, type, rubbish, chance_below(r, sizeof(rubbish)));
		return;
	case 5:					/* a lie about its length */
		put(k, type, data, len);
		if (k->m->len != at)
			k->m->data[at] += chance_below(r, 9) - 4;
		return;
	case 6:					/* rubbish before it */
		chance_fill(r, rubbish, sizeof(rubbish));
		put(k, chance_next(r), rubbish, chance_below(r, 16));
		put(k, type, data, len);
		return;
	default:				/* another value */
		chance_fill(r, rubbish, sizeof(rubbish));
		put(k, type, rubbish, len < sizeof(rubbish) ? len : 4);
		return;
	}
}

static size_t nest_start(const struct maker *k, uint16_t type)
{
	size_t at = k->m->len;

	put(k, type | (goes_wrong(k) ? 0 : NLA_F_NESTED), "", 0);
	return at;
}

static void nest_end(const struct maker *k, size_t at)
{
	uint16_t len = k->m->len - at;

	if (!len)
		return;
	if (goes_wrong(k))
		len += chance_below(k->r, 17) - 8;
	memcpy(k->m->data + at, &len, sizeof(len));
}

static void put_u8(const struct maker *k, uint16_t type, uint8_t max)
{
	uint8_t value = 1 + chance_below(k->r, max);

	if (goes_wrong(k))
		value = chance_percent(k->r, 50) ? max + 1u : chance_next(k->r);
	put_attr(k, type, &value, sizeof(value));
}

static void put_name(const struct maker *k, uint16_t type, unsigned int number)
{
	static const char alnum[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	static const char bad[] = "\x1b[2J\n\r\"\\'{} /%\x7f\x80\xc3\xa4\t";
	struct chance *r = k->r;
	size_t len = 1 + chance_below(r, SASSER_NAME_MAX), i;
	unsigned int letters = sizeof(alnum) - 1;
	char name[80];

	/* short ones of few letters meet each other */
	if (number < 8 && chance_percent(r, 70)) {
		len = 1 + chance_below(r, 3);
		letters = 8;
	} else if (len < 5) {
		len = 5;
	}
	if (goes_wrong(k))
		len = chance_percent(r, 50) ? 0 : 62 + chance_below(r, 5);
	for (i = 0; i < len; i++)
		name[i] = alnum[chance_below(r, letters)];
	if (len && strchr("._-", name[0]) && !goes_wrong(k))
		name[0] = 'n';
	/* a number makes them differ */
	if (len > 4 && chance_percent(r, 90)) {
		name[1] = 'a' + number % 26;
		name[2] = 'a' + number / 26 % 26;
		name[3] = '-';
	}
	if (len && goes_wrong(k))
		name[chance_below(r, len)] = PICK(r, bad);
	name[len++] = '\0';
	if (goes_wrong(k))
		name[len - 1] = 'x';
	put_attr(k, type, name, len);
}

static void put_range(const struct maker *k, uint16_t first, uint16_t last)
{
	size_t nest = nest_start(k, SASSER_FILTER_A_RANGE);
	uint16_t swap = first;

	if (goes_wrong(k)) {
		first = chance_percent(k->r, 50) ? 0 : last;
		last = swap;
	}
	put_attr(k, SASSER_RANGE_A_FIRST, &first, sizeof(first));
	put_attr(k, SASSER_RANGE_A_LAST, &last, sizeof(last));
	nest_end(k, nest);
}

/* The number makes them differ. */
static void put_remote(const struct maker *k, unsigned int number)
{
	bool ipv4 = chance_percent(k->r, 50);
	uint8_t bits = ipv4 ? 32 : 128, address[17] = {}, len = bits, i;
	size_t nest = nest_start(k, SASSER_FILTER_A_REMOTE), size = bits / 8;

	chance_fill(k->r, address, size);
	address[0] = number >> 8;
	address[1] = number;
	if (number < 8 && chance_percent(k->r, 50))
		len = chance_below(k->r, bits + 1);
	else if (chance_percent(k->r, 50))
		len = 16 + chance_below(k->r, bits - 15);
	for (i = len; i < bits && !goes_wrong(k); i++)
		address[i / 8] &= ~(0x80 >> i % 8);
	if (goes_wrong(k))
		len = chance_percent(k->r, 50) ? bits + 1u : chance_next(k->r);
	if (goes_wrong(k))
		size = PICK(k->r, ((const uint8_t[]){ 0, 3, 5, 8, 15, 17 }));
	put_attr(k, SASSER_REMOTE_A_ADDRESS, address, size);
	put_attr(k, SASSER_REMOTE_A_LENGTH, &len, sizeof(len));
	nest_end(k, nest);
}

/* How many of something. Now and then at its limit, or just over it. */
static unsigned int count(const struct maker *k, unsigned int limit)
{
	if (chance_percent(k->r, 96))
		return 1 + chance_below(k->r, 4);
	if (chance_percent(k->r, 70))
		return limit + chance_below(k->r, 2);
	return 1 + chance_below(k->r, limit);
}

static void put_filter(const struct maker *k, unsigned int number,
		       unsigned int n_ranges, unsigned int n_remotes)
{
	static const uint8_t protocols[] = {
		SASSER_PROTOCOL_TCP, SASSER_PROTOCOL_TCP, SASSER_PROTOCOL_UDP,
	};
	size_t nest = nest_start(k, SASSER_A_FILTER);
	unsigned int step = 65535 / n_ranges, i;
	uint8_t protocol = PICK(k->r, protocols);

	if (goes_wrong(k))
		protocol = PICK(k->r, ((const uint8_t[]){ 0, 1, 58, 132, 255 }));
	put_name(k, SASSER_FILTER_A_NAME, number);
	put_u8(k, SASSER_FILTER_A_DIRECTION, SASSER_DIRECTION_BOTH);
	put_attr(k, SASSER_FILTER_A_PROTOCOL, &protocol, 1);
	put_u8(k, SASSER_FILTER_A_ACTION, SASSER_ACTION_PERMIT);
	for (i = 0; i < n_ranges; i++) {
		unsigned int first = 1 + i * step;
		unsigned int last = first + chance_below(k->r, step);

		if (goes_wrong(k))
			last = 65535;			/* overlaps */
		put_range(k, first, last);
	}
	for (i = 0; i < n_remotes; i++)
		put_remote(k, i);
	nest_end(k, nest);
}

/* Long ones go on until they are ended; the others may end by themselves. */
static void put_confirm(const struct maker *k)
{
	uint32_t confirm = MESSAGE_LONG_TRIAL +
			   chance_below(k->r, SASSER_CONFIRM_MAX -
					      MESSAGE_LONG_TRIAL + 1);

	if (chance_percent(k->r, 4))
		confirm = 1 + chance_below(k->r, 2);
	if (goes_wrong(k))
		confirm = PICK(k->r, ((const uint32_t[]){
			0, SASSER_CONFIRM_MAX + 1, UINT32_MAX }));
	put_attr(k, SASSER_A_CONFIRM, &confirm, sizeof(confirm));
}

static void put_policy(const struct maker *k)
{
	unsigned int n = count(k, SASSER_FILTERS_MAX), i;
	unsigned int room = SASSER_RANGES_MAX - n;
	unsigned int remotes = SASSER_REMOTES_MAX;

	put_name(k, SASSER_A_POLICY, 0);
	put_u8(k, SASSER_A_MODE, SASSER_MODE_OBSERVE);
	put_u8(k, SASSER_A_ORIGIN, SASSER_ORIGIN_DOMAIN);
	if (chance_percent(k->r, 40))
		put_u8(k, SASSER_A_MATCH, SASSER_MATCH_PACKET);
	if (chance_percent(k->r, 30))
		put_u8(k, SASSER_A_SCOPE, SASSER_SCOPE_EVERYWHERE);
	if (chance_percent(k->r, 30))
		put_confirm(k);
	for (i = 0; i < n; i++) {
		unsigned int n_ranges = count(k, SASSER_RANGES_MAX);
		unsigned int n_remotes = 0;

		/* of many filters, those that make it too many are rare */
		if (n_ranges > room + 1 && chance_percent(k->r, 80))
			n_ranges = room + 1;
		room -= n_ranges - 1 < room ? n_ranges - 1 : room;
		if (chance_percent(k->r, 40))
			n_remotes = count(k, SASSER_REMOTES_MAX);
		if (n_remotes > remotes && chance_percent(k->r, 80))
			n_remotes = remotes;
		remotes -= n_remotes < remotes ? n_remotes : remotes;
		put_filter(k, i, n_ranges, n_remotes);
	}
}

static void put_anything(const struct maker *k)
{
	uint8_t rubbish[32];
	unsigned int n = chance_below(k->r, 4);

	while (n--) {
		chance_fill(k->r, rubbish, sizeof(rubbish));
		put(k, chance_percent(k->r, 80) ?
		       chance_below(k->r, SASSER_A_MAX + 3) :
		       chance_next(k->r),
		    rubbish, chance_below(k->r, sizeof(rubbish)));
	}
}

static uint8_t any_command(struct chance *r)
{
	static const uint8_t commands[] = {
		SASSER_CMD_POLICY_SET, SASSER_CMD_POLICY_SET,
		SASSER_CMD_POLICY_SET, SASSER_CMD_POLICY_SET,
		SASSER_CMD_POLICY_SET, SASSER_CMD_POLICY_CLEAR,
		SASSER_CMD_POLICY_CONFIRM,
		SASSER_CMD_STATUS_GET, SASSER_CMD_FILTER_GET,
		SASSER_CMD_COUNTER_GET, SASSER_CMD_COUNTER_RESET,
	};

	return PICK(r, commands);
}

static void put_generation(const struct maker *k, uint64_t generation)
{
	if (chance_percent(k->r, 20))
		generation += chance_below(k->r, 3) - 1;
	if (goes_wrong(k))
		generation = chance_next(k->r);
	put_attr(k, SASSER_A_GENERATION, &generation, sizeof(generation));
}

void message_make(struct chance *r, struct message *m, uint16_t family,
		  uint64_t generation)
{
	static const unsigned int wilds[] = { 0, 0, 2, 4, 8, 15, 40 };
	struct maker k = { .r = r, .m = m, .wild = PICK(r, wilds) };
	struct genlmsghdr genlh = {
		.cmd = any_command(r), .version = SASSER_GENL_VERSION,
	};
	struct nlmsghdr nlh = {
		.nlmsg_type = family, .nlmsg_flags = NLM_F_REQUEST,
	};

	m->len = HEADERS;
	switch (genlh.cmd) {
	case SASSER_CMD_POLICY_SET:
		put_policy(&k);
		break;
	case SASSER_CMD_POLICY_CLEAR:
		if (chance_percent(r, 30))
			put_attr(&k, SASSER_A_EVERYWHERE, "", 0);
		break;
	case SASSER_CMD_POLICY_CONFIRM:
		put_generation(&k, generation);
		break;
	case SASSER_CMD_STATUS_GET:
		if (chance_percent(r, 30))
			put_attr(&k, SASSER_A_IMPOSED, "", 0);
		break;
	case SASSER_CMD_FILTER_GET:
	case SASSER_CMD_COUNTER_GET:
	case SASSER_CMD_COUNTER_RESET:
		nlh.nlmsg_flags |= NLM_F_DUMP;
		if (chance_percent(r, 20))
			put_attr(&k, SASSER_A_IMPOSED, "", 0);
		break;
	}
	if (chance_percent(r, 3) || goes_wrong(&k))
		put_anything(&k);

	if (chance_percent(r, 70))
		nlh.nlmsg_flags |= NLM_F_ACK;
	if (chance_percent(r, 4) || goes_wrong(&k))
		nlh.nlmsg_flags ^= NLM_F_DUMP;
	if (chance_percent(r, 2) || goes_wrong(&k))
		nlh.nlmsg_flags ^= 1 << chance_below(r, 16);
	if (chance_percent(r, 2) || goes_wrong(&k))
		genlh.cmd = chance_percent(r, 60) ?
			    chance_below(r, SASSER_CMD_MAX + 2) :
			    chance_next(r);
	if (goes_wrong(&k))
		genlh.version = chance_next(r);
	if (goes_wrong(&k))
		genlh.reserved = chance_next(r);
	nlh.nlmsg_len = m->len;
	if (chance_percent(r, 1) || goes_wrong(&k))
		nlh.nlmsg_len += chance_below(r, 41) - 20;
	memcpy(m->data, &nlh, sizeof(nlh));
	memcpy(m->data + NLMSG_HDRLEN, &genlh, sizeof(genlh));
}
