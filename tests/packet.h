/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets made by hand, and a packet socket to send them and see the answers. */
#ifndef _SASSER_TEST_PACKET_H
#define _SASSER_TEST_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX	1500

#define TCP_FIN		0x01
#define TCP_SYN		0x02
#define TCP_RST		0x04
#define TCP_PSH		0x08
#define TCP_ACK		0x10
#define TCP_URG		0x20
#define TCP_ECE		0x40
#define TCP_CWR		0x80

/* Both with 20 bytes of options, so that fragments of 24 bytes exist. */
#define TCP_LEN		40

struct packet {
	unsigned int len;	/* from the IP header on */
	uint8_t data[PACKET_MAX];
};

struct flow {
	int family;
	const char *saddr;
	const char *daddr;
	uint16_t sport;
	uint16_t dport;
};

/* Return: the length of what they wrote */
size_t tcp_segment(uint8_t *out, const struct flow *flow, uint8_t flags,
		   size_t data_len);
void tcp_sum(uint8_t *segment, const struct flow *flow, size_t len);
size_t udp_datagram(uint8_t *out, const struct flow *flow, size_t data_len);
size_t options_header(uint8_t *out, uint8_t nexthdr);
size_t routing_header(uint8_t *out, uint8_t nexthdr);
size_t fragment_header(uint8_t *out, uint8_t nexthdr, uint16_t offset,
		       bool more, uint32_t id);

struct ipv4_fields {
	uint8_t protocol;
	uint16_t id;
	uint16_t offset;	/* in bytes */
	bool more;
	size_t options_len;
	const uint8_t *options;
};

void ipv4_packet(struct packet *packet, const struct flow *flow,
		 const struct ipv4_fields *fields, const uint8_t *payload,
		 size_t len);
void ipv6_packet(struct packet *packet, const struct flow *flow,
		 uint8_t nexthdr, const uint8_t *payload, size_t len);
void tcp_packet(struct packet *packet, const struct flow *flow, uint8_t flags,
		size_t data_len);

size_t frame_build(uint8_t *frame, const struct packet *packet,
		   const char *smac, const char *dmac);
bool frame_is_tcp(const uint8_t *frame, size_t len, const struct flow *flow,
		  uint8_t *flags);

int wire_open(void);
void wire_send(int wire, const struct packet *packet);
bool wire_recv_tcp(int wire, const struct flow *flow,
		   const struct flow *until, uint8_t *flags);

#endif /* _SASSER_TEST_PACKET_H */
