// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "sasserctl domain set": what the domain says as a whole is taken or refused
 * as a whole.
 */
#include <fcntl.h>

#include "snapshot.h"
#include "trial.h"
#include "userspace_domain.h"

/* ---- taking it */

static void test_set(void)
{
	struct assignment now;
	struct stat first, second;

	fresh();
	assign_locally();
	ok(!set(SITE ASSIGNS("SITE", "mode = observe\nexpires = 2999-12-31\n"
			     "force = no\nkeep_service = yes\n"
			     "source = {1-2} Cranes; {3-4} All hosts\n")) &&
	   in_force("SITE", DOMAIN) &&
	   played.policy.mode == SASSER_MODE_OBSERVE &&
	   played.policy.n_filters == 2 && played.guarded == 1 &&
	   recorded(true, "SITE (observe) is in force"),
	   "a policy of the text's own is put in force");
	ok(assigned(&now) && now.keep_service && !now.force && now.since &&
	   now.expires == 32503680000 &&
	   !strcmp(now.source, "{1-2} Cranes; {3-4} All hosts"),
	   "all that it says of it is recorded");
	ok(played.kept_service == 1, "the service is to be on");
	ok(strstr(text_of(DOMAIN_CONF), "[policy SITE]\n") &&
	   !strstr(text_of(DOMAIN_CONF), "assigned") &&
	   strstr(text_of(LAST_GOOD), "[policy SITE]") && !is_there(DOMAIN_DIR ".next"),
	   "its policies are a file, there is a copy, and nothing is left over");
	ok(!lstat(DOMAIN_CONF, &first) && !domain("set", TEXT) &&
	   !played.changes && !lstat(DOMAIN_CONF, &second) &&
	   first.st_ino == second.st_ino && recorded(true, "nothing to do"),
	   "the same again: nothing is touched");
	ok(!set(ASSIGNS("QUARANTINE", "")) && in_force("QUARANTINE", DOMAIN) &&
	   !is_there(DOMAIN_CONF), "another takes the place of all of it");
	mkdir(DOMAIN_DIR POLICY_D, 0755);
	put(DOMAIN_DIR, "other.conf", SITE);
	ok(!set(ASSIGNS("QUARANTINE", "")) && !played.changes && !is_there(path),
	   "a file that the text does not speak of goes");
	ok(!set("# nothing\n") && in_force("SASSER-VARIANTS", LOCAL) &&
	   !is_there(ASSIGNED) && !is_there(LAST_GOOD) &&
	   recorded(true, "assigns nothing any more"),
	   "a text that assigns nothing: the local policy is back");
	ok(!set("") && !played.changes && recorded(true, "nothing to do"),
	   "nothing again: nothing is done");
	ok(!set(SITE) && in_force("SASSER-VARIANTS", LOCAL) &&
	   is_there(DOMAIN_CONF), "policies alone are kept for an assignment");
	ok(!set(ASSIGNS("SASSER", "")) && !domain("clear", NULL) &&
	   in_force("SASSER-VARIANTS", LOCAL) && !is_there(ASSIGNED) &&
	   !is_there(DOMAIN_CONF), "domain clear drops all of it");
}

static void test_input(void)
{
	int saved = dup(0), from;

	fresh();
	if (file_replace(TEXT, ASSIGNS("SASSER", "")))
		exit(1);
	from = open(TEXT, O_RDONLY | O_CLOEXEC);
	if (saved < 0 || from < 0 || dup2(from, 0) < 0)
		exit(1);
	ok(!domain("set", NULL) && in_force("SASSER", DOMAIN),
	   "the text comes from standard input");
	lseek(0, 0, SEEK_SET);
	ok(!domain("set", "-") && !played.changes, "or by the name -");
	dup2(saved, 0);
	close(saved);
	close(from);
	ok(domain("set", DOMAIN_DIR ".nix") == FAILED &&
	   recorded(false, "no such file") && in_force("SASSER", DOMAIN),
	   "a file that is not there is no empty one");
	ok(domain("leave", NULL) == USAGE && domain("clear", "x") == USAGE,
	   "wrong usage");
}

