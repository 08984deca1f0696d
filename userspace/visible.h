/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of others - arguments, files, replies, what a program printed - in what
 * sasserctl says. It must not look like something that sasserctl says itself,
 * nor tell a terminal what to do.
 */
#ifndef SASSER_VISIBLE_H
#define SASSER_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>

#define VISIBLE_LEN	128

/* For use between double quotes, on one line: "\"", "\\" and "\x1b", cut. */
const char *visible(char buf[VISIBLE_LEN], const char *text);

/* All of @text but line breaks. Returns false if it did not fit @buf. */
bool visible_lines(char *buf, size_t size, const char *text);

/* In place: @instead for each byte that can't be shown. */
void make_visible(char *text, char instead);

#endif /* SASSER_VISIBLE_H */
