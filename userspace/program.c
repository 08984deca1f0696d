// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"
#include "sasserctl.h"

static void become(char *const argv[], int out, int err, rlim_t max)
{
	const struct rlimit limit = { max, max };
	int null = open("/dev/null", O_RDONLY);

	/* execvp(3) looks in the PATH that is in force by then. */
	if (!clearenv() &&
	    !setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1) &&
	    !setenv("LC_ALL", "C", 1) && null >= 0 && dup2(null, 0) >= 0 &&
	    dup2(out, 1) >= 0 && dup2(err, 2) >= 0 &&
	    (max == RLIM_INFINITY || !setrlimit(RLIMIT_FSIZE, &limit)))
		execvp(argv[0], argv);
	_exit(PROGRAM_NONE);
}

/* Returns false if it took too long, and was ended. */
static bool wait_for(pid_t child, unsigned int seconds, int *status)
{
	int fd = (int)syscall(SYS_pidfd_open, child, 0U);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	bool in_time = true;

	/* Without a descriptor it is waited for as long as it takes. */
	if (fd >= 0) {
		in_time = poll(&poll_fd, 1, (int)seconds * 1000) != 0;
		if (!in_time)
			kill(child, SIGKILL);
		close(fd);
	}
	while (waitpid(child, status, 0) < 0 && errno == EINTR)
		;
	return in_time;
}

static char *read_back(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *text = len < 0 ? NULL : malloc((size_t)len + 1);
	ssize_t got;

	if (!text) {
		complain("out of memory");
		exit(FAILED);
	}
	got = pread(fd, text, (size_t)len, 0);
	text[got < 0 ? 0 : got] = '\0';
	return text;
}

static int run(char *const argv[], unsigned int seconds,
	       struct program *program, int out, int err, rlim_t max)
{
	pid_t child = fork();

	if (!child)
		become(argv, out, err, max);
	if (child < 0)
		return -1;
	program->in_time = wait_for(child, seconds, &program->status);
	program->out = read_back(out);
	program->err = read_back(err);
	return 0;
}

static int run_with(char *const argv[], unsigned int seconds,
		    struct program *program, rlim_t max)
{
	int out = memfd_create("out", MFD_CLOEXEC);
	int err = memfd_create("err", MFD_CLOEXEC);
	int ret = -1, error;

	memset(program, 0, sizeof(*program));
	if (out >= 0 && err >= 0)
		ret = run(argv, seconds, program, out, err, max);
	error = errno;
	if (out >= 0)
		close(out);
	if (err >= 0)
		close(err);
	errno = error;
	return ret;
}

int program_run(char *const argv[], unsigned int seconds,
		struct program *program)
{
	return run_with(argv, seconds, program, PROGRAM_OUTPUT_MAX);
}

int program_run_trusted(char *const argv[], unsigned int seconds,
			struct program *program)
{
	return run_with(argv, seconds, program, RLIM_INFINITY);
}

void program_free(struct program *program)
{
	free(program->out);
	free(program->err);
	memset(program, 0, sizeof(*program));
}

bool program_succeeded(const struct program *program)
{
	return program->in_time && WIFEXITED(program->status) &&
	       !WEXITSTATUS(program->status);
}

const char *program_last_line(char *text)
{
	size_t len = strlen(text);
	char *line;

	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}
