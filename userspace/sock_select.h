/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a network namespace's sockets is meant. */
#ifndef SASSER_SOCK_SELECT_H
#define SASSER_SOCK_SELECT_H

#include <stdbool.h>

#include "sockets.h"

struct ifaddrs;
struct nl_sock;

/* The addresses of this network namespace. */
struct local {
	struct ifaddrs *list;
};

int local_get(struct local *local);
void local_free(struct local *local);

bool is_loopback(const struct endpoint *end);
bool is_local(const struct local *local, const struct endpoint *end);

/* As sockets_blocked(), in the namespace that @sock was opened in. */
int sock_select(struct nl_sock *sock, const struct policy *policy,
		struct sockets *sockets);

/*
 * Appends the flows of others to a port that @policy blocks and DNAT sends on:
 * all, or those alone that go on while it is in force. They have state
 * TCP_ESTABLISHED or none. Returns 0, 1 if conntrack does not say, or -1 after
 * having complained.
 */
int sock_flows(const struct policy *policy, bool going_on,
	       struct sockets *found);

/*
 * Calls @fn in this network namespace, then in all others that a process is in
 * or that have a name. Returns how many there were, or -1 after having
 * complained.
 */
int netns_each(int (*fn)(bool elsewhere, void *arg), void *arg);

#endif /* SASSER_SOCK_SELECT_H */