static void test_long_source(void)
{
	static char text[2048] = ASSIGNS("SASSER", "source =");
	struct assignment now;

	fresh();
	for (int i = 0; i < 30; i++)
		sprintf(text + strlen(text),
			" {31B2F340-016D-11D2-945F-00C04FB984F9} Name;");
	sprintf(text + strlen(text), "\n");
	ok(!set(text) && assigned(&now) && strlen(now.source) == SOURCE_LEN - 1,
	   "the names of many are cut");
	ok(!set(text) && !played.changes && recorded(true, "nothing to do"),
	   "and are the same the next time");
	ok(set(ASSIGNS("SASSER", "source = x\x1b[31m\n")) == FAILED &&
	   strstr(said_first, "control character"), "no escape gets in by a name");
	ok(!set(ASSIGNS("SASSER", "source = f\xc3\xbcr \"alle\"\n")) &&
	   assigned(&now) && !strcmp(now.source, "f??r \"alle\"") &&
	   !set(ASSIGNS("SASSER", "source = f\xc3\xbcr \"alle\"\n")) &&
	   recorded(true, "nothing to do"), "what is not ASCII is a \"?\"");
}

/* Found by fuzzing: each refresh recorded these anew. */
static void test_source_comments(void)
{
	static const struct {
		const char *said, *recorded;
	} sources[] = {
		{ "=\xc3\xbc; all", "??; all" },
		{ "= \xff; all", "?; all" },
		{ "=; all", "? all" },
		{ "= a\n \xff; all", "a ?; all" },
		{ "=#3 of all", "?3 of all" },
		{ "= Cranes #3; all", "Cranes #3; all" },
		{ "= Cranes ; all", "Cranes" },
	};
	char text[256];
	struct assignment now;

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		fresh();
		snprintf(text, sizeof(text), ASSIGNS("SASSER", "source %s\n"),
			 sources[i].said);
		ok(!set(text) && assigned(&now) &&
		   !strcmp(now.source, sources[i].recorded),
		   "a source is kept as \"%s\"", sources[i].recorded);
		ok(!set(text) && !played.changes &&
		   recorded(true, "nothing to do"),
		   "and is the same the next time");
	}
}

static void test_since(void)
{
	struct assignment now;

	fresh();
	if (set(ASSIGNS("SASSER", "since = 2026-01-02T03:04:05Z\n")) ||
	    set(ASSIGNS("SASSER", "source = another\n")))
		exit(1);
	ok(assigned(&now) && now.since == 1767323045,
	   "it is assigned since then, whoever says so now");
	ok(!set(ASSIGNS("SASSER-VARIANTS", "")) && assigned(&now) &&
	   now.since > 1767323045, "another policy is since now");
}

static enum joined_state joined_by(const char *text, int joined)
{
	struct snapshot snap;
	enum joined_state ret;

	if (set(text))
		exit(1);
	/* a keytab, say, may be left */
	played.joined = 1;
	played.joined_samba = joined;
	if (snapshot_take(&snap))
		exit(1);
	snapshot_ask_joined(&snap);
	ret = snap.standing.domain.joined;
	snapshot_free(&snap);
	return ret;
}

static void test_left(void)
{
	static const char gpo[] = ASSIGNS("SASSER", "source = {1-2} Cranes\n");
	/* Others than root may not see it. */
	bool root = !geteuid();

	fresh();
	ok(joined_by(gpo, 1) == (root ? JOINED_YES : JOINED_UNKNOWN) &&
	   joined_by(gpo, 0) == (root ? JOINED_NO : JOINED_UNKNOWN),
	   "what a GPO assigns is looked at with the join");
	ok(joined_by(ASSIGNS("SASSER", "source = Ansible\n"), 0) ==
	   JOINED_UNKNOWN && joined_by(ASSIGNS("SASSER", ""), 0) ==
	   JOINED_UNKNOWN, "what Ansible assigns needs none");
}

/* ---- refusing it */

struct refusal {
	const char *name;
	const char *text;
	const char *why;
};

