// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files that sasserctl reads: every input is once an assigned.conf and once
 * the record of a refresh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "pool.h"
#include "stamp.h"
#include "words.h"

static void check_assignment(const char *path)
{
	struct assignment assignment;
	struct policy policy;
	int ret = assignment_read(path, &assignment);

	fuzz_check(ret == 1 || ret == -1, "no file", path);
	fuzz_check_complaints(ret < 0);
	if (ret < 0) {
		/* One line, whatever the file has. */
		fuzz_check(strstr(fuzz_err, path), "no path", fuzz_err);
		fuzz_check(strstr(fuzz_err, ", line ") ?
			   strchr(fuzz_err, '\n')[1] == '\0' :
			   !!strstr(fuzz_err, "names no policy"),
			   "not one line", fuzz_err);
		return;
	}
	fuzz_check(assignment.policy && word_mode(assignment.mode) &&
		   assignment.since <= TIME_MAX, "an assignment of nothing",
		   "");
	fuzz_check(pool_resulting(path, &policy) == 1 &&
		   policy.mode == assignment.mode && policy.n_filters,
		   "another policy results", policy.name);
}

static void check_stamp(const char *path)
{
	struct snapshot snap = { .loaded = true, .initial = true };

	snprintf(snap.module_version, sizeof(snap.module_version), "1");
	stamp_read(path, &snap.refresh);
	fuzz_check(snap.refresh.time || !snap.refresh.message[0] ||
		   !strcmp(snap.refresh.message, ""), "a message of no time",
		   snap.refresh.message);
	fuzz_print(&snap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[32];

	if (fd < 0) {
		fd = memfd_create("file", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	fuzz_begin();
	check_assignment(path);
	check_stamp(path);
	fuzz_end();
	return 0;
}
