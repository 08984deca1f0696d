// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets of many kinds, and the row that each is counted in. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "races.h"
#include "tap.h"
#include "wire.h"

#define SHOTS_MAX	64

struct shot {
	bool out;
	int family;
	enum traffic_row row;
	bool attempt;
	struct packet packet;
	size_t frame_len;
	uint8_t frame[14 + PACKET_MAX];
};

struct sum traffic_sent[TRAFFIC_ROWS];

static struct shot shots[SHOTS_MAX];
static unsigned int n_shots;

static void shot_add(int family, bool out, const struct packet *packet,
		     enum traffic_row row, bool attempt)
{
	struct shot *shot = &shots[n_shots++];

	if (n_shots > SHOTS_MAX)
		die("too many kinds of packets");
	shot->out = out;
	shot->family = family;
	shot->row = row;
	shot->attempt = attempt;
	shot->packet = *packet;
	shot->frame_len = tap_frame(shot->frame, packet);
}

static void shot_tcp(int family, bool out, uint16_t port, uint8_t flags,
		     enum traffic_row row)
{
	struct flow flow = tap_flow(family, out, 30000, port);
	struct packet packet;

	tcp_packet(&packet, &flow, flags, 0);
	shot_add(family, out, &packet, row, row != NO_ROW && flags == TCP_SYN);
}

static void shot_udp(int family, bool out, uint16_t port)
{
	struct flow flow = tap_flow(family, out, 30000, port);
	struct packet packet;
	uint8_t datagram[64];
	size_t len = udp_datagram(datagram, &flow, 20);

	if (family == AF_INET)
		ipv4_packet(&packet, &flow, &(struct ipv4_fields){
			.protocol = IPPROTO_UDP, .id = 30000,
		}, datagram, len);
	else
		ipv6_packet(&packet, &flow, IPPROTO_UDP, datagram, len);
	shot_add(family, out, &packet, NO_ROW, false);
}

/* The first of the fragments is judged, each for itself. */
static void shot_fragments(const struct shape *shape, uint16_t port,
			   enum traffic_row row)
{
	struct flow flow = tap_flow(shape->family, false, 30000, port);
	struct packet packet[PACKETS_MAX];
	unsigned int i, n = shape_build(packet, shape, &flow);

	for (i = 0; i < n; i++)
		shot_add(shape->family, false, &packet[i], i ? NO_ROW : row,
			 !i && row != UNCLASSIFIED);
}

void traffic_prepare(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		int family = families[i];

		shot_tcp(family, false, 445, TCP_SYN, IN_445);
		shot_tcp(family, false, 445, TCP_ACK, IN_445);
		shot_tcp(family, false, 5554, TCP_SYN, IN_5554);
		shot_tcp(family, false, 5554, TCP_ACK, NO_ROW);
		shot_tcp(family, false, 9996, TCP_SYN, IN_9996);
		shot_tcp(family, false, 80, TCP_SYN, NO_ROW);
		shot_udp(family, false, 445);
		shot_tcp(family, true, 5554, TCP_SYN, OUT_5554);
		shot_tcp(family, true, 9996, TCP_SYN, OUT_9996);
		shot_tcp(family, true, 445, TCP_SYN, NO_ROW);
		shot_udp(family, true, 9996);
	}
	/* As its flags do not show, the first one may well be a SYN. */
	shot_fragments(&(struct shape){ .family = AF_INET, .first = 8,
					.rest = 32 }, 445, IN_445);
	shot_fragments(&(struct shape){ .family = AF_INET6, .headers = "F",
					.first = 24 }, 9996, IN_9996);
	shot_fragments(&(struct shape){ .family = AF_INET6, .headers = "FDD",
					.first = 8 }, 445, UNCLASSIFIED);
}

static void send_shots(struct racer *racer, bool blocked)
{
	struct sum sent[TRAFFIC_ROWS] = {};
	int tap = sites[racer->site].tap;
	unsigned int i;
	int raw[2];

	netns_enter(sites[racer->site].netns);
	pin_cpu(racer->cpu);
	raw[0] = raw_open(AF_INET);
	raw[1] = raw_open(AF_INET6);

	while (racing()) {
		const struct shot *shot = &shots[pick(racer, n_shots)];
		int err;

		if (shot->out) {
			err = raw_send(raw[shot->family == AF_INET6],
				       &shot->packet, shot->family);
			if (blocked && (shot->row == NO_ROW ? err :
					err != -ECONNREFUSED))
				wrong("sending to row %d: error %d", shot->row,
				      err);
			did(PACKETS_OUT);
		} else {
			if (write(tap, shot->frame, shot->frame_len) !=
			    (ssize_t)shot->frame_len)
				wrong("writing to the tap device: %s",
				      strerror(errno));
			did(PACKETS_IN);
		}
		if (shot->row == NO_ROW)
			continue;
		sent[shot->row].packets++;
		sent[shot->row].bytes += shot->packet.len;
		sent[shot->row].attempts += shot->attempt;
	}
	close(raw[0]);
	close(raw[1]);

	for (i = 0; blocked && i < TRAFFIC_ROWS; i++) {
		__atomic_fetch_add(&traffic_sent[i].packets, sent[i].packets,
				   __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&traffic_sent[i].bytes, sent[i].bytes,
				   __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&traffic_sent[i].attempts, sent[i].attempts,
				   __ATOMIC_SEQ_CST);
	}
}

void traffic_send(struct racer *racer)
{
	send_shots(racer, true);
}

void traffic_send_wild(struct racer *racer)
{
	send_shots(racer, false);
}

static enum traffic_row row_of(const struct row *row)
{
	bool in = row->direction == SASSER_DIRECTION_IN;

	if (!strcmp(row->filter, "smb"))
		return IN_445;
	if (strcmp(row->filter, "payload"))
		return NO_ROW;
	if (row->first == 5554)
		return in ? IN_5554 : OUT_5554;
	return in ? IN_9996 : OUT_9996;
}

/* Adds what a dump or a reset said. Of unclassified packets the number only. */
void traffic_add(struct sum *sums, const struct counters *counters)
{
	unsigned int i;

	for (i = 0; i < counters->n; i++) {
		const struct row *row = &counters->row[i];
		enum traffic_row r = row_of(row);

		if (r == NO_ROW) {
			if (row->packets)
				wrong("%ju packets in row %s",
				      (uintmax_t)row->packets, row->filter);
			continue;
		}
		sums[r].packets += row->packets;
		sums[r].bytes += row->bytes;
		sums[r].attempts += row->attempts;
	}
	sums[UNCLASSIFIED].packets += counters->unclassified;
}
