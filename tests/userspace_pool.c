// SPDX-License-Identifier: GPL-2.0-or-later
/* The pool: what the policy files say, whose is meant, and what is no file. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "userspace_pool.h"
#include "words.h"

/* ---- limits */

static char many[1 << 16];

static void add(const char *fmt, ...) __printf(1, 2);

static void add(const char *fmt, ...)
{
	size_t at = strlen(many);
	va_list args;

	va_start(args, fmt);
	vsnprintf(many + at, sizeof(many) - at, fmt, args);
	va_end(args);
}

static void add_filter(const char *name, int ports, int remotes)
{
	add("[filter %s]\ndirection = in\nprotocol = tcp\naction = block\nport =",
	    name);
	for (int i = 0; i < ports; i++)
		add(" %d", 2 * i + 1);
	for (int i = 0; i < remotes; i++)
		add("%s 10.0.%d.%d", i ? "" : "\nremote =", i / 256, i % 256);
	add("\n");
}

static void test_limits(void)
{
	struct policy policy;
	struct pool *pool;
	int ret;

	many[0] = '\0';
	add_filter("x", 1024, 1024);
	add(POLICY("X", "x"));
	put(LOCAL_DIR, "test.conf", many);
	pool = pool_load();
	ret = pool_build(pool, "X", LOCAL, &policy);
	ok(!ret && policy.filters[0].n_ranges == 1024 &&
	   policy.filters[0].ranges[1023].first == 2047 &&
	   policy.filters[0].n_remotes == 1024 &&
	   policy.filters[0].remotes[1023].address[3] == 255,
	   "takes 1024 ports in one line, and 1024 addresses");
	policy_free(&policy);
	pool_free(pool);

	add_filter("y", 1, 0);
	add(POLICY("Y", "x y"));
	put(LOCAL_DIR, "test.conf", many);
	pool = pool_load();
	ok(pool_build(pool, "Y", LOCAL, &policy) == -1 &&
	   strstr(said, "1025 ports and ranges") && strstr(said, path),
	   "refuses 1025 ports in two filters");
	pool_free(pool);
	many[0] = '\0';
	add_filter("x", 1, 1000);
	add_filter("y", 1, 25);
	add(POLICY("Y", "x y"));
	put(LOCAL_DIR, "test.conf", many);
	pool = pool_load();
	ok(pool_build(pool, "Y", LOCAL, &policy) == -1 &&
	   strstr(said, "1025 remote prefixes"),
	   "refuses 1025 addresses in two filters");
	pool_free(pool);

	many[0] = '\0';
	add_filter("x", 1025, 0);
	refused("1025 ports in a filter", many, "line 5",
		"port \"2049\" is one too many");
	many[0] = '\0';
	add_filter("x", 1, 1025);
	refused("1025 addresses in a filter", many, "line 6",
		"remote \"10.0.4.0\" is one too many");
	many[0] = '\0';
	add("[policy X]\nfilters =");
	for (int i = 0; i < 257; i++)
		add("\n f%d", i);
	refused("257 filters", many, "line 259",
		"filter \"f256\" is one too many");
}

/* ---- files that are none, or anybody's */

static void test_files(void)
{
	static const char text[] = FILTER("x", "1");
	char *large = malloc(10 << 20);
	struct pool *pool;
	FILE *out;

	if (!large)
		exit(1);
	memset(large, '#', 10 << 20);
	put_bytes(LOCAL_DIR, "test.conf", large, 10 << 20);
	free(large);
	left_out("10 MB", "", "larger than 1 MiB");
	clear();
	out = fopen(in(LOCAL_DIR, "test.conf"), "w");
	if (!out)
		exit(1);
	for (int i = 0; i < 5000; i++)
		fprintf(out, FILTER("x%d", "1-2 4-5 7") "remote = 10.0.0.0/8\n\n",
			i);
	fclose(out);
	pool = pool_load();
	ok(!pool_bad(pool, 0) && pool_filter(pool, "x4999", LOCAL),
	   "takes 5000 filters in a file");
	pool_free(pool);
	clear();
	put(LOCAL_DIR, "test.other", text);
	ok(!symlink("test.other", in(LOCAL_DIR, "test.conf")), "links");
	left_out("a symbolic link", "", "symbolic link");
	clear();
	ok(!symlink("nowhere", in(LOCAL_DIR, "test.conf")), "links");
	left_out("one to nowhere", "", "symbolic link");
	clear();
	ok(!mkdir(in(LOCAL_DIR, "test.conf"), 0755), "makes a directory");
	left_out("a directory", "", "it is a directory");
	clear();
	ok(!mkfifo(in(LOCAL_DIR, "test.conf"), 0644), "makes a FIFO");
	left_out("a FIFO, without waiting", "", "no regular file");
	clear();
	put(LOCAL_DIR, "test.conf", text);
	chmod(path, 0646);
	left_out("a file for anybody to write", "", "anybody may write");
	chmod(path, 0664);
	if (chown(path, (uid_t)-1, 12))
		printf("# not root: the group is another's as it is\n");
	left_out("a file for a group to write", "", "a group may write");
	clear();
	chmod(LOCAL_DIR "/policy.d", 0777);
	snprintf(path, sizeof(path), "%s", LOCAL_DIR "/policy.d");
	left_out("a directory for anybody to write", "", "anybody may write");
	chmod(LOCAL_DIR "/policy.d", 0755);
}

