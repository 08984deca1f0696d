/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One question to a netlink family of the kernel, and all of its answer. It is
 * asked in the network namespace that the socket was opened in.
 */
#ifndef SASSER_SOCK_NETLINK_H
#define SASSER_SOCK_NETLINK_H

#include <stddef.h>
#include <stdint.h>

struct nl_sock;
struct nlmsghdr;

/* Returns NULL after having complained. */
struct nl_sock *sock_netlink_open(int protocol);
void sock_netlink_close(struct nl_sock *sock);

struct sock_question {
	uint16_t type;
	uint16_t flags;		/* NLM_F_DUMP or NLM_F_ACK */
	const void *body;
	size_t len;
	void (*take)(const struct nlmsghdr *header, void *arg);
	void *arg;
};

/* Returns 0 or the errno that the kernel answered with. */
int sock_netlink_ask(struct nl_sock *sock, const struct sock_question *question);

#endif /* SASSER_SOCK_NETLINK_H */