static const struct refusal refusals[] = {
	{ "a bad port", ASSIGNS("SITE", "") "[filter crane]\nport = 70000\n",
	  "line 4: port \"70000\"" },
	{ "a policy that is not there", ASSIGNS("NIMDA", ""),
	  "no policy \"NIMDA\"" },
	{ "a filter that is not there",
	  "[policy SITE]\nfilters = none\n" ASSIGNS("SITE", ""),
	  "line 2: policy \"SITE\" has the filter \"none\"" },
	{ "an unknown key", ASSIGNS("SASSER", "colour = red\n"),
	  "line 3: unknown key \"colour\"" },
	{ "a mode", ASSIGNS("SASSER", "mode = maybe\n"), "line 3: mode" },
	{ "no day", ASSIGNS("SASSER", "expires = 2026-02-31\n"),
	  "line 3: expires" },
	{ "no time", ASSIGNS("SASSER", "confirm = 25h\n"), "line 3: confirm" },
	{ "neither yes nor no", ASSIGNS("SASSER", "force = 1\n"),
	  "line 3: force \"1\"" },
	{ "neither, again", ASSIGNS("SASSER", "keep_service = on\n"),
	  "line 3: keep_service" },
	{ "no policy", "[assigned]\nmode = observe\n", "names no policy" },
	{ "two sections", ASSIGNS("SASSER", "") ASSIGNS("SASSER", ""),
	  "line 3: the section [assigned] is given twice" },
	{ "another section", "\n[asigned]\npolicy = SASSER\n", "line 2: " },
	{ "a section that goes on", "[assigned] x\npolicy = SASSER\n",
	  "line 1: something follows" },
	{ "a key before any", "policy = SASSER\n", "line 1: " },
	{ "a truncated text", "[assigned]\npolicy = SASS", "no policy \"SASS\"" },
	{ "rubbish", "\x01\x02\x03\n", "line 1: " },
};

static void test_refused(const struct refusal *how)
{
	struct assignment now;

	fresh();
	if (set(SITE ASSIGNS("SITE", "")))
		exit(1);
	ok(set(how->text) == FAILED && strstr(said_first, how->why) &&
	   !played.changes && in_force("SITE", DOMAIN) && assigned(&now) &&
	   !strcmp(now.policy, "SITE") && is_there(DOMAIN_CONF) &&
	   is_there(LAST_GOOD), "%s: the last good one stays", how->name);
	ok(recorded(false, how->why) && refresh(0) == FAILED &&
	   !played.changes && recorded(false, "was refused") &&
	   recorded(false, how->why) && recorded(false, "SITE"),
	   "%s: and the next refreshes say why", how->name);
	ok(!set(SITE ASSIGNS("SITE", "")) && !refresh(0) &&
	   recorded(true, "nothing to do"), "%s: until it is mended",
	   how->name);
}

static void test_controller_refuses(void)
{
	fresh();
	played.is_controller = true;
	ok(set(ASSIGNS("SASSER", "")) == GUARDED && !played.assigned &&
	   !is_there(ASSIGNED) && recorded(false, "domain controller"),
	   "a domain controller refuses");
	ok(set(ASSIGNS("SASSER", "mode = observe\nforce = yes\n")) == GUARDED &&
	   !is_there(ASSIGNED), "whatever the text says");
	played.is_controller = false;
	if (set(ASSIGNS("SASSER", "")))
		exit(1);
	played.is_controller = true;
	ok(set(ASSIGNS("SASSER", "")) == GUARDED && !played.changes &&
	   in_force("SASSER", DOMAIN), "also what it has already, and says so");
	ok(!set("") && !played.assigned, "but it lets go of one");
	played.is_controller = false;
	played.guard_fails = true;
	ok(set(ASSIGNS("SASSER", "")) == FAILED && !is_there(ASSIGNED),
	   "where that can't be told it fails");
	ok(!set(ASSIGNS("SASSER", "force = yes\n")) && played.assigned,
	   "unless it is forced");
}

