// SPDX-License-Identifier: GPL-2.0-or-later
/* What a script of netsh ipsec static means, in filters and policies. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_netsh.h"
#include "policy_values.h"
#include "sasserctl.h"
#include "visible.h"

#define DESCRIPTION_MAX	160	/* characters: an INI line is no longer */

/* ---- names and descriptions */

/* @name with the characters that a name may have. */
static void plain_name(char plain[NAME_LEN], const char *name,
		       const char *otherwise)
{
	size_t n = 0;

	for (; *name && n < NAME_LEN - 8; name++)
		if (isalnum((unsigned char)*name) ||
		    (n && strchr("._-", *name)))
			plain[n++] = *name;
		else if (n && plain[n - 1] != '-')
			plain[n++] = '-';
	while (n && !isalnum((unsigned char)plain[n - 1]))
		n--;
	plain[n] = '\0';
	if (!n)
		snprintf(plain, NAME_LEN, "%s", otherwise);
}

static bool is_taken(const struct policy_file *file, bool policy,
		     const char *name)
{
	return policy ? !!policy_file_policy(file, name) :
			!!policy_file_filter(file, name);
}

static void unique_name(char into[NAME_LEN], const struct policy_file *file,
			bool policy, const char *name)
{
	char plain[NAME_LEN];

	plain_name(plain, name, policy ? "policy" : "filter");
	snprintf(into, NAME_LEN, "%s", plain);
	for (unsigned int i = 2; is_taken(file, policy, into); i++)
		snprintf(into, NAME_LEN, "%.56s-%u", plain, i % 100000);
}

/* A description, or else the name that could not be kept. */
static char *describe(const char *text, const char *name, const char *kept)
{
	char *copy = copied(*text ? text : strcmp(name, kept) ? name : "");

	if (strlen(copy) > DESCRIPTION_MAX)
		copy[DESCRIPTION_MAX] = '\0';
	squeeze_blanks(copy);
	make_visible(copy, '?');
	for (char *c = copy; *c; c++)
		if (*c == ';')
			*c = ',';	/* it would begin a comment */
	return copy;
}

/* ---- filters */

static bool same_remote(const struct netsh_entry *a,
			const struct netsh_entry *b)
{
	return a->has_remote == b->has_remote &&
	       (!a->has_remote ||
		!memcmp(&a->remote, &b->remote, sizeof(a->remote)));
}

/*
 * The entries of a list, each once, with both directions in one, and no port
 * besides all of them.
 */
static struct netsh_entry *fold(const struct netsh_list *list, size_t *n)
{
	struct netsh_entry *folded = NULL;

	*n = 0;
	for (size_t i = 0; i < list->n; i++) {
		const struct netsh_entry *entry = &list->entries[i];
		size_t j = 0;

		while (j < *n && !(folded[j].protocol == entry->protocol &&
				   folded[j].port == entry->port &&
				   same_remote(&folded[j], entry)))
			j++;
		if (j < *n) {
			folded[j].direction |= entry->direction;
			continue;
		}
		folded = grown(folded, *n, sizeof(*folded));
		folded[(*n)++] = *entry;
	}
	return folded;
}

static const char *add_port(struct filter *filter, uint16_t port)
{
	struct range range = { port, port };

	if (!port) {
		filter->n_ranges = 0;
		range = (struct range){ 1, UINT16_MAX };
	} else if (filter->n_ranges == 1 &&
		   filter->ranges[0].last - filter->ranges[0].first ==
		   UINT16_MAX - 1) {
		return NULL;
	}
	return filter_add_range(filter, &range);
}

/* All ports of the entries like the first one. Takes them out. */
static const char *take_ports(struct filter *filter,
			      struct netsh_entry *entries, size_t *n)
{
	const struct netsh_entry first = entries[0];
	const char *wrong = NULL;
	size_t left = 0;

	filter->direction = first.direction;
	filter->protocol = first.protocol;
	if (first.has_remote)
		wrong = filter_add_remote(filter, &first.remote);
	for (size_t i = 0; i < *n; i++)
		if (entries[i].direction == first.direction &&
		    entries[i].protocol == first.protocol &&
		    same_remote(&entries[i], &first))
			wrong = wrong ?: add_port(filter, entries[i].port);
		else
			entries[left++] = entries[i];
	*n = left;
	return wrong;
}

/* Whether two filters differ in their remote prefixes alone. */
static bool same_but_remotes(const struct filter *a, const struct filter *b)
{
	struct filter x = *a, y = *b;

	if (!a->n_remotes || !b->n_remotes)
		return false;
	x.n_remotes = 0;
	y.n_remotes = 0;
	memcpy(x.name, y.name, NAME_LEN);
	return filter_equal(&x, &y);
}

