// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Samba's secrets.tdb: the file stays where a host has left its domain ("net ads
 * leave"), and only the password of the machine's account goes from it.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* which tdb.h wants to be there before it */
#include <signal.h>
#include <sys/stat.h>
#include <tdb.h>

#include "joined.h"

/* As source3/passdb/machine_account_secrets.c of Samba calls it; a domain follows. */
#define PASSWORD	"SECRETS/MACHINE_PASSWORD/"

static int is_password(struct tdb_context *tdb, TDB_DATA key, TDB_DATA data,
		       void *found)
{
	(void)tdb;
	(void)data;
	if (key.dsize <= strlen(PASSWORD) ||
	    memcmp(key.dptr, PASSWORD, strlen(PASSWORD)) != 0)
		return 0;
	*(bool *)found = true;
	return 1;
}

bool joined_secrets(const char *path)
{
	struct tdb_context *tdb;
	bool found = false;

	if (access(path, F_OK))
		return false;
	tdb = tdb_open(path, 0, TDB_DEFAULT, O_RDONLY | O_CLOEXEC, 0);
	/* It is there, and can't be read: better one guard too many. */
	if (!tdb || tdb_traverse_read(tdb, is_password, &found) < 0)
		found = true;
	if (tdb)
		tdb_close(tdb);
	return found;
}
