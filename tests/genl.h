/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of the family for tests, written from <linux/sasser.h> alone and on
 * libmnl, so that it shares no mistake with sasserctl.
 */
#ifndef _SASSER_TEST_GENL_H
#define _SASSER_TEST_GENL_H

#include <stdbool.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#include <linux/sasser.h>

/* A policy at the limits, both directions; and its request. */
#define ROWS_MAX	(2 * SASSER_RANGES_MAX)
#define REQUEST_MAX	(128 * 1024)
#define GENL_ROOM	(64 * 1024)

struct range {
	uint16_t first;
	uint16_t last;
};

/* Like those of the kernel, bits behind the prefix are 0. */
struct remote {
	uint8_t family;		/* AF_INET or AF_INET6 */
	uint8_t len;
	uint8_t addr[16];
};

struct filter {
	char name[SASSER_NAME_MAX + 1];
	uint8_t direction;
	uint8_t protocol;
	uint8_t action;
	unsigned int n_ranges;
	const struct range *range;
	unsigned int n_remotes;
	const struct remote *remote;
};

struct policy {
	const char *name;
	uint8_t mode;
	uint8_t origin;
	unsigned int n_filters;
	const struct filter *filter;
	/* 0: the attribute is not sent */
	uint8_t match;
	uint8_t scope;
	uint32_t confirm;	/* seconds */
};

extern const struct policy policy_sasser;
extern const struct policy policy_sasser_observe;

struct row {
	char filter[SASSER_NAME_MAX + 1];
	uint8_t direction;
	uint8_t protocol;
	uint8_t action;
	uint16_t first;
	uint16_t last;
	uint64_t packets;
	uint64_t bytes;
	uint64_t attempts;
	bool has_hit;		/* FIRST_HIT and LAST_HIT are there */
	uint64_t first_hit;
	uint64_t last_hit;
};

struct counters {
	uint64_t generation;
	uint64_t unclassified;
	unsigned int n;
	struct row row[ROWS_MAX];
};

struct filters {
	uint64_t generation;
	unsigned int n;
	struct filter filter[SASSER_FILTERS_MAX];
	unsigned int n_ranges;
	struct range range[SASSER_RANGES_MAX];
	unsigned int n_remotes;
	struct remote remote[SASSER_REMOTES_MAX];
};

/* Of a STATUS_GET reply or a notification. @has: bits of enum sasser_attr */
struct status {
	uint32_t has;
	char version[64];
	uint64_t generation;
	uint8_t assigned;
	uint64_t unclassified;
	char policy[SASSER_NAME_MAX + 1];
	uint8_t mode;
	uint8_t origin;
	uint8_t match;
	uint8_t scope;
	uint64_t since;
	uint32_t confirm;	/* seconds left */
	uint32_t namespaces;
	uint8_t event;
};

/* A socket of the network namespace that it was opened in. */
struct genl {
	struct mnl_socket *nl;
	unsigned int seq;
	uint16_t family;
	uint32_t group;
	size_t room;		/* of a receive; the kernel fills it at most */
	bool imposed;		/* ask about the policy that is imposed */
	/* what the kernel said last */
	char message[128];	/* extended ack; empty: none */
	int offset;		/* of the attribute in question, -1: none */
	bool interrupted;	/* NLM_F_DUMP_INTR was set */
};

struct remote remote_of(const char *text);
int genl_find(struct genl *g, size_t room);
void genl_open(struct genl *g);
void genl_open_room(struct genl *g, size_t room);
void genl_close(struct genl *g);

struct nlmsghdr *genl_request(struct genl *g, void *buf, uint8_t cmd,
			      uint16_t flags);
void genl_send(struct genl *g, const struct nlmsghdr *nlh);
int genl_recv(struct genl *g, mnl_cb_t cb, void *data, bool *done);
int genl_talk(struct genl *g, const struct nlmsghdr *nlh, mnl_cb_t cb,
	      void *data);

void policy_put(struct nlmsghdr *nlh, const struct policy *policy);
void filter_put(struct nlmsghdr *nlh, const struct filter *filter);

/* Return: 0 or a negative errno */
int policy_set(struct genl *g, const struct policy *policy);
int policy_clear(struct genl *g, bool everywhere);
int policy_confirm(struct genl *g, uint64_t generation);
int status_get(struct genl *g, struct status *status);
int filters_get(struct genl *g, struct filters *filters);
int counters_get(struct genl *g, struct counters *counters);
int counters_reset(struct genl *g, struct counters *counters);

void genl_join(struct genl *g);
bool genl_event(struct genl *g, struct status *status, int seconds);

const struct row *row_find(const struct counters *counters, const char *filter,
			   uint8_t direction, uint16_t port);
bool counters_moved(const struct counters *before, const struct counters *after,
		    const struct row *moved, uint64_t packets, uint64_t bytes,
		    uint64_t attempts);
bool filters_are(const struct filters *filters, const struct policy *policy);

int status_cb(const struct nlmsghdr *nlh, void *data);
int filter_cb(const struct nlmsghdr *nlh, void *data);
int counter_cb(const struct nlmsghdr *nlh, void *data);

#endif /* _SASSER_TEST_GENL_H */
