// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_policy.h"
#include "export.h"
#include "host.h"
#include "import.h"
#include "policy_values.h"
#include "safe_file.h"
#include "sasserctl.h"
#include "visible.h"
#include "words.h"

#define NOTHING	"nothing was changed"

/* One import: what is there, and what becomes of it. */
struct import {
	const struct policy_request *request;
	struct pool *before;
	struct pool *rest;	/* the same, less what is taken over */
	struct edits edits;
};

/* One file of it. */
struct incoming {
	const char *from;	/* as it was named */
	char path[PATH_MAX];	/* where it goes */
	struct policy_file file;
	char *text;		/* as a policy file */
};

static int place(struct import *import, struct incoming *in, bool netsh)
{
	char base[NAME_LEN + 16], shown[VISIBLE_LEN];
	const char *name = basename(in->from), *dot = strrchr(name, '.');
	size_t length = netsh && dot ? (size_t)(dot - name) : strlen(name);
	const char *wrong;

	if (!netsh && (!dot || strcmp(dot, ".conf") != 0)) {
		complain("the name of a policy file ends with .conf, that of %s does not; "
			 NOTHING, visible(shown, in->from));
		return -1;
	}
	snprintf(base, sizeof(base), "%.*s%s", (int)length, name,
		 netsh ? ".conf" : "");
	wrong = length > NAME_LEN + 8 ? "is too long" : name_wrong(base);
	if (wrong) {
		complain("the name of the file \"%s\" %s; " NOTHING ".\n"
			 "Give it another, it is kept in %s.",
			 visible(shown, name), wrong,
			 pool_directory(import->request->origin));
		return -1;
	}
	snprintf(in->path, sizeof(in->path), "%s/%s",
		 pool_directory(import->request->origin), base);
	return 0;
}

static int complain_of(const struct incoming *in)
{
	char shown[VISIBLE_LEN];

	if (in->file.bad_line)
		complain("%s, line %d: %s; " NOTHING, visible(shown, in->from),
			 in->file.bad_line, in->file.reason);
	else
		complain("%s: %s; " NOTHING, visible(shown, in->from),
			 in->file.reason);
	return -1;
}

static int read_incoming(struct import *import, struct incoming *in)
{
	char shown[VISIBLE_LEN];
	const char *why;
	size_t len;
	bool netsh;

	in->text = any_read(in->from, &len, &why);
	if (!in->text) {
		complain("cannot import %s: %s; " NOTHING,
			 visible(shown, in->from), why ?: "there is no such file");
		return -1;
	}
	netsh = is_netsh(in->from, in->text);
	if (place(import, in, netsh))
		return -1;
	policy_file_init(&in->file, in->path, import->request->origin);
	if (netsh)
		import_netsh(&in->file, in->text, len);
	else
		policy_file_parse(&in->file, in->text, len);
	if (in->file.bad)
		return complain_of(in);
	if (!in->file.n_filters && !in->file.n_policies) {
		complain("%s defines no policy and no filter; " NOTHING,
			 visible(shown, in->from));
		return -1;
	}
	if (netsh) {
		free(in->text);
		in->text = import_text(&in->file);
		/* So that it has the lines of that text. */
		policy_file_free(&in->file);
		policy_file_init(&in->file, in->path, import->request->origin);
		policy_file_parse(&in->file, in->text, strlen(in->text));
	}
	return in->file.bad ? complain_of(in) : 0;
}

/* ---- names that are in use */

static bool policy_same(const struct pool_policy *a,
			const struct pool_policy *b)
{
	if (a->n_filters != b->n_filters || a->mode != b->mode ||
	    a->match != b->match || a->scope != b->scope ||
	    a->expires != b->expires || a->expires_action != b->expires_action)
		return false;
	for (size_t i = 0; i < a->n_filters; i++)
		if (strcmp(a->filters[i], b->filters[i]) != 0)
			return false;
	return true;
}

