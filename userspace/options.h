/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command takes: options, arguments, and words of its own. */
#ifndef SASSER_OPTIONS_H
#define SASSER_OPTIONS_H

#include "sasserctl.h"

struct command {
	const char *name;
	int (*run)(const struct request *request);
	unsigned int flags;	/* that it takes */
	const char *argument;	/* that it takes, or NULL */
	bool needed;		/* the argument */
	const char *summary;
	const struct command *subcommands;	/* up to one without a name */
};

/*
 * Returns DONE, USAGE after having said why, or -1 where help was asked for and
 * given.
 */
int options_parse(const struct command *command, int argc, char **argv,
		  struct request *request);

void options_print_command(const struct command *command);

int wrong_usage(const char *fmt, ...) __printf(1, 2);

#endif /* SASSER_OPTIONS_H */
