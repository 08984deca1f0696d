// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random requests to the family, from right to rubbish. After each the module
 * must be in the state that a model of <linux/sasser.h> says, and have answered
 * so. Where KCOV is, requests that ran new code are changed further.
 *
 *	fuzz_netlink [SECONDS[,SEED]]
 *
 * An execution is repeated by its seed; how far it got stands in the kernel's
 * log, so that a crash shows it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "fuzz.h"
#include "fuzz_exchange.h"
#include "fuzz_kcov.h"
#include "fuzz_message.h"
#include "fuzz_model.h"
#include "fuzz_state.h"
#include "genl.h"
#include "netns.h"

#define FIRST		16	/* requests that the corpus begins with */
#define NOBODY		65534
#define WHYS_MAX	64
#define FEW_WHYS	8	/* so many there are after seconds */

enum where {
	INITIAL_NAMESPACE,
	OWN_NAMESPACE,
	USER_NAMESPACE,
	UNPRIVILEGED,
	WHERES
};

/* Of the time, in percent. Where all is refused less is to be found. */
static const double shares[WHERES] = {
	[INITIAL_NAMESPACE] = 30, [OWN_NAMESPACE] = 30, [USER_NAMESPACE] = 30,
	[UNPRIVILEGED] = 10,
};

static struct fuzz_options options;

/* What the tests leave to those after them. */
static struct result {
	unsigned long executions[WHERES];
	unsigned long accepted[WHERES];
	unsigned long refused[WHERES];
	unsigned long imposed;		/* so often something was */
	unsigned long reverted;		/* trials that were not confirmed */
	unsigned int corpus;
	unsigned int grown;		/* by new code after the first ones */
	unsigned int n_whys;		/* different messages of refusals */
	char why[WHYS_MAX][80];
	bool kcov;
	unsigned int first_pcs;		/* of the first requests */
	struct pcs pcs;
} *result;

/* One test's. */
static struct run {
	enum where where;
	struct asker asker;
	unsigned long execution;
	struct chance r;
	struct genl genl;		/* asks */
	struct genl checker;
	struct genl listener;
	struct genl elsewhere;		/* in the initial part: imposed on */
	struct kcov kcov;
	struct pcs pcs;
	struct corpus corpus;
	struct state state;
	int kmsg;
	double said;
} run_;

static struct message message;
static struct exchange exchange;
static struct side side;
static struct whole_policy set;

/* Where it was, if it ends otherwise than it should. */
static void say_where(void)
{
	if (!run_.execution)
		return;
	printf("# seed %ju, part %u, execution %lu\n",
	       (uintmax_t)options.seed, run_.where, run_.execution);
	fuzz_hex("last datagram", exchange.data,
		 exchange.len < 1024 ? exchange.len : 1024);
}

static void say_progress(struct run *run)
{
	char line[128];
	int len;

	if (seconds() < run->said + 1)
		return;
	run->said = seconds();
	len = snprintf(line, sizeof(line),
		       "fuzz_netlink: seed %ju, part %u, execution %lu\n",
		       (uintmax_t)options.seed, run->where, run->execution);
	if (write(run->kmsg, line, len) < 0)
		fputs(line, stderr);
}

/* Mostly one, sometimes several at once. */
static void make_datagram(struct run *run)
{
	struct chance *r = &run->r;
	unsigned int n = chance_percent(r, 90) ? 1 : 2 + chance_below(r, 3);

	exchange.len = 0;
	while (n-- && exchange.len + MESSAGE_MAX + NLMSG_ALIGNTO <=
		      DATAGRAM_MAX) {
		if (run->corpus.n >= FIRST && chance_percent(r, 50))
			message_change(r, &message, &run->corpus);
		else
			message_make(r, &message, run->genl.family,
				     run->state.generation);
		exchange_put(&exchange, message.data, message.len);
	}
	exchange_number(&exchange, run->genl.family, &run->genl.seq);
	exchange_end_at_trial(&exchange, &run->asker, &set);
}

static void note_why(const char *why)
{
	unsigned int i;

	for (i = 0; i < result->n_whys; i++)
		if (!strcmp(result->why[i], why))
			return;
	if (*why && i < WHYS_MAX)
		snprintf(result->why[result->n_whys++], sizeof(*result->why),
			 "%s", why);
}

