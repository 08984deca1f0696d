// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parts of the guards that read what others wrote, with a testparm and
 * files of the test's own. guard.sh has the real ones.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tdb.h>
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

/* Samba's secrets, with one entry more, or without it again. */
static void secret(const char *name, bool there)
{
	TDB_DATA key = { (unsigned char *)name, strlen(name) };
	struct tdb_context *tdb = tdb_open(SECRETS_TDB, 0, TDB_DEFAULT,
					   O_RDWR | O_CREAT, 0600);

	if (!tdb || (there ? tdb_store(tdb, key, key, TDB_INSERT) :
			     tdb_delete(tdb, key)) || tdb_close(tdb)) {
		printf("Bail out! cannot write %s\n", SECRETS_TDB);
		exit(1);
	}
}

static void test_secrets(void)
{
	secret("SECRETS/SID/EXAMPLE", true);
	secret("SECRETS/MACHINE_PASSWORD.PREV/EXAMPLE", true);
	joined_is("nor does the file alone join it", 0, "");
	secret("SECRETS/MACHINE_PASSWORD/EXAMPLE", true);
	joined_is("a machine's password does", 1, "EXAMPLE.ORG");
	secret("SECRETS/MACHINE_PASSWORD/EXAMPLE", false);
	joined_is("where it has left the domain it is not", 0, "");
	put(SECRETS_TDB, "no such file");
	joined_is("secrets that can't be read may hold one", 1, "EXAMPLE.ORG");
}

static void test_joined(void)
{
	settings_are("[global]\n\tsecurity = ADS\n\trealm = EXAMPLE.ORG\n");
	joined_is("Samba without secrets is not joined", 0, "");
	test_secrets();
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

	joined_is("a host without all of these is not", 0, "");
}

/* What a keytab begins with, and what ends each of its entries. */
#define KEYTAB		"\5\2"
#define KEY		"\0\0\0\1" "\0\0\0\0" "\1" "\0\x12" "\0\4" "1234"
#define HOLE		"\377\377\377\374" "gone"
#define SERVICE		"\0\0\0\x2e" "\0\2" "\0\7KRB.ORG" "\0\3nfs" \
			"\0\x0btest.ex.org" KEY
#define USER		"\0\0\0\x22" "\0\1" "\0\7KRB.ORG" "\0\4TEST" KEY
#define MACHINE		"\0\0\0\x23" "\0\1" "\0\7KRB.ORG" "\0\5TEST$" KEY
#define MACHINE_SERVICE	"\0\0\0\x28" "\0\2" "\0\7KRB.ORG" "\0\3nfs" \
			"\0\5TEST$" KEY

static void put_bytes(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(bytes, 1, len, file) != len || fclose(file)) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
}

#define keytab_is(name, wanted, bytes) do {				\
	put_bytes(KRB5_KEYTAB, bytes, sizeof(bytes) - 1);		\
	joined_is(name, wanted, "KRB.ORG");				\
} while (0)

static void test_keytab(void)
{
	static const char whole[] = KEYTAB HOLE SERVICE MACHINE;
	struct joined joined;
	int by_part = 0;

	keytab_is("an empty keytab joins to nothing", 0, "");
	keytab_is("nor does a key of a service", 0, KEYTAB SERVICE);
	keytab_is("or of a user", 0, KEYTAB USER);
	keytab_is("or of what is no account", 0, KEYTAB MACHINE_SERVICE);
	keytab_is("the key of a machine does", 1, KEYTAB MACHINE);
	ok(!joined_samba(&joined), "but Samba knows nothing of that");
	keytab_is("also behind others, and holes", 1,
		  KEYTAB HOLE SERVICE USER MACHINE);
	keytab_is("behind the end it does not", 0,
		  KEYTAB SERVICE "\0\0\0\0" MACHINE);
	keytab_is("nor in a file that is no keytab", 0, "\5\3" MACHINE);
	keytab_is("an endless hole is the end", 0,
		  KEYTAB "\200\0\0\0" MACHINE);
	keytab_is("an endless realm is none", 0,
		  KEYTAB "\0\0\0\x23" "\0\1" "\377\377KRB.ORG" "\0\5TEST$" KEY);
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		put_bytes(KRB5_KEYTAB, whole, len);
		by_part += joined_look(&joined) != 0;
	}
	ok(!by_part, "one that was cut off joins to nothing");
	unlink(KRB5_KEYTAB);
	mkdir(KRB5_KEYTAB, 0755);
	joined_is("one that can't be read is a failure", -1, "");
	ok(strstr(said, KRB5_KEYTAB), "that names it");
	rmdir(KRB5_KEYTAB);
	keytab_is("and whole it is found", 1, KEYTAB HOLE SERVICE MACHINE);
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
	test_keytab();
	test_controllers();
	ok(!chdir("/") && remove_tree(dir), "cleans up");
	return tap_end();
}
