// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the domain says, as `domain set` takes it: what is taken is recorded as
 * it was said; what is refused has its line and a reason, and nothing changes.
 */
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "fuzz.h"
#include "policy_values.h"
#include "imports.h"
#include "words.h"

static void check_taken(struct domain *domain)
{
	const struct assignment *assignment = &domain->assignment;

	if (domain->assigns)
		fuzz_check(!name_wrong(assignment->policy) &&
			   (!assignment->mode || word_mode(assignment->mode)),
			   "an assignment of nothing", assignment->policy);
	fuzz_check(!domain_write(domain), "not written", fuzz_err);
	fuzz_check(domain_is_recorded(domain), "not recorded", domain->text);
}

static void check_refused(void)
{
	fuzz_check(strstr(fuzz_err, "the text"), "no name", fuzz_err);
	fuzz_check(strstr(fuzz_err, ", line ") ||
		   strstr(fuzz_err, "names no policy"), "no reason", fuzz_err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = imports_text(data, size);
	struct domain domain;
	int ret;

	fuzz_begin();
	ret = domain_parse("the text", text, size, &domain);
	fuzz_check_complaints(ret < 0);
	if (ret)
		check_refused();
	else
		check_taken(&domain);
	domain_free(&domain);
	free(text);
	fuzz_end();
	return 0;
}
