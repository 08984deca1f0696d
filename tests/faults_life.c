// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of the module and of namespaces in want of memory: one allocation
 * after the other fails while the module is loaded and unloaded, and while
 * namespaces come and go. Most of these are the kernel's own; what counts is
 * that the module is there whole or not at all, and that nobody else's policy
 * is touched.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>

#include <kselftest_harness.h>

#include "fault.h"
#include "wire.h"

#define WORKERS_MAX	256
#define FAULTS_OF_A_REVERT	10

static struct wire wire;
static char module[256];		/* path */
static int initial_netns;

/* To the host's port 445. Return: was it answered? */
static bool is_answered(void)
{
	struct flow flow = wire_flow(&wire, AF_INET, 445);
	struct packet packet;

	tcp_packet(&packet, &flow, TCP_SYN, 0);
	return wire_probe(&wire, &flow, &packet, 1, false);
}

static void module_find(void)
{
	FILE *modinfo = popen("modinfo -n nf_sasser", "r");

	if (!modinfo || !fgets(module, sizeof(module), modinfo))
		die("modinfo finds no nf_sasser");
	module[strcspn(module, "\n")] = '\0';
	pclose(modinfo);
}

/* Return: 0 or a negative errno */
static int module_insert(unsigned int nth, bool *injected)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		die("%s: %s", module, strerror(errno));
	fault_arm(nth);
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	*injected = fault_disarm();
	close(fd);
	return err;
}

static int module_remove(unsigned int nth, bool *injected)
{
	int err;

	fault_arm(nth);
	err = syscall(SYS_delete_module, "nf_sasser", O_NONBLOCK) ? -errno : 0;
	*injected = fault_disarm();
	return err;
}

/* All of the module is there and works, or nothing of it. */
static void check_module(struct __test_metadata *_metadata, bool there)
{
	struct genl genl;

	EXPECT_EQ(there ? 0 : -1, access("/sys/module/nf_sasser", F_OK));
	EXPECT_EQ(there ? 0 : -ENOENT, genl_find(&genl, GENL_ROOM));
	if (genl.nl) {
		EXPECT_EQ(0, policy_set(&genl, &policy_sasser));
		EXPECT_EQ(0, policy_clear(&genl, false));
		genl_close(&genl);
	}
}

FIXTURE(module) {
	bool none;
};

/* The tests' own sockets keep nothing of it. */
FIXTURE_SETUP(module)
{
	fault_setup();
	ASSERT_EQ(0, module_remove(UINT32_MAX, &self->none));
	check_module(_metadata, false);
}

FIXTURE_TEARDOWN(module)
{
	ASSERT_EQ(0, module_insert(UINT32_MAX, &self->none));
	check_module(_metadata, true);
}

TEST_F_TIMEOUT(module, is_loaded_whole_or_not_at_all, 3600)
{
	bool injected = true, none;
	unsigned int n;
	int err = 0;

	for (n = 1; injected; n++) {
		err = module_insert(n, &injected);
		check_module(_metadata, !err);
		if (!err)
			EXPECT_EQ(0, module_remove(UINT32_MAX, &none));
		CHECK_OR_RETURN(n, err);
	}
	EXPECT_EQ(0, err);
	EXPECT_FAULTS(100, n - 2, "load the module");
}

TEST_F_TIMEOUT(module, is_unloaded, 1800)
{
	bool injected = true, none;
	unsigned int n;
	int err = 0;

	for (n = 1; injected; n++) {
		ASSERT_EQ(0, module_insert(UINT32_MAX, &none));
		err = module_remove(n, &injected);
		EXPECT_EQ(0, err);
		check_module(_metadata, false);
		CHECK_OR_RETURN(n, err);
	}
	EXPECT_FAULTS(5, n - 2, "unload the module");
}

FIXTURE(netns) {
	int here;
	struct genl initial;
	struct genl host;
};