static void test_guards(void)
{
	fresh();
	played.guard_refuses = true;
	ok(set(ASSIGNS("SASSER", "")) == GUARDED && !played.assigned &&
	   !is_there(ASSIGNED) && recorded(false, "a guard refuses"),
	   "what a guard refuses is not recorded");
	ok(!set(ASSIGNS("SASSER", "force = yes\n")) && in_force("SASSER", DOMAIN),
	   "unless it is forced");
	play_revert();
	played.assigned = false;
	ok(!refresh(0) && in_force("SASSER", DOMAIN),
	   "and so it is in later refreshes");
	fresh();
	assign_locally();
	if (set(ASSIGNS("SASSER", "")))
		exit(1);
	played.guard_refuses = true;
	ok(!set("") && in_force("SASSER-VARIANTS", LOCAL),
	   "no guard keeps it from going");
}

static void test_kernel(void)
{
	struct assignment now;
	struct refresh last;

	fresh();
	if (set(SITE ASSIGNS("SITE", "")))
		exit(1);
	played.refuses = true;
	ok(set(ASSIGNS("SASSER", "")) == FAILED && in_force("SITE", DOMAIN) &&
	   assigned(&now) && !strcmp(now.policy, "SITE") &&
	   is_there(DOMAIN_CONF) && !is_there(DOMAIN_DIR ".next") &&
	   strstr(text_of(LAST_GOOD), "SITE"),
	   "if the kernel refuses, all is put back");
	fresh();
	played.absent = true;
	ok(set(ASSIGNS("SASSER", "")) == FAILED && assigned(&now) &&
	   recorded(false, "no module") && recorded(false, "is recorded"),
	   "without the module it is recorded");
	stamp_read(LAST_DOMAIN, &last);
	ok(last.time && last.ok, "and taken, which gpo status tells");
	played.absent = false;
	ok(!refresh(0) && in_force("SASSER", DOMAIN),
	   "and in force once that is there");
	played.assigned = false;
	ok(!set(ASSIGNS("SASSER", "")) && in_force("SASSER", DOMAIN),
	   "the same again mends what the kernel has");
}

/* ---- until when */

static void test_expiry(void)
{
	fresh();
	ok(!set(ASSIGNS("SASSER", "expires = 2020-01-01\n")) &&
	   in_force("SASSER", DOMAIN) && strstr(said, "meant to last") == NULL,
	   "its day is over: it is in force all the same");
	ok(!refresh(0) && recorded(true, "meant to last until 2020-01-01"),
	   "and each refresh says so");
	ok(!set(SITE "expires = 2999-12-31\nexpires_action = disable\n"
		ASSIGNS("SITE", "expires = 2020-01-01\n")) &&
	   !played.assigned && recorded(true, "SITE is recorded, but has expired"),
	   "the assignment's day counts, with what the policy does then");
	assign_locally();
	ok(!set(SITE "expires = 2999-12-31\nexpires_action = disable\n"
		ASSIGNS("SITE", "keep_service = yes\nexpires = 2020-01-01\n")) &&
	   in_force("SASSER-VARIANTS", LOCAL) && !played.kept_service &&
	   recorded(true, "SITE is recorded, but has expired"),
	   "and then the local one is in force");
	ok(!set(SITE "expires = 2020-12-31\nexpires_action = disable\n"
		ASSIGNS("SITE", "expires = 2999-01-01\n")) &&
	   in_force("SITE", DOMAIN), "also where it is the later one");
}

