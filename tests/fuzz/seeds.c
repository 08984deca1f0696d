// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes what the targets begin with: seeds DIR */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <linux/netlink.h>

#include "commands.h"
#include "model.h"
#include "replies.h"
#include "sasserctl.h"

static char buf[4096];
static size_t used;
static const char *dir;
static struct reply_head *head;

static void save(const char *target, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, target);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%s", dir, target, name);
	file = fopen(path, "w");
	if (!file || fwrite(buf, 1, used, file) != used || fclose(file)) {
		fprintf(stderr, "seeds: cannot write %s\n", path);
		exit(1);
	}
	used = 0;
}

static void add(const void *data, size_t len)
{
	if (!len)
		return;
	memcpy(buf + used, data, len);
	used += len;
}

/* ---- replies */

static void ask(enum reply_to what)
{
	buf[used++] = (char)what;
}

static void begin(enum reply_kind kind, unsigned int flags)
{
	head = (struct reply_head *)(buf + used);
	*head = (struct reply_head){
		.kind = (uint8_t)kind, .flags = (uint8_t)flags,
	};
	used += sizeof(*head);
}

static void end(void)
{
	head->len = (uint16_t)(buf + used - (char *)(head + 1));
}

static size_t put(int type, const void *data, size_t len)
{
	struct nlattr attr = {
		.nla_type = (uint16_t)type,
		.nla_len = (uint16_t)(NLA_HDRLEN + len),
	};
	size_t at = used;

	add(&attr, sizeof(attr));
	add(data, len);
	memset(buf + used, 0, NLA_ALIGN(len) - len);
	used += NLA_ALIGN(len) - len;
	return at;
}

static void put_text(int type, const char *text)
{
	put(type, text, strlen(text) + 1);
}

static void put_u8(int type, uint8_t value)
{
	put(type, &value, sizeof(value));
}

static void put_u16(int type, uint16_t value)
{
	put(type, &value, sizeof(value));
}

static void put_u64(int type, uint64_t value)
{
	put(type, &value, sizeof(value));
}

static void end_nest(size_t at)
{
	uint16_t len = (uint16_t)(used - at);

	memcpy(buf + at, &len, sizeof(len));
}

static void status(uint8_t assigned, unsigned int flags, int event)
{
	const uint32_t namespaces = 2;

	begin(REPLY_OURS, flags);
	put_text(SASSER_A_VERSION, "1.2.3");
	put_u64(SASSER_A_GENERATION, 7);
	put_u8(SASSER_A_ASSIGNED, assigned);
	put_u64(SASSER_A_UNCLASSIFIED, 3);
	put(SASSER_A_NAMESPACES, &namespaces, sizeof(namespaces));
	put_text(SASSER_A_POLICY, "SASSER");
	put_u8(SASSER_A_MODE, SASSER_MODE_ENFORCE);
	put_u8(SASSER_A_ORIGIN, SASSER_ORIGIN_LOCAL);
	put_u8(SASSER_A_MATCH, SASSER_MATCH_AUTO);
	put_u8(SASSER_A_SCOPE, SASSER_SCOPE_HOST);
	put(SASSER_A_CONFIRM, &namespaces, sizeof(namespaces));
	put_u64(SASSER_A_SINCE, REPLY_NOW - 100);
	if (event)
		put_u8(SASSER_A_EVENT, (uint8_t)event);
	end();
}

