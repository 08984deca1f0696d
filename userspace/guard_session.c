// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The session that sasserctl is typed in: a connection that one of the
 * processes above it has open, or that SSH says it came by. What SSH says is
 * in the environment, where anybody may have put it, and sessions are resumed
 * under another; so it counts only if there is such a connection.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard_parts.h"
#include "policy_values.h"
#include "sock_owner.h"
#include "words.h"

#define ENVIRON_MAX	131072
#define VARIABLE	"SSH_CONNECTION="

/* Processes above this one that are looked at. */
#define DEPTH_MAX	64

static pid_t parent_of(pid_t pid)
{
	char path[sizeof(PROC_DIR) + 32], line[512] = "";
	uintmax_t parent;
	const char *end;
	FILE *file;

	snprintf(path, sizeof(path), PROC_DIR "/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	/* behind the name, which may have anything in it */
	end = strrchr(line, ')');
	if (!end || strlen(end) < strlen(") S 1") ||
	    !take_number(end + strlen(") S "), INT32_MAX, &parent))
		return 0;
	return (pid_t)parent;
}

struct search {
	const struct sockets *blocked;
	const struct sock_entry *found;
};

static bool is_blocked(uint32_t inode, void *arg)
{
	struct search *search = arg;

	for (size_t i = 0; i < search->blocked->n; i++) {
		const struct sock_entry *entry = &search->blocked->entry[i];

		if (entry->inode == inode) {
			search->found = entry;
			return true;
		}
	}
	return false;
}

static bool take_end(struct endpoint *end, char *address, const char *port)
{
	struct in6_addr mapped;
	unsigned int number;

	if (!parse_number(port, UINT16_MAX, &number))
		return false;
	end->port = (uint16_t)number;
	/* a scope, fe80::1%eth0 */
	address[strcspn(address, "%")] = '\0';
	end->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(end->family, address, end->address) != 1)
		return false;
	memcpy(&mapped, end->address, sizeof(mapped));
	if (end->family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&mapped)) {
		memset(end->address, 0, sizeof(end->address));
		memcpy(end->address, &mapped.s6_addr[12], 4);
		end->family = AF_INET;
	}
	return true;
}

/* "192.0.2.7 50000 192.0.2.1 22": the peer's, and the own end of it */
static const struct sock_entry *named(const struct sockets *blocked,
				      const char *text)
{
	struct endpoint remote = {}, local = {};
	char word[4][64];

	if (sscanf(text, "%63s %63s %63s %63s", word[0], word[1], word[2],
		   word[3]) != 4 ||
	    !take_end(&remote, word[0], word[1]) ||
	    !take_end(&local, word[2], word[3]))
		return NULL;
	for (size_t i = 0; i < blocked->n; i++)
		if (endpoint_same(&blocked->entry[i].remote, &remote) &&
		    endpoint_same(&blocked->entry[i].local, &local))
			return &blocked->entry[i];
	return NULL;
}

static char *environment_of(pid_t pid, size_t *len)
{
	char path[sizeof(PROC_DIR) + 32];
	char *text = malloc(ENVIRON_MAX);
	ssize_t got = 0;
	int fd;

	if (!text) {
		complain("out of memory");
		exit(FAILED);
	}
	*len = 0;
	snprintf(path, sizeof(path), PROC_DIR "/%d/environ", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return text;
	while (*len < ENVIRON_MAX - 1 &&
	       (got = read(fd, text + *len, ENVIRON_MAX - 1 - *len)) > 0)
		*len += (size_t)got;
	close(fd);
	text[*len] = '\0';
	return text;
}

static const struct sock_entry *ssh_says(const struct sockets *blocked,
					 pid_t pid)
{
	const struct sock_entry *found = NULL;
	size_t len, at = 0;
	char *text = environment_of(pid, &len);

	while (at < len && !found) {
		if (!strncmp(text + at, VARIABLE, strlen(VARIABLE)))
			found = named(blocked, text + at + strlen(VARIABLE));
		at += strlen(text + at) + 1;
	}
	free(text);
	return found;
}

int guard_own_session(const struct policy *policy,
		      const struct sockets *blocked, struct guard *guard)
{
	struct search search = { .blocked = blocked };
	char line[SOCK_LINE_LEN];
	pid_t pid = getpid();

	/* PID 1 is above everybody, and keeps the sockets of others. */
	for (int depth = 0; depth < DEPTH_MAX && pid > 1 && blocked->n;
	     depth++) {
		if (!proc_sockets(pid, is_blocked, &search))
			search.found = ssh_says(blocked, pid);
		if (search.found)
			break;
		pid = parent_of(pid);
	}
	if (search.found)
		guard_add(guard, "%s would cut the session that this is typed in: %s",
			  policy->name, sock_describe(line, search.found));
	return 0;
}
