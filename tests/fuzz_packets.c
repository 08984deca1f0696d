// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random packets under random policies: does the module do what the reference
 * says, to each, and counts it so? A batch of packets is sent, and what moved
 * compared; if it is not what the reference says, the packets are sent again
 * one by one.
 *
 *	fuzz_packets [SECONDS[,SEED]]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include <kselftest_harness.h>

#include "fuzz.h"
#include "fuzz_craft.h"
#include "fuzz_watch.h"
#include "fuzz_world.h"
#include "genl.h"
#include "netns.h"
#include "packet.h"
#include "reference.h"

#define BATCH		64
#define BATCHES		4	/* under one policy */
#define REPORTS		5	/* mismatches that are shown */
#define MTU		"6000"

static struct fuzz_options options;

/* What the fuzzing test leaves to those after it. */
static struct result {
	unsigned long packets;
	unsigned long batches;
	unsigned int mismatches;
	unsigned long verdict[VERDICT_UNKNOWN + 1];
	unsigned long unclassified;
	unsigned long counted;
	unsigned long permitted;	/* against another filter, too */
	unsigned long chosen;		/* by a prefix, among several filters */
	unsigned long family[2];	/* of these: IPv4, IPv6 */
	unsigned long anyway;		/* for match = packet alone */
	unsigned long paged;
} *result;

static struct pair pair;
static struct genl genl;
static struct watch watch;
static int wire, raw4, raw6;

static struct crafted batch[BATCH];
static struct judgement judged[BATCH];
static struct counters before, after;

static void world_setup(void)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET };
	struct ip_mreqn via = {};
	int on = 1, off = 0;
	unsigned int dev;

	module_load();
	pin_cpu(0);
	pair_create(&pair);
	/* The peer's kernel must not say anything by itself. */
	netns_enter(pair.peer);
	sysctl_write("ipv6/conf/" VETH "/disable_ipv6", "1");
	run("ip link set " VETH " mtu " MTU);
	sll.sll_ifindex = if_nametoindex(VETH);
	wire = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (wire < 0 || setsockopt(wire, SOL_PACKET, PACKET_VNET_HDR, &on,
				   sizeof(on)) ||
	    bind(wire, (void *)&sll, sizeof(sll)))
		die("packet socket: %s", strerror(errno));

	netns_enter(pair.host);
	run("ip -batch - <<-EOF\n"
	    "link set " VETH " mtu " MTU "\n"
	    "link add dummy0 type dummy\n"
	    "link set dummy0 up\n"
	    "address add " FUZZ_DUMMY_IPV4 "/24 dev dummy0\n"
	    "address add " FUZZ_DUMMY_IPV6 "/64 dev dummy0 nodad\n"
	    "route add local " FUZZ_ANY_PREFIX4 " dev lo\n"
	    "route add default via " PEER_IPV4 "\n"
	    "EOF");
	run("ip -6 -batch - <<-EOF\n"
	    "route add local " FUZZ_ANY_PREFIX6 " dev lo\n"
	    "route add default via " PEER_IPV6 " dev " VETH "\n"
	    "EOF");
	watch_open(&watch);

	dev = if_nametoindex(VETH);
	via.imr_ifindex = dev;
	raw4 = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	raw6 = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (raw4 < 0 || raw6 < 0 ||
	    setsockopt(raw4, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) ||
	    setsockopt(raw4, IPPROTO_IP, IP_MULTICAST_IF, &via, sizeof(via)) ||
	    setsockopt(raw4, IPPROTO_IP, IP_MULTICAST_LOOP, &off,
		       sizeof(off)) ||
	    setsockopt(raw6, IPPROTO_IPV6, IPV6_MULTICAST_IF, &dev,
		       sizeof(dev)) ||
	    setsockopt(raw6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &off,
		       sizeof(off)))
		die("raw sockets: %s", strerror(errno));
}

