// SPDX-License-Identifier: GPL-2.0-or-later
/* KCOV: of a kernel where our module alone is instrumented. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <linux/kcov.h>

#include "fuzz_kcov.h"
#include "netns.h"

#define KCOV_FILE	"/sys/kernel/debug/kcov"
#define AREA		(64 * 1024)	/* addresses of one request */

/* For the calling task alone. */
void kcov_open(struct kcov *kcov)
{
	kcov->fd = open(KCOV_FILE, O_RDWR | O_CLOEXEC);
	if (kcov->fd < 0) {
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
		kcov->fd = open(KCOV_FILE, O_RDWR | O_CLOEXEC);
	}
	if (kcov->fd < 0)
		return;
	if (ioctl(kcov->fd, KCOV_INIT_TRACE, AREA))
		die("KCOV_INIT_TRACE: %s", strerror(errno));
	kcov->area = mmap(NULL, AREA * sizeof(*kcov->area),
			  PROT_READ | PROT_WRITE, MAP_SHARED, kcov->fd, 0);
	if (kcov->area == MAP_FAILED)
		die("KCOV's memory: %s", strerror(errno));
	if (ioctl(kcov->fd, KCOV_ENABLE, KCOV_TRACE_PC))
		die("KCOV_ENABLE: %s", strerror(errno));
}

void kcov_close(struct kcov *kcov)
{
	if (kcov->fd < 0)
		return;
	ioctl(kcov->fd, KCOV_DISABLE, 0);
	munmap(kcov->area, AREA * sizeof(*kcov->area));
	close(kcov->fd);
}

void kcov_begin(struct kcov *kcov)
{
	if (kcov->fd >= 0)
		__atomic_store_n(&kcov->area[0], 0, __ATOMIC_RELAXED);
}

/* Return: was it not in the set yet? */
static bool pcs_add(struct pcs *pcs, unsigned long pc)
{
	unsigned int i = pc * 0x9e3779b97f4a7c15 >> 49;

	for (; pcs->pc[i]; i = (i + 1) % PCS_MAX)
		if (pcs->pc[i] == pc)
			return false;
	if (pcs->n == PCS_MAX / 2)
		return false;
	pcs->pc[i] = pc;
	pcs->n++;
	return true;
}

/* Return: how many addresses since kcov_begin() were new to @pcs */
unsigned int kcov_end(struct kcov *kcov, struct pcs *pcs, struct pcs *total)
{
	unsigned int found = 0;
	unsigned long n, i;

	if (kcov->fd < 0)
		return 0;
	n = __atomic_load_n(&kcov->area[0], __ATOMIC_RELAXED);
	for (i = 1; i <= n; i++) {
		found += pcs_add(pcs, kcov->area[i]);
		pcs_add(total, kcov->area[i]);
	}
	return found;
}
