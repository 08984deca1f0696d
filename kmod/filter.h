/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SASSER_FILTER_H
#define _SASSER_FILTER_H

#include <linux/types.h>

#include <linux/sasser.h>

struct sasser_range {
	u16 first;	/* host byte order */
	u16 last;
};

struct sasser_remote {
	u8 addr[16];	/* network byte order; of IPv4 the first four bytes */
	u8 family;	/* enum sasser_hook_family */
	u8 len;		/* bits; those of @addr behind them are 0 */
};

struct sasser_filter {
	char name[SASSER_NAME_MAX + 1];
	u8 direction;
	u8 protocol;
	u8 action;
	u16 rank;	/* in the order in which filters win */
	unsigned int n_ranges;
	unsigned int n_remotes;
	struct sasser_range *range;	/* into the policy's arrays */
	struct sasser_remote *remote;
};

#endif /* _SASSER_FILTER_H */
