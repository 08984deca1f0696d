// SPDX-License-Identifier: GPL-2.0-or-later
/* What results from what the domain and the local administrator assigned. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "result.h"
#include "userspace_tap.h"
#include "userspace_tree.h"

#define LOCAL	SASSER_ORIGIN_LOCAL
#define DOMAIN	SASSER_ORIGIN_DOMAIN

static struct result result;

static void write_file(const char *path, const char *text)
{
	if (file_replace(path, text)) {
		printf("Bail out! %s\n", said);
		exit(1);
	}
}

static void assign(uint8_t origin, const char *text)
{
	if (text)
		write_file(assignment_path(origin), text);
	else
		assignment_remove(origin);
}

static void clear(void)
{
	if (!remove_tree(LOCAL_DIR) || !remove_tree(DOMAIN_DIR) ||
	    mkdir(LOCAL_DIR, 0755) || mkdir(DOMAIN_DIR, 0755))
		exit(1);
}

static int work_out(const struct instead *instead)
{
	struct pool *pool = pool_load();
	int ret;

	result_free(&result);
	said[0] = '\0';
	ret = result_work_out(pool, instead, &result);
	pool_free(pool);
	return ret;
}

/* @overridden NULL: nothing is. */
static bool results(const char *policy, uint8_t origin, uint8_t mode,
		    const char *overridden)
{
	return !work_out(NULL) && result.assigned && result.origin == origin &&
	       !strcmp(result.policy.name, policy) &&
	       result.policy.origin == origin && result.policy.mode == mode &&
	       result.policy.n_filters && result.overrides == !!overridden &&
	       (!overridden || !strcmp(result.overridden.policy, overridden));
}

static bool fails(const char *why)
{
	struct result look;

	result_look(&look);
	policy_free(&look.policy);
	return work_out(NULL) == -1 && strstr(said, why);
}

static void test_origins(void)
{
	const struct assignment more = {
		.policy = "QUARANTINE", .mode = SASSER_MODE_ENFORCE,
	};
	const struct instead none = { .origin = DOMAIN };
	const struct instead local = { .origin = LOCAL, .assignment = &more };

	clear();
	ok(!work_out(NULL) && !result.assigned, "nothing results from nothing");
	assign(LOCAL, "[assigned]\npolicy = SASSER-VARIANTS\n");
	ok(results("SASSER-VARIANTS", LOCAL, SASSER_MODE_ENFORCE, NULL),
	   "what is local results, in its own mode");
	assign(DOMAIN, "[assigned]\npolicy = SASSER\nmode = observe\n");
	ok(results("SASSER", DOMAIN, SASSER_MODE_OBSERVE, "SASSER-VARIANTS"),
	   "the domain's beats it");
	ok(!work_out(&none) && result.origin == LOCAL &&
	   !strcmp(result.policy.name, "SASSER-VARIANTS"),
	   "without it the local one would be back");
	ok(!work_out(&local) && result.origin == DOMAIN && result.overrides &&
	   !strcmp(result.overridden.policy, "QUARANTINE"),
	   "another local one would be overridden, too");
	assign(DOMAIN, NULL);
	ok(results("SASSER-VARIANTS", LOCAL, SASSER_MODE_ENFORCE, NULL),
	   "and without it the local one is back");
}

static void test_broken(void)
{
	clear();
	assign(LOCAL, "[assigned]\npolicy = SASSER\n");
	assign(DOMAIN, "[assigned]\npolcy = SASSER\n");
	ok(fails(DOMAIN_DIR), "a broken file of the domain is not passed over");
	assign(DOMAIN, "[assigned]\npolicy = NIMDA\n");
	ok(fails(DOMAIN_DIR), "nor one with a policy that is not there");
	assign(DOMAIN, "[assigned]\npolicy = SASSER\n");
	assign(LOCAL, "rubbish\n");
	ok(results("SASSER", DOMAIN, SASSER_MODE_ENFORCE, NULL) || said[0],
	   "a broken local file is not in the domain's way");
	ok(strstr(said, LOCAL_DIR), "but is told of");
	assign(DOMAIN, NULL);
	ok(fails(LOCAL_DIR), "alone it is no assignment of nothing");
}

