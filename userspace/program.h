/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run another program, and take what it prints. */
#ifndef SASSER_PROGRAM_H
#define SASSER_PROGRAM_H

#include <stdbool.h>

struct program {
	bool in_time;		/* false: it took too long, and was ended */
	int status;		/* as of waitpid(2) */
	char *out;		/* on standard output */
	char *err;
};

#define PROGRAM_NONE	127	/* its exit status if it could not be run */

/*
 * argv[0] is its path, or a name that is looked for where the system has its
 * programs. It gets no environment but a PATH and the C locale, reads nothing,
 * prints so much at most, and has @seconds to end. Returns 0, or -1 with errno
 * if it could not be begun.
 */
#define PROGRAM_OUTPUT_MAX	(4UL << 20)
int program_run(char *const argv[], unsigned int seconds,
		struct program *program);
/* The same for one with files of its own, on which that limit would be, too. */
int program_run_trusted(char *const argv[], unsigned int seconds,
			struct program *program);
void program_free(struct program *program);

/* Of several lines the last one says what it came to; @text is spoilt. */
const char *program_last_line(char *text);

/* It ended by itself, and says that all went well. */
bool program_succeeded(const struct program *program);

#endif /* SASSER_PROGRAM_H */
