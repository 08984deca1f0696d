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

void out_text_wrapped(FILE *out, int column, const char *text)
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
	else if (!snap->assigned && snap->imposed)
		fprintf(out, "%snot assigned here", colour(out, YELLOW));
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

/* A list to be wrapped; free(3) it. */
static char *words(const void *array, size_t n, size_t size,
		   void (*add)(FILE *out, const void *element))
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (i)
			fputc(' ', out);
		add(out, (const char *)array + i * size);
	}
	fclose(out);
	return text;
}

static void add_ports(FILE *out, const void *range)
{
	char buf[PORTS_LEN];

	fputs(format_ports(buf, range), out);
}

static void add_remote(FILE *out, const void *prefix)
{
	char buf[PREFIX_LEN];

	fputs(format_prefix(buf, prefix), out);
}

static void filters(FILE *out, const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_filters; i++) {
		const struct filter *filter = &policy->filters[i];
		char name[NAME_LEN];
		char *ports = words(filter->ranges, filter->n_ranges,
				    sizeof(*filter->ranges), add_ports);
		char *remotes = words(filter->remotes, filter->n_remotes,
				      sizeof(*filter->remotes), add_remote);
		int column;

		label(out, i ? "" : "Filters");
		column = fprintf(out, "%-*s %-4s %s %-7s ", NAME,
				 cut(name, filter->name, NAME),
				 word_direction(filter->direction),
				 word_protocol(filter->protocol),
				 word_action(filter->action));
		out_text_wrapped(out, LABEL + column, ports ?: "out of memory");
		if (filter->n_remotes) {
			column = fprintf(out, "%*sremote ", LABEL + 2, "");
			out_text_wrapped(out, column, remotes ?: "out of memory");
		}
		free(ports);
		free(remotes);
	}
}

static void term(FILE *out, const struct snapshot *snap)
{
	const struct term *until = &snap->standing.term;
	char day[DAY_LEN], text[128];
	bool over = snap->now >= until->expires;

	if (!until->expires)
		return;
	label(out, "Expires");
	snprintf(text, sizeof(text), "after %s%s",
		 format_day(day, until->expires - 1),
		 over && until->disables ?
		 ": its time is over, the next refresh takes it away" :
		 over ? ": its time is over, it is in force all the same" :
		 until->disables ? ", and is no longer in force then" : "");
	if (over)
		fputs(colour(out, YELLOW), out);
	out_text_wrapped(out, LABEL, text);
	if (over)
		fputs(colour(out, PLAIN), out);
}

/* Who wants it, since when, until when. */
static void standing(FILE *out, const struct snapshot *snap)
{
	uint64_t days = snapshot_days(snap);
	char time[TIME_LEN], text[NAME_LEN + 128];

	label(out, "Origin");
	fprintf(out, "%s\n", word_origin(snap->policy.origin));
	if (snap->standing.overrides) {
		label(out, "Overrides");
		snprintf(text, sizeof(text), "%s, assigned locally",
			 snap->standing.overridden);
		out_text_wrapped(out, LABEL, text);
	}
	label(out, "Since");
	fprintf(out, "%s\n", format_time(time, snap->since));
	label(out, "In force for");
	fprintf(out, "%ju day%s (not a substitute for patching)\n",
		(uintmax_t)days, days == 1 ? "" : "s");
	if (snap->on_trial) {
		label(out, "On trial");
		fprintf(out, "%s%u seconds left, to keep it: sasserctl confirm%s\n",
			colour(out, YELLOW), snap->confirm, colour(out, PLAIN));
	}
	term(out, snap);
	if (snap->policy.match == SASSER_MATCH_PACKET) {
		label(out, "Match");
		fputs("every packet to these ports, not only those that open\n", out);
	}
}

