// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes random policies, and random packets that come near to them: most
 * fields are right most of the time, else nothing would get behind the first
 * check.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "fuzz_craft.h"
#include "fuzz_world.h"
#include "netns.h"
#include "packet.h"

/* Frames that are longer than a page may stand in pieces. */
#define PAGED_LEN	4200

static const uint16_t edges[] = {
	1, 80, 139, 445, 511, 512, 513, 1022, 5554, 9996, 32768, 65535,
};

static uint16_t any_port(struct chance *r)
{
	return chance_percent(r, 70) ? PICK(r, edges) :
				       1 + chance_below(r, 65535);
}

static bool overlaps(const struct filter *f, const struct range *range)
{
	unsigned int i;

	for (i = 0; i < f->n_ranges; i++)
		if (range->first <= f->range[i].last &&
		    f->range[i].first <= range->last)
			return true;
	return false;
}

/* Addresses that packets come from or go to, and their neighbours. */
static void near_address(struct chance *r, int family, uint8_t *address)
{
	static const char *const near4[] = {
		PEER_IPV4, PEER_IPV4, PEER_IPV4, GHOST_IPV4, HOST_IPV4,
		"8.8.8.8", "8.8.4.4", "192.0.2.255", "255.255.255.255",
		"0.0.0.0", "224.0.0.251",
	};
	static const char *const near6[] = {
		PEER_IPV6, PEER_IPV6, PEER_IPV6, GHOST_IPV6, HOST_IPV6,
		"2001:4860::8", "2001:4860::4", "fe80::1", "ff02::fb", "::",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	};
	unsigned int bit;

	inet_pton(family, family == AF_INET ? PICK(r, near4) : PICK(r, near6),
		  address);
	if (chance_percent(r, 75))
		return;
	bit = chance_below(r, family == AF_INET ? 32 : 128);
	address[bit / 8] ^= 0x80 >> bit % 8;
}

static void clear_behind(uint8_t *address, unsigned int len)
{
	for (; len < 128; len++)
		address[len / 8] &= ~(0x80 >> len % 8);
}

static bool has_remote(const struct filter *f, const struct remote *remote)
{
	unsigned int i;

	for (i = 0; i < f->n_remotes; i++)
		if (!memcmp(&f->remote[i], remote, sizeof(*remote)))
			return true;
	return false;
}

/* Near each other, so that they nest: all addresses, one, or between. */
static void craft_remotes(struct chance *r, struct filter *f,
			  struct remote *remote)
{
	unsigned int n = 1 + chance_below(r, CRAFT_REMOTES), bits;

	f->remote = remote;
	while (n--) {
		memset(remote, 0, sizeof(*remote));
		remote->family = chance_percent(r, 50) ? AF_INET : AF_INET6;
		bits = remote->family == AF_INET ? 32 : 128;
		near_address(r, remote->family, remote->addr);
		switch (chance_below(r, 6)) {
		case 0:
			remote->len = 0;
			break;
		case 1:
			remote->len = bits;
			break;
		case 2:
			remote->len = chance_below(r, bits + 1);
			break;
		default:
			remote->len = bits - chance_below(r, 12);
			break;
		}
		clear_behind(remote->addr, remote->len);
		if (has_remote(f, remote))
			continue;
		f->n_remotes++;
		remote++;
	}
}

static uint8_t any_action(struct chance *r)
{
	static const uint8_t actions[] = {
		SASSER_ACTION_BLOCK, SASSER_ACTION_BLOCK, SASSER_ACTION_BLOCK,
		SASSER_ACTION_OBSERVE, SASSER_ACTION_PERMIT,
	};

	return PICK(r, actions);
}

