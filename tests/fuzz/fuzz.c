// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz.h"
#include "out.h"
#include "userspace_valid.h"

/* Its own main() is not the program's here. */
int sasserctl_main(int argc, char **argv);
#define main sasserctl_main
#include "sasserctl.c"	/* NOLINT(bugprone-suspicious-include) */
#undef main

#define COLUMNS	80

char *fuzz_out, *fuzz_err;

static FILE *real_out, *real_err;
static size_t out_len, err_len;

void fuzz_begin(void)
{
	real_out = stdout;
	real_err = stderr;
	stdout = open_memstream(&fuzz_out, &out_len);
	stderr = open_memstream(&fuzz_err, &err_len);
	if (!stdout || !stderr)
		abort();
	first[0] = '\0';
}

static void restore(void)
{
	fclose(stdout);
	fclose(stderr);
	stdout = real_out;
	stderr = real_err;
}

void fuzz_end(void)
{
	if (stdout != real_out)
		restore();
	free(fuzz_out);
	free(fuzz_err);
}

int fuzz_main(int argc, char **argv)
{
	int ret;

	/* glibc's way to begin anew, which it does not where there is nothing. */
	optind = argc ? 0 : 1;
	ret = sasserctl_main(argc, argv);
	restore();
	return ret;
}

void fuzz_check(bool good, const char *what, const char *text)
{
	if (good)
		return;
	dprintf(STDERR_FILENO, "FUZZ: %s:\n%s\n", what, text);
	abort();
}

void fuzz_valid(const char *wrong, const char *text)
{
	fuzz_check(!wrong, wrong, text);
}

static char *printed(void (*print)(FILE *out, const struct snapshot *snap),
		     const struct snapshot *snap)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print(out, snap);
	fclose(out);
	/* A NUL byte would be no text. */
	fuzz_check(strlen(text) == size, "a NUL byte", text);
	return text;
}

void fuzz_print(const struct snapshot *snap)
{
	char *text;

	text = printed(out_text_status, snap);
	fuzz_valid(text_wrong(text, COLUMNS), text);
	free(text);
	text = printed(out_text_counters, snap);
	fuzz_valid(text_wrong(text, COLUMNS), text);
	free(text);
	text = printed(out_json_status, snap);
	fuzz_valid(json_wrong(text, false), text);
	free(text);
	text = printed(out_json_counters, snap);
	fuzz_valid(json_wrong(text, false), text);
	free(text);
	text = printed(out_metrics, snap);
	fuzz_valid(metrics_wrong(text), text);
	free(text);
}

void fuzz_check_complaints(bool wanted)
{
	fflush(stderr);
	fuzz_check(!wanted || fuzz_err[0], "failed without a word", "");
	fuzz_check(!fuzz_err[0] || !strncmp(fuzz_err, "sasserctl: ", 11),
		   "not its own voice", fuzz_err);
	fuzz_valid(text_wrong(fuzz_err, 0), fuzz_err);
	/* printf(3)'s words for an errno that has no name. */
	fuzz_check(!strstr(fuzz_err, " [(null)]\n"), "no text", fuzz_err);
}
