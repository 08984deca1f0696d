// SPDX-License-Identifier: GPL-2.0-or-later
/* What the racers do but for traffic. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netns.h"
#include "races_do.h"

#define MANY	200

struct sum reset_totals[TRAFFIC_ROWS];

static char module[256];		/* path */
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

void do_prepare(void)
{
	FILE *modinfo = popen("modinfo -n nf_sasser", "r");
	unsigned int i;

	if (!modinfo || !fgets(module, sizeof(module), modinfo))
		die("modinfo finds no nf_sasser");
	module[strcspn(module, "\n")] = '\0';
	pclose(modinfo);

	/* None of a port that traffic goes to. */
	for (i = 0; i < MANY; i++)
		ranges_many[i] = (struct range){ 10000 + 20 * i, 10004 + 20 * i };
	memcpy(&filters_larger[1], policy_sasser.filter,
	       2 * sizeof(*filters_larger));
}

static void site_open(struct racer *racer, struct genl *genl, size_t room)
{
	netns_enter(sites[racer->site].netns);
	genl_open_room(genl, room);
}

/* Always one with SASSER's rows, and the last is SASSER. */
void do_swap(struct racer *racer)
{
	struct genl genl;
	int err;

	site_open(racer, &genl, GENL_ROOM);
	while (racing()) {
		err = policy_set(&genl, pick(racer, 2) ? &policy_larger :
							 &policy_sasser);
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

static int module_remove(void)
{
	return syscall(SYS_delete_module, "nf_sasser", O_NONBLOCK) ? -errno : 0;
}

void do_unload_in_vain(struct racer *racer)
{
	int err;

	(void)racer;
	while (racing()) {
		err = module_remove();
		if (err != -EWOULDBLOCK)
			wrong("unloading while a policy is assigned: %d", err);
		did(UNLOADS_REFUSED);
		usleep(1000);
	}
}

/*
 * While the module comes and goes
 */

void do_load(struct racer *racer)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("%s: %s", module, strerror(errno));
	pin_cpu(racer->cpu);
	while (racing()) {
		if (!syscall(SYS_finit_module, fd, "", 0))
			did(LOADS);
		else if (errno != EEXIST && errno != EBUSY)
			wrong("loading: %s", strerror(errno));
		usleep(1000);
	}
	close(fd);
}

void do_unload(struct racer *racer)
{
	pin_cpu(racer->cpu);
	while (racing()) {
		switch (module_remove()) {
		case 0:
			did(UNLOADS);
			break;
		case -EWOULDBLOCK:
			did(UNLOADS_REFUSED);
			break;
		case -EBUSY:		/* is loading */
		case -ENOENT:
			break;
		default:
			wrong("unloading: %s", strerror(errno));
		}
		usleep(pick(racer, 100000));
	}
}

/* Return: was the family there? */
static bool find(struct genl *genl)
{
	int err = genl_find(genl, GENL_ROOM);

	if (err && err != -ENOENT)
		wrong("looking the family up: error %d", err);
	did(err ? LOOKUPS_IN_VAIN : LOOKUPS);
	return !err;
}

/* Any request, and the family is gone or it is answered. */
void do_requests(struct racer *racer)
{
	struct filters *filters = malloc(sizeof(*filters));
	struct status status;
	struct genl genl;
	int err;

	netns_enter(sites[racer->site].netns);
	while (racing()) {
		if (!find(&genl))
			continue;
		do {
			switch (pick(racer, 3)) {
			case 0:
				err = status_get(&genl, &status);
				break;
			case 1:
				err = filters_get(&genl, filters);
				break;
			default:
				err = mnl_socket_setsockopt(genl.nl,
					NETLINK_ADD_MEMBERSHIP, &genl.group,
					sizeof(genl.group)) ? -ENOENT : 0;
			}
			did(REQUESTS);
		} while (!err && racing());
		/* The second one is what a dump gets that comes too late. */
		if (err && err != -ENOENT && err != -EPROTONOSUPPORT)
			wrong("a request: error %d", err);
		genl_close(&genl);
	}
	free(filters);
}

/* What was acknowledged holds until it is taken back. */
void do_assign_and_look(struct racer *racer)
{
	struct status status;
	struct genl genl;
	int err;

	netns_enter(sites[racer->site].netns);
	while (racing()) {
		if (!find(&genl))
			continue;
		err = policy_set(&genl, &policy_sasser);
		if (!err) {
			err = status_get(&genl, &status);
			if (err || !status.assigned)
				wrong("assigned, and then it was gone: error %d",
				      err);
			err = policy_clear(&genl, false);
			if (err)
				wrong("unassigning: error %d", err);
			did(ASSIGNMENTS_KEPT);
		} else if (err != -ENOENT) {
			wrong("assigning: error %d", err);
		}
		genl_close(&genl);
	}
}
