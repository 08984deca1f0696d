// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <syslog.h>
#include <unistd.h>

#include "assignment.h"
#include "host.h"
#include "program.h"
#include "sasserctl.h"
#include "stamp.h"
#include "visible.h"

#define LOCK_FILE	RUN_DIR "/lock"
#define UNIT		"sasser.service"
#define TIMER		"sasser-refresh.timer"

#define SYSTEMCTL_SECONDS	10
/* systemd reads all units again, which a slow host has to be given time for. */
#define ENABLE_SECONDS		90

enum host_netns host_netns(void)
{
	struct stat own, first;

	if (stat("/proc/self/ns/net", &own) || stat("/proc/1/ns/net", &first))
		return NETNS_UNKNOWN;
	/*
	 * Whoever may not look there is not told so by Linux 5.10, but gets
	 * the directory that the link stands in.
	 */
	if (own.st_dev != first.st_dev) {
		errno = EACCES;
		return NETNS_UNKNOWN;
	}
	return own.st_ino == first.st_ino ? NETNS_INITIAL : NETNS_OTHER;
}

static bool has_capability(unsigned int capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[CAP_TO_INDEX(capability)].effective &
	       CAP_TO_MASK(capability);
}

int host_may_change(const char *command)
{
	if (has_capability(CAP_NET_ADMIN))
		return 0;
	complain("%s needs the capability CAP_NET_ADMIN, which user %u lacks;\n"
		 "nothing was changed.\n"
		 "Run it as root, e.g. with sudo.", command, getuid());
	return -1;
}

int host_files_speak(const char *command, bool has_runtime)
{
	const char *runtime = has_runtime ? " --runtime" : "";

	switch (host_netns()) {
	case NETNS_INITIAL:
		return 0;
	case NETNS_OTHER:
		if (has_runtime)
			complain("the files speak for the initial network namespace,\n"
				 "that of PID 1, and this is another; nothing was changed.\n"
				 "For this namespace alone: sasserctl %s%s",
				 command, runtime);
		else
			complain("%s works from the files, which speak for the initial\n"
				 "network namespace, that of PID 1, and this is another; nothing was changed.\n"
				 "Here: sasserctl enable --runtime, or disable --runtime",
				 command);
		return -1;
	default:
		complain("cannot tell whether this is the initial network namespace,\n"
			 "which the files speak for: /proc/1/ns/net: %s; nothing was changed.\n"
			 "Run it as root of the host%s%s%s.", strerror(errno),
			 has_runtime ? ", or without the files: sasserctl " : "",
			 has_runtime ? command : "", runtime);
		return -1;
	}
}

static void on_alarm(int number)
{
	(void)number;
}

static int lock = -1;

static void unlock(void)
{
	if (lock >= 0)
		close(lock);
	lock = -1;
}

/* Who waits in flock(2) has his turn in order; the alarm ends the wait. */
static int wait_for_lock(void)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	/* Again and again: the first may come before the wait begins. */
	const struct itimerval on = {
		.it_value.tv_sec = LOCK_SECONDS, .it_interval.tv_sec = 1,
	}, off = {};
	struct sigaction before;
	int ret;

	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &on, NULL);
	ret = flock(lock, LOCK_EX);
	setitimer(ITIMER_REAL, &off, NULL);
	sigaction(SIGALRM, &before, NULL);
	if (!ret)
		return 0;
	complain("busy, try again: another sasserctl has been making a change for %d seconds;\n"
		 "nothing was changed", LOCK_SECONDS);
	unlock();
	return -1;
}

int host_lock(void)
{
	if (geteuid() || host_netns() != NETNS_INITIAL)
		return 0;
	mkdir(RUN_DIR, 0755);
	lock = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0) {
		/* Root of a user namespace only: shares no file with anybody. */
		if (errno == EACCES || errno == EPERM)
			return 0;
		complain("cannot lock " LOCK_FILE ": %s; nothing was changed",
			 strerror(errno));
		return -1;
	}
	if (!flock(lock, LOCK_EX | LOCK_NB))
		return 0;
	if (errno != EWOULDBLOCK) {
		complain("cannot lock " LOCK_FILE ": %s; nothing was changed",
			 strerror(errno));
		return -1;
	}
	warn("another sasserctl is making a change, waiting for it");
	return wait_for_lock();
}

