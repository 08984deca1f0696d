// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that is not to be had, for one thread. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault.h"
#include "netns.h"

#define DEBUGFS	"/sys/kernel/debug"
#define CGROUPS	"/tmp/sasser-memory"
#define CGROUP	CGROUPS "/limited"

static void write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die("%s: %s", path, strerror(errno));
	close(fd);
}

/* Every allocation may fail, and says nothing in the log when it does. */
void fault_setup(void)
{
	static const char * const settings[][2] = {
		{ DEBUGFS "/failslab/ignore-gfp-wait", "N" },
		{ DEBUGFS "/failslab/cache-filter", "N" },
		{ DEBUGFS "/failslab/verbose", "0" },
		{ DEBUGFS "/fail_page_alloc/ignore-gfp-wait", "N" },
		{ DEBUGFS "/fail_page_alloc/ignore-gfp-highmem", "N" },
		{ DEBUGFS "/fail_page_alloc/min-order", "0" },
		{ DEBUGFS "/fail_page_alloc/verbose", "0" },
	};
	unsigned int i;

	if (access("/proc/thread-self/fail-nth", W_OK))
		die("this kernel has no fault injection (no /proc/thread-self/fail-nth): "
		    "these tests need the debug kernel");
	if (access(DEBUGFS "/failslab", F_OK) &&
	    mount("debugfs", DEBUGFS, "debugfs", 0, NULL))
		die("debugfs: %s", strerror(errno));
	for (i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		write_file(settings[i][0], settings[i][1]);
	/* The test's own pages are none of those that fail. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		die("mlockall: %s", strerror(errno));
}

/* Of the calling thread: a file of its own, for it names who opened it. */
static int nth_file(void)
{
	static __thread int fd = -1;
	static __thread pid_t owner;

	if (owner != gettid()) {
		if (fd >= 0)
			close(fd);
		fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			die("fail-nth: %s", strerror(errno));
		owner = gettid();
	}
	return fd;
}

/* The @nth allocation from now on fails, counted from 1, and no other. */
void fault_arm(unsigned int nth)
{
	char value[16];
	int len = snprintf(value, sizeof(value), "%u", nth);

	if (pwrite(nth_file(), value, len, 0) != len)
		die("fail-nth: %s", strerror(errno));
}

/* Return: were there so many, and one of them failed? */
bool fault_disarm(void)
{
	char value[16] = "";

	if (pread(nth_file(), value, sizeof(value) - 1, 0) <= 0 ||
	    pwrite(nth_file(), "0", 1, 0) != 1)
		die("fail-nth: %s", strerror(errno));
	return !atoi(value);
}

/*
 * A limit, by the old kind of memory cgroup: with oom_control off a charge over
 * the limit fails, while the new kind kills whoever asked. And it holds single
 * threads; the pages of user space go to the cgroup of the first one.
 */
void limit_setup(void)
{
	if (mkdir(CGROUPS, 0700) && errno != EEXIST)
		die(CGROUPS ": %s", strerror(errno));
	if (mount("memory", CGROUPS, "cgroup", 0, "memory"))
		die("the memory controller of cgroup v1: %s", strerror(errno));
	if (mkdir(CGROUP, 0700))
		die(CGROUP ": %s", strerror(errno));
	write_file(CGROUP "/memory.oom_control", "1");
}

/* The controller is free for cgroup v2 again when nothing is charged. */
void limit_remove(void)
{
	double began = seconds();

	write_file(CGROUP "/memory.force_empty", "0");
	while (rmdir(CGROUP)) {
		if (errno != EBUSY || seconds() - began > 20)
			die(CGROUP ": %s", strerror(errno));
		usleep(10000);
	}
	if (umount(CGROUPS) || rmdir(CGROUPS))
		die(CGROUPS ": %s", strerror(errno));
}

void limit_set(size_t bytes)
{
	char value[32];

	snprintf(value, sizeof(value), "%zu", bytes);
	write_file(CGROUP "/memory.limit_in_bytes", value);
}

size_t limit_used(void)
{
	FILE *file = fopen(CGROUP "/memory.usage_in_bytes", "re");
	size_t bytes;

	if (!file || fscanf(file, "%zu", &bytes) != 1)
		die(CGROUP "/memory.usage_in_bytes: %s", strerror(errno));
	fclose(file);
	return bytes;
}

void limit_enter(void)
{
	write_file(CGROUP "/tasks", "0");
}

void limit_leave(void)
{
	write_file(CGROUPS "/tasks", "0");
}
