// SPDX-License-Identifier: GPL-2.0-or-later
/* What the racers do about the module: it comes and goes, or may not. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "netns.h"
#include "races_do.h"

static char module[256];		/* path */

/* Some releases compress their modules; not every kernel expands them. */
static const char find_module[] =
	"path=$(modinfo -n nf_sasser) && case $path in\n"
	"*.xz) xz -dc \"$path\" >/tmp/nf_sasser.ko && echo /tmp/nf_sasser.ko ;;\n"
	"*) echo \"$path\" ;;\n"
	"esac";

void do_prepare_module(void)
{
	FILE *found = popen(find_module, "r");

	if (!found || !fgets(module, sizeof(module), found))
		die("no module nf_sasser is found");
	module[strcspn(module, "\n")] = '\0';
	pclose(found);
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
