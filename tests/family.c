// SPDX-License-Identifier: GPL-2.0-or-later
/* A client of the family for tests: its attributes, from and to structures. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

#include "genl.h"
#include "netns.h"

/*
 * Requests
 */

/* Of a prefix as text. */
struct remote remote_of(const char *text)
{
	struct remote remote = {
		.family = strchr(text, ':') ? AF_INET6 : AF_INET,
	};
	char address[INET6_ADDRSTRLEN];
	unsigned int len;

	if (sscanf(text, "%45[^/]/%u", address, &len) != 2 ||
	    inet_pton(remote.family, address, remote.addr) != 1)
		die("no prefix: %s", text);
	remote.len = len;
	return remote;
}

static void remote_put(struct nlmsghdr *nlh, const struct remote *remote)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, SASSER_FILTER_A_REMOTE);

	mnl_attr_put(nlh, SASSER_REMOTE_A_ADDRESS,
		     remote->family == AF_INET ? 4 : 16, remote->addr);
	mnl_attr_put_u8(nlh, SASSER_REMOTE_A_LENGTH, remote->len);
	mnl_attr_nest_end(nlh, nest);
}

void filter_put(struct nlmsghdr *nlh, const struct filter *filter)
{
	struct nlattr *nest, *range;
	unsigned int i;

	nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);
	mnl_attr_put_strz(nlh, SASSER_FILTER_A_NAME, filter->name);
	mnl_attr_put_u8(nlh, SASSER_FILTER_A_DIRECTION, filter->direction);
	mnl_attr_put_u8(nlh, SASSER_FILTER_A_PROTOCOL, filter->protocol);
	mnl_attr_put_u8(nlh, SASSER_FILTER_A_ACTION, filter->action);
	for (i = 0; i < filter->n_ranges; i++) {
		range = mnl_attr_nest_start(nlh, SASSER_FILTER_A_RANGE);
		mnl_attr_put_u16(nlh, SASSER_RANGE_A_FIRST,
				 filter->range[i].first);
		mnl_attr_put_u16(nlh, SASSER_RANGE_A_LAST,
				 filter->range[i].last);
		mnl_attr_nest_end(nlh, range);
	}
	for (i = 0; i < filter->n_remotes; i++)
		remote_put(nlh, &filter->remote[i]);
	mnl_attr_nest_end(nlh, nest);
}

void policy_put(struct nlmsghdr *nlh, const struct policy *policy)
{
	unsigned int i;

	mnl_attr_put_strz(nlh, SASSER_A_POLICY, policy->name);
	mnl_attr_put_u8(nlh, SASSER_A_MODE, policy->mode);
	mnl_attr_put_u8(nlh, SASSER_A_ORIGIN, policy->origin);
	if (policy->match)
		mnl_attr_put_u8(nlh, SASSER_A_MATCH, policy->match);
	if (policy->scope)
		mnl_attr_put_u8(nlh, SASSER_A_SCOPE, policy->scope);
	if (policy->confirm)
		mnl_attr_put_u32(nlh, SASSER_A_CONFIRM, policy->confirm);
	for (i = 0; i < policy->n_filters; i++)
		filter_put(nlh, &policy->filter[i]);
}

int policy_set(struct genl *g, const struct policy *policy)
{
	static __thread char buf[REQUEST_MAX];
	struct nlmsghdr *nlh;

	nlh = genl_request(g, buf, SASSER_CMD_POLICY_SET, NLM_F_ACK);
	policy_put(nlh, policy);
	return genl_talk(g, nlh, NULL, NULL);
}

int policy_clear(struct genl *g, bool everywhere)
{
	struct nlmsghdr *nlh;
	char buf[256];

	nlh = genl_request(g, buf, SASSER_CMD_POLICY_CLEAR, NLM_F_ACK);
	if (everywhere)
		mnl_attr_put(nlh, SASSER_A_EVERYWHERE, 0, NULL);
	return genl_talk(g, nlh, NULL, NULL);
}

int policy_confirm(struct genl *g, uint64_t generation)
{
	struct nlmsghdr *nlh;
	char buf[256];

	nlh = genl_request(g, buf, SASSER_CMD_POLICY_CONFIRM, NLM_F_ACK);
	mnl_attr_put_u64(nlh, SASSER_A_GENERATION, generation);
	return genl_talk(g, nlh, NULL, NULL);
}

/*
 * Replies. An attribute that the ABI does not name there, or of another size,
 * ends the test.
 */

static void check_size(const struct nlattr *attr, size_t size)
{
	if (mnl_attr_get_payload_len(attr) != size)
		die("attribute %u has %u bytes, not %zu",
		    mnl_attr_get_type(attr), mnl_attr_get_payload_len(attr),
		    size);
}

static uint8_t get_u8(const struct nlattr *attr)
{
	check_size(attr, 1);
	return mnl_attr_get_u8(attr);
}

static uint16_t get_u16(const struct nlattr *attr)
{
	check_size(attr, 2);
	return mnl_attr_get_u16(attr);
}

