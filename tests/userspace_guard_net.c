// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the guards see of sockets: the own network namespace's, with scope
 * everywhere those of others too. All are this process's own. Needs root; the
 * namespaces go when it ends.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guard.h"
#include "userspace_net.h"
#include "userspace_tap.h"
#include "userspace_tree.h"

/* Nobody else here has it. */
#define PORT	47313
#define ON_PORT	"port 47313"

static struct filter filter = {
	.name = "own", .direction = SASSER_DIRECTION_IN,
	.protocol = SASSER_PROTOCOL_TCP, .action = SASSER_ACTION_BLOCK,
	.ranges = (struct range[]){ { PORT, PORT } }, .n_ranges = 1,
};

static struct policy policy = {
	.name = "TEST", .mode = SASSER_MODE_ENFORCE,
	.match = SASSER_MATCH_AUTO, .filters = &filter, .n_filters = 1,
};

/* How many reasons there are, and whether @wanted is in one of them. */
struct reasons {
	size_t n;
	bool wanted;
};

static struct reasons reasons(uint8_t scope, const char *wanted)
{
	struct reasons found = {};
	struct guard guard;

	said[0] = '\0';
	policy.scope = scope;
	if (guard_check(&policy, &guard))
		bail(said);
	for (size_t i = 0; i < guard.n; i++) {
		printf("# %s\n", guard.reason[i]);
		found.wanted |= strstr(guard.reason[i], wanted) != NULL;
	}
	found.n = guard.n;
	guard_free(&guard);
	return found;
}

static bool only(const char *wanted)
{
	struct reasons found = reasons(SASSER_SCOPE_HOST, wanted);

	return found.n == 1 && found.wanted;
}

static bool everywhere(const char *wanted)
{
	return reasons(SASSER_SCOPE_EVERYWHERE, wanted).wanted;
}

static const char *listens(const char *place)
{
	static char text[128];

	snprintf(text, sizeof(text),
		 "(pid %d)%s listens on " ON_PORT ", which TEST blocks inbound",
		 getpid(), place);
	return text;
}

/* Ends when this process does: what it holds is for /proc to show. */
static void hold_namespace(void)
{
	int end[2];
	char c;

	if (pipe(end))
		bail("pipe");
	if (fork())
		return;
	close(end[1]);
	_exit(read(end[0], &c, 1) != 0);
}

static void test_here(int *listener)
{
	struct pair pair;

	ok(!reasons(SASSER_SCOPE_HOST, "").n, "nobody listens: no reason");
	*listener = listening(host_ns, HOST4, PORT);
	ok(only(listens("")), "a listener is a reason");
	ok(everywhere(listens("")), "and with scope everywhere the same");
	pair = join(peer_ns, *listener, HOST4, PORT, 0);
	ok(reasons(SASSER_SCOPE_HOST,
		   "1 open session on " ON_PORT ", which TEST blocks inbound; it is from " PEER4).wanted,
	   "so is a session");
	close(pair.client);
	close(pair.server);
}

static void test_elsewhere(int listener)
{
	struct pair one = join(peer_ns, listener, HOST4, PORT, 0);
	struct pair two = join(peer_ns, listener, HOST4, PORT, 0);
	int third;

	hold_namespace();
	third = new_namespace();
	ok(!reasons(SASSER_SCOPE_HOST, "").n,
	   "scope host: what another namespace has is no reason");
	ok(everywhere(listens(" in another network namespace")),
	   "scope everywhere: who listens there is one, and says so");
	ok(everywhere("2 open sessions on " ON_PORT
		      " in another network namespace, which TEST blocks inbound; one is from " PEER4),
	   "so are sessions there");
	ok(!reasons(SASSER_SCOPE_HOST, "").n, "and this is the third again");
	policy.mode = SASSER_MODE_OBSERVE;
	ok(!reasons(SASSER_SCOPE_EVERYWHERE, "").n,
	   "observe mode is not guarded");
	policy.mode = SASSER_MODE_ENFORCE;
	in(host_ns);
	close(third);
	close(one.client);
	close(one.server);
	close(two.client);
	close(two.server);
}

int main(void)
{
	static char dir[] = "/tmp/sasser-guard-XXXXXX";
	int listener;

	puts("TAP version 13");
	if (!mkdtemp(dir) || chdir(dir))
		bail("mkdtemp");
	set_up();
	test_here(&listener);
	test_elsewhere(listener);
	ok(!chdir("/") && remove_tree(dir), "cleans up");
	return tap_end();
}
