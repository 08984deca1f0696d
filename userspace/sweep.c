// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
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

static bool is_still_assigned(struct kernel *kernel, uint64_t generation)
{
	struct snapshot snap = {};
	bool ret;

	ret = !kernel_snapshot(kernel, &snap) && snap.assigned &&
	      snap.generation == generation;
	snapshot_free(&snap);
	return ret;
}

/* What has changed is asked for, whatever it is. */
static void ignore_event(const struct event *event, void *arg)
{
	(void)event;
	(void)arg;
}

/* This clock goes on while the host sleeps, and cookies age by it. */
static int open_timer(void)
{
	const struct itimerspec when = { .it_value.tv_sec = SWEEP_SECONDS };
	int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);

	if (timer < 0 || timerfd_settime(timer, 0, &when, NULL))
		_exit(FAILED);
	return timer;
}

/*
 * Until all cookies are stale. Returns false at once if another policy, or
 * none, is in force: then there is nothing to sweep for.
 */
static bool wait_for_cookies(struct kernel *kernel, struct kernel *events,
			     uint64_t generation)
{
	struct kernel_events read = { .event = ignore_event };
	struct pollfd fds[] = {
		{ .fd = open_timer(), .events = POLLIN },
		{ .fd = kernel_fd(events), .events = POLLIN },
	};

	while (is_still_assigned(kernel, generation)) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return false;
		if (fds[0].revents)
			return is_still_assigned(kernel, generation);
		if (fds[1].revents &&
		    (kernel_read_events(events, &read) || read.gone))
			return false;
	}
	return false;
}

/* One socket hears of changes, the other asks. */
static bool wait_in_force(uint64_t generation)
{
	struct kernel *kernel, *events;
	bool ret = false;

	if (kernel_open(&kernel) <= 0)
		return false;
	if (kernel_open(&events) > 0) {
		ret = !kernel_follow(events) &&
		      wait_for_cookies(kernel, events, generation);
		kernel_close(events);
	}
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
	if (sockets_cut(policy, &cut))
		syslog(LOG_ERR, "sweep: %s", first_complaint());
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
		if (wait_in_force(generation))
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
