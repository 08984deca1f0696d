/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this process is on this host: its rights, its namespace, its place. */
#ifndef SASSER_HOST_H
#define SASSER_HOST_H

#include <stdbool.h>

enum host_netns {
	NETNS_INITIAL,		/* that of PID 1, which the files speak for */
	NETNS_OTHER,
	NETNS_UNKNOWN,		/* not allowed to compare */
};

enum host_netns host_netns(void);

/* Each returns 0, or -1 after having complained on behalf of @command. */
int host_may_change(const char *command);
int host_files_speak(const char *command, bool has_runtime);

/*
 * Wait until no other sasserctl changes anything here, LOCK_SECONDS at most; held
 * until host_keep_service(), or until this process ends. Only root, and only in the
 * initial namespace, shares anything with another: elsewhere this does nothing.
 */
#define LOCK_SECONDS	20
int host_lock(void);

/* One line in the journal: who, and what was in force before and after. */
void host_journal(const char *command, const char *before, const char *after);

/* On standard output: when the files will have their way again. */
void host_tell_next_refresh(void);

/* Why sasser.service would not put a policy in force at boot, or NULL. */
const char *host_boot_gap(void);

/*
 * Enable and start sasser.service where it is off. Says so, and does not fail.
 * Comes last: it gives the lock back, since that unit's refresh waits for it.
 */
void host_keep_service(void);

#endif /* SASSER_HOST_H */
