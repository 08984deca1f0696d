// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "guard_parts.h"
#include "guard_samba.h"
#include "guard_testparm.h"
#include "sock_owner.h"
#include "visible.h"

/* Tests have a place of their own. */
#ifndef SMBD_ENABLED
#define SMBD_ENABLED	"/etc/systemd/system/*.wants/smbd.service"
#endif

#define SMB_PORT	445
#define NETBIOS_PORT	139

#define VALUE_LEN	128

/* ---- a domain controller */

/* What testparm concludes, also from settings that only imply it. */
static bool concludes_dc(const char *remarks, char *role, size_t size)
{
	static const char *const roles[] = {
		"ROLE_ACTIVE_DIRECTORY_DC", "ROLE_DOMAIN_PDC",
		"ROLE_DOMAIN_BDC", "ROLE_IPA_DC",
	};

	const char *said = strstr(remarks, "\nServer role: ");

	for (size_t i = 0; said && i < ARRAY_SIZE(roles); i++) {
		snprintf(role, size, "Server role: %s", roles[i]);
		if (!strncmp(said + 1, role, strlen(role)))
			return true;
	}
	return false;
}

static bool is_dc(const struct testparm *testparm, char *fact, size_t size)
{
	char role[VALUE_LEN];

	if (testparm_global(testparm, "server role", role, sizeof(role)) &&
	    strcasestr(role, "domain controller")) {
		snprintf(fact, size, "server role = %s", role);
		return true;
	}
	return concludes_dc(testparm->remarks, fact, size);
}

/* ---- a file server */

/* What Debian's untouched smb.conf has. */
static bool is_usual(const char *section)
{
	static const char *const usual[] = {
		"global", "homes", "printers", "print$", "IPC$",
	};

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (!strcasecmp(section, usual[i]))
			return true;
	return false;
}

/* The first share, and how many there are. */
static size_t count_shares(const struct testparm *testparm,
			   char first[VALUE_LEN])
{
	const char *at = NULL;
	char name[VALUE_LEN];
	size_t n = 0;

	while ((at = testparm_section(testparm, at, name, sizeof(name)))) {
		if (is_usual(name))
			continue;
		if (!n++)
			memcpy(first, name, sizeof(name));
	}
	return n;
}

/* The first process of that name, 0 if there is none. */
static pid_t smbd_running(void)
{
	struct dirent *entry;
	DIR *dir = opendir(PROC_DIR);
	pid_t ret = 0;

	while (dir && !ret && (entry = readdir(dir))) {
		pid_t pid = proc_pid(entry->d_name);
		char comm[32];

		if (!pid)
			continue;
		proc_comm(comm, sizeof(comm), pid);
		if (!strcmp(comm, "smbd"))
			ret = pid;
	}
	if (dir)
		closedir(dir);
	return ret;
}

static bool smbd_enabled(void)
{
	glob_t found;
	bool ret = !glob(SMBD_ENABLED, 0, NULL, &found);

	globfree(&found);
	return ret;
}

static void guard_file_server(const struct testparm *testparm,
			      struct guard *guard)
{
	char first[VALUE_LEN], shown[VISIBLE_LEN], smbd[64];
	size_t n = count_shares(testparm, first);
	pid_t pid = n ? smbd_running() : 0;

	if (!n || (!pid && !smbd_enabled()))
		return;
	if (pid)
		snprintf(smbd, sizeof(smbd), "smbd runs (pid %d)", pid);
	else
		snprintf(smbd, sizeof(smbd), "smbd.service is enabled");
	visible(shown, first);
	if (n == 1)
		guard_add(guard, "this host is a file server: %s and shares \"%s\"",
			  smbd, shown);
	else
		guard_add(guard, "this host is a file server: %s and shares \"%s\" and %zu more",
			  smbd, shown, n - 1);
}

int guard_is_controller(char fact[GUARD_FACT_LEN])
{
	struct testparm testparm;
	bool ret;

	if (testparm_run(&testparm))
		return -1;
	ret = testparm.settings && is_dc(&testparm, fact, GUARD_FACT_LEN);
	testparm_free(&testparm);
	return ret;
}

int guard_samba(const struct policy *policy, struct guard *guard)
{
	char fact[GUARD_FACT_LEN], shown[VISIBLE_LEN];
	struct testparm testparm;

	if (testparm_run(&testparm))
		return -1;
	if (!testparm.settings)
		return 0;
	if (is_dc(&testparm, fact, sizeof(fact)))
		guard_add(guard, "this host is a domain controller: testparm says \"%s\"",
			  visible(shown, fact));
	if (guard_blocks(policy, SASSER_DIRECTION_IN, SASSER_PROTOCOL_TCP,
			 SMB_PORT, 0) ||
	    guard_blocks(policy, SASSER_DIRECTION_IN, SASSER_PROTOCOL_TCP,
			 NETBIOS_PORT, 0))
		guard_file_server(&testparm, guard);
	testparm_free(&testparm);
	return 0;
}
