// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An assignment is written, replaced and removed by a process that is killed at
 * its first call to the file system, at its second, and so on until one runs
 * through. Whoever reads the file afterwards finds the old one or the new one.
 * The copy of what the domain has assigned never outlives the assignment. And
 * of the domain's whole record, its policies too, nothing is mixed up.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assignment.h"
#include "change.h"
#include "last_good.h"
#include "result.h"
#include "userspace_tap.h"
#include "userspace_tree.h"

#define LOCAL	SASSER_ORIGIN_LOCAL
#define DOMAIN	SASSER_ORIGIN_DOMAIN

/* Calls that are left to this process; negative: as many as it likes. */
static int calls = -1;

static void count(void)
{
	if (calls >= 0 && !calls--)
		raise(SIGKILL);
}

/* The linker's --wrap; half of a write is one more way to end. */
/* NOLINTBEGIN(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#define WRAP(type, name, params, ...)				\
	type __real_##name params;				\
	type __wrap_##name params;				\
	type __wrap_##name params				\
	{							\
		count();					\
		return __real_##name(__VA_ARGS__);		\
	}

WRAP(int, mkdir, (const char *path, mode_t mode), path, mode)
WRAP(int, mkostemp, (char *template, int flags), template, flags)
WRAP(int, fchmod, (int fd, mode_t mode), fd, mode)
WRAP(int, fsync, (int fd), fd)
WRAP(int, rename, (const char *from, const char *to), from, to)
WRAP(int, unlink, (const char *path), path)
WRAP(int, close, (int fd), fd)
WRAP(int, remove, (const char *path), path)
WRAP(int, renameat2, (int a, const char *from, int b, const char *to,
		      unsigned int flags), a, from, b, to, flags)

ssize_t __real_write(int fd, const void *buf, size_t len);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
	count();
	return __real_write(fd, buf, calls >= 0 && len > 1 ? len / 2 : len);
}
/* NOLINTEND(*-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static const struct assignment old = {
	.policy = "SASSER", .mode = SASSER_MODE_ENFORCE, .since = 1,
};

static const struct assignment new = {
	.policy = "QUARANTINE", .mode = SASSER_MODE_OBSERVE, .since = 2,
};

static bool same(const struct assignment *a, const struct assignment *b)
{
	return !strcmp(a->policy, b->policy) && a->mode == b->mode &&
	       a->since == b->since;
}

/* What the file says: NULL nothing, or one of those above. */
static bool origin_says(uint8_t origin, const struct assignment *wanted)
{
	struct assignment got;
	int ret = assignment_read(origin, &got);

	return wanted ? ret == 1 && same(&got, wanted) : !ret;
}

static bool says(const struct assignment *wanted)
{
	return origin_says(LOCAL, wanted);
}

static int files(void)
{
	DIR *dir = opendir(LOCAL_DIR);
	struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	if (dir)
		closedir(dir);
	return n;
}

static void put(const struct assignment *what)
{
	if (what ? assignment_write(LOCAL, what) :
		   assignment_remove(LOCAL) < 0) {
		printf("Bail out! %s\n", said);
		exit(1);
	}
}

