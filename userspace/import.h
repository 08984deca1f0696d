/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sasserctl policy import reads besides policy files. */
#ifndef SASSER_IMPORT_H
#define SASSER_IMPORT_H

#include <stdbool.h>

#include "policy_file.h"

/* Whether @text, of a file @name, is a script of netsh ipsec static. */
bool is_netsh(const char *name, const char *text);

/*
 * Make filters and policies of such a script; look at .bad of @file then.
 * @len bytes, with a NUL behind them.
 */
void import_netsh(struct policy_file *file, const char *text, size_t len);

/* That as the text of a policy file; free it. */
char *import_text(const struct policy_file *file);

#endif /* SASSER_IMPORT_H */
