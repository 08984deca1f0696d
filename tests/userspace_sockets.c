// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Real connections between two network namespaces that a cable joins: which of
 * them a policy cuts, and which stay. All sockets are this process's own. On a
 * kernel without CONFIG_INET_DIAG_DESTROY they all have to be named as
 * remaining. Needs root; the namespaces go when it ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sockets.h"
#include "userspace_tap.h"

#define HOST4	"10.7.1.1"
#define PEER4	"10.7.1.2"
#define HOST6	"fd00:7:1::1"
/* Nobody has these, and no question for their device is asked. */
#define NOBODY4	"10.7.1.99"

static int host_ns, peer_ns;

static void bail(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void in(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		bail("setns");
}

static int new_namespace(void)
{
	int fd;

	if (unshare(CLONE_NEWNET))
		bail("unshare (this needs root)");
	fd = open("/proc/self/ns/net", O_RDONLY);
	if (fd < 0)
		bail("/proc/self/ns/net");
	return fd;
}

static void run(const char *command)
{
	if (system(command)) {
		printf("Bail out! failed: %s\n", command);
		exit(1);
	}
}

static void set_up(void)
{
	char command[128];

	peer_ns = new_namespace();
	host_ns = new_namespace();
	snprintf(command, sizeof(command),
		 "ip link add v0 type veth peer name v1 netns /proc/%d/fd/%d",
		 getpid(), peer_ns);
	run(command);
	run("ip link set lo up; ip link set v0 up");
	run("ip addr add " HOST4 "/24 dev v0; ip addr add " HOST6 "/64 dev v0 nodad");
	run("ip neigh add " NOBODY4 " lladdr 02:00:00:00:00:99 dev v0");
	in(peer_ns);
	run("ip link set lo up; ip link set v1 up");
	run("ip addr add " PEER4 "/24 dev v1; ip addr add fd00:7:1::2/64 dev v1 nodad");
	in(host_ns);
}

static socklen_t fill(struct sockaddr_storage *ss, const char *address,
		      uint16_t port)
{
	struct sockaddr_in6 *sin6 = (void *)ss;
	struct sockaddr_in *sin = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (strchr(address, ':')) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(port);
		inet_pton(AF_INET6, address, &sin6->sin6_addr);
		return sizeof(*sin6);
	}
	sin->sin_family = AF_INET;
	sin->sin_port = htons(port);
	inet_pton(AF_INET, address, &sin->sin_addr);
	return sizeof(*sin);
}

static int bound(const char *address, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = fill(&ss, address, port);
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
				 sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&ss, len))
		bail("bind");
	return fd;
}

static int listening(int ns, const char *address, uint16_t port)
{
	int fd;

	in(ns);
	fd = bound(address, port);
	if (listen(fd, 8))
		bail("listen");
	in(host_ns);
	return fd;
}

/* From @ns; @own_port 0: any. */
static int dial(int ns, const char *address, uint16_t port, uint16_t own_port)
{
	struct sockaddr_storage ss;
	socklen_t len = fill(&ss, address, port);
	int fd;

	in(ns);
	fd = bound(ss.ss_family == AF_INET ? "0.0.0.0" : "::", own_port);
	if (connect(fd, (struct sockaddr *)&ss, len) && errno != EINPROGRESS)
		bail("connect");
	in(host_ns);
	return fd;
}

static bool ready(int fd, short events)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	return poll(&poll_fd, 1, 10000) == 1;
}

/* Both ends of a connection; it works. */
struct pair {
	int client;
	int server;
};

static struct pair join(int ns, int listener, const char *address,
			uint16_t port, uint16_t own_port)
{
	struct pair pair = { .client = dial(ns, address, port, own_port) };
	char c;

	if (!ready(pair.client, POLLOUT) || !ready(listener, POLLIN))
		bail("no connection");
	pair.server = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	if (pair.server < 0 || write(pair.client, "x", 1) != 1 ||
	    !ready(pair.server, POLLIN) || read(pair.server, &c, 1) != 1)
		bail("a connection that does not work");
	return pair;
}