/* What was assigned everywhere, seen from another namespace. */
static void everywhere(FILE *out, const struct snapshot *snap)
{
	char text[NAME_LEN + 128];

	if (snap->assigned && snap->policy.scope == SASSER_SCOPE_EVERYWHERE) {
		label(out, "Scope");
		fputs("everywhere: in all network namespaces\n", out);
	}
	if (!snap->imposed)
		return;
	label(out, "Everywhere");
	snprintf(text, sizeof(text), "%s (%s), assigned for all namespaces by the initial one, in force here too",
		 snap->imposed->policy.name,
		 word_mode(snap->imposed->policy.mode));
	out_text_wrapped(out, LABEL, text);
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
	out_text_wrapped(out, LABEL, text);
	label(out, "Unclassified");
	fprintf(out, "%ju IPv6 packets that hid their ports\n",
		(uintmax_t)snap->unclassified);
}

/* What there is to know of an assignment that comes from a directory. */
static void by_domain(FILE *out, const struct by_domain *domain)
{
	char text[256];

	if (!domain->policy[0])
		return;
	if (domain->source[0]) {
		label(out, "Source");
		out_text_wrapped(out, LABEL, domain->source);
	}
	if (domain->joined == JOINED_NO) {
		label(out, "Joined");
		fputs(colour(out, YELLOW), out);
		out_text_wrapped(out, LABEL, "no: assigned by the domain, but this host is no longer joined: sasserctl domain clear");
		fputs(colour(out, PLAIN), out);
	}
	if (domain->service_off) {
		label(out, "Service");
		snprintf(text, sizeof(text), "off: %s; after a reboot the policy is not in force by itself",
			 domain->service_off);
		fputs(colour(out, YELLOW), out);
		out_text_wrapped(out, LABEL, text);
		fputs(colour(out, PLAIN), out);
	}
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
	out_text_wrapped(out, LABEL, refresh->time ? text : "never, since boot");
}

void out_text_status(FILE *out, const struct snapshot *snap)
{
	unsigned int elsewhere = snap->namespaces - snap->assigned;
	char text[NAME_LEN + 128];

	state(out, snap);
	if (snap->assigned) {
		standing(out, snap);
		filters(out, &snap->policy);
	}
	everywhere(out, snap);
	if (snap->imposed && !snap->assigned)
		filters(out, &snap->imposed->policy);
	if (snap->imposed || snap->assigned)
		hits(out, snap);
	if (snap->standing.expired[0]) {
		label(out, "Expired");
		snprintf(text, sizeof(text), "%s is assigned, but its time is over: it counts as un-assigned",
			 snap->standing.expired);
		out_text_wrapped(out, LABEL, text);
	}
	by_domain(out, &snap->standing.domain);
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
	fprintf(out, "\nNot covered: %sport 139, forwarded guests.\n"
		"Inbound, a block is silence.\n",
		snap->imposed || (snap->assigned && snap->policy.scope ==
				  SASSER_SCOPE_EVERYWHERE) ?
		"" : "other network namespaces, ");
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
	char text[2 * NAME_LEN + 128];

	if (!name[0] && !snap->imposed) {
		fputs("No policy was assigned yet: there is nothing to count.\n"
		      "To put a policy in force: sasserctl enable\n", out);
		return;
	}
	text[0] = '\0';
	if (name[0])
		snprintf(text, sizeof(text), "%s%s", name,
			 snap->assigned ? ", in force" : snap->imposed ?
			 ", the last policy" :
			 ", the last policy: nothing is in force now");
	if (snap->imposed)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%s, in force everywhere", name[0] ? "; and " : "",
			 snap->imposed->policy.name);
	out_text_wrapped(out, 0, text);
	fprintf(out, "%-*s %-3s %-5s %-11s %-7s %8s %7s %8s %9s\n", SHORT_NAME,
		"FILTER", "DIR", "PROTO", "PORT", "ACTION", "PACKETS", "BYTES",
		"ATTEMPTS", "LAST HIT");
	for (size_t i = 0; i < snap->n_counters; i++)
		counter(out, &snap->counters[i], snap->now);
}

void out_text_event(FILE *out, const struct event *event, uint64_t now)
{
	char time[TIME_LEN];

	fprintf(out, "%s %s %s %s %s generation %ju%s\n",
		format_time(time, now), word_event(event->what), event->policy,
		word_mode(event->mode), word_origin(event->origin),
		(uintmax_t)event->generation,
		event->imposed ? " everywhere" : "");
}
