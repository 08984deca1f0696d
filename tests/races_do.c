// SPDX-License-Identifier: GPL-2.0-or-later
/* What the racers do but for traffic. */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netns.h"
#include "races_do.h"

#define MANY	200

struct sum reset_totals[TRAFFIC_ROWS];

static struct range ranges_many[MANY];

/* SASSER's rows among many. */
static struct filter filters_larger[4] = {
	{ "many", SASSER_DIRECTION_BOTH, SASSER_PROTOCOL_TCP,
	  SASSER_ACTION_BLOCK, MANY, ranges_many },
	{}, {},
	{ "many-udp", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_OBSERVE, MANY, ranges_many },
};

static const struct policy policy_larger = {
	"LARGER", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 4, filters_larger,
};

/*
 * Imposed: of one direction and of ports without traffic, so that each packet
 * is counted where it was without it; whoever it names is near the peers.
 */
static struct remote remotes_imposed[3];

static const struct filter filters_imposed[] = {
	{ "many-out", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP,
	  SASSER_ACTION_BLOCK, MANY, ranges_many },
	{ "but-some", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP,
	  SASSER_ACTION_PERMIT, MANY, ranges_many, 3, remotes_imposed },
};

static const struct policy policy_imposed = {
	"IMPOSED", SASSER_MODE_ENFORCE, SASSER_ORIGIN_DOMAIN, 2,
	filters_imposed, .match = SASSER_MATCH_PACKET,
	.scope = SASSER_SCOPE_EVERYWHERE,
};

void do_prepare(void)
{
	unsigned int i;

	/* None of a port that traffic goes to. */
	for (i = 0; i < MANY; i++)
		ranges_many[i] = (struct range){ 10000 + 20 * i, 10004 + 20 * i };
	remotes_imposed[0] = remote_of("192.0.2.0/24");
	remotes_imposed[1] = remote_of("127.0.0.0/8");
	remotes_imposed[2] = remote_of("2001:db8::/32");
	memcpy(&filters_larger[1], policy_sasser.filter,
	       2 * sizeof(*filters_larger));
}

static void site_open(struct racer *racer, struct genl *genl, size_t room)
{
	netns_enter(sites[racer->site].netns);
	genl_open_room(genl, room);
}

/* One that lasts for a second: confirmed, left to another, or waited for. */
static void try_out(struct racer *racer, struct genl *genl,
		    const struct policy *policy)
{
	struct policy trial = *policy;
	struct status status;
	int err;

	trial.confirm = 1;
	err = policy_set(genl, &trial);
	if (err)
		wrong("assigning on trial: error %d", err);
	did(TRIALS);
	switch (pick(racer, 20)) {
	case 0:
		/* under another clock, on a machine that has much to do */
		do {
			usleep(200000);
			if (status_get(genl, &status))
				wrong("reading the status failed");
		} while (status.has & 1U << SASSER_A_CONFIRM);
		did(REVERTED);
		break;
	case 1 ... 9:
		err = status_get(genl, &status) ?:
		      policy_confirm(genl, status.generation);
		/* too late, or there is another one by now */
		if (err && err != -ENOENT && err != -ESTALE)
			wrong("confirming: error %d", err);
		if (!err)
			did(CONFIRMED);
		break;
	}
}

/* Always one with SASSER's rows, and the last is SASSER. */
void do_swap(struct racer *racer)
{
	struct genl genl;
	int err;

	site_open(racer, &genl, GENL_ROOM);
	while (racing()) {
		const struct policy *policy = pick(racer, 2) ? &policy_larger :
							       &policy_sasser;

		if (!pick(racer, 3)) {
			try_out(racer, &genl, policy);
			continue;
		}
		err = policy_set(&genl, policy);
		if (err)
			wrong("assigning: error %d", err);
		did(SWAPS);
	}
	if (policy_set(&genl, &policy_sasser))
		wrong("SASSER can't be assigned in the end");
	genl_close(&genl);
}

void do_swap_wild(struct racer *racer)
{
	static const struct policy * const policies[] = {
		&policy_sasser, &policy_larger, &policy_sasser_observe, NULL,
	};
	struct genl genl;
	int err;

	site_open(racer, &genl, GENL_ROOM);
	while (racing()) {
		const struct policy *policy = policies[pick(racer, 4)];

		if (policy && !pick(racer, 4)) {
			try_out(racer, &genl, policy);
			continue;
		}
		err = policy ? policy_set(&genl, policy) :
			       policy_clear(&genl, false);
		if (err)
			wrong("assigning or unassigning: error %d", err);
		did(policy ? SWAPS : UNASSIGNMENTS);
	}
	genl_close(&genl);
}

void do_everywhere(struct racer *racer)
{
	struct genl genl;

	(void)racer;
	netns_enter(initial_netns);
	genl_open(&genl);
	while (racing()) {
		if (policy_clear(&genl, true))
			wrong("unassigning everywhere failed");
		did(EVERYWHERE);
		usleep(1000);
	}
	genl_close(&genl);
}