void craft_policy(struct chance *r, struct craft_policy *p)
{
	unsigned int prefixed = chance_percent(r, 25) ? 0 : 60, i, k;

	p->policy = (struct policy){
		.name = "FUZZ",
		.mode = chance_percent(r, 75) ? SASSER_MODE_ENFORCE :
						SASSER_MODE_OBSERVE,
		.origin = 1 + chance_below(r, 2),
		.n_filters = 1 + chance_below(r, CRAFT_FILTERS),
		.filter = p->filter,
		/* 0: not said */
		.match = chance_below(r, SASSER_MATCH_PACKET + 1),
	};
	for (i = 0; i < p->policy.n_filters; i++) {
		struct filter *f = &p->filter[i];
		unsigned int n = 1 + chance_below(r, CRAFT_RANGES);

		memset(f, 0, sizeof(*f));
		snprintf(f->name, sizeof(f->name), "f%u", i);
		f->direction = 1 + chance_below(r, 3);
		f->protocol = chance_percent(r, 65) ? SASSER_PROTOCOL_TCP :
						      SASSER_PROTOCOL_UDP;
		f->action = any_action(r);
		f->range = p->range[i];
		for (k = 0; k < n; k++) {
			struct range *range = &p->range[i][f->n_ranges];
			uint16_t a = any_port(r), b = any_port(r);

			if (chance_percent(r, 60))
				b = a;
			range->first = a < b ? a : b;
			range->last = a < b ? b : a;
			if (!overlaps(f, range))
				f->n_ranges++;
		}
		if (chance_percent(r, prefixed))
			craft_remotes(r, f, p->remote[i]);
	}
}

/* At the edges of what the policy has, or anywhere. */
static uint16_t near_port(struct chance *r, const struct policy *policy)
{
	const struct filter *f;
	const struct range *range;
	uint16_t port;

	if (chance_percent(r, 25))
		return any_port(r);
	f = &policy->filter[chance_below(r, policy->n_filters)];
	range = &f->range[chance_below(r, f->n_ranges)];
	port = chance_percent(r, 50) ? range->first : range->last;
	if (chance_percent(r, 20))
		port += chance_percent(r, 50) ? 1 : -1;
	return port;
}

static void put16(uint8_t *out, uint16_t value)
{
	out[0] = value >> 8;
	out[1] = value;
}

static size_t put_tcp(struct chance *r, uint8_t *out, uint16_t port)
{
	static const uint8_t usual[] = {
		TCP_SYN, TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_RST,
		TCP_RST | TCP_ACK, TCP_SYN | TCP_RST, TCP_SYN | TCP_FIN, 0,
	};

	chance_fill(r, out, 20);
	put16(out + 2, port);
	if (chance_percent(r, 70))
		out[12] = 5 << 4 | (out[12] & 1);	/* and the bit NS */
	if (chance_percent(r, 50))
		out[13] = PICK(r, usual);
	return 20;
}

static size_t put_transport(struct chance *r, uint8_t *out, uint8_t protocol,
			    uint16_t port)
{
	size_t len = 8;

	if (protocol == IPPROTO_TCP) {
		len = put_tcp(r, out, port);
	} else {
		/* UDP, and what has its ports there too or nothing at all */
		chance_fill(r, out, 8);
		put16(out + 2, port);
	}
	if (chance_percent(r, 40)) {
		size_t more = chance_below(r, 40);

		chance_fill(r, out + len, more);
		len += more;
	}
	if (chance_percent(r, 15))
		len = chance_below(r, 21);
	return len;
}

static uint8_t any_protocol(struct chance *r)
{
	static const uint8_t others[] = {
		IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_SCTP, IPPROTO_DCCP,
		IPPROTO_UDPLITE, IPPROTO_ESP, IPPROTO_AH, IPPROTO_NONE,
		IPPROTO_IPV6, IPPROTO_IPIP, IPPROTO_GRE, 139, 255,
	};

	if (chance_percent(r, 60))
		return IPPROTO_TCP;
	if (chance_percent(r, 70))
		return IPPROTO_UDP;
	return PICK(r, others);
}

