// SPDX-License-Identifier: GPL-2.0-or-later
/* A client of the family for tests: sockets, requests and refusals. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

#include "genl.h"
#include "netns.h"

static const struct range ports_smb[] = { { 445, 445 } };
static const struct range ports_payload[] = { { 5554, 5554 }, { 9996, 9996 } };

static const struct filter filters_sasser[] = {
	{ "smb", SASSER_DIRECTION_IN, SASSER_PROTOCOL_TCP,
	  SASSER_ACTION_BLOCK, 1, ports_smb },
	{ "payload", SASSER_DIRECTION_BOTH, SASSER_PROTOCOL_TCP,
	  SASSER_ACTION_BLOCK, 2, ports_payload },
};

const struct policy policy_sasser = {
	"SASSER", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 2, filters_sasser,
};

const struct policy policy_sasser_observe = {
	"SASSER", SASSER_MODE_OBSERVE, SASSER_ORIGIN_LOCAL, 2, filters_sasser,
};

static int group_cb(const struct nlattr *attr, struct genl *g)
{
	const char *name = "";
	struct nlattr *member;
	uint32_t id = 0;

	mnl_attr_for_each_nested(member, attr) {
		if (mnl_attr_get_type(member) == CTRL_ATTR_MCAST_GRP_NAME)
			name = mnl_attr_get_str(member);
		if (mnl_attr_get_type(member) == CTRL_ATTR_MCAST_GRP_ID)
			id = mnl_attr_get_u32(member);
	}
	if (!strcmp(name, SASSER_GENL_MCGRP_POLICY))
		g->group = id;
	return MNL_CB_OK;
}

static int family_cb(const struct nlmsghdr *nlh, void *data)
{
	struct nlattr *attr, *group;
	struct genl *g = data;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			g->family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(group, attr)
				group_cb(group, g);
	}
	return MNL_CB_OK;
}

/*
 * @room: up to GENL_ROOM. A dump that does not fit in takes several pieces.
 *
 * Return: 0, or -ENOENT if there is no such family
 */
int genl_find(struct genl *g, size_t room)
{
	char buf[256];
	struct nlmsghdr *nlh;
	int err, on = 1;

	*g = (struct genl){ .family = GENL_ID_CTRL, .room = room };
	g->nl = mnl_socket_open(NETLINK_GENERIC);
	if (!g->nl || mnl_socket_bind(g->nl, 0, MNL_SOCKET_AUTOPID))
		die("generic netlink socket: %s", strerror(errno));
	if (mnl_socket_setsockopt(g->nl, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    mnl_socket_setsockopt(g->nl, NETLINK_CAP_ACK, &on, sizeof(on)))
		die("extended acks: %s", strerror(errno));

	nlh = genl_request(g, buf, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, SASSER_GENL_NAME);
	err = genl_talk(g, nlh, family_cb, g);
	if (err)
		genl_close(g);
	return err;
}

void genl_open_room(struct genl *g, size_t room)
{
	if (genl_find(g, room))
		die("no family " SASSER_GENL_NAME ": is the module loaded?");
	if (!g->group)
		die("no multicast group " SASSER_GENL_MCGRP_POLICY);
}

void genl_open(struct genl *g)
{
	genl_open_room(g, GENL_ROOM);
}

void genl_close(struct genl *g)
{
	if (g->nl)
		mnl_socket_close(g->nl);
	g->nl = NULL;
}

struct nlmsghdr *genl_request(struct genl *g, void *buf, uint8_t cmd,
			      uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genlh;

	nlh->nlmsg_type = g->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++g->seq;
	genlh = mnl_nlmsg_put_extra_header(nlh, sizeof(*genlh));
	genlh->cmd = cmd;
	genlh->version = SASSER_GENL_VERSION;
	return nlh;
}

/* Return: 0, or -ENOBUFS for want of memory, which a test may have made short */
static int try_to_send(struct genl *g, const struct nlmsghdr *nlh)
{
	g->message[0] = '\0';
	g->offset = -1;
	g->interrupted = false;
	if (mnl_socket_sendto(g->nl, nlh, nlh->nlmsg_len) >= 0)
		return 0;
	if (errno != ENOBUFS)
		die("sending a request: %s", strerror(errno));
	return -ENOBUFS;
}

void genl_send(struct genl *g, const struct nlmsghdr *nlh)
{
	if (try_to_send(g, nlh))
		die("sending a request: no memory");
}

/* The attributes behind the error of a NLMSG_ERROR or NLMSG_DONE. */
static void refusal(struct genl *g, const struct nlmsghdr *nlh, size_t skip)
{
	struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, skip) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(g->message, sizeof(g->message), "%s",
				 mnl_attr_get_str(attr));
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS)
			g->offset = mnl_attr_get_u32(attr);
	}
}

/*
 * One datagram of the answer. The error of a dump stands in its NLMSG_DONE,
 * where mnl_cb_run() does not look.
 */
int genl_recv(struct genl *g, mnl_cb_t cb, void *data, bool *done)
{
	static __thread char buf[GENL_ROOM];
	const struct nlmsghdr *nlh = (void *)buf;
	const struct nlmsgerr *err;
	int len;

	*done = false;
	len = mnl_socket_recvfrom(g->nl, buf, g->room);
	if (len < 0)
		return -errno;

	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		if (nlh->nlmsg_seq != g->seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			g->interrupted = true;
		switch (nlh->nlmsg_type) {
		case NLMSG_ERROR:
			*done = true;
			err = mnl_nlmsg_get_payload(nlh);
			refusal(g, nlh, sizeof(*err));
			return err->error;
		case NLMSG_DONE:
			*done = true;
			refusal(g, nlh, sizeof(int));
			return *(int *)mnl_nlmsg_get_payload(nlh);
		default:
			if (!cb)
				die("an answer where none was expected");
			cb(nlh, data);
		}
	}
	return 0;
}

int genl_talk(struct genl *g, const struct nlmsghdr *nlh, mnl_cb_t cb,
	      void *data)
{
	int err = try_to_send(g, nlh);
	bool done = false;

	while (!err && !done)
		err = genl_recv(g, cb, data, &done);
	return err;
}

void genl_join(struct genl *g)
{
	if (mnl_socket_setsockopt(g->nl, NETLINK_ADD_MEMBERSHIP, &g->group,
				  sizeof(g->group)))
		die("joining the group: %s", strerror(errno));
}

/* Return: false if there is no notification within so many seconds. */
bool genl_event(struct genl *g, struct status *status, int seconds)
{
	struct pollfd pfd = {
		.fd = mnl_socket_get_fd(g->nl), .events = POLLIN,
	};
	char buf[4096];
	int len;

	if (poll(&pfd, 1, seconds * 1000) <= 0)
		return false;
	len = mnl_socket_recvfrom(g->nl, buf, sizeof(buf));
	if (len < 0)
		die("receiving a notification: %s", strerror(errno));
	memset(status, 0, sizeof(*status));
	if (mnl_nlmsg_get_payload_len((void *)buf) < sizeof(struct genlmsghdr) ||
	    ((struct genlmsghdr *)mnl_nlmsg_get_payload((void *)buf))->cmd !=
	    SASSER_CMD_POLICY_NTF)
		die("something else than a notification");
	status_cb((void *)buf, status);
	return true;
}