static bool works(const struct pair *pair)
{
	char c;

	return write(pair->client, "y", 1) == 1 &&
	       ready(pair->server, POLLIN) && read(pair->server, &c, 1) == 1;
}

/* What the process that has @fd is told, 0 if nothing. */
static int error_of(int fd)
{
	socklen_t len = sizeof(int);
	int error = 0;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

/* ---- a SYN whose answer goes nowhere */

static uint16_t checksum(const void *data, size_t len, uint32_t sum)
{
	const uint16_t *word = data;

	for (; len > 1; len -= 2)
		sum += *word++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void send_syn(uint16_t port)
{
	struct { struct iphdr ip; struct tcphdr tcp; } packet = {
		.ip = {
			.version = 4, .ihl = 5, .ttl = 64,
			.protocol = IPPROTO_TCP,
			.tot_len = htons(sizeof(packet)),
			.saddr = inet_addr(NOBODY4),
			.daddr = inet_addr(HOST4),
		},
		.tcp = {
			.source = htons(40000), .dest = htons(port),
			.seq = 1, .doff = 5, .syn = 1, .window = 1000,
		},
	};
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_addr.s_addr = packet.ip.daddr,
	};
	uint32_t pseudo = htons(IPPROTO_TCP) + htons(sizeof(packet.tcp));
	int fd;

	pseudo += (packet.ip.saddr & 0xffff) + (packet.ip.saddr >> 16) +
		  (packet.ip.daddr & 0xffff) + (packet.ip.daddr >> 16);
	packet.tcp.check = checksum(&packet.tcp, sizeof(packet.tcp), pseudo);
	in(peer_ns);
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0 || sendto(fd, &packet, sizeof(packet), 0,
			     (struct sockaddr *)&to, sizeof(to)) < 0)
		bail("cannot send a SYN");
	close(fd);
	in(host_ns);
}

/* ---- the policy */

static struct filter filters[] = {
	{
		.name = "smb", .direction = SASSER_DIRECTION_IN,
		.protocol = SASSER_PROTOCOL_TCP, .action = SASSER_ACTION_BLOCK,
		.ranges = (struct range[]){ { 445, 445 } }, .n_ranges = 1,
	},
	{
		.name = "payload", .direction = SASSER_DIRECTION_BOTH,
		.protocol = SASSER_PROTOCOL_TCP, .action = SASSER_ACTION_BLOCK,
		.ranges = (struct range[]){ { 5554, 5554 }, { 9996, 9996 } },
		.n_ranges = 2,
	},
	{
		.name = "scanner", .direction = SASSER_DIRECTION_BOTH,
		.protocol = SASSER_PROTOCOL_TCP,
		.action = SASSER_ACTION_PERMIT,
		.ranges = (struct range[]){ { 1, 65535 } }, .n_ranges = 1,
		.remotes = (struct prefix[]){
			{ AF_INET, 32, { 10, 7, 1, 2 } },
		},
		.n_remotes = 1,
	},
};

static struct policy policy = {
	.name = "TEST", .mode = SASSER_MODE_ENFORCE,
	.origin = SASSER_ORIGIN_LOCAL, .match = SASSER_MATCH_AUTO,
	.scope = SASSER_SCOPE_HOST, .filters = filters, .n_filters = 2,
};

/* How many of @sockets are to or from the port of that state; any: 0. */
static size_t count(const struct sockets *sockets, uint16_t port, uint8_t state)
{
	size_t n = 0;

	for (size_t i = 0; i < sockets->n; i++) {
		const struct sock_entry *entry = &sockets->entry[i];

		n += (entry->local.port == port || entry->remote.port == port) &&
		     (!state || entry->state == state);
	}
	return n;
}

static size_t blocked_by(struct policy *by, uint16_t port, uint8_t state)
{
	struct sockets sockets = {};
	size_t n = 0;

	if (!sockets_blocked(by, &sockets)) {
		n = count(&sockets, port, state);
		sockets_free(&sockets);
	}
	return n;
}

/* ---- the tests */

static struct pair v4, v6, mapped, out, in80, from9996, loop, self, waiting;
static int listener80, listener445, syn_sent;

