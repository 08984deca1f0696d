// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "sasserctl.h"
#include "sockets.h"
#include "sweep.h"

/* Nothing of the caller's is kept: not its terminal, lock or directory. */
static void leave_caller(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || chdir("/"))
		_exit(FAILED);
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(null, fd) < 0)
			_exit(FAILED);
	if (syscall(SYS_close_range, 3U, ~0U, 0U))
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
}

static void wait_for_cookies(void)
{
	struct timespec until;

	/* This clock goes on while the host sleeps, and cookies age by it. */
	clock_gettime(CLOCK_BOOTTIME, &until);
	until.tv_sec += SWEEP_SECONDS;
	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, NULL) ==
	       EINTR)
		;
}

static bool is_still_assigned(uint64_t generation)
{
	struct snapshot snap = {};
	struct kernel *kernel;
	bool ret = false;

	if (kernel_open(&kernel) <= 0)
		return false;
	if (!kernel_snapshot(kernel, &snap))
		ret = snap.assigned && snap.generation == generation;
	snapshot_free(&snap);
	kernel_close(kernel);
	return ret;
}

static void tell(const char *what, const struct sockets *sockets)
{
	char line[SOCK_LINE_LEN];

	for (size_t i = 0; i < sockets->n; i++)
		syslog(LOG_NOTICE, "%s: %s", what,
		       sock_describe(line, &sockets->entry[i]));
}

static void sweep(const struct policy *policy)
{
	struct cut cut;

	openlog("sasserctl", LOG_PID, LOG_DAEMON);
	if (sockets_cut(policy, &cut)) {
		syslog(LOG_ERR, "sweep: %s", first_complaint());
		return;
	}
	tell("sweep: closed a connection", &cut.closed);
	tell("sweep: a connection remains", &cut.remain);
	cut_free(&cut);
}

int sockets_sweep_later(const struct policy *policy, uint64_t generation)
{
	pid_t child = fork();
	int status;

	if (!child) {
		/* The one that works is init's child, not the caller's. */
		child = setsid() < 0 ? -1 : fork();
		if (child)
			_exit(child < 0 ? FAILED : DONE);
		leave_caller();
		wait_for_cookies();
		if (is_still_assigned(generation))
			sweep(policy);
		_exit(DONE);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			child = -1;
	if (child > 0 && !status)
		return 0;
	complain("cannot look for open connections once more in %d seconds: %s",
		 SWEEP_SECONDS, child < 0 ? strerror(errno) : "no second process");
	return -1;
}