static int in_use(enum pool_kind kind, const char *name, const char *file,
		  int line)
{
	char shown[VISIBLE_LEN];

	complain("the %s \"%s\" means something else already: %s, line %d;\n"
		 NOTHING ". To give it the new meaning: sasserctl policy import --replace",
		 word_pool_kind(kind), name, visible(shown, file), line);
	return -1;
}

/* Whether a file of this import is put in that place. */
static bool is_target(const struct import *import, const char *path)
{
	for (size_t i = 0; i < import->edits.n; i++)
		if (!strcmp(import->edits.edit[i].path, path))
			return true;
	return false;
}

/* What @file, in force already, has of the same names. */
static int compare_with(struct import *import, struct incoming *in,
			struct policy_file *file)
{
	bool replace = import->request->flags & FLAG_REPLACE;
	bool beside = file->origin == import->request->origin &&
		      strcmp(file->path, in->path) != 0 &&
		      !is_target(import, file->path);

	for (size_t i = in->file.n_filters; i--;) {
		const char *name = in->file.filters[i].filter.name;
		const struct pool_filter *there = policy_file_filter(file, name);
		bool same = there && filter_equal(&there->filter,
						  &in->file.filters[i].filter);

		if (there && !same && !replace)
			return in_use(POOL_FILTER, name, file->path,
				      there->line);
		/* Within an origin a name stands in one file. */
		if (there && beside && same)
			policy_file_drop_filter(&in->file, name);
		else if (there && beside)
			policy_file_drop_filter(file, name);
	}
	for (size_t i = in->file.n_policies; i--;) {
		const char *name = in->file.policies[i].name;
		const struct pool_policy *there = policy_file_policy(file, name);
		bool same = there && policy_same(there, &in->file.policies[i]);

		if (there && !same && !replace)
			return in_use(POOL_POLICY, name, file->path,
				      there->line);
		if (there && beside && same)
			policy_file_drop_policy(&in->file, name);
		else if (there && beside)
			policy_file_drop_policy(file, name);
	}
	return 0;
}

/* What would go because @file is put in the place of another. */
static int check_lost(const struct import *import, const struct incoming *in,
		      const struct policy_file *file)
{
	const char *name = NULL;
	enum pool_kind kind = POOL_FILTER;
	char shown[VISIBLE_LEN];

	for (size_t i = 0; i < file->n_filters && !name; i++)
		if (!policy_file_filter(&in->file, file->filters[i].filter.name))
			name = file->filters[i].filter.name;
	for (size_t i = 0; i < file->n_policies && !name; i++)
		if (!policy_file_policy(&in->file, file->policies[i].name)) {
			name = file->policies[i].name;
			kind = POOL_POLICY;
		}
	if ((!name && !file->bad) || import->request->flags & FLAG_REPLACE)
		return 0;
	visible(shown, file->path);
	if (file->bad)
		complain("there is a file %s already, with a mistake in it;\n"
			 NOTHING ". To replace it: sasserctl policy import --replace",
			 shown);
	else
		complain("it would stand in the place of %s, whose %s \"%s\" it lacks;\n"
			 NOTHING ". If it may go: sasserctl policy import --replace,\n"
			 "else give the file another name.", shown,
			 word_pool_kind(kind), name);
	return -1;
}

static int check_names(struct import *import, struct incoming *in)
{
	struct policy_file *file;

	/* Before anything is taken out of it. */
	for (size_t i = 0; (file = pool_files(import->before, i)); i++)
		if ((file->origin == import->request->origin ||
		     (file->origin == POOL_VENDOR &&
		      import->request->origin == POOL_LOCAL)) &&
		    !strcmp(basename(file->path), basename(in->path)) &&
		    check_lost(import, in, file))
			return -1;
	for (size_t i = 0; (file = pool_files(import->rest, i)); i++)
		if (!file->bad && compare_with(import, in, file))
			return -1;
	return 0;
}

/* ---- doing it */