/* As root only: a file of somebody else, and a device. */
static void test_as_root(void)
{
	if (geteuid())
		return;
	put(LOCAL_DIR, "test.conf", FILTER("x", "1"));
	ok(!chown(path, 1000, 0), "gives it away");
	left_out("somebody else's file", "", "does not belong to root");
	clear();
	if (!mknod(in(LOCAL_DIR, "test.conf"), S_IFCHR | 0644, makedev(1, 5)))
		left_out("a device", "", "no regular file");
	clear();
}

/* ---- what is accepted */

static void test_accepted(void)
{
	const struct pool_policy *policy;
	const struct pool_filter *filter;
	struct pool *pool;
	char *text = NULL;

	if (asprintf(&text, "\xef\xbb\xbf# first\r\n"
		     "[filter\tx ]\r\n"
		     "description=a  b\t;c\n"
		     "\tdirection = both\n"
		     "\tprotocol= udp ; a comment\n"
		     "port = 1-5\n"
		     "\n"
		     "# between\n"
		     "  ; them\n"
		     "  7\n"
		     "\t9 11 ; more\n"
		     "action: permit\n"
		     "remote =\n"
		     "  ::/0 2001:db8::1\n"
		     "  0.0.0.0/0 192.0.2.7 192.0.2.128/25\n"
		     "[policy X]\n"
		     "filters = x\n"
		     "  smb\n"
		     "description = %0150d\n"
		     "  and %0150d\n"
		     "mode = observe\nmatch = packet\nscope = everywhere\n"
		     "expires = 2026-12-31\nexpires_action = disable",
		     1, 2) < 0)
		exit(1);
	put(LOCAL_DIR, "test.conf", text);
	free(text);
	pool = pool_load();
	snprintf(said, sizeof(said), "%s", pool_bad(pool, 0) ?: "");
	ok(!pool_bad(pool, 0), "takes everything that there is");
	filter = pool_filter(pool, "x", LOCAL);
	ok(filter && !strcmp(filter->description, "a b") &&
	   filter->filter.direction == SASSER_DIRECTION_BOTH &&
	   filter->filter.protocol == SASSER_PROTOCOL_UDP &&
	   filter->filter.action == SASSER_ACTION_PERMIT &&
	   filter->filter.n_ranges == 4 &&
	   filter->filter.ranges[0].first == 1 &&
	   filter->filter.ranges[0].last == 5 &&
	   filter->filter.ranges[3].first == 11 &&
	   filter->filter.ranges[3].last == 11 &&
	   filter->filter.n_remotes == 5 &&
	   filter->filter.remotes[1].length == 128 &&
	   filter->filter.remotes[3].family == AF_INET &&
	   filter->filter.remotes[3].length == 32 &&
	   filter->filter.remotes[4].length == 25 && filter->line == 2 &&
	   filter->origin == POOL_LOCAL && strstr(filter->file, "/test.conf"),
	   "a filter is as the file has it");
	policy = pool_policy(pool, "X", DOMAIN);
	ok(policy && policy->n_filters == 2 &&
	   !strcmp(policy->filters[1], "smb") &&
	   policy->mode == SASSER_MODE_OBSERVE &&
	   policy->match == SASSER_MATCH_PACKET &&
	   policy->scope == SASSER_SCOPE_EVERYWHERE &&
	   policy->expires_action == EXPIRES_DISABLE &&
	   policy->expires == 1798761600 && policy->filters_line == 17 &&
	   strlen(policy->description) == 150 + 5 + 150 &&
	   !strncmp(policy->description + 150, " and 0", 6),
	   "a policy is as the file has it");
	pool_free(pool);
	clear();
	many[0] = '\0';
	add(FILTER("x23456789012345678901234567890123456789012345678901234567890123",
		   "1")
	    POLICY("X", "x23456789012345678901234567890123456789012345678901234567890123"));
	put(LOCAL_DIR, "test.conf", many);
	pool = pool_load();
	ok(!pool_bad(pool, 0) && pool_policy(pool, "X", LOCAL),
	   "takes a name of 63 characters");
	pool_free(pool);
	clear();
	put(LOCAL_DIR, "test.conf", "");
	put(LOCAL_DIR, ".test.conf", "rubbish");
	put(LOCAL_DIR, "test.conf~", "rubbish");
	put(LOCAL_DIR, "test.conf.dpkg-old", "rubbish");
	pool = pool_load();
	ok(!pool_bad(pool, 0), "an empty file is one; others than *.conf are not read");
	pool_free(pool);
	clear();
}

