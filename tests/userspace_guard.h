/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where userspace_guard.c has what the guards look at: the files of the program
 * that say so are compiled for it once more, with this in front of them.
 */
#ifndef USERSPACE_GUARD_H
#define USERSPACE_GUARD_H

#define PROC_DIR		"./proc"
#define TESTPARM		"./testparm"
#define TESTPARM_SECONDS	15
#define SMB_CONF		"./smb.conf"
#define SMBD_ENABLED		"./*.wants/smbd.service"
#define SSSD_CONF		"./sssd.conf"
#define KRB5_KEYTAB		"./krb5.keytab"
#define SECRETS_TDB		"./secrets.tdb"

#endif /* USERSPACE_GUARD_H */
