// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Assigns SASSER with a filter more for each of permit and block, and 1,024
 * remote prefixes. Those that hold the address of the packets are among them,
 * and block.
 */
#include <stdio.h>
#include <string.h>

#include "../genl.h"
#include "../netns.h"

#define NETS	511	/* of each family, that hold nothing of interest */

static struct remote remote[SASSER_REMOTES_MAX];
static const struct range port[] = { { 445, 445 } };

int main(void)
{
	struct filter filter[] = {
		policy_sasser.filter[0], policy_sasser.filter[1],
		{ "trusted", SASSER_DIRECTION_IN, SASSER_PROTOCOL_TCP,
		  SASSER_ACTION_PERMIT, 1, port, 2 * NETS, remote },
		{ "one", SASSER_DIRECTION_IN, SASSER_PROTOCOL_TCP,
		  SASSER_ACTION_BLOCK, 1, port, 2, remote + 2 * NETS },
	};
	struct policy policy = policy_sasser;
	unsigned int i, n = 0;
	struct genl genl;
	char text[64];

	for (i = 0; i < NETS - 1; i++) {
		snprintf(text, sizeof(text), "%u.%u.%u.0/24",
			 i % 2 ? 100 : 198, i / 256, i % 256);
		remote[n++] = remote_of(text);
		snprintf(text, sizeof(text), "2001:%x:%x::/48",
			 i % 2 ? 0xdb7 : 0xdb9, i);
		remote[n++] = remote_of(text);
	}
	remote[n++] = remote_of("192.0.2.0/24");
	remote[n++] = remote_of("2001:db8::/64");
	remote[n++] = remote_of("192.0.2.2/32");
	remote[n++] = remote_of("2001:db8::2/128");

	policy.name = "PREFIXES";
	policy.n_filters = 4;
	policy.filter = filter;
	genl_open(&genl);
	if (n != SASSER_REMOTES_MAX || policy_set(&genl, &policy))
		die("no policy with %u prefixes: %s", n, genl.message);
	return 0;
}
