// SPDX-License-Identifier: GPL-2.0-or-later
/* Policies on trial and the traffic that shows which one is in force. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netns.h"
#include "tap.h"
#include "trials.h"

/* BEFORE blocks 7777 and 7779, TRIED 7777 and 7778, THIRD only 7770. */
static const struct range port_shared[] = { { 7777, 7777 } };
static const struct range port_tried[] = { { 7778, 7778 } };
static const struct range port_before[] = { { 7779, 7779 } };
static const struct range port_third[] = { { 7770, 7770 } };

#define OUT(name, ports) { name, SASSER_DIRECTION_OUT, SASSER_PROTOCOL_UDP, \
			   SASSER_ACTION_BLOCK, 1, ports }

static const struct filter filters_before[] = {
	OUT("shared", port_shared), OUT("before", port_before),
};

static const struct filter filters_tried[] = {
	OUT("tried", port_tried), OUT("shared", port_shared),
};

static const struct filter filters_third[] = {
	OUT("third", port_third),
};

static const struct filter filters_in[] = {
	{ "inbound", SASSER_DIRECTION_IN, SASSER_PROTOCOL_UDP,
	  SASSER_ACTION_BLOCK, 1, port_shared },
};

const struct policy policy_before = {
	"BEFORE", SASSER_MODE_ENFORCE, SASSER_ORIGIN_DOMAIN, 2, filters_before,
};

const struct policy policy_tried = {
	"TRIED", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 2, filters_tried,
};

const struct policy policy_third = {
	"THIRD", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 1, filters_third,
};

const struct policy policy_in = {
	"INBOUND", SASSER_MODE_ENFORCE, SASSER_ORIGIN_LOCAL, 1, filters_in,
};

int try_policy(struct genl *genl, const struct policy *policy,
		      uint32_t confirm)
{
	struct policy copy = *policy;

	copy.confirm = confirm;
	return policy_set(genl, &copy);
}

/* Which policy does the traffic show? */
const char *in_force(void)
{
	int shared = send_udp(AF_INET, 7777), tried = send_udp(AF_INET, 7778);
	int before = send_udp(AF_INET, 7779), third = send_udp(AF_INET, 7770);

	if (send_udp(AF_INET, 7776))
		return "something else";
	if (!shared && !tried && !before && !third)
		return "nothing";
	if (!shared && !tried && !before && third == -EPERM)
		return "THIRD";
	if (shared == -EPERM && tried == -EPERM && !before && !third)
		return "TRIED";
	if (shared == -EPERM && !tried && before == -EPERM && !third)
		return "BEFORE";
	return "a mixture";
}

/* Does the traffic show it, and the status say the same? */
bool force_is(struct genl *genl, const char *name, bool on_trial)
{
	const char *shown = in_force(), *said;
	struct status status;

	if (status_get(genl, &status))
		die("no status");
	said = status.assigned ? status.policy : "nothing";
	if (!strcmp(name, shown) && !strcmp(name, said) &&
	    on_trial == !!(status.has & HAS(SASSER_A_CONFIRM)))
		return true;
	fprintf(stderr, "# in force is %s; status: %s%s\n", shown, said,
		status.has & HAS(SASSER_A_CONFIRM) ? ", on trial" : "");
	return false;
}

/* Is the next notification this one, with exactly these attributes? */
bool event_is(struct genl *genl, uint8_t event, const char *name, uint32_t has)
{
	struct status status;

	if (!genl_event(genl, &status, 20)) {
		fputs("# no notification\n", stderr);
		return false;
	}
	if (event == status.event && has == status.has &&
	    !strcmp(name, status.policy))
		return true;
	fprintf(stderr, "# event %u of %s, attributes %x\n", status.event,
		status.policy, status.has);
	return false;
}

bool is_silent(struct genl *genl, int seconds)
{
	struct status status;

	if (!genl_event(genl, &status, seconds))
		return true;
	fprintf(stderr, "# event %u of %s\n", status.event, status.policy);
	return false;
}

/* Until the traffic shows it. Return: seconds since @began */
double wait_for(const char *name, double began)
{
	double after;

	do {
		usleep(10000);
		after = seconds() - began;
	} while (strcmp(in_force(), name) && after < T(30));
	return after;
}

/* What is done in a trial takes several times as long with sanitizers. */
unsigned int trial_factor(void)
{
	return kernel_is_slow() ? 4 : 1;
}

unsigned int reverts_logged(void)
{
	FILE *pipe = popen("dmesg | grep -c 'was not confirmed in time'", "r");
	unsigned int n;

	if (!pipe || fscanf(pipe, "%u", &n) != 1)
		die("dmesg failed");
	pclose(pipe);
	return n;
}

/* Return: does the module unload? */
bool unloads(void)
{
	return !system("rmmod nf_sasser 2>/dev/null");
}

/* A namespace behind a tap device. Return: that device */
int trial_world(void)
{
	int tap;

	module_load();
	pin_cpu(0);
	netns_enter(netns_new());
	tap = tap_create();
	run("ip neigh add " PEER_IPV4 " lladdr " PEER_MAC " dev " TAP);
	return tap;
}
