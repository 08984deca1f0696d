// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard_parts.h"
#include "policy_judge.h"
#include "sock_select.h"

/* Is there while the kernel's own file server is loaded. */
#ifndef KSMBD_LOADED
#define KSMBD_LOADED	"/sys/module/ksmbd"
#endif

static void add_line(struct guard *guard, char *line)
{
	for (size_t i = 0; i < guard->n; i++) {
		if (strcmp(guard->reason[i], line))
			continue;
		free(line);
		return;
	}
	if (guard->n == GUARD_REASONS_MAX) {
		free(guard->reason[--guard->n]);
		free(line);
		line = strdup("and there are more reasons than are listed here");
		if (!line) {
			complain("out of memory");
			exit(FAILED);
		}
	}
	guard->reason[guard->n++] = line;
}

void guard_add(struct guard *guard, const char *fmt, ...)
{
	va_list args;
	char *line;
	int ret;

	va_start(args, fmt);
	ret = vasprintf(&line, fmt, args);
	va_end(args);
	if (ret < 0) {
		complain("out of memory");
		exit(FAILED);
	}
	add_line(guard, line);
}

void guard_free(struct guard *guard)
{
	for (size_t i = 0; i < guard->n; i++)
		free(guard->reason[i]);
	memset(guard, 0, sizeof(*guard));
}

bool guard_blocks(const struct policy *policy, uint8_t direction,
		  uint8_t protocol, uint16_t port, uint8_t family)
{
	const struct judge_flow flow = { direction, protocol, port };

	if (family)
		return policy_blocks_some(policy, &flow, family);
	return policy_blocks_some(policy, &flow, AF_INET) ||
	       policy_blocks_some(policy, &flow, AF_INET6);
}

/* One network namespace that is looked at. */
struct look {
	const struct policy *policy;
	struct guard *guard;
	bool elsewhere;
};

static const char *where(const struct look *look)
{
	return look->elsewhere ? " in another network namespace" : "";
}

/* ---- who listens */

/* An IPv6 socket that is bound to no address takes IPv4, too. */
static uint8_t family_of(const struct endpoint *local)
{
	return local->family == AF_INET6 &&
	       !memcmp(local->address, &in6addr_any, sizeof(in6addr_any)) ?
	       0 : local->family;
}

static const char *who(char buf[96], const struct sock_owner *owner)
{
	if (owner->pid)
		snprintf(buf, 96, "%s (pid %d)", owner->comm, owner->pid);
	else if (!access(KSMBD_LOADED, F_OK))
		snprintf(buf, 96, "the kernel (ksmbd)");
	else
		snprintf(buf, 96, "the kernel, or a process that can't be seen from here,");
	return buf;
}

static int guard_listeners(const struct look *look)
{
	const struct policy *policy = look->policy;
	struct sockets listening;
	char name[96];

	if (sockets_listening(&listening))
		return -1;
	for (size_t i = 0; i < listening.n; i++) {
		const struct sock_entry *entry = &listening.entry[i];
		const struct endpoint *local = &entry->local;

		if (is_loopback(local) ||
		    !guard_blocks(policy, SASSER_DIRECTION_IN, entry->protocol,
				  local->port, family_of(local)))
			continue;
		guard_add(look->guard, "%s%s listens on %sport %u, which %s blocks inbound",
			  who(name, &entry->owner), where(look),
			  entry->protocol == SASSER_PROTOCOL_UDP ? "UDP " : "",
			  local->port, policy->name);
	}
	sockets_free(&listening);
	return 0;
}

/* ---- who is connected */

static bool is_session(const struct sock_entry *entry)
{
	return entry->direction == SASSER_DIRECTION_IN &&
	       (entry->state == TCP_ESTABLISHED ||
		entry->state == TCP_CLOSE_WAIT);
}

/* How many there are like @first, or 0 if one of them stands before it. */
static size_t sessions_like(const struct sockets *blocked, size_t first)
{
	const struct sock_entry *like = &blocked->entry[first];
	size_t n = 0;

	for (size_t i = 0; i < blocked->n; i++) {
		const struct sock_entry *entry = &blocked->entry[i];

		if (!is_session(entry) ||
		    entry->local.port != like->local.port ||
		    entry->forwarded != like->forwarded)
			continue;
		if (i < first)
			return 0;
		n++;
	}
	return n;
}

static void guard_sessions(const struct look *look,
			   const struct sockets *blocked)
{
	for (size_t i = 0; i < blocked->n; i++) {
		const struct sock_entry *entry = &blocked->entry[i];
		char address[INET6_ADDRSTRLEN] = "?";
		size_t n = is_session(entry) ? sessions_like(blocked, i) : 0;

		if (!n)
			continue;
		inet_ntop(entry->remote.family, entry->remote.address, address,
			  sizeof(address));
		guard_add(look->guard, "%zu open session%s on port %u%s, which %s%s blocks inbound; %s from %s",
			  n, n > 1 ? "s" : "", entry->local.port, where(look),
			  entry->forwarded ? "DNAT sends on and " : "",
			  look->policy->name, n > 1 ? "one is" : "it is",
			  address);
	}
}

static int look_here(bool elsewhere, void *arg)
{
	struct look *look = arg;
	struct sockets blocked;
	int ret;

	look->elsewhere = elsewhere;
	if (guard_listeners(look) || sockets_blocked(look->policy, &blocked))
		return -1;
	/* Where conntrack does not say, there are none that we know of. */
	ret = sock_flows(look->policy, false, &blocked) < 0 ? -1 : 0;
	for (size_t i = 0; i < blocked.n; i++)
		blocked.entry[i].elsewhere = elsewhere;
	guard_sessions(look, &blocked);
	if (!ret)
		ret = guard_own_session(look->policy, &blocked, look->guard);
	sockets_free(&blocked);
	return ret;
}

/* Wherever the policy will act. */
static int guard_sockets(const struct policy *policy, struct guard *guard)
{
	struct look look = { .policy = policy, .guard = guard };

	if (policy->scope == SASSER_SCOPE_EVERYWHERE)
		return netns_each(look_here, &look) < 0 ? -1 : 0;
	return look_here(false, &look);
}

static int check(const struct policy *policy, struct guard *guard)
{
	if (guard_samba(policy, guard) || guard_sockets(policy, guard))
		return -1;
	return guard_controllers(policy, guard);
}

int guard_check(const struct policy *policy, struct guard *guard)
{
	memset(guard, 0, sizeof(*guard));
	if (policy->mode == SASSER_MODE_OBSERVE)
		return 0;
	if (!check(policy, guard))
		return 0;
	guard_free(guard);
	return -1;
}