static uint32_t get_u32(const struct nlattr *attr)
{
	check_size(attr, 4);
	return mnl_attr_get_u32(attr);
}

static uint64_t get_u64(const struct nlattr *attr)
{
	check_size(attr, 8);
	return mnl_attr_get_u64(attr);
}

static void get_str(const struct nlattr *attr, char *str, size_t size)
{
	size_t len = mnl_attr_get_payload_len(attr);
	const char *from = mnl_attr_get_payload(attr);

	if (!len || len > size || strnlen(from, len) != len - 1)
		die("attribute %u is no string of up to %zu characters",
		    mnl_attr_get_type(attr), size - 1);
	memcpy(str, from, len);
}

int status_cb(const struct nlmsghdr *nlh, void *data)
{
	struct status *s = data;
	struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		unsigned int type = mnl_attr_get_type(attr);

		if (type == SASSER_A_PAD)
			continue;
		if (type > SASSER_A_MAX || s->has & 1U << type)
			die("unknown attribute, or twice: %u", type);
		s->has |= 1U << type;
		switch (type) {
		case SASSER_A_VERSION:
			get_str(attr, s->version, sizeof(s->version));
			break;
		case SASSER_A_GENERATION:
			s->generation = get_u64(attr);
			break;
		case SASSER_A_ASSIGNED:
			s->assigned = get_u8(attr);
			break;
		case SASSER_A_UNCLASSIFIED:
			s->unclassified = get_u64(attr);
			break;
		case SASSER_A_POLICY:
			get_str(attr, s->policy, sizeof(s->policy));
			break;
		case SASSER_A_MODE:
			s->mode = get_u8(attr);
			break;
		case SASSER_A_ORIGIN:
			s->origin = get_u8(attr);
			break;
		case SASSER_A_MATCH:
			s->match = get_u8(attr);
			break;
		case SASSER_A_SCOPE:
			s->scope = get_u8(attr);
			break;
		case SASSER_A_CONFIRM:
			s->confirm = get_u32(attr);
			break;
		case SASSER_A_IMPOSED:
			check_size(attr, 0);
			break;
		case SASSER_A_SINCE:
			s->since = get_u64(attr);
			break;
		case SASSER_A_NAMESPACES:
			s->namespaces = get_u32(attr);
			break;
		case SASSER_A_EVENT:
			s->event = get_u8(attr);
			break;
		default:
			die("attribute %u in a status", type);
		}
	}
	return MNL_CB_OK;
}

static void get_range(const struct nlattr *nest, struct range *range)
{
	struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == SASSER_RANGE_A_FIRST)
			range->first = get_u16(attr);
		else if (mnl_attr_get_type(attr) == SASSER_RANGE_A_LAST)
			range->last = get_u16(attr);
		else
			die("unknown attribute in a range");
	}
}

static void get_remote(const struct nlattr *nest, struct remote *remote)
{
	struct nlattr *attr;
	uint16_t len;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case SASSER_REMOTE_A_ADDRESS:
			len = mnl_attr_get_payload_len(attr);
			if (len != 4 && len != 16)
				die("an address of %u bytes", len);
			remote->family = len == 4 ? AF_INET : AF_INET6;
			memset(remote->addr, 0, sizeof(remote->addr));
			memcpy(remote->addr, mnl_attr_get_payload(attr), len);
			break;
		case SASSER_REMOTE_A_LENGTH:
			remote->len = get_u8(attr);
			break;
		default:
			die("unknown attribute in a remote prefix");
		}
	}
}

static void get_filter(const struct nlattr *nest, struct filters *filters)
{
	struct filter *last = filters->n ? &filters->filter[filters->n - 1] :
					   NULL;
	struct filter filter = {};
	struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case SASSER_FILTER_A_NAME:
			get_str(attr, filter.name, sizeof(filter.name));
			break;
		case SASSER_FILTER_A_DIRECTION:
			filter.direction = get_u8(attr);
			break;
		case SASSER_FILTER_A_PROTOCOL:
			filter.protocol = get_u8(attr);
			break;
		case SASSER_FILTER_A_ACTION:
			filter.action = get_u8(attr);
			break;
		case SASSER_FILTER_A_RANGE:
			if (filters->n_ranges == SASSER_RANGES_MAX)
				die("too many port ranges in a dump");
			get_range(attr, &filters->range[filters->n_ranges++]);
			filter.n_ranges++;
			if (filter.n_remotes)
				die("a port range behind a remote prefix");
			break;
		case SASSER_FILTER_A_REMOTE:
			if (filters->n_remotes == SASSER_REMOTES_MAX)
				die("too many remote prefixes in a dump");
			get_remote(attr, &filters->remote[filters->n_remotes++]);
			filter.n_remotes++;
			break;
		default:
			die("unknown attribute in a filter");
		}
	}
	if (!filter.n_ranges && !filter.n_remotes)
		die("a message of a filter without a port range or prefix");

	if (last && !strcmp(last->name, filter.name)) {
		if (last->direction != filter.direction ||
		    last->protocol != filter.protocol ||
		    last->action != filter.action)
			die("a filter that goes on as another one");
		if (last->n_remotes && filter.n_ranges)
			die("a port range behind a remote prefix");
		last->n_ranges += filter.n_ranges;
		last->n_remotes += filter.n_remotes;
		return;
	}
	if (filters->n == SASSER_FILTERS_MAX)
		die("too many filters in a dump");
	filter.range = &filters->range[filters->n_ranges - filter.n_ranges];
	filter.remote = &filters->remote[filters->n_remotes - filter.n_remotes];
	filters->filter[filters->n++] = filter;
}

