// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "fuzz.h"
#include "import.h"
#include "policy_values.h"
#include "imports.h"
#include "userspace_valid.h"
#include "words.h"

char *imports_text(const uint8_t *data, size_t size)
{
	return copied_bytes((const char *)data, size);
}

void imports_parse(struct policy_file *file, const char *text, size_t size)
{
	policy_file_init(file, "file", POOL_LOCAL);
	policy_file_parse(file, text, size);
}

void imports_check_same(const struct policy_file *a, const struct policy_file *b)
{
	fuzz_check(!a->bad && !b->bad, "refused", a->bad ? a->reason : b->reason);
	fuzz_check(a->n_filters == b->n_filters &&
		   a->n_policies == b->n_policies, "another number", "");
	for (size_t i = 0; i < a->n_filters; i++)
		fuzz_check(filter_equal(&a->filters[i].filter,
					&b->filters[i].filter) &&
			   !strcmp(a->filters[i].description,
				   b->filters[i].description),
			   "another filter", a->filters[i].filter.name);
	for (size_t i = 0; i < a->n_policies; i++) {
		const struct pool_policy *x = &a->policies[i];
		const struct pool_policy *y = &b->policies[i];

		fuzz_check(!strcmp(x->name, y->name) &&
			   !strcmp(x->description, y->description) &&
			   x->n_filters == y->n_filters && x->mode == y->mode &&
			   x->match == y->match && x->scope == y->scope &&
			   x->expires == y->expires &&
			   x->expires_action == y->expires_action,
			   "another policy", x->name);
		for (size_t j = 0; j < x->n_filters; j++)
			fuzz_check(!strcmp(x->filters[j], y->filters[j]),
				   "a policy of other filters", x->name);
	}
}

static void check_filter(const struct filter *filter)
{
	fuzz_check(!name_wrong(filter->name) &&
		   word_direction(filter->direction) &&
		   word_protocol(filter->protocol) &&
		   word_action(filter->action) && filter->n_ranges &&
		   filter->n_ranges <= SASSER_RANGES_MAX &&
		   filter->n_remotes <= SASSER_REMOTES_MAX,
		   "a filter of nothing", filter->name);
	for (size_t i = 0; i < filter->n_ranges; i++)
		fuzz_check(filter->ranges[i].first &&
			   filter->ranges[i].first <= filter->ranges[i].last,
			   "a range of nothing", filter->name);
	for (size_t i = 0; i < filter->n_remotes; i++) {
		struct prefix prefix = filter->remotes[i];

		fuzz_check(!prefix_trim(&prefix), "bits behind a prefix",
			   filter->name);
	}
}

static char *written(const struct pool_policy *policy,
		     const struct policy *built,
		     void (*write)(FILE *out, const struct pool_policy *policy,
				   const struct policy *built))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	write(out, policy, built);
	fclose(out);
	fuzz_valid(text_wrong(text, 0), text);
	return text;
}

/* A policy that has all its filters in the file, for elsewhere. */
static void check_exports(const struct policy_file *file,
			  const struct pool_policy *policy)
{
	struct filter filters[SASSER_FILTERS_MAX];
	struct policy built = {
		.mode = policy->mode, .match = policy->match,
		.scope = policy->scope, .filters = filters,
	};
	struct policy_file again;
	size_t ports = 0;
	char *text;

	memcpy(built.name, policy->name, NAME_LEN);
	for (size_t i = 0; i < policy->n_filters; i++) {
		const struct pool_filter *filter =
			policy_file_filter(file, policy->filters[i]);

		if (!filter)
			return;
		for (size_t j = 0; j < filter->filter.n_ranges; j++)
			ports += filter->filter.ranges[j].last -
				 filter->filter.ranges[j].first;
		filters[built.n_filters++] = filter->filter;
	}
	free(written(policy, &built, export_nft));
	if (ports > 1000)
		return;	/* a line each, for each address */
	text = written(policy, &built, export_netsh);
	fuzz_check(is_netsh("x.conf", text), "no script", text);
	policy_file_init(&again, "script", POOL_LOCAL);
	import_netsh(&again, text, strlen(text));
	/* Where nothing can be said a policy is empty. */
	fuzz_check(!again.bad || strstr(again.reason, "a rule with a filter"),
		   again.reason, text);
	policy_file_free(&again);
	free(text);
}

void imports_check(const struct policy_file *file)
{
	struct policy_file again;
	char *text;

	fuzz_check_complaints(false);
	if (file->bad) {
		fuzz_check(file->bad_line && file->reason[0], "no reason", "");
		for (const char *c = file->reason; *c; c++)
			fuzz_check(*c >= ' ' && *c <= '~', "not visible",
				   file->reason);
		return;
	}
	for (size_t i = 0; i < file->n_filters; i++)
		check_filter(&file->filters[i].filter);
	for (size_t i = 0; i < file->n_policies; i++) {
		fuzz_check(!name_wrong(file->policies[i].name) &&
			   file->policies[i].n_filters, "a policy of nothing",
			   file->policies[i].name);
		check_exports(file, &file->policies[i]);
	}
	text = import_text(file);
	fuzz_valid(text_wrong(text, 0), text);
	imports_parse(&again, text, strlen(text));
	fuzz_check(!again.bad, again.reason, text);
	imports_check_same(&again, file);
	policy_file_free(&again);
	free(text);
}
