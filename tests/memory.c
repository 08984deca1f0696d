// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How much of the kernel's memory an unprivileged user can hold, who has made a
 * network namespace: no more than so much, all of it charged to the user's own
 * cgroup, and none when the namespace is gone.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"

#define NOBODY		65534
#define ROOT		"/sys/fs/cgroup"
#define CGROUP		ROOT "/sasser-test"
#define KIB		1024

/* Resets that nobody reads hold the counters that they have replaced: so many. */
#define UNREAD		16

/* A CPU tells the others of its changes once they are as many pages as these. */
#define FLUSHED		64

/* A port in each of the 256 pages of each of the four tables, 2,048 rows. */
static struct range many_ranges[SASSER_RANGES_MAX];
static struct filter many_filters[SASSER_FILTERS_MAX];

static const struct policy policy_largest = {
	"LARGEST", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, SASSER_FILTERS_MAX,
	many_filters,
};

/*
 * The dearest look-up by remote address: each of 256 filters has every port, in
 * pieces that begin elsewhere, and four prefixes of its own.
 */
static struct range prefixed_ranges[SASSER_RANGES_MAX];
static struct remote prefixed_remotes[SASSER_REMOTES_MAX];
static struct filter prefixed_filters[SASSER_FILTERS_MAX];

static const struct policy policy_prefixed = {
	"PREFIXED", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL,
	SASSER_FILTERS_MAX, prefixed_filters,
};

static void prefixed_make(void)
{
	unsigned int i, j;

	for (i = 0; i < SASSER_FILTERS_MAX; i++) {
		struct filter *f = &prefixed_filters[i];
		struct range *range = &prefixed_ranges[4 * i];
		struct remote *remote = &prefixed_remotes[4 * i];

		snprintf(f->name, sizeof(f->name), "p%03u-%058u", i, i);
		f->direction = SASSER_DIRECTION_BOTH;
		f->protocol = SASSER_PROTOCOL_TCP;
		f->action = 1 + i % 3;
		f->n_ranges = 4;
		f->range = range;
		f->n_remotes = 4;
		f->remote = remote;
		for (j = 0; j < 4; j++) {
			range[j].first = j ? range[j - 1].last + 1 : 1;
			range[j].last = j < 3 ? 16000 * (j + 1) + 7 * i : 65535;
			remote[j].family = j & 1 ? AF_INET6 : AF_INET;
			remote[j].len = 16 + j;
			remote[j].addr[0] = 32;
			remote[j].addr[1] = i;
		}
	}
}

static const struct range port_one[] = { { 1, 1 } };
static const struct filter filter_one = {
	"one", SASSER_DIRECTION_IN, SASSER_PROTOCOL_TCP, SASSER_ACTION_BLOCK,
	1, port_one,
};

static const struct policy policy_one = {
	"ONE", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 1, &filter_one,
};

static void policy_make(void)
{
	unsigned int i, j, n = 0;

	for (i = 0; i < SASSER_FILTERS_MAX; i++) {
		struct filter *f = &many_filters[i];

		snprintf(f->name, sizeof(f->name), "%03u-%059u", i, i);
		f->direction = SASSER_DIRECTION_BOTH;
		f->protocol = i & 1 ? SASSER_PROTOCOL_TCP : SASSER_PROTOCOL_UDP;
		f->action = SASSER_ACTION_BLOCK;
		f->range = &many_ranges[n];
		f->n_ranges = SASSER_RANGES_MAX / SASSER_FILTERS_MAX;
		for (j = 0; j < f->n_ranges; j++, n++) {
			uint16_t port = (i / 2 * f->n_ranges + j) % 256 * 256 +
					i / 128 + 1;

			many_ranges[n] = (struct range){ port, port };
		}
	}
}

static void write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die("%s: %s", path, strerror(errno));
	close(fd);
}

/* Of memory.stat. Return: -1 if this kernel has no such line */
static long stat_of(const char *key)
{
	FILE *file = fopen(CGROUP "/memory.stat", "re");
	char name[64];
	long value, found = -1;

	if (!file)
		die(CGROUP "/memory.stat: %s", strerror(errno));
	while (fscanf(file, "%63s %ld", name, &value) == 2)
		if (!strcmp(name, key))
			found = value;
	fclose(file);
	return found;
}

