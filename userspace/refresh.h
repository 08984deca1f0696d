/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "refresh" does, for others that have changed the files. */
#ifndef SASSER_REFRESH_H
#define SASSER_REFRESH_H

#include "model.h"

/*
 * With the lock held: make the kernel agree with the files, on behalf of
 * @command, record and print what came of it, behind what was @fetched before,
 * or NULL. Returns an exit status: @ret, if that failed already.
 */
int refresh_now(const char *command, const char *fetched, int ret);

/*
 * Keep what came of a refresh, @ret, for others to see; .message is what was
 * done. So it may yet fail.
 */
int refresh_record(struct refresh *refresh, int ret);

#endif /* SASSER_REFRESH_H */
