// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "file.h"
#include "host.h"
#include "last_good.h"
#include "module.h"
#include "safe_file.h"
#include "sasserctl.h"
#include "snapshot.h"
#include "stamp.h"
#include "trial.h"
#include "words.h"

#define BRIEF_LEN	(2 * NAME_LEN + 96)

int change_begin(struct change *change)
{
	if (host_may_change(change->command))
		return -1;
	if (!change->runtime && host_files_speak(change->command, true))
		return -1;
	return host_lock();
}

int change_open(struct change *change)
{
	int ret = kernel_open(&change->kernel);

	if (ret <= 0)
		return ret;
	return kernel_snapshot(change->kernel, &change->before);
}

int change_load(struct change *change)
{
	if (change->kernel)
		return 0;
	if (module_open(&change->kernel))
		return -1;
	return kernel_snapshot(change->kernel, &change->before);
}

void change_end(struct change *change)
{
	if (change->kernel)
		kernel_close(change->kernel);
	change->kernel = NULL;
	snapshot_free(&change->before);
}

/* ---- the file */

/* A file as it was before: NULL where there was none. */
static char *text_of(const char *path)
{
	const char *why;
	size_t len;

	return any_read(path, &len, &why);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void put_back(const char *path, const char *before)
{
	char *now = text_of(path);
	bool same = same_text(now, before);

	free(now);
	if (same)
		return;
	if (before ? file_replace(path, before) : file_remove(path) < 0)
		complain("and %s could not be put back as it was.\n"
			 "See what it says now, and then: sasserctl refresh",
			 path);
	else
		complain("so %s was put back as it was", path);
}

static void undo(const struct step *step, const char *before)
{
	if (!step->domain)
		put_back(assignment_path(step->origin), before);
	else if (domain_exchange())
		complain("and " DOMAIN_DIR " could not be put back as it was.\n"
			 "See what it says now, and then: sasserctl refresh");
	else
		complain("so " DOMAIN_DIR " was put back as it was");
}

/* Returns 1 if the file changed, 0 if there was none to remove, or -1. */
static int write_record(const struct step *step, const char *before)
{
	int ret;

	if (!step->origin)
		return 0;
	if (step->domain)
		return domain_prepare(step->domain) || domain_exchange() ?
			-1 : 1;
	if (step->record)
		ret = assignment_write(step->origin, step->record) ? -1 : 1;
	else
		ret = assignment_remove(step->origin);
	if (ret < 0)
		put_back(assignment_path(step->origin), before);
	return ret;
}

/* ---- the kernel */

static int tell_kernel(struct change *change, const struct step *step)
{
	if (step->agrees || !change->kernel)
		return 0;
	if (step->policy)
		return kernel_assign(change->kernel, step->policy,
				     step->confirm);
	return kernel_clear(change->kernel, step->everywhere);
}

/* ---- the journal */

static const char *after(char buf[BRIEF_LEN], const struct change *change,
			 const struct step *step)
{
	char brief[NAME_LEN + 32], file[NAME_LEN + 64] = "", trial[32] = "";
	const struct snapshot now = {
		.assigned = step->policy,
		.policy = step->policy ? *step->policy : (struct policy){},
	};
	const char *kernel;

	kernel = snapshot_brief(brief, sizeof(brief), step->agrees ?
				&change->before : &now);
	if (step->everywhere)
		kernel = "nothing, in any namespace";
	if (step->confirm)
		snprintf(trial, sizeof(trial), ", on trial for %us",
			 step->confirm);
	if (step->agrees && step->origin)
		snprintf(file, sizeof(file), ", recorded for %s: %s",
			 word_origin(step->origin),
			 step->record ? step->record->policy : "nothing");
	snprintf(buf, BRIEF_LEN, "%s%s%s", kernel, trial, file);
	return buf;
}

static void to_journal(const struct change *change, const struct step *step,
		       bool file_changed)
{
	char before[BRIEF_LEN], now[BRIEF_LEN];
	bool kernel_changed = !step->agrees &&
		(step->policy || change->before.assigned ||
		 (step->everywhere && change->before.namespaces));

	if (file_changed || kernel_changed)
		host_journal(change->command,
			     snapshot_brief(before, sizeof(before),
					    &change->before),
			     after(now, change, step));
}

/* ---- all of it */

/* Returns as write_record() does. */
static int make(struct change *change, const struct step *step,
		const char *before)
{
	int file;

	if (step->origin && !step->last_good && last_good_keep(NULL))
		return -1;
	file = write_record(step, before);
	if (file >= 0 && tell_kernel(change, step)) {
		if (step->origin)
			undo(step, before);
		return -1;
	}
	return file;
}

int change_make(struct change *change, const struct step *step)
{
	char *before = NULL, *last_good = NULL;
	int file;

	if (step->origin) {
		before = text_of(assignment_path(step->origin));
		last_good = last_good_read();
	}
	file = make(change, step, before);
	if (file < 0 && last_good)
		last_good_keep(last_good);
	if (step->domain)
		domain_drop();
	free(before);
	free(last_good);
	if (file < 0)
		return -1;
	/* Another says now what holds, or that one does. */
	if (step->origin == SASSER_ORIGIN_DOMAIN)
		file_remove(LAST_DOMAIN);
	/* The change is made, with a copy of it or without. */
	if (step->origin && step->last_good)
		last_good_keep(step->last_good);
	to_journal(change, step, file);
	/* A plain change has ended a trial. */
	if (!step->confirm && !step->agrees && host_netns() == NETNS_INITIAL)
		trial_forget();
	return 0;
}
