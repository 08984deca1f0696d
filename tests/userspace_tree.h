/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look at what a test has made, and remove it. */
#ifndef USERSPACE_TREE_H
#define USERSPACE_TREE_H

#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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

/* All that a file has; "" if it is not there. Until the next call. */
static inline char *text_of(const char *file)
{
	static char text[65536];
	FILE *from = fopen(file, "re");

	memset(text, 0, sizeof(text));
	if (from && !fread(text, 1, sizeof(text) - 1, from))
		text[0] = '\0';
	if (from)
		fclose(from);
	return text;
}

#endif /* USERSPACE_TREE_H */
