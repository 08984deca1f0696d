// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The copy of what the domain last assigned: when it is written, when it goes,
 * and what it is good for after a boot that finds the domain's files broken.
 */
#include "assignment.h"
#include "file.h"
#include "last_good.h"
#include "stamp.h"
#include "userspace_kernel.h"
#include "userspace_pool.h"

#define SITE_CONF	DOMAIN_DIR POLICY_D "/site.conf"
#define ASSIGNED	DOMAIN_DIR ASSIGNED_CONF
#define LOCAL_ASSIGNED	LOCAL_DIR ASSIGNED_CONF
#define SINCE		"2026-01-02T03:04:05Z"
/* A filter of the domain's own and one of the vendor's. */
#define SITE \
	"[filter crane]\ndescription = [filter of cranes\n" \
	"direction = both\nprotocol = tcp\nport = 7777 7780-7790\n" \
	"action = block\nremote = 192.0.2.0/24 2001:db8::/32\n" \
	"[policy SITE]\nfilters = crane smb\nmatch = packet\n" \
	"expires = 2999-12-31\nexpires_action = disable\n"
#define ASSIGNS_SITE \
	"[assigned]\npolicy = SITE\nmode = observe\nsince = " SINCE "\n"

/* ---- the host */

static void write_file(const char *file, const char *text)
{
	remove_tree(file);
	if (file_replace(file, text)) {
		printf("Bail out! %s\n", said);
		exit(1);
	}
}

static bool is_there(const char *file)
{
	struct stat st;

	return !lstat(file, &st);
}

static int run(int (*command)(const struct request *request),
	       const struct request *request)
{
	said[0] = '\0';
	said_first[0] = '\0';
	return play(command, request);
}

static int refresh(void)
{
	const struct request request = {};

	return run(cmd_refresh, &request);
}

static int enable(const char *policy, uint8_t origin)
{
	const struct request request = {
		.argument = policy, .origin = origin,
	};

	return run(cmd_enable, &request);
}

static int disable(uint8_t origin, unsigned int flags)
{
	const struct request request = { .origin = origin, .flags = flags };

	return run(cmd_disable, &request);
}

/* The domain has assigned SITE, and it is in force. */
static void assign_site(void)
{
	clear();
	play_reboot();
	remove_tree(LAST_GOOD);
	remove_tree(ASSIGNED);
	remove_tree(LOCAL_ASSIGNED);
	chmod(DOMAIN_DIR, 0755);
	write_file(SITE_CONF, SITE);
	write_file(ASSIGNED, ASSIGNS_SITE);
	if (refresh()) {
		printf("Bail out! refresh failed: %s\n", said);
		exit(1);
	}
}

/* The same, but the local administrator has one, too. */
static void assign_both(void)
{
	assign_site();
	write_file(LOCAL_ASSIGNED, "[assigned]\npolicy = SASSER\n");
}

static bool in_force(const char *policy, uint8_t origin)
{
	return played.assigned && !strcmp(played.policy.name, policy) &&
	       played.policy.origin == origin;
}

/* All of it, as the domain had it. */
static bool site_in_force(void)
{
	const struct policy *policy = &played.policy;

	return in_force("SITE", DOMAIN) &&
	       policy->mode == SASSER_MODE_OBSERVE &&
	       policy->match == SASSER_MATCH_PACKET && policy->n_filters == 2 &&
	       !strcmp(policy->filters[0].name, "crane") &&
	       policy->filters[0].n_ranges == 2 &&
	       policy->filters[0].n_remotes == 2 &&
	       !strcmp(policy->filters[1].name, "smb");
}

/* The record of the last refresh is that it failed, because of @why. */
static bool recorded(const char *why)
{
	struct refresh last;

	stamp_read(LAST_REFRESH, &last);
	return last.time && !last.ok && strstr(last.message, why);
}

/* ---- writing it */