static void send_frame(const struct crafted *c)
{
	struct virtio_net_hdr vnet = { .hdr_len = c->linear };
	struct ether_header ether = {
		.ether_type = htons(c->family == AF_INET ? ETHERTYPE_IP :
							   ETHERTYPE_IPV6),
	};
	struct iovec iov[] = {
		{ &vnet, sizeof(vnet) }, { &ether, sizeof(ether) },
		{ (void *)c->data, c->len },
	};

	ether_aton_r(c->mac, (void *)ether.ether_dhost);
	ether_aton_r(PEER_MAC, (void *)ether.ether_shost);
	if (writev(wire, iov, ARRAY_LEN(iov)) < 0)
		die("sending a frame: %s", strerror(errno));
}

/* Return: 0 or a negative errno */
static int send_raw(const struct crafted *c)
{
	bool ipv4 = c->family == AF_INET;
	union address to = { .sa.sa_family = c->family };

	if (ipv4)
		memcpy(&to.in.sin_addr, c->data + 16, 4);
	else
		memcpy(&to.in6.sin6_addr, c->data + 24, 16);
	return sendto(ipv4 ? raw4 : raw6, c->data, c->len, 0, &to.sa,
		      ipv4 ? sizeof(to.in) : sizeof(to.in6)) < 0 ? -errno : 0;
}

/* All that came in before it has been through the hooks when it is counted. */
static void send_marker(void)
{
	struct flow flow = {
		.family = AF_INET, .saddr = PEER_IPV4, .daddr = HOST_IPV4,
	};
	static struct crafted c = { .family = AF_INET, .mac = HOST_MAC };
	double until = seconds() + 20;
	uint64_t marker = watch.marker;
	struct packet packet;

	ipv4_packet(&packet, &flow, &(struct ipv4_fields){
		.protocol = WATCH_MARKER,
	}, (const uint8_t *)"marker", 6);
	memcpy(c.data, packet.data, packet.len);
	c.len = packet.len;
	send_frame(&c);
	for (;;) {
		watch_read(&watch);
		if (watch.marker != marker)
			break;
		if (seconds() > until)
			die("a packet that no policy blocks does not arrive");
		sched_yield();
	}
	/* Packets may have come in between the counters of one reading. */
	watch_read(&watch);
}

static struct judgement judge(const struct policy *policy,
			      const struct crafted *c)
{
	struct judgement j = { .verdict = VERDICT_UNSEEN };
	size_t len = c->len;
	bool unknown = false;

	if (!c->out)
		len = !strcmp(c->mac, FUZZ_OTHER_MAC) ? 0 :
		      reference_arrival(c->family, c->data, c->len, &unknown);
	/* the marker is not to be mistaken */
	if (unknown || (c->family == AF_INET && c->data[9] == WATCH_MARKER))
		j.verdict = VERDICT_UNKNOWN;
	else if (len)
		j = reference_judge(policy, c->out ? SASSER_DIRECTION_OUT :
						     SASSER_DIRECTION_IN,
				    c->family, c->data, len);
	return j;
}

/* IPv4 gives the sender its own broadcasts, too. */
static bool comes_back(const struct crafted *c, const struct judgement *j)
{
	return c->family == AF_INET && j->verdict == VERDICT_PASS &&
	       c->data[19] == 255;
}

static int errno_of(enum verdict verdict)
{
	return verdict == VERDICT_PASS ? 0 :
	       verdict == VERDICT_DROP ? -EPERM : -ECONNREFUSED;
}

/* Return: is a row's movement that of the packets which it should count? */
static bool row_is_right(const struct row *a, const struct row *b,
			 unsigned int n, bool report)
{
	uint64_t packets = 0, bytes = 0, attempts = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		const struct judgement *j = &judged[i];

		if (!j->filter || strcmp(j->filter->name, a->filter) ||
		    j->direction != a->direction ||
		    j->range->first != a->first)
			continue;
		if (j->action != a->action) {
			if (report)
				printf("# row %s %u %u-%u: action %u, expected %u\n",
				       a->filter, a->direction, a->first,
				       a->last, a->action, j->action);
			return false;
		}
		packets++;
		bytes += j->bytes;
		attempts += j->attempt;
	}
	if (a->packets - b->packets == packets &&
	    a->bytes - b->bytes == bytes &&
	    a->attempts - b->attempts == attempts &&
	    a->has_hit == !!a->packets)
		return true;
	if (report)
		printf("# row %s %u %u-%u: %ju packets, %ju bytes, %ju attempts, expected %ju, %ju, %ju\n",
		       a->filter, a->direction, a->first, a->last,
		       (uintmax_t)(a->packets - b->packets),
		       (uintmax_t)(a->bytes - b->bytes),
		       (uintmax_t)(a->attempts - b->attempts),
		       (uintmax_t)packets, (uintmax_t)bytes,
		       (uintmax_t)attempts);
	return false;
}