static void open_all(void)
{
	int peer80 = listening(peer_ns, PEER4, 80);
	int peer9996 = listening(peer_ns, PEER4, 9996);
	int listener9996 = listening(host_ns, HOST6, 9996);
	int listener5554 = listening(host_ns, "::", 5554);

	listener80 = listening(host_ns, "0.0.0.0", 80);
	listener445 = listening(host_ns, "0.0.0.0", 445);
	v4 = join(peer_ns, listener445, HOST4, 445, 0);
	v6 = join(peer_ns, listener9996, HOST6, 9996, 0);
	mapped = join(peer_ns, listener5554, HOST4, 5554, 0);
	out = join(host_ns, peer9996, PEER4, 9996, 0);
	in80 = join(peer_ns, listener80, HOST4, 80, 5554);
	close(listening(host_ns, HOST4, 9996));
	from9996 = join(host_ns, peer80, PEER4, 80, 1234);
	loop = join(host_ns, listener445, "127.0.0.1", 445, 0);
	self = join(host_ns, listener445, HOST4, 445, 0);
	waiting = join(peer_ns, listener445, HOST4, 445, 4321);
	close(waiting.server);
	close(waiting.client);
	send_syn(445);
	syn_sent = dial(host_ns, NOBODY4, 5554, 0);
	usleep(200000);
}

static void test_listed(void)
{
	struct sockets sockets = {};
	bool owned = true;

	policy.mode = SASSER_MODE_OBSERVE;
	if (sockets_blocked(&policy, &sockets))
		bail(said);
	ok(sockets.n == 6, "six connections are blocked, in observe mode too (%zu)",
	   sockets.n);
	ok(count(&sockets, 445, TCP_ESTABLISHED) == 1, "one to port 445");
	ok(count(&sockets, 445, TCP_SYN_RECV) == 1, "one half open");
	ok(count(&sockets, 5554, TCP_SYN_SENT) == 1, "one that is being opened");
	ok(count(&sockets, 9996, TCP_ESTABLISHED) == 2,
	   "one inbound over IPv6, and one outbound");
	for (size_t i = 0; i < sockets.n; i++) {
		const struct sock_entry *entry = &sockets.entry[i];
		char line[SOCK_LINE_LEN];

		printf("# %s\n", sock_describe(line, entry));
		owned &= entry->owner.pid == getpid() &&
			 !strcmp(entry->owner.comm, "userspace_socke");
		if (entry->local.port == 5554)
			ok(entry->remote.family == AF_INET &&
			   !strncmp(line, "from " PEER4 ":", 14) &&
			   entry->diag_family == AF_INET6,
			   "one that is IPv4-mapped, shown as IPv4");
	}
	ok(!system("ss -Htn state time-wait sport = :445 | grep -q ."),
	   "one in TIME_WAIT is there, and none of them");
	ok(owned, "all with the process that has them, or their listener");
	sockets_free(&sockets);
	policy.mode = SASSER_MODE_ENFORCE;
}

static void test_others(void)
{
	ok(!blocked_by(&policy, 80, 0), "from port 5554 to 80 is none of them");
	policy.match = SASSER_MATCH_PACKET;
	ok(blocked_by(&policy, 80, 0) == 1,
	   "with match = packet it is: what it is answered goes to port 5554");
	policy.match = SASSER_MATCH_AUTO;
	policy.n_filters = 3;
	ok(blocked_by(&policy, 5554, TCP_SYN_SENT) == 1 &&
	   !blocked_by(&policy, 445, TCP_ESTABLISHED),
	   "what is permitted is none of them");
	policy.n_filters = 2;
}

static void test_listening(void)
{
	struct sockets sockets = {};
	size_t with_owner = 0;

	ok(!sockets_listening(&sockets) && count(&sockets, 445, TCP_LISTEN) == 1 &&
	   count(&sockets, 80, TCP_LISTEN) == 1, "listeners are found");
	for (size_t i = 0; i < sockets.n; i++)
		with_owner += sockets.entry[i].owner.pid == getpid();
	ok(with_owner == sockets.n && sockets.n == 4,
	   "all four with their process");
	sockets_free(&sockets);
}