static void filter(const char *name, uint16_t port, unsigned int flags)
{
	size_t nest, range;

	begin(REPLY_OURS, flags);
	put_u64(SASSER_A_GENERATION, 7);
	nest = put(SASSER_A_FILTER | NLA_F_NESTED, NULL, 0);
	put_text(SASSER_FILTER_A_NAME, name);
	put_u8(SASSER_FILTER_A_DIRECTION, SASSER_DIRECTION_BOTH);
	put_u8(SASSER_FILTER_A_PROTOCOL, SASSER_PROTOCOL_TCP);
	put_u8(SASSER_FILTER_A_ACTION, SASSER_ACTION_BLOCK);
	for (uint16_t i = 0; i < 3; i++) {
		range = put(SASSER_FILTER_A_RANGE | NLA_F_NESTED, NULL, 0);
		put_u16(SASSER_RANGE_A_FIRST, (uint16_t)(port + i * 10));
		put_u16(SASSER_RANGE_A_LAST, (uint16_t)(port + i * 11));
		end_nest(range);
	}
	for (uint8_t i = 1; i < 3; i++) {
		const uint8_t address[16] = { 192, 0, 2, port & 1 };

		range = put(SASSER_FILTER_A_REMOTE | NLA_F_NESTED, NULL, 0);
		put(SASSER_REMOTE_A_ADDRESS, address, i == 1 ? 4 : 16);
		put_u8(SASSER_REMOTE_A_LENGTH, (uint8_t)(32 * i));
		end_nest(range);
	}
	end_nest(nest);
	end();
}

static void counter(const char *name, uint64_t hits, unsigned int flags)
{
	size_t nest;

	begin(REPLY_OURS, flags);
	put_u64(SASSER_A_GENERATION, 7);
	nest = put(SASSER_A_COUNTER | NLA_F_NESTED, NULL, 0);
	put_text(SASSER_COUNTER_A_FILTER, name);
	put_u8(SASSER_COUNTER_A_DIRECTION, SASSER_DIRECTION_IN);
	put_u8(SASSER_COUNTER_A_PROTOCOL, SASSER_PROTOCOL_TCP);
	put_u16(SASSER_COUNTER_A_FIRST, 445);
	put_u16(SASSER_COUNTER_A_LAST, 446);
	put_u8(SASSER_COUNTER_A_ACTION, SASSER_ACTION_BLOCK);
	put_u64(SASSER_COUNTER_A_PACKETS, hits);
	put_u64(SASSER_COUNTER_A_BYTES, hits * 60);
	put_u64(SASSER_COUNTER_A_ATTEMPTS, hits);
	if (hits) {
		put_u64(SASSER_COUNTER_A_FIRST_HIT, REPLY_NOW - 7200);
		put_u64(SASSER_COUNTER_A_LAST_HIT, REPLY_NOW - 5);
	}
	end_nest(nest);
	end();
}

static void done(enum reply_kind kind, int error, const char *message)
{
	struct nlmsgerr full = { .error = error };

	begin(kind, REPLY_CAPPED | (message ? REPLY_ACK_TLVS : 0));
	if (kind == REPLY_DONE)
		add(&error, sizeof(error));
	else
		add(&full, sizeof(full));
	if (message)
		put_text(NLMSGERR_ATTR_MSG, message);
	end();
}

static void rows(unsigned int flags)
{
	counter("smb", 2, NLM_F_MULTI | flags);
	counter("payload", 0, NLM_F_MULTI);
}

static void snapshot(uint8_t assigned, unsigned int flags)
{
	status(assigned, 0, 0);
	done(REPLY_ERROR, 0, NULL);
	filter("smb", 445, NLM_F_MULTI);
	filter("payload", 5554, NLM_F_MULTI | flags);
	filter("payload", 9996, NLM_F_MULTI);
	done(REPLY_DONE, 0, NULL);
	rows(flags);
	done(REPLY_DONE, 0, NULL);
}

