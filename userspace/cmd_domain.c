// SPDX-License-Identifier: GPL-2.0-or-later
/* What the domain has to say to this host, as a whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "change_try.h"
#include "controllers.h"
#include "disable.h"
#include "effect.h"
#include "file.h"
#include "guard_samba.h"
#include "host.h"
#include "last_good.h"
#include "refresh.h"
#include "result.h"
#include "safe_file.h"
#include "sasserctl.h"
#include "stamp.h"
#include "trial.h"
#include "visible.h"
#include "words.h"

#define SET	"domain set"
#define CLEAR	"domain clear"

struct setting {
	const char *command;
	struct domain domain;
	struct change change;
	struct result result;
	char *last_good;
	uint64_t generation;
	bool no_module;		/* only the files were changed */
	bool takes_effect;	/* on connections that are open already */
	bool keep_service;
};

/* ---- what is wanted */

static int refuse_controller(const struct domain *domain)
{
	char fact[GUARD_FACT_LEN], shown[VISIBLE_LEN];
	int ret = guard_is_controller(fact);

	if (ret < 0 && domain->assignment.force)
		return DONE;
	if (ret <= 0)
		return ret < 0 ? FAILED : DONE;
	complain("this host is a domain controller: testparm says \"%s\". The domain's policy is not for it,\n"
		 "and \"force = yes\" is no way out: all hosts of the domain need it.\n"
		 "Link the GPO to the workstations' organisational unit, never to the domain's root.",
		 visible(shown, fact));
	return GUARDED;
}

static int want(struct setting *setting)
{
	struct domain *domain = &setting->domain;
	const struct instead instead = {
		.origin = SASSER_ORIGIN_DOMAIN,
		.assignment = &domain->assignment,
	};

	domain_date(domain);
	if (result_work_out(domain->pool, &instead, &setting->result))
		return FAILED;
	setting->last_good = last_good_text(domain->pool, &setting->result);
	if (!setting->result.assigned)
		return DONE;
	return effect_guarded(&setting->result.policy, &setting->change.before,
			      domain->assignment.force,
			      "If in doubt, don't: a server is patched first, never policied.\n"
			      "To put it in force all the same the domain has to say \"force = yes\".");
}

/* ---- on trial */

/* The text that was on trial last, or is. */
static char *last_tried(void)
{
	const char *why;
	size_t len;

	return safe_read(TRIAL_RECORD, &len, &why);
}

static bool is_tried(const struct domain *domain)
{
	char *text = last_tried();
	bool ret = text && !strcmp(text, domain->text);

	free(text);
	return ret;
}

/* A text of the domain's is on trial now, this one or another. */
static bool is_trying(void)
{
	struct change look = {};
	struct trial trial;
	bool ret;

	if (access(TRIAL_RECORD, F_OK) || trial_read(&trial) <= 0)
		return false;
	ret = trial.whole && !change_open(&look) && look.before.on_trial &&
	      look.before.generation == trial.generation;
	change_end(&look);
	return ret;
}

/* Over and over it would cut what it cut the first time. */
static int tried(const struct setting *setting, char message[MESSAGE_LEN])
{
	const struct snapshot *before = &setting->change.before;
	const char *name = setting->domain.assignment.policy;

	if (before->on_trial) {
		snprintf(message, MESSAGE_LEN, "%s is on trial, %u seconds are left: nothing was changed",
			 before->policy.name, before->confirm);
		return DONE;
	}
	complain("%s was on trial for the domain, and nobody confirmed it: it is not tried again.\n"
		 "Once the domain says something else that counts; to have it in force: without \"confirm\"",
		 name);
	return FAILED;
}

