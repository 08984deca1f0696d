// SPDX-License-Identifier: GPL-2.0-or-later
/* Scripts of netsh ipsec static: lines and words. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "import.h"
#include "import_netsh.h"
#include "sasserctl.h"

#define BLANKS	" \t\r\v\f"

const char *netsh_split(char *line, struct netsh_words *words)
{
	char *to = line;
	bool quoted = false;

	words->n = 0;
	while (*line) {
		line += strspn(line, BLANKS);
		if (!*line)
			break;
		if (words->n == NETSH_WORDS)
			return "the line has too many words";
		words->word[words->n++] = to;
		for (; *line && (quoted || !strchr(BLANKS, *line)); line++)
			if (*line == '"')
				quoted = !quoted;
			else
				*to++ = *line;
		if (*line)
			line++;
		*to++ = '\0';
	}
	words->word[words->n] = NULL;
	return quoted ? "a quote is not closed" : NULL;
}

static bool begins(const char *line, const char *word)
{
	size_t len = strlen(word);

	return !strncasecmp(line, word, len) &&
	       (!line[len] || strchr(BLANKS "=.:", line[len]) ||
		ispunct((unsigned char)word[len - 1]));
}

bool netsh_is_idle(const char *line)
{
	static const char *const idle[] = {
		"#", ";", "::", "rem", "echo", "pause", "exit", "cls",
		"setlocal", "endlocal", "title", "pushd ipsec static", "popd",
	};

	line += strspn(line, BLANKS "@");
	if (!*line)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++)
		if (begins(line, idle[i]))
			return true;
	return false;
}

size_t netsh_command(const struct netsh_words *words)
{
	static const char *const prefix[] = { "netsh", "ipsec", "static" };
	size_t first = 0;

	for (size_t i = 0; i < ARRAY_SIZE(prefix); i++) {
		const char *word = words->word[first];

		if (!word)
			break;
		if (!strcasecmp(word, prefix[i]) ||
		    (!i && !strcasecmp(word, "netsh.exe")))
			first++;
	}
	return first;
}

/* ---- is it one? */

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);

	return len >= end && !strcasecmp(name + len - end, suffix);
}

static bool is_command(const char *line)
{
	static const char *const begin[] = {
		"netsh", "netsh.exe", "ipsec", "static", "pushd ipsec",
		"add policy", "add filterlist", "add filter", "add filteraction",
		"add rule",
	};

	line += strspn(line, BLANKS "@");
	for (size_t i = 0; i < ARRAY_SIZE(begin); i++)
		if (begins(line, begin[i]))
			return true;
	return false;
}

bool is_netsh(const char *name, const char *text)
{
	const char *line = text;

	/* What has a section is a policy file, whatever it is called. */
	for (; *line; line += strcspn(line, "\n"), line += !!*line) {
		line += strspn(line, BLANKS);
		if (*line == '[')
			return false;
		if (is_command(line))
			return true;
	}
	return has_suffix(name, ".netsh") || has_suffix(name, ".cmd") ||
	       has_suffix(name, ".bat") || has_suffix(name, ".txt");
}

/* ---- reading */

static bool is_redirection(const char *word)
{
	return word && strchr("12>", *word) && strchr(word, '>');
}

static void take_line(struct netsh *netsh, char *line)
{
	struct netsh_words words;
	const char *wrong;
	size_t first;

	if (netsh_is_idle(line))
		return;
	line += strspn(line, BLANKS "@");
	wrong = netsh_split(line, &words);
	if (wrong) {
		policy_file_refuse(netsh->file, netsh->line, "%s", wrong);
		return;
	}
	/* "netsh ipsec static ... >nul" */
	while (words.n && is_redirection(words.word[words.n - 1]))
		words.word[--words.n] = NULL;
	first = netsh_command(&words);
	if (words.word[first])
		netsh_take(netsh, &words, first);
}

static void free_all(struct netsh *netsh)
{
	for (size_t i = 0; i < netsh->n_lists; i++) {
		free(netsh->lists[i].name);
		free(netsh->lists[i].description);
		free(netsh->lists[i].entries);
	}
	for (size_t i = 0; i < netsh->n_actions; i++)
		free(netsh->actions[i].name);
	for (size_t i = 0; i < netsh->n_policies; i++) {
		free(netsh->policies[i].name);
		free(netsh->policies[i].description);
	}
	for (size_t i = 0; i < netsh->n_rules; i++)
		free(netsh->rules[i].policy);
	free(netsh->lists);
	free(netsh->actions);
	free(netsh->policies);
	free(netsh->rules);
}

void import_netsh(struct policy_file *file, const char *text, size_t len)
{
	struct netsh netsh = { .file = file };
	const char *end = text + len;

	for (const char *next; text < end && !file->bad; text = next) {
		size_t length = strcspn(text, "\n");
		char *line = strndup(text, length);

		if (!line) {
			complain("out of memory");
			exit(FAILED);
		}
		netsh.line++;
		next = text + length + 1;
		if (text + length < end && text[length] != '\n')
			policy_file_refuse(file, netsh.line, "the line holds a NUL byte: this is no text file");
		else
			take_line(&netsh, line);
		free(line);
	}
	if (!file->bad)
		netsh_build(&netsh);
	free_all(&netsh);
}

char *import_text(const struct policy_file *file)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out) {
		complain("out of memory");
		exit(FAILED);
	}
	fputs("# From a script of netsh ipsec static, by sasserctl policy import.\n",
	      out);
	for (size_t i = 0; i < file->n_filters; i++) {
		fputc('\n', out);
		export_filter(out, &file->filters[i]);
	}
	for (size_t i = 0; i < file->n_policies; i++) {
		fputc('\n', out);
		export_policy(out, &file->policies[i]);
	}
	fclose(out);
	return text;
}
