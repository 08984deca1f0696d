// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What should become of a request: a strict parser of its own for
 * <linux/sasser.h>. Which of several errors is said is left to the kernel.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "fuzz_model.h"

#define HEADERS	(NLMSG_HDRLEN + GENL_HDRLEN)

struct attr {
	uint16_t type;
	bool nested;
	size_t len;
	const uint8_t *data;
};

/* Return: 1 if there is one, 0 at the end, -1 if this is none */
static int next_attr(const uint8_t **at, const uint8_t *end, struct attr *attr)
{
	struct nlattr nla;
	size_t left;

	if (*at >= end)
		return 0;
	left = end - *at;
	if (left < sizeof(nla))
		return -1;
	memcpy(&nla, *at, sizeof(nla));
	if (nla.nla_len < sizeof(nla) || nla.nla_len > left)
		return -1;
	attr->type = nla.nla_type & NLA_TYPE_MASK;
	attr->nested = nla.nla_type & NLA_F_NESTED;
	attr->len = nla.nla_len - sizeof(nla);
	attr->data = *at + sizeof(nla);
	*at += NLA_ALIGN(nla.nla_len);
	return 1;
}

static bool is_u8(const struct attr *attr, uint8_t min, uint8_t max)
{
	return !attr->nested && attr->len == 1 && attr->data[0] >= min &&
	       attr->data[0] <= max;
}

static bool get_port(const struct attr *attr, uint16_t *port)
{
	if (attr->nested || attr->len != sizeof(*port))
		return false;
	memcpy(port, attr->data, sizeof(*port));
	return *port;
}

/* A string with its end; what its characters are is looked at later. */
static bool get_string(const struct attr *attr, char *name)
{
	size_t room = attr->len < SASSER_NAME_MAX + 1 ? attr->len :
							SASSER_NAME_MAX + 1;

	if (attr->nested || !room || !memchr(attr->data, 0, room))
		return false;
	if (attr->len - !attr->data[attr->len - 1] > SASSER_NAME_MAX)
		return false;
	snprintf(name, SASSER_NAME_MAX + 1, "%s", (const char *)attr->data);
	return true;
}

