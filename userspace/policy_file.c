// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_file.h"
#include "policy_values.h"
#include "safe_file.h"
#include "words.h"

#define BLANKS		" \t\r\v\f"

/* What the reader is at. */
struct parsing {
	struct policy_file *file;
	struct ini_lines *ini;
	const struct key *keys;	/* of this kind of section; NULL before any */
	const char *kind;
	const char *name;
	int line;		/* that the section begins in */
	struct pool_filter *filter;
	struct pool_policy *policy;
	unsigned int seen;	/* bits, in the order of the keys */
};

struct key {
	const char *name;
	void (*take)(struct parsing *parsing, char *value);
	bool needed;
	bool many;		/* words, on more than one line if need be */
};

/* ---- values */

static void take_description(struct parsing *parsing, char *value)
{
	char **text = parsing->filter ? &parsing->filter->description :
					&parsing->policy->description;
	char shown[VISIBLE_LEN], *both;
	size_t size;

	squeeze_blanks(value);
	if (*value == ';')
		ini_refuse(parsing->ini, "a description can't begin with \";\"");
	for (const char *c = value; *c; c++)
		if (*c < ' ' || *c > '~') {
			ini_refuse(parsing->ini, "a description is plain ASCII, this is not: \"%s\"",
				   visible(shown, value));
			return;
		}
	size = strlen(*text) + strlen(value) + 2;
	both = calloc(1, size);
	if (!both) {
		complain("out of memory");
		exit(FAILED);
	}
	snprintf(both, size, "%s%s%s", *text, **text ? " " : "", value);
	free(*text);
	*text = both;
}

/* One word of a few; *@number becomes 0 if it is none. */
static void take_word(struct parsing *parsing, const char *key,
		      const char *value, const char *words,
		      unsigned int number, uint8_t *into)
{
	char shown[VISIBLE_LEN];

	if (!number)
		ini_refuse(parsing->ini, "%s \"%s\" is none of: %s", key,
			   visible(shown, value), words);
	*into = (uint8_t)number;
}

static void take_direction(struct parsing *parsing, char *value)
{
	take_word(parsing, "direction", value, "in, out, both",
		  direction_of_word(value), &parsing->filter->filter.direction);
}

static void take_protocol(struct parsing *parsing, char *value)
{
	take_word(parsing, "protocol", value, "tcp, udp",
		  protocol_of_word(value), &parsing->filter->filter.protocol);
}

static void take_action(struct parsing *parsing, char *value)
{
	take_word(parsing, "action", value, "block, permit, observe",
		  action_of_word(value), &parsing->filter->filter.action);
}

static void take_mode(struct parsing *parsing, char *value)
{
	take_word(parsing, "mode", value, "enforce, observe",
		  mode_of_word(value), &parsing->policy->mode);
}

static void take_match(struct parsing *parsing, char *value)
{
	take_word(parsing, "match", value, "auto, packet",
		  match_of_word(value), &parsing->policy->match);
}

static void take_scope(struct parsing *parsing, char *value)
{
	take_word(parsing, "scope", value, "host, everywhere",
		  scope_of_word(value), &parsing->policy->scope);
}

static void take_expires_action(struct parsing *parsing, char *value)
{
	uint8_t number = 0;

	take_word(parsing, "expires_action", value, "warn, disable",
		  !strcmp(value, "warn") ? EXPIRES_WARN + 1 :
		  !strcmp(value, "disable") ? EXPIRES_DISABLE + 1 : 0, &number);
	parsing->policy->expires_action = number == EXPIRES_DISABLE + 1 ?
		EXPIRES_DISABLE : EXPIRES_WARN;
}

static void take_expires(struct parsing *parsing, char *value)
{
	char shown[VISIBLE_LEN];

	if (!parse_day(value, &parsing->policy->expires))
		ini_refuse(parsing->ini, "expires \"%s\" is no day like 2026-12-31",
			   visible(shown, value));
}

static void take_port(struct parsing *parsing, char *word)
{
	struct range range;
	char shown[VISIBLE_LEN];
	const char *wrong = parse_range(word, &range);

	if (!wrong)
		wrong = filter_add_range(&parsing->filter->filter, &range);
	if (wrong)
		ini_refuse(parsing->ini, "port \"%s\" %s", visible(shown, word),
			   wrong);
}

