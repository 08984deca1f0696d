// SPDX-License-Identifier: GPL-2.0-or-later
/* Counts packets before and behind our hook at PRE_ROUTING, by nftables. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "fuzz_watch.h"
#include "netns.h"

/*
 * In the namespace entered last. What got past our hook is dropped, so that
 * the host answers nothing.
 */
void watch_open(struct watch *watch)
{
	run("nft -f - <<-EOF\n"
	    "table inet watch {\n"
	    " chain before {\n"
	    "  type filter hook prerouting priority -1000;\n"
	    "  iifname != " VETH " accept\n"
	    "  ip protocol %d accept\n"
	    "  counter\n"
	    " }\n"
	    " chain marker {\n"
	    "  type filter hook prerouting priority 1000;\n"
	    "  ip protocol %d counter drop\n"
	    " }\n"
	    " chain after {\n"
	    "  type filter hook prerouting priority 1001;\n"
	    "  iifname != " VETH " drop\n"
	    "  counter drop\n"
	    " }\n"
	    "}\n"
	    "EOF", WATCH_MARKER, WATCH_MARKER);

	watch->nl = mnl_socket_open(NETLINK_NETFILTER);
	if (!watch->nl || mnl_socket_bind(watch->nl, 0, MNL_SOCKET_AUTOPID))
		die("nfnetlink socket: %s", strerror(errno));
}

/* An expression of a rule: is it a counter, and at what? */
static bool read_counter(const struct nlattr *expr, uint64_t *packets)
{
	const struct nlattr *attr, *inner;
	bool counter = false;

	mnl_attr_for_each_nested(attr, expr) {
		if (mnl_attr_get_type(attr) == NFTA_EXPR_NAME)
			counter = !strcmp(mnl_attr_get_str(attr), "counter");
		if (!counter || mnl_attr_get_type(attr) != NFTA_EXPR_DATA)
			continue;
		mnl_attr_for_each_nested(inner, attr)
			if (mnl_attr_get_type(inner) == NFTA_COUNTER_PACKETS)
				*packets = be64toh(mnl_attr_get_u64(inner));
	}
	return counter;
}

/* Each chain has one counter. */
static int rule_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr, *expr;
	struct watch *watch = data;
	const char *chain = "";
	uint64_t packets = 0;
	bool counts = false;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(attr) == NFTA_RULE_CHAIN)
			chain = mnl_attr_get_str(attr);
		if (mnl_attr_get_type(attr) == NFTA_RULE_EXPRESSIONS)
			mnl_attr_for_each_nested(expr, attr)
				counts |= read_counter(expr, &packets);
	}
	if (!counts)
		return MNL_CB_OK;
	if (!strcmp(chain, "before"))
		watch->before = packets;
	if (!strcmp(chain, "marker"))
		watch->marker = packets;
	if (!strcmp(chain, "after"))
		watch->after = packets;
	return MNL_CB_OK;
}

void watch_read(struct watch *watch)
{
	char buf[8192];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg;
	int len, ret;

	nlh->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = NFPROTO_INET;
	nfg->version = NFNETLINK_V0;
	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, "watch");
	if (mnl_socket_sendto(watch->nl, nlh, nlh->nlmsg_len) < 0)
		die("asking for nftables' counters: %s", strerror(errno));
	do {
		len = mnl_socket_recvfrom(watch->nl, buf, sizeof(buf));
		if (len < 0)
			die("nftables' counters: %s", strerror(errno));
		ret = mnl_cb_run(buf, len, 0, 0, rule_cb, watch);
	} while (ret > 0);
	if (ret < 0)
		die("nftables' counters: %s", strerror(errno));
}
