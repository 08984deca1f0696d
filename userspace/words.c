// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sasserctl.h"
#include "words.h"

#define DAY_SECONDS	86400

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

const char *word_mode(unsigned int mode)
{
	return look_up(modes, ARRAY_SIZE(modes), mode);
}

unsigned int mode_of_word(const char *word)
{
	return look_down(modes, ARRAY_SIZE(modes), word);
}

const char *word_origin(unsigned int origin)
{
	return look_up(origins, ARRAY_SIZE(origins), origin);
}

unsigned int origin_of_word(const char *word)
{
	return look_down(origins, ARRAY_SIZE(origins), word);
}

const char *word_direction(unsigned int direction)
{
	return look_up(directions, ARRAY_SIZE(directions), direction);
}

unsigned int direction_of_word(const char *word)
{
	return look_down(directions, ARRAY_SIZE(directions), word);
}

const char *word_protocol(unsigned int protocol)
{
	return look_up(protocols, ARRAY_SIZE(protocols), protocol);
}

unsigned int protocol_of_word(const char *word)
{
	return look_down(protocols, ARRAY_SIZE(protocols), word);
}

const char *word_action(unsigned int action)
{
	return look_up(actions, ARRAY_SIZE(actions), action);
}

unsigned int action_of_word(const char *word)
{
	return look_down(actions, ARRAY_SIZE(actions), word);
}

const char *word_match(unsigned int match)
{
	return look_up(matches, ARRAY_SIZE(matches), match);
}

unsigned int match_of_word(const char *word)
{
	return look_down(matches, ARRAY_SIZE(matches), word);
}

const char *word_scope(unsigned int scope)
{
	return look_up(scopes, ARRAY_SIZE(scopes), scope);
}

unsigned int scope_of_word(const char *word)
{
	return look_down(scopes, ARRAY_SIZE(scopes), word);
}

const char *word_event(unsigned int event)
{
	return look_up(events, ARRAY_SIZE(events), event);
}

unsigned int event_of_word(const char *word)
{
	return look_down(events, ARRAY_SIZE(events), word);
}

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

bool parse_day(const char *text, uint64_t *end)
{
	char time[TIME_LEN];

	snprintf(time, sizeof(time), "%.10sT00:00:00Z", text);
	if (strlen(text) != strlen("2026-12-31") || !parse_time(time, end) ||
	    !*end)
		return false;
	*end += DAY_SECONDS;
	return true;
}

bool parse_duration(const char *text, uint32_t *seconds)
{
	static const struct {
		char unit;
		unsigned long seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 } };
	size_t digits = strspn(text, "0123456789");
	unsigned long number;

	/* So that no number overflows. */
	if (!digits || digits > 6 || !text[digits] || text[digits + 1])
		return false;
	number = strtoul(text, NULL, 10);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (units[i].unit != text[digits])
			continue;
		number *= units[i].seconds;
		*seconds = (uint32_t)number;
		return number && number <= SASSER_CONFIRM_MAX;
	}
	return false;
}

const char *take_number(const char *text, uintmax_t max, uintmax_t *number)
{
	char *end;

	/* strtoumax(3) would take blanks and a sign. */
	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	*number = strtoumax(text, &end, 10);
	return errno || *number > max ? NULL : end;
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