static void test_observed(void)
{
	struct cut cut = {};

	policy.mode = SASSER_MODE_OBSERVE;
	ok(!sockets_cut(&policy, &cut) && cut.closed.n == 6 && !cut.remain.n,
	   "in observe mode they are listed");
	cut_free(&cut);
	ok(works(&v4) && works(&v6) && works(&mapped) && works(&out),
	   "and work on");
	policy.mode = SASSER_MODE_ENFORCE;
}

static bool is_gone(const struct pair *pair)
{
	return error_of(pair->server) || error_of(pair->client);
}

static void test_cut(void)
{
	struct cut cut = {};
	int ret = sockets_cut(&policy, &cut);
	struct pair again;

	if (cut.no_destroy) {
		puts("# this kernel can't destroy sockets");
		ok(!ret && !cut.closed.n && cut.remain.n == 6,
		   "all six are named as remaining");
		ok(works(&v4) && works(&v6) && works(&mapped) && works(&out),
		   "and do");
	} else {
		ok(!ret && cut.closed.n == 6 && !cut.remain.n,
		   "all six are closed, none remains");
		ok(error_of(out.client) == ECONNABORTED &&
		   error_of(syn_sent) == ECONNABORTED,
		   "processes of this host are told that it was aborted");
		ok(is_gone(&v4) && is_gone(&v6) && is_gone(&mapped),
		   "inbound ones are gone: IPv4, IPv6, IPv4-mapped");
		ok(!blocked_by(&policy, 445, 0) && !blocked_by(&policy, 5554, 0),
		   "and the half open ones");
	}
	ok(cut.namespaces == 1, "one namespace was looked at");
	cut_free(&cut);
	ok(works(&in80), "the innocent from port 5554 stays");
	ok(works(&from9996), "the host's own to port 80 stays");
	ok(works(&loop) && works(&self), "the host's with itself stay");
	again = join(peer_ns, listener445, HOST4, 445, 0);
	ok(works(&again), "the listener is there still");
}

/* From a third namespace, and by a port that nobody else here has. */
static void test_everywhere(void)
{
	struct filter filter = {
		.name = "own", .direction = SASSER_DIRECTION_BOTH,
		.protocol = SASSER_PROTOCOL_TCP, .action = SASSER_ACTION_BLOCK,
		.ranges = (struct range[]){ { 47311, 47311 } }, .n_ranges = 1,
	};
	struct policy everywhere = {
		.name = "TEST", .mode = SASSER_MODE_ENFORCE,
		.match = SASSER_MATCH_AUTO, .scope = SASSER_SCOPE_EVERYWHERE,
		.filters = &filter, .n_filters = 1,
	};
	int listener = listening(host_ns, HOST4, 47311), third;
	struct pair pair = join(peer_ns, listener, HOST4, 47311, 0);
	int holder[2];
	struct cut cut = {};
	pid_t child;

	/* a process that is in the host's namespace, for /proc to show it */
	if (pipe(holder))
		bail("pipe");
	child = fork();
	if (!child) {
		char c;

		close(holder[1]);
		_exit(read(holder[0], &c, 1) != 0);
	}
	third = new_namespace();
	ok(!blocked_by(&everywhere, 47311, 0), "a third namespace sees nothing");
	if (sockets_cut(&everywhere, &cut))
		bail(said);
	ok(cut.namespaces >= 2 &&
	   count(cut.no_destroy ? &cut.remain : &cut.closed, 47311, 0) >= 1 &&
	   (cut.no_destroy ? &cut.remain : &cut.closed)->entry[0].elsewhere,
	   "with scope everywhere it is found (%zu namespaces)", cut.namespaces);
	ok(cut.no_destroy ? works(&pair) : is_gone(&pair), "and closed");
	ok(!blocked_by(&everywhere, 47311, 0), "and this is the third again");
	cut_free(&cut);
	close(holder[0]);
	close(holder[1]);
	close(third);
	in(host_ns);
}

int main(void)
{
	puts("TAP version 13");
	set_up();
	open_all();
	test_listed();
	test_others();
	test_listening();
	test_observed();
	test_cut();
	test_everywhere();
	return tap_end();
}
