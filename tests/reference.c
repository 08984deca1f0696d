// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What should become of a packet that a hook gets: design, "What a packet
 * meets". Every sentence here that is a rule of its own says which.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "packet.h"
#include "reference.h"

#define PRIVILEGED_END	512	/* ports below match whatever the flags */

/* What is known of the transport header. */
struct transport {
	uint8_t protocol;
	const uint8_t *data;
	size_t len;
	bool hidden;		/* it can't be found */
	bool cut;		/* an extension header before it is not whole */
	bool later;		/* it is in another fragment */
};

static unsigned int get16(const uint8_t *data)
{
	return data[0] << 8 | data[1];
}

/* "IPv4 options are walked", "judged by its first fragment alone" */
static struct transport find_ipv4(const uint8_t *data, size_t len)
{
	size_t header_len = (data[0] & 0xf) * 4;
	struct transport t = { .protocol = data[9] };

	t.later = get16(data + 6) & 0x1fff;
	if (header_len <= len) {
		t.data = data + header_len;
		t.len = len - header_len;
	}
	return t;
}

/* The headers that another header can follow (RFC 8200, RFC 4302). */
static bool is_extension(uint8_t type)
{
	return type == IPPROTO_HOPOPTS || type == IPPROTO_ROUTING ||
	       type == IPPROTO_FRAGMENT || type == IPPROTO_DSTOPTS ||
	       type == IPPROTO_AH;
}

/*
 * "IPv6 extension headers are walked", "ports are never read from a later
 * fragment". What is encrypted, or is no transport, is not looked into; nor
 * what is authenticated, which comes to the hook again when it has been, and
 * is to be counted once.
 */
static struct transport find_ipv6(const uint8_t *data, size_t len)
{
	struct transport t = { .protocol = data[6] };
	size_t at = 40, need, size;

	while (is_extension(t.protocol)) {
		/* what tells where the next header is, and which */
		need = t.protocol == IPPROTO_FRAGMENT ? 4 : 2;
		if (at + need > len) {
			t.hidden = true;
			return t;
		}
		if (t.protocol == IPPROTO_AH)
			return t;
		size = 8;
		if (t.protocol != IPPROTO_FRAGMENT) {
			size = (data[at + 1] + 1) * 8;
		} else if (get16(data + at + 2) & 0xfff8) {
			t.later = true;
			return t;
		}
		t.cut = at + size > len;
		t.protocol = data[at];
		at += size;
		if (t.cut && is_extension(t.protocol))
			t.hidden = true;
		if (t.cut)
			return t;
	}
	t.data = data + at;
	t.len = len - at;
	return t;
}

static bool filter_has(const struct filter *filter, uint8_t direction,
		       uint8_t protocol)
{
	return filter->protocol == protocol &&
	       (filter->direction == direction ||
		filter->direction == SASSER_DIRECTION_BOTH);
}

