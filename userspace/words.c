// SPDX-License-Identifier: GPL-2.0-or-later
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
};

static const char *const events[] = {
	[SASSER_EVENT_ASSIGNED] = "assigned",
	[SASSER_EVENT_UNASSIGNED] = "unassigned",
};

static const char *look_up(const char *const *table, size_t size,
			   unsigned int number)
{
	return number < size ? table[number] : NULL;
}

const char *word_mode(unsigned int mode)
{
	return look_up(modes, ARRAY_SIZE(modes), mode);
}

const char *word_origin(unsigned int origin)
{
	return look_up(origins, ARRAY_SIZE(origins), origin);
}

const char *word_direction(unsigned int direction)
{
	return look_up(directions, ARRAY_SIZE(directions), direction);
}

const char *word_protocol(unsigned int protocol)
{
	return look_up(protocols, ARRAY_SIZE(protocols), protocol);
}

const char *word_action(unsigned int action)
{
	return look_up(actions, ARRAY_SIZE(actions), action);
}

const char *word_event(unsigned int event)
{
	return look_up(events, ARRAY_SIZE(events), event);
}

unsigned int mode_of_word(const char *word)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++)
		if (modes[i] && !strcmp(modes[i], word))
			return i;
	return 0;
}

const char *format_time(char buf[TIME_LEN], uint64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, TIME_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm);
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
