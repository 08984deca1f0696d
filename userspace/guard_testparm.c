// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard_testparm.h"
#include "program.h"
#include "sasserctl.h"
#include "visible.h"

#ifndef TESTPARM_SECONDS
#define TESTPARM_SECONDS	60
#endif

/* It exits with 1 also if it merely finds fault with what it shows. */
static int judge(struct testparm *testparm, const struct program *program)
{
	char shown[VISIBLE_LEN], name[8];
	int status = program->status;
	const char *why;

	if (program->in_time && WIFEXITED(status) &&
	    WEXITSTATUS(status) != PROGRAM_NONE &&
	    testparm_section(testparm, NULL, name, sizeof(name)))
		return 0;
	why = program_last_line(testparm->remarks);
	if (!program->in_time)
		why = "it took too long";
	else if (WIFSIGNALED(status))
		why = strsignal(WTERMSIG(status));
	else if (WEXITSTATUS(status) == PROGRAM_NONE)
		why = "it could not be run";
	complain("cannot tell what Samba does on this host: " TESTPARM " -s fails on " SMB_CONF ":\n"
		 "\"%s\"", visible(shown, why));
	return -1;
}

int testparm_run(struct testparm *testparm)
{
	static char *const argv[] = { TESTPARM, "-s", NULL };
	struct program program;

	memset(testparm, 0, sizeof(*testparm));
	if (access(TESTPARM, X_OK) || access(SMB_CONF, F_OK))
		return 0;
	if (program_run(argv, TESTPARM_SECONDS, &program)) {
		complain("cannot run " TESTPARM ": %s", strerror(errno));
		return -1;
	}
	testparm->settings = program.out;
	testparm->remarks = program.err;
	if (!judge(testparm, &program))
		return 0;
	testparm_free(testparm);
	return -1;
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
