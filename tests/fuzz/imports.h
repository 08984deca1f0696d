/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the targets for policy files and for scripts share. */
#ifndef FUZZ_IMPORTS_H
#define FUZZ_IMPORTS_H

#include "policy_file.h"

/* A copy of the input with a NUL behind it. */
char *imports_text(const uint8_t *data, size_t size);

void imports_parse(struct policy_file *file, const char *text, size_t size);

/* What has to be true of any file that was read. */
void imports_check(const struct policy_file *file);

/* Two files mean the same. */
void imports_check_same(const struct policy_file *a, const struct policy_file *b);

#endif /* FUZZ_IMPORTS_H */
