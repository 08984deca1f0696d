// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controllers.h"
#include "effect.h"
#include "guard_samba.h"
#include "host.h"
#include "kernel.h"
#include "module.h"
#include "sasserctl.h"
#include "stamp.h"
#include "userspace_kernel.h"
#include "userspace_tree.h"

struct kernel {
	int unused;
};

static struct kernel the_kernel;
struct played played;

static void *copy(const void *from, size_t n, size_t size)
{
	void *to = calloc(n + 1, size);

	if (!to)
		exit(1);
	return n ? memcpy(to, from, n * size) : to;
}

static void copy_policy(struct policy *to, const struct policy *from)
{
	*to = *from;
	to->filters = copy(from->filters, from->n_filters,
			   sizeof(*from->filters));
	for (size_t i = 0; i < from->n_filters; i++) {
		struct filter *filter = &to->filters[i];

		filter->ranges = copy(filter->ranges, filter->n_ranges,
				      sizeof(*filter->ranges));
		filter->remotes = copy(filter->remotes, filter->n_remotes,
				       sizeof(*filter->remotes));
	}
}

static void take_policy(const struct policy *policy)
{
	policy_free(&played.policy);
	played.assigned = policy;
	if (policy)
		copy_policy(&played.policy, policy);
}

int play(int (*command)(const struct request *request),
	 const struct request *request)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int saved, ret;

	fflush(stdout);
	saved = dup(1);
	if (null < 0 || saved < 0 || dup2(null, 1) < 0)
		exit(1);
	played.changes = 0;
	played.guarded = 0;
	played.kept_service = 0;
	played.listed_on = NULL;
	ret = command(request);
	fflush(stdout);
	dup2(saved, 1);
	close(saved);
	close(null);
	return ret;
}

static struct policy first;
static bool first_assigned;

void play_revert(void)
{
	take_policy(first_assigned ? &first : NULL);
	played.trial = 0;
}

void play_reboot(void)
{
	take_policy(NULL);
	policy_free(&first);
	memset(&played, 0, sizeof(played));
	if (!remove_tree(RUN_DIR))
		exit(1);
}

static int change(const struct policy *policy, uint32_t confirm)
{
	if (played.refuses) {
		complain("the kernel refuses");
		return -1;
	}
	if (confirm && !played.trial) {
		policy_free(&first);
		copy_policy(&first, &played.policy);
		first_assigned = played.assigned;
	}
	played.trial = confirm;
	take_policy(policy);
	played.generation++;
	played.changes++;
	return 0;
}