/* The first @len bits are the same. */
static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		if ((a[i / 8] ^ b[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

/*
 * "matches only if one of these prefixes holds the remote address", "without
 * any it matches all addresses", and "no prefix is the shortest".
 *
 * Return: the length of the longest that does, -1 for a filter without any;
 * -2: none does
 */
static int prefix_len(const struct filter *f, int family,
		      const uint8_t *remote)
{
	int len = f->n_remotes ? -2 : -1;
	unsigned int i;

	for (i = 0; i < f->n_remotes; i++)
		if (f->remote[i].family == family && f->remote[i].len > len &&
		    same_bits(f->remote[i].addr, remote, f->remote[i].len))
			len = f->remote[i].len;
	return len;
}

/*
 * "the one with the longest remote prefix that holds the remote address
 * decides"; "at equal length block wins over observe, observe over permit, and
 * then the filter that stands first"
 */
static bool find_row(const struct policy *policy, struct judgement *j,
		     int family, const uint8_t *remote, uint8_t protocol,
		     unsigned int port)
{
	unsigned int i, k;
	int len;

	for (i = 0; i < policy->n_filters; i++) {
		const struct filter *f = &policy->filter[i];

		if (!filter_has(f, j->direction, protocol))
			continue;
		len = prefix_len(f, family, remote);
		if (len == -2)
			continue;
		for (k = 0; k < f->n_ranges; k++) {
			if (port < f->range[k].first || port > f->range[k].last)
				continue;
			j->matches++;
			if (j->filter && (j->prefix > len ||
					  (j->prefix == len &&
					   j->filter->action <= f->action)))
				continue;
			j->filter = f;
			j->range = &f->range[k];
			j->prefix = len;
		}
	}
	return j->filter;
}

/* "UDP to broadcast and multicast counts as this host's" */
static bool is_ours(enum whose whose, uint8_t protocol, bool hidden)
{
	return whose == WHOSE_HOST ||
	       (whose == WHOSE_GROUP &&
		(protocol == IPPROTO_UDP || hidden));
}

static void judge_transport(const struct policy *policy, int family,
			    const uint8_t *remote, const struct transport *t,
			    struct judgement *j)
{
	bool flags_shown = t->len > 13;
	bool out = j->direction == SASSER_DIRECTION_OUT;
	bool opens = false;
	unsigned int port = get16(t->data + 2);

	if (t->protocol == IPPROTO_TCP) {
		/* "Outbound RST passes" */
		if (out && flags_shown && t->data[13] & TCP_RST)
			return;
		/* "shows the ports but not the TCP flags matches as if ..." */
		opens = !flags_shown ||
			(t->data[13] & (TCP_SYN | TCP_ACK)) == TCP_SYN;
		/* "below port 512 every packet", or match = packet: "every" */
		if (port >= PRIVILEGED_END && !opens &&
		    policy->match != SASSER_MATCH_PACKET)
			return;
	}
	if (!find_row(policy, j, family, remote, t->protocol, port))
		return;
	j->attempt = opens;
	/* "exempt what other filters block": in observe mode, too, as permit */
	j->action = j->filter->action;
	if (policy->mode == SASSER_MODE_OBSERVE &&
	    j->action == SASSER_ACTION_BLOCK)
		j->action = SASSER_ACTION_OBSERVE;
	if (j->action != SASSER_ACTION_BLOCK)
		return;
	/* "An outbound SYN that is blocked is refused at once" */
	j->verdict = out && opens ? VERDICT_REFUSE : VERDICT_DROP;
}

/* "hooks only for the directions that a policy has" */
static bool has_direction(const struct policy *policy, uint8_t direction)
{
	unsigned int i;

	for (i = 0; i < policy->n_filters; i++)
		if (policy->filter[i].direction == direction ||
		    policy->filter[i].direction == SASSER_DIRECTION_BOTH)
			return true;
	return false;
}

/* @data: begins with a whole header of the family */
struct judgement reference_judge(const struct policy *policy, uint8_t direction,
				 int family, const uint8_t *data, size_t len)
{
	bool ipv4 = family == AF_INET;
	struct judgement j = {
		.verdict = VERDICT_PASS, .direction = direction, .bytes = len,
	};
	struct transport t = ipv4 ? find_ipv4(data, len) : find_ipv6(data, len);
	bool tcp_or_udp = t.protocol == IPPROTO_TCP ||
			  t.protocol == IPPROTO_UDP;
	const uint8_t *to = data + (ipv4 ? 16 : 24);
	/* "the packet's source inbound, its destination outbound" */
	const uint8_t *remote = direction == SASSER_DIRECTION_OUT ? to :
				data + (ipv4 ? 12 : 8);
	enum whose whose = reference_whose(family, to);

	if (!has_direction(policy, direction) || t.later)
		return j;
	/*
	 * Behind half a header stands what is not TCP or UDP, or TCP to a
	 * group, and there is nothing to lose. Only newer kernels'
	 * ipv6_find_hdr() says that the header is not whole.
	 */
	if (t.cut && !t.hidden && direction == SASSER_DIRECTION_IN &&
	    (!tcp_or_udp || (whose == WHOSE_GROUP &&
			     t.protocol == IPPROTO_TCP))) {
		j.verdict = VERDICT_UNKNOWN;
		return j;
	}
	if (!t.hidden && !tcp_or_udp)
		return j;
	/* "only traffic of this host"; "a local destination at LOCAL_OUT" */
	if (direction == SASSER_DIRECTION_IN ?
	    !is_ours(whose, t.protocol, t.hidden) : whose == WHOSE_HOST)
		return j;

	if (t.hidden || t.len < 4) {
		/* "An IPv6 packet to this host" */
		if (ipv4 || direction == SASSER_DIRECTION_OUT)
			return j;
		j.unclassified = true;
		if (policy->mode == SASSER_MODE_ENFORCE)
			j.verdict = VERDICT_DROP;
		return j;
	}
	judge_transport(policy, family, remote, &t, &j);
	return j;
}
