// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>

#include "sasserctl.h"
#include "sock_diag.h"
#include "sock_netlink.h"
#include "words.h"

/* What inet_diag says of a socket in TIME_WAIT, whatever state it shows. */
#define TIMER_TIME_WAIT	3

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

void sockets_add(struct sockets *sockets, const struct sock_entry *entry)
{
	/* room grows at every power of two */
	if (!(sockets->n & (sockets->n - 1))) {
		size_t room = sockets->n ? 2 * sockets->n : 1;
		struct sock_entry *more = reallocarray(sockets->entry, room,
						       sizeof(*more));

		if (!more) {
			complain("out of memory");
			exit(FAILED);
		}
		sockets->entry = more;
	}
	sockets->entry[sockets->n++] = *entry;
}

struct nl_sock *sock_diag_open(void)
{
	return sock_netlink_open(NETLINK_SOCK_DIAG);
}

static void take_endpoint(struct endpoint *end, uint8_t family,
			  const __be32 *address, __be16 port)
{
	end->family = family;
	end->port = ntohs(port);
	if (family == AF_INET) {
		memcpy(end->address, address, 4);
	} else if (!memcmp(address, mapped, sizeof(mapped))) {
		end->family = AF_INET;
		memcpy(end->address, &address[3], 4);
	} else {
		memcpy(end->address, address, 16);
	}
}

struct list {
	struct sockets *sockets;
	uint8_t protocol;
};

static void take_socket(const struct nlmsghdr *header, void *arg)
{
	const struct inet_diag_msg *msg = nlmsg_data(header);
	struct list *list = arg;
	struct sock_entry entry = { .protocol = list->protocol };

	if (nlmsg_datalen(header) < (int)sizeof(*msg) ||
	    msg->idiag_timer == TIMER_TIME_WAIT ||
	    (msg->idiag_family != AF_INET && msg->idiag_family != AF_INET6))
		return;
	entry.state = msg->idiag_state;
	entry.inode = msg->idiag_inode;
	entry.diag_family = msg->idiag_family;
	entry.ifindex = msg->id.idiag_if;
	memcpy(entry.cookie, msg->id.idiag_cookie, sizeof(entry.cookie));
	take_endpoint(&entry.local, msg->idiag_family, msg->id.idiag_src,
		      msg->id.idiag_sport);
	take_endpoint(&entry.remote, msg->idiag_family, msg->id.idiag_dst,
		      msg->id.idiag_dport);
	if (!entry.remote.port)
		memset(&entry.remote, 0, sizeof(entry.remote));
	sockets_add(list->sockets, &entry);
}

int sock_diag_list(struct nl_sock *sock, uint8_t protocol, uint32_t states,
		   struct sockets *sockets)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct list list = { .sockets = sockets, .protocol = protocol };

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct inet_diag_req_v2 req = {
			.sdiag_family = families[i],
			.sdiag_protocol = protocol,
			.idiag_states = states & ~(1U << TCP_TIME_WAIT),
		};
		struct sock_question question = {
			.type = SOCK_DIAG_BY_FAMILY,
			.flags = NLM_F_REQUEST | NLM_F_DUMP,
			.body = &req,
			.len = sizeof(req),
			.take = take_socket,
			.arg = &list,
		};
		int error = sock_netlink_ask(sock, &question);

		/* A kernel that was booted without IPv6 has none. */
		if (error && !(families[i] == AF_INET6 && error == ENOENT)) {
			complain("cannot list the %s sockets here: %s.\n"
				 "It takes the kernel's modules inet_diag, tcp_diag and udp_diag.",
				 word_protocol(protocol), strerror(error));
			return -1;
		}
	}
	return 0;
}

static void give_endpoint(const struct endpoint *end, uint8_t diag_family,
			  __be32 *address, __be16 *port)
{
	*port = htons(end->port);
	if (diag_family == AF_INET) {
		memcpy(address, end->address, 4);
	} else if (end->family == AF_INET) {
		memcpy(address, mapped, sizeof(mapped));
		memcpy(&address[3], end->address, 4);
	} else {
		memcpy(address, end->address, 16);
	}
}

int sock_diag_destroy(struct nl_sock *sock, const struct sock_entry *entry)
{
	struct inet_diag_req_v2 req = {
		.sdiag_family = entry->diag_family,
		.sdiag_protocol = entry->protocol,
		.idiag_states = ~0U,
		.id.idiag_if = entry->ifindex,
	};
	struct sock_question question = {
		.type = SOCK_DESTROY,
		.flags = NLM_F_REQUEST | NLM_F_ACK,
		.body = &req,
		.len = sizeof(req),
	};
	int error;

	memcpy(req.id.idiag_cookie, entry->cookie, sizeof(entry->cookie));
	give_endpoint(&entry->local, entry->diag_family, req.id.idiag_src,
		      &req.id.idiag_sport);
	give_endpoint(&entry->remote, entry->diag_family, req.id.idiag_dst,
		      &req.id.idiag_dport);
	error = sock_netlink_ask(sock, &question);
	/* The numbers are those of another socket by now. */
	return error == ESTALE ? ENOENT : error;
}