static bool has_filter(const struct policy *policy, size_t i, const char *name,
		       uint8_t direction, uint16_t first, uint16_t second)
{
	const struct filter *filter = &policy->filters[i];

	return i < policy->n_filters && !strcmp(filter->name, name) &&
	       filter->direction == direction &&
	       filter->protocol == SASSER_PROTOCOL_TCP &&
	       filter->action == SASSER_ACTION_BLOCK && !filter->n_remotes &&
	       filter->n_ranges == (second ? 2 : 1) &&
	       filter->ranges[0].first == first &&
	       filter->ranges[0].last == first &&
	       (!second || (filter->ranges[1].first == second &&
			    filter->ranges[1].last == second));
}

static void test_vendor(void)
{
	struct pool *pool = pool_load();
	struct policy policy;
	bool good;

	snprintf(said, sizeof(said), "%s", pool_bad(pool, 0) ?: "");
	ok(!pool_bad(pool, 0) && !strcmp(pool_names(pool, LOCAL),
					 "QUARANTINE SASSER-VARIANTS SASSER"),
	   "the vendor's policies are there");
	ok(!pool_build(pool, POOL_DEFAULT, LOCAL, &policy) &&
	   policy.n_filters == 2 && policy.mode == SASSER_MODE_ENFORCE &&
	   policy.match == SASSER_MATCH_AUTO &&
	   policy.scope == SASSER_SCOPE_HOST && policy.origin == LOCAL &&
	   has_filter(&policy, 0, "smb", SASSER_DIRECTION_IN, 445, 0) &&
	   has_filter(&policy, 1, "payload", SASSER_DIRECTION_BOTH, 5554, 9996),
	   "SASSER is as designed");
	policy_free(&policy);
	good = !pool_build(pool, "QUARANTINE", DOMAIN, &policy) &&
	       policy.origin == DOMAIN && policy.n_filters == 6 &&
	       has_filter(&policy, 2, "payload-d", SASSER_DIRECTION_BOTH, 9995, 0) &&
	       has_filter(&policy, 3, "payload-e", SASSER_DIRECTION_BOTH, 1022, 1023) &&
	       has_filter(&policy, 4, "dabber", SASSER_DIRECTION_IN, 9898, 0) &&
	       has_filter(&policy, 5, "smb-out", SASSER_DIRECTION_OUT, 445, 139);
	ok(good, "QUARANTINE is as designed");
	policy_free(&policy);
	ok(!pool_build(pool, "SASSER-VARIANTS", LOCAL, &policy) &&
	   policy.n_filters == 5, "SASSER-VARIANTS is as designed");
	policy_free(&policy);
	said[0] = '\0';
	ok(pool_build(pool, "NIM\033DA", LOCAL, &policy) == -1 &&
	   strstr(said, "no policy \"NIM\\x1bDA\"; there is: QUARANTINE"),
	   "says which there are");
	pool_free(pool);
}

/* ---- origins */