static long current_of(const char *name)
{
	char path[256];
	long value;
	FILE *file;

	snprintf(path, sizeof(path), CGROUP "/%s", name);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%ld", &value) != 1)
		die("%s: %s", path, strerror(errno));
	fclose(file);
	return value;
}

struct usage {
	long kernel;
	long percpu;
};

/* Has many pages charged on this CPU, and given back. */
static void churn(size_t pages)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, pages * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	if (map == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	for (i = 0; i < pages; i++)
		map[i * page] = 1;
	munmap(map, pages * page);
}

/*
 * Numbers are gathered from all CPUs when somebody reads them and many pages
 * have changed, or else every two seconds; but that timer does not wake a CPU
 * that is idle (memcg_vmstats_needs_flush() and DEFERRABLE_WORK in
 * mm/memcontrol.c of 6.x). So many pages change, on each of them.
 */
static void gather(void)
{
	const long cpus = sysconf(_SC_NPROCESSORS_CONF);
	pid_t pid = fork();
	int status;
	long cpu;

	if (!pid) {
		write_file(CGROUP "/cgroup.procs", "0");
		for (cpu = 0; cpu < cpus; cpu++) {
			cpu_set_t set;

			CPU_ZERO(&set);
			CPU_SET(cpu, &set);
			/* one that is offline has nothing to tell */
			if (!sched_setaffinity(0, sizeof(set), &set))
				churn(2 * FLUSHED * (cpus + 1));
		}
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die("cannot have the cgroup's numbers gathered");
}

/*
 * What the kernel has charged for itself. Older ones do not tell, and what is
 * left of everything there may be off by what each CPU keeps in reserve.
 */
static struct usage usage(void)
{
	struct usage usage;

	usleep(1000000);	/* what waits for a grace period is freed */
	gather();
	usage.kernel = stat_of("kernel");
	if (usage.kernel < 0)
		usage.kernel = current_of("memory.current") -
			       stat_of("anon") - stat_of("file");
	usage.percpu = stat_of("percpu");
	return usage;
}

/* An unprivileged user with a namespace of its own, who does as told. */
FIXTURE(memory) {
	pid_t pid;
	int told;		/* a byte each */
	int asked;
	long slack;
	long percpu_slack;
	unsigned int debug;	/* factor: such a kernel pads what it gives */
};

static void user(int orders, int done)
{
	static struct policy trial;
	static struct genl genl, unread[UNREAD + 1];
	unsigned int i;
	char order, buf[256];
	int err = 0;
	bool end;

	if (setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY) ||
	    unshare(CLONE_NEWUSER | CLONE_NEWNET))
		die("own namespaces: %s", strerror(errno));
	genl_open(&genl);
	for (i = 0; i <= UNREAD; i++)
		genl_open_room(&unread[i], 4096);

	do {
		if (write(done, err ? "!" : ".", 1) != 1 ||
		    read(orders, &order, 1) != 1)
			_exit(1);
		switch (order) {
		case 's':
			err = policy_set(&genl, &policy_sasser);
			break;
		case 'l':
			err = policy_set(&genl, &policy_largest);
			break;
		case 'r':
			for (i = 0; i <= UNREAD && !err; i++) {
				genl_send(&unread[i], genl_request(&unread[i],
					  buf, SASSER_CMD_COUNTER_RESET,
					  NLM_F_DUMP));
				err = genl_recv(&unread[i], counter_cb,
						calloc(1, sizeof(struct counters)),
						&end);
			}
			/* one more than there may be */
			err = i > UNREAD && err == -EBUSY ? 0 : -EPROTO;
			break;
		case 'c':
			for (i = 0; i <= UNREAD; i++)
				genl_close(&unread[i]);
			break;
		case 'p':
			err = policy_set(&genl, &policy_prefixed);
			break;
		case 't':		/* and the one before is kept */
			trial = policy_largest;
			trial.confirm = SASSER_CONFIRM_MAX;
			err = policy_set(&genl, &trial);
			break;
		case 'n':		/* and the one before is left open */
			netns_here();
			err = unshare(CLONE_NEWNET) ? -errno : 0;
			break;
		case 'o':
			err = policy_set(&genl, &policy_one);
			break;
		case 'u':
			err = policy_clear(&genl, false);
			break;
		}
	} while (order != 'x');
	_exit(0);
}

