// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flows of others that come to a port of this host and are sent on by DNAT, to
 * a container say. They have no socket here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>
#include <unistd.h>

#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "policy_judge.h"
#include "sasserctl.h"
#include "sock_diag.h"
#include "sock_netlink.h"
#include "sock_select.h"

/* Of the network namespace that reads it; asking loads no module. */
#ifndef CONNTRACK_IN_USE
#define CONNTRACK_IN_USE	"/proc/sys/net/netfilter/nf_conntrack_count"
#endif

struct flows {
	const struct policy *policy;
	bool going_on;
	const struct local *local;
	struct sockets *found;
};

struct tuple {
	struct endpoint from;
	struct endpoint to;
	uint8_t protocol;
};

static bool take_address(struct endpoint *end, struct nlattr *v4,
			 struct nlattr *v6)
{
	struct nlattr *attr = v4 ?: v6;
	int len = v4 ? 4 : 16;

	if (!attr || nla_len(attr) != len)
		return false;
	end->family = v4 ? AF_INET : AF_INET6;
	memcpy(end->address, nla_data(attr), (size_t)len);
	return true;
}

static bool take_addresses(struct tuple *tuple, struct nlattr *nest)
{
	struct nlattr *attr[CTA_IP_MAX + 1];

	return nest && !nla_parse_nested(attr, CTA_IP_MAX, nest, NULL) &&
	       take_address(&tuple->from, attr[CTA_IP_V4_SRC],
			    attr[CTA_IP_V6_SRC]) &&
	       take_address(&tuple->to, attr[CTA_IP_V4_DST],
			    attr[CTA_IP_V6_DST]);
}

static bool take_ports(struct tuple *tuple, struct nlattr *nest)
{
	struct nlattr *attr[CTA_PROTO_MAX + 1];

	if (!nest || nla_parse_nested(attr, CTA_PROTO_MAX, nest, NULL) ||
	    !attr[CTA_PROTO_NUM] || !attr[CTA_PROTO_SRC_PORT] ||
	    !attr[CTA_PROTO_DST_PORT] || nla_len(attr[CTA_PROTO_NUM]) < 1 ||
	    nla_len(attr[CTA_PROTO_SRC_PORT]) < 2 ||
	    nla_len(attr[CTA_PROTO_DST_PORT]) < 2)
		return false;
	tuple->protocol = nla_get_u8(attr[CTA_PROTO_NUM]);
	tuple->from.port = ntohs(nla_get_u16(attr[CTA_PROTO_SRC_PORT]));
	tuple->to.port = ntohs(nla_get_u16(attr[CTA_PROTO_DST_PORT]));
	return true;
}

static bool take_tuple(struct tuple *tuple, struct nlattr *nest)
{
	struct nlattr *attr[CTA_TUPLE_MAX + 1];

	memset(tuple, 0, sizeof(*tuple));
	return nest && !nla_parse_nested(attr, CTA_TUPLE_MAX, nest, NULL) &&
	       take_addresses(tuple, attr[CTA_TUPLE_IP]) &&
	       take_ports(tuple, attr[CTA_TUPLE_PROTO]);
}

/* TCP_CONNTRACK_NONE if it does not say. */
static uint8_t state_of(struct nlattr *info)
{
	struct nlattr *attr[CTA_PROTOINFO_MAX + 1];
	struct nlattr *tcp[CTA_PROTOINFO_TCP_MAX + 1];

	if (!info || nla_parse_nested(attr, CTA_PROTOINFO_MAX, info, NULL) ||
	    !attr[CTA_PROTOINFO_TCP] ||
	    nla_parse_nested(tcp, CTA_PROTOINFO_TCP_MAX,
			     attr[CTA_PROTOINFO_TCP], NULL) ||
	    !tcp[CTA_PROTOINFO_TCP_STATE] ||
	    nla_len(tcp[CTA_PROTOINFO_TCP_STATE]) < 1)
		return TCP_CONNTRACK_NONE;
	return nla_get_u8(tcp[CTA_PROTOINFO_TCP_STATE]);
}

/* A connection that is over is kept for a while. */
static bool is_over(uint8_t state)
{
	return state == TCP_CONNTRACK_TIME_WAIT ||
	       state == TCP_CONNTRACK_LAST_ACK || state == TCP_CONNTRACK_CLOSE;
}

static bool same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && a->family == b->family &&
	       !memcmp(a->address, b->address, sizeof(a->address));
}

/*
 * Where every packet matches, those of an open flow are dropped before DNAT, so
 * it does not go on.
 */
static bool is_meant(const struct flows *flows, const struct tuple *tuple)
{
	const struct policy *policy = flows->policy;
	const struct judge_flow flow = {
		SASSER_DIRECTION_IN, tuple->protocol, tuple->to.port
	};

	return !(flows->going_on && policy_matches_all(policy, &flow)) &&
	       policy_judge(policy, &flow, tuple->from.family,
			    tuple->from.address) == SASSER_ACTION_BLOCK;
}

static void take_flow(const struct nlmsghdr *header, void *arg)
{
	struct nlattr *attr[CTA_MAX + 1];
	struct flows *flows = arg;
	struct tuple orig, reply;
	uint8_t state;
	struct sock_entry entry = {
		.protocol = SASSER_PROTOCOL_TCP,
		.direction = SASSER_DIRECTION_IN,
		.forwarded = true,
	};

	if (nlmsg_parse((struct nlmsghdr *)header, sizeof(struct nfgenmsg),
			attr, CTA_MAX, NULL) ||
	    !take_tuple(&orig, attr[CTA_TUPLE_ORIG]) ||
	    !take_tuple(&reply, attr[CTA_TUPLE_REPLY]) ||
	    orig.protocol != SASSER_PROTOCOL_TCP ||
	    same_endpoint(&orig.to, &reply.from) || !is_meant(flows, &orig) ||
	    !is_local(flows->local, &orig.to) ||
	    is_local(flows->local, &orig.from))
		return;
	state = state_of(attr[CTA_PROTOINFO]);
	if (is_over(state))
		return;
	if (state == TCP_CONNTRACK_ESTABLISHED)
		entry.state = TCP_ESTABLISHED;
	entry.local = orig.to;
	entry.remote = orig.from;
	sockets_add(flows->found, &entry);
}

static int list_flows(struct flows *flows)
{
	struct nfgenmsg body = {
		.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0,
	};
	struct sock_question question = {
		.type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
		.flags = NLM_F_REQUEST | NLM_F_DUMP,
		.body = &body,
		.len = sizeof(body),
		.take = take_flow,
		.arg = flows,
	};
	struct nl_sock *sock = sock_netlink_open(NETLINK_NETFILTER);
	int error;

	if (!sock)
		return -1;
	error = sock_netlink_ask(sock, &question);
	sock_netlink_close(sock);
	return error;
}

int sock_flows(const struct policy *policy, bool going_on,
	       struct sockets *found)
{
	struct local local = {};
	struct flows flows = {
		.policy = policy,
		.going_on = going_on,
		.local = &local,
		.found = found,
	};
	int error;

	if (access(CONNTRACK_IN_USE, F_OK))
		return 0;
	if (local_get(&local))
		return -1;
	error = list_flows(&flows);
	local_free(&local);
	return error > 0 ? 1 : error;
}
