// SPDX-License-Identifier: GPL-2.0-or-later
/* Datagrams of requests and their answers; and dumps that go on beside them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

#include <linux/genetlink.h>

#include "fuzz_exchange.h"
#include "netns.h"

static struct filters filters;
static struct counters counters;
static struct status status;

void exchange_put(struct exchange *x, const uint8_t *data, size_t len)
{
	size_t at = NLMSG_ALIGN(x->len);

	memset(x->data + x->len, 0, at - x->len);
	memcpy(x->data + at, data, len);
	x->len = at + len;
}

/*
 * Goes through the datagram as netlink_rcv_skb() does, which need not be as it
 * was put together. Each message goes to our family, and its answer is known by
 * its number.
 */
void exchange_number(struct exchange *x, uint16_t family, unsigned int *seq)
{
	struct nlmsghdr nlh;
	size_t at = 0;

	x->seq = *seq + 1;
	x->n = 0;
	memset(x->answer, 0, sizeof(x->answer));
	while (x->len >= at + sizeof(nlh)) {
		memcpy(&nlh, x->data + at, sizeof(nlh));
		if (nlh.nlmsg_len < sizeof(nlh) || nlh.nlmsg_len > x->len - at)
			return;
		if (x->n == ANSWERS_MAX) {
			x->len = at;
			return;
		}
		if (nlh.nlmsg_type >= NLMSG_MIN_TYPE)
			nlh.nlmsg_type = family;
		nlh.nlmsg_seq = ++*seq;
		memcpy(x->data + at, &nlh, sizeof(nlh));
		x->answer[x->n++] = (struct answer){
			.at = at, .wanted = nlh.nlmsg_flags & NLM_F_ACK,
		};
		at += NLMSG_ALIGN(nlh.nlmsg_len);
	}
}

/*
 * After a trial that may end by itself at any moment, nothing is to follow: the
 * model would not know what it meets.
 */
void exchange_end_at_trial(struct exchange *x, const struct asker *asker,
			   struct whole_policy *set)
{
	struct nlmsghdr nlh;
	unsigned int i;

	for (i = 0; i < x->n; i++) {
		const uint8_t *at = x->data + x->answer[i].at;
		struct fated f = model_message(at, x->data + x->len, asker,
					       set);

		if (f.cmd != SASSER_CMD_POLICY_SET ||
		    (f.fate != FATE_DONE && f.fate != FATE_EITHER) ||
		    !set->policy.confirm ||
		    set->policy.confirm >= MESSAGE_LONG_TRIAL)
			continue;
		memcpy(&nlh, at, sizeof(nlh));
		x->len = x->answer[i].at + nlh.nlmsg_len;
		x->n = i + 1;
	}
}

/* From up to three pieces of memory. */
void exchange_send(const struct exchange *x, struct genl *genl,
		   struct chance *r)
{
	size_t a = chance_below(r, x->len + 1);
	size_t b = a + chance_below(r, x->len - a + 1);
	struct iovec iov[] = {
		{ (void *)x->data, a }, { (void *)(x->data + a), b - a },
		{ (void *)(x->data + b), x->len - b },
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr msg = {
		.msg_name = &kernel, .msg_namelen = sizeof(kernel),
		.msg_iov = iov, .msg_iovlen = ARRAY_LEN(iov),
	};

	if (sendmsg(mnl_socket_get_fd(genl->nl), &msg, 0) != (ssize_t)x->len)
		die("sending a datagram: %s", strerror(errno));
}

/* A message of our family; the callbacks die of what the ABI has not. */
static bool reply_is_right(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genlh = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genlh)) {
		printf("# a reply without a header\n");
		return false;
	}
	switch (genlh->cmd) {
	case SASSER_CMD_STATUS_GET:
		memset(&status, 0, sizeof(status));
		status_cb(nlh, &status);
		return true;
	case SASSER_CMD_FILTER_GET:
		filters.n = 0;
		filters.n_ranges = 0;
		filters.n_remotes = 0;
		filter_cb(nlh, &filters);
		return true;
	case SASSER_CMD_COUNTER_GET:
	case SASSER_CMD_COUNTER_RESET:
		counters.n = 0;
		counter_cb(nlh, &counters);
		return true;
	}
	printf("# a reply with the command %u\n", genlh->cmd);
	return false;
}

static void read_why(struct answer *a, const struct nlmsghdr *nlh, size_t skip)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, skip)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(a->why, sizeof(a->why), "%s",
				 mnl_attr_get_str(attr));
}