static bool number_is_right(const char *what, uint64_t number,
			    uint64_t expected, bool report)
{
	if (number != expected && report)
		printf("# %s: %jd, expected %ju\n", what, (intmax_t)number,
		       (uintmax_t)expected);
	return number == expected;
}

/* Sends @n packets of the batch from @c on. Return: is all as it should be? */
static bool try_packets(const struct crafted *c, unsigned int n, bool report)
{
	unsigned int arrive = 0, pass = 0, unclassified = 0, i;
	struct watch watched;
	bool ok = true;
	int err;

	if (counters_get(&genl, &before))
		die("reading the counters");
	watch_read(&watch);
	watched = watch;
	for (i = 0; i < n; i++) {
		const struct judgement *j = &judged[i];

		unclassified += j->unclassified;
		if (!c[i].out) {
			send_frame(&c[i]);
			arrive += j->verdict != VERDICT_UNSEEN;
			pass += j->verdict == VERDICT_PASS;
			continue;
		}
		err = send_raw(&c[i]);
		ok &= number_is_right("errno of sending", err,
				      errno_of(j->verdict), report);
		arrive += comes_back(&c[i], j);
		pass += comes_back(&c[i], j);
	}
	send_marker();
	if (counters_get(&genl, &after))
		die("reading the counters");

	ok &= number_is_right("packets that arrive",
			      watch.before - watched.before, arrive, report);
	ok &= number_is_right("packets that pass",
			      watch.after - watched.after, pass, report);
	ok &= number_is_right("unclassified",
			      after.unclassified - before.unclassified,
			      unclassified, report);
	ok &= number_is_right("rows", after.n, before.n, report);
	for (i = 0; i < after.n; i++)
		ok &= row_is_right(&after.row[i], &before.row[i], n, report);
	return ok;
}

static void report_policy(const struct policy *policy)
{
	char text[INET6_ADDRSTRLEN];
	unsigned int i, k;

	printf("# policy, mode %u, match %u:\n", policy->mode, policy->match);
	for (i = 0; i < policy->n_filters; i++) {
		const struct filter *f = &policy->filter[i];

		printf("#   %s direction %u protocol %u action %u:", f->name,
		       f->direction, f->protocol, f->action);
		for (k = 0; k < f->n_ranges; k++)
			printf(" %u-%u", f->range[k].first, f->range[k].last);
		for (k = 0; k < f->n_remotes; k++)
			printf(" %s/%u", inet_ntop(f->remote[k].family,
						   f->remote[k].addr, text,
						   sizeof(text)),
			       f->remote[k].len);
		putchar('\n');
	}
}

/* Which packets of the batch are it? Each is judged by itself alone. */
static void bisect(const struct policy *policy)
{
	unsigned int i, found = 0;

	for (i = 0; i < BATCH; i++) {
		const struct crafted *c = &batch[i];

		judged[0] = judge(policy, c);
		if (try_packets(c, 1, false))
			continue;
		found++;
		if (++result->mismatches > REPORTS)
			continue;
		report_policy(policy);
		printf("# seed %ju, batch %lu, packet %u, %s to %s, linear %u, verdict %u\n",
		       (uintmax_t)options.seed, result->batches, i,
		       c->out ? "out" : "in", c->out ? "a route" : c->mac,
		       c->linear, judged[0].verdict);
		fuzz_hex(c->family == AF_INET ? "IPv4" : "IPv6", c->data,
			 c->len < 200 ? c->len : 200);
		try_packets(c, 1, true);
	}
	if (found)
		return;
	result->mismatches++;
	printf("# seed %ju, batch %lu: wrong together, right one by one\n",
	       (uintmax_t)options.seed, result->batches);
}

