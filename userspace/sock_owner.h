/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which process has a socket open. */
#ifndef SASSER_SOCK_OWNER_H
#define SASSER_SOCK_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "sockets.h"

/* Tests have a place of their own. */
#ifndef PROC_DIR
#define PROC_DIR	"/proc"
#endif

/*
 * Sets .owner of all, by one look at what all processes have open. Of several
 * processes it is the oldest, but not PID 1, which keeps many for others.
 * Returns 0, or -1 after having complained.
 */
int sock_owners(struct sockets *sockets);

/* The process that an entry of PROC_DIR is named for, or 0. */
pid_t proc_pid(const char *name);

/* The name of a process, visible; "" if it is gone. */
void proc_comm(char *buf, size_t size, pid_t pid);

/* Calls @fn with each socket that @pid has open, until it returns true. */
bool proc_sockets(pid_t pid, bool (*fn)(uint32_t inode, void *arg), void *arg);

#endif /* SASSER_SOCK_OWNER_H */