static void take_remote(struct parsing *parsing, char *word)
{
	struct prefix remote;
	char shown[VISIBLE_LEN], trimmed[PREFIX_LEN];
	const char *wrong = parse_prefix(word, &remote);

	if (!wrong)
		wrong = filter_add_remote(&parsing->filter->filter, &remote);
	if (wrong)
		ini_refuse(parsing->ini, "remote \"%s\" %s%s%s",
			   visible(shown, word), wrong,
			   strstr(wrong, "bits set") ? ", it would be " : "",
			   strstr(wrong, "bits set") ?
			   format_prefix(trimmed, &remote) : "");
}

static void take_filter(struct parsing *parsing, char *word)
{
	struct pool_policy *policy = parsing->policy;
	const char *wrong = name_wrong(word);
	char shown[VISIBLE_LEN];

	if (!wrong && policy->n_filters == SASSER_FILTERS_MAX)
		wrong = "is one too many: a policy takes 256";
	for (size_t i = 0; !wrong && i < policy->n_filters; i++)
		if (!strcmp(policy->filters[i], word))
			wrong = "is given twice";
	if (wrong) {
		ini_refuse(parsing->ini, "filter \"%s\" %s",
			   visible(shown, word), wrong);
		return;
	}
	if (!policy->n_filters)
		policy->filters_line = parsing->ini->line;
	policy->filters = grown(policy->filters, policy->n_filters,
				sizeof(*policy->filters));
	policy->filters[policy->n_filters++] = copied(word);
}

static const struct key filter_keys[] = {
	{ "description", take_description, .many = true },
	{ "direction", take_direction, .needed = true },
	{ "protocol", take_protocol, .needed = true },
	{ "port", take_port, .needed = true, .many = true },
	{ "action", take_action, .needed = true },
	{ "remote", take_remote, .many = true },
	{}
};

static const struct key policy_keys[] = {
	{ "description", take_description, .many = true },
	{ "filters", take_filter, .needed = true, .many = true },
	{ .name = "mode", .take = take_mode },
	{ .name = "match", .take = take_match },
	{ .name = "scope", .take = take_scope },
	{ .name = "expires", .take = take_expires },
	{ .name = "expires_action", .take = take_expires_action },
	{}
};

/* ---- sections */

/*
 * Whether there is nothing in a list: it may begin in the line after its key.
 * A permit filter of no remote address would permit all.
 */
static bool is_empty(const struct parsing *parsing, const struct key *key)
{
	if (key->take == take_port)
		return !parsing->filter->filter.n_ranges;
	if (key->take == take_remote)
		return !parsing->filter->filter.n_remotes;
	return key->take == take_filter && !parsing->policy->n_filters;
}

static void end_section(struct parsing *parsing)
{
	struct pool_policy *policy = parsing->policy;
	const struct key *key = parsing->keys;

	for (unsigned int bit = 1; key && key->name; key++, bit <<= 1)
		if (parsing->seen & bit ? is_empty(parsing, key) : key->needed)
			ini_refuse_line(parsing->ini, parsing->line,
					"%s \"%s\" has %s \"%s\"",
					parsing->kind, parsing->name,
					parsing->seen & bit ? "an empty" : "no",
					key->name);
	if (policy && !policy->expires &&
	    policy->expires_action == EXPIRES_DISABLE)
		ini_refuse_line(parsing->ini, parsing->line,
				"policy \"%s\" has \"expires_action\", but no \"expires\"",
				policy->name);
}

static void begin_filter(struct parsing *parsing, const char *name)
{
	struct policy_file *file = parsing->file;

	file->filters = grown(file->filters, file->n_filters,
			      sizeof(*file->filters));
	parsing->filter = &file->filters[file->n_filters++];
	*parsing->filter = (struct pool_filter){
		.description = copied(""), .origin = file->origin,
		.file = file->path, .line = parsing->line,
	};
	snprintf(parsing->filter->filter.name, NAME_LEN, "%s", name);
	parsing->name = parsing->filter->filter.name;
	parsing->kind = "filter";
	parsing->keys = filter_keys;
}

