// SPDX-License-Identifier: GPL-2.0-or-later
/* The files: assigned.conf, good and bad, and the record of a refresh. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assignment.h"
#include "file.h"
#include "stamp.h"
#include "trial.h"
#include "userspace_tap.h"
#include "userspace_tree.h"

#define LOCAL	SASSER_ORIGIN_LOCAL

static const char path[] = LOCAL_DIR ASSIGNED_CONF;

static void put_bytes(const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(text, 1, len, file) != len || fclose(file)) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
	chmod(path, 0644);
}

static void accepted(const char *name, const char *text, uint8_t mode,
		     uint64_t since)
{
	struct assignment got;
	int ret;

	put_bytes(text, strlen(text));
	said[0] = '\0';
	ret = assignment_read(LOCAL, &got);
	ok(ret == 1 && !strcmp(got.policy, "SASSER") && got.mode == mode &&
	   got.since == since, "accepts %s", name);
}

static bool is_refused(const char *where, const char *why)
{
	struct assignment got;

	said[0] = '\0';
	return assignment_read(LOCAL, &got) == -1 && strstr(said, path) &&
	       strstr(said, where) && strstr(said, why);
}

/* @where names the line, @why is part of the reason. */
static void refused_bytes(const char *name, const char *text, size_t len,
			  const char *where, const char *why)
{
	put_bytes(text, len);
	ok(is_refused(where, why), "refuses %s", name);
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
	accepted("a policy alone, in its own mode",
		 "[assigned]\npolicy=SASSER", 0, 0);
	accepted("carriage returns",
		 "[assigned]\r\npolicy = SASSER\r\nmode = enforce\r\n",
		 SASSER_MODE_ENFORCE, 0);
}

static void test_refused(void)
{
	static const char nul[] = "[assigned]\npolicy = SASSER\0X\n";
	static char big[2 << 20];

	refused("an empty file", "", "names no policy", "[assigned]");
	refused("a section alone", "[assigned]\n", "names no policy", "");
	refused("a policy that no kernel takes",
		"[assigned]\npolicy = NIM DA\n", "line 2",
		"policy \"NIM DA\"");
	refused("an empty policy", "[assigned]\npolicy =\n", "line 2",
		"policy \"\"");
	refused("a section given twice",
		"[assigned]\npolicy = SASSER\n[assigned]\n", "line 3",
		"given twice");
	refused("a value that goes on",
		"[assigned]\npolicy = SASSER\n more\n", "line 3",
		"another line");
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
		"line 3", "unknown section [policy X]");
	refused("a key before any section", "policy = SASSER\n", "line 1",
		"before the section");
	refused("a line without a value", "[assigned]\npolicy\n", "line 2",
		"neither");
	refused("a section that is not closed",
		"[assigned\npolicy = SASSER\n", "line 1", "not closed");
	refused("the first of two errors",
		"[assigned]\npolicy = SASSER\nfoo\ncolour = red\n", "line 3",
		"neither");
	refused("the first of two errors, turned round",
		"[assigned]\npolicy = SASSER\ncolour = red\nfoo\n", "line 3",
		"unknown key");
	refused_bytes("a NUL byte", nul, sizeof(nul) - 1, "line 2", "NUL");
	memset(big, '#', sizeof(big));
	refused_bytes("a file of two MiB", big, sizeof(big), "", "1 MiB");
}

/* Whoever could write it could lift the block. */
static void test_untrusted(void)
{
	static const char text[] = "[assigned]\npolicy = SASSER\n";

	put_bytes(text, sizeof(text) - 1);
	chmod(path, 0666);
	ok(is_refused("", "anybody may write it"), "refuses one that anybody may write");
	chmod(path, 0644);
	chmod(LOCAL_DIR, 0777);
	ok(is_refused("", "anybody may write it"), "refuses such a directory");
	chmod(LOCAL_DIR, 0755);
	if (!geteuid()) {
		ok(!chown(path, 65533, 0) && is_refused("", "belong to root"),
		   "refuses one of another user");
		ok(!chown(path, 0, 65533) && !chmod(path, 0664) &&
		   is_refused("", "a group may write it"),
		   "refuses one that a group may write");
	}
	unlink(path);
	ok(!symlink("/dev/null", path) && is_refused("", "symbolic link"),
	   "refuses a symbolic link");
	ok(assignment_remove(LOCAL) == 1 && access(path, F_OK),
	   "which can be removed");
	ok(!mkfifo(path, 0644) && is_refused("", "no regular file"),
	   "refuses a pipe, without waiting for anybody");
	unlink(path);
	ok(!mkdir(path, 0755) && is_refused("", "directory"),
	   "refuses a directory");
	rmdir(path);
}