static void test_written(void)
{
	struct stat first = {}, second = {};
	struct result result;

	assign_site();
	ok(site_in_force() && !lstat(LAST_GOOD, &first) &&
	   (first.st_mode & 07777) == 0644, "a refresh keeps a copy");
	ok(last_good_result(&result) == 1 && result.assigned &&
	   policy_equal(&result.policy, &played.policy) &&
	   result.term.expires && result.term.disables &&
	   result.assignment.since == 1767323045,
	   "which says what is in force, until when, and since when");
	result_free(&result);
	ok(!refresh() && !played.changes && !lstat(LAST_GOOD, &second) &&
	   first.st_ino == second.st_ino &&
	   first.st_ctim.tv_nsec == second.st_ctim.tv_nsec,
	   "another one leaves it alone");
	ok(!enable("SASSER", LOCAL) && site_in_force() &&
	   !lstat(LAST_GOOD, &second) && first.st_ino == second.st_ino,
	   "and so does a local assignment that it beats");
	write_file(SITE_CONF, SITE "scope = everywhere\n");
	ok(!refresh() && strstr(text_of(LAST_GOOD), "scope = everywhere"),
	   "it follows a change of the policy");
	ok(!enable("QUARANTINE", DOMAIN) &&
	   strstr(text_of(LAST_GOOD), "[policy QUARANTINE]") &&
	   !strstr(text_of(LAST_GOOD), "SITE"), "and of the assignment");
	played.guard_refuses = true;
	write_file(ASSIGNED, ASSIGNS_SITE);
	ok(refresh() == GUARDED && in_force("QUARANTINE", DOMAIN) &&
	   strstr(text_of(LAST_GOOD), "[policy QUARANTINE]"),
	   "one that a guard refuses was not in force: it stays");
	assign_site();
	unlink(LAST_GOOD);
	chmod(DOMAIN_DIR, 0700);
	ok(!refresh() && !played.changes && is_there(LAST_GOOD),
	   "where it is missing it is written again");
	chmod(LAST_GOOD, 0666);
	ok(!refresh() && !lstat(LAST_GOOD, &second) &&
	   (second.st_mode & 07777) == 0644,
	   "and where anybody could write it");
}

static void test_trial(void)
{
	const struct request try = {
		.argument = "SASSER", .origin = DOMAIN,
		.flags = FLAG_CONFIRM, .confirm = 60,
	};
	const struct request none = {};

	assign_site();
	ok(!run(cmd_enable, &try) && in_force("SASSER", DOMAIN) &&
	   strstr(text_of(LAST_GOOD), "[policy SITE]"),
	   "a trial keeps no copy");
	ok(!run(cmd_confirm, &none) &&
	   strstr(text_of(LAST_GOOD), "[policy SASSER]"),
	   "once it is confirmed there is one");
}

/* ---- using it */

struct breakage {
	const char *name;
	const char *path;
	const char *text;	/* or: */
	void (*make)(const char *file);
	const char *why;	/* in the record; NULL: the path */
};

static void cut(const char *file)
{
	if (truncate(file, 20))
		exit(1);
}

static void zeros(const char *file)
{
	if (truncate(file, 0) || truncate(file, 200))
		exit(1);
}

static void writable(const char *file)
{
	if (chmod(file, 0666))
		exit(1);
}

static void unreadable(const char *file)
{
	if (unlink(file) || symlink("nowhere", file))
		exit(1);
}

static void directory(const char *file)
{
	if (unlink(file) || mkdir(file, 0755))
		exit(1);
}

static const struct breakage breakages[] = {
	{ "cut", SITE_CONF, .make = cut },
	{ "zeros", SITE_CONF, .make = zeros },
	{ "unreadable", SITE_CONF, .make = unreadable },
	{ "writable for all", SITE_CONF, .make = writable },
	{ "with an unknown key", SITE_CONF, .text = SITE "colour = red\n" },
	{ "without the policy", SITE_CONF, .text = "# nothing\n",
	  .why = "no policy \"SITE\"" },
	{ "cut", ASSIGNED, .text = "[assigned]\npol" },
	{ "empty", ASSIGNED, .text = "" },
	{ "zeros", ASSIGNED, .make = zeros },
	{ "unreadable", ASSIGNED, .make = unreadable },
	{ "a directory", ASSIGNED, .make = directory },
	{ "writable for all", ASSIGNED, .make = writable },
	{ "with an unknown key", ASSIGNED, .text = ASSIGNS_SITE "colour = red\n" },
};