int filter_cb(const struct nlmsghdr *nlh, void *data)
{
	struct filters *filters = data;
	unsigned int n = 0;
	struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case SASSER_A_PAD:
			break;
		case SASSER_A_GENERATION:
			filters->generation = get_u64(attr);
			break;
		case SASSER_A_FILTER:
			n++;
			get_filter(attr, filters);
			break;
		default:
			die("unknown attribute in a dump of filters");
		}
	}
	if (n != 1)
		die("%u filters in one message", n);
	return MNL_CB_OK;
}

static void get_row(const struct nlattr *nest, struct row *row)
{
	unsigned int times = 0;
	struct nlattr *attr;

	memset(row, 0, sizeof(*row));
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case SASSER_COUNTER_A_PAD:
			break;
		case SASSER_COUNTER_A_FILTER:
			get_str(attr, row->filter, sizeof(row->filter));
			break;
		case SASSER_COUNTER_A_DIRECTION:
			row->direction = get_u8(attr);
			break;
		case SASSER_COUNTER_A_PROTOCOL:
			row->protocol = get_u8(attr);
			break;
		case SASSER_COUNTER_A_FIRST:
			row->first = get_u16(attr);
			break;
		case SASSER_COUNTER_A_LAST:
			row->last = get_u16(attr);
			break;
		case SASSER_COUNTER_A_ACTION:
			row->action = get_u8(attr);
			break;
		case SASSER_COUNTER_A_PACKETS:
			row->packets = get_u64(attr);
			break;
		case SASSER_COUNTER_A_BYTES:
			row->bytes = get_u64(attr);
			break;
		case SASSER_COUNTER_A_ATTEMPTS:
			row->attempts = get_u64(attr);
			break;
		case SASSER_COUNTER_A_FIRST_HIT:
			row->first_hit = get_u64(attr);
			times++;
			break;
		case SASSER_COUNTER_A_LAST_HIT:
			row->last_hit = get_u64(attr);
			times++;
			break;
		default:
			die("unknown attribute in a counter");
		}
	}
	if (times == 1)
		die("a counter with one of its two times");
	row->has_hit = times == 2;
}

int counter_cb(const struct nlmsghdr *nlh, void *data)
{
	struct counters *counters = data;
	struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case SASSER_A_PAD:
			break;
		case SASSER_A_GENERATION:
			counters->generation = get_u64(attr);
			break;
		case SASSER_A_UNCLASSIFIED:
			counters->unclassified = get_u64(attr);
			break;
		case SASSER_A_COUNTER:
			if (counters->n == ROWS_MAX)
				die("too many rows in a dump");
			get_row(attr, &counters->row[counters->n++]);
			break;
		default:
			die("unknown attribute in a dump of counters");
		}
	}
	return MNL_CB_OK;
}

/* About the policy that is imposed, where @g asks about that. */
static struct nlmsghdr *ask(struct genl *g, char *buf, uint8_t cmd,
			    uint16_t flags)
{
	struct nlmsghdr *nlh = genl_request(g, buf, cmd, flags);

	if (g->imposed)
		mnl_attr_put(nlh, SASSER_A_IMPOSED, 0, NULL);
	return nlh;
}

int status_get(struct genl *g, struct status *status)
{
	char buf[256];

	memset(status, 0, sizeof(*status));
	return genl_talk(g, ask(g, buf, SASSER_CMD_STATUS_GET, NLM_F_ACK),
			 status_cb, status);
}

int filters_get(struct genl *g, struct filters *filters)
{
	char buf[256];

	memset(filters, 0, sizeof(*filters));
	return genl_talk(g, ask(g, buf, SASSER_CMD_FILTER_GET, NLM_F_DUMP),
			 filter_cb, filters);
}

static void counters_clear(struct counters *counters)
{
	counters->generation = 0;
	counters->unclassified = 0;
	counters->n = 0;
}

/* With the unclassified packets, which a dump of the counters has not. */
int counters_get(struct genl *g, struct counters *counters)
{
	struct status status;
	char buf[256];
	int err;

	counters_clear(counters);
	err = genl_talk(g, ask(g, buf, SASSER_CMD_COUNTER_GET, NLM_F_DUMP),
			counter_cb, counters);
	if (err)
		return err;
	err = status_get(g, &status);
	counters->unclassified = status.unclassified;
	return err;
}

int counters_reset(struct genl *g, struct counters *counters)
{
	char buf[256];

	counters_clear(counters);
	return genl_talk(g, ask(g, buf, SASSER_CMD_COUNTER_RESET, NLM_F_DUMP),
			 counter_cb, counters);
}
