/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fetch what the domain assigns anew, by Samba's own Group Policy client. */
#ifndef SASSER_FETCH_H
#define SASSER_FETCH_H

#include "model.h"

/* Tests have a place of their own. */
#ifndef GPUPDATE
#define GPUPDATE	"samba-gpupdate"
#endif

/*
 * Without the lock: it runs "sasserctl domain set". What was done stands in
 * @message. Returns DONE, also where there is nothing to ask, or FAILED after
 * having complained.
 */
int fetch_policy(char message[MESSAGE_LEN]);

#endif /* SASSER_FETCH_H */
