// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "controllers.h"
#include "effect.h"
#include "guard.h"
#include "sasserctl.h"
#include "sockets.h"
#include "sweep.h"

/* All reasons in one message, a line each. */
static char *reasons_text(const struct guard *guard)
{
	size_t size = 0;
	char *text;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; out && i < guard->n; i++)
		fprintf(out, "\n- %s", guard->reason[i]);
	if (!out || fclose(out)) {
		complain("out of memory");
		exit(FAILED);
	}
	return text;
}

int effect_guarded(const struct policy *policy, const struct snapshot *before,
		   bool force, const char *way_out)
{
	struct guard guard = {};
	int ret = DONE;
	char *reasons;

	if (before->assigned &&
	    controllers_apart_same(policy, &before->policy))
		return DONE;
	if (guard_check(policy, &guard)) {
		guard_free(&guard);
		if (!force)
			complain("%s was not put in force: the guards could not look at this host.\n%s",
				 policy->name, way_out);
		return force ? DONE : FAILED;
	}
	if (!guard.n)
		return DONE;
	reasons = reasons_text(&guard);
	if (force) {
		warn("--force overrides what speaks against %s:%s",
		     policy->name, reasons);
	} else {
		complain("%s was not put in force:%s\n%s", policy->name,
			 reasons, way_out);
		ret = GUARDED;
	}
	free(reasons);
	guard_free(&guard);
	return ret;
}

static void list(FILE *out, const char *what, const struct sockets *sockets)
{
	char line[SOCK_LINE_LEN];

	for (size_t i = 0; i < sockets->n; i++)
		fprintf(out, "%s: %s\n", what,
			sock_describe(line, &sockets->entry[i]));
}

void effect_cut(const struct policy *policy, uint64_t generation, FILE *out)
{
	bool observe = policy->mode == SASSER_MODE_OBSERVE;
	struct cut cut;

	if (sockets_cut(policy, &cut))
		warn("%s is in force all the same; connections that it blocks may still be open.\n"
		     "See them: ss -tunp", policy->name);
	list(out, observe ? "open, would be closed" : "closed", &cut.closed);
	list(out, "open, remains", &cut.remain);
	if (cut.no_destroy)
		warn("this kernel can't close connections (it lacks CONFIG_INET_DIAG_DESTROY):\n"
		     "end their programs, or restart them.");
	if (cut.flows_unknown)
		warn("connections that DNAT sends on to containers could not be looked at.");
	if (cut.namespaces && policy->scope == SASSER_SCOPE_EVERYWHERE)
		fprintf(out, "Open connections were looked for in %zu network namespace%s.\n",
			cut.namespaces, cut.namespaces == 1 ? "" : "s");
	cut_free(&cut);
	/* The other process must not print again what this one has. */
	if (!observe && !fflush(stdout))
		sockets_sweep_later(policy, generation);
}
