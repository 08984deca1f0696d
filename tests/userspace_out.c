// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The printers, from canned snapshots, against golden/. What has changed on
 * purpose: GOLDEN=write in the environment writes the files anew.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "out.h"
#include "userspace_tap.h"
#include "userspace_valid.h"

#define NOW	1767323045	/* 2026-01-02T03:04:05Z */

static struct counter counters[] = {
	{ "smb", SASSER_DIRECTION_IN, SASSER_PROTOCOL_TCP, SASSER_ACTION_BLOCK,
	  { 445, 445 }, 3, 180, 2, NOW - 7200, NOW - 5 },
	{ "payload", SASSER_DIRECTION_IN, SASSER_PROTOCOL_TCP,
	  SASSER_ACTION_BLOCK, { 5554, 5554 }, 0, 0, 0, 0, 0 },
	{ "payload", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP,
	  SASSER_ACTION_BLOCK, { 5554, 5554 }, UINT64_MAX, UINT64_MAX,
	  UINT64_MAX, 1, NOW },
	{ "a.name-of_as_many_characters_as_a_name_can_have.0123456789abcde",
	  SASSER_DIRECTION_IN, SASSER_PROTOCOL_UDP, SASSER_ACTION_OBSERVE,
	  { 10000, 65535 }, 123456789, 98765432101, 0, NOW - 1000 * 86400UL,
	  NOW - 999 * 86400UL },
};

static struct range few[] = { { 445, 445 } };
static struct range many[] = {
	{ 5554, 5554 }, { 9996, 9996 }, { 1000, 1010 }, { 10000, 65535 },
	{ 1022, 1023 }, { 9898, 9898 }, { 9995, 9995 }, { 2000, 3000 },
};

#define LONG_NAME \
	"a.name-of_as_many_characters_as_a_name_can_have.0123456789abcde"

static struct prefix remotes[] = {
	{ AF_INET, 25, { 192, 0, 2 } }, { AF_INET, 32, { 198, 51, 100, 7 } },
	{ AF_INET6, 128, { 0x20, 1, 0x0d, 0xb8, 0x11, 0x11, 0x22, 0x22, 0x33,
			   0x33, 0x44, 0x44, 0x55, 0x55, 0x66, 0x66 } },
	{ AF_INET6, 32, { 0x20, 1, 0x0d, 0xb8 } }, { AF_INET, 0, {} },
};

#define FILTER(it, its, which, what, list) { \
	.name = (it), .direction = SASSER_DIRECTION_##its, \
	.protocol = SASSER_PROTOCOL_##which, .action = SASSER_ACTION_##what, \
	.ranges = (list), .n_ranges = ARRAY_SIZE(list) }

static struct filter filters[] = {
	FILTER("smb", IN, TCP, BLOCK, few),
	FILTER(LONG_NAME, BOTH, UDP, OBSERVE, many),
};

static struct filter remote_filters[] = {
	FILTER("smb", IN, TCP, BLOCK, few),
	{
		.name = "scanners", .direction = SASSER_DIRECTION_BOTH,
		.protocol = SASSER_PROTOCOL_TCP,
		.action = SASSER_ACTION_PERMIT,
		.ranges = many, .n_ranges = 8,
		.remotes = remotes, .n_remotes = ARRAY_SIZE(remotes),
	},
};

#define POLICY(it, how, whose, list, n) { \
	.name = (it), .mode = SASSER_MODE_##how, .origin = SASSER_ORIGIN_##whose, \
	.match = SASSER_MATCH_AUTO, .scope = SASSER_SCOPE_HOST, \
	.filters = (list), .n_filters = (n) }

static const struct snapshot enforced = {
	.loaded = true, .module_version = "0.0.9", .assigned = true,
	.generation = UINT64_MAX, .since = NOW - 100, .unclassified = 7,
	.initial = true, .namespaces = 3,
	.policy = POLICY("SASSER", ENFORCE, LOCAL, filters, 2),
	.counters = counters, .n_counters = 4,
	.refresh = { NOW - 60, true, "SASSER (enforce) is in force" },
	.now = NOW,
};

