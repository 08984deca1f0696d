// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "visible.h"
#include "words.h"

#define COLUMNS		80
#define INDENT		23	/* of a usage's second line */
#define OPTION_LEN	32
#define HELP		'h'
#define FIRST_OPTION	256	/* no letter */

static const char *take_confirm(struct request *request, const char *value);
static const char *take_origin(struct request *request, const char *value);
static const char *take_format(struct request *request, const char *value);

/* In the order of enum flag. */
static const struct {
	const char *name;
	const char *value;	/* that it takes, or NULL */
	/* returns NULL, or what the value has to be */
	const char *(*take)(struct request *request, const char *value);
	const char *summary;
} flags[] = {
	{ "observe", NULL, NULL,
	  "count what would be blocked, drop nothing" },
	{ "confirm", "TIME", take_confirm,
	  "on trial for so long (90s, 5m, 2h), see confirm" },
	{ "runtime", NULL, NULL,
	  "the kernel only, until the next boot or refresh" },
	{ "force", NULL, NULL,
	  "override what is in the way (refresh: fetch anew)" },
	{ "dry-run", NULL, NULL,
	  "say what stands in the way, change nothing" },
	{ "everywhere", NULL, NULL,
	  "in all network namespaces" },
	{ "origin", "local|domain", take_origin,
	  "this host's administrator, or who manages it" },
	{ "replace", NULL, NULL,
	  "also what has the same name already" },
	{ "format", "ini|nft|netsh", take_format,
	  "how to write it" },
	{ "json", NULL, NULL,
	  "machine-readable" },
};

static const char *take_confirm(struct request *request, const char *value)
{
	return parse_duration(value, &request->confirm) ? NULL :
		"a time like 90s, 5m or 2h, from 1s to 24h";
}

static const char *take_origin(struct request *request, const char *value)
{
	request->origin = (uint8_t)origin_of_word(value);
	return request->origin ? NULL : "local or domain";
}

static const char *take_format(struct request *request, const char *value)
{
	static const char *const formats[] = { "ini", "nft", "netsh" };

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i], value)) {
			request->format = formats[i];
			return NULL;
		}
	return "ini, nft or netsh";
}

/* "confirm TIME" */
static const char *with_value(char buf[OPTION_LEN], size_t i)
{
	snprintf(buf, OPTION_LEN, "%s%s%s", flags[i].name,
		 flags[i].value ? " " : "", flags[i].value ?: "");
	return buf;
}

static void print_usage(const struct command *command)
{
	char option[OPTION_LEN];
	int at = printf("Usage: sasserctl %s", command->name);

	if (command->argument)
		at += printf(" %s", command->argument);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!(command->flags & 1U << i))
			continue;
		if ((size_t)at + strlen(with_value(option, i)) + strlen(" [--]") >
		    COLUMNS)
			at = printf("\n%*s", INDENT, "") - 1;
		at += printf(" [--%s]", option);
	}
	puts("\n");
}

void options_print(const struct command *command)
{
	char option[OPTION_LEN];

	print_usage(command);
	printf("%s: %s\n", command->name, command->summary);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (command->flags & 1U << i)
			printf("  --%-21s%s\n", with_value(option, i),
			       flags[i].summary);
	puts("\nMore: man 8 sasserctl");
}

static int no_option(const struct command *command, const char *word)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	char shown[VISIBLE_LEN];

	/* Of letters in one word getopt_long(3) has not passed the word yet. */
	if (optopt && optopt != HELP &&
	    (optopt < FIRST_OPTION ||
	     (size_t)optopt >= FIRST_OPTION + ARRAY_SIZE(flags)))
		word = letter;
	complain("%s does not take %s. See: sasserctl help %s", command->name,
		 visible(shown, word), command->name);
	return USAGE;
}

static int no_value(const struct command *command)
{
	size_t i = (size_t)optopt - FIRST_OPTION;

	complain("--%s needs %s behind it. See: sasserctl help %s",
		 flags[i].name, flags[i].value, command->name);
	return USAGE;
}

static int take(const struct command *command, size_t i,
		struct request *request)
{
	char shown[VISIBLE_LEN];
	const char *wanted;

	request->flags |= 1U << i;
	wanted = flags[i].take ? flags[i].take(request, optarg) : NULL;
	if (!wanted)
		return DONE;
	complain("--%s \"%s\" is not %s. See: sasserctl help %s", flags[i].name,
		 visible(shown, optarg), wanted, command->name);
	return USAGE;
}

static void prepare(const struct command *command, struct option *options)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (command->flags & 1U << i)
			options[n++] = (struct option){
				.name = flags[i].name,
				.has_arg = flags[i].value ? required_argument :
							    no_argument,
				.val = FIRST_OPTION + (int)i,
			};
	options[n].name = "help";
	options[n].val = HELP;
}

static int parse_options(const struct command *command, int argc, char **argv,
			 struct request *request)
{
	struct option options[ARRAY_SIZE(flags) + 2] = {};
	int option, ret = DONE;

	prepare(command, options);
	opterr = 0;
	while (!ret &&
	       (option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (option == ':')
			return no_value(command);
		if (option == '?')
			return no_option(command, argv[optind - 1]);
		if (option == HELP) {
			options_print(command);
			return -1;
		}
		ret = take(command, (size_t)option - FIRST_OPTION, request);
	}
	return ret;
}

int options_parse(const struct command *command, int argc, char **argv,
		  struct request *request)
{
	char shown[VISIBLE_LEN];
	int ret = parse_options(command, argc, argv, request);

	if (ret)
		return ret;
	/* Without even its own name there is no argv[1]. */
	request->n_arguments = argc > optind ? argc - optind : 0;
	request->arguments = argv + argc - request->n_arguments;
	request->argument = request->arguments[0];
	if (request->n_arguments <= command->n_arguments)
		return DONE;
	complain("%s does not take the argument \"%s\". See: sasserctl help %s",
		 command->name,
		 visible(shown, request->arguments[command->n_arguments]),
		 command->name);
	return USAGE;
}
