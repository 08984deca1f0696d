/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command takes: options and arguments. */
#ifndef SASSER_OPTIONS_H
#define SASSER_OPTIONS_H

#include "sasserctl.h"

#define MANY	1000

struct command {
	const char *name;
	int (*run)(const struct request *request);
	unsigned int flags;	/* that it takes */
	const char *argument;	/* as the usage has it, or NULL */
	int n_arguments;	/* at most */
	const char *summary;
};

/*
 * Returns DONE, USAGE after having said why, or -1 where help was asked for and
 * given.
 */
int options_parse(const struct command *command, int argc, char **argv,
		  struct request *request);

/* On standard output: how it is called, and what its options do. */
void options_print(const struct command *command);

#endif /* SASSER_OPTIONS_H */
