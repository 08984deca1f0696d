// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names and texts of others that try to be a line, a quote or a command to the
 * terminal: in replies of the kernel, in files, and handed to a printer.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "assignment.h"
#include "out.h"
#include "reply.h"
#include "stamp.h"
#include "userspace_tap.h"
#include "userspace_valid.h"
#include "visible.h"
#include "words.h"

#define NOW	1767323045	/* 2026-01-02T03:04:05Z */

static const char path[] = LOCAL_DIR ASSIGNED_CONF;

static const char *const hostile[] = {
	"a\nsasser_up 1", "a\"} 1\nsasser_up{b=\"", "a\\", "\033]0;title\a",
	"\033[2J", "\r\033[Aroot", "a\tb", "\x7f", "\xc2\x9b[31m", "\xff\xfe",
	"\xe2\x80\xa8", "<script>&", "%s%n", "$(reboot)", "a b", " ",
	"#", "a#b", "a=b", "{}",
};

/* An attribute of a reply, with what is around it. */
static char reply_buf[512];
static size_t reply_len;

static void put(int type, const void *data, size_t len)
{
	struct nlattr *attr = (struct nlattr *)(reply_buf + reply_len);

	attr->nla_type = (uint16_t)type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memset(attr + 1, 0, NLA_ALIGN(len));
	memcpy(attr + 1, data, len);
	reply_len += NLA_HDRLEN + NLA_ALIGN(len);
}

static bool status_taken(const char *version, const char *policy)
{
	const uint64_t number = 7;
	const uint8_t one = 1;
	struct snapshot snap = {};
	struct reply reply = { .snap = &snap };

	reply_len = 0;
	put(SASSER_A_VERSION, version, strlen(version) + 1);
	put(SASSER_A_GENERATION, &number, sizeof(number));
	put(SASSER_A_ASSIGNED, &one, sizeof(one));
	put(SASSER_A_UNCLASSIFIED, &number, sizeof(number));
	put(SASSER_A_POLICY, policy, strlen(policy) + 1);
	put(SASSER_A_MODE, &one, sizeof(one));
	put(SASSER_A_ORIGIN, &one, sizeof(one));
	put(SASSER_A_MATCH, &one, sizeof(one));
	put(SASSER_A_SCOPE, &one, sizeof(one));
	put(SASSER_A_SINCE, &number, sizeof(number));
	said[0] = '\0';
	reply_status(&reply, reply_buf, reply_len);
	return !reply.malformed;
}

static bool is_one_of(char c, const char *chars)
{
	return c && strchr(chars, c);
}

/* sasser.h says what a name is; a version may have "+~:" besides. */
static void test_names(void)
{
	static const char alnum[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	int first = 0, later = 0, version = 0;

	for (int i = 1; i < 256; i++) {
		const char begin[] = { (char)i, 'x', '\0' };
		const char middle[] = { 'x', (char)i, 'x', '\0' };
		bool may_begin = is_one_of((char)i, alnum);
		bool may_be = may_begin || is_one_of((char)i, "._-");

		first += status_taken("1", begin) == may_begin;
		later += status_taken("1", middle) == may_be;
		version += status_taken(middle, "x") ==
			   (may_be || is_one_of((char)i, "+~:"));
	}
	ok(first == 255, "takes a name by its first character, of all 255");
	ok(later == 255, "takes a name by its other characters");
	ok(version == 255, "takes a version by its characters");
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		ok(!status_taken("1", hostile[i]) &&
		   strstr(said, "bad string in SASSER_A_POLICY") &&
		   !text_wrong(said, 0) == !strchr(said, '\n'),
		   "refuses hostile name %zu", i);
	}
	ok(status_taken("1", "SASSER-VARIANTS_2.0"), "takes an honest one");
}

static char *printed(void (*print)(FILE *out, const struct snapshot *snap),
		     const struct snapshot *snap)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print(out, snap);
	fclose(out);
	return text;
}

