// SPDX-License-Identifier: GPL-2.0-or-later
/* The files: assigned.conf, good and bad, and the record of a refresh. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "pool.h"
#include "stamp.h"
#include "userspace_tap.h"

static char dir[32] = "/tmp/sasser-files-XXXXXX";
static char path[PATH_MAX];

static void put(const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(text, 1, len, file) != len || fclose(file)) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
}

static void accepted(const char *name, const char *text, uint8_t mode,
		     uint64_t since)
{
	struct assignment got;
	int ret;

	put(text, strlen(text));
	said[0] = '\0';
	ret = assignment_read(path, &got);
	ok(ret == 1 && got.policy == pool_find("SASSER") && got.mode == mode &&
	   got.since == since, "accepts %s", name);
}

/* @where names the line, @why is part of the reason. */
static void refused_bytes(const char *name, const char *text, size_t len,
			  const char *where, const char *why)
{
	struct policy policy;
	int ret;

	put(text, len);
	said[0] = '\0';
	ret = pool_resulting(path, &policy);
	ok(ret == -1 && strstr(said, path) && strstr(said, where) &&
	   strstr(said, why), "refuses %s", name);
}

static void refused(const char *name, const char *text, const char *where,
		    const char *why)
{
	refused_bytes(name, text, strlen(text), where, why);
}

static void test_accepted(void)
{
	accepted("a whole file",
		 "# comment\n[assigned]\npolicy = SASSER\nmode = observe\n"
		 "since = 2026-01-02T03:04:05Z\n",
		 SASSER_MODE_OBSERVE, 1767323045);
	accepted("a policy alone, enforced", "[assigned]\npolicy=SASSER",
		 SASSER_MODE_ENFORCE, 0);
	accepted("carriage returns",
		 "[assigned]\r\npolicy = SASSER\r\nmode = enforce\r\n",
		 SASSER_MODE_ENFORCE, 0);
}

static void test_refused(void)
{
	static const char nul[] = "[assigned]\npolicy = SASSER\0X\n";
	char longer[600] = "[assigned]\npolicy = SASSER\n#";

	refused("an empty file", "", "names no policy", "[assigned]");
	refused("a section alone", "[assigned]\n", "names no policy", "");
	refused("an unknown policy", "[assigned]\npolicy = NIMDA\n", "line 2",
		"unknown policy \"NIMDA\", there is: SASSER");
	refused("an empty policy", "[assigned]\npolicy =\n", "line 2",
		"unknown policy \"\"");
	refused("a policy given twice",
		"[assigned]\npolicy = SASSER\npolicy = SASSER\n", "line 3",
		"given twice");
	refused("a mode given twice",
		"[assigned]\npolicy = SASSER\nmode = observe\nmode = enforce\n",
		"line 4", "given twice");
	refused("a time given twice",
		"[assigned]\nsince = 2026-01-02T03:04:05Z\npolicy = SASSER\n"
		"since = 2026-01-02T03:04:05Z\n", "line 4", "given twice");
	refused("a wrong mode", "[assigned]\npolicy = SASSER\nmode = maybe\n",
		"line 3", "mode \"maybe\"");
	refused("a wrong time",
		"[assigned]\npolicy = SASSER\nsince = yesterday\n", "line 3",
		"since \"yesterday\"");
	refused("the 31st of February",
		"[assigned]\npolicy = SASSER\nsince = 2026-02-31T00:00:00Z\n",
		"line 3", "since");
	refused("an unknown key",
		"[assigned]\npolicy = SASSER\ncolour = red\n", "line 3",
		"unknown key \"colour\"");
	refused("an unknown section",
		"[assigned]\npolicy = SASSER\n[policy X]\nmode = observe\n",
		"line 4", "unknown section [policy X]");
	refused("a key before any section", "policy = SASSER\n", "line 1",
		"unknown section []");
	refused("a line without a value", "[assigned]\npolicy\n", "line 2",
		"neither");
	refused("a section that is not closed",
		"[assigned\npolicy = SASSER\n", "line 1", "neither");
	refused("the first of two errors",
		"[assigned]\npolicy = SASSER\nfoo\ncolour = red\n", "line 3",
		"neither");
	refused("the first of two errors, turned round",
		"[assigned]\npolicy = SASSER\ncolour = red\nfoo\n", "line 3",
		"unknown key");
	refused_bytes("a NUL byte", nul, sizeof(nul) - 1, "line 2", "NUL");
	memset(longer + strlen(longer), 'x', 400);
	refused("a line that is too long", longer, "line 3", "too long");
}

