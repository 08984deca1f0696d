// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "sasserctl.h"

static void directory_of(char dir[PATH_MAX], const char *path)
{
	snprintf(dir, PATH_MAX, "%s", path);
	*strrchr(dir, '/') = '\0';
}

/* A rename or an unlink is safe only once its directory is on the disk. */
static int sync_directory(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = fd < 0 ? -1 : fsync(fd);

	if (ret)
		complain("cannot sync the directory %s: %s", dir,
			 strerror(errno));
	if (fd >= 0)
		close(fd);
	return ret;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(fd, text, left);

		if (n < 0)
			return -1;
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* The directory of @path, and those above it. */
static void make_directories(const char *path)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s", path);
	for (char *slash = strchr(dir + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (!mkdir(dir, 0755))
			chmod(dir, 0755);	/* whatever the umask */
		*slash = '/';
	}
}

int file_make_directory(const char *path)
{
	char inside[PATH_MAX + 2];

	snprintf(inside, sizeof(inside), "%s/", path);
	make_directories(inside);
	if (!access(path, F_OK))
		return sync_directory(path);
	complain("cannot make the directory %s: %s", path, strerror(errno));
	return -1;
}

int file_remove_tree(const char *path)
{
	/*
	 * Not FTW_MOUNT: on an overlay, a live system's root, files are of
	 * another device than their directory, and would be left out.
	 */
	if (!nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) ||
	    errno == ENOENT)
		return 0;
	complain("cannot remove %s: %s", path, strerror(errno));
	return -1;
}

static int exchange(const char *path, const char *other)
{
	return renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE);
}

int file_exchange(const char *path, const char *other)
{
	char dir[PATH_MAX];

	if (exchange(path, other)) {
		bool incapable = errno == EINVAL || errno == EXDEV;

		complain("cannot put %s in the place of %s: %s", path, other,
			 strerror(errno));
		if (incapable)
			complain("this file system can't exchange two directories; ext4, xfs, btrfs and tmpfs can");
		return -1;
	}
	directory_of(dir, path);
	if (!sync_directory(dir))
		return 0;
	exchange(path, other);
	return -1;
}

int file_replace(const char *path, const char *text)
{
	char dir[PATH_MAX], temp[PATH_MAX + 16];
	int fd;

	make_directories(path);
	directory_of(dir, path);
	if (access(dir, F_OK)) {
		complain("cannot make the directory %s: %s", dir,
			 strerror(errno));
		return -1;
	}
	snprintf(temp, sizeof(temp), "%s/.sasser.XXXXXX", dir);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		complain("cannot write in %s: %s", dir, strerror(errno));
		return -1;
	}
	if (write_all(fd, text) || fchmod(fd, 0644) || fsync(fd)) {
		complain("cannot write %s: %s", path, strerror(errno));
		close(fd);
		unlink(temp);
		return -1;
	}
	close(fd);
	if (rename(temp, path)) {
		complain("cannot replace %s: %s", path, strerror(errno));
		unlink(temp);
		return -1;
	}
	return sync_directory(dir);
}

int file_remove(const char *path)
{
	char dir[PATH_MAX];

	if (unlink(path)) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		complain("cannot remove %s: %s", path, strerror(errno));
		return -1;
	}
	directory_of(dir, path);
	return sync_directory(dir) ? -1 : 1;
}
