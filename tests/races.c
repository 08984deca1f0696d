// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything at once, for so many seconds (argument, or RACES_SECONDS; default 10):
 * traffic on both CPUs while policies swap, namespaces come and go, dumps run,
 * monitors subscribe and die, and the module is to be unloaded. In the first
 * site each packet is counted in the end, exactly.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include <kselftest_harness.h>

#include "netns.h"
#include "races.h"
#include "races_do.h"
#include "tap.h"

const char * const race_names[KINDS] = {
	[PACKETS_IN]		= "packets in",
	[PACKETS_OUT]		= "packets out",
	[SWAPS]			= "policies assigned",
	[UNASSIGNMENTS]		= "policies unassigned",
	[EVERYWHERE]		= "everywhere unassigned",
	[NAMESPACES]		= "namespaces made and ended",
	[TRIALS]		= "trials begun",
	[CONFIRMED]		= "trials confirmed",
	[REVERTED]		= "trials reverted",
	[IMPOSED]		= "policies imposed",
	[IMPOSED_RESETS]	= "resets of what is imposed",
	[DUMPS]			= "dumps",
	[RESETS]		= "resets",
	[MONITORS]		= "monitors",
	[EVENTS]		= "monitors that heard",
	[KILLS]			= "monitors killed",
	[UNLOADS_REFUSED]	= "unloads refused",
	[LOADS]			= "loads",
	[UNLOADS]		= "unloads",
	[LOOKUPS]		= "families found",
	[LOOKUPS_IN_VAIN]	= "families not found",
	[REQUESTS]		= "requests while it comes and goes",
	[ASSIGNMENTS_KEPT]	= "assignments while it comes and goes",
};

unsigned long race_done[KINDS];
unsigned int race_wrong;
struct site sites[SITES];
int initial_netns;

static double race_end;
static double total_seconds = 10;
static unsigned int seed;

bool racing(void)
{
	return seconds() < race_end;
}

unsigned int pick(struct racer *racer, unsigned int n)
{
	return rand_r(&racer->seed) % n;
}

void did(enum kind kind)
{
	__atomic_fetch_add(&race_done[kind], 1, __ATOMIC_RELAXED);
}

