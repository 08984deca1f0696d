/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a file that decides what this host blocks: nobody but root, or who
 * runs this, may be able to write it.
 */
#ifndef SASSER_SAFE_FILE_H
#define SASSER_SAFE_FILE_H

#include <stddef.h>

#define SAFE_FILE_MAX	1048576	/* bytes */

/*
 * All of a regular file, with a NUL behind its @len bytes; free(3) it. Neither
 * follows a symlink nor waits for anybody. Returns NULL with the reason in
 * @why, or with @why NULL where there is no such file.
 */
char *safe_read(const char *path, size_t *len, const char **why);

/* The same from a descriptor, of whatever kind. */
char *fd_read(int fd, size_t *len, const char **why);

/* The same for any file that is to be imported: whoever wrote it. */
char *any_read(const char *path, size_t *len, const char **why);

/* Why what lies in the directory @path can't be trusted, or NULL. */
const char *safe_directory(const char *path);

#endif /* SASSER_SAFE_FILE_H */
