// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The family of the module: one request at a time. The files kernel*.c alone
 * know libnl's generic netlink (sock_*.c have its sock_diag). That library has
 * no notion of extended acks, does not look at the error that a dump ends with,
 * and folds several errno values into one of its own, so errors are read from
 * the messages here.
 */
#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel_private.h"
#include "kernel_put.h"
#include "sasserctl.h"
#include "visible.h"

/* A snapshot is begun again this often if the policy changes meanwhile. */
#define ATTEMPTS	8

/* A policy at the limits takes about 50 KiB. */
#define BUFFER_SIZE	131072

/* The highest errno that the kernel has; libnl does not say. */
#define ERRNO_MAX	4095

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *header = genlmsg_hdr(nlmsg_hdr(msg));
	struct kernel *kernel = arg;

	/* After an error the rest of a dump is read, and goes nowhere. */
	if (kernel->take && !kernel->reply.malformed &&
	    !kernel->reply.interrupted && genlmsg_valid_hdr(nlmsg_hdr(msg), 0))
		kernel->take(&kernel->reply, genlmsg_attrdata(header, 0),
			     (size_t)genlmsg_attrlen(header, 0));
	return NL_OK;
}

static int on_interrupted(struct nl_msg *msg, void *arg)
{
	struct kernel *kernel = arg;

	(void)msg;
	kernel->reply.interrupted = true;
	return NL_OK;
}

/*
 * Who has CAP_NET_ADMIN over this namespace may send to this socket as well,
 * and root of the host may be in a container's.
 */
static int on_message(struct nl_msg *msg, void *arg)
{
	(void)arg;
	return nlmsg_get_src(msg)->nl_pid ? NL_SKIP : NL_OK;
}

static int errno_of(int error)
{
	return error < 0 && error >= -ERRNO_MAX ? -error : EPROTO;
}

/* Some errnos of the kernel are not for user space, and have no name there. */
static const char *errno_name(int error)
{
	return strerrorname_np(error) ?: "no name";
}

/* What an extended ack says stands behind @offset bytes of @header's payload. */
static void take_message(struct kernel *kernel, struct nlmsghdr *header,
			 size_t offset)
{
	struct nlattr *attr[NLMSGERR_ATTR_MAX + 1];
	size_t len = (size_t)nlmsg_datalen(header);

	/* NLMSG_ALIGN() has 32 bits. */
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS) || offset > len)
		return;
	offset = NLMSG_ALIGN(offset);
	if (offset >= len ||
	    nla_parse(attr, NLMSGERR_ATTR_MAX,
		      (struct nlattr *)((char *)nlmsg_data(header) + offset),
		      (int)(len - offset), NULL) ||
	    !attr[NLMSGERR_ATTR_MSG])
		return;
	nla_strlcpy(kernel->message, attr[NLMSGERR_ATTR_MSG],
		    sizeof(kernel->message));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	struct nlmsghdr *header = (struct nlmsghdr *)error - 1;
	struct kernel *kernel = arg;
	size_t offset = sizeof(*error);

	(void)from;
	if (!(header->nlmsg_flags & NLM_F_CAPPED) &&
	    error->msg.nlmsg_len > sizeof(error->msg))
		offset += error->msg.nlmsg_len - sizeof(error->msg);
	kernel->error = errno_of(error->error);
	take_message(kernel, header, offset);
	kernel->done = true;
	return NL_STOP;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct kernel *kernel = arg;
	int error = 0;

	if (nlmsg_datalen(header) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(header), sizeof(error));
	if (error < 0) {
		kernel->error = errno_of(error);
		take_message(kernel, header, sizeof(error));
	}
	kernel->done = true;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct kernel *kernel = arg;

	(void)msg;
	kernel->done = true;
	return NL_STOP;
}

static void set_callbacks(struct kernel *kernel)
{
	struct nl_cb *cb = nl_socket_get_cb(kernel->sock);

	nl_cb_set(cb, NL_CB_MSG_IN, NL_CB_CUSTOM, on_message, NULL);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, kernel);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, kernel);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, kernel);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, kernel);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, kernel);
	nl_cb_put(cb);
}

