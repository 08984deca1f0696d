// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "sasserctl.h"
#include "visible.h"

static int cmd_help(const struct request *request);

static const struct command commands[] = {
	{ "enable", cmd_enable, FLAG_OBSERVE | FLAG_CONFIRM | FLAG_RUNTIME |
	  FLAG_FORCE | FLAG_DRY_RUN | FLAG_ORIGIN,
	  "[POLICY]", 1, "put a policy (SASSER unless named) in force" },
	{ "disable", cmd_disable, FLAG_RUNTIME | FLAG_FORCE | FLAG_EVERYWHERE |
	  FLAG_ORIGIN, NULL, 0, "take the policy away" },
	{ "confirm", cmd_confirm, 0,
	  NULL, 0, "keep the policy that is on trial" },
	{ "refresh", cmd_refresh, FLAG_FORCE,
	  NULL, 0, "make the kernel agree with the files" },
	{ "status", cmd_status, FLAG_JSON,
	  NULL, 0, "what is in force; the same as no command" },
	{ "counters", cmd_counters, FLAG_JSON,
	  NULL, 0, "what the filters matched" },
	{ "reset", cmd_reset, FLAG_JSON,
	  NULL, 0, "start the counters again at zero, print their totals" },
	{ "monitor", cmd_monitor, FLAG_JSON,
	  NULL, 0, "follow changes of the policy, a line each" },
	{ "metrics", cmd_metrics, 0,
	  NULL, 0, "counters and state in Prometheus' text format" },
	{ "policy", cmd_policy, FLAG_ORIGIN | FLAG_REPLACE | FLAG_FORMAT |
	  FLAG_JSON, "list|show|import|export|delete [NAME|FILE...]", MANY,
	  "the pool of filters and policies" },
	{ "domain", cmd_domain, 0,
	  "set|clear [FILE]", 2, "take or drop all that the domain assigns" },
	{ "gpo", cmd_gpo, 0,
	  "register|unregister|status", 2, "whether Group Policy assigns policies here" },
	{ "version", cmd_version, 0,
	  NULL, 0, "versions of this tool and of the module" },
	{ "help", cmd_help, 0,
	  "[COMMAND]", 1, "this text, or more about one command" },
};

static char first[MESSAGE_LEN];

/* Keeps what it said, up to the next time. */
static const char *say(const char *fmt, va_list args)
{
	/* all reasons of the guards */
	static char said[16 * MESSAGE_LEN];
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

static int no_command(const char *name)
{
	char shown[VISIBLE_LEN];

	complain("there is no command \"%s\". See: sasserctl help",
		 visible(shown, name));
	return USAGE;
}

static int cmd_help(const struct request *request)
{
	const struct command *command;

	if (request->argument) {
		command = find(request->argument);
		if (!command)
			return no_command(request->argument);
		options_print(command);
		return DONE;
	}
	puts("Usage: sasserctl [COMMAND]\n\n"
	     "Blocks the ports of worms that spread over SMB.\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-10s%s\n", commands[i].name, commands[i].summary);
	puts("\nMore: sasserctl help COMMAND, man 8 sasserctl");
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
	ret = options_parse(command, argc, argv, &request);
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
