/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP and UDP sockets of this network namespace, by inet_diag, and whose they
 * are. Functions return 0, or -1 after having complained.
 */
#ifndef SASSER_SOCKETS_H
#define SASSER_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "model.h"

struct endpoint {
	uint8_t family;		/* AF_INET also for an IPv4-mapped one */
	uint8_t address[16];	/* network byte order */
	uint16_t port;		/* host byte order */
};

static inline bool endpoint_same(const struct endpoint *a,
				 const struct endpoint *b)
{
	return a->family == b->family && a->port == b->port &&
	       !memcmp(a->address, b->address, sizeof(a->address));
}

struct sock_owner {
	pid_t pid;		/* 0: none was found (the kernel's, or another's) */
	char comm[32];		/* visible, see visible.h */
};

struct sock_entry {
	uint8_t protocol;	/* enum sasser_protocol */
	uint8_t state;		/* of TCP: TCP_ESTABLISHED ..., netinet/tcp.h */
	struct endpoint local;
	struct endpoint remote;	/* all zero for a listener */
	uint32_t inode;		/* 0: no process has it open */
	struct sock_owner owner;
	uint8_t direction;	/* of the filter that blocks it; 0: none does */
	bool forwarded;		/* no socket, but a flow that DNAT sends on */
	bool elsewhere;		/* in another network namespace */
	/* what SOCK_DESTROY needs to name it again */
	uint8_t diag_family;
	uint32_t ifindex;
	uint32_t cookie[2];
};

struct sockets {
	struct sock_entry *entry;
	size_t n;
};

/* All listeners, of TCP and UDP (UDP: bound and not connected), with owners. */
int sockets_listening(struct sockets *sockets);
void sockets_free(struct sockets *sockets);

/* What became of the connections that a policy that is in force now blocks. */
struct cut {
	struct sockets closed;	/* destroyed (observe mode: would have been) */
	struct sockets remain;	/* of the kernel, or it can't destroy sockets */
	bool no_destroy;	/* the kernel lacks CONFIG_INET_DIAG_DESTROY */
	bool flows_unknown;	/* conntrack did not say what DNAT sends on */
	size_t namespaces;	/* that were looked at, this one included */
};

/* The open connections that @policy blocks, owners included; nothing is done. */
int sockets_blocked(const struct policy *policy, struct sockets *sockets);

/*
 * Destroy these, over and over until none is left; with a policy of scope
 * everywhere in all network namespaces that can be found. In observe mode they
 * are only listed. @cut has what was done also where it returns -1, and is to be
 * freed.
 */
int sockets_cut(const struct policy *policy, struct cut *cut);
void cut_free(struct cut *cut);

/*
 * A piece of a line for people, e.g. "from 10.7.1.2:40000 to port 445, smbd
 * (pid 812)". All of it is visible.
 */
#define SOCK_LINE_LEN	192

const char *sock_describe(char buf[SOCK_LINE_LEN],
			  const struct sock_entry *entry);

#endif /* SASSER_SOCKETS_H */