/* Return: did each message fare as the model says? The state follows. */
static bool answers_are_right(struct run *run)
{
	bool dumped = false;
	unsigned int i;

	for (i = 0; i < exchange.n; i++) {
		const struct answer *a = &exchange.answer[i];
		struct fated f = model_message(exchange.data + a->at,
					       exchange.data + exchange.len,
					       &run->asker, &set);

		if ((f.fate == FATE_DONE || f.fate == FATE_EITHER) &&
		    state_refuses(&run->state, &f))
			f.fate = FATE_REFUSED;
		if (!answer_is_right(a, &f, dumped))
			return false;
		dumped |= f.dump;
		if (a->err) {
			result->refused[run->where]++;
			note_why(a->why);
			continue;
		}
		result->accepted[run->where]++;
		if (f.fate != FATE_NOTHING)
			state_apply(&run->state, &f, &set);
	}
	return true;
}

static bool trial_is_right(struct run *run)
{
	struct state *state = &run->state;
	bool wait;

	if (!state->on_trial ||
	    state->set.policy.confirm >= MESSAGE_LONG_TRIAL)
		return true;
	wait = state->set.policy.confirm <= 2 && chance_percent(&run->r, 30);
	return state_end_trial(state, &run->checker, wait);
}

static bool state_is_right(struct run *run, bool dumps)
{
	return state_check(&run->state, &run->checker, &run->asker, dumps) &&
	       state_check_events(&run->state, &run->listener) &&
	       (!run->asker.initial ||
		state_check_imposed(&run->state, &run->elsewhere, dumps));
}

/* Return: were all promises kept? */
static bool execute(struct run *run)
{
	uint64_t generation = run->state.generation;
	unsigned int found;
	bool ok;

	run->execution++;
	result->executions[run->where]++;
	make_datagram(run);
	if (chance_percent(&run->r, 20))
		side_dump(&side, &run->r);

	kcov_begin(&run->kcov);
	exchange_send(&exchange, &run->genl, &run->r);
	ok = exchange_receive(&exchange, &run->genl);
	found = kcov_end(&run->kcov, &run->pcs, &result->pcs);

	ok = ok && answers_are_right(run) && trial_is_right(run) &&
	     state_is_right(run, generation != run->state.generation ||
				 chance_percent(&run->r, 6));
	result->imposed += run->state.imposed;
	if ((found || run->execution <= FIRST) && exchange.n == 1)
		corpus_add(&run->corpus, &message);
	result->grown += found && run->execution > FIRST;
	if (!ok)
		say_where();
	say_progress(run);
	return ok;
}

/* One that nobody confirms, so that there is one in the shortest run, too. */
static bool try_a_trial(struct run *run)
{
	const struct fated fated = { .cmd = SASSER_CMD_POLICY_SET };

	set.policy = policy_sasser;
	set.policy.confirm = 1;
	if (run->asker.initial)
		set.policy.scope = SASSER_SCOPE_EVERYWHERE;
	if (policy_set(&run->checker, &set.policy))
		die("assigning SASSER on trial");
	state_apply(&run->state, &fated, &set);
	result->imposed += run->state.imposed;
	result->reverted++;
	return state_end_trial(&run->state, &run->checker, true) &&
	       state_is_right(run, true);
}

/* Root of a user namespace, in a network namespace of its own. */
static void enter_user_namespace(void)
{
	static const char *const files[][2] = {
		{ "/proc/self/uid_map", "0 0 1" },
		{ "/proc/self/setgroups", "deny" },
		{ "/proc/self/gid_map", "0 0 1" },
	};
	unsigned int i;
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		die("a user namespace: %s", strerror(errno));
	for (i = 0; i < ARRAY_LEN(files); i++) {
		fd = open(files[i][0], O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, files[i][1], strlen(files[i][1])) < 0)
			die("%s: %s", files[i][0], strerror(errno));
		close(fd);
	}
}

static void run_begin(struct run *run, enum where where)
{
	run->where = where;
	run->asker.privileged = where != UNPRIVILEGED;
	run->asker.initial = where == INITIAL_NAMESPACE;
	chance_seed(&run->r, options.seed + where);
	run->kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	kcov_open(&run->kcov);
	result->kcov |= run->kcov.fd >= 0;

	if (where == INITIAL_NAMESPACE) {
		int here = netns_here();

		netns_enter(netns_new());
		genl_open(&run->elsewhere);
		run->elsewhere.imposed = true;
		netns_enter(here);
	}
	if (where == USER_NAMESPACE)
		enter_user_namespace();
	else if (where != INITIAL_NAMESPACE)
		netns_enter(netns_new());
	genl_open(&run->checker);
	if (where == UNPRIVILEGED) {
		/* something to lose */
		if (policy_set(&run->checker, &policy_sasser))
			die("assigning SASSER");
		if (seteuid(NOBODY))
			die("seteuid: %s", strerror(errno));
	}
	genl_open(&run->genl);
	genl_open(&run->listener);
	genl_join(&run->listener);
	state_begin(&run->state, &run->checker,
		    where == UNPRIVILEGED ? &policy_sasser : NULL);
}

