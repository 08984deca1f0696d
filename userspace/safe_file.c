// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "safe_file.h"
#include "sasserctl.h"
#include "words.h"

#define OVERFLOW_ID	65534	/* of users that a user namespace does not know */

/* In a user namespace the host's root has no number of his own. */
static bool in_user_namespace(void)
{
	FILE *map = fopen("/proc/self/uid_map", "re");
	char line[64] = "";
	const char *at = line;
	uintmax_t number = 0;

	if (!map)
		return false;
	if (!fgets(line, sizeof(line), map))
		line[0] = '\0';
	fclose(map);
	/* "inside outside count", and the host has all 2^32 - 1 of them */
	for (int i = 0; i < 3; i++) {
		at = take_number(at + strspn(at, " "), UINT32_MAX, &number);
		if (!at)
			return false;
	}
	return number != UINT32_MAX;
}

static bool is_roots(unsigned int id)
{
	return !id || (id == OVERFLOW_ID && in_user_namespace());
}

static const char *who_may_write(const struct stat *st)
{
	if (st->st_uid != geteuid() && !is_roots(st->st_uid))
		return "it does not belong to root, so its owner could change what is blocked";
	if (st->st_mode & 0002)
		return "anybody may write it, and so change what is blocked; chmod o-w it";
	if (st->st_mode & 0020 && !is_roots(st->st_gid))
		return "a group may write it, and so change what is blocked; chmod g-w it";
	return NULL;
}

static const char *not_regular(mode_t mode)
{
	if (S_ISREG(mode))
		return NULL;
	if (S_ISLNK(mode))
		return "it is a symbolic link, no file";
	if (S_ISDIR(mode))
		return "it is a directory, no file";
	return "it is no regular file";
}

/* It may grow while it is read. */
char *fd_read(int fd, size_t *len, const char **why)
{
	char *text = malloc(SAFE_FILE_MAX + 2);
	size_t at = 0;
	ssize_t n;

	*why = NULL;
	if (!text) {
		*why = strerror(ENOMEM);
		return NULL;
	}
	do {
		n = read(fd, text + at, SAFE_FILE_MAX + 1 - at);
		at += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	if (n < 0)
		*why = strerror(errno);
	else if (at > SAFE_FILE_MAX)
		*why = "it is larger than 1 MiB";
	if (*why) {
		free(text);
		return NULL;
	}
	text[at] = '\0';
	*len = at;
	return text;
}

static char *read_file(const char *path, bool safe, size_t *len,
		       const char **why)
{
	char *text = NULL;
	struct stat st;
	int fd;

	*why = NULL;
	/* Opening alone may do something, where it is a device. */
	if (safe ? lstat(path, &st) : stat(path, &st)) {
		if (errno != ENOENT && errno != ENOTDIR)
			*why = strerror(errno);
		return NULL;
	}
	*why = not_regular(st.st_mode);
	if (*why)
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
		  (safe ? O_NOFOLLOW : 0));
	if (fd < 0) {
		if (errno != ENOENT)
			*why = strerror(errno);
		return NULL;
	}
	/* It may be another by now. */
	if (fstat(fd, &st))
		*why = strerror(errno);
	else
		*why = not_regular(st.st_mode);
	if (!*why && safe)
		*why = who_may_write(&st);
	if (!*why)
		text = fd_read(fd, len, why);
	close(fd);
	return text;
}

char *safe_read(const char *path, size_t *len, const char **why)
{
	return read_file(path, true, len, why);
}

char *any_read(const char *path, size_t *len, const char **why)
{
	return read_file(path, false, len, why);
}

const char *safe_directory(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno == ENOENT || errno == ENOTDIR ? NULL :
			strerror(errno);
	if (!S_ISDIR(st.st_mode))
		return "it is no directory";
	return who_may_write(&st);
}
