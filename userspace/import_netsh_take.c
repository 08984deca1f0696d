// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands of netsh ipsec static.
 *
 * In 2004 a filter was mostly one that is mirrored, from any address to "me"
 * and a port: it blocks what comes to that port, and by its mirror what answers
 * from there. It is taken for what it was meant to be, a block of inbound
 * connections to that port, and direction is in. Likewise one from "me" to a
 * port of others is direction out, whose mirror would be the answers. With a
 * filter for each the direction is both.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_netsh.h"
#include "policy_values.h"
#include "sasserctl.h"
#include "visible.h"

/* The parameters of a command, in a table of all that it may have. */
struct parameter {
	const char *name;
	const char *value;	/* NULL: it was not given */
};

static __printf(2, 3) void refuse(struct netsh *netsh, const char *fmt, ...)
{
	char reason[INI_REASON_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	policy_file_refuse(netsh->file, netsh->line, "%s", reason);
}

static const char *get(const struct parameter *parameters, const char *name)
{
	while (parameters->name && strcmp(parameters->name, name) != 0)
		parameters++;
	return parameters->value;
}

static bool is(const char *value, const char *word)
{
	return value && !strcasecmp(value, word);
}

/* Each word is NAME=VALUE. Returns false after having refused one. */
static bool assign_parameters(struct netsh *netsh, char *const *word,
			      struct parameter *parameters)
{
	char shown[VISIBLE_LEN];

	for (; *word; word++) {
		char *value = strchr(*word, '=');
		struct parameter *p = parameters;

		if (value)
			*value++ = '\0';
		while (p->name && strcasecmp(p->name, *word) != 0)
			p++;
		if (!value || !p->name)
			refuse(netsh, "\"%s\" can't be expressed", visible(shown, *word));
		else if (p->value)
			refuse(netsh, "\"%s\" is given twice", p->name);
		else if (strchr(value, '%'))
			refuse(netsh, "\"%s\" takes a variable of the batch file: write its value",
			       visible(shown, value));
		else
			p->value = value;
		if (netsh->file->bad)
			return false;
	}
	return true;
}

static bool needs(struct netsh *netsh, const struct parameter *parameters,
		  const char *name)
{
	const char *value = get(parameters, name);

	if (value && *value)
		return true;
	refuse(netsh, "there is no %s=", name);
	return false;
}

/* ---- what is there */

static struct netsh_list *find_list(const struct netsh *netsh, const char *name)
{
	for (size_t i = 0; i < netsh->n_lists; i++)
		if (is(netsh->lists[i].name, name))
			return &netsh->lists[i];
	return NULL;
}

static struct netsh_list *add_list(struct netsh *netsh, const char *name,
				   const char *description)
{
	netsh->lists = grown(netsh->lists, netsh->n_lists,
			     sizeof(*netsh->lists));
	netsh->lists[netsh->n_lists] = (struct netsh_list){
		.name = copied(name), .description = copied(description ?: ""),
	};
	return &netsh->lists[netsh->n_lists++];
}

static struct netsh_action *find_action(const struct netsh *netsh,
					const char *name)
{
	for (size_t i = 0; i < netsh->n_actions; i++)
		if (is(netsh->actions[i].name, name))
			return &netsh->actions[i];
	return NULL;
}

static bool has_policy(const struct netsh *netsh, const char *name)
{
	for (size_t i = 0; i < netsh->n_policies; i++)
		if (is(netsh->policies[i].name, name))
			return true;
	return false;
}

/* ---- commands */

static void add_policy(struct netsh *netsh, char *const *words)
{
	char shown[VISIBLE_LEN];
	struct parameter p[] = {
		{ "name", NULL }, { "description", NULL },
		/* of the keys that it never negotiates, and of its assignment */
		{ "mmpfs", NULL }, { "qmpermm", NULL }, { "mmlifetime", NULL },
		{ "activatedefaultrule", NULL }, { "pollinginterval", NULL },
		{ "assign", NULL }, { "mmsecmethods", NULL }, { NULL, NULL },
	};

	if (!assign_parameters(netsh, words, p) || !needs(netsh, p, "name"))
		return;
	if (has_policy(netsh, get(p, "name"))) {
		refuse(netsh, "there is a policy \"%s\" already",
		       visible(shown, get(p, "name")));
		return;
	}
	netsh->policies = grown(netsh->policies, netsh->n_policies,
				sizeof(*netsh->policies));
	netsh->policies[netsh->n_policies++] = (struct netsh_policy){
		.name = copied(get(p, "name")), .line = netsh->line,
		.description = copied(get(p, "description") ?: ""),
	};
}

static void add_filterlist(struct netsh *netsh, char *const *words)
{
	char shown[VISIBLE_LEN];
	struct parameter p[] = {
		{ "name", NULL }, { "description", NULL }, { NULL, NULL },
	};

	if (!assign_parameters(netsh, words, p) || !needs(netsh, p, "name"))
		return;
	if (find_list(netsh, get(p, "name")))
		refuse(netsh, "there is a filter list \"%s\" already",
		       visible(shown, get(p, "name")));
	else
		add_list(netsh, get(p, "name"), get(p, "description"));
}

static void add_filteraction(struct netsh *netsh, char *const *words)
{
	const char *action;
	char shown[VISIBLE_LEN];
	struct parameter p[] = {
		{ "name", NULL }, { "description", NULL }, { "action", NULL },
		{ "qmpfs", NULL }, { "inpass", NULL }, { "soft", NULL },
		{ "qmsecmethods", NULL }, { NULL, NULL },
	};

	if (!assign_parameters(netsh, words, p) || !needs(netsh, p, "name"))
		return;
	action = get(p, "action") ?: "negotiate";
	if (find_action(netsh, get(p, "name"))) {
		refuse(netsh, "there is a filter action \"%s\" already",
		       visible(shown, get(p, "name")));
		return;
	}
	if (!is(action, "block") && !is(action, "permit")) {
		refuse(netsh, "action=%s can't be expressed, only block and permit: this is no IPSec",
		       visible(shown, action));
		return;
	}
	netsh->actions = grown(netsh->actions, netsh->n_actions,
			       sizeof(*netsh->actions));
	netsh->actions[netsh->n_actions++] = (struct netsh_action){
		.name = copied(get(p, "name")),
		.action = is(action, "block") ? SASSER_ACTION_BLOCK :
						SASSER_ACTION_PERMIT,
	};
}

static bool parse_mask(const char *text, unsigned int *bits)
{
	struct in_addr mask;
	uint32_t host;

	if (parse_number(text, 32, bits))
		return true;
	if (inet_pton(AF_INET, text, &mask) != 1)
		return false;
	host = ntohl(mask.s_addr);
	*bits = (unsigned int)__builtin_popcount(host);
	/* All ones stand in front. */
	return host == (*bits ? 0xffffffffU << (32 - *bits) : 0);
}

/* The address that is not "me". */
static bool take_address(struct netsh *netsh, const char *text,
			 const char *mask, struct netsh_entry *entry)
{
	const char *slash = strchr(text, '/');
	char shown[VISIBLE_LEN], address[INET_ADDRSTRLEN] = "";
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	unsigned int bits = 32;

	if (is(text, "any"))
		return true;
	if (len < sizeof(address))
		snprintf(address, sizeof(address), "%.*s", (int)len, text);
	if (inet_pton(AF_INET, address, entry->remote.address) != 1) {
		refuse(netsh, "the address \"%s\" can't be expressed, only any, me and those of IPv4",
		       visible(shown, text));
		return false;
	}
	if ((slash && !parse_mask(slash + 1, &bits)) ||
	    (mask && !parse_mask(mask, &bits))) {
		refuse(netsh, "the mask \"%s\" is none",
		       visible(shown, mask ?: slash + 1));
		return false;
	}
	entry->remote.family = AF_INET;
	entry->remote.length = (uint8_t)bits;
	entry->has_remote = bits;
	/* Windows masks an address, too. */
	prefix_trim(&entry->remote);
	return true;
}

static bool take_port(struct netsh *netsh, const struct parameter *p,
		      struct netsh_entry *entry)
{
	const char *from = get(p, "srcport") ?: "0";
	const char *to = get(p, "dstport") ?: "0";
	char shown[VISIBLE_LEN];
	unsigned int port;

	if (!parse_number(from, 0, &port)) {
		refuse(netsh, "srcport=%s can't be expressed: filters go by the destination port",
		       visible(shown, from));
		return false;
	}
	if (!parse_number(to, UINT16_MAX, &port)) {
		refuse(netsh, "dstport=%s is no port from 0 to 65535",
		       visible(shown, to));
		return false;
	}
	entry->port = (uint16_t)port;
	return true;
}

static bool take_protocol(struct netsh *netsh, const char *text,
			  struct netsh_entry *entry)
{
	char shown[VISIBLE_LEN];

	if (is(text, "tcp") || is(text, "6"))
		entry->protocol = SASSER_PROTOCOL_TCP;
	else if (is(text, "udp") || is(text, "17"))
		entry->protocol = SASSER_PROTOCOL_UDP;
	else
		refuse(netsh, "protocol=%s can't be expressed, only tcp and udp",
		       visible(shown, text ?: "any"));
	return entry->protocol;
}

static bool take_ends(struct netsh *netsh, const struct parameter *p,
		      struct netsh_entry *entry)
{
	const char *from = get(p, "srcaddr"), *to = get(p, "dstaddr");

	if (is(from, "me") == is(to, "me")) {
		refuse(netsh, "srcaddr=, dstaddr=: one of them has to be me, and only one");
		return false;
	}
	if (is(to, "me")) {
		entry->direction = SASSER_DIRECTION_IN;
		return take_address(netsh, from, get(p, "srcmask"), entry);
	}
	entry->direction = SASSER_DIRECTION_OUT;
	return take_address(netsh, to, get(p, "dstmask"), entry);
}

static void add_filter(struct netsh *netsh, char *const *words)
{
	struct netsh_entry entry = {};
	struct netsh_list *list;
	char shown[VISIBLE_LEN];
	const char *mirrored;
	struct parameter p[] = {
		{ "filterlist", NULL }, { "srcaddr", NULL },
		{ "dstaddr", NULL }, { "description", NULL },
		{ "protocol", NULL }, { "mirrored", NULL },
		{ "srcmask", NULL }, { "dstmask", NULL }, { "srcport", NULL },
		{ "dstport", NULL }, { NULL, NULL },
	};

	if (!assign_parameters(netsh, words, p) ||
	    !needs(netsh, p, "filterlist") || !needs(netsh, p, "srcaddr") ||
	    !needs(netsh, p, "dstaddr"))
		return;
	mirrored = get(p, "mirrored");
	if (mirrored && !is(mirrored, "yes") && !is(mirrored, "no") &&
	    !is(mirrored, "y") && !is(mirrored, "n")) {
		refuse(netsh, "mirrored=%s is neither yes nor no",
		       visible(shown, mirrored));
		return;
	}
	if (!take_protocol(netsh, get(p, "protocol"), &entry) ||
	    !take_ends(netsh, p, &entry) || !take_port(netsh, p, &entry))
		return;
	/* netsh makes the list where there is none. */
	list = find_list(netsh, get(p, "filterlist")) ?:
		add_list(netsh, get(p, "filterlist"), NULL);
	list->entries = grown(list->entries, list->n, sizeof(*list->entries));
	list->entries[list->n++] = entry;
}

static void add_rule(struct netsh *netsh, char *const *words)
{
	const struct netsh_action *action;
	const struct netsh_list *list;
	char shown[VISIBLE_LEN];
	struct parameter p[] = {
		{ "name", NULL }, { "policy", NULL }, { "filterlist", NULL },
		{ "filteraction", NULL }, { "conntype", NULL },
		{ "activate", NULL }, { "description", NULL },
		/* whom it would trust if it negotiated */
		{ "kerberos", NULL }, { "psk", NULL }, { "rootca", NULL },
		{ NULL, NULL },
	};

	if (!assign_parameters(netsh, words, p) || !needs(netsh, p, "policy") ||
	    !needs(netsh, p, "filterlist") || !needs(netsh, p, "filteraction"))
		return;
	list = find_list(netsh, get(p, "filterlist"));
	action = find_action(netsh, get(p, "filteraction"));
	if (get(p, "conntype") && !is(get(p, "conntype"), "all"))
		refuse(netsh, "conntype=%s can't be expressed, only all",
		       visible(shown, get(p, "conntype")));
	else if (!has_policy(netsh, get(p, "policy")))
		refuse(netsh, "there is no policy \"%s\" before it",
		       visible(shown, get(p, "policy")));
	else if (!list)
		refuse(netsh, "there is no filter list \"%s\" before it",
		       visible(shown, get(p, "filterlist")));
	else if (!action)
		refuse(netsh, "there is no filter action \"%s\" before it",
		       visible(shown, get(p, "filteraction")));
	if (!list || !action || netsh->file->bad ||
	    is(get(p, "activate"), "no") || is(get(p, "activate"), "n"))
		return;
	netsh->rules = grown(netsh->rules, netsh->n_rules,
			     sizeof(*netsh->rules));
	netsh->rules[netsh->n_rules++] = (struct netsh_rule){
		.policy = copied(get(p, "policy")),
		.list = (size_t)(list - netsh->lists), .action = action->action,
	};
}

/* An import assigns nothing. */
static bool is_assignment(const struct netsh_words *words, size_t first)
{
	return is(words->word[first], "set") &&
	       is(words->word[first + 1], "policy") && words->n == first + 4 &&
	       !strncasecmp(words->word[first + 2], "name=", 5) &&
	       !strncasecmp(words->word[first + 3], "assign=", 7);
}

void netsh_take(struct netsh *netsh, const struct netsh_words *words,
		size_t first)
{
	static const struct {
		const char *name;
		void (*take)(struct netsh *netsh, char *const *words);
	} adds[] = {
		{ "policy", add_policy }, { "filterlist", add_filterlist },
		{ "filter", add_filter }, { "filteraction", add_filteraction },
		{ "rule", add_rule },
	};
	const char *verb = words->word[first], *what = words->word[first + 1];
	char shown[VISIBLE_LEN], shown_what[VISIBLE_LEN];

	for (size_t i = 0; what && is(verb, "add") && i < ARRAY_SIZE(adds); i++)
		if (is(what, adds[i].name)) {
			adds[i].take(netsh, words->word + first + 2);
			return;
		}
	if (is_assignment(words, first))
		return;
	/* Of what was there before: here the whole file is replaced. */
	if (is(verb, "delete") && !netsh->n_policies && !netsh->n_lists &&
	    !netsh->n_actions)
		return;
	refuse(netsh, "\"%s%s%s\" can't be expressed", visible(shown, verb),
	       what ? " " : "", what ? visible(shown_what, what) : "");
}
