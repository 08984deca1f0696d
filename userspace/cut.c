// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "sasserctl.h"
#include "sock_diag.h"
#include "sock_netlink.h"
#include "sock_select.h"
#include "sockets.h"

/* New ones come only by SYN cookies, so two or three are enough. */
#define ROUNDS	16

void cut_free(struct cut *cut)
{
	sockets_free(&cut->closed);
	sockets_free(&cut->remain);
}

static void add_all(struct sockets *to, const struct sockets *from)
{
	for (size_t i = 0; i < from->n; i++)
		sockets_add(to, &from->entry[i]);
}

struct cutting {
	const struct policy *policy;
	struct cut *cut;
	struct nl_sock *sock;
	bool elsewhere;
};

static int find(struct cutting *cutting, struct sockets *found)
{
	if (sock_select(cutting->sock, cutting->policy, found))
		return -1;
	for (size_t i = 0; i < found->n; i++)
		found->entry[i].elsewhere = cutting->elsewhere;
	return 0;
}

/* Returns how many are gone now, or -1 after having complained. */
static int destroy_all(struct cutting *cutting, const struct sockets *found)
{
	int gone = 0;

	for (size_t i = 0; i < found->n; i++) {
		int error = sock_diag_destroy(cutting->sock, &found->entry[i]);

		if (!error) {
			sockets_add(&cutting->cut->closed, &found->entry[i]);
		} else if (error == EOPNOTSUPP) {
			cutting->cut->no_destroy = true;
		} else if (error != ENOENT) {
			complain("cannot close open connections: %s",
				 strerror(error));
			return -1;
		}
		gone += !error || error == ENOENT;
	}
	return gone;
}

static int cut_sockets(struct cutting *cutting)
{
	int gone = 1;

	for (int round = 0;; round++) {
		struct sockets found;
		bool last;

		if (find(cutting, &found))
			return -1;
		last = !found.n || !gone || round == ROUNDS;
		if (cutting->policy->mode == SASSER_MODE_OBSERVE) {
			add_all(&cutting->cut->closed, &found);
			last = true;
		} else if (last) {
			add_all(&cutting->cut->remain, &found);
		} else {
			gone = destroy_all(cutting, &found);
		}
		sockets_free(&found);
		if (gone < 0)
			return -1;
		if (last)
			return 0;
	}
}

static int cut_here(bool elsewhere, void *arg)
{
	struct cutting *cutting = arg;
	size_t remain = cutting->cut->remain.n;
	int ret;

	cutting->elsewhere = elsewhere;
	cutting->sock = sock_diag_open();
	if (!cutting->sock)
		return -1;
	ret = cut_sockets(cutting);
	/* In observe mode nothing is closed, and so nothing remains. */
	if (!ret && cutting->policy->mode != SASSER_MODE_OBSERVE)
		ret = sock_flows(cutting->policy, true, &cutting->cut->remain);
	if (ret > 0)
		cutting->cut->flows_unknown = true;
	sock_netlink_close(cutting->sock);
	for (; remain < cutting->cut->remain.n; remain++)
		cutting->cut->remain.entry[remain].elsewhere = elsewhere;
	return ret < 0 ? -1 : 0;
}

int sockets_cut(const struct policy *policy, struct cut *cut)
{
	struct cutting cutting = { .policy = policy, .cut = cut };
	int ret = 1;

	memset(cut, 0, sizeof(*cut));
	if (policy->scope == SASSER_SCOPE_EVERYWHERE)
		ret = netns_each(cut_here, &cutting);
	else if (cut_here(false, &cutting))
		ret = -1;
	/* What was closed is listed all the same. */
	cut->namespaces = ret < 0 ? 0 : (size_t)ret;
	return ret < 0 ? -1 : 0;
}