FIXTURE_SETUP(netns)
{
	struct status status;

	fault_setup();
	self->here = netns_here();
	netns_enter(initial_netns);
	genl_open(&self->initial);
	netns_enter(self->here);
	genl_open(&self->host);
	ASSERT_EQ(0, policy_set(&self->host, &policy_sasser));
	ASSERT_EQ(0, status_get(&self->initial, &status));
	EXPECT_EQ(1, status.namespaces);
	EXPECT_FALSE(is_answered());
}

FIXTURE_TEARDOWN(netns)
{
	struct status status;

	/* The list of namespaces is whole. */
	EXPECT_EQ(0, policy_clear(&self->initial, true));
	ASSERT_EQ(0, status_get(&self->host, &status));
	EXPECT_EQ(0, status.assigned);
	EXPECT_TRUE(is_answered());
	genl_close(&self->host);
	genl_close(&self->initial);
	close(self->here);
}

/* Only the host's policy is assigned, once namespaces are gone. */
static void check_host(struct __test_metadata *_metadata,
		       struct genl *initial, struct genl *host)
{
	double began = seconds();
	struct status status;

	do {
		ASSERT_EQ(0, status_get(initial, &status));
	} while (status.namespaces != 1 && seconds() - began < 60 &&
		 !usleep(10000));
	EXPECT_EQ(1, status.namespaces);
	ASSERT_EQ(0, status_get(host, &status));
	EXPECT_EQ(1, status.assigned);
	EXPECT_FALSE(is_answered());
}

/* In a new namespace: nothing was ever assigned, and it can be. */
static void check_new(struct __test_metadata *_metadata)
{
	struct status status;
	struct genl genl;

	genl_open(&genl);
	ASSERT_EQ(0, status_get(&genl, &status));
	EXPECT_EQ(0, status.assigned);
	EXPECT_EQ(0, status.generation);
	EXPECT_EQ(0, policy_set(&genl, &policy_sasser));
	genl_close(&genl);
}

TEST_F_TIMEOUT(netns, is_made, 3600)
{
	bool injected = true;
	unsigned int n;
	int err = 0;

	for (n = 1; injected; n++) {
		fault_arm(n);
		err = unshare(CLONE_NEWNET) ? -errno : 0;
		injected = fault_disarm();
		if (!err) {
			check_new(_metadata);
			netns_enter(self->here);
		}
		check_host(_metadata, &self->initial, &self->host);
		CHECK_OR_RETURN(n, err);
	}
	EXPECT_EQ(0, err);
	EXPECT_FAULTS(100, n - 2, "make a namespace");
}

/*
 * A namespace is torn down, and a trial reverted, by one of some workers of the
 * kernel, so each of them gets the fault. Return: how many
 */
static unsigned int workers_arm(int *workers, const char *kind,
				unsigned int nth)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned int n = 0;

	if (!proc)
		die("/proc: %s", strerror(errno));
	while ((entry = readdir(proc)) && n < WORKERS_MAX) {
		char path[300], comm[16] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, comm, sizeof(comm) - 1) < 0)
			comm[0] = '\0';
		close(fd);
		if (strncmp(comm, kind, strlen(kind)))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/fail-nth",
			 entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (dprintf(fd, "%u", nth) > 0)
			workers[n++] = fd;
		else
			close(fd);
	}
	closedir(proc);
	return n;
}

/* Return: did one of them meet the fault? */
static bool workers_disarm(const int *workers, unsigned int n)
{
	bool injected = false;
	char left[16];

	while (n--) {
		memset(left, 0, sizeof(left));
		/* A worker may have ended. */
		if (pread(workers[n], left, sizeof(left) - 1, 0) > 0) {
			injected |= !atoi(left);
			pwrite(workers[n], "0", 1, 0);
		}
		close(workers[n]);
	}
	return injected;
}