static bool receive_message(struct exchange *x, const struct nlmsghdr *nlh,
			    uint16_t family)
{
	unsigned int i = nlh->nlmsg_seq - x->seq;
	const int *err = mnl_nlmsg_get_payload(nlh);
	struct answer *a = &x->answer[i];

	if (i >= x->n) {
		printf("# an answer to nothing\n");
		return false;
	}
	if (nlh->nlmsg_type == family)
		return reply_is_right(nlh);
	if ((nlh->nlmsg_type != NLMSG_ERROR &&
	     nlh->nlmsg_type != NLMSG_DONE) ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*err) || a->ended) {
		printf("# an answer of type %u\n", nlh->nlmsg_type);
		return false;
	}
	a->ended = true;
	a->err = *err;
	read_why(a, nlh, nlh->nlmsg_type == NLMSG_ERROR ?
		 sizeof(struct nlmsgerr) : sizeof(*err));
	return true;
}

/* All of them: they are there when the datagram has been sent. */
bool exchange_receive(struct exchange *x, struct genl *genl)
{
	static char buf[GENL_ROOM];
	const struct nlmsghdr *nlh;
	int len;

	for (;;) {
		len = recv(mnl_socket_get_fd(genl->nl), buf, sizeof(buf),
			   MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN)
			return true;
		if (len < 0) {
			printf("# receiving: %s\n", strerror(errno));
			return false;
		}
		nlh = (void *)buf;
		for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
			if (!receive_message(x, nlh, genl->family))
				return false;
		if (len) {
			printf("# %d bytes behind the last answer\n", len);
			return false;
		}
	}
}

static bool is_errno(int err)
{
	static const int promised[] = {
		EINVAL, ERANGE, E2BIG, EEXIST, ENOENT, EPERM, EOPNOTSUPP,
		ESTALE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(promised); i++)
		if (err == -promised[i])
			return true;
	return false;
}

/* @dumped: a dump stands before it in the datagram and may still go on */
bool answer_is_right(const struct answer *a, const struct fated *f, bool dumped)
{
	if (f->dump && dumped && a->err == -EBUSY)
		return true;
	if ((f->fate == FATE_DONE || f->fate == FATE_NOTHING) && a->err) {
		printf("# command %u, dump %u: error %d, but nothing is wrong with it\n",
		       f->cmd, f->dump, a->err);
		return false;
	}
	if (f->fate == FATE_REFUSED && !a->err) {
		printf("# command %u, dump %u: done, but it is wrong\n",
		       f->cmd, f->dump);
		return false;
	}
	if (a->err && !is_errno(a->err)) {
		printf("# command %u, dump %u: error %d is not in the ABI\n",
		       f->cmd, f->dump, a->err);
		return false;
	}
	if (a->err && f->explained && a->err != -EOPNOTSUPP && !*a->why) {
		printf("# command %u: error %d without a message\n", f->cmd,
		       a->err);
		return false;
	}
	if (a->wanted && !a->ended) {
		printf("# command %u, dump %u: no answer\n", f->cmd, f->dump);
		return false;
	}
	return true;
}

/*
 * Dumps on other sockets: begun, read for a piece, perhaps with too little
 * room, or left in their middle.
 */
void side_dump(struct side *side, struct chance *r)
{
	static const uint8_t commands[] = {
		SASSER_CMD_FILTER_GET, SASSER_CMD_COUNTER_GET,
		SASSER_CMD_COUNTER_RESET,
	};
	static const size_t rooms[] = { 32, 512, 4096, 8192, GENL_ROOM };
	struct genl *g = &side->genl[chance_below(r, SIDES)];
	static char buf[GENL_ROOM];
	const struct nlmsghdr *nlh = (void *)buf;
	size_t room = PICK(r, rooms);
	unsigned int what = chance_below(r, 10);
	char request[256];
	int len;

	if (!g->nl)
		genl_open(g);
	if (what < 4) {
		genl_send(g, genl_request(g, request, PICK(r, commands),
					  NLM_F_DUMP));
	} else if (what < 5) {
		genl_close(g);
		return;
	}
	len = recv(mnl_socket_get_fd(g->nl), buf, room,
		   MSG_DONTWAIT | MSG_TRUNC);
	if (len > (ssize_t)room || len < 0)
		return;
	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		if (nlh->nlmsg_type == g->family && !reply_is_right(nlh))
			die("a wrong reply in a dump beside the requests");
}

void side_close(struct side *side)
{
	unsigned int i;

	for (i = 0; i < SIDES; i++)
		genl_close(&side->genl[i]);
}
