/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SASSER_GUARD_SAMBA_H
#define SASSER_GUARD_SAMBA_H

/*
 * Does testparm say that this host is a domain controller? Returns 1 with what
 * it says in @fact, 0, or -1 after having complained. @fact is not visible.
 */
#define GUARD_FACT_LEN	160
int guard_is_controller(char fact[GUARD_FACT_LEN]);

#endif /* SASSER_GUARD_SAMBA_H */
