// SPDX-License-Identifier: GPL-2.0-or-later
#include <json-c/json.h>
#include <stdlib.h>

#include "out.h"
#include "sasserctl.h"
#include "words.h"

/* Takes @value, which json-c made; a NULL is JSON's null. */
static void add(struct json_object *object, const char *key,
		struct json_object *value)
{
	if (json_object_object_add(object, key, value)) {
		complain("out of memory");
		exit(FAILED);
	}
}

static struct json_object *text(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

static struct json_object *number(uint64_t value)
{
	return json_object_new_uint64(value);
}

static struct json_object *time_or_null(uint64_t seconds)
{
	char buf[TIME_LEN];

	return seconds ? text(format_time(buf, seconds)) : NULL;
}

static void print(FILE *out, struct json_object *object, int flags)
{
	fprintf(out, "%s\n", json_object_to_json_string_ext(object, flags |
						JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static struct json_object *last_refresh(const struct refresh *refresh)
{
	struct json_object *object;

	if (!refresh->time)
		return NULL;
	object = json_object_new_object();
	add(object, "time", time_or_null(refresh->time));
	add(object, "ok", json_object_new_boolean(refresh->ok));
	add(object, "message", text(refresh->message));
	return object;
}

static struct json_object *overridden(const struct standing *standing)
{
	struct json_object *object;

	if (!standing->overrides)
		return NULL;
	object = json_object_new_object();
	add(object, "policy", text(standing->overridden));
	add(object, "origin", text(word_origin(SASSER_ORIGIN_LOCAL)));
	return object;
}

static struct json_object *by_domain(const struct by_domain *domain)
{
	struct json_object *object = json_object_new_object();

	add(object, "policy", text(domain->policy));
	add(object, "source", domain->source[0] ? text(domain->source) : NULL);
	add(object, "joined", domain->joined == JOINED_UNKNOWN ? NULL :
	    json_object_new_boolean(domain->joined == JOINED_YES));
	add(object, "keep_service",
	    json_object_new_boolean(domain->keep_service));
	add(object, "service_off", text(domain->service_off));
	return object;
}

static struct json_object *last_day(uint64_t expires)
{
	char day[DAY_LEN];

	return expires ? text(format_day(day, expires - 1)) : NULL;
}

void out_json_status(FILE *out, const struct snapshot *snap)
{
	struct json_object *object = json_object_new_object();
	struct json_object *module = json_object_new_object();
	const struct policy *policy = snap->assigned ? &snap->policy : NULL;

	add(object, "policy", policy ? text(policy->name) : NULL);
	add(object, "origin", policy ? text(word_origin(policy->origin)) : NULL);
	add(object, "mode", policy ? text(word_mode(policy->mode)) : NULL);
	add(object, "assigned", json_object_new_boolean(snap->assigned));
	add(object, "since", policy ? time_or_null(snap->since) : NULL);
	add(object, "generation", snap->loaded ? number(snap->generation) : NULL);
	add(object, "overridden", overridden(&snap->standing));
	if (snap->standing.domain.policy[0])
		add(object, "domain", by_domain(&snap->standing.domain));
	add(object, "confirm_seconds_left",
	    snap->on_trial ? number(snap->confirm) : NULL);
	add(object, "expires", last_day(snap->standing.term.expires));
	add(object, "days_in_force", policy ? number(snapshot_days(snap)) : NULL);
	if (snap->imposed)
		add(object, "everywhere", text(snap->imposed->policy.name));
	add(object, "last_refresh", last_refresh(&snap->refresh));
	add(object, "unclassified",
	    snap->loaded ? number(snap->unclassified) : NULL);
	add(module, "loaded", json_object_new_boolean(snap->loaded));
	add(module, "version", snap->loaded ? text(snap->module_version) : NULL);
	add(object, "module", module);
	add(object, "version", text(SASSER_VERSION));
	print(out, object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED);
}

static struct json_object *ports(const struct range *range)
{
	char buf[PORTS_LEN];

	if (range->first == range->last)
		return number(range->first);
	return text(format_ports(buf, range));
}

static struct json_object *counter(const struct counter *row)
{
	struct json_object *object = json_object_new_object();

	add(object, "filter", text(row->filter));
	add(object, "direction", text(word_direction(row->direction)));
	add(object, "protocol", text(word_protocol(row->protocol)));
	add(object, "port", ports(&row->ports));
	add(object, "action", text(word_action(row->action)));
	add(object, "packets", number(row->packets));
	add(object, "bytes", number(row->bytes));
	add(object, "attempts", number(row->attempts));
	add(object, "first_hit", time_or_null(row->first_hit));
	add(object, "last_hit", time_or_null(row->last_hit));
	return object;
}

void out_json_counters(FILE *out, const struct snapshot *snap)
{
	struct json_object *object = json_object_new_object();
	struct json_object *rows = json_object_new_array();

	for (size_t i = 0; i < snap->n_counters; i++)
		json_object_array_add(rows, counter(&snap->counters[i]));
	add(object, "policy",
	    snap->policy.name[0] ? text(snap->policy.name) : NULL);
	add(object, "counters", rows);
	print(out, object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED);
}

/* A line each: whoever follows them splits them there. */
void out_json_event(FILE *out, const struct event *event, uint64_t now)
{
	struct json_object *object = json_object_new_object();

	add(object, "time", time_or_null(now));
	add(object, "event", text(word_event(event->what)));
	add(object, "policy", text(event->policy));
	add(object, "origin", text(word_origin(event->origin)));
	add(object, "mode", text(word_mode(event->mode)));
	add(object, "generation", number(event->generation));
	if (event->imposed)
		add(object, "everywhere", json_object_new_boolean(true));
	print(out, object, JSON_C_TO_STRING_PLAIN);
}
