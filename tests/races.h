/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What races: threads that do one kind of thing again and again for a time. */
#ifndef _SASSER_TEST_RACES_H
#define _SASSER_TEST_RACES_H

#include <stdbool.h>
#include <stdint.h>

#include "genl.h"

#define SITES	2

/* What is done, and counted. */
enum kind {
	PACKETS_IN,
	PACKETS_OUT,
	SWAPS,
	UNASSIGNMENTS,
	EVERYWHERE,
	NAMESPACES,
	TRIALS,
	CONFIRMED,
	REVERTED,
	IMPOSED,
	IMPOSED_RESETS,
	DUMPS,
	RESETS,
	MONITORS,
	EVENTS,
	KILLS,
	UNLOADS_REFUSED,
	LOADS,
	UNLOADS,
	LOOKUPS,
	LOOKUPS_IN_VAIN,
	REQUESTS,
	ASSIGNMENTS_KEPT,
	KINDS
};

extern const char * const race_names[KINDS];
extern unsigned long race_done[KINDS];
extern unsigned int race_wrong;

/* A namespace with a host behind a tap device. */
struct site {
	int netns;
	int tap;
};

extern struct site sites[SITES];
extern int initial_netns;

/* One of the threads; not all of them use all of it. */
struct racer {
	void (*run)(struct racer *racer);
	int site;
	int cpu;
	unsigned int seed;	/* set by race() */
};

void race(struct racer *racers, unsigned int n, double duration,
	  unsigned int seed);
bool racing(void);
unsigned int pick(struct racer *racer, unsigned int n);
void did(enum kind kind);
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* races_traffic.c: which row each packet belongs to, and what came of it */
enum traffic_row {
	IN_445,
	IN_5554,
	IN_9996,
	OUT_5554,
	OUT_9996,
	UNCLASSIFIED,
	NO_ROW,
};

#define TRAFFIC_ROWS	NO_ROW

struct sum {
	uint64_t packets;
	uint64_t bytes;
	uint64_t attempts;
};

extern struct sum traffic_sent[TRAFFIC_ROWS];

void traffic_prepare(void);
void traffic_send(struct racer *racer);		/* all of it is blocked */
void traffic_send_wild(struct racer *racer);	/* or not */
void traffic_add(struct sum *sums, const struct counters *counters);

#endif /* _SASSER_TEST_RACES_H */
