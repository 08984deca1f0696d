/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets of a network namespace, by the kernel's inet_diag. */
#ifndef SASSER_SOCK_DIAG_H
#define SASSER_SOCK_DIAG_H

#include <stdint.h>

#include "sockets.h"

struct nl_sock;

struct nl_sock *sock_diag_open(void);

/*
 * Appends those of both families that are in one of @states, a bit each, but
 * no TIME_WAIT. Returns 0, or -1 after having complained.
 */
int sock_diag_list(struct nl_sock *sock, uint8_t protocol, uint32_t states,
		   struct sockets *sockets);

/* Returns 0 or an errno: ENOENT if it is gone, EOPNOTSUPP if it can't be. */
int sock_diag_destroy(struct nl_sock *sock, const struct sock_entry *entry);

/* Ends the program if there is no memory. */
void sockets_add(struct sockets *sockets, const struct sock_entry *entry);

#endif /* SASSER_SOCK_DIAG_H */
