// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each operation takes: every one of them by everybody, over a namespace
 * of the host's and over one's own, and through sockets that somebody else has
 * opened. Nobody touches anything but the namespace that the socket belongs to.
 */
#define _GNU_SOURCE
#include <sys/wait.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"
#include "rights_who.h"

/* Through a socket that is connected, by write(2): as a setuid program is made
 * to write to a descriptor that it inherits.
 */
#define BLINDLY		true

enum operation {
	STATUS_GET,
	FILTER_GET,
	COUNTER_GET,
	IMPOSED_GET,
	JOIN,
	TRIAL,
	CONFIRM,
	SET_EVERYWHERE,
	POLICY_SET,
	COUNTER_RESET,
	IMPOSED_RESET,
	POLICY_CLEAR,
	EVERYWHERE,
	OPERATIONS
};

static const char * const operation_names[OPERATIONS] = {
	"status", "filters", "counters", "counters imposed", "join", "trial",
	"confirm", "set everywhere", "set", "reset", "reset imposed", "clear",
	"everywhere",
};

/* Who may do what, bits of enum operation. */
#define READS	(1 << STATUS_GET | 1 << FILTER_GET | 1 << COUNTER_GET | \
		 1 << IMPOSED_GET | 1 << JOIN)
#define CHANGES	(1 << TRIAL | 1 << CONFIRM | 1 << POLICY_SET |		\
		 1 << COUNTER_RESET | 1 << IMPOSED_RESET | 1 << POLICY_CLEAR)
#define ALL	(READS | CHANGES | 1 << SET_EVERYWHERE | 1 << EVERYWHERE)

static int cb(const struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	(void)data;
	return MNL_CB_OK;
}

/* Return: 0 or a negative errno */
static int operate(struct genl *g, enum operation operation, bool blindly)
{
	static const uint8_t cmds[OPERATIONS] = {
		[STATUS_GET] = SASSER_CMD_STATUS_GET,
		[FILTER_GET] = SASSER_CMD_FILTER_GET,
		[COUNTER_GET] = SASSER_CMD_COUNTER_GET,
		[IMPOSED_GET] = SASSER_CMD_COUNTER_GET,
		[TRIAL] = SASSER_CMD_POLICY_SET,
		[CONFIRM] = SASSER_CMD_POLICY_CONFIRM,
		[SET_EVERYWHERE] = SASSER_CMD_POLICY_SET,
		[IMPOSED_RESET] = SASSER_CMD_COUNTER_RESET,
		[POLICY_SET] = SASSER_CMD_POLICY_SET,
		[COUNTER_RESET] = SASSER_CMD_COUNTER_RESET,
		[POLICY_CLEAR] = SASSER_CMD_POLICY_CLEAR,
		[EVERYWHERE] = SASSER_CMD_POLICY_CLEAR,
	};
	bool imposed = operation == IMPOSED_GET || operation == IMPOSED_RESET;
	bool dump = operation == FILTER_GET || operation == COUNTER_GET ||
		    operation == COUNTER_RESET || imposed;
	struct policy policy = policy_sasser;
	static char buf[REQUEST_MAX];
	struct status status = {};
	struct nlmsghdr *nlh;
	bool done;
	int err;

	if (operation == JOIN)
		return mnl_socket_setsockopt(g->nl, NETLINK_ADD_MEMBERSHIP,
					     &g->group, sizeof(g->group)) ?
		       -errno : 0;

	if (operation == CONFIRM && status_get(g, &status))
		die("reading the status");
	if (operation == TRIAL)
		policy.confirm = SASSER_CONFIRM_MAX;
	if (operation == SET_EVERYWHERE)
		policy.scope = SASSER_SCOPE_EVERYWHERE;

	nlh = genl_request(g, buf, cmds[operation],
			   dump ? NLM_F_DUMP : NLM_F_ACK);
	if (cmds[operation] == SASSER_CMD_POLICY_SET)
		policy_put(nlh, &policy);
	if (operation == CONFIRM)
		mnl_attr_put_u64(nlh, SASSER_A_GENERATION, status.generation);
	if (imposed)
		mnl_attr_put(nlh, SASSER_A_IMPOSED, 0, NULL);
	if (operation == EVERYWHERE)
		mnl_attr_put(nlh, SASSER_A_EVERYWHERE, 0, NULL);
	if (!blindly)
		return genl_talk(g, nlh, cb, NULL);

	g->message[0] = '\0';
	if (write(mnl_socket_get_fd(g->nl), nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do {
		err = genl_recv(g, cb, NULL, &done);
	} while (!err && !done);
	return err;
}

/* Does each operation end as @allowed says? The others are not permitted.
 * @initial: the socket's namespace is, and nothing is ever imposed on that
 */
static bool operate_all(struct genl *g, unsigned int allowed, bool blindly,
			bool initial)
{
	static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	unsigned int i;
	bool ok = true;

	if (blindly && connect(mnl_socket_get_fd(g->nl), (void *)&kernel,
			       sizeof(kernel)))
		die("connect: %s", strerror(errno));
	for (i = 0; i < OPERATIONS; i++) {
		int err = operate(g, i, blindly), expected = 0;

		if (!(allowed & 1 << i))
			expected = -EPERM;
		else if (i == IMPOSED_RESET && initial)
			expected = -ENOENT;
		if (err == expected)
			continue;
		fprintf(stderr, "# %s: error %d\n", operation_names[i], err);
		ok = false;
	}
	return ok;
}

/*
 * The host's initial namespace, whose SASSER is imposed on all, and another one
 * with SASSER of its own and a hit.
 */
FIXTURE(rights) {
	int initial;
	int other;
	struct genl genl[2];
	struct genl imposed;		/* on the other */
	struct status lasting;		/* what is */
	struct counters before[2];
};

static void look(struct __test_metadata *_metadata, struct genl *genl,
		 struct counters *counters)
{
	struct status status;

	ASSERT_EQ(0, status_get(genl, &status));
	EXPECT_EQ(1, status.assigned);
	EXPECT_EQ(SASSER_MODE_ENFORCE, status.mode);
	ASSERT_EQ(0, counters_get(genl, counters));
	EXPECT_EQ(status.generation, counters->generation);
}

FIXTURE_SETUP(rights)
{
	static struct counters imposed;
	struct policy policy = policy_sasser;
	unsigned int i;

	self->initial = netns_here();
	self->other = dummy_create();
	for (i = 0; i < 2; i++) {
		netns_enter(i ? self->other : self->initial);
		genl_open(&self->genl[i]);
		policy.scope = i ? SASSER_SCOPE_HOST : SASSER_SCOPE_EVERYWHERE;
		ASSERT_EQ(0, policy_set(&self->genl[i], &policy));
	}
	genl_open(&self->imposed);
	self->imposed.imposed = true;
	EXPECT_EQ(-ECONNREFUSED, send_syn(AF_INET, 9996));
	for (i = 0; i < 2; i++)
		look(_metadata, &self->genl[i], &self->before[i]);
	look(_metadata, &self->imposed, &imposed);
	ASSERT_EQ(0, status_get(&self->imposed, &self->lasting));
	/* Either may have been the first to drop it. */
	EXPECT_EQ(1, row_find(&self->before[1], "payload",
			      SASSER_DIRECTION_OUT, 9996)->packets +
		     row_find(&imposed, "payload", SASSER_DIRECTION_OUT,
			      9996)->packets);
}

FIXTURE_TEARDOWN(rights)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, policy_clear(&self->genl[i], false));
		genl_close(&self->genl[i]);
	}
	genl_close(&self->imposed);
	close(self->initial);
	close(self->other);
}

