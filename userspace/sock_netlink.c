// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <string.h>

#include "sasserctl.h"
#include "sock_netlink.h"

/* The highest errno that the kernel has; libnl does not say. */
#define ERRNO_MAX	4095

struct answer {
	const struct sock_question *question;
	bool done;
	int error;
};

struct nl_sock *sock_netlink_open(int protocol)
{
	struct nl_sock *sock = nl_socket_alloc();
	int ret;

	if (!sock) {
		complain("out of memory");
		return NULL;
	}
	ret = nl_connect(sock, protocol);
	if (ret) {
		complain("cannot open a netlink socket to ask for open connections: %s",
			 nl_geterror(ret));
		nl_socket_free(sock);
		return NULL;
	}
	return sock;
}

void sock_netlink_close(struct nl_sock *sock)
{
	nl_socket_free(sock);
}

static int errno_of(int error)
{
	return error < 0 && error >= -ERRNO_MAX ? -error : EPROTO;
}

/* Others with CAP_NET_ADMIN here may send to this socket as well. */
static int on_message(struct nl_msg *msg, void *arg)
{
	(void)arg;
	return nlmsg_get_src(msg)->nl_pid ? NL_SKIP : NL_OK;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct answer *answer = arg;

	if (answer->question->take)
		answer->question->take(nlmsg_hdr(msg), answer->question->arg);
	return NL_OK;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	struct answer *answer = arg;

	(void)from;
	answer->error = errno_of(error->error);
	answer->done = true;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct answer *answer = arg;

	(void)msg;
	answer->done = true;
	return NL_STOP;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct answer *answer = arg;
	int error = 0;

	if (nlmsg_datalen(header) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(header), sizeof(error));
	if (error < 0)
		answer->error = errno_of(error);
	answer->done = true;
	return NL_STOP;
}

/* The caller looks again anyway. */
static int on_interrupted(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static struct nl_cb *callbacks(struct answer *answer)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);

	if (!cb)
		return NULL;
	nl_cb_set(cb, NL_CB_MSG_IN, NL_CB_CUSTOM, on_message, answer);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, answer);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, answer);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, answer);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, answer);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, answer);
	return cb;
}

static int exchange(struct nl_sock *sock, struct nl_msg *msg, struct nl_cb *cb,
		    struct answer *answer)
{
	const struct sock_question *question = answer->question;

	errno = 0;
	if (nlmsg_append(msg, (void *)question->body, question->len,
			 NLMSG_ALIGNTO) || nl_send_auto(sock, msg) < 0)
		return errno ?: ENOMEM;
	while (!answer->done) {
		errno = 0;
		if (nl_recvmsgs(sock, cb) < 0 && !answer->done)
			return errno ?: EPROTO;
	}
	return answer->error;
}

int sock_netlink_ask(struct nl_sock *sock, const struct sock_question *question)
{
	struct answer answer = { .question = question };
	struct nl_msg *msg = nlmsg_alloc_simple(question->type,
						question->flags);
	struct nl_cb *cb = callbacks(&answer);
	int error = ENOMEM;

	if (msg && cb)
		error = exchange(sock, msg, cb, &answer);
	nlmsg_free(msg);
	if (cb)
		nl_cb_put(cb);
	return error;
}