static void test_pool(void)
{
	clear();
	if (mkdir(DOMAIN_DIR POLICY_D, 0755))
		exit(1);
	assign(DOMAIN, "[assigned]\npolicy = SASSER\n");
	write_file(DOMAIN_DIR POLICY_D "/other.conf",
		   "[filter other]\ncolour = red\n");
	ok(results("SASSER", DOMAIN, SASSER_MODE_ENFORCE, NULL) &&
	   strstr(said, "other.conf"),
	   "a broken policy file that is not needed is told of");
	write_file(DOMAIN_DIR POLICY_D "/other.conf",
		   "[policy SASSER]\nfilters = smb\ncolour = red\n");
	ok(fails("assigns it"), "one that may say what is assigned matters");
	write_file(DOMAIN_DIR POLICY_D "/other.conf",
		   "[filter payload]\ncolour = red\n");
	ok(fails("assigns it"), "so does one with a filter of it");
	write_file(DOMAIN_DIR POLICY_D "/other.conf",
		   "[filter payloads]\ncolour = SASSER-VARIANTS\n");
	ok(results("SASSER", DOMAIN, SASSER_MODE_ENFORCE, NULL),
	   "names that only begin like it are others");
	if (truncate(DOMAIN_DIR POLICY_D "/other.conf", 20))
		exit(1);
	ok(fails("assigns it"), "one that was cut may have said anything");
	if (truncate(DOMAIN_DIR POLICY_D "/other.conf", 0) ||
	    truncate(DOMAIN_DIR POLICY_D "/other.conf", 100))
		exit(1);
	ok(fails("assigns it"), "one of zeros may have said anything");
	if (unlink(DOMAIN_DIR POLICY_D "/other.conf") ||
	    symlink("nowhere", DOMAIN_DIR POLICY_D "/other.conf"))
		exit(1);
	ok(fails("assigns it"), "and so may one that can't be read");
}

#define TEMPORARY(day, action) \
	"[filter x]\ndirection = in\nprotocol = tcp\nport = 1\naction = block\n" \
	"[policy SHORT]\nfilters = x\nexpires = " day "\n" \
	"expires_action = " action "\n"

static void test_expiry(void)
{
	clear();
	if (mkdir(DOMAIN_DIR POLICY_D, 0755))
		exit(1);
	assign(LOCAL, "[assigned]\npolicy = SASSER\n");
	assign(DOMAIN, "[assigned]\npolicy = SHORT\n");
	write_file(DOMAIN_DIR POLICY_D "/short.conf",
		   TEMPORARY("2020-01-01", "disable"));
	ok(results("SASSER", LOCAL, SASSER_MODE_ENFORCE, NULL) &&
	   !strcmp(result.expired, "SHORT") &&
	   result.expired_term.expires == 1577923200,
	   "what has expired counts as un-assigned");
	write_file(DOMAIN_DIR POLICY_D "/short.conf",
		   TEMPORARY("2020-01-01", "warn"));
	ok(results("SHORT", DOMAIN, SASSER_MODE_ENFORCE, "SASSER") &&
	   result.term.expires == 1577923200 && !result.term.disables,
	   "unless it is only to be warned of");
	write_file(DOMAIN_DIR POLICY_D "/short.conf",
		   TEMPORARY("2999-01-01", "disable"));
	ok(results("SHORT", DOMAIN, SASSER_MODE_ENFORCE, "SASSER") &&
	   result.term.disables && !result.expired[0],
	   "or its day is still to come");
}

int main(void)
{
	puts("TAP version 13");
	test_origins();
	test_broken();
	test_pool();
	test_expiry();
	result_free(&result);
	if (!remove_tree(LOCAL_DIR) || !remove_tree(DOMAIN_DIR))
		return 1;
	return tap_end();
}
