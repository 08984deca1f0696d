// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A keytab with the key of a machine account, "HOST$@REALM", which is what
 * joining a domain leaves on a host. Keys of services alone ("nfs/host",
 * "HTTP/host") join it to nothing.
 *
 * The file: 5 and 2, then entries, each behind its length in four bytes (less
 * than 0: a hole of that many). An entry begins with the number of the name's
 * components, the realm and the components, each behind its length in two bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "joined.h"
#include "sasserctl.h"

#define KEYTAB_MAX	1048576

struct bytes {
	const uint8_t *at;
	size_t left;
};

static bool take(struct bytes *from, size_t len, struct bytes *taken)
{
	if (len > from->left)
		return false;
	taken->at = from->at;
	taken->left = len;
	from->at += len;
	from->left -= len;
	return true;
}

/* The highest byte is the first. */
static bool take_value(struct bytes *from, size_t len, uint32_t *value)
{
	struct bytes bytes;

	if (!take(from, len, &bytes))
		return false;
	*value = 0;
	while (bytes.left--)
		*value = *value << 8 | *bytes.at++;
	return true;
}

static bool take_text(struct bytes *from, struct bytes *text)
{
	uint32_t len;

	return take_value(from, 2, &len) && take(from, len, text);
}

static bool is_machine(struct bytes entry, struct bytes *realm)
{
	struct bytes name;
	uint32_t components;

	return take_value(&entry, 2, &components) && components == 1 &&
	       take_text(&entry, realm) && take_text(&entry, &name) &&
	       realm->left && realm->left < REALM_LEN && name.left > 1 &&
	       name.at[name.left - 1] == '$';
}

static bool find_machine(struct bytes file, struct bytes *realm)
{
	uint32_t version, len;
	struct bytes entry;

	if (!take_value(&file, 2, &version) || version != 0x502)
		return false;
	while (take_value(&file, 4, &len) && len) {
		bool hole = len > INT32_MAX;

		/* 0 - len: what is below 0 has its size */
		if (!take(&file, hole ? 0 - len : len, &entry))
			return false;
		if (!hole && is_machine(entry, realm))
			return true;
	}
	return false;
}

int joined_keytab(struct joined *joined)
{
	FILE *file = fopen(KRB5_KEYTAB, "re");
	struct bytes bytes, realm;
	int ret = 0;
	uint8_t *buf;

	if (!file && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	buf = malloc(KEYTAB_MAX);
	if (!buf) {
		complain("out of memory");
		exit(FAILED);
	}
	bytes.at = buf;
	bytes.left = file ? fread(buf, 1, KEYTAB_MAX, file) : 0;
	if (!file || ferror(file)) {
		complain("cannot tell whether this host is joined to a domain: %s: %s",
			 KRB5_KEYTAB, strerror(errno));
		ret = -1;
	} else if (find_machine(bytes, &realm)) {
		memcpy(joined->realm, realm.at, realm.left);
		joined->by = KRB5_KEYTAB;
		ret = 1;
	}
	if (file)
		fclose(file);
	free(buf);
	return ret;
}
