// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "guard_testparm.h"
#include "joined.h"
#include "sasserctl.h"

/* "key = value" of a file like an INI file, and the section that it is in. */
struct line {
	char section[REALM_LEN];
	char key[64];
	char value[REALM_LEN];
};

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

static bool take_line(struct line *line, char *text)
{
	char *equals;

	text = trim(text);
	if (*text == '[') {
		text[strcspn(text, "]")] = '\0';
		snprintf(line->section, sizeof(line->section), "%s", text + 1);
		return false;
	}
	equals = strchr(text, '=');
	if (!equals || *text == '#' || *text == ';')
		return false;
	*equals = '\0';
	snprintf(line->key, sizeof(line->key), "%s", trim(text));
	snprintf(line->value, sizeof(line->value), "%s", trim(equals + 1));
	return true;
}

/* Returns 1, 0 if there is no such file, or -1 after having complained. */
static int each_line(const char *path, void (*fn)(const struct line *, void *),
		     void *arg)
{
	FILE *file = fopen(path, "re");
	struct line line = {};
	char *text = NULL;
	size_t room = 0;
	int ret = 1;

	if (!file && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	while (file && getline(&text, &room, file) >= 0)
		if (take_line(&line, text))
			fn(&line, arg);
	if (!file || ferror(file)) {
		complain("cannot tell whether this host is joined to a domain: %s: %s",
			 path, strerror(errno));
		ret = -1;
	}
	free(text);
	if (file)
		fclose(file);
	return ret;
}

/* ---- Samba's own: winbind */

int joined_samba(struct joined *joined)
{
	char security[64] = "", dir[256];
	struct testparm testparm;
	char path[sizeof(dir) + sizeof("/secrets.tdb")] = SECRETS_TDB;

	memset(joined, 0, sizeof(*joined));
	if (testparm_run(&testparm))
		return -1;
	if (testparm_global(&testparm, "private dir", dir, sizeof(dir)))
		snprintf(path, sizeof(path), "%s/secrets.tdb", dir);
	testparm_global(&testparm, "security", security, sizeof(security));
	testparm_global(&testparm, "realm", joined->realm,
			sizeof(joined->realm));
	testparm_free(&testparm);
	if (strcasecmp(security, "ads") || !joined->realm[0] ||
	    !joined_secrets(path))
		return 0;
	joined->by = SMB_CONF;
	return 1;
}

/* ---- SSSD */

struct sssd {
	bool ad;
	char section[REALM_LEN];
	char realm[REALM_LEN];
};

static void take_provider(const struct line *line, void *arg)
{
	struct sssd *sssd = arg;

	if (sssd->ad || strncasecmp(line->section, "domain/", 7) ||
	    strcasecmp(line->key, "id_provider") ||
	    strcasecmp(line->value, "ad"))
		return;
	sssd->ad = true;
	memcpy(sssd->section, line->section, sizeof(sssd->section));
}

static void take_realm(const struct line *line, void *arg)
{
	struct sssd *sssd = arg;

	if (strcmp(line->section, sssd->section))
		return;
	if (!strcasecmp(line->key, "ad_domain") ||
	    (!strcasecmp(line->key, "krb5_realm") && !sssd->realm[0]))
		memcpy(sssd->realm, line->value, sizeof(sssd->realm));
}

static int look_at_sssd(struct joined *joined)
{
	struct sssd sssd = {};
	int ret = each_line(SSSD_CONF, take_provider, &sssd);

	if (ret <= 0 || !sssd.ad)
		return ret < 0 ? -1 : 0;
	if (each_line(SSSD_CONF, take_realm, &sssd) < 0)
		return -1;
	if (!sssd.realm[0])
		memmove(sssd.realm, sssd.section + strlen("domain/"),
			sizeof(sssd.realm) - strlen("domain/"));
	memcpy(joined->realm, sssd.realm, sizeof(joined->realm));
	joined->by = SSSD_CONF;
	return 1;
}

int joined_look(struct joined *joined)
{
	static int (*const look[])(struct joined *joined) = {
		joined_samba, look_at_sssd, joined_keytab,
	};

	for (size_t i = 0; i < ARRAY_SIZE(look); i++) {
		int ret;

		memset(joined, 0, sizeof(*joined));
		ret = look[i](joined);
		if (ret)
			return ret;
	}
	memset(joined, 0, sizeof(*joined));
	return 0;
}
