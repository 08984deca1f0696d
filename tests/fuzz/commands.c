// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Command lines. The first two bytes of an input choose the state of the world
 * (world.c), the third what the files have, and the rest are the words of
 * the command line, each with a line break or a NUL behind it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assignment.h"
#include "commands.h"
#include "fuzz.h"
#include "last_good.h"
#include "sasserctl.h"
#include "stamp.h"
#include "trial.h"
#include "userspace_valid.h"
#include "world.h"

#define WORDS_MAX	64
#define COLUMNS		80

/* What the local file has, and the domain's: the third byte chooses. */
static const char *const confs[] = {
	NULL,
	"[assigned]\npolicy = SASSER\n",
	"[assigned]\npolicy = SASSER\nmode = observe\nsince = 2026-01-02T03:04:05Z\n",
	"[assigned]\npolicy = \033[2J\"\n",
	"[assigned]\npolicy = SHORT\n",
	"[assigned]\npolicy = LONG\n",
};

/* What the domain assigned last. */
static const char last_good[] =
	"[assigned]\npolicy = SITE\n\n"
	"[filter crane]\ndirection = both\nprotocol = tcp\nport = 7777\naction = block\n\n"
	"[policy SITE]\nfilters = crane\n# end\n";

/* And what it says now. */
static const char said[] =
	"[assigned]\npolicy = SITE\nsource = {1} x\nkeep_service = yes\n\n"
	"[filter out]\ndirection = out\nprotocol = tcp\nport = 445\naction = block\n\n"
	"[policy SITE]\nfilters = out\n";

static const char trial[] = "7 local enforce SASSER\n";

static void put(const char *path, const char *text)
{
	FILE *file;

	remove(path);
	if (!text)
		return;
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) ||
	    chmod(path, 0644))
		abort();
}

static void put_files(unsigned int which)
{
	mkdir(LOCAL_DIR, 0755);
	mkdir(DOMAIN_DIR, 0755);
	mkdir(RUN_DIR, 0755);
	remove(LAST_REFRESH);
	put(assignment_path(SASSER_ORIGIN_LOCAL), confs[which % 6]);
	put(assignment_path(SASSER_ORIGIN_DOMAIN), confs[which / 6 % 6]);
	put(LAST_GOOD, which & 0x40 ? last_good : NULL);
	put(TRIAL_FILE, which & 0x80 ? trial : NULL);
	put("said.conf", said);
	if (access(VENDOR_DIR POLICY_D "/world.conf", F_OK)) {
		mkdir(VENDOR_DIR, 0755);
		mkdir(VENDOR_DIR POLICY_D, 0755);
		put(VENDOR_DIR POLICY_D "/world.conf", world_policies);
	}
}

static long when(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (long)st.st_ino;
}

/* Exactly as long as it has to be: a word beyond the last is seen. */
static char **split(const char *data, size_t size, int *argc)
{
	char **argv = malloc(sizeof(*argv));
	const char *end = data + size;

	for (*argc = 0; data < end && *argc < WORDS_MAX; data++) {
		size_t len = 0;

		while (data + len < end && data[len] && data[len] != '\n')
			len++;
		argv = realloc(argv, (size_t)(*argc + 2) * sizeof(*argv));
		argv[(*argc)++] = strndup(data, len);
		data += len;
	}
	argv[*argc] = NULL;
	return argv;
}

/* The program may have put them into another order. */
static void free_words(char **argv, int argc)
{
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	free(argv);
}

/* And not something with that in it. */
static bool is_metrics(void)
{
	return !strncmp(fuzz_out, "# HELP", strlen("# HELP"));
}

static const char *output_wrong(bool is_policy)
{
	if (is_metrics())
		return metrics_wrong(fuzz_out);
	if (fuzz_out[0] == '{')
		return json_wrong(fuzz_out, fuzz_out[1] == '"');
	/* A line of monitor is as long as it is, and so is one of a file. */
	return text_wrong(fuzz_out, strstr(fuzz_out, " generation ") ||
			  is_policy ? 0 : COLUMNS);
}

static bool bad(int ret)
{
	return ret == FAILED || ret == USAGE || ret == GUARDED;
}

static void check_result(int ret, bool is_policy)
{
	fuzz_check(ret >= DONE && ret <= GUARDED, "an unknown exit status",
		   fuzz_out);
	fuzz_check(!bad(ret) || !fuzz_out[0] || is_metrics() ||
		   world.events_sent,
		   "failed with something on standard output", fuzz_out);
	fuzz_check(bad(ret) || fuzz_out[0] ||
		   world.quiet, "done without a word", fuzz_err);
	fuzz_valid(output_wrong(is_policy), fuzz_out);
	fuzz_check(!bad(ret) || fuzz_err[0],
		   "failed without a word", "");
	fuzz_check(!fuzz_err[0] || !strncmp(fuzz_err, "sasserctl: ", 11),
		   "not its own voice", fuzz_err);
	fuzz_valid(text_wrong(fuzz_err, 0), fuzz_err);
	fuzz_check(ret != USAGE || strchr(fuzz_err, '\n')[1] == '\0',
		   "not one line", fuzz_err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int changes;
	bool was_assigned;
	char **argv, **words;
	int argc, ret;
	long conf;

	if (size < COMMAND_HEAD)
		return 0;
	world_make((unsigned int)data[0] | (unsigned int)data[1] << 8);
	put_files(data[2]);
	conf = when(assignment_path(SASSER_ORIGIN_LOCAL));
	argv = split((const char *)data + COMMAND_HEAD, size - COMMAND_HEAD,
		     &argc);
	words = malloc(sizeof(*words) * (size_t)(argc + 1));
	memcpy(words, argv, sizeof(*words) * (size_t)(argc + 1));
	fuzz_begin();
	was_assigned = world.assigned;
	ret = fuzz_main(argc, argv);
	changes = world.changes;
	check_result(ret, words[1 % (argc + 1)] &&
		     !strcmp(words[1 % (argc + 1)], "policy"));
	fuzz_check(ret != USAGE ||
		   (!changes &&
		    conf == when(assignment_path(SASSER_ORIGIN_LOCAL)) &&
		    !when(LAST_REFRESH)), "wrong usage changed something",
		   fuzz_err);
	fuzz_check(ret != GUARDED || !changes, "a guard's refusal and a change",
		   fuzz_err);
	fuzz_check(!changes || world.journal || world.failed,
		   "a change that is not in the journal", fuzz_out);
	fuzz_check(!world.failed || world.journal ||
		   was_assigned == world.assigned,
		   "a failure that was not taken back", fuzz_err);
	fuzz_end();
	world_end();
	free(argv);
	free_words(words, argc);
	return 0;
}
