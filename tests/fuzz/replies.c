// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel sends to sasserctl: kernel.c, libnl and reply.c read it, all
 * printers print what they made of it.
 *
 * The first byte of an input says what is asked for. Then messages follow, each
 * with a kind, flags, the length of its payload in two bytes, and the payload.
 */
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>

#include "fuzz.h"
#include "kernel.h"
#include "out.h"
#include "replies.h"
#include "sasserctl.h"
#include "snapshot.h"
#include "userspace_valid.h"

static const uint8_t *input;
static size_t left;
static bool kernel_spoke;

/* libnl's functions that meet the machine (the linker's --wrap). */
/* NOLINTBEGIN(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
int __wrap_access(const char *path, int mode);
int __wrap_genl_connect(struct nl_sock *sock);
int __wrap_genl_ctrl_resolve(struct nl_sock *sock, const char *name);
int __wrap_genl_ctrl_resolve_grp(struct nl_sock *sock, const char *family,
				 const char *group);
int __wrap_nl_socket_add_membership(struct nl_sock *sock, int group);
int __wrap_nl_send_auto(struct nl_sock *sock, struct nl_msg *msg);
/* NOLINTEND(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static size_t take_bytes(void *to, size_t size)
{
	if (size > left)
		size = left;
	if (size)
		memcpy(to, input, size);
	input += size;
	left -= size;
	return size;
}

/* Puts the headers in front of a payload; returns the length of all. */
static size_t frame(char *buf, const struct reply_head *head, size_t len)
{
	struct nlmsghdr *header = (struct nlmsghdr *)buf;
	struct genlmsghdr *genl = (struct genlmsghdr *)(header + 1);
	size_t offset = NLMSG_HDRLEN;

	memset(buf, 0, REPLY_ROOM);
	header->nlmsg_flags = head->flags & REPLY_NL_FLAGS;
	if (head->flags & REPLY_DUMP_INTR)
		header->nlmsg_flags |= NLM_F_DUMP_INTR;
	if (head->flags & REPLY_CAPPED)
		header->nlmsg_flags |= NLM_F_CAPPED;
	if (head->flags & REPLY_ACK_TLVS)
		header->nlmsg_flags |= NLM_F_ACK_TLVS;
	switch (head->kind) {
	case REPLY_DONE:
		header->nlmsg_type = NLMSG_DONE;
		break;
	case REPLY_ERROR:
		header->nlmsg_type = NLMSG_ERROR;
		break;
	case REPLY_CTRL:
		header->nlmsg_type = GENL_ID_CTRL;
		genl->cmd = CTRL_CMD_DELFAMILY;
		offset += GENL_HDRLEN;
		break;
	default:
		header->nlmsg_type = REPLY_FAMILY;
		genl->cmd = SASSER_CMD_POLICY_NTF;
		offset += GENL_HDRLEN;
		break;
	}
	len = take_bytes(buf + offset, len);
	header->nlmsg_len = (uint32_t)(offset + len);
	return offset + len;
}

static int receive(struct nl_sock *sock, struct sockaddr_nl *from,
		   unsigned char **out, struct ucred **creds)
{
	struct reply_head head;
	size_t len;
	char *buf;

	(void)sock;
	*creds = NULL;
	if (take_bytes(&head, sizeof(head)) < sizeof(head))
		return -NLE_BAD_SOCK;
	if (head.kind == REPLY_LOST)
		return -NLE_NOMEM;
	len = head.len < left ? head.len : left;
	/* Its own allocation: a byte beyond it is seen. */
	buf = malloc(REPLY_ROOM + len);
	if (head.kind == REPLY_RAW)
		len = take_bytes(buf, len);
	else
		len = frame(buf, &head, len);
	if (!len) {
		free(buf);
		return -NLE_AGAIN;
	}
	*out = realloc(buf, len);
	memset(from, 0, sizeof(*from));
	from->nl_family = AF_NETLINK;
	from->nl_pid = head.flags & REPLY_STRANGER ? 77 : 0;
	kernel_spoke = kernel_spoke || !from->nl_pid;
	return (int)len;
}

