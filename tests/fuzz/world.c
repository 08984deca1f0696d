// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands.h"
#include "fuzz.h"
#include "guard.h"
#include "guard_samba.h"
#include "host.h"
#include "joined.h"
#include "kernel.h"
#include "module.h"
#include "program.h"
#include "sasserctl.h"
#include "sockets.h"
#include "sweep.h"
#include "userspace_valid.h"
#include "world.h"

struct world world;

const char world_policies[] =
	"[filter smb]\ndirection = in\nprotocol = tcp\nport = 445\n"
	"action = block\n"
	"[filter friends]\ndirection = in\nprotocol = tcp\nport = 445\n"
	"action = permit\nremote = 192.0.2.0/24 2001:db8::/32\n"
	"[policy SASSER]\nfilters = smb friends\n"
	"[policy SHORT]\nfilters = smb\nexpires = 2020-01-01\n"
	"expires_action = disable\n"
	"[policy LONG]\nfilters = smb\nexpires = 2020-01-01\nmatch = packet\n"
	"scope = everywhere\n";

static struct range smb_ports[] = { { 445, 445 } };
static struct prefix friends[] = { { AF_INET, 24, { 192, 0, 2 } } };
static struct filter smb[] = {
	{
		.name = "smb",
		.direction = SASSER_DIRECTION_IN,
		.protocol = SASSER_PROTOCOL_TCP,
		.action = SASSER_ACTION_BLOCK,
		.ranges = smb_ports,
		.n_ranges = 1,
		.remotes = friends,
		.n_remotes = 1,
	},
};

static const struct policy first_policy = {
	.name = "SASSER",
	.mode = SASSER_MODE_ENFORCE,
	.origin = SASSER_ORIGIN_LOCAL,
	.match = SASSER_MATCH_AUTO,
	.scope = SASSER_SCOPE_HOST,
	.filters = smb,
	.n_filters = 1,
};

static struct policy now;
static int events_left;

/* What would wait, or write to a disk (the linker's --wrap). */
/* NOLINTBEGIN(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_signalfd(int fd, const sigset_t *set, int flags);
int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int __wrap_fsync(int fd);
int __wrap_program_run(char *const argv[], unsigned int seconds,
		       struct program *program);
int __wrap_program_run_trusted(char *const argv[], unsigned int seconds,
			       struct program *program);
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

/* Python, for the list of Samba's extensions, or samba-gpupdate. */
int __wrap_program_run(char *const argv[], unsigned int seconds,
		       struct program *program)
{
	static const char told[] = "path=/ext.py\nthere=1\nran=7\nwinbindd=0\n";

	(void)argv;
	(void)seconds;
	if (bit(WORLD_READ_FAILS)) {
		errno = ENOEXEC;
		return -1;
	}
	program->in_time = !bit(WORLD_GONE);
	program->status = (bit(WORLD_NO_MODULE) ? PROGRAM_NONE :
			   bit(WORLD_GUARDED)) << 8;
	program->out = strdup(bit(WORLD_EVENTS_LOST) ? "\033]0;\n" : told);
	program->err = strdup("no\n\033[31mred\n");
	return 0;
}

int __wrap_program_run_trusted(char *const argv[], unsigned int seconds,
			       struct program *program)
{
	return __wrap_program_run(argv, seconds, program);
}

static void *copy(const void *from, size_t n, size_t size)
{
	void *to = calloc(n, size);

	if (n)
		memcpy(to, from, n * size);
	return to;
}

/* As the kernel would answer: everything in memory of its own. */
static void copy_policy(struct policy *to, const struct policy *from)
{
	*to = *from;
	to->filters = copy(from->filters, from->n_filters,
			   sizeof(*from->filters));
	for (size_t i = 0; i < from->n_filters; i++) {
		to->filters[i].ranges = copy(from->filters[i].ranges,
					     from->filters[i].n_ranges,
					     sizeof(struct range));
		to->filters[i].remotes = copy(from->filters[i].remotes,
					      from->filters[i].n_remotes,
					      sizeof(struct prefix));
	}
}