static void replies(void)
{
	ask(REPLY_TO_SNAPSHOT);
	snapshot(1, 0);
	/* Behind that status: what is imposed. */
	head = (struct reply_head *)(buf + 1);
	memmove(buf + 1 + sizeof(*head) + head->len + NLA_HDRLEN,
		buf + 1 + sizeof(*head) + head->len,
		used - 1 - sizeof(*head) - head->len);
	memcpy(buf + 1 + sizeof(*head) + head->len,
	       &(struct nlattr){ NLA_HDRLEN, SASSER_A_IMPOSED }, NLA_HDRLEN);
	head->len += NLA_HDRLEN;
	used += NLA_HDRLEN;
	snapshot(1, 0);
	save("replies", "imposed");
	ask(REPLY_TO_CONFIRM);
	done(REPLY_ERROR, -116, "another generation");
	save("replies", "stale");
	ask(REPLY_TO_GENERATION);
	status(1, 0, 0);
	done(REPLY_ERROR, 0, NULL);
	save("replies", "generation");
	ask(REPLY_TO_SNAPSHOT);
	snapshot(1, 0);
	save("replies", "assigned");
	ask(REPLY_TO_SNAPSHOT);
	snapshot(0, REPLY_STRANGER);
	save("replies", "unassigned");
	ask(REPLY_TO_SNAPSHOT);
	status(1, 0, 0);
	done(REPLY_ERROR, 0, NULL);
	filter("smb", 445, NLM_F_MULTI | REPLY_DUMP_INTR);
	done(REPLY_DONE, 0, NULL);
	snapshot(1, 0);
	save("replies", "interrupted");
	ask(REPLY_TO_SNAPSHOT);
	done(REPLY_ERROR, -524, NULL);
	save("replies", "error");
	ask(REPLY_TO_SNAPSHOT);
	snapshot(1, 0);
	used -= sizeof(*head) + sizeof(int);	/* before the end */
	rows(0);
	save("replies", "twice");
	ask(REPLY_TO_RESET);
	status(1, 0, 0);
	done(REPLY_ERROR, 0, NULL);
	rows(0);
	begin(REPLY_OURS, NLM_F_MULTI);
	put_u64(SASSER_A_GENERATION, 7);
	put_u64(SASSER_A_UNCLASSIFIED, 12);
	end();
	done(REPLY_DONE, 0, NULL);
	save("replies", "reset");
	ask(REPLY_TO_RESET);
	status(0, 0, 0);
	done(REPLY_ERROR, 0, NULL);
	done(REPLY_DONE, -2, "there never was a policy");
	save("replies", "never");
	ask(REPLY_TO_ASSIGN);
	done(REPLY_ERROR, -22, "a name has \"1\" to 63 characters");
	save("replies", "refused");
	ask(REPLY_TO_CLEAR);
	done(REPLY_ERROR, -1, NULL);
	save("replies", "forbidden");
	ask(REPLY_TO_CLEAR);
	done(REPLY_ERROR, 0, NULL);
	head->flags |= REPLY_STRANGER;
	save("replies", "stranger");
	/* An error that says it has four GiB of the request with it. */
	ask(REPLY_TO_CLEAR);
	done(REPLY_ERROR, -22, "no");
	head->flags = REPLY_ACK_TLVS;
	memset((char *)(head + 1) + sizeof(int), 0xff, sizeof(uint32_t));
	save("replies", "lying");
	ask(REPLY_TO_EVENTS);
	status(1, 0, SASSER_EVENT_ASSIGNED);
	begin(REPLY_LOST, 0);
	status(0, 0, SASSER_EVENT_UNASSIGNED);
	begin(REPLY_CTRL, 0);
	put_text(2, SASSER_GENL_NAME);	/* CTRL_ATTR_FAMILY_NAME */
	end();
	save("replies", "events");
}

/* ---- command lines */

