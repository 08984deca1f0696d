// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Real connections between two network namespaces that a cable joins: which of
 * them a policy cuts, and which stay. All sockets are this process's own. On a
 * kernel without CONFIG_INET_DIAG_DESTROY they all have to be named as
 * remaining. Needs root; the namespaces go when it ends.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sockets.h"
#include "userspace_net.h"
#include "userspace_tap.h"
#include "userspace_valid.h"

/* ---- the policy */

static struct filter filters[] = {
	{
		.name = "smb", .direction = SASSER_DIRECTION_IN,
		.protocol = SASSER_PROTOCOL_TCP, .action = SASSER_ACTION_BLOCK,
		.ranges = (struct range[]){ { 445, 445 } }, .n_ranges = 1,
	},
	{
		.name = "payload", .direction = SASSER_DIRECTION_BOTH,
		.protocol = SASSER_PROTOCOL_TCP, .action = SASSER_ACTION_BLOCK,
		.ranges = (struct range[]){ { 5554, 5554 }, { 9996, 9996 } },
		.n_ranges = 2,
	},
	{
		.name = "scanner", .direction = SASSER_DIRECTION_BOTH,
		.protocol = SASSER_PROTOCOL_TCP,
		.action = SASSER_ACTION_PERMIT,
		.ranges = (struct range[]){ { 1, 65535 } }, .n_ranges = 1,
		.remotes = (struct prefix[]){
			{ AF_INET, 32, { 10, 7, 1, 2 } },
		},
		.n_remotes = 1,
	},
};

static struct policy policy = {
	.name = "TEST", .mode = SASSER_MODE_ENFORCE,
	.origin = SASSER_ORIGIN_LOCAL, .match = SASSER_MATCH_AUTO,
	.scope = SASSER_SCOPE_HOST, .filters = filters, .n_filters = 2,
};

/* How many of @sockets are to or from the port of that state; any: 0. */
static size_t count(const struct sockets *sockets, uint16_t port, uint8_t state)
{
	size_t n = 0;

	for (size_t i = 0; i < sockets->n; i++) {
		const struct sock_entry *entry = &sockets->entry[i];

		n += (entry->local.port == port || entry->remote.port == port) &&
		     (!state || entry->state == state);
	}
	return n;
}

static size_t blocked_by(struct policy *by, uint16_t port, uint8_t state)
{
	struct sockets sockets = {};
	size_t n = 0;

	if (!sockets_blocked(by, &sockets)) {
		n = count(&sockets, port, state);
		sockets_free(&sockets);
	}
	return n;
}

/* ---- the tests */

static struct pair v4, v6, mapped, out, in80, from9996, loop, self, waiting;
static int listener80, listener445, syn_sent;

static void open_all(void)
{
	int peer80 = listening(peer_ns, PEER4, 80);
	int peer9996 = listening(peer_ns, PEER4, 9996);
	int listener9996 = listening(host_ns, HOST6, 9996);
	int listener5554 = listening(host_ns, "::", 5554);

	listener80 = listening(host_ns, "0.0.0.0", 80);
	listener445 = listening(host_ns, "0.0.0.0", 445);
	v4 = join(peer_ns, listener445, HOST4, 445, 0);
	v6 = join(peer_ns, listener9996, HOST6, 9996, 0);
	mapped = join(peer_ns, listener5554, HOST4, 5554, 0);
	out = join(host_ns, peer9996, PEER4, 9996, 0);
	in80 = join(peer_ns, listener80, HOST4, 80, 5554);
	close(listening(host_ns, HOST4, 9996));
	from9996 = join(host_ns, peer80, PEER4, 80, 1234);
	loop = join(host_ns, listener445, "127.0.0.1", 445, 0);
	self = join(host_ns, listener445, HOST4, 445, 0);
	waiting = join(peer_ns, listener445, HOST4, 445, 4321);
	close(waiting.server);
	close(waiting.client);
	send_syn(445);
	syn_sent = dial(host_ns, NOBODY4, 5554, 0);
	usleep(200000);
}