static void put_address(struct chance *r, const struct crafted *c,
			uint8_t *out, bool destination)
{
	static const char *const to4[] = {
		HOST_IPV4, HOST_IPV4, HOST_IPV4, FUZZ_DUMMY_IPV4, FUZZ_ANY_IPV4,
		"192.0.2.255", "255.255.255.255", "224.0.0.251", "239.1.2.3",
		OTHER_IPV4, "8.8.8.8", "127.0.0.1", "127.5.6.7", "240.0.0.1",
	};
	static const char *const to6[] = {
		HOST_IPV6, HOST_IPV6, HOST_IPV6, FUZZ_DUMMY_IPV6, FUZZ_ANY_IPV6,
		FUZZ_LINK_IPV6, "ff02::fb", "ff05::1:3", "ff02::1", OTHER_IPV6,
		"2001:4860::8", "::ffff:" HOST_IPV4, "fe80::77", "ff01::1",
		"ff00::1", "::1",
	};
	static const char *const out4[] = {
		PEER_IPV4, PEER_IPV4, GHOST_IPV4, HOST_IPV4, FUZZ_DUMMY_IPV4,
		FUZZ_ANY_IPV4, "192.0.2.255", "224.0.0.251", "8.8.8.8",
	};
	static const char *const out6[] = {
		PEER_IPV6, PEER_IPV6, GHOST_IPV6, HOST_IPV6, FUZZ_DUMMY_IPV6,
		FUZZ_ANY_IPV6, "ff02::fb", "ff05::1:3", "2001:4860::8",
	};
	static const char *const from4[] = {
		PEER_IPV4, PEER_IPV4, GHOST_IPV4, HOST_IPV4, "0.0.0.0",
		"127.0.0.1", "255.255.255.255", "224.0.0.1", "8.8.4.4",
	};
	static const char *const from6[] = {
		PEER_IPV6, PEER_IPV6, GHOST_IPV6, HOST_IPV6, "::",
		"2001:4860::4", "fe80::1", "ff02::1", "::1",
	};
	const char *address;

	if (c->family == AF_INET)
		address = !destination ? PICK(r, from4) :
			  c->out ? PICK(r, out4) : PICK(r, to4);
	else
		address = !destination ? PICK(r, from6) :
			  c->out ? PICK(r, out6) : PICK(r, to6);
	inet_pton(c->family, address, out);
}

static void sum_ipv4(uint8_t *ip)
{
	size_t len = (ip[0] & 0xf) * 4, i;
	uint32_t sum = 0;

	put16(ip + 10, 0);
	for (i = 0; i < len; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum);
}

static void craft_ipv4(struct chance *r, const struct policy *policy,
		       struct crafted *c)
{
	size_t options = chance_percent(r, 70) ? 0 : 4 * chance_below(r, 11);
	size_t header_len = 20 + options;
	uint8_t *ip = c->data;

	chance_fill(r, ip, header_len);
	ip[0] = 4 << 4 | header_len / 4;
	if (chance_percent(r, 50))
		memset(ip + 20, 1, options);		/* no operation */
	put16(ip + 6, chance_percent(r, 60) ? chance_below(r, 2) << 14 : /* DF */
		      chance_percent(r, 50) ? 0x2000 :	/* the first of some */
		      chance_below(r, 0x10000));
	if (chance_percent(r, 10))
		put16(ip + 6, 1);			/* at byte 8 */
	ip[9] = any_protocol(r);
	put_address(r, c, ip + 12, false);
	put_address(r, c, ip + 16, true);
	c->len = header_len + put_transport(r, ip + header_len, ip[9],
					    near_port(r, policy));
	put16(ip + 2, c->len);
}

/* Return: the length of an extension header of a type, written to @out */
static size_t put_extension(struct chance *r, uint8_t *out, uint8_t type,
			    uint8_t nexthdr)
{
	static const uint8_t options[] = {
		FUZZ_OPTION_SKIP, FUZZ_OPTION_SKIP, 0x5e, 0x9e, 0xde,
	};
	size_t len = 8 * (1 + chance_below(r, 3));

	switch (type) {
	case IPPROTO_FRAGMENT:
		chance_fill(r, out, 8);
		put16(out + 2, chance_percent(r, 75) ? chance_below(r, 2) :
						       chance_next(r));
		len = 8;
		break;
	case IPPROTO_AH:
		len = 4 * (2 + chance_below(r, 6));
		chance_fill(r, out, len);
		out[1] = len / 4 - 2;
		break;
	case IPPROTO_HOPOPTS:
	case IPPROTO_DSTOPTS:
		/* one option to the end, or padding */
		memset(out, 0, len);
		out[1] = len / 8 - 1;
		out[2] = len == 8 && chance_percent(r, 60) ? 1 :
							     PICK(r, options);
		out[3] = len - 4;
		if (chance_percent(r, 10))
			chance_fill(r, out + 2, len - 2);
		break;
	default:
		chance_fill(r, out, len);
		out[1] = len / 8 - 1;
		break;
	}
	out[0] = nexthdr;
	if (type != IPPROTO_FRAGMENT && chance_percent(r, 4))
		out[1] = chance_next(r);
	return len;
}

