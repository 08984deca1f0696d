// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No hit is lost and none is counted twice: both CPUs send on every row of
 * SASSER while other threads assign policies and reset the counters.
 *
 * What comes in is written to a tap device, which runs the whole way up in the
 * write(2); what goes out leaves by raw sockets. Nothing of it may get through
 * meanwhile either, so each send has to be refused.
 */
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"
#include "packet.h"
#include "tap.h"

#define CPUS		2
#define FAMILIES	2
#define LEN_IPV4	(20 + TCP_LEN)
#define LEN_IPV6	(40 + TCP_LEN)

static const uint16_t ports_in[] = { 445, 5554, 9996 };
static const uint16_t ports_out[] = { 5554, 9996 };

static const struct range ports_extra[] = { { 1000, 1100 } };

/* As SASSER, and a filter before and one behind. */
static struct filter filters_extended[4] = {
	{ "extra", SASSER_DIRECTION_BOTH, SASSER_PROTOCOL_TCP,
	  SASSER_ACTION_BLOCK, 1, ports_extra },
	{}, {},
	{ "extra-udp", SASSER_DIRECTION_BOTH, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_BLOCK, 1, ports_extra },
};

static const struct policy policy_extended = {
	"EXTENDED", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 4,
	filters_extended,
};

/* On each row: a share by either CPU, over either family. */
static unsigned int packets, share;

static int tap;
static unsigned int running;		/* threads that send */

/* The threads' findings. */
static unsigned int wrong;		/* packets that were not refused */
static unsigned int failed;		/* requests */
static unsigned int assigned, resets;
static struct counters counters, total;

static size_t inbound_frame(uint8_t *frame, const struct flow *flow)
{
	struct packet packet;

	tcp_packet(&packet, flow, TCP_SYN, 0);
	return tap_frame(frame, &packet);
}

/* Return: is a request to a port of this host answered? */
static bool is_answered(int family, uint16_t port)
{
	struct pollfd pfd = { .fd = tap, .events = POLLIN };
	static uint16_t sport;
	uint8_t frame[2048], flags;
	struct flow flow;
	ssize_t len;

	/*
	 * Each test is a process of its own, and asks a dozen times at most. A
	 * request like one that the test before it made a second ago would be
	 * taken for a retransmission, and those are not all answered.
	 */
	if (!sport)
		sport = 41000 + getpid() % 1024 * 16;
	flow = tap_flow(family, false, sport++, port);
	len = inbound_frame(frame, &flow);
	if (write(tap, frame, len) != len)
		die("writing to the tap device: %s", strerror(errno));
	while (poll(&pfd, 1, 20000) > 0) {
		len = read(tap, frame, sizeof(frame));
		if (frame_is_tcp(frame, len, &flow, &flags))
			return flags == (TCP_SYN | TCP_ACK);
	}
	return false;
}

static void outbound_packet(struct packet *packet, int family, uint16_t dport)
{
	struct flow flow = tap_flow(family, true, 40000, dport);

	tcp_packet(packet, &flow, TCP_SYN, 0);
}

static void add_one(unsigned int *count)
{
	__atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST);
}

struct sender {
	pthread_t thread;
	int cpu;
	int family;
	bool out;
};