int kernel_open(struct kernel **out)
{
	const int on = 1;
	struct kernel *kernel;
	int ret;

	*out = NULL;
	/* The look-up by name makes the kernel run modprobe: spare it that. */
	if (!access("/sys/module", F_OK) &&
	    access("/sys/module/nf_sasser", F_OK))
		return 0;
	kernel = calloc(1, sizeof(*kernel));
	if (kernel)
		kernel->sock = nl_socket_alloc();
	if (!kernel || !kernel->sock) {
		complain("out of memory");
		exit(FAILED);
	}
	ret = genl_connect(kernel->sock);
	if (ret) {
		complain("cannot open a generic netlink socket: %s",
			 nl_geterror(ret));
		goto fail;
	}
	nl_socket_set_buffer_size(kernel->sock, BUFFER_SIZE, BUFFER_SIZE);
	/* Kernels that lack one of these still say the errno. */
	setsockopt(nl_socket_get_fd(kernel->sock), SOL_NETLINK,
		   NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(kernel->sock), SOL_NETLINK,
		   NETLINK_CAP_ACK, &on, sizeof(on));
	kernel->family = genl_ctrl_resolve(kernel->sock, SASSER_GENL_NAME);
	if (kernel->family == -NLE_OBJ_NOTFOUND) {
		kernel_close(kernel);
		return 0;
	}
	if (kernel->family < 0) {
		complain("cannot look up the generic netlink family "
			 SASSER_GENL_NAME ": %s", nl_geterror(kernel->family));
		goto fail;
	}
	set_callbacks(kernel);
	*out = kernel;
	return 1;
fail:
	kernel_close(kernel);
	return -1;
}

void kernel_close(struct kernel *kernel)
{
	nl_socket_free(kernel->sock);
	free(kernel);
}

static struct nl_msg *request(struct kernel *kernel, enum sasser_cmd cmd,
			      int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(BUFFER_SIZE);

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, kernel->family,
				 0, flags, cmd, SASSER_GENL_VERSION)) {
		complain("out of memory");
		exit(FAILED);
	}
	return msg;
}

/* One that reads, or with @imposed that asks for the policy imposed. */
static struct nl_msg *question(struct kernel *kernel, enum sasser_cmd cmd,
			       bool imposed)
{
	struct nl_msg *msg = request(kernel, cmd,
				     cmd == SASSER_CMD_STATUS_GET ? 0 :
				     NLM_F_DUMP);

	if (imposed)
		nla_put_flag(msg, SASSER_A_IMPOSED);
	return msg;
}

/*
 * Send @msg, free it, and read all that comes back. @what is for a complaint.
 * A dump that was interrupted is no failure: look at .reply.
 */
static int transact(struct kernel *kernel, struct nl_msg *msg, const char *what,
		    reply_fn take, struct snapshot *snap)
{
	char shown[VISIBLE_LEN];
	int ret;

	kernel->take = take;
	kernel->reply = (struct reply){ .snap = snap };
	kernel->done = false;
	kernel->error = 0;
	kernel->message[0] = '\0';
	ret = nl_send_auto(kernel->sock, msg);
	nlmsg_free(msg);
	while (ret >= 0 && !kernel->done)
		ret = nl_recvmsgs_default(kernel->sock);
	if (!kernel->done) {
		complain("cannot %s: netlink: %s", what, nl_geterror(ret));
		return -1;
	}
	if (!kernel->error)
		return kernel->reply.malformed ? -1 : 0;
	if (kernel->message[0])
		complain("cannot %s: the kernel says: %s [%s]", what,
			 visible(shown, kernel->message),
			 errno_name(kernel->error));
	else if (kernel->error == EPERM)
		complain("cannot %s: it takes CAP_NET_ADMIN over this network namespace.\n"
			 "Run it as root, e.g. with sudo.", what);
	else
		complain("cannot %s: %s [%s]", what, strerror(kernel->error),
			 errno_name(kernel->error));
	return -1;
}

/* Returns 1 if the policy changed meanwhile. */
static int read_all(struct kernel *kernel, struct snapshot *snap, bool imposed)
{
	bool more;
	int ret;

	ret = transact(kernel, question(kernel, SASSER_CMD_STATUS_GET, imposed),
		       "read the status", reply_status, snap);
	if (ret)
		return ret;
	if (!snap->loaded) {
		complain("cannot read the status: the kernel sent none");
		return -1;
	}
	more = kernel->reply.imposed && !imposed;
	if (snap->policy.name[0]) {
		ret = transact(kernel,
			       question(kernel, SASSER_CMD_FILTER_GET, imposed),
			       "read the filters", reply_filter, snap);
		if (ret || kernel->reply.interrupted)
			return ret ?: 1;
		ret = transact(kernel,
			       question(kernel, SASSER_CMD_COUNTER_GET, imposed),
			       "read the counters", reply_counter, snap);
		if (ret || kernel->reply.interrupted)
			return ret ?: 1;
	}
	return more ? 2 : 0;
}

