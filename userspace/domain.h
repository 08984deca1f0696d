/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of the domain, all that it has to say to this host: its assignment
 * and its own policies. It comes as one text, a policy file with a section
 * [assigned], and is kept in DOMAIN_DIR as the files that are read there.
 *
 * Another record is built beside it, and the two directories are exchanged by
 * one rename: at any moment the old one or the new one holds.
 */
#ifndef SASSER_DOMAIN_H
#define SASSER_DOMAIN_H

#include "assignment.h"
#include "pool.h"

#define DOMAIN_CONF	DOMAIN_DIR POLICY_D "/domain.conf"

struct domain {
	bool assigns;
	struct assignment assignment;	/* without .since, if it assigns */
	char *text;		/* that said all this */
	char *policies;		/* the text of DOMAIN_CONF; NULL: none is */
	struct pool *pool;	/* as it is with this record */
};

/*
 * What @text, which is called @name, says. Returns 0, or -1 after having
 * complained, with the line; domain_free() in any case.
 */
int domain_parse(const char *name, const char *text, size_t len,
		 struct domain *domain);
void domain_free(struct domain *domain);

/* Is that what the files say already? */
bool domain_is_recorded(const struct domain *domain);

/* Since now, unless it is the same policy that is assigned already. */
void domain_date(struct domain *domain);

/*
 * Build it beside the record that holds, put it in its place, or that back
 * again, and drop what is left beside. Return 0, or -1 after having complained.
 */
int domain_prepare(const struct domain *domain);
int domain_exchange(void);
int domain_drop(void);
/* All of it at once. */
int domain_write(struct domain *domain);

#endif /* SASSER_DOMAIN_H */