void world_make(unsigned int bits)
{
	memset(&world, 0, sizeof(world));
	world.bits = bits;
	world.loaded = !bit(WORLD_NO_MODULE);
	world.assigned = world.loaded && !bit(WORLD_UNASSIGNED);
	if (world.loaded)
		copy_policy(&now, &first_policy);
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
	snap->generation = world.changes + 6;
	snap->on_trial = world.assigned && bit(WORLD_ON_TRIAL);
	snap->confirm = snap->on_trial ? 77 : 0;
	if (now.name[0])
		copy_policy(&snap->policy, &now);
	if (bit(WORLD_IMPOSED)) {
		snap->imposed = calloc(1, sizeof(*snap));
		snap->imposed->assigned = true;
		copy_policy(&snap->imposed->policy, &first_policy);
	}
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

int kernel_generation(struct kernel *kernel, uint64_t *generation)
{
	(void)kernel;
	*generation = world.changes + 6;
	return 0;
}

int kernel_confirm(struct kernel *kernel, uint64_t generation)
{
	(void)kernel;
	fuzz_check(generation, "the confirmation of nothing", "");
	return change("confirm");
}

int kernel_assign(struct kernel *kernel, const struct policy *policy,
		  uint32_t confirm)
{
	struct policy next;

	(void)kernel;
	fuzz_check(confirm <= SASSER_CONFIRM_MAX, "a trial without end", "");
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

/* ---- guard.h, sockets.h, sweep.h */

int guard_check(const struct policy *policy, struct guard *guard)
{
	guard->n = 0;
	if (bit(WORLD_GUARDED) && policy->mode == SASSER_MODE_ENFORCE) {
		guard->reason[guard->n++] = strdup("smbd (pid 812) listens");
		guard->reason[guard->n++] = strdup("two sessions are open");
	}
	return 0;
}

int guard_is_controller(char fact[GUARD_FACT_LEN])
{
	if (bit(WORLD_READ_FAILS)) {
		complain("cannot run testparm");
		return -1;
	}
	snprintf(fact, GUARD_FACT_LEN, "server role\033 = DC");
	return bit(WORLD_GUARDED);
}

void guard_free(struct guard *guard)
{
	while (guard->n)
		free(guard->reason[--guard->n]);
}

int sockets_cut(const struct policy *policy, struct cut *cut)
{
	(void)policy;
	memset(cut, 0, sizeof(*cut));
	if (bit(WORLD_READ_FAILS)) {
		complain("cannot read the sockets");
		return -1;
	}
	cut->closed.n = 1;
	cut->closed.entry = calloc(1, sizeof(*cut->closed.entry));
	cut->no_destroy = bit(WORLD_BOOT_GAP);
	cut->flows_unknown = bit(WORLD_BOOT_GAP);
	cut->namespaces = 2;
	return 0;
}

void cut_free(struct cut *cut)
{
	free(cut->closed.entry);
	memset(cut, 0, sizeof(*cut));
}

const char *sock_describe(char buf[SOCK_LINE_LEN],
			  const struct sock_entry *entry)
{
	snprintf(buf, SOCK_LINE_LEN, "from port %u", entry->remote.port);
	return buf;
}

int sockets_sweep_later(const struct policy *policy, uint64_t generation)
{
	(void)policy;
	(void)generation;
	return 0;
}

/* ---- host.h */

void host_tell_next_refresh(void)
{
	puts("The next refresh is never.");
}

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

void host_keep_service(void)
{
}

/* ---- joined.h */

int joined_look(struct joined *joined)
{
	memset(joined, 0, sizeof(*joined));
	if (bit(WORLD_BOOT_GAP))
		return 0;
	snprintf(joined->realm, sizeof(joined->realm), "EXAMPLE.ORG");
	joined->by = "smb.conf";
	return 1;
}

int joined_samba(struct joined *joined)
{
	return joined_look(joined);
}

void joined_find_controllers(struct joined *joined)
{
	const struct endpoint controller = { AF_INET, { 192, 0, 2, 9 }, 0 };

	if (!bit(WORLD_IMPOSED))
		joined->controller[joined->n++] = controller;
}
