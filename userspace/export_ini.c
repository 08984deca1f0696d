// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "ini_lines.h"
#include "words.h"

#define WIDTH	78

const char *export_day(char day[16], uint64_t expires)
{
	char time[TIME_LEN];

	snprintf(day, 16, "%.10s", format_time(time, expires - 1));
	return day;
}

/* A word, which more may follow, of a value that goes on in further lines. */
static int put_word(FILE *out, int column, const char *word, size_t len)
{
	if (column + 1 + len > WIDTH && ini_goes_on(word))
		column = fprintf(out, "\n ") - 1;
	fprintf(out, " %.*s", (int)len, word);
	return column + 1 + (int)len;
}

static void put_description(FILE *out, const char *text)
{
	int column;

	if (!*text)
		return;
	column = fprintf(out, "description =");
	for (size_t len; *text; text += len + (text[len] == ' ')) {
		len = strcspn(text, " ");
		column = put_word(out, column, text, len);
	}
	fputc('\n', out);
}

void export_filter(FILE *out, const struct pool_filter *pool_filter)
{
	const struct filter *filter = &pool_filter->filter;
	char word[PREFIX_LEN];
	int column;

	fprintf(out, "[filter %s]\n", filter->name);
	put_description(out, pool_filter->description);
	fprintf(out, "direction = %s\nprotocol = %s\n",
		word_direction(filter->direction),
		word_protocol(filter->protocol));
	column = fprintf(out, "port =");
	for (size_t i = 0; i < filter->n_ranges; i++) {
		format_ports(word, &filter->ranges[i]);
		column = put_word(out, column, word, strlen(word));
	}
	fprintf(out, "\naction = %s\n", word_action(filter->action));
	if (!filter->n_remotes)
		return;
	column = fprintf(out, "remote =");
	for (size_t i = 0; i < filter->n_remotes; i++) {
		format_prefix(word, &filter->remotes[i]);
		column = put_word(out, column, word, strlen(word));
	}
	fputc('\n', out);
}

void export_policy(FILE *out, const struct pool_policy *policy)
{
	char day[16];
	int column;

	fprintf(out, "[policy %s]\n", policy->name);
	put_description(out, policy->description);
	column = fprintf(out, "filters =");
	for (size_t i = 0; i < policy->n_filters; i++)
		column = put_word(out, column, policy->filters[i],
				  strlen(policy->filters[i]));
	fputc('\n', out);
	if (policy->mode != SASSER_MODE_ENFORCE)
		fprintf(out, "mode = %s\n", word_mode(policy->mode));
	if (policy->match != SASSER_MATCH_AUTO)
		fprintf(out, "match = %s\n", word_match(policy->match));
	if (policy->scope != SASSER_SCOPE_HOST)
		fprintf(out, "scope = %s\n", word_scope(policy->scope));
	if (!policy->expires)
		return;
	fprintf(out, "expires = %s\n", export_day(day, policy->expires));
	if (policy->expires_action == EXPIRES_DISABLE)
		fputs("expires_action = disable\n", out);
}

void export_ini(FILE *out, const struct pool *pool,
		const struct pool_policy *policy, uint8_t origin)
{
	fprintf(out, "# The policy %s and its filters, from sasserctl policy export.\n"
		"# On another host: sasserctl policy import FILE.conf\n\n",
		policy->name);
	for (size_t i = 0; i < policy->n_filters; i++) {
		export_filter(out, pool_filter(pool, policy->filters[i],
					       origin));
		fputc('\n', out);
	}
	export_policy(out, policy);
}
