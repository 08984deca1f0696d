// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard_testparm.h"
#include "sasserctl.h"
#include "visible.h"

#ifndef TESTPARM_SECONDS
#define TESTPARM_SECONDS	20
#endif
#define OUTPUT_MAX	(4UL << 20)

static void become_testparm(int out, int err)
{
	static char *const argv[] = { "testparm", "-s", NULL };
	static char *const environment[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL,
	};
	struct rlimit limit = { OUTPUT_MAX, OUTPUT_MAX };
	int null = open("/dev/null", O_RDONLY);

	if (null >= 0 && dup2(null, 0) >= 0 && dup2(out, 1) >= 0 &&
	    dup2(err, 2) >= 0 && !setrlimit(RLIMIT_FSIZE, &limit))
		execve(TESTPARM, argv, environment);
	_exit(127);
}

/* Returns false if it took too long, and was ended. */
static bool wait_for(pid_t child, int *status)
{
	int fd = (int)syscall(SYS_pidfd_open, child, 0U);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	bool in_time = true;

	/* Without a descriptor it is waited for as long as it takes. */
	if (fd >= 0) {
		in_time = poll(&poll_fd, 1, TESTPARM_SECONDS * 1000) != 0;
		if (!in_time)
			kill(child, SIGKILL);
		close(fd);
	}
	while (waitpid(child, status, 0) < 0 && errno == EINTR)
		;
	return in_time;
}

static char *read_back(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *text = len < 0 ? NULL : malloc((size_t)len + 1);
	ssize_t got;

	if (!text) {
		complain("out of memory");
		exit(FAILED);
	}
	got = pread(fd, text, (size_t)len, 0);
	text[got < 0 ? 0 : got] = '\0';
	return text;
}

/* Of several lines the last one says what it came to. */
static const char *last_line(char *text)
{
	size_t len = strlen(text);
	char *line;

	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

/* It exits with 1 also if it merely finds fault with what it shows. */
static int judge(struct testparm *testparm, bool in_time, int status)
{
	char shown[VISIBLE_LEN], name[8];
	const char *why;

	if (in_time && WIFEXITED(status) && WEXITSTATUS(status) != 127 &&
	    testparm_section(testparm, NULL, name, sizeof(name)))
		return 0;
	why = last_line(testparm->remarks);
	if (!in_time)
		why = "it took too long";
	else if (WIFSIGNALED(status))
		why = strsignal(WTERMSIG(status));
	else if (WEXITSTATUS(status) == 127)
		why = "it could not be run";
	complain("cannot tell what Samba does on this host: " TESTPARM " -s fails on " SMB_CONF ":\n"
		 "\"%s\"", visible(shown, why));
	return -1;
}

static int run(struct testparm *testparm, int out, int err)
{
	int status = 0;
	bool in_time;
	pid_t child;

	child = fork();
	if (!child)
		become_testparm(out, err);
	if (child < 0) {
		complain("cannot run " TESTPARM ": %s", strerror(errno));
		return -1;
	}
	in_time = wait_for(child, &status);
	testparm->settings = read_back(out);
	testparm->remarks = read_back(err);
	if (!judge(testparm, in_time, status))
		return 0;
	testparm_free(testparm);
	return -1;
}

int testparm_run(struct testparm *testparm)
{
	int out, err, ret = -1;

	memset(testparm, 0, sizeof(*testparm));
	if (access(TESTPARM, X_OK) || access(SMB_CONF, F_OK))
		return 0;
	out = memfd_create("settings", MFD_CLOEXEC);
	err = memfd_create("remarks", MFD_CLOEXEC);
	if (out < 0 || err < 0)
		complain("cannot run " TESTPARM ": %s", strerror(errno));
	else
		ret = run(testparm, out, err);
	if (out >= 0)
		close(out);
	if (err >= 0)
		close(err);
	return ret;
}

void testparm_free(struct testparm *testparm)
{
	free(testparm->settings);
	free(testparm->remarks);
	memset(testparm, 0, sizeof(*testparm));
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : NULL;
}

const char *testparm_section(const struct testparm *testparm, const char *at,
			     char *name, size_t size)
{
	const char *line = at ? next_line(at) : testparm->settings;

	for (; line; line = next_line(line)) {
		size_t len = strcspn(line, "]\n");

		if (line[0] != '[' || line[len] != ']')
			continue;
		snprintf(name, size, "%.*s", (int)len - 1, line + 1);
		return line;
	}
	return NULL;
}

/* The line is "\tkey = value". */
static bool take_value(const char *line, const char *key, char *value,
		       size_t size)
{
	size_t len = strlen(key);

	line += strspn(line, " \t");
	if (strncasecmp(line, key, len))
		return false;
	line += len;
	line += strspn(line, " \t");
	if (*line != '=')
		return false;
	line++;
	line += strspn(line, " \t");
	snprintf(value, size, "%.*s", (int)strcspn(line, "\r\n"), line);
	return true;
}

bool testparm_global(const struct testparm *testparm, const char *key,
		     char *value, size_t size)
{
	const char *line = testparm->settings;
	bool global = false;

	for (; line; line = next_line(line)) {
		if (line[0] == '[')
			global = !strncasecmp(line, "[global]", 8);
		else if (global && take_value(line, key, value, size))
			return true;
	}
	return false;
}
