// SPDX-License-Identifier: GPL-2.0-or-later
/* For people: at most 80 columns, coloured on a terminal. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out.h"
#include "words.h"

#define WIDTH		80
#define LABEL		14	/* columns of "Policy        " */
#define NAME		20	/* columns of a filter's name in a status */
#define SHORT_NAME	14	/* the same beside its counters */
#define CELL_LEN	32

#define GREEN	"\033[1;32m"
#define YELLOW	"\033[1;33m"
#define RED	"\033[1;31m"
#define PLAIN	"\033[0m"

/* @code on a terminal that may be coloured, else nothing. */
static const char *colour(FILE *out, const char *code)
{
	const char *off = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if ((off && *off) || (term && !strcmp(term, "dumb")) ||
	    fileno(out) < 0 || !isatty(fileno(out)))
		return "";
	return code;
}

static void label(FILE *out, const char *name)
{
	fprintf(out, "%-*s", LABEL, name);
}

/* @text from @column on, with more lines indented to it, and a line break. */
static void wrapped(FILE *out, int column, const char *text)
{
	int at = column;

	while (*text) {
		int len = (int)strcspn(text, " ");

		/* A word that no line can hold goes on in the next. */
		if (len > WIDTH - column)
			len = WIDTH - column;
		if (at > column && at + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", column, "");
			at = column;
		} else if (at > column) {
			fputc(' ', out);
			at++;
		}
		fprintf(out, "%.*s", len, text);
		at += len;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

/* A name that is too long for its cell shows that it goes on. */
static const char *cut(char buf[NAME_LEN], const char *name, size_t width)
{
	snprintf(buf, NAME_LEN, "%s", name);
	if (strlen(buf) > width)
		snprintf(buf + width - 1, 2, "~");
	return buf;
}

/* Exact where it fits into @width columns, else as 12.3M. */
static const char *scaled(char buf[CELL_LEN], uint64_t value, size_t width)
{
	const char *unit = "kMGTPE";
	uint64_t tenths = value / 100;

	snprintf(buf, CELL_LEN, "%ju", (uintmax_t)value);
	while (strlen(buf) > width && *unit) {
		snprintf(buf, CELL_LEN, "%ju.%u%c", (uintmax_t)(tenths / 10),
			 (unsigned int)(tenths % 10), *unit++);
		tenths /= 1000;
	}
	return buf;
}

static const char *how_long_ago(char buf[CELL_LEN], uint64_t then,
				uint64_t now)
{
	static const struct {
		uint64_t seconds;
		char unit;
	} steps[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	uint64_t age = now > then ? now - then : 0;
	int i = 0;

	if (!then)
		return "never";
	/* A clock that was set only after the hit. */
	if (age >= 10000 * steps[0].seconds)
		return "long ago";
	while (steps[i].seconds > 1 && age < 2 * steps[i].seconds)
		i++;
	snprintf(buf, CELL_LEN, "%ju%c ago",
		 (uintmax_t)(age / steps[i].seconds), steps[i].unit);
	return buf;
}

static void state(FILE *out, const struct snapshot *snap)
{
	const struct policy *policy = &snap->policy;

	label(out, "Policy");
	fprintf(out, "%s\n", snap->assigned ? policy->name : "none");
	label(out, "State");
	if (!snap->loaded)
		fprintf(out, "%sthe module nf_sasser is not loaded: nothing is blocked",
			colour(out, RED));
	else if (!snap->assigned)
		fprintf(out, "%snot assigned: nothing is blocked",
			colour(out, RED));
	else if (policy->mode == SASSER_MODE_OBSERVE)
		fprintf(out, "%sassigned in observe mode: counted, nothing is dropped",
			colour(out, YELLOW));
	else
		fprintf(out, "%sassigned and enforced", colour(out, GREEN));
	fprintf(out, "%s\n", colour(out, PLAIN));
	if (!snap->assigned && policy->name[0]) {
		label(out, "Last policy");
		fprintf(out, "%s\n", policy->name);
	}
}

static void filters(FILE *out, const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_filters; i++) {
		const struct filter *filter = &policy->filters[i];
		size_t size = filter->n_ranges * PORTS_LEN + 1;
		char name[NAME_LEN], one[PORTS_LEN], *ports = calloc(1, size);
		size_t at = 0;
		int column;

		for (size_t j = 0; ports && j < filter->n_ranges; j++)
			at += (size_t)snprintf(ports + at, size - at, "%s%s",
					       j ? " " : "",
					       format_ports(one, &filter->ranges[j]));
		label(out, i ? "" : "Filters");
		column = fprintf(out, "%-*s %-4s %s %-7s ", NAME,
				 cut(name, filter->name, NAME),
				 word_direction(filter->direction),
				 word_protocol(filter->protocol),
				 word_action(filter->action));
		wrapped(out, LABEL + column, ports ?: "out of memory");
		free(ports);
	}
}

static void hits(FILE *out, const struct snapshot *snap)
{
	uint64_t packets = 0, attempts = 0, last = 0;
	char age[CELL_LEN], text[128];

	for (size_t i = 0; i < snap->n_counters; i++) {
		const struct counter *row = &snap->counters[i];

		packets += row->packets;
		attempts += row->attempts;
		if (row->last_hit > last)
			last = row->last_hit;
	}
	label(out, "Hits");
	snprintf(text, sizeof(text), "packets %ju, attempts %ju, last %s",
		 (uintmax_t)packets, (uintmax_t)attempts,
		 how_long_ago(age, last, snap->now));
	wrapped(out, LABEL, text);
	label(out, "Unclassified");
	fprintf(out, "%ju IPv6 packets that hid their ports\n",
		(uintmax_t)snap->unclassified);
}

/* Only the initial namespace is refreshed. */
static void refreshed(FILE *out, const struct snapshot *snap)
{
	const struct refresh *refresh = &snap->refresh;
	char time[TIME_LEN], text[TIME_LEN + MESSAGE_LEN + 16];

	if (snap->loaded && !snap->initial && !refresh->time)
		return;
	label(out, "Last refresh");
	if (refresh->time)
		snprintf(text, sizeof(text), "%s, %s: %s",
			 format_time(time, refresh->time),
			 refresh->ok ? "ok" : "failed", refresh->message);
	wrapped(out, LABEL, refresh->time ? text : "never, since boot");
}

void out_text_status(FILE *out, const struct snapshot *snap)
{
	unsigned int elsewhere = snap->namespaces - snap->assigned;
	char time[TIME_LEN];

	state(out, snap);
	if (snap->assigned) {
		label(out, "Origin");
		fprintf(out, "%s\n", word_origin(snap->policy.origin));
		label(out, "Since");
		fprintf(out, "%s\n", format_time(time, snap->since));
		filters(out, &snap->policy);
		hits(out, snap);
	}
	refreshed(out, snap);
	if (snap->initial && elsewhere) {
		label(out, "Elsewhere");
		fprintf(out, "%u more network namespace%s with a policy assigned\n",
			elsewhere, elsewhere == 1 ? "" : "s");
	}
	label(out, "Module");
	if (snap->loaded)
		fprintf(out, "nf_sasser %s\n", snap->module_version);
	else
		fputs("not loaded\n", out);
	fputs("\nNot covered: other network namespaces, port 139, forwarded guests.\n"
	      "Inbound, a block is silence. Open connections to ports from 512 up go on.\n",
	      out);
	if (!snap->assigned)
		fputs("To put a policy in force: sasserctl enable\n", out);
}

static void counter(FILE *out, const struct counter *row, uint64_t now)
{
	char name[NAME_LEN], ports[PORTS_LEN], packets[CELL_LEN];
	char bytes[CELL_LEN], attempts[CELL_LEN], last[CELL_LEN];

	fprintf(out, "%s%-*s %-3s %-5s %-11s %-7s %8s %7s %8s %9s%s\n",
		row->packets ? colour(out, YELLOW) : "", SHORT_NAME,
		cut(name, row->filter, SHORT_NAME),
		word_direction(row->direction), word_protocol(row->protocol),
		format_ports(ports, &row->ports), word_action(row->action),
		scaled(packets, row->packets, 8), scaled(bytes, row->bytes, 7),
		scaled(attempts, row->attempts, 8),
		how_long_ago(last, row->last_hit, now),
		row->packets ? colour(out, PLAIN) : "");
}

void out_text_counters(FILE *out, const struct snapshot *snap)
{
	const char *name = snap->policy.name;
	char text[NAME_LEN + 64];

	if (!name[0]) {
		fputs("No policy was assigned yet: there is nothing to count.\n"
		      "To put a policy in force: sasserctl enable\n", out);
		return;
	}
	snprintf(text, sizeof(text), "%s%s", name,
		 snap->assigned ? ", in force" :
		 ", the last policy: nothing is in force now");
	wrapped(out, 0, text);
	fprintf(out, "%-*s %-3s %-5s %-11s %-7s %8s %7s %8s %9s\n", SHORT_NAME,
		"FILTER", "DIR", "PROTO", "PORT", "ACTION", "PACKETS", "BYTES",
		"ATTEMPTS", "LAST HIT");
	for (size_t i = 0; i < snap->n_counters; i++)
		counter(out, &snap->counters[i], snap->now);
}

void out_text_event(FILE *out, const struct event *event, uint64_t now)
{
	char time[TIME_LEN];

	fprintf(out, "%s %s %s %s %s generation %ju\n",
		format_time(time, now), word_event(event->what), event->policy,
		word_mode(event->mode), word_origin(event->origin),
		(uintmax_t)event->generation);
}