static void test_listed(void)
{
	struct sockets sockets = {};
	bool owned = true;
	char *in_time_wait;

	policy.mode = SASSER_MODE_OBSERVE;
	if (sockets_blocked(&policy, &sockets))
		bail(said);
	ok(sockets.n == 6, "six connections are blocked, in observe mode too (%zu)",
	   sockets.n);
	ok(count(&sockets, 445, TCP_ESTABLISHED) == 1, "one to port 445");
	ok(count(&sockets, 445, TCP_SYN_RECV) == 1, "one half open");
	ok(count(&sockets, 5554, TCP_SYN_SENT) == 1, "one that is being opened");
	ok(count(&sockets, 9996, TCP_ESTABLISHED) == 2,
	   "one inbound over IPv6, and one outbound");
	for (size_t i = 0; i < sockets.n; i++) {
		const struct sock_entry *entry = &sockets.entry[i];
		char line[SOCK_LINE_LEN];

		printf("# %s\n", sock_describe(line, entry));
		owned &= entry->owner.pid == getpid() &&
			 !strcmp(entry->owner.comm, "userspace_socke");
		if (entry->local.port == 5554)
			ok(entry->remote.family == AF_INET &&
			   !strncmp(line, "from " PEER4 ":", 14) &&
			   entry->diag_family == AF_INET6,
			   "one that is IPv4-mapped, shown as IPv4");
	}
	in_time_wait = output_of("ss -Htn state time-wait sport = :445");
	ok(in_time_wait && *in_time_wait,
	   "one in TIME_WAIT is there, and none of them");
	free(in_time_wait);
	ok(owned, "all with the process that has them, or their listener");
	sockets_free(&sockets);
	policy.mode = SASSER_MODE_ENFORCE;
}

/* A process calls itself what it likes, and this one a terminal's commands. */
static void test_hostile_name(void)
{
	struct sockets sockets = {};
	bool plain = true, shown = true;

	if (prctl(PR_SET_NAME, "a\"\033[2J\x9b\nb"))
		bail("prctl");
	if (sockets_blocked(&policy, &sockets))
		bail(said);
	for (size_t i = 0; i < sockets.n; i++) {
		char line[SOCK_LINE_LEN], text[SOCK_LINE_LEN + 1];

		sock_describe(line, &sockets.entry[i]);
		snprintf(text, sizeof(text), "%s\n", line);
		plain &= !strchr(line, '\n') && !text_wrong(text, 0);
		shown &= strstr(line, "a\\\"\\x1b[2J\\x9b (pid ") != NULL;
	}
	sockets_free(&sockets);
	if (prctl(PR_SET_NAME, "userspace_socke"))
		bail("prctl");
	ok(plain, "a name with control characters stays text in what is said");
	ok(shown, "and is shown as far as its first line goes");
}

static void test_others(void)
{
	ok(!blocked_by(&policy, 80, 0), "from port 5554 to 80 is none of them");
	policy.match = SASSER_MATCH_PACKET;
	ok(blocked_by(&policy, 80, 0) == 1,
	   "with match = packet it is: what it is answered goes to port 5554");
	policy.match = SASSER_MATCH_AUTO;
	policy.n_filters = 3;
	ok(blocked_by(&policy, 5554, TCP_SYN_SENT) == 1 &&
	   !blocked_by(&policy, 445, TCP_ESTABLISHED),
	   "what is permitted is none of them");
	policy.n_filters = 2;
}

static void test_listening(void)
{
	struct sockets sockets = {};
	size_t with_owner = 0;

	ok(!sockets_listening(&sockets) && count(&sockets, 445, TCP_LISTEN) == 1 &&
	   count(&sockets, 80, TCP_LISTEN) == 1, "listeners are found");
	for (size_t i = 0; i < sockets.n; i++)
		with_owner += sockets.entry[i].owner.pid == getpid();
	ok(with_owner == sockets.n && sockets.n == 4,
	   "all four with their process");
	sockets_free(&sockets);
}

