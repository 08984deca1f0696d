/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who asks: each is a process of its own. For one program. */
#ifndef _SASSER_TEST_RIGHTS_WHO_H
#define _SASSER_TEST_RIGHTS_WHO_H

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "netns.h"

#define NOBODY		65534

static void become_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		die("user %u: %s", NOBODY, strerror(errno));
}

/* All capabilities, over nothing of the host's. */
static void become_root_of_a_user_namespace(void)
{
	become_nobody();
	if (unshare(CLONE_NEWUSER))
		die("user namespace: %s", strerror(errno));
}

static void become_root_of_own_namespaces(void)
{
	become_nobody();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		die("own namespaces: %s", strerror(errno));
}

/* Bits of the capabilities to keep, of those that there are. */
static void keep_capabilities(uint64_t kept)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		data[i].effective = kept >> 32 * i;
		data[i].permitted = data[i].effective;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, data))
		die("capabilities: %s", strerror(errno));
}

static void become_root_without_the_capability(void)
{
	uint64_t all = (1ULL << (CAP_LAST_CAP + 1)) - 1;

	keep_capabilities(all & ~(1ULL << CAP_NET_ADMIN));
}

static void become_an_administrator_who_is_not_root(void)
{
	if (prctl(PR_SET_KEEPCAPS, 1))
		die("capabilities: %s", strerror(errno));
	become_nobody();
	keep_capabilities(1ULL << CAP_NET_ADMIN);
}

/* As a container's that is given this capability: over its own namespace. */
static void become_root_of_a_container(void)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC))
		die("container: %s", strerror(errno));
	keep_capabilities(1ULL << CAP_NET_ADMIN);
}

static void stay_root(void)
{
}

static bool has_own(void (*opener)(void))
{
	return opener == become_root_of_own_namespaces ||
	       opener == become_root_of_a_container;
}

#endif /* _SASSER_TEST_RIGHTS_WHO_H */