static uint16_t port_of(const struct pool *pool, uint8_t origin)
{
	struct policy policy;
	uint16_t port = 0;

	if (!pool_build(pool, "X", origin, &policy)) {
		port = policy.filters[0].ranges[0].first;
		policy_free(&policy);
	}
	return port;
}

static void looked_up(const char *name, uint16_t local, uint16_t domain)
{
	struct pool *pool = pool_load();
	uint16_t found[] = { port_of(pool, LOCAL), port_of(pool, DOMAIN) };

	snprintf(said, sizeof(said), "%u %u %s", found[0], found[1],
		 pool_bad(pool, 0) ?: "");
	ok(!pool_bad(pool, 0) && found[0] == local && found[1] == domain, "%s",
	   name);
	pool_free(pool);
}

static void test_origins(void)
{
	struct pool *pool;
	const char *bad;

	put(DOMAIN_DIR, "test.conf", FILTER("x", "3") POLICY("X", "x"));
	looked_up("all find what the domain has", 3, 3);
	put(LOCAL_DIR, "test2.conf", FILTER("x", "2") POLICY("X", "x"));
	looked_up("the local one is before it, for the local administrator", 2, 3);
	put(VENDOR_DIR, "test.conf", FILTER("x", "1") POLICY("X", "x"));
	looked_up("and the vendor's behind both", 2, 3);
	unlink(in(DOMAIN_DIR, "test.conf"));
	looked_up("but before the local one for the domain", 2, 1);
	unlink(in(LOCAL_DIR, "test2.conf"));
	put(LOCAL_DIR, "test.conf", FILTER("y", "2") POLICY("X", "y"));
	looked_up("a local file replaces the vendor's, not for the domain", 2, 1);
	put(LOCAL_DIR, "test.conf", FILTER("y", "2"));
	looked_up("so its policy may be gone, locally", 0, 1);
	put(LOCAL_DIR, "test.conf", POLICY("X", "smb"));
	put(VENDOR_DIR, "test.conf", "rubbish\n");
	looked_up("what is wrong with a file that is replaced is no matter", 445,
		  445);
	unlink(in(VENDOR_DIR, "test.conf"));
	put(DOMAIN_DIR, "test.conf", FILTER("smb", "3"));
	looked_up("a filter is looked up like a policy", 445, 3);
	clear();

	put(LOCAL_DIR, "test1.conf", FILTER("z", "1"));
	put(LOCAL_DIR, "test2.conf", FILTER("y", "1") FILTER("z", "1"));
	pool = pool_load();
	bad = pool_bad(pool, 0);
	snprintf(said, sizeof(said), "%s", bad ?: "");
	ok(bad && strstr(bad, "test2.conf, line 6: ") &&
	   strstr(bad, "filter \"z\" is defined in ") &&
	   strstr(bad, "test1.conf already") &&
	   pool_filter(pool, "z", LOCAL) && !pool_filter(pool, "y", LOCAL),
	   "a filter in two files of one origin is refused, and both are named");
	pool_free(pool);
	put(LOCAL_DIR, "test1.conf", POLICY("Z", "smb"));
	put(LOCAL_DIR, "test2.conf", POLICY("Z", "smb"));
	put(LOCAL_DIR, "test3.conf", "rubbish\n");
	put(LOCAL_DIR, "test4.conf", FILTER("y", "1") POLICY("Q", "z"));
	put(LOCAL_DIR, "test5.conf", POLICY("R", "y"));
	pool = pool_load();
	ok(pool_bad(pool, 3) && !pool_bad(pool, 4) &&
	   strstr(pool_bad(pool, 0), "policy \"Z\" is defined") &&
	   strstr(pool_bad(pool, 1), "test3.conf, line 1") &&
	   strstr(pool_bad(pool, 3), "filter \"y\", which no file defines") &&
	   pool_policy(pool, "Z", LOCAL),
	   "a file that needs one that was left out is left out, too");
	ok(pool_build(pool, "Q", LOCAL, &(struct policy){}) == -1 &&
	   strstr(said, "was left out: "), "so a policy may be missing: it says why");
	pool_free(pool);
	clear();
}

int main(void)
{
	pools_begin();
	test_vendor();
	test_accepted();
	test_origins();
	test_limits();
	test_files();
	test_as_root();
	return tap_end();
}
