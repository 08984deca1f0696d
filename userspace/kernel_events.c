// SPDX-License-Identifier: GPL-2.0-or-later
/* What the module tells by itself: that something happened to the policy. */
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <linux/genetlink.h>

#include "kernel_private.h"
#include "sasserctl.h"

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct kernel_events *events = arg;
	struct event event = {};
	struct nlattr *name;

	if (!genlmsg_valid_hdr(header, 0))
		return NL_OK;
	if (header->nlmsg_type == GENL_ID_CTRL) {
		name = nlmsg_find_attr(header, GENL_HDRLEN,
				       CTRL_ATTR_FAMILY_NAME);
		if (genlmsg_hdr(header)->cmd == CTRL_CMD_DELFAMILY && name &&
		    !nla_strcmp(name, SASSER_GENL_NAME))
			events->gone = true;
		return NL_OK;
	}
	if (genlmsg_hdr(header)->cmd == SASSER_CMD_POLICY_NTF &&
	    reply_event(genlmsg_attrdata(genlmsg_hdr(header), 0),
			(size_t)genlmsg_attrlen(genlmsg_hdr(header), 0),
			&event))
		events->event(&event, events->arg);
	return NL_OK;
}

static int join_group(struct kernel *kernel, const char *family,
		      const char *group)
{
	int ret = genl_ctrl_resolve_grp(kernel->sock, family, group);

	if (ret >= 0)
		ret = nl_socket_add_membership(kernel->sock, ret);
	if (ret < 0)
		complain("cannot join the multicast group %s of %s: %s", group,
			 family, nl_geterror(ret));
	return ret < 0 ? -1 : 0;
}

int kernel_follow(struct kernel *kernel)
{
	nl_socket_disable_seq_check(kernel->sock);
	/* The controller's group tells when the module goes. */
	if (join_group(kernel, SASSER_GENL_NAME, SASSER_GENL_MCGRP_POLICY) ||
	    join_group(kernel, "nlctrl", "notify"))
		return -1;
	return 0;
}

int kernel_fd(const struct kernel *kernel)
{
	return nl_socket_get_fd(kernel->sock);
}

int kernel_read_events(struct kernel *kernel, struct kernel_events *events)
{
	int ret;

	nl_socket_modify_cb(kernel->sock, NL_CB_VALID, NL_CB_CUSTOM, on_event,
			    events);
	events->lost = false;
	ret = nl_recvmsgs_default(kernel->sock);
	/* libnl's word for ENOBUFS, too. */
	if (ret == -NLE_NOMEM) {
		events->lost = true;
	} else if (ret < 0) {
		complain("cannot read events: netlink: %s", nl_geterror(ret));
		return -1;
	}
	return 0;
}