/* Returns whether the process came through. */
static bool change(const struct assignment *to, int allowed)
{
	pid_t child = fork();
	int status;

	if (!child) {
		calls = allowed;
		put(to);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		exit(1);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static void test(const char *name, const struct assignment *from,
		 const struct assignment *to, int least)
{
	int n = 0, olds = 0, news = 0, neither = 0;
	bool through;

	do {
		put(from);
		through = change(to, n++);
		if (says(to))
			news++;
		else if (says(from))
			olds++;
		else
			neither++;
	} while (!through && n < 1000);
	ok(through && !neither && says(to) && n > least,
	   "%s: old %d times, new %d times, killed at %d calls", name, olds,
	   news, n - 1);
	ok(olds && news, "%s: both were met", name);
}

/* What a killed process leaves behind. */
static void test_left_behind(void)
{
	put(NULL);
	ok(files() > 0, "temporary files were left behind");
	ok(!assignment_write(LOCAL, &new) && says(&new),
	   "they are in nobody's way");
	ok(assignment_remove(LOCAL) == 1 && says(NULL),
	   "nor are they taken for an assignment");
}

/* ---- a change of what the domain assigns, and its copy */

struct state {
	const struct assignment *assigned;
	const char *copy;	/* NULL: there is none */
};

static bool copy_says(const char *wanted)
{
	char *text = last_good_read();
	bool ret = wanted ? text && !strcmp(text, wanted) :
			    access(LAST_GOOD, F_OK) != 0;

	free(text);
	return ret;
}

static void put_domain(const struct state *state)
{
	if ((state->assigned ? assignment_write(DOMAIN, state->assigned) :
			       assignment_remove(DOMAIN) < 0) ||
	    last_good_keep(state->copy)) {
		printf("Bail out! %s\n", said);
		exit(1);
	}
}

/* Without the module, so that the files are all there is to it. */
static bool change_domain(const struct state *to, int allowed)
{
	const struct step step = {
		.origin = DOMAIN, .record = to->assigned,
		.last_good = to->copy,
	};
	struct change make = { .command = "enable" };
	pid_t child = fork();
	int status;

	if (!child) {
		calls = allowed;
		_exit(change_make(&make, &step) ? 1 : 0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		exit(1);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static void test_domain(const char *name, const struct state *from,
			const struct state *to)
{
	int n = 0, wrong = 0, between = 0;
	bool through;

	do {
		bool is_new, has_new;

		put_domain(from);
		through = change_domain(to, n++);
		is_new = origin_says(DOMAIN, to->assigned);
		has_new = copy_says(to->copy);
		wrong += !is_new && !origin_says(DOMAIN, from->assigned);
		wrong += !has_new && !copy_says(from->copy);
		/* No copy of what is not assigned: any more, or yet. */
		wrong += to->assigned ? has_new && !is_new :
					is_new && !has_new;
		between += is_new != has_new;
	} while (!through && n < 1000);
	ok(through && !wrong && origin_says(DOMAIN, to->assigned) &&
	   copy_says(to->copy), "%s: killed at %d calls, %d times wrong", name,
	   n - 1, wrong);
	ok(between, "%s: between the two files, too", name);
}

static void test_copy(void)
{
	const struct state none = {};
	const struct state first = { &old, "# the old one\n" };
	const struct state second = { &new, "# the new one\n" };

	test_domain("the domain assigns", &none, &first);
	test_domain("the domain assigns another", &first, &second);
	test_domain("the domain un-assigns", &first, &none);
}

/* ---- the whole record of the domain */

/* What it assigns is defined in the record, each time another way. */
#define SITE(port) \
	"[filter crane]\ndirection = in\nprotocol = tcp\nport = " port "\n" \
	"action = block\n[policy SITE]\nfilters = crane\n"

struct whole {
	const char *text;
	uint16_t port;		/* 0: nothing results */
	uint8_t mode;
};

static void parse(const char *text, struct domain *domain)
{
	if (domain_parse("text", text, strlen(text), domain)) {
		printf("Bail out! %s\n", said);
		exit(1);
	}
	domain->assignment.since = 1;
}

static void put_whole(const struct whole *whole)
{
	struct domain domain;

	parse(whole->text, &domain);
	if (domain_write(&domain)) {
		printf("Bail out! %s\n", said);
		exit(1);
	}
	domain_free(&domain);
}

/* Is that what a refresh would find? */
static bool results(const struct whole *wanted)
{
	struct pool *pool = pool_load();
	struct result result;
	bool ret = !result_work_out(pool, NULL, &result);

	if (!wanted->port)
		ret = ret && !result.assigned;
	else
		ret = ret && result.assigned && result.origin == DOMAIN &&
		      result.policy.mode == wanted->mode &&
		      result.policy.n_filters == 1 &&
		      result.policy.filters[0].ranges[0].first == wanted->port;
	result_free(&result);
	pool_free(pool);
	return ret;
}

static bool change_whole(const struct whole *to, int allowed)
{
	struct change make = { .command = "domain set" };
	struct domain domain;
	pid_t child = fork();
	int status;

	if (!child) {
		parse(to->text, &domain);
		calls = allowed;
		_exit(change_make(&make, &(const struct step){
			.origin = DOMAIN, .domain = &domain,
			.record = domain.assigns ? &domain.assignment : NULL,
			.last_good = to->port ? "# a copy\n" : NULL,
		}) ? 1 : 0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		exit(1);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static void test_whole(const char *name, const struct whole *from,
		       const struct whole *to)
{
	int n = 0, olds = 0, news = 0;
	bool through;

	do {
		put_whole(from);
		through = change_whole(to, n++);
		if (results(to))
			news++;
		else
			olds += results(from);
	} while (!through && n < 1000);
	ok(through && olds + news == n && results(to),
	   "%s: old %d times, new %d times, killed at %d calls", name, olds,
	   news, n - 1);
	ok(olds > 1 && news > 1, "%s: both were met", name);
	ok(change_whole(from, -1) && results(from) &&
	   access(DOMAIN_DIR ".next", F_OK),
	   "%s: and nothing is left beside it", name);
}

static void test_record(void)
{
	const struct whole none = { .text = "" };
	const struct whole first = {
		SITE("1") "[assigned]\npolicy = SITE\nmode = observe\n", 1,
		SASSER_MODE_OBSERVE,
	};
	const struct whole second = {
		SITE("2") "[assigned]\npolicy = SITE\n", 2, SASSER_MODE_ENFORCE,
	};

	test_whole("the first record", &none, &first);
	test_whole("another, of the same names", &first, &second);
	test_whole("no more of them", &second, &none);
}

int main(void)
{
	puts("TAP version 13");
	if (!remove_tree(LOCAL_DIR) || mkdir(LOCAL_DIR, 0755)) {
		printf("Bail out! %s: %s\n", LOCAL_DIR, strerror(errno));
		return 1;
	}
	test("the first assignment", NULL, &new, 6);
	test("another one", &old, &new, 6);
	test("no more of them", &old, NULL, 2);
	test_left_behind();
	test_copy();
	test_record();
	if (!remove_tree(LOCAL_DIR) || !remove_tree(DOMAIN_DIR))
		return 1;
	return tap_end();
}
