// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One packet from or to any address. What comes in has passed if TCP answers
 * it, or if the datagram can be read; on one CPU, and over a tap device, that is
 * mostly so when the write is done. What goes out has passed if there is no error.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "remotes.h"
#include "tap.h"

static int tap, udp, raw[2];

static void listen_on(uint16_t port)
{
	tcp_listen(AF_INET, port);
	tcp_listen(AF_INET6, port);
}

/* All is behind the ghost, so that no address is special, or unanswered. */
void probe_setup(void)
{
	union address any;
	socklen_t len;

	module_load();
	pin_cpu(0);
	netns_enter(netns_new());
	tap = tap_create();
	if (fcntl(tap, F_SETFL, O_NONBLOCK))
		die("tap device: %s", strerror(errno));
	sysctl_write("ipv4/conf/all/rp_filter", "0");
	sysctl_write("ipv4/conf/" TAP "/rp_filter", "0");
	sysctl_write("ipv4/tcp_synack_retries", "0");
	sysctl_write("ipv4/tcp_syncookies", "0");
	sysctl_write("ipv4/tcp_max_syn_backlog", "4096");
	/* For answers to packets that belong to no connection. */
	sysctl_write("ipv4/tcp_invalid_ratelimit", "0");
	run("ip -batch - <<-EOF\n"
	    "address add " HOST_IPV4 "/32 dev " TAP "\n"
	    "address del " HOST_IPV4 "/24 dev " TAP "\n"
	    "address del " HOST_IPV6 "/64 dev " TAP "\n"
	    "address add " HOST_IPV6 "/128 dev " TAP " nodad\n"
	    "route add default via " GHOST_IPV4 " dev " TAP " onlink\n"
	    "route add ::/0 via " GHOST_IPV6 " dev " TAP " onlink\n"
	    "EOF");
	listen_on(445);
	listen_on(5554);
	udp = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	len = address_set(&any, AF_INET6, "::", 445);
	if (udp < 0 || bind(udp, &any.sa, len))
		die("UDP socket: %s", strerror(errno));
	raw[0] = raw_open(AF_INET);
	raw[1] = raw_open(AF_INET6);
}

/* On a busy machine a packet may have to wait for ksoftirqd, on this CPU. */
static void settle(void)
{
	sched_yield();
	sched_yield();
}

/* What the host has sent. Return: was there an answer to @flow? */
static bool answered(const struct flow *flow)
{
	uint8_t frame[2048], flags;
	bool answer = false;
	ssize_t len;

	settle();
	while ((len = read(tap, frame, sizeof(frame))) > 0)
		if (frame_is_tcp(frame, len, flow, &flags))
			answer = true;
	return answer;
}

static bool was_received(void)
{
	char buf[64];

	settle();
	return recv(udp, buf, sizeof(buf), 0) == 10;
}

static void datagram(struct packet *packet, const struct flow *flow)
{
	uint8_t data[64];
	size_t len = udp_datagram(data, flow, 10);

	if (flow->family == AF_INET)
		ipv4_packet(packet, flow, &(struct ipv4_fields){
			.protocol = IPPROTO_UDP, .id = flow->sport,
		}, data, len);
	else
		ipv6_packet(packet, flow, IPPROTO_UDP, data, len);
}

/*
 * @len: of the packet, from the IP header on
 *
 * Return: 0 if it passed, a negative errno if not (-EPERM inbound)
 */
int probe_send(const struct probe *probe, unsigned int *len)
{
	static unsigned int n;
	int family = strchr(probe->remote, ':') ? AF_INET6 : AF_INET, err;
	const char *host = family == AF_INET ? HOST_IPV4 : HOST_IPV6;
	struct flow flow = {
		family, probe->out ? host : probe->remote,
		probe->out ? probe->remote : host,
		/* no other test's, whose connections may be half open yet */
		20000 + (getpid() * 997U + n++) % 20000, probe->port,
	};
	uint8_t frame[14 + PACKET_MAX];
	struct packet packet;
	ssize_t size;

	if (probe->flags)
		tcp_packet(&packet, &flow, probe->flags, 0);
	else
		datagram(&packet, &flow);
	*len = packet.len;
	if (probe->out) {
		err = raw_send(raw[family == AF_INET6], &packet, family);
		if (!err)
			answered(&flow);
		return err;
	}
	size = tap_frame(frame, &packet);
	if (write(tap, frame, size) != size)
		die("tap device: %s", strerror(errno));
	if (probe->flags)
		return answered(&flow) ? 0 : -EPERM;
	return was_received() ? 0 : -EPERM;
}
