/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SASSER_DISABLE_H
#define SASSER_DISABLE_H

#include "domain.h"

/*
 * With the lock held: @domain, which assigns nothing, becomes the domain's
 * record, and what is assigned locally comes into force. Returns an exit status.
 */
int disable_domain(const char *command, const struct domain *domain);

#endif /* SASSER_DISABLE_H */