static struct snapshot *new_snapshot(void)
{
	struct snapshot *snap = calloc(1, sizeof(*snap));

	if (!snap) {
		complain("out of memory");
		exit(FAILED);
	}
	return snap;
}

/* The policy imposed may have gone since: then all is read once more. */
static int attempt(struct kernel *kernel, struct snapshot *snap)
{
	int ret;

	snapshot_free(snap);
	ret = read_all(kernel, snap, false);
	if (ret != 2)
		return ret;
	snap->imposed = new_snapshot();
	ret = read_all(kernel, snap->imposed, true);
	if (ret)
		return ret;
	return snap->imposed->assigned ? 0 : 1;
}

int kernel_snapshot(struct kernel *kernel, struct snapshot *snap)
{
	int ret = 1;

	for (int i = 0; i < ATTEMPTS && ret > 0; i++)
		ret = attempt(kernel, snap);
	if (ret > 0)
		complain("the policy was changed over and over while it was read, %d times.\n"
			 "Try again.", ATTEMPTS);
	if (ret)
		snapshot_free(snap);
	return ret ? -1 : 0;
}

int kernel_assign(struct kernel *kernel, const struct policy *policy,
		  uint32_t confirm)
{
	struct nl_msg *msg = request(kernel, SASSER_CMD_POLICY_SET, 0);

	if (kernel_put_policy(msg, policy, confirm)) {
		complain("the policy %s does not fit into a message",
			 policy->name);
		nlmsg_free(msg);
		return -1;
	}
	return transact(kernel, msg, "assign the policy", NULL, NULL);
}

int kernel_generation(struct kernel *kernel, uint64_t *generation)
{
	struct snapshot snap = {};
	int ret = transact(kernel,
			   question(kernel, SASSER_CMD_STATUS_GET, false),
			   "read the status", reply_status, &snap);

	if (!ret && !snap.loaded) {
		complain("cannot read the status: the kernel sent none");
		ret = -1;
	}
	*generation = snap.generation;
	snapshot_free(&snap);
	return ret;
}

int kernel_confirm(struct kernel *kernel, uint64_t generation)
{
	struct nl_msg *msg = request(kernel, SASSER_CMD_POLICY_CONFIRM, 0);

	nla_put_u64(msg, SASSER_A_GENERATION, generation);
	return transact(kernel, msg, "confirm the policy", NULL, NULL);
}

int kernel_clear(struct kernel *kernel, bool everywhere)
{
	struct nl_msg *msg = request(kernel, SASSER_CMD_POLICY_CLEAR, 0);

	if (everywhere)
		nla_put_flag(msg, SASSER_A_EVERYWHERE);
	return transact(kernel, msg, everywhere ?
			"un-assign in all network namespaces" :
			"un-assign the policy", NULL, NULL);
}

static int reset(struct kernel *kernel, struct snapshot *snap, bool imposed)
{
	if (transact(kernel,
		     question(kernel, SASSER_CMD_COUNTER_RESET, imposed),
		     "reset the counters", reply_reset, snap)) {
		/* A refusal comes at once; what fails later has begun. */
		if (kernel->done)
			return -1;
		complain("the counters start again at zero all the same:\n"
			 "their totals until now are lost.");
		return 1;
	}
	if (kernel->reply.interrupted) {
		complain("the counters start again at zero, but the policy was changed meanwhile:\n"
			 "their totals until now are lost.");
		return 1;
	}
	return 0;
}

int kernel_reset(struct kernel *kernel, struct snapshot *snap)
{
	int ret = 0;

	if (transact(kernel, question(kernel, SASSER_CMD_STATUS_GET, false),
		     "read the status", reply_status, snap))
		return -1;
	if (kernel->reply.imposed)
		snap->imposed = new_snapshot();
	if (snap->policy.name[0] || !snap->imposed)
		ret = reset(kernel, snap, false);
	if (ret || !snap->imposed)
		return ret;
	if (transact(kernel, question(kernel, SASSER_CMD_STATUS_GET, true),
		     "read the status", reply_status, snap->imposed))
		return -1;
	return reset(kernel, snap->imposed, true);
}
