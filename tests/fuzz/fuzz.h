/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets share. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The program itself, without its end: what it prints is kept until the next
 * run, and its memory of complaints is empty at the start.
 */
extern char *fuzz_out, *fuzz_err;

void fuzz_begin(void);
void fuzz_end(void);
int fuzz_main(int argc, char **argv);

/* Nothing but a bug makes @good false: say what it is, and end. */
void fuzz_check(bool good, const char *what, const char *text);

/* The same for a checker's answer: NULL is good. */
void fuzz_valid(const char *wrong, const char *text);

/* All that can be printed of @snap has to be valid. */
void fuzz_print(const struct snapshot *snap);

/* What complaints have to be. */
void fuzz_check_complaints(bool wanted);

#endif /* FUZZ_H */
