/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Remove what a test has made. */
#ifndef USERSPACE_TREE_H
#define USERSPACE_TREE_H

#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>

static inline int remove_one(const char *path, const struct stat *st, int type,
			     struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* The directory and all in it; true also if there was none. */
static inline bool remove_tree(const char *path)
{
	return !nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) ||
	       errno == ENOENT;
}

#endif /* USERSPACE_TREE_H */
