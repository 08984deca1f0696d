/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A namespace that swallows what is sent there, seen from the initial one. */
#ifndef _SASSER_TEST_SITE_H
#define _SASSER_TEST_SITE_H

#include "genl.h"

struct site {
	int netns;
	struct genl own;
	struct genl imposed;	/* asks about the policy imposed */
	struct genl listener;
};

void site_open(struct site *site);
void site_close(struct site *site);
void site_enter(const struct site *site);
void site_leave(void);
bool site_is(const struct site *site, const char *name);
int impose(struct genl *genl, const struct policy *policy, uint32_t confirm);

#endif /* _SASSER_TEST_SITE_H */