/* Even if such a name came as far as the printers of what programs read. */
static void test_printers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct counter row = {
			.direction = SASSER_DIRECTION_IN,
			.protocol = SASSER_PROTOCOL_TCP,
			.action = SASSER_ACTION_BLOCK,
		};
		struct snapshot snap = {
			.loaded = true, .assigned = true, .now = NOW,
			.policy.mode = SASSER_MODE_ENFORCE,
			.policy.origin = SASSER_ORIGIN_LOCAL,
			.counters = &row, .n_counters = 1,
		};
		struct json_object *object, *name;
		char *json, *metrics;

		snprintf(row.filter, NAME_LEN, "%s", hostile[i]);
		snprintf(snap.policy.name, NAME_LEN, "%s", hostile[i]);
		json = printed(out_json_counters, &snap);
		object = json_tokener_parse(json);
		name = object ? json_object_object_get(object, "policy") : NULL;
		ok(name && !strcmp(json_object_get_string(name), hostile[i]),
		   "JSON gives hostile name %zu back", i);
		json_object_put(object);
		metrics = printed(out_metrics, &snap);
		ok(!strstr(metrics, "\nsasser_up{") &&
		   !strchr(metrics, '\033') && !metrics_wrong(metrics),
		   "metrics hold hostile name %zu (%s)", i,
		   metrics_wrong(metrics) ?: "valid");
		free(json);
		free(metrics);
	}
}

static void put_file(const char *format, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
	fprintf(file, format, text);
	fclose(file);
	chmod(path, 0644);
}

static void test_record(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct snapshot snap = { .now = NOW };
		char *text, *json;

		put_file("2026-01-02T03:04:05Z failed %s\n", hostile[i]);
		stamp_read(path, &snap.refresh);
		text = printed(out_text_status, &snap);
		json = printed(out_json_status, &snap);
		ok(snap.refresh.time == NOW && !text_wrong(text, 80) &&
		   !json_wrong(json, false) && !strchr(json, '\x7f'),
		   "a record with hostile text %zu is shown", i);
		free(text);
		free(json);
	}
}

static void refused(const char *what, const char *format, size_t i)
{
	char line[sizeof(said) + 1];
	struct assignment got;

	put_file(format, hostile[i]);
	said[0] = '\0';
	ok(assignment_read(SASSER_ORIGIN_LOCAL, &got) == -1 && strstr(said, path) &&
	   !strchr(said, '\n') &&
	   snprintf(line, sizeof(line), "%s\n", said) && !text_wrong(line, 0),
	   "a file with hostile %s %zu is refused in one line", what, i);
}

static void test_conf(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		/* An empty value is another test's. */
		if (hostile[i][0] == ' ')
			continue;
		refused("policy", "[assigned]\npolicy = %s\n", i);
		refused("mode", "[assigned]\nmode = %s\n", i);
		refused("time", "[assigned]\nsince = %s\n", i);
		refused("key", "[assigned]\nx%s = 1\n", i);
		refused("section", "[x%s]\npolicy = SASSER\n", i);
	}
}

static void test_visible(void)
{
	char longer[1000] = "", buf[VISIBLE_LEN], lines[16];

	ok(!strcmp(visible(buf, "a\"b\\c\n\033\x7f\xff"),
		   "a\\\"b\\\\c\\x0a\\x1b\\x7f\\xff"),
	   "shows what it escapes");
	memset(longer, '\n', sizeof(longer) - 1);
	ok(strlen(visible(buf, longer)) < VISIBLE_LEN &&
	   !strcmp(buf + strlen(buf) - 7, "\\x0a..."),
	   "cuts between two characters, and says so");
	ok(visible_lines(lines, sizeof(lines), "a\n\033b") &&
	   !strcmp(lines, "a\n\\x1bb"), "leaves line breaks in many lines");
	ok(!visible_lines(lines, sizeof(lines), longer) &&
	   strlen(lines) == sizeof(lines) - 1, "keeps to its room");
}

int main(void)
{
	puts("TAP version 13");
	if (mkdir(LOCAL_DIR, 0755) && errno != EEXIST) {
		printf("Bail out! %s: %s\n", LOCAL_DIR, strerror(errno));
		return 1;
	}
	test_visible();
	test_names();
	test_printers();
	test_record();
	test_conf();
	unlink(path);
	rmdir(LOCAL_DIR);
	return tap_end();
}
