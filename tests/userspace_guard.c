// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parts of the guards that read what others wrote, with a testparm and
 * files of the test's own. guard.sh has the real ones.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Its paths come before those of the headers. */
#include "userspace_guard.h"

#include "guard_parts.h"
#include "joined.h"
#include "userspace_tap.h"
#include "userspace_tree.h"

static struct filter filters[] = {
	{
		.name = "smb", .direction = SASSER_DIRECTION_IN,
		.protocol = SASSER_PROTOCOL_TCP, .action = SASSER_ACTION_BLOCK,
		.ranges = (struct range[]){ { 445, 445 } }, .n_ranges = 1,
	},
	{
		.name = "smb-out", .direction = SASSER_DIRECTION_OUT,
		.protocol = SASSER_PROTOCOL_TCP, .action = SASSER_ACTION_BLOCK,
		.ranges = (struct range[]){ { 445, 445 } }, .n_ranges = 1,
	},
	{
		.name = "controllers", .direction = SASSER_DIRECTION_OUT,
		.protocol = SASSER_PROTOCOL_TCP,
		.action = SASSER_ACTION_PERMIT,
		.ranges = (struct range[]){ { 445, 445 } }, .n_ranges = 1,
		.remotes = (struct prefix[]){
			{ AF_INET, 0, {} }, { AF_INET6, 0, {} },
		},
		.n_remotes = 2,
	},
};

static struct policy policy = {
	.name = "TEST", .mode = SASSER_MODE_ENFORCE,
	.match = SASSER_MATCH_AUTO, .filters = filters, .n_filters = 1,
};

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file)) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
}

/* A testparm that runs this. */
static void testparm_is(const char *script)
{
	char text[2048];

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	put(TESTPARM, text);
	chmod(TESTPARM, 0755);
}

/* A testparm that prints these settings. */
static void settings_are(const char *settings)
{
	char text[1024];

	put("settings", settings);
	snprintf(text, sizeof(text),
		 "echo 'Load smb config files' >&2; cat settings");
	testparm_is(text);
}

/* Does it find this reason, and no other? NULL: none at all. */
static void reason(const char *name, const char *wanted)
{
	struct guard guard = {};
	int ret;

	said[0] = '\0';
	ret = guard_samba(&policy, &guard);
	for (size_t i = 0; i < guard.n; i++)
		printf("# %s\n", guard.reason[i]);
	ok(!ret && (wanted ? guard.n == 1 && strstr(guard.reason[0], wanted) :
			     !guard.n), "%s", name);
	guard_free(&guard);
}

static void fails(const char *name, const char *why)
{
	struct guard guard = {};

	said[0] = '\0';
	ok(guard_samba(&policy, &guard) == -1 && !guard.n &&
	   strstr(said, why), "%s", name);
}

static void test_samba(void)
{
	char longer[1024];

	reason("no testparm, no Samba", NULL);
	testparm_is("exit 1");
	reason("no smb.conf, no Samba", NULL);
	put(SMB_CONF, "");
	settings_are("[global]\n\tserver role = active directory domain controller\n");
	reason("a domain controller", "domain controller: testparm says \"server role = active");
	testparm_is("echo '[global]'; printf '\\nServer role: ROLE_DOMAIN_PDC\\n' >&2");
	reason("one that is only implied", "\"Server role: ROLE_DOMAIN_PDC\"");
	testparm_is("echo '[global]'; echo 'Unknown parameter: ROLE_DOMAIN_PDC' >&2");
	reason("a word in a remark makes none", NULL);

	settings_are("[global]\n[share]\n\tserver role = domain controller\n");
	reason("a share, and no smbd", NULL);
	mkdir("multi-user.target.wants", 0755);
	put("multi-user.target.wants/smbd.service", "");
	reason("a share, and smbd enabled",
	       "file server: smbd.service is enabled and shares \"share\"");
	settings_are("[global]\n[homes]\n[printers]\n[print$]\n[IPC$]\n");
	reason("what Debian ships is no file server", NULL);
	settings_are("[global]\n[a\"\033[2J]\n[b]\n[c]\n");
	reason("hostile names are shown harmless",
	       "shares \"a\\\"\\x1b[2J\" and 2 more");
	policy.n_filters = 0;
	reason("a policy that does not block SMB is fine", NULL);
	policy.n_filters = 1;

	testparm_is("echo 'Error loading services.' >&2; exit 1");
	fails("a broken smb.conf is a failure", "Error loading services.");
	testparm_is("exec sleep 60");
	fails("one that hangs is ended", "too long");
	testparm_is("kill -SEGV $$");
	fails("one that dies is a failure", "Segmentation fault");
	testparm_is("exec head -c 100000000 /dev/zero");
	fails("endless output is cut off", "File size limit exceeded");
	snprintf(longer, sizeof(longer), "[global]\n[%0900d]\n", 0);
	settings_are(longer);
	reason("an endless name is cut off", "00...\"");
}

