// SPDX-License-Identifier: GPL-2.0-or-later
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assignment.h"
#include "cmd_policy.h"
#include "export.h"
#include "sasserctl.h"
#include "visible.h"
#include "words.h"

#define HELP	"See: man 8 sasserctl"

static void warn_of_bad(const struct pool *pool)
{
	const char *bad;

	for (size_t i = 0; (bad = pool_bad(pool, i)); i++)
		warn("this file was left out: %s", bad);
}

/* ---- list */

static void put_cell(const char *text, int width)
{
	if ((int)strlen(text) > width)
		printf("%.*s~ ", width - 1, text);
	else
		printf("%-*s ", width, text);
}

static char *joined(const struct pool_policy *policy)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; out && i < policy->n_filters; i++)
		fprintf(out, "%s%s", i ? " " : "", policy->filters[i]);
	if (!out || fclose(out)) {
		complain("out of memory");
		exit(FAILED);
	}
	return text;
}

static void put_row(const struct pool_policy *policy)
{
	char *filters = joined(policy);
	char file[VISIBLE_LEN];

	put_cell(policy->name, 18);
	put_cell(word_pool_origin(policy->origin), 6);
	put_cell(word_mode(policy->mode), 7);
	put_cell(filters, 24);
	visible(file, basename(policy->file));
	if (strlen(file) > 21)
		printf("%.20s~\n", file);
	else
		puts(file);
	free(filters);
}

typedef void put_policy(const struct pool_policy *policy, void *arg);

/* Call @each with every policy that some assignment finds. */
static void each_policy(const struct pool *pool, put_policy *each,
			void *arg)
{
	const struct policy_file *file;

	for (size_t i = 0; (file = pool_files(pool, i)); i++)
		for (size_t j = 0; !file->bad && j < file->n_policies; j++) {
			const struct pool_policy *policy = &file->policies[j];
			const char *name = policy->name;

			if (pool_policy(pool, name, SASSER_ORIGIN_LOCAL) ==
			    policy ||
			    pool_policy(pool, name, SASSER_ORIGIN_DOMAIN) ==
			    policy)
				each(policy, arg);
		}
}

static void text_row(const struct pool_policy *policy, void *arg)
{
	(void)arg;
	put_row(policy);
}

