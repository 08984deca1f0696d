/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether this host is joined to an Active Directory domain, and where it is. */
#ifndef SASSER_JOINED_H
#define SASSER_JOINED_H

#include <stdbool.h>
#include <stddef.h>

#include "sockets.h"

/* Tests have places of their own. */
#ifndef SSSD_CONF
#define SSSD_CONF	"/etc/sssd/sssd.conf"
#endif
#ifndef KRB5_KEYTAB
#define KRB5_KEYTAB	"/etc/krb5.keytab"
#endif
#ifndef SECRETS_TDB
#define SECRETS_TDB	"/var/lib/samba/private/secrets.tdb"
#endif

#define REALM_LEN	256
#define CONTROLLERS_MAX	256

struct joined {
	char realm[REALM_LEN];	/* as it was found: not visible; "": unknown */
	const char *by;		/* the file that says so */
	struct endpoint controller[CONTROLLERS_MAX];	/* without ports */
	size_t n;		/* 0: DNS does not know them, or is not there */
	bool incomplete;	/* DNS has more, or did not answer all of it */
};

static inline bool joined_has(const struct joined *joined,
			      const struct endpoint *controller)
{
	for (size_t i = 0; i < joined->n; i++)
		if (endpoint_same(&joined->controller[i], controller))
			return true;
	return false;
}

/* Returns 1 with .realm and .by set, 0 if it is not, or -1 after complaining. */
int joined_look(struct joined *joined);

/*
 * The same, by Samba alone, as Group Policy needs it: the keytab stays where
 * "net ads leave" has left the domain.
 */
int joined_samba(struct joined *joined);

/* Whether Samba's secrets at @path hold the password of a machine account. */
bool joined_secrets(const char *path);

/* As joined_look(), by the key of a machine account in the host's keytab. */
int joined_keytab(struct joined *joined);

/* Ask DNS for the controllers of .realm, for a few seconds at most. */
void joined_find_controllers(struct joined *joined);

#endif /* SASSER_JOINED_H */