static void test_observed(void)
{
	struct cut cut = {};

	policy.mode = SASSER_MODE_OBSERVE;
	ok(!sockets_cut(&policy, &cut) && cut.closed.n == 6 && !cut.remain.n,
	   "in observe mode they are listed");
	cut_free(&cut);
	ok(works(&v4) && works(&v6) && works(&mapped) && works(&out),
	   "and work on");
	policy.mode = SASSER_MODE_ENFORCE;
}

static bool is_gone(const struct pair *pair)
{
	return error_of(pair->server) || error_of(pair->client);
}

static void test_cut(void)
{
	struct cut cut = {};
	int ret = sockets_cut(&policy, &cut);
	struct pair again;

	if (cut.no_destroy) {
		puts("# this kernel can't destroy sockets");
		ok(!ret && !cut.closed.n && cut.remain.n == 6,
		   "all six are named as remaining");
		ok(works(&v4) && works(&v6) && works(&mapped) && works(&out),
		   "and do");
	} else {
		ok(!ret && cut.closed.n == 6 && !cut.remain.n,
		   "all six are closed, none remains");
		ok(error_of(out.client) == ECONNABORTED &&
		   error_of(syn_sent) == ECONNABORTED,
		   "processes of this host are told that it was aborted");
		ok(is_gone(&v4) && is_gone(&v6) && is_gone(&mapped),
		   "inbound ones are gone: IPv4, IPv6, IPv4-mapped");
		ok(!blocked_by(&policy, 445, 0) && !blocked_by(&policy, 5554, 0),
		   "and the half open ones");
	}
	ok(cut.namespaces == 1, "one namespace was looked at");
	cut_free(&cut);
	ok(works(&in80), "the innocent from port 5554 stays");
	ok(works(&from9996), "the host's own to port 80 stays");
	ok(works(&loop) && works(&self), "the host's with itself stay");
	again = join(peer_ns, listener445, HOST4, 445, 0);
	ok(works(&again), "the listener is there still");
}

/* From a third namespace, and by a port that nobody else here has. */
static void test_everywhere(void)
{
	struct filter filter = {
		.name = "own", .direction = SASSER_DIRECTION_BOTH,
		.protocol = SASSER_PROTOCOL_TCP, .action = SASSER_ACTION_BLOCK,
		.ranges = (struct range[]){ { 47311, 47311 } }, .n_ranges = 1,
	};
	struct policy everywhere = {
		.name = "TEST", .mode = SASSER_MODE_ENFORCE,
		.match = SASSER_MATCH_AUTO, .scope = SASSER_SCOPE_EVERYWHERE,
		.filters = &filter, .n_filters = 1,
	};
	int listener = listening(host_ns, HOST4, 47311), third;
	struct pair pair = join(peer_ns, listener, HOST4, 47311, 0);
	int holder[2];
	struct cut cut = {};
	pid_t child;

	/* a process that is in the host's namespace, for /proc to show it */
	if (pipe(holder))
		bail("pipe");
	child = fork();
	if (!child) {
		char c;

		close(holder[1]);
		_exit(read(holder[0], &c, 1) != 0);
	}
	third = new_namespace();
	ok(!blocked_by(&everywhere, 47311, 0), "a third namespace sees nothing");
	if (sockets_cut(&everywhere, &cut))
		bail(said);
	ok(cut.namespaces >= 2 &&
	   count(cut.no_destroy ? &cut.remain : &cut.closed, 47311, 0) >= 1 &&
	   (cut.no_destroy ? &cut.remain : &cut.closed)->entry[0].elsewhere,
	   "with scope everywhere it is found (%zu namespaces)", cut.namespaces);
	ok(cut.no_destroy ? works(&pair) : is_gone(&pair), "and closed");
	ok(!blocked_by(&everywhere, 47311, 0), "and this is the third again");
	cut_free(&cut);
	close(holder[0]);
	close(holder[1]);
	close(third);
	in(host_ns);
}

int main(void)
{
	puts("TAP version 13");
	set_up();
	open_all();
	test_listed();
	test_hostile_name();
	test_others();
	test_listening();
	test_observed();
	test_cut();
	test_everywhere();
	return tap_end();
}
