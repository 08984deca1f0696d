/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network namespaces and what connects them. */
#ifndef _SASSER_TEST_NETNS_H
#define _SASSER_TEST_NETNS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* With sanitizers, or on a busy machine, all takes longer than by default. */
#ifdef TEST_TIMEOUT_DEFAULT
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300
#endif

/* Two namespaces, "host" with the policy and "peer", over a veth pair. */
#define VETH		"veth0"		/* in both */
#define HOST_MAC	"02:00:00:00:00:01"
#define PEER_MAC	"02:00:00:00:00:02"
#define HOST_IPV4	"192.0.2.1"
#define HOST_IPV6	"2001:db8::1"
#define PEER_IPV4	"192.0.2.2"
#define PEER_IPV6	"2001:db8::2"
/* The host's neighbour behind the veth, but nobody's address. */
#define GHOST_IPV4	"192.0.2.9"
#define GHOST_IPV6	"2001:db8::9"
/* Neither the host's nor its neighbour's. */
#define OTHER_IPV4	"192.0.2.77"
#define OTHER_IPV6	"2001:db8::77"

/* They live as long as the descriptors, so nothing stays behind. */
struct pair {
	int host;
	int peer;
};

void die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void module_load(void);
int netns_here(void);
int netns_new(void);
void netns_enter(int netns);
void sysctl_write(const char *path, const char *value);

void pair_create(struct pair *pair);
void pair_address(void);

int dummy_create(void);
int send_udp(int family, uint16_t port);
int send_syn(int family, uint16_t port);

void pin_cpu(int cpu);
double seconds(void);
bool kernel_is_slow(void);

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

socklen_t address_set(union address *a, int family, const char *address,
		      uint16_t port);
int tcp_listen(int family, uint16_t port);

#endif /* _SASSER_TEST_NETNS_H */
