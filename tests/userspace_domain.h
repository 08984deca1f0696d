/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the domain says, told to a played kernel. */
#ifndef USERSPACE_DOMAIN_H
#define USERSPACE_DOMAIN_H

#include "assignment.h"
#include "controllers.h"
#include "domain.h"
#include "file.h"
#include "last_good.h"
#include "stamp.h"
#include "userspace_kernel.h"
#include "userspace_pool.h"

#define TEXT		DOMAIN_DIR ".text"
#define ASSIGNED	DOMAIN_DIR ASSIGNED_CONF
#define SITE \
	"[filter crane]\ndirection = out\nprotocol = tcp\nport = 7777\n" \
	"action = block\n[policy SITE]\nfilters = crane smb\n"
#define ASSIGNS(policy, more)	"[assigned]\npolicy = " policy "\n" more

static inline bool is_there(const char *file)
{
	return !access(file, F_OK);
}

static inline int run(int (*command)(const struct request *request),
	       const struct request *request)
{
	said[0] = '\0';
	said_first[0] = '\0';
	return play(command, request);
}

static inline int domain(const char *what, const char *file)
{
	char *words[] = { strdup(what), file ? strdup(file) : NULL, NULL };
	const struct request request = {
		.argument = words[0], .arguments = words,
		.n_arguments = file ? 2 : 1,
	};
	int ret = run(cmd_domain, &request);

	free(words[0]);
	free(words[1]);
	return ret;
}

static inline int set(const char *text)
{
	if (file_replace(TEXT, text))
		exit(1);
	return domain("set", TEXT);
}

static inline int refresh(unsigned int flags)
{
	const struct request request = { .flags = flags };

	return run(cmd_refresh, &request);
}

static inline int confirm(void)
{
	const struct request request = {};

	return run(cmd_confirm, &request);
}

/* Nothing is assigned, in force or known. */
static inline void fresh(void)
{
	mkdir(DOMAIN_DIR, 0755);
	clear();
	play_reboot();
	if (!remove_tree(DOMAIN_DIR) || !remove_tree(LAST_GOOD) ||
	    !remove_tree(CONTROLLERS_FILE))
		exit(1);
	unlink(LOCAL_DIR ASSIGNED_CONF);
}

static inline void assign_locally(void)
{
	if (file_replace(LOCAL_DIR ASSIGNED_CONF,
			 "[assigned]\npolicy = SASSER-VARIANTS\n") ||
	    refresh(0))
		exit(1);
}

static inline bool in_force(const char *policy, uint8_t origin)
{
	return played.assigned && !strcmp(played.policy.name, policy) &&
	       played.policy.origin == origin;
}

/* What the last refresh came to. */
static inline bool recorded(bool good, const char *what)
{
	struct refresh last;

	stamp_read(LAST_REFRESH, &last);
	if (!last.time || last.ok != good || !strstr(last.message, what))
		printf("# recorded: %s\n", last.message);
	return last.time && last.ok == good && strstr(last.message, what);
}

static inline bool assigned(struct assignment *assignment)
{
	return assignment_read(DOMAIN, assignment) == 1;
}

#endif /* USERSPACE_DOMAIN_H */