/* Nothing was changed or reset, here or there. */
static void check_untouched(struct __test_metadata *_metadata,
			    struct genl *genl, const struct counters *before)
{
	static struct counters after;

	look(_metadata, genl, &after);
	EXPECT_EQ(before->generation, after.generation);
	EXPECT_TRUE(counters_moved(before, &after, NULL, 0, 0, 0));
}

static bool succeeded(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
}

FIXTURE_VARIANT(rights) {
	void (*opener)(void);		/* opens the socket and hands it over */
	void (*user)(void);		/* uses it; NULL: the opener */
	bool initially;			/* opened in the initial namespace */
	unsigned int allowed;
	bool blindly;
};

#define RIGHTS(name, ...)						\
	FIXTURE_VARIANT_ADD(rights, name) { __VA_ARGS__ }

RIGHTS(root, .opener = stay_root, .allowed = READS | CHANGES);
RIGHTS(root_of_the_host, .opener = stay_root, .initially = true,
       .allowed = ALL);
RIGHTS(nobody, .opener = become_nobody, .allowed = READS);
RIGHTS(nobody_of_the_host, .opener = become_nobody, .initially = true,
       .allowed = READS);
RIGHTS(root_without_the_capability,
       .opener = become_root_without_the_capability, .initially = true,
       .allowed = READS);
RIGHTS(administrator_who_is_not_root,
       .opener = become_an_administrator_who_is_not_root, .initially = true,
       .allowed = ALL);
RIGHTS(root_of_a_user_namespace, .opener = become_root_of_a_user_namespace,
       .allowed = READS);
RIGHTS(root_of_a_user_namespace_of_the_host,
       .opener = become_root_of_a_user_namespace, .initially = true,
       .allowed = READS);
RIGHTS(root_of_own_namespaces, .opener = become_root_of_own_namespaces,
       .allowed = READS | CHANGES);
RIGHTS(root_of_a_container, .opener = become_root_of_a_container,
       .initially = true, .allowed = READS | CHANGES);

/* What counts is where the socket was opened, and who uses it. */
RIGHTS(roots_socket_used_by_nobody, .opener = stay_root,
       .user = become_nobody, .initially = true, .allowed = READS);