static void note(const struct policy *policy, const struct crafted *c,
		 const struct judgement *j)
{
	bool several = j->filter && j->matches > 1;
	bool chosen = several && j->prefix >= 0;

	result->packets++;
	result->verdict[j->verdict]++;
	result->unclassified += j->unclassified;
	result->counted += !!j->filter;
	result->permitted += several && j->action == SASSER_ACTION_PERMIT;
	result->chosen += chosen;
	result->family[c->family == AF_INET6] += chosen;
	result->anyway += j->filter && !j->attempt &&
			  policy->match == SASSER_MATCH_PACKET &&
			  j->filter->protocol == SASSER_PROTOCOL_TCP &&
			  j->range->first >= 512;
	result->paged += !!c->linear;
}

static void fuzz_batch(struct chance *r, const struct policy *policy)
{
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		do {
			craft_packet(r, policy, &batch[i]);
			judged[i] = judge(policy, &batch[i]);
		} while (judged[i].verdict == VERDICT_UNKNOWN);
		note(policy, &batch[i], &judged[i]);
	}
	result->batches++;
	if (!try_packets(batch, BATCH, false))
		bisect(policy);
}

FIXTURE(packets) {
};

FIXTURE_SETUP(packets)
{
	genl_open(&genl);
}

FIXTURE_TEARDOWN(packets)
{
	EXPECT_EQ(0, policy_clear(&genl, false));
	genl_close(&genl);
}

/* How long it runs is said by its argument. */
TEST_F_TIMEOUT(packets, meet_what_the_reference_says, 7200)
{
	double until = seconds() + options.seconds;
	static struct craft_policy p;
	struct chance r;
	unsigned int i;

	chance_seed(&r, options.seed);
	do {
		craft_policy(&r, &p);
		ASSERT_EQ(0, policy_set(&genl, &p.policy));
		for (i = 0; i < BATCHES; i++)
			fuzz_batch(&r, &p.policy);
	} while (seconds() < until);

	printf("# fuzz: packets %lu, seed %ju, mismatches %u\n",
	       result->packets, (uintmax_t)options.seed, result->mismatches);
	printf("# fuzz: passed %lu, dropped %lu, refused %lu, never arrived %lu, unclassified %lu, in a row %lu, paged %lu\n",
	       result->verdict[VERDICT_PASS], result->verdict[VERDICT_DROP],
	       result->verdict[VERDICT_REFUSE],
	       result->verdict[VERDICT_UNSEEN], result->unclassified,
	       result->counted, result->paged);
	printf("# fuzz: permitted against another filter %lu, chosen by a prefix %lu (IPv4 %lu, IPv6 %lu), for match = packet alone %lu\n",
	       result->permitted, result->chosen, result->family[0],
	       result->family[1], result->anyway);
	fflush(stdout);
	EXPECT_EQ(0, result->mismatches);
}

TEST_F(packets, of_every_fate_were_among_them)
{
	EXPECT_LT(0, result->verdict[VERDICT_PASS]);
	EXPECT_LT(0, result->verdict[VERDICT_DROP]);
	EXPECT_LT(0, result->verdict[VERDICT_REFUSE]);
	EXPECT_LT(0, result->verdict[VERDICT_UNSEEN]);
	EXPECT_LT(0, result->unclassified);
	EXPECT_LT(0, result->paged);
	EXPECT_LT(0, result->permitted);
	EXPECT_LT(0, result->family[0]);
	EXPECT_LT(0, result->family[1]);
	EXPECT_LT(0, result->anyway);
	/* some of those that pass are counted, too */
	EXPECT_LT(result->verdict[VERDICT_DROP] +
		  result->verdict[VERDICT_REFUSE],
		  result->counted + result->unclassified);
	EXPECT_LE(BATCH * BATCHES, result->packets);
}

int main(int argc, char **argv)
{
	fuzz_arguments(&options, argc, argv);
	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	world_setup();
	return test_harness_run(1, argv);
}