static const struct snapshot observed = {
	.loaded = true, .module_version = "0.0.9", .assigned = true,
	.generation = 1, .since = NOW, .initial = true, .namespaces = 1,
	.policy = POLICY("SASSER", OBSERVE, DOMAIN, filters, 1),
	.counters = counters, .n_counters = 1,
	.refresh = {
		NOW - 60, false,
		"/etc/sasser/assigned.conf, line 2: unknown policy \"NIMDA\", there is: SASSER",
	},
	.now = NOW,
};

static const struct snapshot unassigned = {
	.loaded = true, .module_version = "0.0.9", .generation = 2,
	.since = NOW, .initial = true, .namespaces = 1,
	.policy = POLICY("SASSER", ENFORCE, LOCAL, filters, 2),
	.counters = counters, .n_counters = 2, .now = NOW,
};

/* The domain's beats the local one, is on trial, and has its last days. */
static const struct snapshot overriding = {
	.loaded = true, .module_version = "0.0.9", .assigned = true,
	.generation = 9, .since = NOW - 40 * 86400UL - 3, .initial = true,
	.namespaces = 1, .on_trial = true, .confirm = 299,
	.policy = {
		.name = "QUARANTINE", .mode = SASSER_MODE_ENFORCE,
		.origin = SASSER_ORIGIN_DOMAIN, .match = SASSER_MATCH_PACKET,
		.scope = SASSER_SCOPE_EVERYWHERE,
		.filters = remote_filters, .n_filters = 2,
	},
	.standing = {
		.overrides = true, .overridden = LONG_NAME,
		.domain = {
			.policy = "QUARANTINE", .keep_service = true,
			.source = "{31B2F340-016D-11D2-945F-00C04FB984F9} Infected; {6AC1786C-016F-11D2-945F-00C04FB984F9} Workstations",
			.joined = JOINED_YES,
		},
		.term = { .expires = NOW - NOW % 86400 + 86400, true },
	},
	.counters = counters, .n_counters = 2,
	.refresh = { NOW - 60, true, "QUARANTINE (enforce) is in force" },
	.now = NOW,
};

static const struct snapshot over = {
	.loaded = true, .module_version = "0.0.9", .assigned = true,
	.generation = 9, .since = NOW - 86400, .initial = true, .namespaces = 1,
	.policy = POLICY("SASSER", ENFORCE, LOCAL, filters, 1),
	.standing = {
		.term.expires = NOW - NOW % 86400, .expired = LONG_NAME,
	},
	.counters = counters, .n_counters = 1, .now = NOW,
};

/* A namespace with nothing of its own, but what is in force everywhere. */
static struct snapshot from_above = {
	.loaded = true, .assigned = true,
	.policy = POLICY("QUARANTINE", ENFORCE, LOCAL, filters, 2),
};

static const struct snapshot imposed = {
	.loaded = true, .module_version = "0.0.9", .generation = 1,
	.imposed = &from_above, .counters = counters, .n_counters = 3,
	.now = NOW,
};

/* A clock that was set after the hits, and numbers that no host reaches. */
static struct counter largest_counters[] = {
	{ "smb", SASSER_DIRECTION_OUT, SASSER_PROTOCOL_TCP,
	  SASSER_ACTION_OBSERVE, { 10000, 65535 }, UINT64_MAX, UINT64_MAX,
	  UINT64_MAX, 1, 1 },
};

static const struct snapshot largest = {
	.loaded = true, .module_version = "0.0.9", .assigned = true,
	.generation = UINT64_MAX, .since = 1, .unclassified = UINT64_MAX,
	.initial = true, .namespaces = UINT32_MAX,
	.policy = POLICY("SASSER", ENFORCE, LOCAL, filters, 1),
	.counters = largest_counters, .n_counters = 1,
	.refresh = {
		NOW - 60, false,
		"/a/word/that/no/line/of/a/terminal/with/eighty/columns/can/hold/as/a/whole: no",
	},
	.now = NOW,
};

