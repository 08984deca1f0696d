// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The controllers of a domain, by DNS. Whoever answers for DNS can make this
 * list say anything; it is what a joined host itself goes by.
 */
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "joined.h"

/* A message of DNS has no more than this. */
#define ANSWER_MAX	65536
/* Where they are, and two addresses of each. */
#define QUESTIONS_MAX	(1 + 2 * CONTROLLERS_MAX)
/* Of each server: one try, and so long; and of all of them together. */
#define SECONDS		2
#define SECONDS_MAX	10

struct asking {
	struct __res_state resolver;
	struct joined *joined;
	int questions;
	struct timespec end;
};

static bool is_over(const struct asking *asking)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > asking->end.tv_sec;
}

static void add(struct joined *joined, uint8_t family, const uint8_t *address)
{
	struct endpoint controller = { .family = family };

	memcpy(controller.address, address, family == AF_INET ? 4 : 16);
	if (joined_has(joined, &controller))
		return;
	if (joined->n == CONTROLLERS_MAX)
		joined->incomplete = true;
	else
		joined->controller[joined->n++] = controller;
}

/* It was answered that there is no such record. */
static bool has_none(const struct __res_state *resolver)
{
	return resolver->res_h_errno == HOST_NOT_FOUND ||
	       resolver->res_h_errno == NO_DATA;
}

/* Calls @fn with each record of the answer section. */
static void ask(struct asking *asking, const char *name, int type,
		void (*fn)(struct asking *, const ns_msg *, const ns_rr *))
{
	uint8_t answer[ANSWER_MAX];
	ns_msg msg;
	ns_rr rr;
	int len;

	if (asking->questions++ >= QUESTIONS_MAX || is_over(asking)) {
		asking->joined->incomplete = true;
		return;
	}
	len = res_nquery(&asking->resolver, name, ns_c_in, type, answer,
			 sizeof(answer));
	if (len < 0 || ns_initparse(answer, len, &msg)) {
		if (len >= 0 || !has_none(&asking->resolver))
			asking->joined->incomplete = true;
		return;
	}
	for (int i = 0; i < ns_msg_count(msg, ns_s_an); i++)
		if (!ns_parserr(&msg, ns_s_an, i, &rr) &&
		    (int)ns_rr_type(rr) == type)
			fn(asking, &msg, &rr);
}

static void take_address(struct asking *asking, const ns_msg *msg,
			 const ns_rr *rr)
{
	(void)msg;
	if (ns_rr_type(*rr) == ns_t_a && ns_rr_rdlen(*rr) == 4)
		add(asking->joined, AF_INET, ns_rr_rdata(*rr));
	else if (ns_rr_type(*rr) == ns_t_aaaa && ns_rr_rdlen(*rr) == 16)
		add(asking->joined, AF_INET6, ns_rr_rdata(*rr));
}

static void take_server(struct asking *asking, const ns_msg *msg,
			const ns_rr *rr)
{
	char name[NS_MAXDNAME];

	/* priority, weight, port, and then the name */
	if (ns_rr_rdlen(*rr) <= 6 ||
	    ns_name_uncompress(ns_msg_base(*msg), ns_msg_end(*msg),
			       ns_rr_rdata(*rr) + 6, name, sizeof(name)) < 0)
		return;
	ask(asking, name, ns_t_a, take_address);
	ask(asking, name, ns_t_aaaa, take_address);
}

void joined_find_controllers(struct joined *joined)
{
	struct asking asking = { .joined = joined };
	char name[REALM_LEN + sizeof("_ldap._tcp.dc._msdcs.")];

	joined->n = 0;
	joined->incomplete = false;
	if (!joined->realm[0] || res_ninit(&asking.resolver))
		return;
	clock_gettime(CLOCK_MONOTONIC, &asking.end);
	asking.end.tv_sec += SECONDS_MAX;
	asking.resolver.retrans = SECONDS;
	asking.resolver.retry = 1;
	snprintf(name, sizeof(name), "_ldap._tcp.dc._msdcs.%s", joined->realm);
	ask(&asking, name, ns_t_srv, take_server);
	res_nclose(&asking.resolver);
}
