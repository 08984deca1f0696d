// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "out.h"
#include "sasserctl.h"

struct output {
	bool json;
	int error;		/* errno of a write that failed */
};

static void print_event(const struct event *event, void *arg)
{
	uint64_t now = (uint64_t)time(NULL);
	struct output *output = arg;

	if (output->json)
		out_json_event(stdout, event, now);
	else
		out_text_event(stdout, event, now);
	if (fflush(stdout))
		output->error = errno;
}

/* SIGPIPE shows as EPIPE, so that whoever reads us may just go. */
static int open_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int follow(struct kernel *kernel, struct kernel_events *events,
		  const struct output *output)
{
	struct pollfd fds[] = {
		{ .fd = kernel_fd(kernel), .events = POLLIN },
		{ .fd = open_signals(), .events = POLLIN },
		{ .fd = STDOUT_FILENO },	/* for POLLERR: nobody reads */
	};

	warn("following changes of the policy, end with Ctrl-C");
	while (poll(fds, 3, -1) > 0) {
		if (fds[1].revents || fds[2].revents)
			return DONE;
		if (kernel_read_events(kernel, events))
			return FAILED;
		if (output->error == EPIPE) {
			clearerr(stdout);
			return DONE;
		}
		if (output->error) {
			complain("cannot write to standard output: %s",
				 strerror(output->error));
			clearerr(stdout);
			return FAILED;
		}
		if (events->lost)
			warn("some events came too fast and were lost.\n"
			     "What holds now: sasserctl status");
		if (events->gone) {
			complain("the module nf_sasser was unloaded: nothing more will come");
			return FAILED;
		}
	}
	complain("cannot wait for events: %s", strerror(errno));
	return FAILED;
}

int cmd_monitor(const struct request *request)
{
	struct output output = { .json = request->flags & FLAG_JSON };
	struct kernel_events events = { .event = print_event, .arg = &output };
	struct kernel *kernel;
	int ret = kernel_open(&kernel);

	if (!ret)
		complain(NOT_LOADED);
	if (ret <= 0)
		return FAILED;
	ret = kernel_follow(kernel) ? FAILED :
				      follow(kernel, &events, &output);
	kernel_close(kernel);
	return ret;
}
