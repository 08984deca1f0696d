/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which row a packet belongs to: pure functions, no skb, no lock. */
#ifndef _SASSER_MATCH_H
#define _SASSER_MATCH_H

#include <linux/types.h>

struct sasser_block;

/* From here up a port may be an innocent's source port (rresvport, NFS). */
#define SASSER_PORT_OPENS_ONLY	512

/*
 * Port to row, in two steps: 256 pages of 256 ports. Pages without any port
 * share one, so the three ports of SASSER take 2 KiB and a look-up costs the
 * same for one port and for all 65,535.
 */
struct sasser_ports {
	u8 page[256];
	u16 row[][256];		/* index of the row + 1; 0: no filter */
};

enum sasser_hook_dir {
	SASSER_HOOK_IN,
	SASSER_HOOK_OUT,
	SASSER_HOOK_DIRS
};

enum sasser_hook_proto {
	SASSER_HOOK_TCP,
	SASSER_HOOK_UDP,
	SASSER_HOOK_PROTOS
};

/* A policy as the packet path sees it. */
struct sasser_match {
	/* NULL: no filter of that direction and protocol */
	struct sasser_ports *ports[SASSER_HOOK_DIRS][SASSER_HOOK_PROTOS];
	struct sasser_block __rcu *block;
	bool observe;
};

/* Index of the row + 1, or 0. The port is in host byte order. */
static inline unsigned int sasser_ports_find(const struct sasser_ports *ports,
					     u16 port)
{
	return ports->row[ports->page[port >> 8]][port & 0xff];
}

/* Does a TCP packet to a port that has a row match it? */
static inline bool sasser_tcp_matches(u16 port, bool opens)
{
	return opens || port < SASSER_PORT_OPENS_ONLY;
}

#endif /* _SASSER_MATCH_H */
