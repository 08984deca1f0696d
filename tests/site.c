// SPDX-License-Identifier: GPL-2.0-or-later
/* A namespace that swallows what is sent there, seen from the initial one. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netns.h"
#include "site.h"
#include "trials.h"

static int outside = -1;

/* From any namespace; site_leave() goes back there. */
void site_enter(const struct site *site)
{
	outside = netns_here();
	netns_enter(site->netns);
}

void site_leave(void)
{
	netns_enter(outside);
	close(outside);
}

void site_open(struct site *site)
{
	outside = netns_here();
	site->netns = dummy_create();
	genl_open(&site->own);
	genl_open(&site->imposed);
	site->imposed.imposed = true;
	genl_open(&site->listener);
	genl_join(&site->listener);
	site_leave();
}

/* Fine if it is closed. Nothing holds the namespace then. */
void site_close(struct site *site)
{
	if (!site->own.nl)
		return;
	genl_close(&site->own);
	genl_close(&site->imposed);
	genl_close(&site->listener);
	close(site->netns);
}

/* Does the traffic there show this policy, or "nothing"? */
bool site_is(const struct site *site, const char *name)
{
	const char *shown;

	site_enter(site);
	shown = in_force();
	site_leave();
	if (!strcmp(name, shown))
		return true;
	fprintf(stderr, "# in force is %s, not %s\n", shown, name);
	return false;
}

/* Assigns it everywhere. @confirm: on trial for so many seconds, or 0 */
int impose(struct genl *genl, const struct policy *policy, uint32_t confirm)
{
	struct policy copy = *policy;

	copy.scope = SASSER_SCOPE_EVERYWHERE;
	return try_policy(genl, &copy, confirm);
}
