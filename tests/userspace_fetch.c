// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the domain assigns keeps no host from its controllers, and "refresh
 * --force" has samba-gpupdate ask them.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "fetch.h"
#include "gpext.h"
#include "userspace_domain.h"

/* ---- the controllers */

static const struct filter *filter(const char *name)
{
	for (size_t i = 0; i < played.policy.n_filters; i++)
		if (!strcmp(played.policy.filters[i].name, name))
			return &played.policy.filters[i];
	return NULL;
}

/* The last byte of its addresses is in @last, each as one of its bits. */
static bool permits(const char *name, uint8_t protocol, uint16_t port,
		    unsigned int last)
{
	const struct filter *permit = filter(name);
	unsigned int got = 0;

	for (size_t i = 0; permit && i < permit->n_remotes; i++) {
		if (permit->remotes[i].length != 32)
			return false;
		got |= 1U << permit->remotes[i].address[3];
	}
	return permit && permit->action == SASSER_ACTION_PERMIT &&
	       permit->direction == SASSER_DIRECTION_OUT &&
	       permit->protocol == protocol && permit->n_ranges == 1 &&
	       permit->ranges[0].first == port && got == last;
}

#define KERBEROS \
	"[filter kerberos]\ndirection = both\nprotocol = udp\nport = 80-90\n" \
	"action = block\n[policy NO-LOGIN]\nfilters = kerberos smb-out\n"

static void test_controllers(void)
{
	fresh();
	played.joined = 1;
	played.controllers = "192.0.2.1 192.0.2.2";
	ok(!set(ASSIGNS("SASSER", "")) && !filter("controllers"),
	   "a policy that lets controllers alone needs no permit");
	ok(!set(ASSIGNS("QUARANTINE", "")) &&
	   permits("controllers", SASSER_PROTOCOL_TCP, 445, 6) &&
	   !filter("controllers-udp"), "one that does not gets one");
	ok(strstr(text_of(LAST_GOOD), "QUARANTINE") &&
	   !strstr(text_of(LAST_GOOD), "192.0.2"), "which is no part of the record");
	ok(!refresh(0) && !played.changes && recorded(true, "nothing to do"),
	   "a refresh finds the same");
	played.controllers = "192.0.2.3 192.0.2.2";
	played.guard_refuses = true;
	ok(!refresh(0) && played.changes == 1 && !played.guarded &&
	   permits("controllers", SASSER_PROTOCOL_TCP, 445, 12),
	   "it follows as they come and go, and no guard is asked");
	played.controllers = "192.0.2.1";
	played.some_silent = true;
	ok(!refresh(0) &&
	   permits("controllers", SASSER_PROTOCOL_TCP, 445, 14),
	   "where DNS does not name all, those known before stay, too");
	played.controllers = "192.0.2.3 192.0.2.2";
	played.some_silent = false;
	ok(!refresh(0) &&
	   permits("controllers", SASSER_PROTOCOL_TCP, 445, 12),
	   "and go where it does");
	played.controllers = "";
	ok(!refresh(0) && !played.changes &&
	   permits("controllers", SASSER_PROTOCOL_TCP, 445, 12),
	   "without DNS the last known ones stay");
	play_reboot();
	played.joined = 1;
	ok(!refresh(0) && permits("controllers", SASSER_PROTOCOL_TCP, 445, 12),
	   "at boot, too");
	played.joined = -1;
	ok(!refresh(0) && permits("controllers", SASSER_PROTOCOL_TCP, 445, 12),
	   "and where nobody can tell whether it is joined");
	played.joined = 0;
	ok(!refresh(0) && in_force("QUARANTINE", DOMAIN) &&
	   !filter("controllers"), "a host that is not joined has none");
	played.joined = 1;
	played.controllers = "192.0.2.1";
	ok(!set(KERBEROS ASSIGNS("NO-LOGIN", "")) &&
	   permits("controllers", SASSER_PROTOCOL_TCP, 445, 2) &&
	   permits("controllers-udp", SASSER_PROTOCOL_UDP, 88, 2),
	   "both protocols, where they are blocked");
	ok(!domain("clear", NULL) && !is_there(CONTROLLERS_FILE),
	   "domain clear forgets them");
}

