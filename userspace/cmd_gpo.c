// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "assignment.h"
#include "gpext.h"
#include "guard_testparm.h"
#include "host.h"
#include "out.h"
#include "pool.h"
#include "program.h"
#include "sasserctl.h"
#include "stamp.h"
#include "visible.h"
#include "words.h"

#define PYTHON		"/usr/bin/python3"
#define PYTHON_SECONDS	120
#define EXTENSION	VENDOR_DIR "/samba/gp_sasser_ext.py"

/* How the script ends. */
enum {
	SCRIPT_DONE = 0,
	SCRIPT_NO_SAMBA = 10,
	SCRIPT_NO_CONF = 11,
	SCRIPT_CONTROLLER = 12,
};

/*
 * Samba's own functions keep the list; the file is loaded first, because one
 * that can't be loaded would break all of this host's Group Policy. What is
 * found in the end is printed.
 */
static const char script[] =
	"import importlib.util, os, sys\n"
	"what, guid, path, conf = sys.argv[1:]\n"
	"try:\n"
	"    from samba.gp.gpclass import list_gp_extensions, \\\n"
	"        register_gp_extension, unregister_gp_extension\n"
	"    from samba.param import LoadParm\n"
	"except ImportError:\n"
	"    sys.exit(10)\n"
	"if not os.path.exists(conf):\n"
	"    sys.exit(11)\n"
	"def main():\n"
	"    lp = LoadParm()\n"
	"    lp.load(conf)\n"
	"    if what == 'register':\n"
	"        if lp.server_role().endswith(('_DC', '_PDC', '_BDC')):\n"
	"            sys.exit(12)\n"
	"        spec = importlib.util.spec_from_file_location('gp_sasser_ext', path)\n"
	"        module = importlib.util.module_from_spec(spec)\n"
	"        spec.loader.exec_module(module)\n"
	"        module.gp_sasser_ext\n"
	"        register_gp_extension(guid, 'gp_sasser_ext', path, smb_conf=conf,\n"
	"                              machine=True, user=False)\n"
	"    elif what == 'unregister' and guid in list_gp_extensions(conf):\n"
	"        unregister_gp_extension(guid, smb_conf=conf)\n"
	"    if os.path.exists(lp.state_path('gpext.conf')):\n"
	"        open(lp.state_path('gpext.conf')).close()  # may be root's alone\n"
	"    there = list_gp_extensions(conf).get(guid, {}).get('DllName', '')\n"
	"    store = lp.cache_path('gpo.tdb')\n"
	"    print('path=' + there)\n"
	"    print('there=%d' % os.path.isfile(there))\n"
	"    print('ran=%d' % (os.stat(store).st_mtime if os.path.exists(store) else 0))\n"
	"    print('winbindd=%d' % bool(lp.get('apply group policies')))\n"
	"try:\n"
	"    main()\n"
	"except Exception as error:\n"
	"    sys.exit('%s: %s' % (type(error).__name__, error))\n";

struct gpo {
	const char *command;
	char *path;		/* that is registered; "": none is */
	bool there;		/* that file */
	uint64_t ran;		/* samba-gpupdate; 0: never */
	bool winbindd;		/* runs it */
	bool may_lack;		/* nothing is to be done where Samba is not */
};

/* The value of a line "key=value" that the script has printed; cut out. */
static char *value_of(char *text, const char *key)
{
	size_t len = strlen(key);

	while (text && (strncmp(text, key, len) != 0 || text[len] != '=')) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text ? strndup(text + len + 1, strcspn(text + len + 1, "\n")) :
		      NULL;
}

static uint64_t number_of(char *text, const char *key)
{
	char *value = value_of(text, key);
	uintmax_t number;
	bool there = value && take_number(value, TIME_MAX, &number);

	free(value);
	return there ? number : 0;
}

static int not_run(const struct gpo *gpo, const char *why)
{
	complain("%s: cannot ask Samba, " PYTHON " %s", gpo->command, why);
	return FAILED;
}

static int no_samba(const struct gpo *gpo, int status)
{
	if (status == PROGRAM_NONE)
		complain("%s: " PYTHON " could not be run.\n"
			 "Install it: apt-get install python3", gpo->command);
	else if (status == SCRIPT_NO_SAMBA)
		complain("%s: Samba's Python modules, of 4.17 or later, are not there.\n"
			 "Install them: apt-get install samba python3-samba",
			 gpo->command);
	else
		complain("%s: there is no " SMB_CONF ".\n"
			 "Install Samba, and join this host to the domain: net ads join",
			 gpo->command);
	return FAILED;
}

static int judge(struct gpo *gpo, const struct program *program)
{
	char shown[16 * VISIBLE_LEN];
	int status;

	if (!program->in_time)
		return not_run(gpo, "took too long");
	if (!WIFEXITED(program->status))
		return not_run(gpo, "was ended by a signal");
	status = WEXITSTATUS(program->status);
	switch (status) {
	case SCRIPT_DONE:
		gpo->path = value_of(program->out, "path");
		gpo->there = number_of(program->out, "there") != 0;
		gpo->ran = number_of(program->out, "ran");
		gpo->winbindd = number_of(program->out, "winbindd") != 0;
		return gpo->path ? DONE : not_run(gpo, "did not answer");
	case PROGRAM_NONE:
	case SCRIPT_NO_SAMBA:
	case SCRIPT_NO_CONF:
		return gpo->may_lack && !gpext_has_ours() ?
			DONE : no_samba(gpo, status);
	case SCRIPT_CONTROLLER:
		complain("%s: this is a domain controller. A block here would cut all hosts\n"
			 "off from their Group Policy; nothing was changed.\n"
			 "Register it on the workstations, and link the GPO to their OU.",
			 gpo->command);
		return GUARDED;
	default:
		visible_lines(shown, sizeof(shown), program->err);
		complain("%s: Samba says: %s", gpo->command, shown);
		return FAILED;
	}
}