static void test_trial(void)
{
	static const char text[] = SITE ASSIGNS("SITE", "confirm = 10m\n");
	struct assignment now;

	fresh();
	if (set(ASSIGNS("SASSER", "")))
		exit(1);
	ok(!set(text) && in_force("SITE", DOMAIN) && played.trial == 600 &&
	   assigned(&now) && !strcmp(now.policy, "SASSER") &&
	   recorded(true, "on trial"), "on trial it is not recorded");
	ok(!set(text) && !played.changes && recorded(true, "seconds are left"),
	   "the same again does not begin it anew");
	ok(!refresh(0) && !played.changes, "nor does a refresh");
	play_revert();
	ok(set(text) == FAILED && in_force("SASSER", DOMAIN) &&
	   !played.changes && recorded(false, "nobody confirmed it"),
	   "once it is over it is not tried again");
	ok(!set(SITE "match = packet\n" ASSIGNS("SITE", "confirm = 10m\n")) &&
	   played.trial == 600, "something else is");
	ok(!confirm() && !played.trial && assigned(&now) &&
	   !strcmp(now.policy, "SITE") && !now.confirm &&
	   strstr(text_of(DOMAIN_CONF), "match = packet") &&
	   strstr(text_of(LAST_GOOD), "[policy SITE]") &&
	   !is_there(TRIAL_RECORD) && !is_there(DOMAIN_DIR ".next"),
	   "confirm records all of it");
	ok(!set(SITE "match = packet\n" ASSIGNS("SITE", "confirm = 10m\n")) &&
	   !played.trial && !played.changes && recorded(true, "nothing to do"),
	   "and then it is no more on trial");
	ok(!set(SITE "match = packet\n"
		ASSIGNS("SITE", "confirm = 10m\nsource = x\n")) &&
	   !played.trial && assigned(&now) && !strcmp(now.source, "x"),
	   "what changes nothing in force needs no trial");
	if (set(ASSIGNS("QUARANTINE", "confirm = 10m\n")))
		exit(1);
	ok(!set(ASSIGNS("SASSER", "")) && !played.trial &&
	   in_force("SASSER", DOMAIN) && assigned(&now) &&
	   !is_there(TRIAL_FILE), "a plain one ends it");
	if (file_replace(ASSIGNED, ASSIGNS("SASSER", "confirm = 10m\n")))
		exit(1);
	ok(assignment_read(DOMAIN, &now) == -1 && strstr(said, "confirm"),
	   "no file has a line for it");
}

/* What the domain says besides, while something is on trial. */
static void test_trial_and_others(void)
{
	static const char text[] = SITE ASSIGNS("SITE", "confirm = 10m\n");
	struct assignment now;

	fresh();
	assign_locally();
	if (set(text))
		exit(1);
	ok(!set("") && !played.trial && in_force("SASSER-VARIANTS", LOCAL) &&
	   !is_there(TRIAL_FILE) && !is_there(TRIAL_RECORD),
	   "what is on trial goes with the text that said so");
	ok(!set(text) && played.trial == 600 && in_force("SITE", DOMAIN),
	   "and is tried once more with it");
	ok(!domain("clear", NULL) && !played.trial &&
	   in_force("SASSER-VARIANTS", LOCAL), "domain clear ends it, too");
	if (set(text))
		exit(1);
	play_revert();
	ok(!set("") && !played.changes && !set(text) && played.trial == 600,
	   "so it is where nobody had confirmed it");
	play_revert();
	if (set(ASSIGNS("SASSER", "")) || set(text))
		exit(1);
	ok(!set(ASSIGNS("SASSER", "")) && !played.trial &&
	   in_force("SASSER", DOMAIN) && assigned(&now) &&
	   !strcmp(now.policy, "SASSER"), "what is recorded ends it");
	if (set(text))
		exit(1);
	played.refuses = true;
	ok(set(ASSIGNS("QUARANTINE", "confirm = 10m\n")) == FAILED &&
	   in_force("SITE", DOMAIN), "another trial, which the kernel refuses");
	played.refuses = false;
	ok(!confirm() && assigned(&now) && !strcmp(now.policy, "SITE") &&
	   strstr(text_of(DOMAIN_CONF), "[policy SITE]"),
	   "leaves the first one to be confirmed");
}

int main(void)
{
	pools_begin();
	test_set();
	test_input();
	test_long_source();
	test_source_comments();
	test_since();
	test_left();
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		test_refused(&refusals[i]);
	test_controller_refuses();
	test_guards();
	test_kernel();
	test_expiry();
	test_trial();
	test_trial_and_others();
	fresh();
	unlink(TEXT);
	if (!remove_tree(LOCAL_DIR))
		return 1;
	return tap_end();
}
