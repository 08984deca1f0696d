// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sasserctl.h"
#include "visible.h"

struct command {
	const char *name;
	int (*run)(const struct request *request);
	unsigned int flags;	/* that it takes */
	const char *argument;	/* that it takes, or NULL */
	const char *summary;
};

static int cmd_help(const struct request *request);

static const struct command commands[] = {
	{ "enable", cmd_enable, FLAG_OBSERVE | FLAG_RUNTIME | FLAG_FORCE,
	  "POLICY", "put a policy (SASSER unless named) in force" },
	{ "disable", cmd_disable, FLAG_RUNTIME | FLAG_FORCE | FLAG_EVERYWHERE,
	  NULL, "take the policy away" },
	{ "refresh", cmd_refresh, 0,
	  NULL, "make the kernel agree with the files" },
	{ "status", cmd_status, FLAG_JSON,
	  NULL, "what is in force; the same as no command" },
	{ "counters", cmd_counters, FLAG_JSON,
	  NULL, "what the filters matched" },
	{ "reset", cmd_reset, FLAG_JSON,
	  NULL, "start the counters again at zero, print their totals" },
	{ "monitor", cmd_monitor, FLAG_JSON,
	  NULL, "follow changes of the policy, a line each" },
	{ "metrics", cmd_metrics, 0,
	  NULL, "counters and state in Prometheus' text format" },
	{ "version", cmd_version, 0,
	  NULL, "versions of this tool and of the module" },
	{ "help", cmd_help, 0,
	  "COMMAND", "this text, or more about one command" },
};

/* In the order of enum flag. */
static const struct {
	const char *name;
	const char *summary;
} flags[] = {
	{ "observe", "count what would be blocked, drop nothing" },
	{ "runtime", "the kernel only, not the files: until the next boot or refresh" },
	{ "force", "override what stands in the way" },
	{ "everywhere", "in all network namespaces" },
	{ "json", "machine-readable" },
};

#define HELP	'h'

static char first[MESSAGE_LEN];

/* Keeps what it said, up to the next time. */
static const char *say(const char *fmt, va_list args)
{
	static char said[2 * MESSAGE_LEN];
	char text[sizeof(said)];

	vsnprintf(text, sizeof(text), fmt, args);
	visible_lines(said, sizeof(said), text);
	fprintf(stderr, "sasserctl: %s\n", said);
	return said;
}

void complain(const char *fmt, ...)
{
	const char *said;
	va_list args;

	va_start(args, fmt);
	said = say(fmt, args);
	va_end(args);
	if (!first[0])
		snprintf(first, sizeof(first), "%.*s", MESSAGE_LEN - 1, said);
}

const char *first_complaint(void)
{
	return first;
}

void warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void print_usage(const struct command *command)
{
	printf("sasserctl %s", command->name);
	if (command->argument)
		printf(" [%s]", command->argument);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (command->flags & 1U << i)
			printf(" [--%s]", flags[i].name);
	putchar('\n');
}

static void print_command(const struct command *command)
{
	printf("Usage: ");
	print_usage(command);
	printf("\n%s: %s\n", command->name, command->summary);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (command->flags & 1U << i)
			printf("  --%-12s%s\n", flags[i].name,
			       flags[i].summary);
	puts("\nMore: man 8 sasserctl");
}

static int wrong_usage(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	return USAGE;
}

static int no_command(const char *name)
{
	char shown[VISIBLE_LEN];

	return wrong_usage("there is no command \"%s\". See: sasserctl help",
			   visible(shown, name));
}

static int cmd_help(const struct request *request)
{
	const struct command *command;

	if (request->argument) {
		command = find(request->argument);
		if (!command)
			return no_command(request->argument);
		print_command(command);
		return DONE;
	}
	puts("Usage: sasserctl [COMMAND]\n\n"
	     "Blocks the ports of worms that spread over SMB.\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-10s%s\n", commands[i].name, commands[i].summary);
	puts("\nMore: sasserctl help COMMAND, man 8 sasserctl");
	return DONE;
}

static int no_option(const struct command *command, const char *word)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	char shown[VISIBLE_LEN];

	/* Of letters in one word getopt_long(3) has not passed the word yet. */
	if ((unsigned int)optopt > FLAG_JSON && optopt != HELP)
		word = letter;
	return wrong_usage("%s does not take %s. See: sasserctl help %s",
			   command->name, visible(shown, word), command->name);
}

/* Returns DONE, USAGE, or -1 where help was asked for and given. */
static int parse(const struct command *command, int argc, char **argv,
		 struct request *request)
{
	struct option options[ARRAY_SIZE(flags) + 2] = {};
	char shown[VISIBLE_LEN];
	size_t n = 0;
	int option;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (command->flags & 1U << i)
			options[n++] = (struct option){
				.name = flags[i].name, .val = 1 << i,
			};
	options[n].name = "help";
	options[n].val = HELP;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == '?')
			return no_option(command, argv[optind - 1]);
		if (option == HELP) {
			print_command(command);
			return -1;
		}
		request->flags |= (unsigned int)option;
	}
	if (argc - optind > !!command->argument)
		return wrong_usage("%s does not take the argument \"%s\". See: sasserctl help %s",
				   command->name,
				   visible(shown,
					   argv[optind + !!command->argument]),
				   command->name);
	/* Without even its own name there is no argv[1]. */
	request->argument = optind < argc ? argv[optind] : NULL;
	return DONE;
}

static const struct command *dispatch(int *argc, char ***argv)
{
	const char *name = *argc > 1 ? (*argv)[1] : NULL;

	/* "sasserctl --json" is a status, too. */
	if (name && (!strcmp(name, "-h") || !strcmp(name, "--help")))
		name = "help";
	else if (!name || (name[0] == '-' && name[1]))
		return find("status");
	(*argc)--;
	(*argv)++;
	return find(name);
}

int main(int argc, char **argv)
{
	const struct command *command = dispatch(&argc, &argv);
	struct request request = {};
	int ret;

	if (!command)
		return no_command(argv[0]);
	ret = parse(command, argc, argv, &request);
	if (ret)
		return ret < 0 ? DONE : ret;
	ret = command->run(&request);
	/* Whoever reads half an answer must not take it for a whole one. */
	if (fflush(stdout) || ferror(stdout)) {
		complain("cannot write to standard output: %s",
			 strerror(errno));
		return FAILED;
	}
	return ret;
}
