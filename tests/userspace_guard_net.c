// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the guards see of sockets: the own network namespace's, with scope
 * everywhere those of others too. All are this process's own. Needs root; the
 * namespaces go when it ends.
 */
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"
#include "sockets.h"
#include "userspace_net.h"
#include "userspace_tap.h"
#include "userspace_tree.h"
#include "userspace_valid.h"

/* Nobody else here has it. */
#define PORT	47313
#define ON_PORT	"port 47313"
/* Every packet to it matches, not only what opens a connection. */
#define LOW	447
/* What DNAT sends both on to; it is not blocked. */
#define BEHIND	47314

static struct filter filter = {
	.name = "own", .direction = SASSER_DIRECTION_IN,
	.protocol = SASSER_PROTOCOL_TCP, .action = SASSER_ACTION_BLOCK,
	.ranges = (struct range[]){ { LOW, LOW }, { PORT, PORT } },
	.n_ranges = 2,
};

static struct policy policy = {
	.name = "TEST", .mode = SASSER_MODE_ENFORCE,
	.match = SASSER_MATCH_AUTO, .filters = &filter, .n_filters = 1,
};

/*
 * How many reasons there are, whether @wanted is in one of them, and whether one
 * is not a line of text.
 */
struct reasons {
	size_t n;
	bool wanted;
	bool wrong;
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
		char line[1024];

		snprintf(line, sizeof(line), "%s\n", guard.reason[i]);
		if (strchr(guard.reason[i], '\n') || text_wrong(line, 0))
			found.wrong = true;
		else
			printf("# %s", line);
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

/* Does it fail for whoever may not enter other namespaces, and name one? */
static bool fails_for_others(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	struct guard guard;
	pid_t child = fork();
	int status;

	if (child)
		return waitpid(child, &status, 0) == child && !status;
	said[0] = '\0';
	if (syscall(SYS_capget, &header, data))
		_exit(1);
	data[0].effective &= ~(1U << CAP_SYS_ADMIN);
	if (syscall(SYS_capset, &header, data))
		_exit(1);
	_exit(guard_check(&policy, &guard) != -1 || guard.n ||
	      !strstr(said, "cannot enter the network namespace"));
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

/* Who listens calls itself what it likes, a terminal's commands, say. */
static void test_hostile_name(void)
{
	struct reasons found;
	char name[16];

	if (prctl(PR_GET_NAME, name) ||
	    prctl(PR_SET_NAME, "a\"\033[2J\x9b\nb"))
		bail("prctl");
	found = reasons(SASSER_SCOPE_HOST, "a\\\"\\x1b[2J\\x9b (pid ");
	ok(found.n == 1 && found.wanted && !found.wrong,
	   "a listener's name with control characters stays text");
	if (prctl(PR_SET_NAME, name))
		bail("prctl");
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
	policy.scope = SASSER_SCOPE_EVERYWHERE;
	ok(fails_for_others(), "one that can't be entered is a failure");
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

/* False: this kernel can't. */
static bool has_dnat(void)
{
	static char *const argv[] = {
		"nft", "add table ip t ; add chain ip t p { type nat hook prerouting priority dstnat ; } ;",
		NULL,
	};
	struct program program;
	bool can;

	if (program_run(argv, 20, &program))
		bail("nft");
	can = program_succeeded(&program);
	if (!can)
		printf("# %s\n", program.err);
	program_free(&program);
	return can;
}

static void publish(const char *port)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "nft add rule ip t p tcp dport %s dnat to " HOST4 ":47314",
		 port);
	run(command);
}

/* Of the flows of @cut, how many DNAT sends on, and are to @port. */
static size_t remaining(const struct cut *cut, uint16_t port)
{
	size_t n = 0;

	for (size_t i = 0; i < cut->remain.n; i++)
		n += cut->remain.entry[i].forwarded &&
		     cut->remain.entry[i].local.port == port;
	return n;
}

static void test_forwarded(void)
{
	int behind = listening(host_ns, HOST4, BEHIND);
	struct pair low, high;
	struct cut cut;

	if (!has_dnat()) {
		ok(!reasons(SASSER_SCOPE_HOST, "").n,
		   "without DNAT nothing that it sends on is a reason");
		close(behind);
		return;
	}
	publish("447");
	publish("47313");
	ok(!reasons(SASSER_SCOPE_HOST, "").n, "DNAT that nobody uses is no reason");
	low = join(peer_ns, behind, HOST4, LOW, 0);
	ok(only("1 open session on port 447, which DNAT sends on and TEST blocks inbound; it is from " PEER4),
	   "a session that DNAT sends on is one");
	ok(everywhere("port 447, which DNAT sends on"),
	   "and with scope everywhere the same");
	high = join(peer_ns, behind, HOST4, PORT, 0);
	ok(reasons(SASSER_SCOPE_HOST,
		   "1 open session on " ON_PORT ", which DNAT sends on").wanted,
	   "so is one of which only the first packet would match");
	policy.scope = SASSER_SCOPE_HOST;
	ok(!sockets_cut(&policy, &cut) && remaining(&cut, PORT) == 1 &&
	   !remaining(&cut, LOW), "which alone goes on in spite of the policy");
	cut_free(&cut);
	shutdown(low.client, SHUT_RDWR);
	shutdown(high.client, SHUT_RDWR);
	close(low.server);
	close(high.server);
	usleep(200000);
	ok(!reasons(SASSER_SCOPE_HOST, "").n, "those that are over are none");
	close(behind);
	run("nft delete table ip t");
}

int main(void)
{
	static char dir[] = "/tmp/sasser-guard-XXXXXX";
	int listener;

	puts("TAP version 13");
	if (!mkdtemp(dir) || chdir(dir))
		bail("mkdtemp");
	set_up();
	test_forwarded();
	test_here(&listener);
	test_hostile_name();
	test_elsewhere(listener);
	ok(!chdir("/") && remove_tree(dir), "cleans up");
	return tap_end();
}
