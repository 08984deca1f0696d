/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each origin has assigned, in a file of its own, and what results: the
 * domain's beats the local one.
 */
#ifndef SASSER_ASSIGNMENT_H
#define SASSER_ASSIGNMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"
#include "pool.h"

#define ASSIGNED_CONF	"/assigned.conf"
#define WHY_LEN		1024

/* One assigned.conf. */
struct assignment {
	char policy[NAME_LEN];
	uint8_t mode;		/* enum sasser_mode; 0: that of the policy */
	uint64_t since;		/* 0: the file does not say */
	/* in place of the policy's; the first second after its last day, or 0 */
	uint64_t expires;
	bool force;		/* no guard speaks against it */
	bool keep_service;	/* sasser.service is to be on */
	char source[SOURCE_LEN];	/* who says so: visible; "": unknown */
	uint32_t confirm;	/* seconds; never in a file: see domain.h */
};

/* Where an origin (enum sasser_origin) keeps its assignment. */
const char *assignment_path(uint8_t origin);

/* Returns 1, 0 if there is no such file, or -1 after having complained. */
int assignment_read(uint8_t origin, struct assignment *assignment);
/* The same without a word: the reason stands in @why. */
int assignment_look(uint8_t origin, struct assignment *assignment,
		    char why[WHY_LEN]);
/* The text of such a file, which is called @path. Returns 1, or -1. */
int assignment_parse(const char *path, const char *text, size_t len,
		     struct assignment *assignment, char why[WHY_LEN]);
int assignment_write(uint8_t origin, const struct assignment *assignment);
int assignment_write_to(const char *path, const struct assignment *assignment);
/* Returns 1, 0 if there was none, or -1 after having complained. */
int assignment_remove(uint8_t origin);

/* Do they say the same, whenever it was said? */
bool assignment_same(const struct assignment *a, const struct assignment *b);

/* What stands in the file. */
#define ASSIGNMENT_CONF_LEN	(SOURCE_LEN + 512)
const char *assignment_conf(char buf[ASSIGNMENT_CONF_LEN],
			    const struct assignment *assignment);

/* "SASSER (enforce)", with the policy's own mode where it names none. */
#define ASSIGNMENT_LEN	(NAME_LEN + 16)
const char *assignment_text(char buf[ASSIGNMENT_LEN],
			    const struct assignment *assignment);

#endif /* SASSER_ASSIGNMENT_H */