static int ask(struct gpo *gpo, const char *what)
{
	static char extension[] = EXTENSION;
	char *const argv[] = {
		/* isolated: it takes no modules from where it is called */
		PYTHON, "-IB", "-c", (char *)script, (char *)what, GPEXT_GUID,
		extension, SMB_CONF, NULL,
	};
	struct program program;
	int ret;

	if (program_run(argv, PYTHON_SECONDS, &program))
		return not_run(gpo, strerror(errno));
	ret = judge(gpo, &program);
	program_free(&program);
	return ret;
}

/* ---- what it is called with */

static int gpo_register(struct gpo *gpo)
{
	int ret;

	if (access(EXTENSION, R_OK)) {
		complain("%s: " EXTENSION ": %s.\n"
			 "Install it: make install", gpo->command, strerror(errno));
		return FAILED;
	}
	ret = ask(gpo, "register");
	if (ret)
		return ret;
	if (strcmp(gpo->path, EXTENSION) != 0) {
		complain("%s: Samba did not take " EXTENSION, gpo->command);
		return FAILED;
	}
	puts("Group Policy of the domain assigns policies here from the next refresh on.");
	if (!gpo->winbindd)
		puts("sasser-refresh.timer fetches it every 90 to 120 minutes; to do that now:\n"
		     "sasserctl refresh --force");
	return DONE;
}

static int gpo_unregister(struct gpo *gpo)
{
	int ret;

	gpo->may_lack = true;
	ret = ask(gpo, "unregister");
	if (ret)
		return ret;
	puts("Group Policy of the domain assigns nothing here any more.");
	if (!access(assignment_path(SASSER_ORIGIN_DOMAIN), F_OK))
		puts("What it has assigned stays in force. To drop that: sasserctl domain clear");
	return DONE;
}

static __printf(2, 3) void print_row(const char *label, const char *fmt, ...)
{
	char text[MESSAGE_LEN + VISIBLE_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	out_text_wrapped(stdout, printf("%-16s", label), text);
}

/* What the extension brought. */
static void print_last(void)
{
	struct refresh last;
	char when[TIME_LEN];

	stamp_read(LAST_DOMAIN, &last);
	if (last.time)
		print_row("the domain", "%s, %s: %s",
			  format_time(when, last.time),
			  last.ok ? "taken" : "refused", last.message);
}

static int gpo_status(struct gpo *gpo)
{
	bool there = !access(EXTENSION, F_OK);
	char shown[VISIBLE_LEN], when[TIME_LEN];
	int ret = ask(gpo, "status");

	if (ret)
		return ret;
	if (!*gpo->path)
		print_row("registered", "no, to do that: sasserctl gpo register");
	else
		print_row("registered", "yes, %s", visible(shown, gpo->path));
	print_row("extension", EXTENSION ", %s", there ? "there" : "missing");
	print_row("last gpupdate", "%s",
		  gpo->ran ? format_time(when, gpo->ran) : "never, as far as is known");
	print_row("winbindd", "%s", gpo->winbindd ?
		  "applies Group Policy by itself, every 90 to 120 minutes" :
		  "does not apply Group Policy (\"apply group policies\" is off)");
	print_last();
	if (*gpo->path && !gpo->there)
		warn("the file that is registered is missing: all of this host's Group Policy fails.\n"
		     "Type: sasserctl gpo unregister");
	return DONE;
}

/* The extension calls it when it can't even ask for something to be assigned. */
static int gpo_failed(const struct gpo *gpo, const char *reason)
{
	struct refresh refresh = { .time = (uint64_t)time(NULL) };
	char shown[MESSAGE_LEN];

	(void)gpo;
	visible_lines(shown, sizeof(shown), reason);
	make_visible(shown, ' ');
	snprintf(refresh.message, sizeof(refresh.message),
		 "Group Policy: %.*s; what the domain has assigned stays",
		 MESSAGE_LEN - 60, shown);
	openlog("sasserctl", LOG_PID, LOG_DAEMON);
	syslog(LOG_ERR, "%s", refresh.message);
	closelog();
	/* The first is there for all refreshes to come, until the domain's next word. */
	if (stamp_write(LAST_DOMAIN, &refresh) ||
	    stamp_write(LAST_REFRESH, &refresh))
		return FAILED;
	print_row("noted", "%s", refresh.message);
	return DONE;
}

static int run(struct gpo *gpo, const struct request *request)
{
	const char *what = request->argument ?: "";
	char shown[VISIBLE_LEN];

	if (request->n_arguments == 2 && !strcmp(what, "failed"))
		return host_may_change("gpo failed") || host_lock() ?
		       FAILED : gpo_failed(gpo, request->arguments[1]);
	if (request->n_arguments == 1 && !strcmp(what, "status"))
		return gpo_status(gpo);
	if (request->n_arguments == 1 && !strcmp(what, "register"))
		return host_may_change("gpo register") ? FAILED : gpo_register(gpo);
	if (request->n_arguments == 1 && !strcmp(what, "unregister"))
		return host_may_change("gpo unregister") ? FAILED :
							   gpo_unregister(gpo);
	complain("gpo takes register, unregister or status, not \"%s\". See: sasserctl help gpo",
		 visible(shown, request->n_arguments > 1 ? request->arguments[1] : what));
	return USAGE;
}

int cmd_gpo(const struct request *request)
{
	struct gpo gpo = { .command = "gpo" };
	int ret = run(&gpo, request);

	free(gpo.path);
	return ret;
}