void host_journal(const char *command, const char *before, const char *after)
{
	const char *sudo = getenv("SUDO_UID");
	char by[32] = "", where[64] = "";
	struct stat ns;

	/* Anybody may have set it to anything. */
	if (sudo && *sudo && strlen(sudo) <= 10 &&
	    strspn(sudo, "0123456789") == strlen(sudo))
		snprintf(by, sizeof(by), " sudo_uid=%s", sudo);
	if (host_netns() != NETNS_INITIAL && !stat("/proc/self/ns/net", &ns))
		snprintf(where, sizeof(where), " netns=%ju",
			 (uintmax_t)ns.st_ino);
	openlog("sasserctl", LOG_PID, LOG_DAEMON);
	syslog(LOG_NOTICE, "%s: uid=%u%s%s before=\"%s\" after=\"%s\"",
	       command, getuid(), by, where, before, after);
	closelog();
}

/* "Tue 2026-11-24 16:02:03 UTC 1h left ...": the first four words. */
static bool next_elapse(char *buf, size_t size)
{
	static char *const argv[] = {
		"systemctl", "list-timers", "--no-legend", "--no-pager", TIMER,
		NULL,
	};
	char day[8], date[16], time[16], zone[16];
	struct program program;
	bool ret;

	if (program_run(argv, SYSTEMCTL_SECONDS, &program))
		return false;
	ret = program_succeeded(&program) &&
	      sscanf(program.out, "%7s %15s %15s %15s", day, date, time,
		     zone) == 4 && isalpha((unsigned char)*day) &&
	      strlen(date) == strlen("2026-11-24");
	program_free(&program);
	if (!ret)
		return false;
	snprintf(buf, size, "%s %s %s", date, time, zone);
	make_visible(buf, ' ');
	return true;
}

void host_tell_next_refresh(void)
{
	char when[64];

	if (!access("/run/systemd/system", F_OK) &&
	    next_elapse(when, sizeof(when)))
		printf("The next refresh is at %s,\n"
		       "by " TIMER ", if no boot comes before it.\n",
		       when);
	else
		puts("No timer runs here: the next refresh is at boot, or by \"sasserctl refresh\".");
	if (!access(assignment_path(SASSER_ORIGIN_DOMAIN), F_OK))
		puts("What brings the domain's policy is one, too: winbindd, samba-gpupdate, Ansible.");
}

static bool exists(const char *pattern)
{
	glob_t found;
	bool ret = !glob(pattern, 0, NULL, &found);

	globfree(&found);
	return ret;
}

const char *host_boot_gap(void)
{
	char target[32];
	ssize_t len;

	if (access("/run/systemd/system", F_OK))
		return "systemd does not run here";
	len = readlink("/etc/systemd/system/" UNIT, target, sizeof(target));
	if (len == (ssize_t)strlen("/dev/null") &&
	    !memcmp(target, "/dev/null", (size_t)len))
		return UNIT " is masked (systemctl unmask " UNIT ")";
	if (!exists("/etc/systemd/system/" UNIT) &&
	    !exists("/usr/local/lib/systemd/system/" UNIT) &&
	    !exists("/usr/lib/systemd/system/" UNIT) &&
	    !exists("/lib/systemd/system/" UNIT))
		return UNIT " is not installed";
	if (!exists("/etc/systemd/system/*.wants/" UNIT) &&
	    !exists("/etc/systemd/system/*.requires/" UNIT) &&
	    !exists("/usr/lib/systemd/system/*.wants/" UNIT))
		return UNIT " is not enabled (systemctl enable " UNIT ")";
	return NULL;
}

static int systemctl(char *const argv[], struct program *program)
{
	if (!program_run(argv, ENABLE_SECONDS, program))
		return 0;
	warn("cannot run systemctl: %s", strerror(errno));
	return -1;
}

/* Or about to be: it may be what has called this. */
static bool is_active(void)
{
	static char *const argv[] = {
		"systemctl", "show", "--property=ActiveState", UNIT, NULL,
	};
	struct program program;
	bool ret;

	if (systemctl(argv, &program))
		return false;
	ret = program_succeeded(&program) &&
	      (strstr(program.out, "=active") ||
	       strstr(program.out, "=activating"));
	program_free(&program);
	return ret;
}

void host_keep_service(void)
{
	/* systemd may have something to do before it: not to be waited for. */
	static char *const argv[] = {
		"systemctl", "enable", "--now", "--no-block", UNIT, NULL,
	};
	struct program program;
	char *line;

	/* It takes seconds, and what it starts is a refresh. */
	unlock();
	if (access("/run/systemd/system", F_OK) ||
	    (!host_boot_gap() && is_active()) || systemctl(argv, &program))
		return;
	line = program.err;
	line[strcspn(line, "\n")] = '\0';
	if (program_succeeded(&program))
		warn(UNIT " was off: it is enabled and started, as the domain wants it");
	else
		warn(UNIT " is off, and could not be enabled: %s",
		     *line ? line : "systemctl failed");
	program_free(&program);
}