/* Says the first few. */
void wrong(const char *fmt, ...)
{
	va_list args;

	if (__atomic_fetch_add(&race_wrong, 1, __ATOMIC_RELAXED) >= 10)
		return;
	va_start(args, fmt);
	flockfile(stderr);
	fputs("# ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	funlockfile(stderr);
	va_end(args);
}

static void *racer_thread(void *data)
{
	struct racer *racer = data;

	racer->run(racer);
	return NULL;
}

void race(struct racer *racers, unsigned int n, double duration,
	  unsigned int seed)
{
	pthread_t thread[n];
	unsigned int i;

	race_end = seconds() + duration;
	for (i = 0; i < n; i++) {
		racers[i].seed = seed + i;
		if (pthread_create(&thread[i], NULL, racer_thread, &racers[i]))
			die("thread: %s", strerror(errno));
	}
	for (i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

FIXTURE(races) {
	struct genl initial;
	struct genl genl[SITES];
};

FIXTURE_SETUP(races)
{
	unsigned int i;

	fprintf(stderr, "# races: seed %u\n", seed);
	netns_enter(initial_netns);
	genl_open(&self->initial);
	for (i = 0; i < SITES; i++) {
		netns_enter(sites[i].netns);
		genl_open(&self->genl[i]);
	}
}

FIXTURE_TEARDOWN(races)
{
	unsigned int i;

	for (i = 0; i < SITES; i++)
		genl_close(&self->genl[i]);
	genl_close(&self->initial);
}

/* Each kind was done; how often. */
static void check_kinds(struct __test_metadata *_metadata,
			const enum kind *kinds, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		fprintf(stderr, "# races: %s %lu\n", race_names[kinds[i]],
			race_done[kinds[i]]);
		EXPECT_LT(0, race_done[kinds[i]]) {
			TH_LOG("no %s", race_names[kinds[i]]);
		}
	}
}

static bool all_done(const enum kind *kinds, unsigned int n)
{
	while (n--)
		if (!race_done[kinds[n]])
			return false;
	return true;
}

/* On a slow machine once more, until each kind was done. */
static void race_all(struct __test_metadata *_metadata, struct racer *racers,
		     unsigned int n, double share, const enum kind *kinds,
		     unsigned int n_kinds)
{
	unsigned int round = 0;

	do {
		race(racers, n, total_seconds * share, seed + 100 * round);
	} while (!all_done(kinds, n_kinds) && ++round < 30);
	EXPECT_EQ(0, race_wrong);
	check_kinds(_metadata, kinds, n_kinds);
}

/* Namespaces end some time after their last user. */
static void wait_for_namespaces(struct __test_metadata *_metadata,
				struct genl *initial, unsigned int n)
{
	double began = seconds();
	struct status status;

	do {
		ASSERT_EQ(0, status_get(initial, &status));
	} while (status.namespaces != n && seconds() - began < 120 &&
		 !usleep(20000));
	EXPECT_EQ(n, status.namespaces);
}

TEST_F_TIMEOUT(races, counters_are_exact, 3600)
{
	static const enum kind kinds[] = {
		PACKETS_IN, PACKETS_OUT, SWAPS, UNASSIGNMENTS, NAMESPACES,
		DUMPS, RESETS, MONITORS, EVENTS, KILLS, UNLOADS_REFUSED,
		TRIALS, CONFIRMED, REVERTED, IMPOSED, IMPOSED_RESETS,
	};
	struct racer racers[] = {
		{ traffic_send, .site = 0, .cpu = 0 },
		{ traffic_send, .site = 0, .cpu = 1 },
		{ traffic_send_wild, .site = 1, .cpu = 0 },
		{ traffic_send_wild, .site = 1, .cpu = 1 },
		{ do_swap, .site = 0 },
		{ do_swap_wild, .site = 1 },
		{ do_reset, .site = 0 },
		{ do_dump, .site = 0 },
		{ do_dump, .site = 1 },
		{ .run = do_namespaces },
		{ do_monitor, .site = 0 },
		{ do_monitor, .site = 1 },
		{ .run = do_unload_in_vain },
		{ .run = do_impose },
		{ do_reset_imposed, .site = 0 },
		{ do_reset_imposed, .site = 1 },
	};
	static struct counters rest;
	struct status status;
	unsigned int i;

	ASSERT_EQ(0, policy_set(&self->genl[0], &policy_sasser));
	race_all(_metadata, racers, ARRAY_SIZE(racers), 0.6, kinds,
		 ARRAY_SIZE(kinds));

	ASSERT_EQ(0, counters_get(&self->genl[0], &rest));
	traffic_add(reset_totals, &rest);
	for (i = 0; i < TRAFFIC_ROWS; i++) {
		EXPECT_LT(0, traffic_sent[i].packets);
		EXPECT_EQ(traffic_sent[i].packets, reset_totals[i].packets);
		if (i == UNCLASSIFIED)
			continue;
		EXPECT_EQ(traffic_sent[i].bytes, reset_totals[i].bytes);
		EXPECT_EQ(traffic_sent[i].attempts, reset_totals[i].attempts);
	}

	ASSERT_EQ(0, policy_clear(&self->genl[1], false));
	wait_for_namespaces(_metadata, &self->initial, 1);
	ASSERT_EQ(0, policy_clear(&self->genl[0], false));
	ASSERT_EQ(0, status_get(&self->initial, &status));
	EXPECT_EQ(0, status.namespaces);
}

TEST_F_TIMEOUT(races, everywhere_is_unassigned, 3600)
{
	static const enum kind kinds[] = {
		PACKETS_IN, PACKETS_OUT, SWAPS, EVERYWHERE, NAMESPACES, DUMPS,
		IMPOSED,
	};
	struct racer racers[] = {
		{ traffic_send_wild, .site = 0, .cpu = 0 },
		{ traffic_send_wild, .site = 1, .cpu = 1 },
		{ do_swap_wild, .site = 0 },
		{ do_swap_wild, .site = 1 },
		{ .run = do_everywhere },
		{ .run = do_everywhere },
		{ do_dump, .site = 0 },
		{ .run = do_namespaces },
		{ .run = do_namespaces },
		{ .run = do_impose },
	};

	race_all(_metadata, racers, ARRAY_SIZE(racers), 0.15, kinds,
		 ARRAY_SIZE(kinds));

	/* Once all have stopped it leaves nothing behind. */
	ASSERT_EQ(0, policy_clear(&self->initial, true));
	wait_for_namespaces(_metadata, &self->initial, 0);
	ASSERT_EQ(0, policy_set(&self->genl[0], &policy_sasser));
	wait_for_namespaces(_metadata, &self->initial, 1);
	ASSERT_EQ(0, policy_clear(&self->initial, true));
	wait_for_namespaces(_metadata, &self->initial, 0);
}

TEST_F_TIMEOUT(races, an_assignment_keeps_the_module, 3600)
{
	static const enum kind kinds[] = {
		LOADS, UNLOADS, UNLOADS_REFUSED, LOOKUPS, LOOKUPS_IN_VAIN,
		REQUESTS, ASSIGNMENTS_KEPT,
	};
	struct racer racers[] = {
		{ do_load, .cpu = 0 },
		{ do_unload, .cpu = 1 },
		{ do_requests, .site = 0 },
		{ do_requests, .site = 1 },
		{ do_assign_and_look, .site = 0 },
	};

	race_all(_metadata, racers, ARRAY_SIZE(racers), 0.25, kinds,
		 ARRAY_SIZE(kinds));
	module_load();
}

int main(int argc, char **argv)
{
	const char *text = argc > 1 ? argv[1] : getenv("RACES_SECONDS");
	unsigned int i;

	if (text && atof(text) > 0) {
		total_seconds = atof(text);
		argc = 1;
	}
	text = getenv("SEED");
	seed = text ? strtoul(text, NULL, 0) : (unsigned int)time(NULL);

	module_load();
	initial_netns = netns_here();
	for (i = 0; i < SITES; i++) {
		sites[i].netns = netns_new();
		netns_enter(sites[i].netns);
		sites[i].tap = tap_create();
	}
	traffic_prepare();
	do_prepare();
	do_prepare_module();
	return test_harness_run(argc, argv);
}
