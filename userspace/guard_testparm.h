/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Samba's own testparm says of its configuration. */
#ifndef SASSER_GUARD_TESTPARM_H
#define SASSER_GUARD_TESTPARM_H

#include <stdbool.h>
#include <stddef.h>

/* Tests have places of their own. */
#ifndef TESTPARM
#define TESTPARM	"/usr/bin/testparm"
#endif
#ifndef SMB_CONF
#define SMB_CONF	"/etc/samba/smb.conf"
#endif

struct testparm {
	char *settings;		/* NULL: there is no Samba, or no smb.conf */
	char *remarks;		/* on standard error */
};

/* Returns 0, or -1 after having complained. */
int testparm_run(struct testparm *testparm);
void testparm_free(struct testparm *testparm);

/* What [global] has for @key; false if it is not among the settings shown. */
bool testparm_global(const struct testparm *testparm, const char *key,
		     char *value, size_t size);

/* The name of the section behind @at, NULL: the first. NULL: there is none. */
const char *testparm_section(const struct testparm *testparm, const char *at,
			     char *name, size_t size);

#endif /* SASSER_GUARD_TESTPARM_H */
