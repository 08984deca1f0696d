/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SASSER_FILE_H
#define SASSER_FILE_H

/*
 * Replace @path by @text: whoever opens it, even after a crash, finds the old
 * text or the new one. Makes the directory (but not the one above it).
 * Returns 0, or -1 after having complained.
 */
int file_replace(const char *path, const char *text);

/* Remove @path. Returns 1, 0 if it was not there, or -1 after a complaint. */
int file_remove(const char *path);

/* Returns 0, or -1 after having complained; so do the others. */
int file_make_directory(const char *path);
int file_remove_tree(const char *path);

/*
 * Each in the other's place, by one rename: whoever looks, even after a crash,
 * finds one of both. They stand in the same directory.
 */
int file_exchange(const char *path, const char *other);

#endif /* SASSER_FILE_H */