/* Return: what it has led to */
static struct usage tell(struct __test_metadata *_metadata,
			 FIXTURE_DATA(memory) *self, char order)
{
	char done;

	EXPECT_EQ(1, write(self->told, &order, 1));
	ASSERT_EQ(1, read(self->asked, &done, 1));
	EXPECT_EQ('.', done) {
		TH_LOG("order %c failed", order);
	}
	return usage();
}

FIXTURE_SETUP(memory)
{
	int orders[2], done[2];
	char byte;

	write_file(ROOT "/cgroup.subtree_control", "+memory");
	ASSERT_EQ(0, mkdir(CGROUP, 0755));
	ASSERT_EQ(0, pipe2(orders, O_CLOEXEC));
	ASSERT_EQ(0, pipe2(done, O_CLOEXEC));
	self->pid = fork();
	if (!self->pid) {
		close(orders[1]);
		close(done[0]);
		write_file(CGROUP "/cgroup.procs", "0");
		user(orders[0], done[1]);
	}
	close(orders[0]);
	close(done[1]);
	self->told = orders[1];
	self->asked = done[0];
	ASSERT_EQ(1, read(self->asked, &byte, 1));
	/* Such a kernel brings each number up to date every 32 pages and CPU. */
	if (stat_of("kernel") < 0) {
		self->slack = 512 * KIB;
		self->percpu_slack = sysconf(_SC_NPROCESSORS_CONF) * 128 * KIB;
	}
	self->debug = access("/proc/thread-self/fail-nth", F_OK) ? 1 : 2;
}

/* The controller is as it was, too. */
FIXTURE_TEARDOWN(memory)
{
	double began = seconds();

	close(self->told);
	close(self->asked);
	while (rmdir(CGROUP) && seconds() - began < 20)
		usleep(50000);
	EXPECT_NE(0, access(CGROUP, F_OK));
	write_file(ROOT "/cgroup.subtree_control", "-memory");
}

#define PRINT(what, usage)						\
	fprintf(stderr, "# memory: %s %ld KiB, per CPU %ld KiB of these\n", \
		what, (usage).kernel / KIB, (usage).percpu / KIB)

static struct usage minus(struct usage a, struct usage b)
{
	return (struct usage){ a.kernel - b.kernel, a.percpu - b.percpu };
}