RIGHTS(roots_socket_used_by_root_of_own_namespaces, .opener = stay_root,
       .user = become_root_of_own_namespaces, .initially = true,
       .allowed = READS);
RIGHTS(roots_socket_used_by_root_of_a_container, .opener = stay_root,
       .user = become_root_of_a_container, .initially = true, .allowed = ALL);
RIGHTS(containers_socket_used_by_root,
       .opener = become_root_of_own_namespaces, .user = stay_root,
       .allowed = READS | CHANGES);
/* Root who addresses the kernel knows what it does ... */
RIGHTS(nobodys_socket_used_by_root, .opener = become_nobody,
       .user = stay_root, .initially = true, .allowed = ALL);
/* ... and does not when it writes to a descriptor that it was given. */
RIGHTS(nobodys_socket_used_by_root_blindly, .opener = become_nobody,
       .user = stay_root, .initially = true, .allowed = READS,
       .blindly = BLINDLY);
RIGHTS(roots_socket_used_by_nobody_blindly, .opener = stay_root,
       .user = become_nobody, .initially = true, .allowed = READS,
       .blindly = BLINDLY);
RIGHTS(roots_socket_used_by_root_blindly, .opener = stay_root,
       .initially = true, .allowed = ALL, .blindly = BLINDLY);

/* The opener exits and leaves the socket to a child that was root all along. */
static bool hand_over(const FIXTURE_VARIANT(rights) *variant, int netns)
{
	int pair[2];
	struct genl *genl;
	pid_t pid;
	bool ok;

	genl = mmap(NULL, sizeof(*genl), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (genl == MAP_FAILED ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		die("handing over: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		union {
			struct cmsghdr cmsg;
			char buf[CMSG_SPACE(sizeof(int))];
		} control = {};
		struct iovec iov = { .iov_base = "", .iov_len = 1 };
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control),
		};
		int fd;

		netns_enter(netns);
		variant->opener();
		genl_open(genl);
		fd = mnl_socket_get_fd(genl->nl);
		control.cmsg.cmsg_level = SOL_SOCKET;
		control.cmsg.cmsg_type = SCM_RIGHTS;
		control.cmsg.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.cmsg), &fd, sizeof(fd));
		_exit(sendmsg(pair[0], &msg, 0) != 1);
	}
	if (!succeeded(pid))
		return false;

	pid = fork();
	if (!pid) {
		union {
			struct cmsghdr cmsg;
			char buf[CMSG_SPACE(sizeof(int))];
		} control;
		char byte;
		struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control),
		};
		int fd;

		if (recvmsg(pair[1], &msg, 0) != 1)
			die("taking over: %s", strerror(errno));
		memcpy(&fd, CMSG_DATA(&control.cmsg), sizeof(fd));
		genl->nl = mnl_socket_fdopen(fd);
		variant->user();
		_exit(!operate_all(genl, variant->allowed, variant->blindly,
				   variant->initially &&
				   !has_own(variant->opener)));
	}
	ok = succeeded(pid);
	close(pair[0]);
	close(pair[1]);
	munmap(genl, sizeof(*genl));
	return ok;
}

static bool by_itself(const FIXTURE_VARIANT(rights) *variant, int netns)
{
	pid_t pid = fork();

	if (!pid) {
		struct genl genl;

		netns_enter(netns);
		variant->opener();
		genl_open(&genl);
		_exit(!operate_all(&genl, variant->allowed, variant->blindly,
				   variant->initially &&
				   !has_own(variant->opener)));
	}
	return succeeded(pid);
}

TEST_F(rights, are_exactly_these)
{
	bool initially = variant->initially;
	struct status imposed;
	unsigned int i;

	EXPECT_TRUE(variant->user ?
		    hand_over(variant, initially ? self->initial : self->other) :
		    by_itself(variant, initially ? self->initial : self->other));
	/* Whoever un-assigns everywhere touches both. */
	if (variant->allowed & 1 << EVERYWHERE) {
		for (i = 0; i < 2; i++) {
			struct status status;

			ASSERT_EQ(0, status_get(&self->genl[i], &status));
			EXPECT_EQ(0, status.assigned);
		}
		ASSERT_EQ(0, status_get(&self->imposed, &imposed));
		EXPECT_EQ(0, imposed.assigned);
		return;
	}
	/* Nobody else lifts what is imposed, nor puts anything in its place. */
	ASSERT_EQ(0, status_get(&self->imposed, &imposed));
	EXPECT_EQ(0, memcmp(&self->lasting, &imposed, sizeof(imposed)));
	for (i = 0; i < 2; i++) {
		bool meant = i == !initially && !has_own(variant->opener);

		if (!meant || !(variant->allowed & CHANGES))
			check_untouched(_metadata, &self->genl[i],
					&self->before[i]);
	}
}

int main(int argc, char **argv)
{
	module_load();
	return test_harness_run(argc, argv);
}
