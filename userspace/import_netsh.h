/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A script of netsh ipsec static, as it is read. */
#ifndef SASSER_IMPORT_NETSH_H
#define SASSER_IMPORT_NETSH_H

#include "policy_file.h"

/* One filter of a filter list. */
struct netsh_entry {
	uint8_t direction;
	uint8_t protocol;
	uint16_t port;		/* 0: all */
	bool has_remote;
	struct prefix remote;
};

/* Names are as the script has them; case makes no difference. */
struct netsh_list {
	char *name;
	char *description;
	struct netsh_entry *entries;
	size_t n;
};

struct netsh_action {
	char *name;
	uint8_t action;
};

struct netsh_policy {
	char *name;
	char *description;
	int line;
};

struct netsh_rule {
	char *policy;
	size_t list;
	uint8_t action;
};

struct netsh {
	struct policy_file *file;	/* for what is wrong */
	int line;
	struct netsh_list *lists;
	size_t n_lists;
	struct netsh_action *actions;
	size_t n_actions;
	struct netsh_policy *policies;
	size_t n_policies;
	struct netsh_rule *rules;
	size_t n_rules;
};

/* One line. */
#define NETSH_WORDS	32

struct netsh_words {
	char *word[NETSH_WORDS + 1];
	size_t n;
};

/* Split @line, in place, at blanks outside of quotes. Returns what is wrong. */
const char *netsh_split(char *line, struct netsh_words *words);
/* Whether the line is none of netsh's: nothing, a comment, "echo off". */
bool netsh_is_idle(const char *line);
/* The first word behind "netsh ipsec static", which may be missing. */
size_t netsh_command(const struct netsh_words *words);

/* Take one command; what is wrong is told by policy_file_refuse(). */
void netsh_take(struct netsh *netsh, const struct netsh_words *words,
		size_t first);

/* Make filters and policies of all of it. */
void netsh_build(struct netsh *netsh);

#endif /* SASSER_IMPORT_NETSH_H */
