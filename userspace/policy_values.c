// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_values.h"
#include "sasserctl.h"

#define LETTERS	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS	"0123456789"

static void out_of_memory(void)
{
	complain("out of memory");
	exit(FAILED);
}

void *grown(void *array, size_t n, size_t size)
{
	/* At 0, 1, 2, 4, 8 ... elements. */
	if (n & (n - 1))
		return array;
	array = reallocarray(array, n ? 2 * n : 1, size);
	if (!array)
		out_of_memory();
	return array;
}

char *copied(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		out_of_memory();
	return copy;
}

char *copied_bytes(const char *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		out_of_memory();
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

void squeeze_blanks(char *text)
{
	char *to = text, *start = text;

	for (; *text; text++)
		if (*text != ' ' && *text != '\t')
			*to++ = *text;
		else if (to > start && to[-1] != ' ')
			*to++ = ' ';
	if (to > start && to[-1] == ' ')
		to--;
	*to = '\0';
}

bool parse_number(const char *text, unsigned int max, unsigned int *number)
{
	size_t len = strlen(text);

	if (!len || len > 9 || strspn(text, DIGITS) != len)
		return false;
	*number = (unsigned int)strtoul(text, NULL, 10);
	return *number <= max;
}

const char *name_wrong(const char *name)
{
	size_t len = strlen(name);

	if (!len)
		return "is empty";
	if (len > SASSER_NAME_MAX)
		return "is longer than 63 characters";
	if (!strspn(name, LETTERS DIGITS))
		return "does not begin with a letter or a digit";
	if (strspn(name, LETTERS DIGITS "._-") != len)
		return "has other characters than A-Z a-z 0-9 . _ -";
	return NULL;
}

const char *parse_range(const char *text, struct range *range)
{
	static const char wrong[] =
		"is neither a number from 1 to 65535 nor a range like 1000-1010";
	unsigned int first, last;
	const char *dash = strchr(text, '-');
	char number[6] = "";

	if (dash && (size_t)(dash - text) < sizeof(number))
		memcpy(number, text, (size_t)(dash - text));
	if (!parse_number(dash ? number : text, UINT16_MAX, &first) ||
	    !parse_number(dash ? dash + 1 : text, UINT16_MAX, &last) || !first)
		return wrong;
	if (last < first)
		return "ends before it begins";
	range->first = (uint16_t)first;
	range->last = (uint16_t)last;
	return NULL;
}

bool prefix_trim(struct prefix *prefix)
{
	bool trimmed = false;

	for (unsigned int bit = prefix->length;
	     bit < 8 * sizeof(prefix->address); bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		trimmed |= prefix->address[bit / 8] & mask;
		prefix->address[bit / 8] &= (uint8_t)~mask;
	}
	return trimmed;
}

const char *parse_prefix(const char *text, struct prefix *prefix)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char address[INET6_ADDRSTRLEN] = "";
	unsigned int bits;

	memset(prefix, 0, sizeof(*prefix));
	if (len < sizeof(address))
		snprintf(address, sizeof(address), "%.*s", (int)len, text);
	prefix->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(prefix->family, address, prefix->address) != 1)
		return "is no address like 192.0.2.0/24 or 2001:db8::/32";
	bits = prefix->family == AF_INET ? 32 : 128;
	if (slash && !parse_number(slash + 1, bits, &bits))
		return prefix->family == AF_INET ?
			"has no length from 0 to 32 behind the \"/\"" :
			"has no length from 0 to 128 behind the \"/\"";
	prefix->length = (uint8_t)bits;
	if (prefix_trim(prefix))
		return "has bits set behind its length";
	if (prefix->family == AF_INET6 && bits >= 96 &&
	    !memcmp(prefix->address, mapped, sizeof(mapped)))
		return "is an IPv4 address in IPv6's clothes: no packet has it, write it as IPv4";
	return NULL;
}

const char *filter_add_range(struct filter *filter, const struct range *range)
{
	if (filter->n_ranges == SASSER_RANGES_MAX)
		return "is one too many: a policy takes 1024 ports and ranges";
	for (size_t i = 0; i < filter->n_ranges; i++)
		if (range->first <= filter->ranges[i].last &&
		    range->last >= filter->ranges[i].first)
			return "overlaps another of the same filter";
	filter->ranges = grown(filter->ranges, filter->n_ranges,
			       sizeof(*filter->ranges));
	filter->ranges[filter->n_ranges++] = *range;
	return NULL;
}

const char *filter_add_remote(struct filter *filter,
			      const struct prefix *remote)
{
	if (filter->n_remotes == SASSER_REMOTES_MAX)
		return "is one too many: a policy takes 1024 prefixes";
	for (size_t i = 0; i < filter->n_remotes; i++)
		if (!memcmp(&filter->remotes[i], remote, sizeof(*remote)))
			return "is given twice";
	filter->remotes = grown(filter->remotes, filter->n_remotes,
				sizeof(*filter->remotes));
	filter->remotes[filter->n_remotes++] = *remote;
	return NULL;
}