/* In the initial namespace; in the end nothing is in force there. */
void do_impose(struct racer *racer)
{
	static const struct policy * const policies[] = {
		&policy_imposed, &policy_imposed, &policy_sasser, NULL,
	};
	struct genl genl;

	netns_enter(initial_netns);
	genl_open(&genl);
	while (racing()) {
		const struct policy *policy = policies[pick(racer, 4)];
		int err = 0;

		if (policy && !pick(racer, 3))
			try_out(racer, &genl, policy);
		else if (policy)
			err = policy_set(&genl, policy);
		else
			err = policy_clear(&genl, false);
		if (err)
			wrong("imposing: error %d", err);
		if (policy == &policy_imposed)
			did(IMPOSED);
		usleep(pick(racer, 20000));
	}
	if (policy_clear(&genl, false))
		wrong("unassigning in the initial namespace failed");
	genl_close(&genl);
}

static struct counters *counters_new(void)
{
	struct counters *counters = malloc(sizeof(*counters));

	if (!counters)
		die("out of memory");
	return counters;
}

void do_reset(struct racer *racer)
{
	struct counters *counters = counters_new();
	struct genl genl;
	int err;

	site_open(racer, &genl, 4096);
	while (racing()) {
		err = counters_reset(&genl, counters);
		if (err)
			wrong("reset: error %d", err);
		traffic_add(reset_totals, counters);
		did(RESETS);
		usleep(5000);
	}
	genl_close(&genl);
	free(counters);
}

/* There may be nothing, but nothing else may go wrong. */
void do_reset_imposed(struct racer *racer)
{
	struct counters *counters = counters_new();
	struct genl genl;
	int err;

	site_open(racer, &genl, 4096);
	genl.imposed = true;
	while (racing()) {
		err = counters_reset(&genl, counters);
		if (err && err != -ENOENT)
			wrong("reset of what is imposed: error %d", err);
		if (!err)
			did(IMPOSED_RESETS);
		usleep(5000);
	}
	genl_close(&genl);
	free(counters);
}

void do_dump(struct racer *racer)
{
	struct filters *filters = malloc(sizeof(*filters));
	struct counters *counters = counters_new();
	struct genl genl;
	int err;

	site_open(racer, &genl, 4096);
	while (racing()) {
		err = pick(racer, 2) ? filters_get(&genl, filters) :
				       counters_get(&genl, counters);
		if (err)
			wrong("dump: error %d", err);
		did(DUMPS);
	}
	genl_close(&genl);
	free(counters);
	free(filters);
}

/* The hooks see loopback's packets, too. */
static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		wrong("loopback: %s", strerror(errno));
	close(fd);
}

static void loopback_send(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	union address a;
	socklen_t len = address_set(&a, AF_INET, "127.0.0.1", 9996);

	if (sendto(fd, "x", 1, 0, &a.sa, len) != 1)
		wrong("sending over loopback: %s", strerror(errno));
	close(fd);
}

void do_namespaces(struct racer *racer)
{
	struct genl genl;

	while (racing()) {
		if (unshare(CLONE_NEWNET))
			die("unshare: %s", strerror(errno));
		loopback_up();
		genl_open(&genl);
		if (policy_set(&genl, pick(racer, 2) ? &policy_larger :
						       &policy_sasser))
			wrong("assigning in a new namespace failed");
		loopback_send();
		if (!pick(racer, 4) && policy_clear(&genl, false))
			wrong("unassigning in a new namespace failed");
		genl_close(&genl);
		did(NAMESPACES);
	}
	netns_enter(initial_netns);
}

/* Hears of some changes and goes. Exit status: how many */
static int monitor(struct racer *racer)
{
	unsigned int wanted = 1 + pick(racer, 3), heard = 0;
	struct genl genl;
	char buf[4096];

	site_open(racer, &genl, GENL_ROOM);
	genl_join(&genl);
	while (heard < wanted) {
		struct pollfd pfd = {
			.fd = mnl_socket_get_fd(genl.nl), .events = POLLIN,
		};

		if (poll(&pfd, 1, 1000) <= 0)
			break;
		/* One that does not keep up is told so. */
		if (mnl_socket_recvfrom(genl.nl, buf, sizeof(buf)) > 0)
			heard++;
		else if (errno != ENOBUFS)
			die("monitor: %s", strerror(errno));
	}
	return heard ? 42 : 0;
}

void do_monitor(struct racer *racer)
{
	int status;
	pid_t pid;

	while (racing()) {
		bool kills = pick(racer, 2);

		pid = fork();
		if (!pid)
			_exit(monitor(racer));
		if (pid < 0)
			die("fork: %s", strerror(errno));
		if (kills) {
			usleep(pick(racer, 50000));
			kill(pid, SIGKILL);
		}
		if (waitpid(pid, &status, 0) != pid)
			die("waitpid: %s", strerror(errno));
		did(MONITORS);
		if (WIFSIGNALED(status))
			did(KILLS);
		else if (WEXITSTATUS(status) == 42)
			did(EVENTS);
		else if (WEXITSTATUS(status))
			wrong("a monitor failed: %d", WEXITSTATUS(status));
	}
}