static void test_absent(void)
{
	struct assignment got;

	unlink(path);
	said[0] = '\0';
	ok(!assignment_read(LOCAL, &got) && !said[0], "no file is no error");
	ok(assignment_remove(LOCAL) == 0, "removes what is not there");
}

static void test_written(void)
{
	struct assignment got, put = {
		.policy = "SASSER",
		.mode = SASSER_MODE_OBSERVE,
		.since = 1767323045,
	};
	struct stat st;

	umask(077);
	ok(!assignment_write(LOCAL, &put) && assignment_read(LOCAL, &got) == 1 &&
	   !strcmp(got.policy, put.policy) && got.mode == put.mode &&
	   got.since == put.since, "reads what it wrote");
	ok(!stat(path, &st) && (st.st_mode & 07777) == 0644,
	   "writes it for all to read, whatever the umask");
	put.mode = 0;
	ok(!assignment_write(LOCAL, &put) &&
	   assignment_read(LOCAL, &got) == 1 && !got.mode,
	   "leaves the mode to the policy where it names none");
	ok(assignment_remove(LOCAL) == 1 && access(path, F_OK), "removes it");
	ok(!rmdir(LOCAL_DIR), "leaves no temporary file");
	ok(!assignment_write(LOCAL, &put), "makes the directory");
	unlink(path);
	ok(!mkdir(path, 0755) && assignment_write(LOCAL, &put) == -1 &&
	   strstr(said, path), "says what it could not replace");
	ok(!rmdir(path) && !rmdir(LOCAL_DIR),
	   "leaves no temporary file then either");
	ok(!mkdir(LOCAL_DIR, 0755), "the directory is back");
	umask(077);
	ok(!file_replace(LOCAL_DIR "/a/b/file", "text\n") &&
	   !stat(LOCAL_DIR "/a/b", &st) && (st.st_mode & 07777) == 0755,
	   "makes all directories, for all to read, whatever the umask");
	ok(!unlink(LOCAL_DIR "/a/b/file") && !rmdir(LOCAL_DIR "/a/b") &&
	   !rmdir(LOCAL_DIR "/a"), "which are all that it made");
}

static void test_trial(void)
{
	struct trial got, put = {
		.generation = UINT64_MAX, .origin = SASSER_ORIGIN_DOMAIN,
		.assignment = { "SASSER-VARIANTS", SASSER_MODE_OBSERVE, 0 },
	};

	trial_forget();
	ok(!trial_read(&got), "no trial is no error");
	ok(!trial_write(&put) && trial_read(&got) == 1 &&
	   got.generation == put.generation && got.origin == put.origin &&
	   !strcmp(got.assignment.policy, put.assignment.policy) &&
	   got.assignment.mode == put.assignment.mode, "records a trial");
	ok(!file_replace(TRIAL_FILE, "1 local enforce \033[2J\n") &&
	   trial_read(&got) == -1 && strstr(said, "damaged"),
	   "refuses a damaged record of one");
	ok(!trial_forget() && !trial_read(&got), "forgets it");
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
	if (!remove_tree(LOCAL_DIR) || mkdir(LOCAL_DIR, 0755)) {
		printf("Bail out! %s: %s\n", LOCAL_DIR, strerror(errno));
		return 1;
	}
	test_accepted();
	test_refused();
	test_untrusted();
	test_absent();
	test_written();
	test_trial();
	test_stamp();
	rmdir(LOCAL_DIR);
	return tap_end();
}