TEST_F_TIMEOUT(memory, is_bounded_and_charged_to_the_user, 300)
{
	const struct usage before = usage();
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	struct usage now, largest, prefixed;
	double began;
	int status;

	/* What DESIGN promises for two CPUs. */
	now = minus(tell(_metadata, self, 's'), before);
	PRINT("SASSER", now);
	EXPECT_LT(0, now.percpu + self->percpu_slack);
	EXPECT_GE(32 * KIB * self->debug + self->slack, now.kernel);

	largest = minus(tell(_metadata, self, 'l'), before);
	PRINT("the largest policy", largest);
	/* The charge is there: 2,049 rows of 40 bytes a CPU, four tables. The rows
	 * stand in the policy and in its block of counters, 64 KiB each.
	 */
	EXPECT_LE(2049 * 40 * cpus, largest.percpu + self->percpu_slack);
	EXPECT_LE(2049 * 40 * cpus + 4 * 128 * KIB,
		  largest.kernel + self->slack);
	/* And there is no more of it; a table takes 256 KiB, being over 128. */
	EXPECT_GE((1408 + 160 * cpus) * KIB * self->debug + self->slack,
		  largest.kernel);

	now = minus(tell(_metadata, self, 'r'), before);
	PRINT("and with 16 resets that nobody reads", now);
	EXPECT_LE(largest.percpu + UNREAD * 2049 * 40 * cpus,
		  now.percpu + self->percpu_slack);
	EXPECT_GE(largest.kernel + UNREAD * (128 + 240 * cpus) * KIB *
		  self->debug + self->slack, now.kernel);

	now = minus(tell(_metadata, self, 'c'), before);
	PRINT("when these are closed", now);
	EXPECT_GE(largest.kernel + 32 * KIB + self->slack, now.kernel);

	prefixed = minus(tell(_metadata, self, 'p'), before);
	PRINT("256 filters with all ports and 1,024 prefixes", prefixed);
	EXPECT_LE(2049 * 40 * cpus, prefixed.percpu + self->percpu_slack);
	/* the filters of each of about 1,024 pieces of the ports, twice */
	EXPECT_LE(2049 * 40 * cpus + 2 * 512 * KIB,
		  prefixed.kernel + self->slack);
	EXPECT_GE((2304 + 160 * cpus) * KIB * self->debug + self->slack,
		  prefixed.kernel);

	now = minus(tell(_metadata, self, 't'), before);
	PRINT("the largest policy on trial besides", now);
	EXPECT_LE(prefixed.percpu + 2048 * 40 * cpus,
		  now.percpu + self->percpu_slack);
	EXPECT_GE(prefixed.kernel + largest.kernel + 64 * KIB + self->slack,
		  now.kernel);

	now = minus(tell(_metadata, self, 'o'), before);
	PRINT("a policy of one port instead", now);
	EXPECT_GE(32 * KIB * self->debug + self->slack, now.kernel);

	now = minus(tell(_metadata, self, 'u'), before);
	PRINT("and un-assigned, which keeps its counters", now);
	EXPECT_GE(32 * KIB * self->debug + self->slack, now.kernel);

	EXPECT_EQ(1, write(self->told, "x", 1));
	ASSERT_EQ(self->pid, waitpid(self->pid, &status, 0));
	EXPECT_EQ(0, status);
	/* A namespace ends some time after its last user. */
	began = seconds();
	do {
		now = usage();
	} while ((now.kernel > before.kernel || now.percpu > before.percpu) &&
		 seconds() - began < 60);
	PRINT("with the namespace gone", minus(now, before));
	EXPECT_GE(before.kernel + self->slack, now.kernel);
	/* The allocator keeps a chunk that has become empty. */
	EXPECT_GE(before.percpu + self->percpu_slack, now.percpu);
}

/* What is imposed on a namespace is charged to who makes it: its counters. */
TEST_F_TIMEOUT(memory, of_what_is_imposed_is_bounded_and_charged, 300)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	struct usage before, bare, now;
	struct policy policy = policy_prefixed;
	struct genl genl;
	int status;

	before = usage();
	bare = minus(tell(_metadata, self, 'n'), before);
	PRINT("a namespace", bare);

	genl_open(&genl);
	policy.scope = SASSER_SCOPE_EVERYWHERE;
	ASSERT_EQ(0, policy_set(&genl, &policy));
	before = usage();
	now = minus(minus(tell(_metadata, self, 'n'), before), bare);
	PRINT("and on another one a policy imposed besides", now);
	EXPECT_LE(2049 * 40 * cpus, now.percpu + self->percpu_slack);
	EXPECT_GE((192 + 240 * cpus) * KIB * self->debug + self->slack,
		  now.kernel);

	/* It goes with the policy, while the namespaces stay. */
	ASSERT_EQ(0, policy_set(&genl, &policy_one));
	ASSERT_EQ(0, policy_clear(&genl, false));
	now = minus(minus(usage(), before), bare);
	PRINT("and when it was un-assigned, which keeps its counters", now);
	EXPECT_GE((192 + 240 * cpus) * KIB * self->debug + self->slack,
		  now.kernel);
	genl_close(&genl);
	EXPECT_EQ(1, write(self->told, "x", 1));
	ASSERT_EQ(self->pid, waitpid(self->pid, &status, 0));
	EXPECT_EQ(0, status);
}

int main(int argc, char **argv)
{
	module_load();
	policy_make();
	prefixed_make();
	return test_harness_run(argc, argv);
}
