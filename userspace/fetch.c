// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "fetch.h"
#include "gpext.h"
#include "joined.h"
#include "program.h"
#include "sasserctl.h"
#include "stamp.h"
#include "visible.h"

#ifndef GPUPDATE_SECONDS
#define GPUPDATE_SECONDS	120
#endif

#define NAME	"samba-gpupdate --force"

static bool is_there(const struct program *program)
{
	return !program->in_time || !WIFEXITED(program->status) ||
	       WEXITSTATUS(program->status) != PROGRAM_NONE;
}

static int failed(struct program *program)
{
	const char *why = program_last_line(program->err);
	char shown[VISIBLE_LEN];

	if (!program->in_time)
		complain(NAME " took longer than %d seconds, and was ended: what the domain assigned before stays",
			 GPUPDATE_SECONDS);
	else
		complain(NAME " failed (%s): what the domain assigned before stays.\n"
			 "Is a domain controller within reach? See: " NAME,
			 *why ? visible(shown, why) : "it did not say why");
	return FAILED;
}

/*
 * It succeeds whatever becomes of an extension, and where it could not read
 * the sysvol share, and ran none.
 */
static int succeeded(char message[MESSAGE_LEN], uint64_t begin)
{
	struct refresh last;

	stamp_read(LAST_DOMAIN, &last);
	if (last.time < begin && gpext_has_ours()) {
		complain(NAME " ended well, but brought sasser nothing: what the domain assigned before stays.\n"
			 "Is the share sysvol of a domain controller within reach? See: " NAME);
		return FAILED;
	}
	snprintf(message, MESSAGE_LEN, NAME " was run%s",
		 last.time >= begin ? "" :
		 ", without sasser (see: sasserctl gpo register)");
	return DONE;
}

static int run(char message[MESSAGE_LEN])
{
	static char *const argv[] = { GPUPDATE, "--force", NULL };
	uint64_t begin = (uint64_t)time(NULL);
	struct program program;
	int ret = DONE;

	if (program_run_trusted(argv, GPUPDATE_SECONDS, &program)) {
		complain("cannot run " NAME ": %s", strerror(errno));
		return FAILED;
	}
	if (!is_there(&program))
		snprintf(message, MESSAGE_LEN, "samba-gpupdate is not there, so nothing was fetched");
	else if (!program_succeeded(&program))
		ret = failed(&program);
	else
		ret = succeeded(message, begin);
	program_free(&program);
	return ret;
}

int fetch_policy(char message[MESSAGE_LEN])
{
	struct joined joined;
	int ret = joined_look(&joined);

	if (ret < 0)
		return FAILED;
	if (ret)
		return run(message);
	snprintf(message, MESSAGE_LEN, "this host is joined to no domain, so nothing was fetched");
	return DONE;
}
