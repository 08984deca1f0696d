// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets made by hand, and a packet socket to send them and see the answers. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns.h"
#include "packet.h"

static void put16(uint8_t *out, uint16_t value)
{
	out[0] = value >> 8;
	out[1] = value;
}

static uint16_t get16(const uint8_t *in)
{
	return in[0] << 8 | in[1];
}

static uint32_t sum16(uint32_t sum, const uint8_t *data, size_t len)
{
	for (; len > 1; data += 2, len -= 2)
		sum += get16(data);
	return len ? sum + (data[0] << 8) : sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Return: length of an address, written to @out */
static size_t put_address(uint8_t *out, int family, const char *address)
{
	if (inet_pton(family, address, out) != 1)
		die("bad address %s", address);
	return family == AF_INET ? 4 : 16;
}

static uint16_t transport_sum(const struct flow *flow, uint8_t protocol,
			      const uint8_t *data, size_t len)
{
	uint8_t pseudo[32];
	size_t alen;

	alen = put_address(pseudo, flow->family, flow->saddr);
	put_address(pseudo + alen, flow->family, flow->daddr);
	return sum_fold(sum16(sum16(protocol + len, pseudo, 2 * alen),
			      data, len));
}

/* For a segment that was changed after it was made. */
void tcp_sum(uint8_t *segment, const struct flow *flow, size_t len)
{
	put16(segment + 16, 0);
	put16(segment + 16, transport_sum(flow, IPPROTO_TCP, segment, len));
}

size_t tcp_segment(uint8_t *out, const struct flow *flow, uint8_t flags,
		   size_t data_len)
{
	static const uint8_t options[] = {
		2, 4, 1460 >> 8, 1460 & 0xff,			/* MSS */
		4, 2,						/* SACK */
		8, 10, 0, 0, 0, 1, 0, 0, 0, 0,			/* timestamps */
		1, 3, 3, 7,					/* window scale */
	};
	size_t len = TCP_LEN + data_len;

	memset(out, 0, TCP_LEN);
	put16(out, flow->sport);
	put16(out + 2, flow->dport);
	put16(out + 6, 1000);					/* sequence */
	if (flags & TCP_ACK)
		put16(out + 10, 2000);				/* acknowledged */
	out[12] = TCP_LEN / 4 << 4;
	out[13] = flags;
	put16(out + 14, 64000);					/* window */
	if (flags & TCP_URG)
		put16(out + 18, 1);
	memcpy(out + 20, options, sizeof(options));
	memset(out + TCP_LEN, 'x', data_len);
	tcp_sum(out, flow, len);
	return len;
}

size_t udp_datagram(uint8_t *out, const struct flow *flow, size_t data_len)
{
	size_t i, len = 8 + data_len;

	put16(out, flow->sport);
	put16(out + 2, flow->dport);
	put16(out + 4, len);
	put16(out + 6, 0);
	for (i = 0; i < data_len; i++)
		out[8 + i] = i;
	/* 0 would say that there is no sum, which IPv6 does not take. */
	put16(out + 6, transport_sum(flow, IPPROTO_UDP, out, len) ?: 0xffff);
	return len;
}

/* Hop-by-hop or destination options: padding only. */
size_t options_header(uint8_t *out, uint8_t nexthdr)
{
	memcpy(out, (uint8_t[]){ nexthdr, 0, 1, 4, 0, 0, 0, 0 }, 8);
	return 8;
}

/* At its last segment, where any type is taken. */
size_t routing_header(uint8_t *out, uint8_t nexthdr)
{
	memcpy(out, (uint8_t[]){ nexthdr, 0, 0, 0, 0, 0, 0, 0 }, 8);
	return 8;
}

size_t fragment_header(uint8_t *out, uint8_t nexthdr, uint16_t offset,
		       bool more, uint32_t id)
{
	out[0] = nexthdr;
	out[1] = 0;
	put16(out + 2, offset | more);
	put16(out + 4, id >> 16);
	put16(out + 6, id);
	return 8;
}

void ipv4_packet(struct packet *packet, const struct flow *flow,
		 const struct ipv4_fields *fields, const uint8_t *payload,
		 size_t len)
{
	size_t header_len = 20 + fields->options_len;
	uint8_t *ip = packet->data;

	packet->len = header_len + len;
	memset(ip, 0, header_len);
	ip[0] = 4 << 4 | header_len / 4;
	put16(ip + 2, packet->len);
	put16(ip + 4, fields->id);
	put16(ip + 6, fields->offset / 8 | (fields->more ? 0x2000 : 0));
	ip[8] = 64;
	ip[9] = fields->protocol;
	put_address(ip + 12, AF_INET, flow->saddr);
	put_address(ip + 16, AF_INET, flow->daddr);
	if (fields->options_len)
		memcpy(ip + 20, fields->options, fields->options_len);
	put16(ip + 10, sum_fold(sum16(0, ip, header_len)));
	memcpy(ip + header_len, payload, len);
}

void ipv6_packet(struct packet *packet, const struct flow *flow,
		 uint8_t nexthdr, const uint8_t *payload, size_t len)
{
	uint8_t *ip = packet->data;

	packet->len = 40 + len;
	memset(ip, 0, 40);
	ip[0] = 6 << 4;
	put16(ip + 4, len);
	ip[6] = nexthdr;
	ip[7] = 64;
	put_address(ip + 8, AF_INET6, flow->saddr);
	put_address(ip + 24, AF_INET6, flow->daddr);
	memcpy(ip + 40, payload, len);
}

/* A whole one, without anything special. */
void tcp_packet(struct packet *packet, const struct flow *flow, uint8_t flags,
		size_t data_len)
{
	uint8_t segment[PACKET_MAX];
	size_t len = tcp_segment(segment, flow, flags, data_len);

	if (flow->family == AF_INET)
		ipv4_packet(packet, flow, &(struct ipv4_fields){
			.protocol = IPPROTO_TCP, .id = flow->sport,
		}, segment, len);
	else
		ipv6_packet(packet, flow, IPPROTO_TCP, segment, len);
}

size_t frame_build(uint8_t *frame, const struct packet *packet,
		   const char *smac, const char *dmac)
{
	bool ipv4 = packet->data[0] >> 4 == 4;

	ether_aton_r(dmac, (void *)frame);
	ether_aton_r(smac, (void *)(frame + 6));
	put16(frame + 12, ipv4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	memcpy(frame + 14, packet->data, packet->len);
	return 14 + packet->len;
}

/* Is this an answer to @flow, with which TCP flags? */
bool frame_is_tcp(const uint8_t *frame, size_t len, const struct flow *flow,
		  uint8_t *flags)
{
	uint8_t saddr[16], daddr[16];
	const uint8_t *tcp;
	size_t alen;

	alen = put_address(saddr, flow->family, flow->saddr);
	put_address(daddr, flow->family, flow->daddr);
	if (flow->family == AF_INET) {
		if (len < 14 + 40 || get16(frame + 12) != ETHERTYPE_IP ||
		    frame[14 + 9] != IPPROTO_TCP ||
		    memcmp(frame + 14 + 12, daddr, alen) ||
		    memcmp(frame + 14 + 16, saddr, alen))
			return false;
		tcp = frame + 14 + (frame[14] & 0xf) * 4;
	} else {
		if (len < 14 + 60 || get16(frame + 12) != ETHERTYPE_IPV6 ||
		    frame[14 + 6] != IPPROTO_TCP ||
		    memcmp(frame + 14 + 8, daddr, alen) ||
		    memcmp(frame + 14 + 24, saddr, alen))
			return false;
		tcp = frame + 14 + 40;
	}
	if (get16(tcp) != flow->dport || get16(tcp + 2) != flow->sport)
		return false;
	*flags = tcp[13];
	return true;
}

/* On the veth of the namespace entered last; sees only what comes in. */
int wire_open(void)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(VETH),
	};
	int fd, on = 1;

	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
		       sizeof(on)) ||
	    bind(fd, (void *)&sll, sizeof(sll)))
		die("packet socket: %s", strerror(errno));
	return fd;
}

/* From peer to host. */
void wire_send(int wire, const struct packet *packet)
{
	uint8_t frame[14 + PACKET_MAX];
	size_t len = frame_build(frame, packet, PEER_MAC, HOST_MAC);

	if (send(wire, frame, len, 0) != (ssize_t)len)
		die("sending a frame: %s", strerror(errno));
}

/*
 * Waits for the answer to @until, which was sent last.
 *
 * Return: was there one to @flow before it, with which TCP flags?
 */
bool wire_recv_tcp(int wire, const struct flow *flow,
		   const struct flow *until, uint8_t *flags)
{
	struct pollfd pfd = { .fd = wire, .events = POLLIN };
	uint8_t frame[2048], ignored;
	bool answered = false;
	ssize_t len;

	for (;;) {
		if (poll(&pfd, 1, 20000) <= 0)
			die("no answer on port %u, which no policy blocks",
			    until->dport);
		len = recv(wire, frame, sizeof(frame), 0);
		if (len < 0)
			die("receiving a frame: %s", strerror(errno));
		if (frame_is_tcp(frame, len, flow, flags))
			answered = true;
		if (frame_is_tcp(frame, len, until, &ignored))
			return answered;
	}
}