/* NOLINTBEGIN(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
int __wrap_kernel_open(struct kernel **kernel);
int __wrap_kernel_open(struct kernel **kernel)
{
	*kernel = played.loaded ? &the_kernel : NULL;
	return played.loaded;
}

int __wrap_module_open(struct kernel **kernel);
int __wrap_module_open(struct kernel **kernel)
{
	if (played.absent) {
		complain("there is no module");
		return -1;
	}
	played.loaded = true;
	return __wrap_kernel_open(kernel) != 1;
}

void __wrap_kernel_close(struct kernel *kernel);
void __wrap_kernel_close(struct kernel *kernel)
{
	(void)kernel;
}

int __wrap_kernel_snapshot(struct kernel *kernel, struct snapshot *snap);
int __wrap_kernel_snapshot(struct kernel *kernel, struct snapshot *snap)
{
	(void)kernel;
	snapshot_free(snap);
	snap->loaded = true;
	snap->initial = true;
	snap->assigned = played.assigned;
	snap->generation = played.generation;
	snap->on_trial = played.trial;
	snap->confirm = played.trial;
	copy_policy(&snap->policy, &played.policy);
	return 0;
}

int __wrap_kernel_generation(struct kernel *kernel, uint64_t *generation);
int __wrap_kernel_generation(struct kernel *kernel, uint64_t *generation)
{
	(void)kernel;
	*generation = played.generation;
	return 0;
}

int __wrap_kernel_assign(struct kernel *kernel, const struct policy *policy,
			 uint32_t confirm);
int __wrap_kernel_assign(struct kernel *kernel, const struct policy *policy,
			 uint32_t confirm)
{
	(void)kernel;
	return change(policy, confirm);
}

int __wrap_kernel_confirm(struct kernel *kernel, uint64_t generation);
int __wrap_kernel_confirm(struct kernel *kernel, uint64_t generation)
{
	(void)kernel;
	if (generation != played.generation)
		return -1;
	played.trial = 0;
	return 0;
}

int __wrap_kernel_clear(struct kernel *kernel, bool everywhere);
int __wrap_kernel_clear(struct kernel *kernel, bool everywhere)
{
	(void)kernel;
	(void)everywhere;
	return change(NULL, 0);
}

int __wrap_effect_guarded(const struct policy *policy,
			  const struct snapshot *before, bool force,
			  const char *way_out);
int __wrap_effect_guarded(const struct policy *policy,
			  const struct snapshot *before, bool force,
			  const char *way_out)
{
	(void)way_out;
	if (before->assigned && controllers_apart_same(policy, &before->policy))
		return DONE;
	played.guarded++;
	if (!played.guard_refuses || force)
		return DONE;
	complain("a guard refuses");
	return GUARDED;
}

void __wrap_effect_cut(const struct policy *policy, uint64_t generation,
		       FILE *out);
void __wrap_effect_cut(const struct policy *policy, uint64_t generation,
		       FILE *out)
{
	played.listed_on = out;
	(void)policy;
	(void)generation;
}

enum host_netns __wrap_host_netns(void);
enum host_netns __wrap_host_netns(void)
{
	return NETNS_INITIAL;
}

int __wrap_host_may_change(const char *command);
int __wrap_host_may_change(const char *command)
{
	return !command;
}

int __wrap_host_files_speak(const char *command, bool has_runtime);
int __wrap_host_files_speak(const char *command, bool has_runtime)
{
	(void)has_runtime;
	return !command;
}

int __wrap_host_lock(void);
int __wrap_host_lock(void)
{
	return 0;
}

void __wrap_host_journal(const char *command, const char *before,
			 const char *after);
void __wrap_host_journal(const char *command, const char *before,
			 const char *after)
{
	(void)command;
	(void)before;
	(void)after;
}

void __wrap_host_tell_next_refresh(void);
void __wrap_host_tell_next_refresh(void)
{
}

const char *__wrap_host_boot_gap(void);
const char *__wrap_host_boot_gap(void)
{
	return NULL;
}

void __wrap_host_keep_service(void);
void __wrap_host_keep_service(void)
{
	played.kept_service++;
}

int __wrap_guard_is_controller(char fact[GUARD_FACT_LEN]);
int __wrap_guard_is_controller(char fact[GUARD_FACT_LEN])
{
	if (played.guard_fails)
		return -1;
	snprintf(fact, GUARD_FACT_LEN, "server role = x");
	return played.is_controller;
}

int __wrap_joined_look(struct joined *joined);
int __wrap_joined_look(struct joined *joined)
{
	memset(joined, 0, sizeof(*joined));
	return played.joined;
}

int __wrap_joined_samba(struct joined *joined);
int __wrap_joined_samba(struct joined *joined)
{
	memset(joined, 0, sizeof(*joined));
	return played.joined_samba;
}

void __wrap_joined_find_controllers(struct joined *joined);
void __wrap_joined_find_controllers(struct joined *joined)
{
	const char *at = played.controllers ?: "";
	char address[16];
	int len;

	joined->incomplete = played.some_silent;
	for (joined->n = 0; sscanf(at, "%15s %n", address, &len) == 1;
	     at += len) {
		struct endpoint *controller = &joined->controller[joined->n++];

		memset(controller, 0, sizeof(*controller));
		controller->family = AF_INET;
		if (!inet_pton(AF_INET, address, controller->address))
			exit(1);
	}
}
/* NOLINTEND(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