static void craft_ipv6(struct chance *r, const struct policy *policy,
		       struct crafted *c)
{
	static const uint8_t types[] = {
		IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT,
		IPPROTO_FRAGMENT, IPPROTO_DSTOPTS, IPPROTO_AH, IPPROTO_MH,
		IPPROTO_ESP, 139, 140, 253,
	};
	unsigned int n = chance_percent(r, 35) ? 0 : chance_below(r, 6), i;
	uint8_t *ip = c->data, chain[7];
	size_t at = 40;

	for (i = 0; i < n; i++)
		chain[i] = chance_percent(r, 90) ? types[chance_below(r, 6)] :
						   PICK(r, types);
	/* where they belong, mostly */
	if (n && chance_percent(r, 25))
		chain[0] = IPPROTO_HOPOPTS;
	for (i = 1; i < n; i++)
		if (chain[i] == IPPROTO_HOPOPTS && chance_percent(r, 70))
			chain[i] = IPPROTO_DSTOPTS;
	chain[n] = any_protocol(r);

	chance_fill(r, ip, 40);
	ip[0] = 6 << 4 | (ip[0] & 0xf);
	ip[6] = chain[0];
	put_address(r, c, ip + 8, false);
	put_address(r, c, ip + 24, true);
	for (i = 0; i < n; i++)
		at += put_extension(r, ip + at, chain[i], chain[i + 1]);
	c->len = at + put_transport(r, ip + at, chain[n],
				    near_port(r, policy));
	/* cut the chain */
	if (n && chance_percent(r, 20))
		c->len = 40 + chance_below(r, c->len - 40 + 1);
	put16(ip + 4, c->len - 40);
}

/* What the sender's own kernel puts right, or would not send. */
static void spoil(struct chance *r, struct crafted *c)
{
	bool ipv4 = c->family == AF_INET;
	size_t header_len = ipv4 ? 12 : 8;	/* up to the addresses */
	size_t rest = ipv4 ? 20 : 40;

	if (chance_percent(r, 4))
		c->data[chance_below(r, header_len)] = chance_next(r);
	if (c->len > rest && chance_percent(r, 8))
		c->data[rest + chance_below(r, c->len - rest)] = chance_next(r);
	if (ipv4 && chance_percent(r, 6))
		put16(c->data + 2, chance_below(r, c->len + 30));
	if (!ipv4 && chance_percent(r, 6))
		put16(c->data + 4, chance_below(r, c->len));
	if (chance_percent(r, 8)) {
		size_t padding = 1 + chance_below(r, 40);

		chance_fill(r, c->data + c->len, padding);
		c->len += padding;
	}
	if (ipv4 && chance_percent(r, 97))
		sum_ipv4(c->data);
	if (chance_percent(r, 3))
		c->len = 1 + chance_below(r, c->len);
}

/* To a length at which the headers need not stand in one piece. */
static void page(struct chance *r, struct crafted *c)
{
	uint8_t *ip = c->data;

	c->linear = 14 + chance_below(r, 100);
	memset(ip + c->len, 'p', PAGED_LEN - c->len);
	c->len = PAGED_LEN;
	if (c->family == AF_INET) {
		put16(ip + 2, c->len);
		sum_ipv4(ip);
	} else {
		put16(ip + 4, c->len - 40);
	}
}

void craft_packet(struct chance *r, const struct policy *policy,
		  struct crafted *c)
{
	static const char *const macs[] = {
		"ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "33:33:00:00:00:fb",
		FUZZ_OTHER_MAC,
	};

	c->out = chance_percent(r, 30);
	c->family = chance_percent(r, 50) ? AF_INET : AF_INET6;
	c->mac = chance_percent(r, 90) ? HOST_MAC : PICK(r, macs);
	c->linear = 0;
	if (c->family == AF_INET)
		craft_ipv4(r, policy, c);
	else
		craft_ipv6(r, policy, c);
	if (c->out)
		return;
	if (chance_percent(r, 10))
		page(r, c);
	else
		spoil(r, c);
}