static bool is_name(const char *name)
{
	static const char alnum[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	if (!*name || !strchr(alnum, *name))
		return false;
	for (; *name; name++)
		if (!strchr(alnum, *name) && !strchr("._-", *name))
			return false;
	return true;
}

static bool read_range(const struct attr *nest, struct range *range)
{
	const uint8_t *at = nest->data, *end = at + nest->len;
	unsigned int has = 0;
	struct attr attr;
	int more;

	while ((more = next_attr(&at, end, &attr)) > 0) {
		if (attr.type == SASSER_RANGE_A_FIRST ?
		    !get_port(&attr, &range->first) :
		    attr.type != SASSER_RANGE_A_LAST ||
		    !get_port(&attr, &range->last))
			return false;
		has |= 1U << attr.type;
	}
	return !more &&
	       has == (1U << SASSER_RANGE_A_FIRST | 1U << SASSER_RANGE_A_LAST) &&
	       range->first <= range->last;
}

static bool add_range(struct whole_policy *p, struct filter *f,
		      const struct attr *nest)
{
	struct range range;
	unsigned int i;

	if (!nest->nested || !read_range(nest, &range) ||
	    p->n_ranges == SASSER_RANGES_MAX)
		return false;
	for (i = 0; i < f->n_ranges; i++)
		if (range.first <= f->range[i].last &&
		    f->range[i].first <= range.last)
			return false;
	p->range[p->n_ranges++] = range;
	f->n_ranges++;
	return true;
}

static bool read_remote(const struct attr *nest, struct remote *remote)
{
	const uint8_t *at = nest->data, *end = at + nest->len;
	unsigned int has = 0, bits, i;
	struct attr attr;
	int more;

	memset(remote, 0, sizeof(*remote));
	while ((more = next_attr(&at, end, &attr)) > 0) {
		if (attr.nested)
			return false;
		if (attr.type == SASSER_REMOTE_A_ADDRESS) {
			if (attr.len > sizeof(remote->addr))
				return false;
			memset(remote->addr, 0, sizeof(remote->addr));
			memcpy(remote->addr, attr.data, attr.len);
			remote->family = attr.len == 4 ? AF_INET :
					 attr.len == 16 ? AF_INET6 : 0;
		} else if (attr.type == SASSER_REMOTE_A_LENGTH) {
			if (attr.len != 1)
				return false;
			remote->len = attr.data[0];
		} else {
			return false;
		}
		has |= 1U << attr.type;
	}
	bits = remote->family == AF_INET ? 32 : 128;
	if (more || !remote->family || remote->len > bits ||
	    has != (1U << SASSER_REMOTE_A_ADDRESS |
		    1U << SASSER_REMOTE_A_LENGTH))
		return false;
	/* "bits behind the prefix are 0" */
	for (i = remote->len; i < bits; i++)
		if (remote->addr[i / 8] & 0x80 >> i % 8)
			return false;
	return true;
}

static bool add_remote(struct whole_policy *p, struct filter *f,
		       const struct attr *nest)
{
	struct remote remote;
	unsigned int i;

	if (!nest->nested || !read_remote(nest, &remote) ||
	    p->n_remotes == SASSER_REMOTES_MAX)
		return false;
	for (i = 0; i < f->n_remotes; i++)
		if (!memcmp(&f->remote[i], &remote, sizeof(remote)))
			return false;
	p->remote[p->n_remotes++] = remote;
	f->n_remotes++;
	return true;
}

/* Of attributes that are there twice, but may not, the last one counts. */
static bool add_filter(struct whole_policy *p, const struct attr *nest)
{
	const uint8_t *at = nest->data, *end = at + nest->len;
	struct filter *f = &p->filter[p->policy.n_filters];
	struct attr attr;
	unsigned int i;
	int more;

	if (!nest->nested || p->policy.n_filters == SASSER_FILTERS_MAX)
		return false;
	memset(f, 0, sizeof(*f));
	f->range = &p->range[p->n_ranges];
	f->remote = &p->remote[p->n_remotes];
	while ((more = next_attr(&at, end, &attr)) > 0) {
		bool ok = false;

		switch (attr.type) {
		case SASSER_FILTER_A_NAME:
			ok = get_string(&attr, f->name);
			break;
		case SASSER_FILTER_A_DIRECTION:
			ok = is_u8(&attr, SASSER_DIRECTION_IN,
				   SASSER_DIRECTION_BOTH);
			f->direction = ok ? attr.data[0] : 0;
			break;
		case SASSER_FILTER_A_PROTOCOL:
			ok = is_u8(&attr, 0, 255);
			f->protocol = ok ? attr.data[0] : 0;
			break;
		case SASSER_FILTER_A_ACTION:
			ok = is_u8(&attr, SASSER_ACTION_BLOCK,
				   SASSER_ACTION_PERMIT);
			f->action = ok ? attr.data[0] : 0;
			break;
		case SASSER_FILTER_A_RANGE:
			ok = add_range(p, f, &attr);
			break;
		case SASSER_FILTER_A_REMOTE:
			ok = add_remote(p, f, &attr);
			break;
		}
		if (!ok)
			return false;
	}
	if (more || !is_name(f->name) || !f->direction || !f->action ||
	    !f->n_ranges || (f->protocol != SASSER_PROTOCOL_TCP &&
			     f->protocol != SASSER_PROTOCOL_UDP))
		return false;
	for (i = 0; i < p->policy.n_filters; i++)
		if (!strcmp(p->filter[i].name, f->name))
			return false;
	p->policy.n_filters++;
	return true;
}

static bool is_plain(const struct attr *attr, size_t len)
{
	return !attr->nested && attr->len == len;
}

static bool read_set(const uint8_t *at, const uint8_t *end,
		     struct whole_policy *p)
{
	bool confirms = false;
	struct attr attr;
	int more;

	memset(&p->policy, 0, sizeof(p->policy));
	memset(p->name, 0, sizeof(p->name));
	p->n_ranges = 0;
	p->n_remotes = 0;
	while ((more = next_attr(&at, end, &attr)) > 0) {
		bool ok = false;

		switch (attr.type) {
		case SASSER_A_POLICY:
			ok = get_string(&attr, p->name);
			break;
		case SASSER_A_MODE:
			ok = is_u8(&attr, SASSER_MODE_ENFORCE,
				   SASSER_MODE_OBSERVE);
			p->policy.mode = ok ? attr.data[0] : 0;
			break;
		case SASSER_A_ORIGIN:
			ok = is_u8(&attr, SASSER_ORIGIN_LOCAL,
				   SASSER_ORIGIN_DOMAIN);
			p->policy.origin = ok ? attr.data[0] : 0;
			break;
		case SASSER_A_FILTER:
			ok = add_filter(p, &attr);
			break;
		case SASSER_A_MATCH:
			ok = is_u8(&attr, SASSER_MATCH_AUTO,
				   SASSER_MATCH_PACKET);
			p->policy.match = ok ? attr.data[0] : 0;
			break;
		case SASSER_A_SCOPE:
			ok = is_u8(&attr, SASSER_SCOPE_HOST,
				   SASSER_SCOPE_EVERYWHERE);
			p->policy.scope = ok ? attr.data[0] : 0;
			break;
		case SASSER_A_CONFIRM:
			ok = is_plain(&attr, sizeof(p->policy.confirm));
			if (ok)
				memcpy(&p->policy.confirm, attr.data,
				       attr.len);
			confirms = true;
			break;
		}
		if (!ok)
			return false;
	}
	p->policy.name = p->name;
	p->policy.filter = p->filter;
	if (confirms && (!p->policy.confirm ||
			 p->policy.confirm > SASSER_CONFIRM_MAX))
		return false;
	return !more && is_name(p->name) && p->policy.mode &&
	       p->policy.origin && p->policy.n_filters;
}

/* Nothing, or one flag. */
static bool read_flag(const uint8_t *at, const uint8_t *end, uint16_t type,
		      bool *flag)
{
	struct attr attr;
	int more;

	*flag = false;
	while ((more = next_attr(&at, end, &attr)) > 0) {
		if (attr.type != type || !is_plain(&attr, 0))
			return false;
		*flag = true;
	}
	return !more;
}

static bool read_confirm(const uint8_t *at, const uint8_t *end,
			 uint64_t *generation)
{
	bool there = false;
	struct attr attr;
	int more;

	while ((more = next_attr(&at, end, &attr)) > 0) {
		if (attr.type != SASSER_A_GENERATION ||
		    !is_plain(&attr, sizeof(*generation)))
			return false;
		memcpy(generation, attr.data, sizeof(*generation));
		there = true;
	}
	return !more && there;
}

static void model_command(struct fated *f, const uint8_t *at,
			  const uint8_t *end, const struct asker *asker,
			  struct whole_policy *set)
{
	bool good = false, dumped = false;

	switch (f->cmd) {
	case SASSER_CMD_STATUS_GET:
		good = read_flag(at, end, SASSER_A_IMPOSED, &f->imposed);
		break;
	case SASSER_CMD_POLICY_SET:
		good = asker->privileged && read_set(at, end, set) &&
		       (set->policy.scope != SASSER_SCOPE_EVERYWHERE ||
			asker->initial);
		break;
	case SASSER_CMD_POLICY_CONFIRM:
		good = asker->privileged &&
		       read_confirm(at, end, &f->generation);
		break;
	case SASSER_CMD_POLICY_CLEAR:
		good = asker->privileged &&
		       read_flag(at, end, SASSER_A_EVERYWHERE,
				 &f->everywhere) &&
		       (!f->everywhere || asker->initial);
		break;
	case SASSER_CMD_FILTER_GET:
	case SASSER_CMD_COUNTER_GET:
		good = read_flag(at, end, SASSER_A_IMPOSED, &f->imposed);
		dumped = true;
		break;
	case SASSER_CMD_COUNTER_RESET:
		good = asker->privileged &&
		       read_flag(at, end, SASSER_A_IMPOSED, &f->imposed);
		dumped = true;
		break;
	default:
		f->fate = FATE_REFUSED;
		return;
	}
	f->fate = good && dumped == f->dump ? FATE_DONE : FATE_REFUSED;
	/*
	 * The kernel itself has no words for a command of the wrong kind, for
	 * missing rights and, before 6.2, for attributes of a dump.
	 */
	f->explained = !dumped && !f->dump &&
		       (asker->privileged || f->cmd == SASSER_CMD_STATUS_GET);
}

struct fated model_message(const uint8_t *at, const uint8_t *end,
			   const struct asker *asker, struct whole_policy *set)
{
	struct fated f = { .fate = FATE_IGNORED };
	struct genlmsghdr genlh;
	struct nlmsghdr nlh;
	uint16_t known = NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO;

	if (end - at < NLMSG_HDRLEN)
		return f;
	memcpy(&nlh, at, sizeof(nlh));
	if (nlh.nlmsg_len < NLMSG_HDRLEN || nlh.nlmsg_len > end - at)
		return f;
	f.fate = FATE_NOTHING;
	if (!(nlh.nlmsg_flags & NLM_F_REQUEST) ||
	    nlh.nlmsg_type < NLMSG_MIN_TYPE)
		return f;
	f.fate = FATE_REFUSED;
	if (nlh.nlmsg_len < HEADERS)
		return f;

	memcpy(&genlh, at + NLMSG_HDRLEN, sizeof(genlh));
	f.cmd = genlh.cmd;
	f.dump = (nlh.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	model_command(&f, at + HEADERS, at + nlh.nlmsg_len, asker, set);
	/* From 6.1 on the kernel refuses what nobody had a use for. */
	if (f.dump)
		known |= NLM_F_DUMP;
	if (genlh.reserved || nlh.nlmsg_flags & ~known) {
		if (f.fate == FATE_DONE)
			f.fate = FATE_EITHER;
		f.explained = false;
	}
	return f;
}
