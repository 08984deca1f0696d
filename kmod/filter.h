/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SASSER_FILTER_H
#define _SASSER_FILTER_H

#include <linux/types.h>

#include <linux/sasser.h>

struct sasser_range {
	u16 first;	/* host byte order */
	u16 last;
};

struct sasser_filter {
	char name[SASSER_NAME_MAX + 1];
	u8 direction;
	u8 protocol;
	u8 action;
	unsigned int n_ranges;
	struct sasser_range *range;	/* into the policy's array */
};

#endif /* _SASSER_FILTER_H */