int __wrap_access(const char *path, int mode)
{
	(void)path;
	(void)mode;
	return 0;
}

int __wrap_genl_connect(struct nl_sock *sock)
{
	struct nl_cb *cb = nl_socket_get_cb(sock);

	nl_cb_overwrite_recv(cb, receive);
	nl_cb_put(cb);
	nl_socket_disable_seq_check(sock);
	return 0;
}

int __wrap_genl_ctrl_resolve(struct nl_sock *sock, const char *name)
{
	(void)sock;
	(void)name;
	return REPLY_FAMILY;
}

int __wrap_genl_ctrl_resolve_grp(struct nl_sock *sock, const char *family,
				 const char *group)
{
	(void)sock;
	(void)family;
	(void)group;
	return 1;
}

int __wrap_nl_socket_add_membership(struct nl_sock *sock, int group)
{
	(void)sock;
	(void)group;
	return 0;
}

int __wrap_nl_send_auto(struct nl_sock *sock, struct nl_msg *msg)
{
	(void)sock;
	(void)msg;
	return 1;
}

static void print_event(const struct event *event, void *arg)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)arg;
	out_json_event(out, event, REPLY_NOW);
	fclose(out);
	fuzz_valid(json_wrong(text, true), text);
	free(text);
	out = open_memstream(&text, &size);
	out_text_event(out, event, REPLY_NOW);
	fclose(out);
	fuzz_valid(text_wrong(text, 0), text);
	fuzz_check(strchr(text, '\n') == text + size - 1, "not one line", text);
	free(text);
}

static int read_events(struct kernel *kernel)
{
	struct kernel_events events = { .event = print_event };

	kernel_follow(kernel);
	while (!kernel_read_events(kernel, &events))
		;
	return -1;
}

static struct range ports[] = { { 445, 445 }, { 9996, 9997 } };
static struct prefix remotes[] = {
	{ AF_INET, 24, { 192, 0, 2 } }, { AF_INET6, 16, { 0x20, 1 } },
};
static struct filter filter = {
	.name = "smb", .direction = SASSER_DIRECTION_IN,
	.protocol = SASSER_PROTOCOL_TCP, .action = SASSER_ACTION_BLOCK,
	.ranges = ports, .n_ranges = 2, .remotes = remotes, .n_remotes = 2,
};
static const struct policy policy = {
	.name = "SASSER", .mode = SASSER_MODE_ENFORCE,
	.origin = SASSER_ORIGIN_LOCAL, .match = SASSER_MATCH_AUTO,
	.scope = SASSER_SCOPE_HOST, .filters = &filter, .n_filters = 1,
};

static int ask(struct kernel *kernel, enum reply_to what)
{
	struct snapshot snap = {};
	uint64_t generation;
	int ret;

	switch (what) {
	case REPLY_TO_SNAPSHOT:
		ret = kernel_snapshot(kernel, &snap);
		break;
	case REPLY_TO_RESET:
		ret = kernel_reset(kernel, &snap);
		break;
	case REPLY_TO_ASSIGN:
		return kernel_assign(kernel, &policy, 300);
	case REPLY_TO_CONFIRM:
		return kernel_confirm(kernel, 7);
	case REPLY_TO_GENERATION:
		return kernel_generation(kernel, &generation);
	case REPLY_TO_CLEAR:
		return kernel_clear(kernel, true);
	default:
		return read_events(kernel);
	}
	if (!ret) {
		snapshot_merge(&snap);
		snap.now = REPLY_NOW;
		fuzz_print(&snap);
	}
	snapshot_free(&snap);
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kernel *kernel;
	uint8_t what;
	int ret;

	input = data;
	left = size;
	if (!take_bytes(&what, 1))
		return 0;
	fuzz_begin();
	kernel_spoke = false;
	ret = kernel_open(&kernel);
	fuzz_check(ret == 1, "no kernel", "");
	ret = ask(kernel, what % REPLY_TO_MAX);
	kernel_close(kernel);
	fuzz_check(ret || kernel_spoke, "believes a stranger", "");
	fuzz_check_complaints(ret);
	fuzz_end();
	return 0;
}
