/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process of its own finds, without the harness. */
#ifndef _SASSER_TEST_CHILD_H
#define _SASSER_TEST_CHILD_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Return: did @test find everything right? */
static inline bool in_child(bool (*test)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(!test());
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
}

/* For functions that return false where something is wrong. */
#define CHECK(condition) do {						\
	if (!(condition)) {						\
		fprintf(stderr, "# line %d: " #condition ": %m\n",	\
			__LINE__);					\
		return false;						\
	}								\
} while (0)

#endif /* _SASSER_TEST_CHILD_H */