static void *inbound_thread(void *data)
{
	uint8_t frame[ARRAY_SIZE(ports_in)][14 + PACKET_MAX];
	const struct sender *sender = data;
	size_t len[ARRAY_SIZE(ports_in)];
	unsigned int i, n;

	pin_cpu(sender->cpu);
	for (i = 0; i < ARRAY_SIZE(ports_in); i++) {
		struct flow flow = tap_flow(sender->family, false, 30000,
					    ports_in[i]);

		len[i] = inbound_frame(frame[i], &flow);
	}
	for (n = 0; n < share; n++)
		for (i = 0; i < ARRAY_SIZE(ports_in); i++)
			if (write(tap, frame[i], len[i]) != (ssize_t)len[i])
				add_one(&failed);
	__atomic_fetch_sub(&running, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void *outbound_thread(void *data)
{
	struct packet packet[ARRAY_SIZE(ports_out)];
	const struct sender *sender = data;
	int fd = raw_open(sender->family);
	unsigned int i, n;

	pin_cpu(sender->cpu);
	for (i = 0; i < ARRAY_SIZE(ports_out); i++)
		outbound_packet(&packet[i], sender->family, ports_out[i]);
	for (n = 0; n < share; n++)
		for (i = 0; i < ARRAY_SIZE(ports_out); i++)
			if (raw_send(fd, &packet[i], sender->family) !=
			    -ECONNREFUSED)
				add_one(&wrong);
	close(fd);
	__atomic_fetch_sub(&running, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static bool is_running(void)
{
	return __atomic_load_n(&running, __ATOMIC_SEQ_CST);
}

/* @data: the policy to take turns with SASSER */
static void *assign_thread(void *data)
{
	const struct policy *other = data;
	struct genl genl;

	genl_open(&genl);
	while (is_running()) {
		if (policy_set(&genl, assigned & 1 ? &policy_sasser : other))
			add_one(&failed);
		assigned++;
	}
	if (policy_set(&genl, &policy_sasser))
		add_one(&failed);
	genl_close(&genl);
	return NULL;
}

static void add_up(const struct counters *some)
{
	unsigned int i, j;

	for (i = 0; i < some->n; i++) {
		const struct row *from = &some->row[i];
		struct row *to;

		for (j = 0; j < total.n; j++)
			if (!strcmp(total.row[j].filter, from->filter) &&
			    total.row[j].direction == from->direction &&
			    total.row[j].protocol == from->protocol &&
			    total.row[j].first == from->first)
				break;
		to = &total.row[j];
		if (j == total.n) {
			*to = *from;
			total.n++;
			continue;
		}
		to->packets += from->packets;
		to->bytes += from->bytes;
		to->attempts += from->attempts;
	}
}

static void *reset_thread(void *data)
{
	struct genl *genl = data;

	genl_open(genl);
	while (is_running()) {
		if (counters_reset(genl, &counters))
			add_one(&failed);
		add_up(&counters);
		resets++;
	}
	genl_close(genl);
	return NULL;
}

FIXTURE(counts) {
	struct genl genl;
};

FIXTURE_VARIANT(counts) {
	const struct policy *other;	/* to be assigned in turns, or NULL */
	bool reset;
};

FIXTURE_VARIANT_ADD(counts, same_policy_assigned_again) {
	.other = &policy_sasser,
};

FIXTURE_VARIANT_ADD(counts, other_policy_assigned_in_turns) {
	.other = &policy_extended,
};

FIXTURE_VARIANT_ADD(counts, reset_again) {
	.reset = true,
};

FIXTURE_VARIANT_ADD(counts, other_policy_and_reset) {
	.other = &policy_extended, .reset = true,
};

FIXTURE_SETUP(counts)
{
	genl_open(&self->genl);
}

FIXTURE_TEARDOWN(counts)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

static void check_control(struct __test_metadata *_metadata)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct packet packet;
	unsigned int f, i;
	int fd;

	for (f = 0; f < FAMILIES; f++) {
		for (i = 0; i < ARRAY_SIZE(ports_in); i++)
			EXPECT_TRUE(is_answered(families[f], ports_in[i]));
		fd = raw_open(families[f]);
		for (i = 0; i < ARRAY_SIZE(ports_out); i++) {
			outbound_packet(&packet, families[f], ports_out[i]);
			EXPECT_EQ(0, raw_send(fd, &packet, families[f]));
		}
		close(fd);
	}
}

static void send_all(struct __test_metadata *_metadata,
		     const struct policy *other, bool reset)
{
	struct sender sender[2 * CPUS * FAMILIES];
	pthread_t assigner, resetter;
	struct genl reset_genl;
	unsigned int i;

	running = ARRAY_SIZE(sender);
	if (other)
		ASSERT_EQ(0, pthread_create(&assigner, NULL, assign_thread,
					    (void *)other));
	if (reset)
		ASSERT_EQ(0, pthread_create(&resetter, NULL, reset_thread,
					    &reset_genl));
	for (i = 0; i < ARRAY_SIZE(sender); i++) {
		sender[i].cpu = i & 1;
		sender[i].family = i & 2 ? AF_INET6 : AF_INET;
		sender[i].out = i & 4;
		ASSERT_EQ(0, pthread_create(&sender[i].thread, NULL,
					    sender[i].out ? outbound_thread :
							    inbound_thread,
					    &sender[i]));
	}
	for (i = 0; i < ARRAY_SIZE(sender); i++)
		pthread_join(sender[i].thread, NULL);
	if (other)
		pthread_join(assigner, NULL);
	if (reset)
		pthread_join(resetter, NULL);
}

/* It was no race if they did not run often. */
static bool is_seldom(const struct policy *other, bool reset)
{
	return (other && assigned <= 10) || (reset && resets <= 10);
}

TEST_F_TIMEOUT(counts, exactly_what_was_sent, 300)
{
	uint64_t began, ended, sent = 0;
	unsigned int i, rows = 0;

	check_control(_metadata);
	ASSERT_EQ(0, policy_set(&self->genl, &policy_sasser));
	ASSERT_EQ(0, counters_reset(&self->genl, &counters));

	began = time(NULL);
	/* A busy machine may hardly let the others run beside the senders. */
	do {
		send_all(_metadata, variant->other, variant->reset);
		sent += packets;
	} while (is_seldom(variant->other, variant->reset) &&
		 sent < 10 * (uint64_t)packets);
	ended = time(NULL);

	ASSERT_EQ(0, counters_get(&self->genl, &counters));
	EXPECT_EQ(5, counters.n);
	for (i = 0; i < counters.n; i++) {
		const struct row *row = &counters.row[i];

		/* After a reset there may be none. */
		if (variant->reset && !row->packets)
			continue;
		EXPECT_TRUE(row->has_hit);
		EXPECT_LE(began, row->first_hit);
		EXPECT_LE(row->first_hit, row->last_hit);
		EXPECT_LE(row->last_hit, ended);
	}
	add_up(&counters);
	for (i = 0; i < total.n; i++) {
		const struct row *row = &total.row[i];
		bool extra = !strncmp(row->filter, "extra", 5);

		rows += !extra;
		EXPECT_EQ(extra ? 0 : sent, row->packets);
		EXPECT_EQ(extra ? 0 : sent / 2 * (LEN_IPV4 + LEN_IPV6),
			  row->bytes);
		EXPECT_EQ(extra ? 0 : sent, row->attempts);
	}
	EXPECT_EQ(5, rows);
	EXPECT_EQ(0, counters.unclassified);
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(0, failed);
	EXPECT_FALSE(is_seldom(variant->other, variant->reset));
	fprintf(stderr, "# counts: %u policies assigned, %u resets\n", assigned,
		resets);

	ASSERT_EQ(0, policy_clear(&self->genl, false));
	check_control(_metadata);
}

int main(int argc, char **argv)
{
	unsigned int i;

	memcpy(&filters_extended[1], policy_sasser.filter,
	       2 * sizeof(*filters_extended));
	packets = kernel_is_slow() ? 4000 : 20000;
	share = packets / CPUS / FAMILIES;
	module_load();
	netns_enter(netns_new());
	tap = tap_create();
	sysctl_write("ipv4/tcp_synack_retries", "0");
	sysctl_write("ipv4/tcp_syncookies", "0");
	for (i = 0; i < ARRAY_SIZE(ports_in); i++) {
		tcp_listen(AF_INET, ports_in[i]);
		tcp_listen(AF_INET6, ports_in[i]);
	}
	return test_harness_run(argc, argv);
}
