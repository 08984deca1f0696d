// SPDX-License-Identifier: GPL-2.0-or-later
/* Network namespaces and what connects them. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "netns.h"

/* What a test takes for granted has failed. */
void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("# ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

void run(const char *fmt, ...)
{
	char command[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	if (system(command))
		die("failed: %s", command);
}

void module_load(void)
{
	if (access("/sys/module/nf_sasser", F_OK))
		run("modprobe nf_sasser");
}

int netns_here(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("/proc/thread-self/ns/net: %s", strerror(errno));
	return fd;
}

void netns_enter(int netns)
{
	if (setns(netns, CLONE_NEWNET))
		die("setns: %s", strerror(errno));
}

/* The caller stays where it is. */
int netns_new(void)
{
	int here = netns_here(), netns;

	if (unshare(CLONE_NEWNET))
		die("unshare: %s", strerror(errno));
	netns = netns_here();
	run("ip link set lo up");
	netns_enter(here);
	close(here);
	return netns;
}

/* Of the namespace entered last. */
void sysctl_write(const char *path, const char *value)
{
	char name[256];
	int fd;

	snprintf(name, sizeof(name), "/proc/sys/net/%s", path);
	fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die("%s: %s", name, strerror(errno));
	close(fd);
}

/*
 * The peer has no address until pair_address() gives it one, so that its kernel
 * answers nothing that comes back for packets which a test has made.
 */
void pair_create(struct pair *pair)
{
	pair->host = netns_new();
	pair->peer = netns_new();

	netns_enter(pair->peer);
	sysctl_write("ipv6/conf/default/accept_dad", "0");
	sysctl_write("ipv6/conf/default/accept_ra", "0");
	netns_enter(pair->host);
	sysctl_write("ipv6/conf/default/accept_dad", "0");
	sysctl_write("ipv6/conf/default/accept_ra", "0");
	run("ip -batch - <<-EOF\n"
	    "link add " VETH " address " HOST_MAC " type veth"
	    " peer name " VETH " address " PEER_MAC " netns /proc/%d/fd/%d\n"
	    "link set " VETH " up\n"
	    "address add " HOST_IPV4 "/24 dev " VETH "\n"
	    "address add " HOST_IPV6 "/64 dev " VETH " nodad\n"
	    "neigh add " PEER_IPV4 " lladdr " PEER_MAC " dev " VETH "\n"
	    "neigh add " PEER_IPV6 " lladdr " PEER_MAC " dev " VETH "\n"
	    "neigh add " GHOST_IPV4 " lladdr " PEER_MAC " dev " VETH "\n"
	    "neigh add " GHOST_IPV6 " lladdr " PEER_MAC " dev " VETH "\n"
	    "EOF", getpid(), pair->peer);
	netns_enter(pair->peer);
	run("ip link set " VETH " up");
}

/* For the peer of a pair, in its namespace. */
void pair_address(void)
{
	run("ip -batch - <<-EOF\n"
	    "address add " PEER_IPV4 "/24 dev " VETH "\n"
	    "address add " PEER_IPV6 "/64 dev " VETH " nodad\n"
	    "neigh add " HOST_IPV4 " lladdr " HOST_MAC " dev " VETH "\n"
	    "neigh add " HOST_IPV6 " lladdr " HOST_MAC " dev " VETH "\n"
	    "EOF");
}

/*
 * A namespace with a dummy device, which swallows what is sent to PEER_IPV4 and
 * PEER_IPV6. The caller enters it.
 */
int dummy_create(void)
{
	int netns = netns_new();

	netns_enter(netns);
	run("ip -batch - <<-EOF\n"
	    "link add dummy0 type dummy\n"
	    "link set dummy0 up\n"
	    "address add " HOST_IPV4 "/24 dev dummy0\n"
	    "address add " HOST_IPV6 "/64 dev dummy0 nodad\n"
	    "EOF");
	return netns;
}

/* Return: 0 or a negative errno. The datagram has 10 bytes. */
int send_udp(int family, uint16_t port)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	union address a;
	socklen_t len;

	len = address_set(&a, family, family == AF_INET ? PEER_IPV4 :
							  PEER_IPV6, port);
	err = sendto(fd, "0123456789", 10, 0, &a.sa, len) == 10 ? 0 : -errno;
	close(fd);
	return err;
}

/* Return: 0 or a negative errno. Nobody answers, so success is EINPROGRESS. */
int send_syn(int family, uint16_t port)
{
	int fd, err;
	union address a;
	socklen_t len;

	len = address_set(&a, family, family == AF_INET ? PEER_IPV4 :
							  PEER_IPV6, port);
	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	err = connect(fd, &a.sa, len) ? -errno : 0;
	close(fd);
	return err;
}

/* On one CPU a packet over a veth has arrived before the next one is sent. */
void pin_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("CPU %d: %s", cpu, strerror(errno));
}

double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Is it the one that watches each step? (vm/config/debug.config) */
bool kernel_is_slow(void)
{
	struct utsname kernel;

	if (uname(&kernel))
		die("uname: %s", strerror(errno));
	return strstr(kernel.release, "-debug");
}

socklen_t address_set(union address *a, int family, const char *address,
		      uint16_t port)
{
	memset(a, 0, sizeof(*a));
	a->sa.sa_family = family;
	if (family == AF_INET) {
		a->in.sin_port = htons(port);
		inet_pton(family, address, &a->in.sin_addr);
		return sizeof(a->in);
	}
	a->in6.sin6_port = htons(port);
	inet_pton(family, address, &a->in6.sin6_addr);
	return sizeof(a->in6);
}

int tcp_listen(int family, uint16_t port)
{
	int fd, on = 1;
	union address a;
	socklen_t len;

	len = address_set(&a, family, family == AF_INET ? "0.0.0.0" : "::",
			  port);
	fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &a.sa, len) || listen(fd, 4096))
		die("listening on port %u: %s", port, strerror(errno));
	return fd;
}
