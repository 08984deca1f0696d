/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of policy files: of their text, so that comments stay. */
#ifndef SASSER_POLICY_TEXT_H
#define SASSER_POLICY_TEXT_H

#include "policy_file.h"
#include "pool_files.h"

/*
 * @text without the sections that @file, which was read from it, has no more.
 * Free it; it is "" if no section is left.
 */
char *policy_text_cut(const char *text, const struct policy_file *file);

/* Files to be written at once. */
struct edit {
	char *path;
	enum pool_origin origin;
	char *before;		/* NULL: there was no file */
	char *after;		/* NULL: remove it */
};

struct edits {
	struct edit *edit;
	size_t n;
};

/* Takes @after over. One path is edited once: the last one holds. */
void edits_add(struct edits *edits, const char *path, enum pool_origin origin,
	       char *after);
void edits_free(struct edits *edits);

/*
 * The pool as it would be after @edits. Returns NULL after having complained if
 * something were wrong there that is right now, in @before.
 */
struct pool *edits_try(const struct edits *edits, const struct pool *before);

/*
 * Write them: all, or where that fails none. Returns 0, or -1 after having
 * complained.
 */
int edits_write(const struct edits *edits);

#endif /* SASSER_POLICY_TEXT_H */
