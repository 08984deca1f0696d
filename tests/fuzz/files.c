// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files that sasserctl reads: every input is once an assigned.conf, once
 * the record of a trial and once that of a refresh.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assignment.h"
#include "fuzz.h"
#include "policy_values.h"
#include "stamp.h"
#include "trial.h"
#include "words.h"

static const char path[] = LOCAL_DIR ASSIGNED_CONF;

static void check_assignment(void)
{
	struct assignment assignment;
	int ret = assignment_read(SASSER_ORIGIN_LOCAL, &assignment);

	fuzz_check(ret == 1 || ret == -1, "no file", path);
	fuzz_check_complaints(ret < 0);
	if (ret < 0) {
		/* One line, whatever the file has. */
		fuzz_check(strstr(fuzz_err, path), "no path", fuzz_err);
		fuzz_check(strchr(fuzz_err, '\n')[1] == '\0',
			   "not one line", fuzz_err);
		fuzz_check(strstr(fuzz_err, ", line ") ||
			   strstr(fuzz_err, "names no policy"),
			   "no reason", fuzz_err);
		return;
	}
	fuzz_check(!name_wrong(assignment.policy) &&
		   (!assignment.mode || word_mode(assignment.mode)) &&
		   assignment.since <= TIME_MAX, "an assignment of nothing",
		   assignment.policy);
}

static void check_trial(void)
{
	struct trial trial;

	if (trial_read(&trial) == 1)
		fuzz_check(!name_wrong(trial.assignment.policy) &&
			   word_mode(trial.assignment.mode) &&
			   word_origin(trial.origin), "a trial of nothing",
			   trial.assignment.policy);
}

static void check_stamp(void)
{
	struct snapshot snap = { .loaded = true, .initial = true };

	snprintf(snap.module_version, sizeof(snap.module_version), "1");
	stamp_read(path, &snap.refresh);
	fuzz_check(snap.refresh.time || !snap.refresh.message[0] ||
		   !strcmp(snap.refresh.message, ""), "a message of no time",
		   snap.refresh.message);
	fuzz_print(&snap);
}

static void put(const char *to, const uint8_t *data, size_t size)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	mkdir(LOCAL_DIR, 0755);
	mkdir(RUN_DIR, 0755);
	put(path, data, size);
	put(TRIAL_FILE, data, size);
	fuzz_begin();
	check_assignment();
	check_trial();
	check_stamp();
	fuzz_end();
	return 0;
}
