// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "effect.h"
#include "guard.h"
#include "sasserctl.h"
#include "sockets.h"
#include "sweep.h"

int effect_guarded(const struct policy *policy, const struct snapshot *before,
		   bool force, const char *way_out)
{
	struct guard guard = {};
	int ret = DONE;

	if (before->assigned &&
	    policy_blocks_the_same(policy, &before->policy))
		return DONE;
	if (guard_check(policy, &guard)) {
		guard_free(&guard);
		if (!force)
			complain("%s was not put in force: the guards could not look at this host.\n%s",
				 policy->name, way_out);
		return force ? DONE : FAILED;
	}
	if (guard.n && !force) {
		complain("%s was not put in force:\n- %s", policy->name,
			 guard.reason[0]);
		ret = GUARDED;
	} else if (guard.n) {
		warn("--force overrides what speaks against %s:\n- %s",
		     policy->name, guard.reason[0]);
	}
	for (size_t i = 1; i < guard.n; i++)
		warn("- %s", guard.reason[i]);
	if (ret)
		warn("%s", way_out);
	guard_free(&guard);
	return ret;
}

static void list(const char *what, const struct sockets *sockets)
{
	char line[SOCK_LINE_LEN];

	for (size_t i = 0; i < sockets->n; i++)
		printf("%s: %s\n", what,
		       sock_describe(line, &sockets->entry[i]));
}

void effect_cut(const struct policy *policy, uint64_t generation)
{
	bool observe = policy->mode == SASSER_MODE_OBSERVE;
	struct cut cut;

	if (sockets_cut(policy, &cut)) {
		warn("%s is in force all the same; connections that it blocks may still be open.\n"
		     "See them: ss -tunp", policy->name);
		return;
	}
	list(observe ? "open, would be closed" : "closed", &cut.closed);
	list("open, remains", &cut.remain);
	if (cut.no_destroy)
		warn("this kernel can't close connections (it lacks CONFIG_INET_DIAG_DESTROY):\n"
		     "end their programs, or restart them.");
	if (cut.flows_unknown)
		warn("connections that DNAT sends on to containers could not be looked at.");
	if (policy->scope == SASSER_SCOPE_EVERYWHERE)
		printf("Open connections were looked for in %zu network namespace%s.\n",
		       cut.namespaces, cut.namespaces == 1 ? "" : "s");
	cut_free(&cut);
	/* The other process must not print again what this one has. */
	if (!observe && !fflush(stdout))
		sockets_sweep_later(policy, generation);
}
