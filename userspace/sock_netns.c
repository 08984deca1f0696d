// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sasserctl.h"
#include "sock_owner.h"
#include "sock_select.h"
#include "visible.h"

/* Where ip-netns(8) keeps those that it named. */
#ifndef NETNS_DIR
#define NETNS_DIR	"/run/netns"
#endif

struct walk {
	int (*fn)(bool elsewhere, void *arg);
	void *arg;
	ino_t *seen;
	size_t n;
	int own;		/* the way back */
	bool failed;
};

/* Is it the first time? All of these inodes are of one file system. */
static bool is_new(struct walk *walk, ino_t inode)
{
	ino_t *more;

	for (size_t i = 0; i < walk->n; i++)
		if (walk->seen[i] == inode)
			return false;
	more = reallocarray(walk->seen, walk->n + 1, sizeof(*more));
	if (!more) {
		complain("out of memory");
		exit(FAILED);
	}
	walk->seen = more;
	walk->seen[walk->n++] = inode;
	return true;
}

static void go_back(const struct walk *walk)
{
	if (!setns(walk->own, CLONE_NEWNET))
		return;
	/* Whatever came next would be done to the wrong namespace. */
	complain("cannot go back to the own network namespace: %s",
		 strerror(errno));
	exit(FAILED);
}

static void visit(struct walk *walk, int dir, const char *path)
{
	char shown[VISIBLE_LEN];
	struct stat own, st;
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);

	/* A process may have ended meanwhile. */
	if (fd < 0)
		return;
	if (!fstat(fd, &st) && !fstat(walk->own, &own) &&
	    st.st_dev == own.st_dev && is_new(walk, st.st_ino)) {
		if (setns(fd, CLONE_NEWNET)) {
			complain("cannot enter the network namespace %s: %s",
				 visible(shown, path), strerror(errno));
			walk->failed = true;
		} else {
			walk->failed |= walk->fn(true, walk->arg) != 0;
			go_back(walk);
		}
	}
	close(fd);
}

static void visit_all(struct walk *walk, const char *name, const char *tail)
{
	struct dirent *entry;
	DIR *dir = opendir(name);

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		char path[sizeof(entry->d_name) + 16];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s%s", entry->d_name, tail);
		visit(walk, dirfd(dir), path);
	}
	closedir(dir);
}

int netns_each(int (*fn)(bool elsewhere, void *arg), void *arg)
{
	struct walk walk = { .fn = fn, .arg = arg };
	struct stat own;

	walk.own = open(PROC_DIR "/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (walk.own < 0 || fstat(walk.own, &own)) {
		complain("cannot look at network namespaces: " PROC_DIR "/self/ns/net: %s",
			 strerror(errno));
		return -1;
	}
	is_new(&walk, own.st_ino);
	walk.failed = fn(false, arg) != 0;
	visit_all(&walk, PROC_DIR, "/ns/net");
	visit_all(&walk, NETNS_DIR, "");
	close(walk.own);
	free(walk.seen);
	return walk.failed ? -1 : (int)walk.n;
}