TEST_F_TIMEOUT(netns, goes_with_its_policy, 1800)
{
	unsigned int n, n_workers;
	int workers[WORKERS_MAX];
	bool injected = true;

	for (n = 1; injected; n++) {
		ASSERT_EQ(0, unshare(CLONE_NEWNET));
		check_new(_metadata);
		n_workers = workers_arm(workers, "kworker/u", n);
		ASSERT_LT(0, n_workers);
		netns_enter(self->here);
		check_host(_metadata, &self->initial, &self->host);
		injected = workers_disarm(workers, n_workers);
		CHECK_OR_RETURN(n, 0);
	}
	EXPECT_FAULTS(1, n - 2, "tear a namespace down");
}

/* Return: was it told of the revert? Otherwise it was told of a loss. */
static bool hears_revert(struct __test_metadata *_metadata,
			 struct genl *listener)
{
	int fd = mnl_socket_get_fd(listener->nl);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct status event = {};
	socklen_t len = sizeof(int);
	int err = 0;

	EXPECT_EQ(1, poll(&pfd, 1, 60000));
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err) {
		EXPECT_EQ(ENOBUFS, err);
		return false;
	}
	EXPECT_TRUE(genl_event(listener, &event, 0));
	EXPECT_EQ(SASSER_EVENT_REVERTED, event.event);
	return true;
}

/*
 * A revert needs no memory, but to tell of it: whichever allocation fails
 * meanwhile, it comes, and what was in force is again. It is the work of one of
 * all workers, which have other work, too, so that it can't be said when there
 * are no more.
 */
TEST_F_TIMEOUT(netns, goes_back_from_a_trial, 600)
{
	struct policy trial = policy_sasser_observe;
	struct status before, status;
	int workers[WORKERS_MAX];
	unsigned int n, n_workers, met = 0, untold = 0;
	struct genl listener;
	double began;

	trial.confirm = 1;
	for (n = 1; n <= FAULTS_OF_A_REVERT; n++) {
		ASSERT_EQ(0, policy_set(&self->host, &trial));
		ASSERT_EQ(0, status_get(&self->host, &before));
		EXPECT_TRUE(is_answered());
		genl_open(&listener);
		genl_join(&listener);
		n_workers = workers_arm(workers, "kworker/", n);
		ASSERT_LT(0, n_workers);
		began = seconds();
		do {
			ASSERT_EQ(0, status_get(&self->host, &status));
		} while (status.has & 1U << SASSER_A_CONFIRM &&
			 seconds() - began < 60 && !usleep(20000));
		untold += !hears_revert(_metadata, &listener);
		met += workers_disarm(workers, n_workers);
		genl_close(&listener);
		EXPECT_EQ(before.generation + 1, status.generation);
		EXPECT_EQ(SASSER_MODE_ENFORCE, status.mode);
		EXPECT_EQ(1, status.assigned);
		EXPECT_FALSE(is_answered());
		CHECK_OR_RETURN(n, 0);
	}
	/* Some of these are the revert's own, which can tell of it no more. */
	EXPECT_FAULTS(1, met, "go back from a trial, and other work");
	EXPECT_FAULTS(1, untold, "go back from a trial, untold");
}

/* What is imposed on the host's namespace and another one. */
FIXTURE(imposed) {
	int here;
	int netns[2];
	struct genl initial;
	struct genl on[2];
};

FIXTURE_SETUP(imposed)
{
	unsigned int i;

	fault_setup();
	self->here = netns_here();
	self->netns[0] = netns_here();
	self->netns[1] = netns_new();
	for (i = 0; i < 2; i++) {
		netns_enter(self->netns[i]);
		genl_open(&self->on[i]);
		self->on[i].imposed = true;
	}
	netns_enter(initial_netns);
	genl_open(&self->initial);
	netns_enter(self->here);
	EXPECT_TRUE(is_answered());
}

FIXTURE_TEARDOWN(imposed)
{
	unsigned int i;

	EXPECT_EQ(0, policy_clear(&self->initial, true));
	EXPECT_TRUE(is_answered());
	for (i = 0; i < 2; i++) {
		genl_close(&self->on[i]);
		close(self->netns[i]);
	}
	genl_close(&self->initial);
	close(self->here);
}

