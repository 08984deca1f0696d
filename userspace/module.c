// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "module.h"
#include "sasserctl.h"
#include "visible.h"

#define MODPROBE	"/sbin/modprobe"

/*
 * -b: modprobe minds a blacklist for module names only if it is told to, and
 * modprobe.blacklist=nf_sasser is this project's way out of an emergency.
 */
static void run_modprobe(int errors)
{
	char *const argv[] = { MODPROBE, "-b", "nf_sasser", NULL };
	char *const envp[] = { "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
			       NULL };

	dup2(errors, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	execve(MODPROBE, argv, envp);
	dprintf(STDERR_FILENO, "cannot run " MODPROBE ": %s", strerror(errno));
	_exit(127);
}

/* All that fits; what does not is read too, so that modprobe never blocks. */
static void read_errors(int fd, char *buf, size_t size)
{
	char scrap[256];
	size_t len = 0;
	ssize_t n;

	for (;;) {
		if (len + 1 < size)
			n = read(fd, buf + len, size - 1 - len);
		else
			n = read(fd, scrap, sizeof(scrap));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (len + 1 < size)
			len += (size_t)n;
	}
	buf[len] = '\0';
	make_visible(buf, ' ');
	while (len && buf[len - 1] == ' ')
		buf[--len] = '\0';
}

static const char *hint(const char *errors)
{
	if (strstr(errors, "Key was rejected") ||
	    strstr(errors, "Required key not available") ||
	    strstr(errors, "Loading of unsigned module"))
		return "Secure Boot takes signed modules only: enroll DKMS's own key,\n"
		       "mokutil --import /var/lib/dkms/mok.pub, and reboot; or switch it off.";
	if (strstr(errors, "not found in directory"))
		return "It is not built for the kernel that runs. See: dkms status\n"
		       "Install that kernel's headers, then build it:\n"
		       "apt-get install linux-headers-$(uname -r) && dkms autoinstall";
	if (strstr(errors, "Operation not permitted"))
		return "Loading a module takes root of the host: sudo modprobe nf_sasser\n"
		       "Root is refused where kernel.modules_disabled is 1, or by kernel lockdown.";
	if (strstr(errors, "Exec format error") ||
	    strstr(errors, "Invalid argument") ||
	    strstr(errors, "Unknown symbol"))
		return "It was built for another kernel. Build it anew: dkms autoinstall\n"
		       "The kernel says more: dmesg | tail";
	if (strstr(errors, "cannot run"))
		return "Install it: apt-get install kmod";
	return "The kernel may say more: dmesg | tail";
}

static int run_and_wait(void)
{
	char errors[384];
	struct utsname kernel;
	int fds[2], status;
	pid_t child;

	if (pipe2(fds, O_CLOEXEC)) {
		complain("cannot make a pipe: %s", strerror(errno));
		return -1;
	}
	child = fork();
	if (!child) {
		close(fds[0]);
		run_modprobe(fds[1]);
	}
	close(fds[1]);
	if (child < 0) {
		complain("cannot start modprobe: %s", strerror(errno));
		close(fds[0]);
		return -1;
	}
	read_errors(fds[0], errors, sizeof(errors));
	close(fds[0]);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			break;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	uname(&kernel);
	complain("cannot load the module nf_sasser into kernel %s: %s\n%s",
		 kernel.release, *errors ? errors : "modprobe failed",
		 hint(errors));
	return -1;
}

int module_open(struct kernel **kernel)
{
	int ret = kernel_open(kernel);

	if (!ret) {
		if (run_and_wait())
			return -1;
		ret = kernel_open(kernel);
		/* modprobe -b calls it a success to leave out what is listed. */
		if (!ret)
			complain("modprobe left out nf_sasser: it is blacklisted.\n"
				 "See: grep -s nf_sasser /proc/cmdline /etc/modprobe.d/*");
	}
	return ret > 0 ? 0 : -1;
}
