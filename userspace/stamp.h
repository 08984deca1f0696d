/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of the last refresh, for status and metrics. */
#ifndef SASSER_STAMP_H
#define SASSER_STAMP_H

#include "model.h"

/* Tests have a place of their own. */
#ifndef RUN_DIR
#define RUN_DIR		"/run/sasser"
#endif
#define LAST_REFRESH	RUN_DIR "/last_refresh"
/* The first refresh after a boot that came to its end; make install leaves it, too. */
#define BOOTED		RUN_DIR "/booted"
/* What came of the last text of the domain's; gone with another assignment. */
#define LAST_DOMAIN	RUN_DIR "/last_domain"
/* What came of the last "refresh --force", as far as fetching goes. */
#define LAST_FETCH	RUN_DIR "/last_fetch"

/* Returns 0, or -1 after having complained. */
int stamp_write(const char *path, const struct refresh *refresh);

/* Leaves .time at 0 where there is no record, or none that can be read. */
void stamp_read(const char *path, struct refresh *refresh);

#endif /* SASSER_STAMP_H */