/* No file but what confirm needs. */
static int try(struct setting *setting, struct step *step)
{
	const struct assignment *assignment = &setting->domain.assignment;
	struct trial trial = {
		.origin = SASSER_ORIGIN_DOMAIN, .whole = true,
		.assignment = *assignment,
	};

	char *first = last_tried();
	int ret = FAILED;

	trial.assignment.mode = setting->result.policy.mode;
	step->origin = 0;
	step->confirm = assignment->confirm;
	if (!file_replace(TRIAL_RECORD, setting->domain.text)) {
		ret = change_try(&setting->change, step, &trial,
				 &setting->generation) ? FAILED : DONE;
		setting->takes_effect = !ret;
		/* That one goes on, and can be confirmed. */
		if (ret && first)
			file_replace(TRIAL_RECORD, first);
		else if (ret)
			file_remove(TRIAL_RECORD);
	}
	free(first);
	return ret;
}

/* ---- doing it */

/* The record is kept also where the module can't be asked. */
static int make(struct setting *setting, struct step *step)
{
	struct change *change = &setting->change;
	bool assigned = setting->result.assigned;

	if (assigned && change_load(change))
		setting->no_module = true;
	if (change_make(change, step))
		return FAILED;
	file_remove(TRIAL_RECORD);
	if (setting->no_module)
		return FAILED;
	setting->takes_effect = assigned && !step->agrees &&
		!kernel_generation(change->kernel, &setting->generation);
	return DONE;
}

static int assign(struct setting *setting)
{
	const struct result *result = &setting->result;
	const struct snapshot *before = &setting->change.before;
	const struct policy *policy = result->assigned ? &result->policy : NULL;
	struct step step = {
		.origin = SASSER_ORIGIN_DOMAIN,
		.record = &setting->domain.assignment,
		.domain = &setting->domain,
		.last_good = setting->last_good,
		.policy = policy,
		.agrees = policy && before->assigned && !before->on_trial &&
			  policy_equal(&before->policy, policy),
	};

	if (policy && !step.agrees && setting->domain.assignment.confirm)
		return try(setting, &step);
	return make(setting, &step);
}

/* ---- saying it */

/* Is what the domain assigns what results? */
static bool holds(const struct setting *setting)
{
	return setting->result.assigned &&
	       setting->result.origin == SASSER_ORIGIN_DOMAIN;
}

static void tell(const struct setting *setting, char message[MESSAGE_LEN])
{
	const struct policy *policy = &setting->result.policy;
	const struct assignment *assignment = &setting->domain.assignment;
	char until[64] = "";

	if (setting->takes_effect && assignment->confirm)
		snprintf(until, sizeof(until), ", on trial for %u seconds: sasserctl confirm",
			 assignment->confirm);
	if (setting->no_module)
		snprintf(message, MESSAGE_LEN, "%s is recorded all the same, and comes into force once the module is there",
			 assignment->policy);
	else if (holds(setting))
		snprintf(message, MESSAGE_LEN, "%s (%s) is in force, as the domain assigns it%s",
			 policy->name, word_mode(policy->mode), until);
	else
		snprintf(message, MESSAGE_LEN, "%s is recorded, but has expired, so it counts as un-assigned",
			 assignment->policy);
}

static int set(struct setting *setting, char message[MESSAGE_LEN])
{
	struct domain *domain = &setting->domain;
	int ret = change_open(&setting->change) ? FAILED : DONE;

	if (!ret && domain->assignment.confirm && is_tried(domain))
		return tried(setting, message);
	if (!ret)
		ret = want(setting);
	if (!ret)
		ret = assign(setting);
	if (!ret || setting->no_module)
		tell(setting, message);
	setting->keep_service = !ret && holds(setting) &&
				domain->assignment.keep_service;
	return ret;
}

static int clear(const struct setting *setting, char message[MESSAGE_LEN])
{
	int ret = disable_domain(setting->command, &setting->domain);

	if (!ret)
		snprintf(message, MESSAGE_LEN, "the domain assigns nothing any more");
	if (!ret && (file_remove(TRIAL_RECORD) < 0 ||
		     file_remove(CONTROLLERS_FILE) < 0))
		ret = FAILED;
	return ret;
}