static void joined_is(const char *name, int wanted, const char *realm)
{
	struct joined joined;
	int ret;

	said[0] = '\0';
	ret = joined_look(&joined);
	ok(ret == wanted && (ret != 1 || !strcmp(joined.realm, realm)), "%s",
	   name);
}

static void test_joined(void)
{
	settings_are("[global]\n\tsecurity = ADS\n\trealm = EXAMPLE.ORG\n");
	joined_is("Samba without a secret is not joined", 0, "");
	put(SECRETS_TDB, "");
	joined_is("Samba with one is", 1, "EXAMPLE.ORG");
	mkdir("elsewhere", 0755);
	settings_are("[global]\n\tsecurity = ADS\n\trealm = EXAMPLE.ORG\n"
		     "\tprivate dir = ./elsewhere\n");
	joined_is("a private directory without one is not", 0, "");
	settings_are("[global]\n\tsecurity = USER\n\trealm = EXAMPLE.ORG\n");
	joined_is("nor is a host of its own", 0, "");

	put(SSSD_CONF, "[sssd]\ndomains = x\n[domain/x]\nid_provider = ldap\n");
	joined_is("SSSD with LDAP is not", 0, "");
	put(SSSD_CONF, "[domain/ex.org]\n# id_provider = ldap\nid_provider = ad\n");
	joined_is("SSSD with AD is, by its section", 1, "ex.org");
	put(SSSD_CONF, "[domain/x]\nkrb5_realm = EX.ORG\nid_provider = ad\n");
	joined_is("or its realm", 1, "EX.ORG");
	put(SSSD_CONF, "[domain/x]\nid_provider = ad\nad_domain = ad.org\n"
		       "krb5_realm = EX.ORG\n[domain/y]\nad_domain = y.org\n");
	joined_is("or its domain", 1, "ad.org");
	unlink(SSSD_CONF);
	mkdir(SSSD_CONF, 0755);
	joined_is("what can't be read is a failure", -1, "");
	ok(strstr(said, SSSD_CONF), "that names the file");
	rmdir(SSSD_CONF);

	put(KRB5_CONF, "[libdefaults]\n\tdefault_realm = KRB.ORG\n");
	joined_is("Kerberos without a key is not", 0, "");
	put(KRB5_KEYTAB, "");
	joined_is("with one it is", 1, "KRB.ORG");
}

static void controllers(const char *name, size_t n_filters, const char *wanted)
{
	struct guard guard = {};
	int ret;

	policy.n_filters = n_filters;
	ret = guard_controllers(&policy, &guard);
	for (size_t i = 0; i < guard.n; i++)
		printf("# %s\n", guard.reason[i]);
	ok(!ret && (wanted ? guard.n == 1 && strstr(guard.reason[0], wanted) :
			     !guard.n), "%s", name);
	guard_free(&guard);
	policy.n_filters = 1;
}

/* In a namespace without any network, so DNS is out of reach. */
static void test_controllers(void)
{
	if (unshare(CLONE_NEWNET))
		printf("# no namespace of its own: %s\n", strerror(errno));
	controllers("what blocks nothing outbound is fine", 1, NULL);
	controllers("outbound 445 of a joined host is not", 2,
		    "\"KRB.ORG\" (./krb5.keytab), DNS names no controllers of it, and TEST blocks outbound tcp port 445");
	controllers("unless it is permitted to all", 3, NULL);
	unlink(KRB5_KEYTAB);
	controllers("nobody else's is guarded", 2, NULL);
}

int main(void)
{
	static char dir[] = "/tmp/sasser-guard-XXXXXX";

	puts("TAP version 13");
	if (!mkdtemp(dir) || chdir(dir)) {
		printf("Bail out! mkdtemp: %s\n", strerror(errno));
		return 1;
	}
	test_samba();
	test_joined();
	test_controllers();
	ok(!chdir("/") && remove_tree(dir), "cleans up");
	return tap_end();
}
