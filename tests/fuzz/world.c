// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "commands.h"
#include "fuzz.h"
#include "host.h"
#include "kernel.h"
#include "module.h"
#include "pool.h"
#include "sasserctl.h"
#include "userspace_valid.h"
#include "world.h"

struct world world;

static struct policy now;
static int events_left;

/* What would wait, or write to a disk (the linker's --wrap). */
/* NOLINTBEGIN(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_signalfd(int fd, const sigset_t *set, int flags);
int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int __wrap_fsync(int fd);
/* NOLINTEND(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static bool bit(enum world_bit which)
{
	return world.bits & which;
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	(void)timeout;
	for (nfds_t i = 0; i < n; i++)
		fds[i].revents = 0;
	if (events_left-- > 0)
		fds[0].revents = POLLIN;
	else
		fds[1].revents = POLLIN;
	return 1;
}

int __wrap_signalfd(int fd, const sigset_t *set, int flags)
{
	(void)set;
	(void)flags;
	return fd;
}

int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	(void)how;
	(void)set;
	(void)old;
	return 0;
}

int __wrap_fsync(int fd)
{
	(void)fd;
	if (!bit(WORLD_DISK_FAILS))
		return 0;
	world.failed = true;
	errno = EIO;
	return -1;
}

static void *copy(const void *from, size_t n, size_t size)
{
	void *to = calloc(n, size);

	memcpy(to, from, n * size);
	return to;
}

/* As the kernel would answer: everything in memory of its own. */
static void copy_policy(struct policy *to, const struct policy *from)
{
	*to = *from;
	to->filters = copy(from->filters, from->n_filters,
			   sizeof(*from->filters));
	for (size_t i = 0; i < from->n_filters; i++)
		to->filters[i].ranges = copy(from->filters[i].ranges,
					     from->filters[i].n_ranges,
					     sizeof(struct range));
}

void world_make(unsigned int bits)
{
	memset(&world, 0, sizeof(world));
	world.bits = bits;
	world.loaded = !bit(WORLD_NO_MODULE);
	world.assigned = world.loaded && !bit(WORLD_UNASSIGNED);
	if (world.loaded)
		copy_policy(&now, pool_find(POOL_DEFAULT));
	events_left = 3;
}

void world_end(void)
{
	policy_free(&now);
}

/* ---- kernel.h */

struct kernel {
	char nothing;
};

int kernel_open(struct kernel **kernel)
{
	*kernel = world.loaded ? calloc(1, sizeof(**kernel)) : NULL;
	return world.loaded;
}

void kernel_close(struct kernel *kernel)
{
	free(kernel);
}

int kernel_snapshot(struct kernel *kernel, struct snapshot *snap)
{
	(void)kernel;
	memset(snap, 0, sizeof(*snap));
	if (bit(WORLD_READ_FAILS)) {
		complain("cannot read the status: out of order");
		return -1;
	}
	snap->loaded = true;
	snprintf(snap->module_version, VERSION_LEN, "1.2.3");
	snap->assigned = world.assigned;
	snap->initial = !bit(WORLD_OTHER_NETNS);
	snap->namespaces = 3;
	if (now.name[0])
		copy_policy(&snap->policy, &now);
	return 0;
}

static int change(const char *what)
{
	if (bit(WORLD_CHANGE_FAILS)) {
		world.failed = true;
		complain("cannot %s: out of order", what);
		return -1;
	}
	world.changes++;
	return 0;
}

int kernel_assign(struct kernel *kernel, const struct policy *policy)
{
	struct policy next;

	(void)kernel;
	if (change("assign"))
		return -1;
	copy_policy(&next, policy);
	policy_free(&now);
	now = next;
	world.assigned = true;
	return 0;
}

int kernel_clear(struct kernel *kernel, bool everywhere)
{
	(void)kernel;
	if (change("un-assign"))
		return -1;
	/* What changes nothing is in no journal. */
	if (!world.assigned && !everywhere)
		world.changes--;
	world.assigned = false;
	return 0;
}

int kernel_reset(struct kernel *kernel, struct snapshot *snap)
{
	if (kernel_snapshot(kernel, snap) || change("reset"))
		return -1;
	if (!bit(WORLD_EVENTS_LOST))
		return 0;
	complain("the totals are lost");
	return 1;
}

int kernel_follow(struct kernel *kernel)
{
	(void)kernel;
	world.quiet = true;
	if (bit(WORLD_READ_FAILS))
		complain("cannot join: out of order");
	return bit(WORLD_READ_FAILS) ? -1 : 0;
}

int kernel_fd(const struct kernel *kernel)
{
	(void)kernel;
	return -1;
}

int kernel_read_events(struct kernel *kernel, struct kernel_events *events)
{
	const struct event event = {
		.what = SASSER_EVENT_ASSIGNED,
		.generation = 7,
		.mode = SASSER_MODE_OBSERVE,
		.origin = SASSER_ORIGIN_DOMAIN,
		.policy = "SASSER",
	};

	(void)kernel;
	world.events_sent = true;
	events->event(&event, events->arg);
	events->lost = bit(WORLD_EVENTS_LOST);
	events->gone = bit(WORLD_GONE);
	return 0;
}

/* ---- module.h */

int module_open(struct kernel **kernel)
{
	if (!world.loaded && bit(WORLD_UNLOADABLE)) {
		complain("cannot load the module: out of order");
		return -1;
	}
	world.loaded = true;
	return kernel_open(kernel) > 0 ? 0 : -1;
}

/* ---- host.h */

enum host_netns host_netns(void)
{
	if (bit(WORLD_UNKNOWN_NETNS))
		return NETNS_UNKNOWN;
	return bit(WORLD_OTHER_NETNS) ? NETNS_OTHER : NETNS_INITIAL;
}

int host_may_change(const char *command)
{
	if (bit(WORLD_UNPRIVILEGED))
		complain("%s is not for you", command);
	return bit(WORLD_UNPRIVILEGED) ? -1 : 0;
}

int host_files_speak(const char *command, bool has_runtime)
{
	if (host_netns() == NETNS_INITIAL)
		return 0;
	complain("%s is not for here%s", command,
		 has_runtime ? ", but for --runtime" : "");
	return -1;
}

int host_lock(void)
{
	if (bit(WORLD_LOCK_FAILS))
		complain("cannot lock");
	return bit(WORLD_LOCK_FAILS) ? -1 : 0;
}

void host_journal(const char *command, const char *before, const char *after)
{
	const char *const texts[] = { command, before, after };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (const char *c = texts[i]; *c; c++)
			fuzz_check(*c >= ' ' && *c <= '~' && *c != '"',
				   "not for a line of the journal", texts[i]);
	world.journal++;
}

const char *host_boot_gap(void)
{
	return bit(WORLD_BOOT_GAP) ? "there is no boot" : NULL;
}