static void add_text(json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static json_object *json_policy(const struct pool_policy *policy)
{
	json_object *object = json_object_new_object();
	json_object *filters = json_object_new_array();
	char day[16];

	add_text(object, "policy", policy->name);
	add_text(object, "description", policy->description);
	add_text(object, "origin", word_pool_origin(policy->origin));
	add_text(object, "file", policy->file);
	add_text(object, "mode", word_mode(policy->mode));
	add_text(object, "match", word_match(policy->match));
	add_text(object, "scope", word_scope(policy->scope));
	if (policy->expires) {
		add_text(object, "expires", export_day(day, policy->expires));
		add_text(object, "expires_action",
			 policy->expires_action == EXPIRES_DISABLE ?
			 "disable" : "warn");
	}
	for (size_t i = 0; i < policy->n_filters; i++)
		json_object_array_add(filters,
				      json_object_new_string(policy->filters[i]));
	json_object_object_add(object, "filters", filters);
	return object;
}

static void json_row(const struct pool_policy *policy, void *arg)
{
	json_object_array_add(arg, json_policy(policy));
}

static int put_json(json_object *object)
{
	puts(json_object_to_json_string_ext(object,
					    JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return DONE;
}

static int list(const struct policy_request *request)
{
	struct pool *pool = pool_load();

	if (request->flags & FLAG_JSON) {
		json_object *object = json_object_new_object();
		json_object *policies = json_object_new_array();

		each_policy(pool, json_row, policies);
		json_object_object_add(object, "policies", policies);
		put_json(object);
	} else {
		put_cell("POLICY", 18);
		put_cell("ORIGIN", 6);
		put_cell("MODE", 7);
		put_cell("FILTERS", 24);
		puts("FILE");
		each_policy(pool, text_row, NULL);
	}
	warn_of_bad(pool);
	pool_free(pool);
	return DONE;
}

/* ---- show, export */

static void put_source(enum pool_origin origin, const char *path, int line)
{
	char file[VISIBLE_LEN];

	visible(file, path);
	if (strlen(file) > 52)
		printf("# %s, line %d of ~%s\n", word_pool_origin(origin), line,
		       file + strlen(file) - 52);
	else
		printf("# %s, line %d of %s\n", word_pool_origin(origin), line,
		       file);
}

static json_object *json_filter(const struct pool_filter *found)
{
	const struct filter *filter = &found->filter;
	json_object *object = json_object_new_object();
	json_object *ports = json_object_new_array();
	json_object *remotes = json_object_new_array();
	char word[PREFIX_LEN];

	add_text(object, "filter", filter->name);
	add_text(object, "description", found->description);
	add_text(object, "origin", word_pool_origin(found->origin));
	add_text(object, "file", found->file);
	add_text(object, "direction", word_direction(filter->direction));
	add_text(object, "protocol", word_protocol(filter->protocol));
	add_text(object, "action", word_action(filter->action));
	for (size_t i = 0; i < filter->n_ranges; i++) {
		const struct range *range = &filter->ranges[i];

		json_object_array_add(ports, range->first == range->last ?
			json_object_new_int(range->first) :
			json_object_new_string(format_ports(word, range)));
	}
	json_object_object_add(object, "ports", ports);
	for (size_t i = 0; i < filter->n_remotes; i++) {
		format_prefix(word, &filter->remotes[i]);
		json_object_array_add(remotes, json_object_new_string(word));
	}
	json_object_object_add(object, "remotes", remotes);
	return object;
}

static void show_json(const struct pool *pool, const struct pool_policy *policy,
		      uint8_t origin)
{
	json_object *object = json_policy(policy);
	json_object *filters = json_object_new_array();

	for (size_t i = 0; i < policy->n_filters; i++) {
		const struct pool_filter *filter =
			pool_filter(pool, policy->filters[i], origin);

		json_object_array_add(filters, json_filter(filter));
	}
	json_object_object_add(object, "filters", filters);
	put_json(object);
}

static void show_text(const struct pool *pool, const struct pool_policy *policy,
		      uint8_t origin)
{
	put_source(policy->origin, policy->file, policy->line);
	export_policy(stdout, policy);
	for (size_t i = 0; i < policy->n_filters; i++) {
		const struct pool_filter *filter =
			pool_filter(pool, policy->filters[i], origin);

		putchar('\n');
		put_source(filter->origin, filter->file, filter->line);
		export_filter(stdout, filter);
	}
}

static int show(const struct policy_request *request)
{
	uint8_t origin = pool_own_origin(request->origin);
	struct pool *pool = pool_load();
	struct policy built;
	int ret = FAILED;

	if (!pool_build(pool, request->names[0], origin, &built)) {
		const struct pool_policy *policy =
			pool_policy(pool, request->names[0], origin);

		if (request->flags & FLAG_JSON)
			show_json(pool, policy, origin);
		else
			show_text(pool, policy, origin);
		policy_free(&built);
		ret = DONE;
	}
	pool_free(pool);
	return ret;
}

static int export(const struct policy_request *request)
{
	uint8_t origin = pool_own_origin(request->origin);
	const char *format = request->format ?: "ini";
	struct pool *pool = pool_load();
	struct policy built;
	int ret = FAILED;

	if (!pool_build(pool, request->names[0], origin, &built)) {
		const struct pool_policy *policy =
			pool_policy(pool, request->names[0], origin);

		if (!strcmp(format, "nft"))
			export_nft(stdout, policy, &built);
		else if (!strcmp(format, "netsh"))
			export_netsh(stdout, policy, &built);
		else
			export_ini(stdout, pool, policy, origin);
		policy_free(&built);
		ret = DONE;
	}
	pool_free(pool);
	return ret;
}

/* ---- what both import and delete ask */

int policy_assigned(const struct pool *pool, const struct policy_file *file,
		    const char *name)
{
	for (unsigned int origin = SASSER_ORIGIN_LOCAL;
	     origin <= SASSER_ORIGIN_DOMAIN; origin++) {
		struct assignment assignment;
		int ret = assignment_read((uint8_t)origin, &assignment);

		if (ret < 0)
			return -1;
		if (ret && !strcmp(assignment.policy, name) &&
		    pool_file(pool, POOL_POLICY, name, (uint8_t)origin) == file)
			return (int)origin;
	}
	return 0;
}

const char *policy_way_out(int origin)
{
	return origin == SASSER_ORIGIN_DOMAIN ?
		"sasserctl disable --origin domain" : "sasserctl disable";
}

/* ---- sub-commands */

static const struct sub_command {
	const char *name;
	int (*run)(const struct policy_request *request);
	unsigned int flags;	/* that it takes */
	bool names;		/* it takes one, or more than one */
	bool many;
} sub_commands[] = {
	{ "list", list, FLAG_JSON, false, false },
	{ "show", show, FLAG_ORIGIN | FLAG_JSON, true, false },
	{ "import", policy_import, FLAG_REPLACE | FLAG_ORIGIN, true, true },
	{ "export", export, FLAG_ORIGIN | FLAG_FORMAT, true, false },
	{ "delete", policy_delete, FLAG_ORIGIN, true, false },
};

static const struct sub_command *find(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(sub_commands); i++)
		if (!strcmp(sub_commands[i].name, name))
			return &sub_commands[i];
	return NULL;
}

static const char *first_flag(unsigned int flags)
{
	static const struct {
		unsigned int flag;
		const char *name;
	} names[] = {
		{ FLAG_REPLACE, "--replace" }, { FLAG_ORIGIN, "--origin" },
		{ FLAG_FORMAT, "--format" }, { FLAG_JSON, "--json" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			return names[i].name;
	return "that option";
}

int cmd_policy(const struct request *request)
{
	const struct sub_command *command = find(request->argument);
	char shown[VISIBLE_LEN];
	struct policy_request sub = {
		.flags = request->flags,
		.names = request->arguments + 1,
		.n_names = request->n_arguments - 1,
		.origin = request->origin == SASSER_ORIGIN_DOMAIN ?
			POOL_DOMAIN : POOL_LOCAL,
		.format = request->format,
	};

	if (!request->argument)
		complain("policy what? One of: list, show, import, export, delete. "
			 HELP);
	else if (!command)
		complain("policy does not know \"%s\", but list, show, import, export, delete. "
			 HELP, visible(shown, request->argument));
	else if (request->flags & ~command->flags)
		complain("policy %s does not take %s. " HELP, command->name,
			 first_flag(request->flags & ~command->flags));
	else if (command->names && !sub.n_names)
		complain("policy %s needs %s. " HELP, command->name,
			 command->many ? "a file" : "the name of a policy");
	else if (sub.n_names > command->names && !command->many)
		complain("policy %s does not take the argument \"%s\". " HELP,
			 command->name,
			 visible(shown, sub.names[command->names]));
	else
		return command->run(&sub);
	return USAGE;
}
