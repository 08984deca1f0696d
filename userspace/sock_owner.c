// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sasserctl.h"
#include "sock_owner.h"
#include "visible.h"
#include "words.h"

#define PROC_PATH_LEN	(sizeof(PROC_DIR) + 64)
#define SOCKET		"socket:["

pid_t proc_pid(const char *name)
{
	uintmax_t pid;
	const char *end = take_number(name, INT32_MAX, &pid);

	return end && !*end ? (pid_t)pid : 0;
}

void proc_comm(char *buf, size_t size, pid_t pid)
{
	char path[PROC_PATH_LEN], comm[64] = "", shown[VISIBLE_LEN];
	FILE *file;

	snprintf(path, sizeof(path), PROC_DIR "/%d/comm", pid);
	file = fopen(path, "re");
	if (file) {
		if (!fgets(comm, sizeof(comm), file))
			comm[0] = '\0';
		fclose(file);
	}
	comm[strcspn(comm, "\n")] = '\0';
	snprintf(buf, size, "%s", visible(shown, comm));
}

bool proc_sockets(pid_t pid, bool (*fn)(uint32_t inode, void *arg), void *arg)
{
	char path[PROC_PATH_LEN];
	bool stopped = false;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), PROC_DIR "/%d/fd", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!stopped && (entry = readdir(dir))) {
		char target[64];
		uintmax_t inode;
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target,
					 sizeof(target) - 1);

		if (len < 0)
			continue;
		target[len] = '\0';
		if (!strncmp(target, SOCKET, strlen(SOCKET)) &&
		    take_number(target + strlen(SOCKET), UINT32_MAX, &inode))
			stopped = fn((uint32_t)inode, arg);
	}
	closedir(dir);
	return stopped;
}

static int by_inode(const void *a, const void *b)
{
	const struct sock_entry *const *x = a, *const *y = b;

	return ((*x)->inode > (*y)->inode) - ((*x)->inode < (*y)->inode);
}

struct search {
	struct sock_entry **entry;	/* sorted by inode */
	size_t n;
	pid_t pid;
};

static bool found(uint32_t inode, void *arg)
{
	struct sock_entry wanted = { .inode = inode }, *key = &wanted, **entry;
	struct search *search = arg;

	entry = bsearch(&key, search->entry, search->n,
			sizeof(struct sock_entry *), by_inode);
	if (!entry)
		return false;
	/* Connections that nobody has accepted yet are their listener's. */
	while (entry > search->entry && entry[-1]->inode == inode)
		entry--;
	for (; entry < search->entry + search->n && (*entry)->inode == inode;
	     entry++) {
		struct sock_owner *owner = &(*entry)->owner;

		if (owner->pid && owner->pid != 1)
			continue;
		owner->pid = search->pid;
		proc_comm(owner->comm, sizeof(owner->comm), search->pid);
	}
	return false;
}

static int look_at_all(struct search *search)
{
	struct dirent *entry;
	DIR *dir = opendir(PROC_DIR);

	if (!dir) {
		complain("cannot look for the processes that have sockets open: " PROC_DIR ": %s",
			 strerror(errno));
		return -1;
	}
	/* in the order of their numbers */
	while ((entry = readdir(dir))) {
		search->pid = proc_pid(entry->d_name);
		if (search->pid)
			proc_sockets(search->pid, found, search);
	}
	closedir(dir);
	return 0;
}

int sock_owners(struct sockets *sockets)
{
	struct search search = {};
	int ret;

	if (!sockets->n)
		return 0;
	search.entry = calloc(sockets->n, sizeof(struct sock_entry *));
	if (!search.entry) {
		complain("out of memory");
		exit(FAILED);
	}
	for (size_t i = 0; i < sockets->n; i++)
		if (sockets->entry[i].inode)
			search.entry[search.n++] = &sockets->entry[i];
	qsort(search.entry, search.n, sizeof(struct sock_entry *), by_inode);
	ret = search.n ? look_at_all(&search) : 0;
	free(search.entry);
	return ret;
}
