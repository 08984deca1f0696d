// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>

#include "policy_values.h"
#include "reply.h"
#include "sasserctl.h"
#include "words.h"

/* More than any set of attributes has; what is beyond is not for this tool. */
#define TYPES	32

/* One attribute of a reply, and where its value goes. */
enum kind { U8, U16, U32, U64, TIME, NAME, VERSION };

static const size_t sizes[] = {
	[U8] = sizeof(uint8_t),
	[U16] = sizeof(uint16_t),
	[U32] = sizeof(uint32_t),
	[U64] = sizeof(uint64_t),
	[TIME] = sizeof(uint64_t),
	[NAME] = NAME_LEN,		/* at most, as a string */
	[VERSION] = VERSION_LEN,
};

struct field {
	int attr;
	const char *name;
	enum kind kind;
	bool optional;
	size_t offset;
	const char *(*word)(unsigned int value);	/* of an enum's U8 */
};

#define FIELD(number, which, type, member, ...) { \
	.attr = (number), .name = #number, .kind = (which), \
	.offset = offsetof(type, member), __VA_ARGS__ }

static const char *word_flag(unsigned int value)
{
	return value > 1 ? NULL : "";
}

/* A row counts one direction, though its filter may have both. */
static const char *word_one_direction(unsigned int value)
{
	return value == SASSER_DIRECTION_BOTH ? NULL : word_direction(value);
}

static const struct field status_fields[] = {
	FIELD(SASSER_A_VERSION, VERSION, struct snapshot, module_version),
	FIELD(SASSER_A_GENERATION, U64, struct snapshot, generation),
	FIELD(SASSER_A_ASSIGNED, U8, struct snapshot, assigned, .word = word_flag),
	FIELD(SASSER_A_UNCLASSIFIED, U64, struct snapshot, unclassified),
	FIELD(SASSER_A_NAMESPACES, U32, struct snapshot, namespaces,
	      .optional = true),
	{}
};

static const struct field policy_fields[] = {
	FIELD(SASSER_A_POLICY, NAME, struct snapshot, policy.name),
	FIELD(SASSER_A_MODE, U8, struct snapshot, policy.mode, .word = word_mode),
	FIELD(SASSER_A_ORIGIN, U8, struct snapshot, policy.origin,
	      .word = word_origin),
	FIELD(SASSER_A_MATCH, U8, struct snapshot, policy.match,
	      .word = word_match),
	FIELD(SASSER_A_SCOPE, U8, struct snapshot, policy.scope,
	      .word = word_scope),
	FIELD(SASSER_A_SINCE, TIME, struct snapshot, since),
	FIELD(SASSER_A_CONFIRM, U32, struct snapshot, confirm,
	      .optional = true),
	{}
};

static const struct field generation_field[] = {
	FIELD(SASSER_A_GENERATION, U64, struct snapshot, generation),
	{}
};

static const struct field unclassified_field[] = {
	FIELD(SASSER_A_UNCLASSIFIED, U64, struct snapshot, unclassified),
	{}
};

static const struct field event_fields[] = {
	FIELD(SASSER_A_EVENT, U8, struct event, what, .word = word_event),
	FIELD(SASSER_A_GENERATION, U64, struct event, generation),
	FIELD(SASSER_A_POLICY, NAME, struct event, policy),
	FIELD(SASSER_A_MODE, U8, struct event, mode, .word = word_mode),
	FIELD(SASSER_A_ORIGIN, U8, struct event, origin, .word = word_origin),
	{}
};

static const struct field filter_fields[] = {
	FIELD(SASSER_FILTER_A_NAME, NAME, struct filter, name),
	FIELD(SASSER_FILTER_A_DIRECTION, U8, struct filter, direction,
	      .word = word_direction),
	FIELD(SASSER_FILTER_A_PROTOCOL, U8, struct filter, protocol,
	      .word = word_protocol),
	FIELD(SASSER_FILTER_A_ACTION, U8, struct filter, action,
	      .word = word_action),
	{}
};

static const struct field range_fields[] = {
	FIELD(SASSER_RANGE_A_FIRST, U16, struct range, first),
	FIELD(SASSER_RANGE_A_LAST, U16, struct range, last),
	{}
};

static const struct field length_field[] = {
	FIELD(SASSER_REMOTE_A_LENGTH, U8, struct prefix, length),
	{}
};

static const struct field counter_fields[] = {
	FIELD(SASSER_COUNTER_A_FILTER, NAME, struct counter, filter),
	FIELD(SASSER_COUNTER_A_DIRECTION, U8, struct counter, direction,
	      .word = word_one_direction),
	FIELD(SASSER_COUNTER_A_PROTOCOL, U8, struct counter, protocol,
	      .word = word_protocol),
	FIELD(SASSER_COUNTER_A_FIRST, U16, struct counter, ports.first),
	FIELD(SASSER_COUNTER_A_LAST, U16, struct counter, ports.last),
	FIELD(SASSER_COUNTER_A_ACTION, U8, struct counter, action,
	      .word = word_action),
	FIELD(SASSER_COUNTER_A_PACKETS, U64, struct counter, packets),
	FIELD(SASSER_COUNTER_A_BYTES, U64, struct counter, bytes),
	FIELD(SASSER_COUNTER_A_ATTEMPTS, U64, struct counter, attempts),
	FIELD(SASSER_COUNTER_A_FIRST_HIT, TIME, struct counter, first_hit,
	      .optional = true),
	FIELD(SASSER_COUNTER_A_LAST_HIT, TIME, struct counter, last_hit,
	      .optional = true),
	{}
};