/* Files that lose a name to one that comes in. */
static void cut_others(struct import *import)
{
	struct policy_file *file, *whole;
	const char *why;
	size_t len;
	char *text, *left;

	for (size_t i = 0; (file = pool_files(import->rest, i)); i++) {
		whole = pool_files(import->before, i);
		/* Somebody else's hand was in the directory. */
		if (!whole || strcmp(whole->path, file->path))
			continue;
		if ((file->n_filters == whole->n_filters &&
		     file->n_policies == whole->n_policies) ||
		    is_target(import, file->path))
			continue;
		text = safe_read(file->path, &len, &why);
		if (!text)
			continue;
		left = policy_text_cut(text, file);
		free(text);
		if (!*left) {
			free(left);
			left = NULL;
		}
		edits_add(&import->edits, file->path, file->origin, left);
	}
}

static int add_file(struct import *import, const char *from)
{
	struct incoming in = { .from = from };
	char shown[VISIBLE_LEN];
	int ret = read_incoming(import, &in);
	size_t filters = in.file.n_filters, policies = in.file.n_policies;

	if (!ret && is_target(import, in.path)) {
		complain("two of the files are named %s; " NOTHING,
			 visible(shown, basename(in.path)));
		ret = -1;
	}
	if (!ret)
		ret = check_names(import, &in);
	if (!ret && filters == in.file.n_filters &&
	    policies == in.file.n_policies)
		edits_add(&import->edits, in.path, in.file.origin,
			  copied(in.text));
	else if (!ret && in.file.n_filters + in.file.n_policies)
		edits_add(&import->edits, in.path, in.file.origin,
			  policy_text_cut(in.text, &in.file));
	policy_file_free(&in.file);
	free(in.text);
	return ret;
}

/* What is assigned has to stay in the pool. */
static int keep_assigned(const struct import *import, const struct pool *after)
{
	const struct policy_file *file;

	for (size_t i = 0; (file = pool_files(import->before, i)); i++)
		for (size_t j = 0; !file->bad && j < file->n_policies; j++) {
			const char *name = file->policies[j].name;
			int by = policy_assigned(import->before, file, name);

			if (by < 0)
				return -1;
			if (!by || pool_policy(after, name, (uint8_t)by))
				continue;
			complain("the policy \"%s\" would be gone, and it is assigned, by origin %s;\n"
				 NOTHING ". To un-assign it first: %s", name,
				 word_origin((unsigned int)by),
				 policy_way_out(by));
			return -1;
		}
	return 0;
}

static void report(const struct import *import, const struct pool *after)
{
	const struct policy_file *file;

	if (!import->edits.n)
		puts("All of it is in the pool already.");
	for (size_t i = 0; i < import->edits.n; i++) {
		const struct edit *edit = &import->edits.edit[i];

		printf("%s %s\n", !edit->after ? "Removed " :
		       edit->before ? "Replaced" : "Imported", edit->path);
		host_journal("policy import", edit->before ? edit->path : "nothing",
			     edit->after ? edit->path : "nothing");
		for (size_t j = 0; (file = pool_files(after, j)); j++)
			for (size_t k = 0; k < file->n_policies &&
			     !strcmp(file->path, edit->path); k++)
				printf("         with the policy %s\n",
				       file->policies[k].name);
	}
	puts("What is in force was not touched. To put a policy in force: sasserctl enable\n"
	     "POLICY; where one that is assigned has changed: sasserctl refresh");
}

int policy_import(const struct policy_request *request)
{
	struct import import = { .request = request };
	struct pool *after = NULL;
	int ret = 0;

	if (host_may_change("policy import") ||
	    (host_netns() == NETNS_OTHER &&
	     host_files_speak("policy import", false)) ||
	    host_lock())
		return FAILED;
	import.before = pool_load();
	import.rest = pool_load();
	for (int i = 0; !ret && i < request->n_names; i++)
		ret = add_file(&import, request->names[i]);
	if (!ret) {
		cut_others(&import);
		after = edits_try(&import.edits, import.before);
		ret = after ? keep_assigned(&import, after) : -1;
	}
	if (!ret)
		ret = edits_write(&import.edits);
	if (!ret)
		report(&import, after);
	pool_free(after);
	pool_free(import.before);
	pool_free(import.rest);
	edits_free(&import.edits);
	return ret ? FAILED : DONE;
}