/* Its answer may be lost for want of memory, and is not waited for. */
static int set_impatiently(struct genl *genl, const struct policy *policy,
			   unsigned int nth, bool *injected)
{
	const struct timeval patience = { .tv_sec = 1 };
	int err;

	setsockopt(mnl_socket_get_fd(genl->nl), SOL_SOCKET, SO_RCVTIMEO,
		   &patience, sizeof(patience));
	fault_arm(nth);
	err = policy_set(genl, policy);
	*injected = fault_disarm();
	return err;
}

static void check_imposed(struct __test_metadata *_metadata,
			  struct genl *initial, struct genl *on, bool imposed)
{
	struct status status;
	unsigned int i;

	ASSERT_EQ(0, status_get(initial, &status));
	EXPECT_EQ(imposed, status.assigned);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, status_get(&on[i], &status));
		EXPECT_EQ(imposed, status.assigned);
		EXPECT_EQ(imposed, status.has >> SASSER_A_IMPOSED & 1);
	}
	EXPECT_EQ(!imposed, is_answered());
}

/* On all of them or none, with or without a trial. */
TEST_F_TIMEOUT(imposed, on_all_or_none, 1800)
{
	struct policy policy = policy_sasser;
	bool injected = true;
	struct status status;
	unsigned int n;
	struct genl genl;
	int err = 0;

	policy.scope = SASSER_SCOPE_EVERYWHERE;
	for (n = 1; injected; n++) {
		policy.confirm = n & 1 ? 0 : 10000;
		ASSERT_EQ(0, policy_clear(&self->initial, false));
		netns_enter(initial_netns);
		genl_open(&genl);
		netns_enter(self->here);
		err = set_impatiently(&genl, &policy, n, &injected);
		genl_close(&genl);
		ASSERT_EQ(0, status_get(&self->initial, &status));
		EXPECT_TRUE(status.assigned ? err != -ENOMEM : err != 0);
		check_imposed(_metadata, &self->initial, self->on,
			      status.assigned);
		CHECK_OR_RETURN(n, err);
	}
	EXPECT_EQ(0, err);
	EXPECT_FAULTS(10, n - 2, "impose on two namespaces");
}

/* A new namespace has what is imposed, or there is none. */
TEST_F_TIMEOUT(imposed, on_a_new_namespace_or_it_is_not_made, 3600)
{
	struct policy policy = policy_sasser;
	struct status status;
	bool injected = true;
	unsigned int n;
	struct genl genl;
	int err = 0;

	/* The way back from a trial is made for it, too. */
	policy.scope = SASSER_SCOPE_EVERYWHERE;
	ASSERT_EQ(0, policy_set(&self->initial, &policy));
	policy.mode = SASSER_MODE_ENFORCE;
	policy.confirm = 80000;
	ASSERT_EQ(0, policy_set(&self->initial, &policy));
	for (n = 1; injected; n++) {
		fault_arm(n);
		err = unshare(CLONE_NEWNET) ? -errno : 0;
		injected = fault_disarm();
		if (!err) {
			genl_open(&genl);
			genl.imposed = true;
			ASSERT_EQ(0, status_get(&genl, &status));
			EXPECT_EQ(1, status.assigned);
			EXPECT_STREQ("SASSER", status.policy);
			genl_close(&genl);
			netns_enter(self->here);
		}
		check_imposed(_metadata, &self->initial, self->on, true);
		CHECK_OR_RETURN(n, err);
	}
	EXPECT_EQ(0, err);
	EXPECT_FAULTS(100, n - 2, "make a namespace where a policy is imposed");
}

/*
 * Tunnels that each new namespace would get unasked are thousands of allocations,
 * none of them with anything of the module's behind it.
 */
static void without_tunnels(void)
{
	int fd = open("/proc/sys/net/core/fb_tunnels_only_for_init_net",
		      O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) != 1)
		die("fb_tunnels_only_for_init_net: %s", strerror(errno));
	close(fd);
}

int main(int argc, char **argv)
{
	fault_setup();
	without_tunnels();
	module_find();
	initial_netns = netns_here();
	wire_setup(&wire);
	return test_harness_run(argc, argv);
}