/*
 * As sasser.h has it: fit for a table, JSON, a metric's label and a terminal.
 * A version of the module may have a few characters more.
 */
static bool is_name(const char *text, enum kind kind)
{
	static const char alnum[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	if (!strchr(alnum, *text))
		return false;
	while (*text && strchr(alnum, *text))
		text += 1 + strspn(text + 1, kind == VERSION ? "._-+~:" : "._-");
	return !*text;
}

static bool malformed(struct reply *reply, const char *what, const char *name)
{
	if (!reply->malformed)
		complain("the reply of the kernel %s %s:\n"
			 "sasserctl and the module nf_sasser do not fit together.\n"
			 "Compare their versions: sasserctl version", what, name);
	reply->malformed = true;
	return false;
}

static const void *data_of(const struct nlattr *attr)
{
	return (const char *)attr + NLA_HDRLEN;
}

static size_t len_of(const struct nlattr *attr)
{
	return attr->nla_len - (size_t)NLA_HDRLEN;
}

/* The attribute behind @attr, or the first; NULL at the end. */
static const struct nlattr *next(const void *attrs, size_t len,
				 const struct nlattr *attr)
{
	size_t at = 0;

	if (attr)
		at = (size_t)((const char *)attr - (const char *)attrs) +
		     NLA_ALIGN(attr->nla_len);
	if (at + NLA_HDRLEN > len)
		return NULL;
	attr = (const struct nlattr *)((const char *)attrs + at);
	if (attr->nla_len < NLA_HDRLEN || attr->nla_len > len - at)
		return NULL;
	return attr;
}

static int type_of(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

static void sort_out(const struct nlattr *table[TYPES], const void *attrs,
		     size_t len)
{
	const struct nlattr *attr = NULL;

	for (int i = 0; i < TYPES; i++)
		table[i] = NULL;
	while ((attr = next(attrs, len, attr)))
		if (type_of(attr) < TYPES)
			table[type_of(attr)] = attr;
}

static bool take_field(struct reply *reply, const struct field *field,
		       const struct nlattr *attr, void *base)
{
	const char *data = data_of(attr);
	size_t len = len_of(attr);
	uint64_t time;

	if (field->kind >= NAME) {
		if (len < 2 || len > sizes[field->kind] ||
		    strnlen(data, len) != len - 1 ||
		    !is_name(data, field->kind))
			return malformed(reply, "has a bad string in",
					 field->name);
	} else if (len != sizes[field->kind]) {
		return malformed(reply, "has a wrong length in", field->name);
	}
	if (field->word && !field->word(*(const uint8_t *)data))
		return malformed(reply, "has an unknown number in",
				 field->name);
	if (field->kind == TIME) {
		memcpy(&time, data, sizeof(time));
		if (time > TIME_MAX)
			return malformed(reply, "has no time in", field->name);
	}
	memcpy((char *)base + field->offset, data, len);
	return true;
}

static bool take_fields(struct reply *reply, const struct field *field,
			const struct nlattr **table, void *base)
{
	for (; field->name; field++) {
		const struct nlattr *attr = table[field->attr];

		if (!attr && field->optional)
			continue;
		if (!attr)
			return malformed(reply, "lacks", field->name);
		if (!take_field(reply, field, attr, base))
			return false;
	}
	return true;
}

static bool take_nest(struct reply *reply, const struct field *field,
		      const struct nlattr *nest, void *base)
{
	const struct nlattr *table[TYPES];

	sort_out(table, data_of(nest), len_of(nest));
	return take_fields(reply, field, table, base);
}

void reply_status(struct reply *reply, const void *attrs, size_t len)
{
	const struct nlattr *table[TYPES];
	struct snapshot *snap = reply->snap;

	sort_out(table, attrs, len);
	if (!take_fields(reply, status_fields, table, snap))
		return;
	snap->loaded = true;
	snap->initial = table[SASSER_A_NAMESPACES];
	snap->on_trial = table[SASSER_A_CONFIRM];
	reply->imposed = table[SASSER_A_IMPOSED];
	if (snap->assigned || table[SASSER_A_POLICY])
		take_fields(reply, policy_fields, table, snap);
}

/* The messages of a dump are of use only if they fit the status read before. */
static bool same_generation(struct reply *reply, const struct nlattr **table)
{
	struct snapshot message;

	if (!take_fields(reply, generation_field, table, &message))
		return false;
	if (message.generation != reply->snap->generation)
		reply->interrupted = true;
	return !reply->interrupted;
}

static void take_ranges(struct reply *reply, const struct nlattr *nest,
			struct filter *filter)
{
	const struct nlattr *attr = NULL;
	struct range range;

	while ((attr = next(data_of(nest), len_of(nest), attr))) {
		if (type_of(attr) != SASSER_FILTER_A_RANGE)
			continue;
		if (!take_nest(reply, range_fields, attr, &range))
			return;
		filter->ranges = grown(filter->ranges, filter->n_ranges,
				      sizeof(range));
		filter->ranges[filter->n_ranges++] = range;
	}
}

/* Bits behind the prefix are 0, else the policy would equal none of a file. */
static bool is_prefix(const struct prefix *prefix, size_t bytes)
{
	if (prefix->length > bytes * 8)
		return false;
	for (size_t bit = prefix->length; bit < bytes * 8; bit++)
		if (prefix->address[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

static void take_remote(struct reply *reply, const struct nlattr *nest,
			struct filter *filter)
{
	const struct nlattr *table[TYPES], *address;
	struct prefix remote = {};

	sort_out(table, data_of(nest), len_of(nest));
	if (!take_fields(reply, length_field, table, &remote))
		return;
	address = table[SASSER_REMOTE_A_ADDRESS];
	if (!address) {
		malformed(reply, "lacks", "SASSER_REMOTE_A_ADDRESS");
		return;
	}
	if (len_of(address) != 4 && len_of(address) != 16) {
		malformed(reply, "has a wrong length in",
			  "SASSER_REMOTE_A_ADDRESS");
		return;
	}
	remote.family = len_of(address) == 4 ? AF_INET : AF_INET6;
	memcpy(remote.address, data_of(address), len_of(address));
	if (!is_prefix(&remote, len_of(address))) {
		malformed(reply, "has a wrong prefix in",
			  "SASSER_REMOTE_A_LENGTH");
		return;
	}
	filter->remotes = grown(filter->remotes, filter->n_remotes,
			       sizeof(remote));
	filter->remotes[filter->n_remotes++] = remote;
}

static void take_remotes(struct reply *reply, const struct nlattr *nest,
			 struct filter *filter)
{
	const struct nlattr *attr = NULL;

	while (!reply->malformed &&
	       (attr = next(data_of(nest), len_of(nest), attr)))
		if (type_of(attr) == SASSER_FILTER_A_REMOTE)
			take_remote(reply, attr, filter);
}

void reply_filter(struct reply *reply, const void *attrs, size_t len)
{
	const struct nlattr *table[TYPES];
	struct policy *policy = &reply->snap->policy;
	struct filter part = {}, *filter;

	sort_out(table, attrs, len);
	if (!same_generation(reply, table))
		return;
	if (!table[SASSER_A_FILTER]) {
		malformed(reply, "lacks", "SASSER_A_FILTER");
		return;
	}
	if (!take_nest(reply, filter_fields, table[SASSER_A_FILTER], &part))
		return;
	/* One with many ports or prefixes goes on in the next message. */
	if (!policy->n_filters ||
	    strcmp(policy->filters[policy->n_filters - 1].name, part.name)) {
		policy->filters = grown(policy->filters, policy->n_filters,
				       sizeof(part));
		policy->filters[policy->n_filters++] = part;
	}
	filter = &policy->filters[policy->n_filters - 1];
	take_ranges(reply, table[SASSER_A_FILTER], filter);
	take_remotes(reply, table[SASSER_A_FILTER], filter);
}

static void take_counter(struct reply *reply, const struct nlattr *nest)
{
	struct snapshot *snap = reply->snap;
	struct counter row = {};

	if (!take_nest(reply, counter_fields, nest, &row))
		return;
	/* Prometheus would refuse all metrics for one that stands twice. */
	for (size_t i = 0; i < snap->n_counters; i++)
		if (counter_same_row(&snap->counters[i], &row)) {
			malformed(reply, "has a row twice:", row.filter);
			return;
		}
	snap->counters = grown(snap->counters, snap->n_counters, sizeof(row));
	snap->counters[snap->n_counters++] = row;
}

void reply_counter(struct reply *reply, const void *attrs, size_t len)
{
	const struct nlattr *table[TYPES];

	sort_out(table, attrs, len);
	if (!same_generation(reply, table))
		return;
	if (table[SASSER_A_COUNTER])
		take_counter(reply, table[SASSER_A_COUNTER]);
	else
		malformed(reply, "lacks", "SASSER_A_COUNTER");
}

void reply_reset(struct reply *reply, const void *attrs, size_t len)
{
	const struct nlattr *table[TYPES];

	sort_out(table, attrs, len);
	if (!same_generation(reply, table))
		return;
	if (table[SASSER_A_COUNTER])
		take_counter(reply, table[SASSER_A_COUNTER]);
	else
		take_fields(reply, unclassified_field, table, reply->snap);
}

bool reply_event(const void *attrs, size_t len, struct event *event)
{
	const struct nlattr *table[TYPES];
	struct reply reply = {};

	sort_out(table, attrs, len);
	event->imposed = table[SASSER_A_IMPOSED];
	return take_fields(&reply, event_fields, table, event);
}