/* Which guards go by. */
static void test_apart(void)
{
	struct policy with, without;

	fresh();
	played.joined = 1;
	played.controllers = "192.0.2.1";
	if (set(ASSIGNS("QUARANTINE", "")))
		exit(1);
	with = played.policy;
	without = with;
	without.n_filters--;
	ok(filter("controllers") == &with.filters[without.n_filters] &&
	   controllers_apart_same(&with, &without) &&
	   controllers_apart_same(&without, &with),
	   "with controllers or without it blocks the same");
	without.n_filters--;
	ok(!controllers_apart_same(&with, &without),
	   "without another filter it does not");
	without.n_filters++;
	with.filters[without.n_filters].action = SASSER_ACTION_BLOCK;
	ok(!controllers_apart_same(&with, &without),
	   "nor without one of that name that blocks");
}

static void test_own_controllers(void)
{
	const struct request local = { .argument = "QUARANTINE" };
	static char text[32768] =
		"[filter many]\ndirection = out\nprotocol = udp\nport = 1\n"
		"action = block\nremote =";

	fresh();
	played.joined = 1;
	played.controllers = "192.0.2.1";
	ok(!run(cmd_enable, &local) && !filter("controllers"),
	   "what is assigned locally is the guards' to judge");
	ok(!set("[filter controllers]\ndirection = out\nprotocol = tcp\n"
		"port = 445\naction = permit\nremote = 192.0.2.7\n"
		"[policy MINE]\nfilters = smb-out controllers\n"
		ASSIGNS("MINE", "")) &&
	   permits("controllers", SASSER_PROTOCOL_TCP, 445, 128),
	   "one of that name stays as it is");
	for (int i = 0; i < 256; i++)
		sprintf(text + strlen(text), "\n 10.0.%d.0/24 10.1.%d.0/24"
			" 10.2.%d.0/24 10.3.%d.0/24", i, i, i, i);
	sprintf(text + strlen(text), "\n[policy FULL]\nfilters = many smb-out\n"
		ASSIGNS("FULL", ""));
	ok(set(text) == FAILED && strstr(said_first, "no room") &&
	   in_force("MINE", DOMAIN), "where there is no room it is refused");
}

/* ---- fetching */

static void gpupdate(const char *script)
{
	if (!script)
		unlink(GPUPDATE);
	else if (file_replace(GPUPDATE, script) || chmod(GPUPDATE, 0755))
		exit(1);
}

static void test_fetch(void)
{
	fresh();
	assign_locally();
	gpupdate("#!/bin/sh\nexit 7\n");
	ok(!refresh(FLAG_FORCE) && recorded(true, "joined to no domain") &&
	   recorded(true, "nothing to do"), "a host that is not joined asks nobody");
	played.joined = 1;
	ok(refresh(FLAG_FORCE) == FAILED && in_force("SASSER-VARIANTS", LOCAL) &&
	   !played.changes && recorded(false, "gpupdate --force failed") &&
	   recorded(false, "is in force already"),
	   "a failure is recorded, and the block stays");
	played.assigned = false;
	ok(refresh(FLAG_FORCE) == FAILED && in_force("SASSER-VARIANTS", LOCAL),
	   "the kernel is made to agree all the same");
	gpupdate("#!/bin/sh\necho 'no controller' >&2; exit 1\n");
	ok(refresh(FLAG_FORCE) == FAILED && recorded(false, "(no controller)"),
	   "with what it said");
	gpupdate("#!/bin/sh\nexec sleep 30\n");
	ok(refresh(FLAG_FORCE) == FAILED && recorded(false, "took longer"),
	   "it has so long, and no longer");
	gpupdate("#!/bin/sh\n[ \"$*\" = --force ] && echo ok\n");
	ok(!refresh(FLAG_FORCE) && recorded(true, "samba-gpupdate --force was run") &&
	   recorded(true, "without sasser"),
	   "it may succeed without the extension");
	if (file_replace(GPEXT_CONF, "[" GPEXT_GUID "]\n"))
		exit(1);
	ok(refresh(FLAG_FORCE) == FAILED && recorded(false, "sysvol") &&
	   in_force("SASSER-VARIANTS", LOCAL),
	   "but where that is registered it has to be run");
	unlink(GPEXT_CONF);
	gpupdate("#!/bin/sh\necho 2999-01-01T00:00:00Z ok x >" LAST_DOMAIN "\n");
	ok(!refresh(FLAG_FORCE) && recorded(true, "was run; SASSER-VARIANTS"),
	   "or with it");
	gpupdate("#!/bin/sh\necho 2999-01-01T00:00:00Z failed bad port >"
		 LAST_DOMAIN "\n");
	ok(refresh(FLAG_FORCE) == FAILED && recorded(false, "bad port"),
	   "or the extension brought what was refused");
	gpupdate(NULL);
	unlink(LAST_DOMAIN);
	ok(!refresh(FLAG_FORCE) && recorded(true, "is not there"),
	   "without Samba's client it is a refresh");
	gpupdate("#!/bin/sh\nexit 7\n");
	ok(!refresh(0) && recorded(true, "nothing to do"),
	   "a plain one asks nobody");
	gpupdate(NULL);
}