static const char *add_filter(struct netsh *netsh, const struct netsh_list *list,
			      size_t first, struct filter *filter)
{
	struct policy_file *file = netsh->file;
	struct pool_filter *added;

	for (size_t i = first; i < file->n_filters; i++)
		if (same_but_remotes(&file->filters[i].filter, filter)) {
			const char *wrong =
				filter_add_remote(&file->filters[i].filter,
						  &filter->remotes[0]);

			filter_free(filter);
			return wrong;
		}
	unique_name(filter->name, file, false, list->name);
	file->filters = grown(file->filters, file->n_filters,
			      sizeof(*file->filters));
	added = &file->filters[file->n_filters++];
	*added = (struct pool_filter){
		.filter = *filter, .origin = file->origin, .file = file->path,
		.description = describe(list->description, list->name,
					filter->name),
	};
	return NULL;
}

/* Filters of @list with that action, from @first on in the file. */
static const char *add_filters(struct netsh *netsh,
			       const struct netsh_list *list, uint8_t action,
			       size_t first)
{
	size_t n;
	struct netsh_entry *entries = fold(list, &n);
	const char *wrong = NULL;

	while (n && !wrong) {
		struct filter filter = { .action = action };

		wrong = take_ports(&filter, entries, &n);
		if (wrong)
			filter_free(&filter);
		else
			wrong = add_filter(netsh, list, first, &filter);
	}
	free(entries);
	return wrong;
}

/* ---- policies */

/* Which filters of the file a list has become, with an action. */
struct made {
	size_t list;
	uint8_t action;
	size_t first;
	size_t end;
};

static const char *use_list(struct netsh *netsh, const struct netsh_rule *rule,
			    struct made *made, size_t *n_made,
			    struct made *result)
{
	const char *wrong;

	for (size_t i = 0; i < *n_made; i++)
		if (made[i].list == rule->list &&
		    made[i].action == rule->action) {
			*result = made[i];
			return NULL;
		}
	result->list = rule->list;
	result->action = rule->action;
	result->first = netsh->file->n_filters;
	wrong = add_filters(netsh, &netsh->lists[rule->list], rule->action,
			    result->first);
	result->end = netsh->file->n_filters;
	made[(*n_made)++] = *result;
	return wrong;
}

static const char *use_filter(struct pool_policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_filters; i++)
		if (!strcmp(policy->filters[i], name))
			return NULL;
	if (policy->n_filters == SASSER_FILTERS_MAX)
		return "is one too many: a policy takes 256 filters";
	policy->filters = grown(policy->filters, policy->n_filters,
				sizeof(*policy->filters));
	policy->filters[policy->n_filters++] = copied(name);
	return NULL;
}

static void build_policy(struct netsh *netsh, const struct netsh_policy *from,
			 struct made *made, size_t *n_made)
{
	struct policy_file *file = netsh->file;
	struct pool_policy *policy;
	char shown[VISIBLE_LEN];
	const char *wrong = NULL;
	struct made use;

	file->policies = grown(file->policies, file->n_policies,
			       sizeof(*file->policies));
	policy = &file->policies[file->n_policies];
	*policy = (struct pool_policy){
		.mode = SASSER_MODE_ENFORCE, .match = SASSER_MATCH_AUTO,
		.scope = SASSER_SCOPE_HOST, .origin = file->origin,
		.file = file->path,
	};
	unique_name(policy->name, file, true, from->name);
	policy->description = describe(from->description, from->name,
				       policy->name);
	file->n_policies++;
	for (size_t i = 0; i < netsh->n_rules && !wrong; i++) {
		if (strcasecmp(netsh->rules[i].policy, from->name) != 0)
			continue;
		wrong = use_list(netsh, &netsh->rules[i], made, n_made, &use);
		for (size_t j = use.first; j < use.end && !wrong; j++)
			wrong = use_filter(policy,
					   file->filters[j].filter.name);
	}
	if (!wrong && !policy->n_filters)
		wrong = "is missing: a rule with a filter";
	if (wrong)
		policy_file_refuse(file, from->line, "the policy \"%s\": something in it %s",
				   visible(shown, from->name), wrong);
}

void netsh_build(struct netsh *netsh)
{
	struct made *made = calloc(netsh->n_rules + 1, sizeof(*made));
	size_t n_made = 0;

	if (!made) {
		complain("out of memory");
		exit(FAILED);
	}
	if (!netsh->n_policies)
		policy_file_refuse(netsh->file, netsh->line ?: 1,
				   "no policy is added by \"netsh ipsec static add policy\"");
	for (size_t i = 0; i < netsh->n_policies && !netsh->file->bad; i++)
		build_policy(netsh, &netsh->policies[i], made, &n_made);
	free(made);
}