/* ---- what is given */

/*
 * A refusal is told of until something else is taken. Without the module the
 * text was taken all the same.
 */
static int record(const struct setting *setting, struct refresh *refresh,
		  int ret)
{
	struct refresh said;

	ret = refresh_record(refresh, ret);
	said = *refresh;
	said.ok = !ret || setting->no_module;
	return stamp_write(LAST_DOMAIN, &said) ? FAILED : ret;
}

/* What was on trial meanwhile may be tried once more, if it is said again. */
static int again(const struct setting *setting)
{
	const struct refresh same = {
		.time = (uint64_t)time(NULL), .ok = true,
		.message = "the domain says what it said before",
	};

	if (stamp_write(LAST_DOMAIN, &same) || file_remove(TRIAL_RECORD) < 0)
		return FAILED;
	return refresh_now(setting->command, NULL, DONE);
}

static int take(struct setting *setting, const char *name, const char *text,
		size_t len)
{
	struct domain *domain = &setting->domain;
	struct refresh refresh = {};
	int ret = domain_parse(name, text, len, domain) ? FAILED : DONE;

	if (!ret && domain->assigns)
		ret = refuse_controller(domain);
	/* A trial of something else ends as by a plain change. */
	if (!ret && domain_is_recorded(domain) && !is_trying())
		return again(setting);
	if (!ret)
		ret = domain->assigns ? set(setting, refresh.message) :
					clear(setting, refresh.message);
	ret = record(setting, &refresh, ret);
	if (!ret && domain->assigns)
		printf("%s.\n", refresh.message);
	if (setting->takes_effect)
		effect_cut(&setting->result.policy, setting->generation,
			   ret ? stderr : stdout);
	return ret;
}

/* ---- the command */

static char *read_text(const char *file, const char **name, size_t *len)
{
	bool standard = !file || !strcmp(file, "-");
	char shown[VISIBLE_LEN];
	const char *why;
	char *text;

	*name = standard ? "standard input" : file;
	text = standard ? fd_read(STDIN_FILENO, len, &why) :
			  any_read(file, len, &why);
	if (!text)
		complain("cannot read %s: %s",
			 visible(shown, *name), why ?: "there is no such file");
	return text;
}

static int domain_set(struct setting *setting, const char *file)
{
	struct refresh refresh = {};
	const char *name;
	size_t len;
	char *text = read_text(file, &name, &len);
	int ret;

	ret = text ? take(setting, name, text, len) :
		     record(setting, &refresh, FAILED);
	free(text);
	return ret;
}

static int usage(const struct request *request)
{
	char shown[VISIBLE_LEN];

	if (request->n_arguments > 1)
		complain("domain clear does not take the argument \"%s\". See: sasserctl help domain",
			 visible(shown, request->arguments[1]));
	else
		complain("domain takes \"set\" or \"clear\", not \"%s\". See: sasserctl help domain",
			 visible(shown, request->argument ?: ""));
	return USAGE;
}

int cmd_domain(const struct request *request)
{
	bool clear = request->argument && !strcmp(request->argument, "clear");
	bool sets = request->argument && !strcmp(request->argument, "set");
	struct setting setting = {
		.command = clear ? CLEAR : SET,
		.change.command = clear ? CLEAR : SET,
		.change.runtime = true,	/* there is no --runtime to hint at */
	};
	int ret = FAILED;

	if ((!clear && !sets) || (clear && request->n_arguments > 1))
		return usage(request);
	if (!change_begin(&setting.change) &&
	    !host_files_speak(setting.command, false))
		ret = clear ? take(&setting, "", "", 0) :
			domain_set(&setting, request->n_arguments > 1 ?
				   request->arguments[1] : NULL);
	change_end(&setting.change);
	result_free(&setting.result);
	free(setting.last_good);
	domain_free(&setting.domain);
	if (setting.keep_service)
		host_keep_service();
	return ret;
}