#define HOUR	((time_t)3600)

/* The file was last written so long ago. */
static void age(const char *file, time_t seconds)
{
	const struct timespec then[2] = {
		{ .tv_sec = time(NULL) - seconds },
		{ .tv_sec = time(NULL) - seconds },
	};

	if (utimensat(AT_FDCWD, file, then, 0))
		exit(1);
}

/* The domain's last word was taken so long ago. */
static void heard(time_t seconds)
{
	const struct refresh last = {
		.time = (uint64_t)(time(NULL) - seconds), .ok = true,
	};

	if (stamp_write(LAST_DOMAIN, &last))
		exit(1);
}

/* What winbindd can't fetch, or the timer. */
static void test_silence(void)
{
	fresh();
	assign_locally();
	if (file_replace(GPEXT_CONF, "[" GPEXT_GUID "]\n"))
		exit(1);
	age(GPEXT_CONF, 5 * HOUR);
	played.joined = 1;
	played.joined_samba = 1;
	unlink(BOOTED);
	ok(!refresh(0), "at boot nothing was fetched yet");
	age(BOOTED, 3 * HOUR);
	ok(!refresh(0), "nor need it be three hours later");
	age(BOOTED, 5 * HOUR);
	ok(refresh(0) == FAILED && recorded(false, "more than 4 hours") &&
	   recorded(false, "is in force already"),
	   "after five a refresh tells that the domain is silent");
	age(GPEXT_CONF, HOUR);
	ok(!refresh(0), "not where it was registered an hour ago");
	age(GPEXT_CONF, 5 * HOUR);
	heard(3 * HOUR);
	ok(!refresh(0), "its last word is three hours old");
	heard(5 * HOUR);
	ok(refresh(0) == FAILED && recorded(false, "more than 4 hours"),
	   "or five");
	played.joined_samba = 0;
	ok(!refresh(0), "a host that left the domain waits for nothing");
	played.joined_samba = 1;
	heard(60);
	gpupdate("#!/bin/sh\necho 'no controller' >&2; exit 1\n");
	ok(refresh(FLAG_FORCE) == FAILED && refresh(0) == FAILED &&
	   recorded(false, "could not be fetched at") &&
	   recorded(false, "(no controller)"),
	   "what could not be fetched is told by plain refreshes, too");
	heard(0);
	ok(!refresh(0), "until something was");
	gpupdate(NULL);
	unlink(GPEXT_CONF);
	heard(5 * HOUR);
	ok(!refresh(0), "or where nobody wants that");
}

int main(void)
{
	pools_begin();
	test_controllers();
	test_apart();
	test_own_controllers();
	test_fetch();
	test_silence();
	fresh();
	unlink(TEXT);
	if (!remove_tree(LOCAL_DIR))
		return 1;
	return tap_end();
}
