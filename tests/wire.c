// SPDX-License-Identifier: GPL-2.0-or-later
/* Connection requests in every shape, and whether they are answered. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "wire.h"

const uint16_t wire_ports[PORTS] = { 445, 5554, 9996, CONTROL_PORT };

void wire_setup(struct wire *wire)
{
	unsigned int i;

	module_load();
	pin_cpu(0);
	pair_create(&wire->pair);
	wire->fd = wire_open();
	wire->sport = mmap(NULL, sizeof(*wire->sport), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (wire->sport == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	*wire->sport = 20000;

	netns_enter(wire->pair.host);
	/* Half-open connections are left to themselves. */
	sysctl_write("ipv4/tcp_synack_retries", "0");
	sysctl_write("ipv4/tcp_syncookies", "0");
	sysctl_write("ipv4/tcp_max_syn_backlog", "4096");
	for (i = 0; i < PORTS; i++) {
		tcp_listen(AF_INET, wire_ports[i]);
		tcp_listen(AF_INET6, wire_ports[i]);
	}
}

struct flow wire_flow(struct wire *wire, int family, uint16_t port)
{
	bool ipv4 = family == AF_INET;

	return (struct flow){
		.family = family,
		.saddr = ipv4 ? GHOST_IPV4 : GHOST_IPV6,
		.daddr = ipv4 ? HOST_IPV4 : HOST_IPV6,
		.sport = (*wire->sport)++,
		.dport = port,
	};
}

/* Return: was there a SYN-ACK? */
bool wire_probe(struct wire *wire, const struct flow *flow,
		const struct packet *packet, unsigned int n, bool backwards)
{
	struct flow control = wire_flow(wire, flow->family, CONTROL_PORT);
	struct packet syn;
	uint8_t flags;
	unsigned int i;

	for (i = 0; i < n; i++)
		wire_send(wire->fd, &packet[backwards ? n - 1 - i : i]);
	tcp_packet(&syn, &control, TCP_SYN, 0);
	wire_send(wire->fd, &syn);
	return wire_recv_tcp(wire->fd, flow, &control, &flags) &&
	       (flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
}

/*
 * What is to be cut into fragments, or sent whole. Return: the first packet,
 * which is the one that is judged, stands first.
 */
unsigned int cut(struct packet *packet, const struct shape *shape,
		 const struct flow *flow, const uint8_t *payload, size_t len,
		 uint8_t nexthdr)
{
	static const uint8_t no_operation[40] = { [0 ... 39] = 1 };
	size_t offset = 0, size = shape->first ?: len;
	uint8_t buf[PACKET_MAX];
	size_t header_len = 0;
	unsigned int n = 0;

	for (; offset < len; offset += size, size = shape->rest ?: len) {
		bool more;

		if (offset + size > len)
			size = len - offset;
		more = offset + size < len;
		if (n == PACKETS_MAX)
			die("too many fragments");
		if (flow->family == AF_INET) {
			ipv4_packet(&packet[n++], flow, &(struct ipv4_fields){
				.protocol = IPPROTO_TCP, .id = flow->sport,
				.offset = offset, .more = more,
				.options_len = shape->options_len,
				.options = no_operation,
			}, payload + offset, size);
			continue;
		}
		header_len = 0;
		if (shape->headers && shape->headers[0] == 'F')
			header_len = fragment_header(buf, nexthdr, offset,
						     more, flow->sport);
		memcpy(buf + header_len, payload + offset, size);
		ipv6_packet(&packet[n++], flow,
			    header_len ? IPPROTO_FRAGMENT : nexthdr,
			    buf, header_len + size);
	}
	return n;
}

/* Extension headers and what follows them. Return: the first one's type. */
uint8_t chain(uint8_t *out, size_t *len, const char *headers,
	      const uint8_t *payload, size_t payload_len, uint8_t protocol)
{
	uint8_t inner = protocol;

	*len = 0;
	if (*headers) {
		inner = chain(out + 8, len, headers + 1, payload, payload_len,
			      protocol);
		*len += *headers == 'R' ? routing_header(out, inner) :
					  options_header(out, inner);
		return *headers == 'H' ? IPPROTO_HOPOPTS :
		       *headers == 'R' ? IPPROTO_ROUTING : IPPROTO_DSTOPTS;
	}
	memcpy(out, payload, payload_len);
	*len = payload_len;
	return inner;
}

unsigned int shape_build(struct packet *packet, const struct shape *shape,
			 const struct flow *flow)
{
	uint8_t segment[PACKET_MAX], payload[PACKET_MAX];
	uint8_t nexthdr = IPPROTO_TCP;
	const char *headers;
	unsigned int n;
	size_t len;

	len = tcp_segment(segment, flow, shape->shows_ack ? TCP_ACK :
			  TCP_SYN | shape->flags, shape->data_len);

	if (shape->rewritten) {
		n = cut(packet, &(struct shape){ .first = 24 }, flow, segment,
			len, IPPROTO_TCP);
		tcp_segment(segment, flow, shape->rewritten, shape->data_len);
		ipv4_packet(&packet[1], flow, &(struct ipv4_fields){
			.protocol = IPPROTO_TCP, .id = flow->sport,
			.offset = 8,
		}, segment + 8, len - 8);
		return n;
	}

	headers = shape->headers ?: "";
	nexthdr = chain(payload, &len, headers + (*headers == 'F'), segment,
			len, IPPROTO_TCP);
	return cut(packet, shape, flow, payload, len, nexthdr);
}