static void test_absent(void)
{
	struct assignment got;
	struct policy policy;

	unlink(path);
	said[0] = '\0';
	ok(!assignment_read(path, &got) && !pool_resulting(path, &policy) &&
	   !said[0], "no file is no error");
	said[0] = '\0';
	ok(assignment_read(dir, &got) == -1 && strstr(said, dir),
	   "a directory is one");
	ok(file_remove(path) == 0, "removes what is not there");
}

static void test_written(void)
{
	struct assignment got, put = {
		.policy = pool_find("SASSER"),
		.mode = SASSER_MODE_OBSERVE,
		.since = 1767323045,
	};
	struct policy policy;
	struct stat st;

	umask(077);
	ok(!assignment_write(path, &put) && assignment_read(path, &got) == 1 &&
	   got.policy == put.policy && got.mode == put.mode &&
	   got.since == put.since, "reads what it wrote");
	ok(!stat(path, &st) && (st.st_mode & 07777) == 0644,
	   "writes it for all to read, whatever the umask");
	ok(pool_resulting(path, &policy) == 1 &&
	   policy.mode == SASSER_MODE_OBSERVE &&
	   policy.origin == SASSER_ORIGIN_LOCAL && policy.n_filters == 2 &&
	   !strcmp(policy.filters[0].name, "smb") &&
	   policy.filters[0].direction == SASSER_DIRECTION_IN &&
	   policy.filters[0].ranges[0].first == 445 &&
	   !strcmp(policy.filters[1].name, "payload") &&
	   policy.filters[1].direction == SASSER_DIRECTION_BOTH &&
	   policy.filters[1].ranges[0].first == 5554 &&
	   policy.filters[1].ranges[1].first == 9996,
	   "the policy that results is SASSER");
	ok(file_remove(path) == 1 && access(path, F_OK), "removes it");
	ok(!rmdir(dir), "leaves no temporary file");
	ok(!assignment_write(path, &put), "makes the directory");
	unlink(path);
	ok(!mkdir(path, 0755) && assignment_write(path, &put) == -1 &&
	   strstr(said, path), "says what it could not replace");
	ok(!rmdir(path) && !rmdir(dir), "leaves no temporary file then either");
	ok(!mkdir(dir, 0755), "the directory is back");
}

static void test_stamp(void)
{
	struct refresh got, put = {
		.time = 1767323045, .message = "two\nlines, \"quoted\"",
	};

	stamp_read(path, &got);
	ok(!got.time, "there is no record yet");
	ok(!stamp_write(path, &put), "writes a record");
	stamp_read(path, &got);
	ok(got.time == put.time && !got.ok &&
	   !strcmp(got.message, "two lines, \"quoted\""), "reads it");
	put.ok = true;
	memset(put.message, 'x', sizeof(put.message) - 1);
	put.message[sizeof(put.message) - 1] = '\0';
	ok(!stamp_write(path, &put), "writes the longest");
	stamp_read(path, &got);
	ok(got.ok && !strcmp(got.message, put.message), "reads the longest");
	unlink(path);
	ok(!file_replace(path, "rubbish\n"), "writes rubbish");
	stamp_read(path, &got);
	ok(!got.time, "takes rubbish for no record");
	unlink(path);
}

int main(void)
{
	puts("TAP version 13");
	if (!mkdtemp(dir)) {
		printf("Bail out! mkdtemp: %s\n", strerror(errno));
		return 1;
	}
	snprintf(path, sizeof(path), "%s/assigned.conf", dir);
	test_accepted();
	test_refused();
	test_absent();
	test_written();
	test_stamp();
	rmdir(dir);
	return tap_end();
}