/* A host that left its domain, which is not in force after a boot. */
static const struct snapshot left = {
	.loaded = true, .module_version = "0.0.9", .assigned = true,
	.generation = 1, .since = NOW, .initial = true, .namespaces = 1,
	.policy = POLICY("SASSER", ENFORCE, DOMAIN, filters, 1),
	.standing.domain = {
		.policy = "SASSER", .source = "{1-2} \"Name\"",
		.service_off = "sasser.service is not enabled (systemctl enable sasser.service)",
		.joined = JOINED_NO,
	},
	.counters = counters, .n_counters = 1, .now = NOW,
};

/* By other means than a directory. */
static const struct snapshot managed = {
	.loaded = true, .module_version = "0.0.9", .generation = 1,
	.initial = true, .namespaces = 0,
	.standing.domain.policy = "SASSER", .now = NOW,
};

static const struct snapshot longest = {
	.loaded = true, .module_version = "0.0.9", .generation = 2,
	.policy = POLICY(LONG_NAME, ENFORCE, LOCAL, filters, 2),
	.counters = counters, .n_counters = 2, .now = NOW,
};

static const struct snapshot never = {
	.loaded = true, .module_version = "0.0.9", .now = NOW,
};

static const struct snapshot absent = { .now = NOW };

static const struct {
	const char *name;
	const struct snapshot *snap;
} snaps[] = {
	{ "enforced", &enforced }, { "observed", &observed },
	{ "unassigned", &unassigned }, { "largest", &largest },
	{ "overriding", &overriding }, { "over", &over },
	{ "imposed", &imposed }, { "longest", &longest }, { "never", &never },
	{ "absent", &absent }, { "left", &left }, { "managed", &managed },
};

static const char *wrong_table(const char *text)
{
	return text_wrong(text, 80);
}

static const char *wrong_json(const char *text)
{
	return json_wrong(text, false);
}

static const struct {
	const char *name;
	void (*print)(FILE *out, const struct snapshot *snap);
	const char *(*wrong)(const char *text);
} printers[] = {
	{ "status.txt", out_text_status, wrong_table },
	{ "counters.txt", out_text_counters, wrong_table },
	{ "status.json", out_json_status, wrong_json },
	{ "counters.json", out_json_counters, wrong_json },
	{ "metrics.prom", out_metrics, metrics_wrong },
};

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &room, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

/* A new version is no change of a format. */
static void hide_version(char *text)
{
	const char *version = "\"" SASSER_VERSION "\"";
	char *at = strstr(text, version);

	if (at)
		memmove(at + 1, at + strlen(version) - 1,
			strlen(at + strlen(version) - 1) + 1);
}

static void compare(const char *name, char *text)
{
	char path[128];
	char *golden;
	FILE *file;

	hide_version(text);
	snprintf(path, sizeof(path), "golden/%s", name);
	if (getenv("GOLDEN")) {
		file = fopen(path, "w");
		if (file) {
			fputs(text, file);
			fclose(file);
		}
	}
	golden = read_file(path);
	ok(golden && !strcmp(golden, text), "%s", name);
	if (!golden || strcmp(golden, text))
		printf("# got:\n%s", text);
	free(golden);
}

static void test_snapshots(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(snaps); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(printers); j++) {
			char name[64], *text = NULL;
			size_t size;
			FILE *out = open_memstream(&text, &size);

			printers[j].print(out, snaps[i].snap);
			fclose(out);
			snprintf(name, sizeof(name), "%s-%s", snaps[i].name,
				 printers[j].name);
			compare(name, text);
			ok(!printers[j].wrong(text), "%s is valid (%s)", name,
			   printers[j].wrong(text) ?: "yes");
			free(text);
		}
	}
}

static void test_event(void)
{
	const struct event event = {
		SASSER_EVENT_UNASSIGNED, 5, SASSER_MODE_ENFORCE,
		SASSER_ORIGIN_LOCAL, "SASSER", false,
	}, more = {
		SASSER_EVENT_REVERTED, 6, SASSER_MODE_ENFORCE,
		SASSER_ORIGIN_DOMAIN, "QUARANTINE", true,
	};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	out_text_event(out, &event, NOW);
	out_json_event(out, &event, NOW);
	out_text_event(out, &more, NOW);
	out_json_event(out, &more, NOW);
	fclose(out);
	compare("event.txt", text);
	free(text);
}

int main(void)
{
	puts("TAP version 13");
	test_snapshots();
	test_event();
	return tap_end();
}