static const char *const lines[] = {
	"", "status", "status --json", "--json", "counters", "counters\n--json",
	"enable", "enable\nSASSER\n--observe", "enable\n--runtime",
	"enable\n--force\nNIMDA", "disable", "disable\n--runtime",
	"disable\n--everywhere", "refresh", "reset", "reset\n--json", "monitor",
	"monitor\n--json", "metrics", "version", "help", "help\nenable",
	"help\nmonitor", "--help", "confirm", "domain\nclear",
	"enable\n--confirm\n5m", "enable\n--confirm=90s\n--runtime",
	"enable\n--dry-run\n--force", "enable\n--origin\ndomain\n--force",
	"disable\n--origin\nlocal", "disable\n--origin=domain",
	"disable\n--runtime\n--force", "enable\nLONG", "enable\nSHORT",
	"policy\nlist", "policy\nshow\nSASSER\n--json",
	"policy\nexport\nSASSER\n--format\nnft", "policy\ndelete\nSASSER", "status\n-h", "status\n-xy",
	"status\n--\n--json", "enable\nSASSER\nX", "nix\n\033]0;x\a\"",
	"domain\nset\nsaid.conf", "domain\nset", "domain\nset\nnone.conf",
	"gpo\nregister", "gpo\nunregister", "gpo\nstatus", "gpo\nfailed\nfor want of it",
	"refresh\n--force",
};

static const unsigned int worlds[] = {
	0, WORLD_NO_MODULE, WORLD_NO_MODULE | WORLD_UNLOADABLE,
	WORLD_UNASSIGNED | WORLD_BOOT_GAP, WORLD_OTHER_NETNS,
	WORLD_CHANGE_FAILS, WORLD_UNPRIVILEGED,
	WORLD_READ_FAILS, WORLD_EVENTS_LOST, WORLD_GONE, WORLD_LOCK_FAILS,
	WORLD_UNKNOWN_NETNS, WORLD_DISK_FAILS,
	WORLD_DISK_FAILS | WORLD_UNASSIGNED, WORLD_GUARDED | WORLD_UNASSIGNED,
	WORLD_ON_TRIAL, WORLD_IMPOSED, WORLD_IMPOSED | WORLD_UNASSIGNED,
};

static void command(size_t line, size_t which)
{
	char name[32];
	unsigned int bits = worlds[which % ARRAY_SIZE(worlds)];

	buf[used++] = (char)bits;
	buf[used++] = (char)(bits >> 8);
	buf[used++] = (char)(which * 37 + line);
	add("sasserctl\n", 10);
	add(lines[line], strlen(lines[line]));
	snprintf(name, sizeof(name), "%zu-%zu", line, which);
	save("commands", name);
}

static void commands(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		for (size_t j = 0; j < ARRAY_SIZE(worlds); j++)
			command(i, j);
	/* The disk fails once a refresh has put a policy in force. */
	buf[used++] = (char)(WORLD_DISK_FAILS | WORLD_UNASSIGNED);
	buf[used++] = (char)((WORLD_DISK_FAILS | WORLD_UNASSIGNED) >> 8);
	buf[used++] = 1;
	add("sasserctl\nrefresh", 17);
	save("commands", "late");
	/* Without even a name. */
	add("\0\0\0", 3);
	save("commands", "nothing");
}

/* ---- files */

static const char *const texts[] = {
	"",
	"# x\n[assigned]\npolicy = SASSER\nmode = observe\nsince = 2026-01-02T03:04:05Z\n",
	"[assigned]\r\npolicy=SASSER ; comment\r\nmode: enforce\r\n",
	"\xef\xbb\xbf[assigned]\npolicy = SASSER\n more\n",
	"[assigned]\npolicy = \033[2J\"\nmode = \"\\\n",
	"[assigned]\npolicy = SASSER\npolicy = SASSER\n",
	"[assigned]\nmode = observe\nmode = observe\n",
	"[assigned]\nsince = 2026-01-02T03:04:05Z\nsince = today\n",
	"[policy X]\ncolour = red\n", "[assigned\n", "policy\n",
	"2026-01-02T03:04:05Z ok SASSER (enforce) is in force\n",
	"2026-01-02T03:04:05Z failed \033]0;\xc2\x9b\xff\"\\\a\n",
	"2026-01-02T03:04:05Z ok", "rubbish\n",
};

static void files(void)
{
	char name[32];

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		add(texts[i], strlen(texts[i]));
		snprintf(name, sizeof(name), "%zu", i);
		save("files", name);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	dir = argv[1];
	mkdir(dir, 0755);
	replies();
	commands();
	files();
	return 0;
}
