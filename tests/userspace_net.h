/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two network namespaces that a cable joins, and connections between them. */
#ifndef USERSPACE_NET_H
#define USERSPACE_NET_H

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

#include "program.h"
#include "userspace_tap.h"

#define HOST4	"10.7.1.1"
#define PEER4	"10.7.1.2"
#define HOST6	"fd00:7:1::1"
/* Nobody has these, and no question for their device is asked. */
#define NOBODY4	"10.7.1.99"

static int host_ns, peer_ns;

static inline void bail(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline void in(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		bail("setns");
}

static inline int new_namespace(void)
{
	int fd;

	if (unshare(CLONE_NEWNET))
		bail("unshare (this needs root)");
	fd = open("/proc/self/ns/net", O_RDONLY);
	if (fd < 0)
		bail("/proc/self/ns/net");
	return fd;
}

/* @command's words have one blank between them, and no quotes. */
static inline char *output_of(const char *command)
{
	char words[128], *at = words, *argv[16];
	struct program program;
	char *out;
	int n = 0;

	snprintf(words, sizeof(words), "%s", command);
	while (n < 15 && (argv[n] = strsep(&at, " ")))
		n++;
	argv[n] = NULL;
	if (program_run(argv, 20, &program) || !program_succeeded(&program)) {
		printf("Bail out! failed: %s\n", command);
		exit(1);
	}
	out = strdup(program.out);
	program_free(&program);
	return out;
}

static inline void run(const char *command)
{
	free(output_of(command));
}

static inline void set_up(void)
{
	char command[128];

	peer_ns = new_namespace();
	host_ns = new_namespace();
	snprintf(command, sizeof(command),
		 "ip link add v0 type veth peer name v1 netns /proc/%d/fd/%d",
		 getpid(), peer_ns);
	run(command);
	run("ip link set lo up");
	run("ip link set v0 up");
	run("ip addr add " HOST4 "/24 dev v0");
	run("ip addr add " HOST6 "/64 dev v0 nodad");
	run("ip neigh add " NOBODY4 " lladdr 02:00:00:00:00:99 dev v0");
	in(peer_ns);
	run("ip link set lo up");
	run("ip link set v1 up");
	run("ip addr add " PEER4 "/24 dev v1");
	run("ip addr add fd00:7:1::2/64 dev v1 nodad");
	in(host_ns);
}

static inline socklen_t fill(struct sockaddr_storage *ss, const char *address,
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

static inline int bound(const char *address, uint16_t port)
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

static inline int listening(int ns, const char *address, uint16_t port)
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
static inline int dial(int ns, const char *address, uint16_t port,
		       uint16_t own_port)
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

static inline bool ready(int fd, short events)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	return poll(&poll_fd, 1, 10000) == 1;
}

/* Both ends of a connection; it works. */
struct pair {
	int client;
	int server;
};

static inline struct pair join(int ns, int listener, const char *address,
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

static inline bool works(const struct pair *pair)
{
	char c;

	return write(pair->client, "y", 1) == 1 &&
	       ready(pair->server, POLLIN) && read(pair->server, &c, 1) == 1;
}

/* What the process that has @fd is told, 0 if nothing. */
static inline int error_of(int fd)
{
	socklen_t len = sizeof(int);
	int error = 0;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

/* ---- a SYN whose answer goes nowhere */

static inline uint16_t checksum(const void *data, size_t len, uint32_t sum)
{
	const uint16_t *word = data;

	for (; len > 1; len -= 2)
		sum += *word++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static inline void send_syn(uint16_t port)
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

#endif /* USERSPACE_NET_H */
