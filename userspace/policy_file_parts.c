// SPDX-License-Identifier: GPL-2.0-or-later
/* What a policy file consists of, once it is read. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_file.h"
#include "policy_values.h"

void policy_file_init(struct policy_file *file, const char *path,
		      enum pool_origin origin)
{
	memset(file, 0, sizeof(*file));
	file->path = copied(path);
	file->origin = origin;
}

static void free_filter(struct pool_filter *filter)
{
	filter_free(&filter->filter);
	free(filter->description);
}

static void free_policy(struct pool_policy *policy)
{
	for (size_t i = 0; i < policy->n_filters; i++)
		free(policy->filters[i]);
	free(policy->filters);
	free(policy->description);
}

void policy_file_free(struct policy_file *file)
{
	for (size_t i = 0; i < file->n_filters; i++)
		free_filter(&file->filters[i]);
	for (size_t i = 0; i < file->n_policies; i++)
		free_policy(&file->policies[i]);
	free(file->filters);
	free(file->policies);
	free(file->path);
	memset(file, 0, sizeof(*file));
}

void policy_file_refuse(struct policy_file *file, int line, const char *fmt,
			...)
{
	va_list args;

	if (file->bad)
		return;
	file->bad = true;
	file->bad_line = line;
	va_start(args, fmt);
	vsnprintf(file->reason, sizeof(file->reason), fmt, args);
	va_end(args);
}

struct pool_filter *policy_file_filter(const struct policy_file *file,
				       const char *name)
{
	for (size_t i = 0; i < file->n_filters; i++)
		if (!strcmp(file->filters[i].filter.name, name))
			return &file->filters[i];
	return NULL;
}

struct pool_policy *policy_file_policy(const struct policy_file *file,
				       const char *name)
{
	for (size_t i = 0; i < file->n_policies; i++)
		if (!strcmp(file->policies[i].name, name))
			return &file->policies[i];
	return NULL;
}

void policy_file_drop_filter(struct policy_file *file, const char *name)
{
	struct pool_filter *filter = policy_file_filter(file, name);

	if (!filter)
		return;
	free_filter(filter);
	file->n_filters--;
	memmove(filter, filter + 1,
		(size_t)(file->filters + file->n_filters - filter) *
		sizeof(*filter));
}

void policy_file_drop_policy(struct policy_file *file, const char *name)
{
	struct pool_policy *policy = policy_file_policy(file, name);

	if (!policy)
		return;
	free_policy(policy);
	file->n_policies--;
	memmove(policy, policy + 1,
		(size_t)(file->policies + file->n_policies - policy) *
		sizeof(*policy));
}
