// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_judge.h"
#include "sasserctl.h"
#include "sock_diag.h"
#include "sock_netlink.h"
#include "sock_owner.h"
#include "sock_select.h"
#include "sockets.h"

#define PORTS	65536
#define ANY_STATE	0xfffU

/* inet_diag has this one for UDP, too: bound, and not connected. */
#define UNCONNECTED	0x80U	/* TCP_CLOSE */

void sockets_free(struct sockets *sockets)
{
	free(sockets->entry);
	memset(sockets, 0, sizeof(*sockets));
}

/* ---- addresses of this host */

void local_free(struct local *local)
{
	freeifaddrs(local->list);
	local->list = NULL;
}

int local_get(struct local *local)
{
	if (!getifaddrs(&local->list))
		return 0;
	complain("cannot list the addresses of this host: %s", strerror(errno));
	return -1;
}

static const void *address_of(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	return &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
}

bool is_loopback(const struct endpoint *end)
{
	if (end->family == AF_INET)
		return end->address[0] == 127;
	return !memcmp(end->address, &in6addr_loopback,
		       sizeof(in6addr_loopback));
}

bool is_local(const struct local *local, const struct endpoint *end)
{
	size_t len = end->family == AF_INET ? 4 : 16;

	if (is_loopback(end))
		return true;
	for (const struct ifaddrs *ifa = local->list; ifa; ifa = ifa->ifa_next)
		if (ifa->ifa_addr && ifa->ifa_addr->sa_family == end->family &&
		    !memcmp(address_of(ifa->ifa_addr), end->address, len))
			return true;
	return false;
}

/* ---- which of them a policy blocks */

/* Of each port, the inode of what listens there. */
struct listeners {
	bool there[PORTS];
	uint32_t inode[PORTS];
};

static struct listeners *listeners_of(const struct sockets *all)
{
	struct listeners *listeners = calloc(1, sizeof(*listeners));

	if (!listeners) {
		complain("out of memory");
		exit(FAILED);
	}
	for (size_t i = 0; i < all->n; i++) {
		const struct sock_entry *entry = &all->entry[i];

		if (entry->state != TCP_LISTEN)
			continue;
		listeners->there[entry->local.port] = true;
		listeners->inode[entry->local.port] = entry->inode;
	}
	return listeners;
}

/*
 * Goes what the packet that opens it could not open now, and what can't go on,
 * since all packets to one of its ports are dropped.
 */
static uint8_t blocked_direction(const struct policy *policy,
				 const struct sock_entry *entry, bool inbound)
{
	const uint8_t family = entry->remote.family;
	const struct judge_flow flow[] = {
		{ SASSER_DIRECTION_IN, entry->protocol, entry->local.port },
		{ SASSER_DIRECTION_OUT, entry->protocol, entry->remote.port },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flow); i++) {
		bool opened_so = inbound ==
				 (flow[i].direction == SASSER_DIRECTION_IN);

		if ((opened_so || policy_matches_all(policy, &flow[i])) &&
		    policy_judge(policy, &flow[i], family,
				 entry->remote.address) == SASSER_ACTION_BLOCK)
			return flow[i].direction;
	}
	return 0;
}

/* No process has it, since its listener has not yet accepted it. */
static bool is_in_backlog(const struct sock_entry *entry)
{
	return !entry->inode && (entry->state == TCP_SYN_RECV ||
				 entry->state == TCP_ESTABLISHED ||
				 entry->state == TCP_CLOSE_WAIT);
}

static void select_blocked(const struct policy *policy,
			   const struct local *local,
			   const struct sockets *all, struct sockets *blocked)
{
	struct listeners *listeners = listeners_of(all);

	for (size_t i = 0; i < all->n; i++) {
		struct sock_entry entry = all->entry[i];
		bool inbound = listeners->there[entry.local.port] ||
			       entry.state == TCP_SYN_RECV;

		if (entry.state == TCP_LISTEN || !entry.remote.port)
			continue;
		entry.direction = blocked_direction(policy, &entry, inbound);
		/* the dear question last */
		if (!entry.direction || is_local(local, &entry.remote))
			continue;
		if (inbound && is_in_backlog(&entry))
			entry.inode = listeners->inode[entry.local.port];
		sockets_add(blocked, &entry);
	}
	free(listeners);
}

int sock_select(struct nl_sock *sock, const struct policy *policy,
		struct sockets *sockets)
{
	struct sockets all = {};
	struct local local = {};
	int ret = -1;

	memset(sockets, 0, sizeof(*sockets));
	if (!local_get(&local) &&
	    !sock_diag_list(sock, SASSER_PROTOCOL_TCP, ANY_STATE, &all)) {
		select_blocked(policy, &local, &all, sockets);
		ret = sock_owners(sockets);
	}
	local_free(&local);
	sockets_free(&all);
	if (ret)
		sockets_free(sockets);
	return ret;
}

int sockets_blocked(const struct policy *policy, struct sockets *sockets)
{
	struct nl_sock *sock = sock_diag_open();
	int ret;

	memset(sockets, 0, sizeof(*sockets));
	if (!sock)
		return -1;
	ret = sock_select(sock, policy, sockets);
	sock_netlink_close(sock);
	return ret;
}

int sockets_listening(struct sockets *sockets)
{
	struct nl_sock *sock = sock_diag_open();
	int ret = -1;

	memset(sockets, 0, sizeof(*sockets));
	if (!sock)
		return -1;
	if (!sock_diag_list(sock, SASSER_PROTOCOL_TCP, 1U << TCP_LISTEN,
			    sockets) &&
	    !sock_diag_list(sock, SASSER_PROTOCOL_UDP, UNCONNECTED, sockets))
		ret = sock_owners(sockets);
	sock_netlink_close(sock);
	if (ret)
		sockets_free(sockets);
	return ret;
}

/* ---- for people */

#define ENDPOINT_LEN	(INET6_ADDRSTRLEN + sizeof("[]:65535"))

static const char *format_endpoint(char buf[ENDPOINT_LEN],
				   const struct endpoint *end)
{
	char address[INET6_ADDRSTRLEN] = "?";

	inet_ntop(end->family, end->address, address, sizeof(address));
	snprintf(buf, ENDPOINT_LEN,
		 end->family == AF_INET6 ? "[%s]:%u" : "%s:%u", address,
		 end->port);
	return buf;
}

static const char *format_owner(char buf[64], const struct sock_entry *entry)
{
	if (entry->forwarded)
		snprintf(buf, 64, "a flow that DNAT sends on");
	else if (entry->owner.pid)
		snprintf(buf, 64, "%s (pid %d)", entry->owner.comm,
			 entry->owner.pid);
	else
		snprintf(buf, 64, "no process (the kernel's, or left behind)");
	return buf;
}

const char *sock_describe(char buf[SOCK_LINE_LEN],
			  const struct sock_entry *entry)
{
	const char *elsewhere = entry->elsewhere ?
				", in another network namespace" : "";
	char remote[ENDPOINT_LEN], owner[64];

	format_endpoint(remote, &entry->remote);
	format_owner(owner, entry);
	if (entry->direction == SASSER_DIRECTION_OUT)
		snprintf(buf, SOCK_LINE_LEN, "to %s, %s%s", remote, owner,
			 elsewhere);
	else
		snprintf(buf, SOCK_LINE_LEN, "from %s to port %u, %s%s", remote,
			 entry->local.port, owner, elsewhere);
	return buf;
}
