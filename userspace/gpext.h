/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samba's list of the extensions that its Group Policy client runs. */
#ifndef SASSER_GPEXT_H
#define SASSER_GPEXT_H

#include <stdbool.h>

/* Of our extension. */
#define GPEXT_GUID	"{0D406939-73CB-4426-95E5-824FACA80DEF}"

/* Where Samba keeps the list unless it is told otherwise. */
#ifndef GPEXT_CONF
#define GPEXT_CONF	"/var/lib/samba/gpext.conf"
#endif

/* Without asking Samba, which may be gone: is ours on it? */
bool gpext_has_ours(void);

#endif /* SASSER_GPEXT_H */
