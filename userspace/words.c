// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sasserctl.h"
#include "words.h"

static const char *const modes[] = {
	[SASSER_MODE_ENFORCE] = "enforce",
	[SASSER_MODE_OBSERVE] = "observe",
};

static const char *const origins[] = {
	[SASSER_ORIGIN_LOCAL] = "local",
	[SASSER_ORIGIN_DOMAIN] = "domain",
};

static const char *const directions[] = {
	[SASSER_DIRECTION_IN] = "in",
	[SASSER_DIRECTION_OUT] = "out",
	[SASSER_DIRECTION_BOTH] = "both",
};

static const char *const protocols[] = {
	[SASSER_PROTOCOL_TCP] = "tcp",
	[SASSER_PROTOCOL_UDP] = "udp",
};

static const char *const actions[] = {
	[SASSER_ACTION_BLOCK] = "block",
	[SASSER_ACTION_OBSERVE] = "observe",
	[SASSER_ACTION_PERMIT] = "permit",
};

static const char *const matches[] = {
	[SASSER_MATCH_AUTO] = "auto",
	[SASSER_MATCH_PACKET] = "packet",
};

static const char *const scopes[] = {
	[SASSER_SCOPE_HOST] = "host",
	[SASSER_SCOPE_EVERYWHERE] = "everywhere",
};

static const char *const events[] = {
	[SASSER_EVENT_ASSIGNED] = "assigned",
	[SASSER_EVENT_UNASSIGNED] = "unassigned",
	[SASSER_EVENT_REVERTED] = "reverted",
	[SASSER_EVENT_CONFIRMED] = "confirmed",
};

static const char *look_up(const char *const *table, size_t size,
			   unsigned int number)
{
	return number < size ? table[number] : NULL;
}

static unsigned int look_down(const char *const *table, size_t size,
			      const char *word)
{
	for (unsigned int i = 0; i < size; i++)
		if (table[i] && !strcmp(table[i], word))
			return i;
	return 0;
}

#define WORDS(what, table)						\
	const char *word_##what(unsigned int number)			\
	{								\
		return look_up(table, ARRAY_SIZE(table), number);	\
	}								\
									\
	unsigned int what##_of_word(const char *word)			\
	{								\
		return look_down(table, ARRAY_SIZE(table), word);	\
	}

WORDS(mode, modes)
WORDS(origin, origins)
WORDS(direction, directions)
WORDS(protocol, protocols)
WORDS(action, actions)
WORDS(match, matches)
WORDS(scope, scopes)
WORDS(event, events)

const char *format_time(char buf[TIME_LEN], uint64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, TIME_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}

const char *format_day(char buf[DAY_LEN], uint64_t seconds)
{
	char time[TIME_LEN];

	snprintf(buf, DAY_LEN, "%.10s", format_time(time, seconds));
	return buf;
}

bool parse_time(const char *text, uint64_t *seconds)
{
	struct tm tm = {};
	char again[TIME_LEN];
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	time_t t;

	if (!end || *end)
		return false;
	t = timegm(&tm);
	if (t < 0 || (uint64_t)t > TIME_MAX)
		return false;
	*seconds = (uint64_t)t;
	/* strptime(3) takes short forms, and the 31st of February. */
	return !strcmp(format_time(again, *seconds), text);
}

const char *format_ports(char buf[PORTS_LEN], const struct range *ports)
{
	if (ports->first == ports->last)
		snprintf(buf, PORTS_LEN, "%u", ports->first);
	else
		snprintf(buf, PORTS_LEN, "%u-%u", ports->first, ports->last);
	return buf;
}

const char *format_prefix(char buf[PREFIX_LEN], const struct prefix *prefix)
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(prefix->family, prefix->address, address, sizeof(address));
	snprintf(buf, PREFIX_LEN, "%s/%u", address, prefix->length);
	return buf;
}
