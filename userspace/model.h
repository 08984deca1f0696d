/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tool knows: policies, counters, and one snapshot of both. Neither
 * netlink nor any output format shows in here.
 */
#ifndef SASSER_MODEL_H
#define SASSER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/sasser.h>

#define NAME_LEN	(SASSER_NAME_MAX + 1)
#define VERSION_LEN	32
#define MESSAGE_LEN	512
#define SOURCE_LEN	512

struct range {
	uint16_t first;
	uint16_t last;
};

/* Bits of @address behind @length are 0. */
struct prefix {
	uint8_t family;		/* AF_INET or AF_INET6 */
	uint8_t length;		/* bits, 0 to 32 or 128 */
	uint8_t address[16];	/* network byte order; IPv4 in the first four */
};

struct filter {
	char name[NAME_LEN];
	uint8_t direction;	/* enum sasser_direction */
	uint8_t protocol;	/* enum sasser_protocol */
	uint8_t action;		/* enum sasser_action */
	struct range *ranges;
	size_t n_ranges;
	struct prefix *remotes;	/* none: every address */
	size_t n_remotes;
};

struct policy {
	char name[NAME_LEN];	/* empty: there is none */
	uint8_t mode;		/* enum sasser_mode */
	uint8_t origin;		/* enum sasser_origin */
	uint8_t match;		/* enum sasser_match */
	uint8_t scope;		/* enum sasser_scope */
	struct filter *filters;
	size_t n_filters;
};

struct counter {
	char filter[NAME_LEN];
	uint8_t direction;
	uint8_t protocol;
	uint8_t action;
	struct range ports;
	uint64_t packets;
	uint64_t bytes;
	uint64_t attempts;
	uint64_t first_hit;	/* seconds since the epoch, 0 without a hit */
	uint64_t last_hit;
};

/* What the last `sasserctl refresh` came to. */
struct refresh {
	uint64_t time;		/* 0: there was none since boot */
	bool ok;
	char message[MESSAGE_LEN];
};

/* Until when a policy is meant to last. */
struct term {
	uint64_t expires;	/* the first second after its last day, 0: never */
	bool disables;		/* it counts as un-assigned then */
};

enum joined_state {
	JOINED_UNKNOWN,		/* not asked, or not allowed to see */
	JOINED_NO,
	JOINED_YES,
};

/* What the domain assigns. */
struct by_domain {
	char policy[NAME_LEN];	/* "": nothing */
	char source[SOURCE_LEN];	/* who says so; "": unknown */
	bool keep_service;
	const char *service_off;	/* why sasser.service is, or NULL */
	enum joined_state joined;
};

/* What the files of the initial namespace say of what is in force. */
struct standing {
	bool overrides;
	char overridden[NAME_LEN];	/* the local policy that the domain's beats */
	struct term term;
	char expired[NAME_LEN];	/* left out, because its day is over; "": none */
	struct by_domain domain;
};

struct snapshot {
	bool loaded;		/* the module is there; else only .refresh is set */
	char module_version[VERSION_LEN];
	bool assigned;
	uint64_t generation;
	uint64_t since;
	uint64_t unclassified;
	bool initial;		/* the initial network namespace */
	uint32_t namespaces;	/* with a policy; told in the initial one only */
	struct policy policy;	/* assigned, or the last one */
	struct counter *counters;
	size_t n_counters;
	uint32_t confirm;	/* seconds that a trial has left */
	bool on_trial;
	struct snapshot *imposed;	/* from the initial namespace, or NULL */
	struct standing standing;
	struct refresh refresh;
	uint64_t now;
};

/* Something that happened to the policy of this namespace. */
struct event {
	uint8_t what;		/* enum sasser_event */
	uint64_t generation;
	uint8_t mode;
	uint8_t origin;
	char policy[NAME_LEN];
	bool imposed;		/* it is about the policy imposed */
};

void filter_free(struct filter *filter);
void policy_free(struct policy *policy);
/* Whatever the order of ports and prefixes. */
bool filter_equal(const struct filter *a, const struct filter *b);
bool policy_equal(const struct policy *a, const struct policy *b);
/* Whoever assigned it. */
bool policy_blocks_the_same(const struct policy *a, const struct policy *b);
/* Do they count the same? */
bool counter_same_row(const struct counter *a, const struct counter *b);
/* Whole days that the policy has been assigned for. */
uint64_t snapshot_days(const struct snapshot *snap);
void snapshot_free(struct snapshot *snap);

#endif /* SASSER_MODEL_H */
