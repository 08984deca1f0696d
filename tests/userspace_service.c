// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the domain wants sasser.service on, systemctl is asked for it: a played
 * one, in a mount namespace of this test's own.
 */
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "host.h"
#include "userspace_tap.h"

#define SYSTEMCTL	"/usr/sbin/systemctl"
#define ASKED		"/run/asked"
#define UNIT		"sasser.service"
#define ENABLED		"/etc/systemd/system/sysinit.target.wants/" UNIT

static bool write_map(const char *file, unsigned int id)
{
	FILE *map = fopen(file, "we");
	bool ret = map && fprintf(map, "0 %u 1\n", id) > 0;

	return map && !fclose(map) && ret;
}

/* Nothing that is done here is seen by anybody else. */
static bool alone(void)
{
	unsigned int uid = geteuid(), gid = getegid();
	FILE *groups;

	if (!uid)
		return !unshare(CLONE_NEWNS) &&
		       !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return false;
	groups = fopen("/proc/self/setgroups", "we");
	if (groups) {
		fputs("deny", groups);
		fclose(groups);
	}
	return write_map("/proc/self/uid_map", uid) &&
	       write_map("/proc/self/gid_map", gid);
}

static bool empty(const char *dir)
{
	return !mount("none", dir, "tmpfs", 0, NULL);
}

static void write_file(const char *file, const char *text)
{
	if (file_replace(file, text)) {
		printf("Bail out! %s\n", said);
		exit(1);
	}
}

/* What it is asked is kept; the unit is in that @state; will enabling @fail? */
static void play(const char *state, bool fail)
{
	char script[512];

	snprintf(script, sizeof(script),
		 "#!/bin/sh\necho \"$*\" >>" ASKED "\n"
		 "case $1 in show) echo ActiveState=%s; exit 0 ;; esac\n"
		 "echo 'Failed: no bus' >&2\necho more >&2\nexit %d\n",
		 state, fail);
	write_file(SYSTEMCTL, script);
	chmod(SYSTEMCTL, 0755);
	unlink(ASKED);
	said[0] = '\0';
	host_keep_service();
}

static bool asked(const char *what)
{
	char text[512] = "";
	FILE *file = fopen(ASKED, "re");

	if (file && !fread(text, 1, sizeof(text) - 1, file))
		text[0] = '\0';
	if (file)
		fclose(file);
	return *what ? !!strstr(text, what) : !text[0];
}

int main(void)
{
	puts("TAP version 13");
	if (!alone() || !empty("/run") || !empty("/etc") ||
	    !empty("/usr/sbin")) {
		puts("Bail out! no mount namespace of its own");
		return 1;
	}
	play("inactive", false);
	ok(asked(""), "without systemd nobody is asked");
	write_file("/run/systemd/system/x", "");
	write_file("/etc/systemd/system/" UNIT, "");
	play("inactive", false);
	ok(asked("enable --now --no-block " UNIT "\n") &&
	   strstr(said, "is enabled and started"),
	   "a service that is not enabled is, and said to be");
	play("inactive", true);
	ok(strstr(said, "could not be enabled: Failed: no bus") &&
	   !strstr(said, "more"), "if that fails it is said why");
	write_file(ENABLED, "");
	play("active", false);
	ok(!asked("enable") && !said[0], "one that is on is left alone");
	play("activating", false);
	ok(!asked("enable") && !said[0], "and so is one that is about to be");
	play("inactive", false);
	ok(asked("enable --now --no-block " UNIT "\n"),
	   "one that is enabled and does not run is started");
	return tap_end();
}