static void begin_policy(struct parsing *parsing, const char *name)
{
	struct policy_file *file = parsing->file;

	file->policies = grown(file->policies, file->n_policies,
			       sizeof(*file->policies));
	parsing->policy = &file->policies[file->n_policies++];
	*parsing->policy = (struct pool_policy){
		.description = copied(""), .mode = SASSER_MODE_ENFORCE,
		.match = SASSER_MATCH_AUTO, .scope = SASSER_SCOPE_HOST,
		.origin = file->origin, .file = file->path,
		.line = parsing->line,
	};
	snprintf(parsing->policy->name, NAME_LEN, "%s", name);
	parsing->name = parsing->policy->name;
	parsing->kind = "policy";
	parsing->keys = policy_keys;
}

static void section(struct ini_lines *ini, const char *text)
{
	struct parsing *parsing = ini->arg;
	char shown[VISIBLE_LEN], *name = NULL;
	size_t len = strcspn(text, BLANKS);
	const char *wrong;
	bool is_policy = len == 6 && !strncmp(text, "policy", len);

	end_section(parsing);
	if (ini->bad_line)
		return;
	parsing->filter = NULL;
	parsing->policy = NULL;
	parsing->seen = 0;
	parsing->line = ini->line;
	if (!is_policy && (len != 6 || strncmp(text, "filter", len) != 0)) {
		ini_refuse(ini, "section [%s] is neither [filter NAME] nor [policy NAME]",
			   visible(shown, text));
		return;
	}
	name = copied(text + len + strspn(text + len, BLANKS));
	for (len = strlen(name); len && strchr(BLANKS, name[len - 1]); len--)
		name[len - 1] = '\0';
	visible(shown, name);
	wrong = name_wrong(name);
	if (!wrong && (is_policy ? !!policy_file_policy(parsing->file, name) :
				   !!policy_file_filter(parsing->file, name)))
		wrong = "is defined twice in this file";
	if (wrong)
		ini_refuse(ini, "the name \"%s\" of a %s %s", shown,
			   is_policy ? "policy" : "filter", wrong);
	else if (is_policy)
		begin_policy(parsing, name);
	else
		begin_filter(parsing, name);
	free(name);
}

/* All words of @value, one by one. */
static void take_words(struct parsing *parsing, const struct key *key,
		       char *value)
{
	char *word, *rest = NULL;

	for (word = strtok_r(value, BLANKS, &rest); word;
	     word = strtok_r(NULL, BLANKS, &rest))
		key->take(parsing, word);
}

static void value(struct ini_lines *ini, const char *name, const char *text,
		  bool more)
{
	struct parsing *parsing = ini->arg;
	const struct key *key = parsing->keys;
	char shown[VISIBLE_LEN], *copy;
	unsigned int bit;

	if (!key) {
		ini_refuse(ini, "there is no section [filter NAME] or [policy NAME] before it");
		return;
	}
	while (key->name && strcmp(key->name, name) != 0)
		key++;
	bit = 1U << (key - parsing->keys);
	if (!key->name)
		ini_refuse(ini, "a %s has no key \"%s\"", parsing->kind,
			   visible(shown, name));
	else if (!more && parsing->seen & bit)
		ini_refuse(ini, "\"%s\" is given twice", name);
	else if (more && !key->many)
		ini_refuse(ini, "\"%s\" takes one word; or is a blank before the next key?",
			   name);
	else if (!*text && !key->many)
		ini_refuse(ini, "\"%s\" is empty", name);
	if (ini->bad_line)
		return;
	parsing->seen |= bit;
	copy = copied(text);
	if (key->many && key->take != take_description)
		take_words(parsing, key, copy);
	else
		key->take(parsing, copy);
	free(copy);
}

void policy_file_parse(struct policy_file *file, const char *text, size_t len)
{
	struct parsing parsing = { .file = file };
	struct ini_lines ini = {
		.section = section, .value = value, .arg = &parsing,
	};

	parsing.ini = &ini;
	if (!ini_lines_read(&ini, text, len))
		end_section(&parsing);
	if (ini.bad_line)
		policy_file_refuse(file, ini.bad_line, "%s", ini.reason);
}

bool policy_file_read(struct policy_file *file)
{
	const char *why;
	size_t len;
	char *text = safe_read(file->path, &len, &why);

	if (text)
		policy_file_parse(file, text, len);
	else if (why)
		policy_file_refuse(file, 0, "%s", why);
	free(text);
	return text || why;
}