FIXTURE(requests) {
};

FIXTURE_VARIANT(requests) {
	enum where where;
};

FIXTURE_VARIANT_ADD(requests, in_the_initial_namespace) {
	.where = INITIAL_NAMESPACE,
};

FIXTURE_VARIANT_ADD(requests, in_another_namespace) {
	.where = OWN_NAMESPACE,
};

FIXTURE_VARIANT_ADD(requests, of_root_in_a_user_namespace) {
	.where = USER_NAMESPACE,
};

FIXTURE_VARIANT_ADD(requests, of_an_unprivileged_user) {
	.where = UNPRIVILEGED,
};

FIXTURE_SETUP(requests)
{
	run_begin(&run_, variant->where);
}

FIXTURE_TEARDOWN(requests)
{
	side_close(&side);
	kcov_close(&run_.kcov);
	genl_close(&run_.genl);
	genl_close(&run_.listener);
	EXPECT_EQ(0, seteuid(0));
	EXPECT_EQ(0, policy_clear(&run_.checker, false));
	genl_close(&run_.checker);
	genl_close(&run_.elsewhere);
	corpus_free(&run_.corpus);
}

/* How long it runs is said by the program's argument. */
TEST_F_TIMEOUT(requests, are_done_or_refused_as_promised, 7200)
{
	double until = seconds() +
		       options.seconds * shares[run_.where] / 100;
	bool ok;

	atexit(say_where);
	ASSERT_TRUE(run_.where == UNPRIVILEGED || try_a_trial(&run_));
	do {
		ok = execute(&run_);
		if (run_.execution == FIRST && !result->first_pcs)
			result->first_pcs = result->pcs.n;
	} while (ok && (run_.execution < 2 * FIRST || seconds() < until));
	EXPECT_TRUE(ok);
	result->corpus += run_.corpus.n;
	run_.execution = 0;		/* it ends as it should */
}

FIXTURE(after_all) {
};

FIXTURE_SETUP(after_all)
{
}

FIXTURE_TEARDOWN(after_all)
{
}

TEST_F(after_all, requests_were_done_and_refused)
{
	unsigned long executions = 0;
	unsigned int i;

	for (i = 0; i < WHERES; i++) {
		executions += result->executions[i];
		EXPECT_LT(0, result->accepted[i]);
		EXPECT_LT(0, result->refused[i]);
		printf("# fuzz: part %u: executions %lu, messages accepted %lu, refused %lu\n",
		       i, result->executions[i], result->accepted[i],
		       result->refused[i]);
	}
	EXPECT_LT(0, result->imposed);
	EXPECT_LT(0, result->reverted);
	printf("# fuzz: a policy imposed after %lu executions, %lu trials that were not confirmed\n",
	       result->imposed, result->reverted);
	printf("# fuzz: executions %lu, corpus %u, PCs %u, seed %ju\n",
	       executions, result->corpus, result->pcs.n,
	       (uintmax_t)options.seed);
	fflush(stdout);
	EXPECT_LE(2 * FIRST * WHERES, executions);
	for (i = 0; i < result->n_whys; i++)
		printf("#   refused: %s\n", result->why[i]);
	fflush(stdout);
	EXPECT_LE(FEW_WHYS, result->n_whys);
}

/* Where the kernel has KCOV, our module has it too, and more code is found. */
TEST_F(after_all, coverage_grew_by_feedback)
{
	struct kcov kcov;

	kcov_open(&kcov);
	EXPECT_EQ(kcov.fd >= 0, result->kcov);
	kcov_close(&kcov);
	if (!result->kcov) {
		printf("# fuzz: this kernel has no KCOV: no feedback\n");
		fflush(stdout);
		EXPECT_EQ(0, result->pcs.n);
		return;
	}
	EXPECT_LT(result->first_pcs, result->pcs.n);
	EXPECT_LT(0, result->grown);
}

TEST_F(after_all, nothing_is_assigned)
{
	struct status status;
	struct genl genl;

	genl_open(&genl);
	ASSERT_EQ(0, status_get(&genl, &status));
	EXPECT_EQ(0, status.assigned);
	EXPECT_EQ(0, status.namespaces);
	genl_close(&genl);
}

int main(int argc, char **argv)
{
	fuzz_arguments(&options, argc, argv);
	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	module_load();
	return test_harness_run(1, argv);
}
