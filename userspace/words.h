/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for the numbers of the ABI, the same in every output. */
#ifndef SASSER_WORDS_H
#define SASSER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

#define TIME_LEN	sizeof("2026-01-02T03:04:05Z")
#define TIME_MAX	253402300799ULL	/* the last second of the year 9999 */
#define PORTS_LEN	sizeof("65535-65535")
#define PREFIX_LEN	52	/* INET6_ADDRSTRLEN, and "/128" */

/* Each is NULL for a number that has no word. */
const char *word_mode(unsigned int mode);
const char *word_origin(unsigned int origin);
const char *word_direction(unsigned int direction);
const char *word_protocol(unsigned int protocol);
const char *word_action(unsigned int action);
const char *word_match(unsigned int match);
const char *word_scope(unsigned int scope);
const char *word_event(unsigned int event);

/* The number for a word, 0 if there is none. */
unsigned int mode_of_word(const char *word);
unsigned int origin_of_word(const char *word);
unsigned int direction_of_word(const char *word);
unsigned int protocol_of_word(const char *word);
unsigned int action_of_word(const char *word);
unsigned int match_of_word(const char *word);
unsigned int scope_of_word(const char *word);
unsigned int event_of_word(const char *word);

/* RFC 3339, UTC; @seconds up to TIME_MAX. */
const char *format_time(char buf[TIME_LEN], uint64_t seconds);
/* The day in UTC. */
#define DAY_LEN		sizeof("2026-01-02")
const char *format_day(char buf[DAY_LEN], uint64_t seconds);
bool parse_time(const char *text, uint64_t *seconds);
/* "2026-12-31": the first second after that day. */
bool parse_day(const char *text, uint64_t *end);
/* "90s", "5m" or "2h", up to what a trial may last. */
bool parse_duration(const char *text, uint32_t *seconds);

/*
 * The decimal number that @text begins with, @max at most. Returns what stands
 * behind it, or NULL if there is no such number.
 */
const char *take_number(const char *text, uintmax_t max, uintmax_t *number);

const char *format_ports(char buf[PORTS_LEN], const struct range *ports);
const char *format_prefix(char buf[PREFIX_LEN], const struct prefix *prefix);

#endif /* SASSER_WORDS_H */