static void damage(const struct breakage *how)
{
	if (how->text)
		write_file(how->path, how->text);
	else
		how->make(how->path);
}

static void test_boot(const struct breakage *how)
{
	const char *file = basename(how->path), *why = how->why ?: how->path;

	assign_both();
	damage(how);
	ok(refresh() == FAILED && !played.changes && site_in_force() &&
	   is_there(LAST_GOOD), "%s %s: what is in force stays", file,
	   how->name);
	play_reboot();
	ok(refresh() == FAILED && site_in_force() && !played.guarded,
	   "after a boot its copy is in force");
	ok(strstr(said, "the last good policy of the domain") &&
	   strstr(said, "SITE (observe), from " SINCE),
	   "which is said, and from when it is");
	ok(recorded(why) &&
	   recorded("SITE (observe) is in force, the last good policy of the domain, from " SINCE),
	   "and recorded, with what is broken");
	ok(refresh() == FAILED && !played.changes && site_in_force() &&
	   recorded(why) &&
	   recorded("SITE (observe) is in force still, the last good policy of the domain, from " SINCE),
	   "the next refresh fails, too, leaves it, and says the same");
	remove_tree(how->path);
	write_file(SITE_CONF, SITE);
	write_file(ASSIGNED, ASSIGNS_SITE);
	ok(!refresh() && !played.changes && site_in_force(),
	   "mended, nothing has to be done");
}

static void test_since(void)
{
	assign_site();
	write_file(ASSIGNED, "[assigned]\npolicy = SITE\n");
	refresh();
	play_reboot();
	cut(ASSIGNED);
	ok(refresh() == FAILED && in_force("SITE", DOMAIN) &&
	   played.policy.mode == SASSER_MODE_ENFORCE && strstr(said, "from 20"),
	   "where the domain did not say since when, its age is told");
}

static void test_emergency(void)
{
	assign_site();
	cut(ASSIGNED);
	ok(!disable(0, FLAG_RUNTIME | FLAG_FORCE) && !played.assigned &&
	   is_there(LAST_GOOD), "in an emergency the host is opened");
	played.guard_refuses = true;
	ok(refresh() == FAILED && played.guarded && !played.assigned,
	   "no boot: what a guard refuses is not in force again");
	played.guard_refuses = false;
	ok(refresh() == FAILED && played.guarded && site_in_force() &&
	   played.listed_on == stderr, "else it is, with the next refresh");
}

static void test_expired(void)
{
	char *text, *year;

	assign_both();
	text = text_of(LAST_GOOD);
	year = strstr(text, "2999");
	if (!year)
		exit(1);
	year[1] = '0';
	year[2] = '2';
	year[3] = '0';
	write_file(LAST_GOOD, text);
	cut(ASSIGNED);
	play_reboot();
	ok(refresh() == FAILED && in_force("SASSER", LOCAL) &&
	   recorded("locally"), "what has expired since is not put in force");
	assign_site();
	put(LOCAL_DIR, "site.conf",
	    FILTER("x", "1") POLICY("SITE", "x")
	    "expires = 2020-01-01\nexpires_action = disable\n");
	cut(SITE_CONF);
	ok(refresh() == FAILED && site_in_force() && is_there(LAST_GOOD),
	   "another policy of that name has expired: that means nothing");
}

/* ---- a copy that is broken */

