// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "effect.h"
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
	played.listed_on = NULL;
	ret = command(request);
	fflush(stdout);
	dup2(saved, 1);
	close(saved);
	close(null);
	return ret;
}

void play_reboot(void)
{
	take_policy(NULL);
	memset(&played, 0, sizeof(played));
	if (!remove_tree(RUN_DIR))
		exit(1);
}

static int change(const struct policy *policy)
{
	if (played.refuses) {
		complain("the kernel refuses");
		return -1;
	}
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
	(void)confirm;
	return change(policy);
}

int __wrap_kernel_confirm(struct kernel *kernel, uint64_t generation);
int __wrap_kernel_confirm(struct kernel *kernel, uint64_t generation)
{
	(void)kernel;
	return generation == played.generation ? 0 : -1;
}

int __wrap_kernel_clear(struct kernel *kernel, bool everywhere);
int __wrap_kernel_clear(struct kernel *kernel, bool everywhere)
{
	(void)kernel;
	(void)everywhere;
	return change(NULL);
}

int __wrap_effect_guarded(const struct policy *policy,
			  const struct snapshot *before, bool force,
			  const char *way_out);
int __wrap_effect_guarded(const struct policy *policy,
			  const struct snapshot *before, bool force,
			  const char *way_out)
{
	(void)policy;
	(void)before;
	(void)way_out;
	played.guarded++;
	return played.guard_refuses && !force ? GUARDED : DONE;
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
/* NOLINTEND(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