/* It is named, and what holds is what does without one. */
static void unused(const char *name)
{
	struct result result;

	said[0] = '\0';
	ok(last_good_result(&result) == -1 && !result.assigned &&
	   strstr(said, LAST_GOOD), "%s: it is named", name);
	result_free(&result);
	play_reboot();
	ok(refresh() == FAILED && in_force("SASSER", LOCAL) &&
	   recorded(ASSIGNED), "%s: it is not used", name);
}

static void test_tampered(void)
{
	static char text[65536];
	struct result result;
	size_t used = 0;

	assign_both();
	snprintf(text, sizeof(text), "%s", text_of(LAST_GOOD));
	cut(ASSIGNED);
	chmod(LAST_GOOD, 0666);
	unused("a copy that anybody may write");
	write_file(LAST_GOOD, "rubbish\n# end\n");
	unused("rubbish");
	zeros(LAST_GOOD);
	unused("zeros");
	unreadable(LAST_GOOD);
	unused("a symbolic link");
	remove_tree(LAST_GOOD);
	if (mkdir(LAST_GOOD, 0755))
		exit(1);
	unused("a directory");
	for (size_t len = strlen(text); len--;) {
		text[len] = '\0';
		write_file(LAST_GOOD, text);
		used += last_good_result(&result) != -1;
		result_free(&result);
	}
	ok(!used, "cut anywhere it is of no use (but %zu times)", used);
	unlink(LAST_GOOD);
	play_reboot();
	ok(refresh() == FAILED && in_force("SASSER", LOCAL),
	   "nor is one that is not there");
	if (chmod(DOMAIN_DIR "/..", 0777))
		exit(1);
	assign_both();
	ok(last_good_result(&result) == -1, "nor one where anybody may write");
	result_free(&result);
	if (chmod(DOMAIN_DIR "/..", 0755))
		exit(1);
	if (geteuid())
		return;
	assign_both();
	cut(ASSIGNED);
	if (chown(LAST_GOOD, 65533, 0))
		exit(1);
	unused("a copy that is not root's");
}

/* ---- without it */

static void test_unassigned(void)
{
	const struct request clears = { .argument = "clear" };

	assign_site();
	ok(!disable(DOMAIN, 0) && !played.assigned && !is_there(LAST_GOOD),
	   "the copy goes when the domain un-assigns");
	assign_both();
	ok(!run(cmd_domain, &clears) && in_force("SASSER", LOCAL) &&
	   !is_there(LAST_GOOD), "and with domain clear");
	write_file(ASSIGNED, "rubbish\n");
	play_reboot();
	ok(refresh() == FAILED && in_force("SASSER", LOCAL),
	   "a broken file brings nothing back then");
	assign_site();
	unlink(ASSIGNED);
	ok(!refresh() && !played.assigned && !is_there(LAST_GOOD),
	   "it goes when the assignment's file is gone");
	assign_site();
	unlink(ASSIGNED);
	write_file(LOCAL_ASSIGNED, "rubbish\n");
	ok(refresh() == FAILED && site_in_force() && !is_there(LAST_GOOD),
	   "even where the local file lets nothing come of it");
	assign_site();
	write_file(SITE_CONF, FILTER("crane", "1") POLICY("SITE", "crane")
		   "expires = 2020-01-01\nexpires_action = disable\n");
	ok(!refresh() && !played.assigned && !is_there(LAST_GOOD),
	   "and when its day is over");
	assign_site();
	played.refuses = true;
	ok(disable(DOMAIN, 0) == FAILED && is_there(ASSIGNED) &&
	   is_there(LAST_GOOD) && site_in_force(),
	   "if the kernel refuses, it stays with all else");
}

int main(void)
{
	pools_begin();
	test_written();
	test_trial();
	for (size_t i = 0; i < ARRAY_SIZE(breakages); i++)
		test_boot(&breakages[i]);
	test_since();
	test_emergency();
	test_expired();
	test_tampered();
	test_unassigned();
	play_reboot();
	remove_tree(LAST_GOOD);
	if (!remove_tree(LOCAL_DIR) || !remove_tree(DOMAIN_DIR))
		return 1;
	return tap_end();
}
