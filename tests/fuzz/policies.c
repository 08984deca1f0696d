// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Policy files: what is taken can be built, printed and read again, and means
 * the same then; what is refused has a line and a reason.
 */
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "fuzz.h"
#include "import.h"
#include "policy_file.h"
#include "policy_text.h"
#include "imports.h"
#include "userspace_valid.h"

/* Each section cut out: what is left is what there was besides. */
static void check_cut(const struct policy_file *file, const char *text,
		      size_t size)
{
	struct policy_file less, again;
	char *cut;

	if (file->n_policies != 1 || !file->n_filters)
		return;
	imports_parse(&less, text, size);
	policy_file_drop_policy(&less, less.policies[0].name);
	cut = policy_text_cut(text, &less);
	imports_parse(&again, cut, strlen(cut));
	imports_check_same(&again, &less);
	free(cut);
	policy_file_free(&less);
	policy_file_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = imports_text(data, size);
	struct policy_file file;

	fuzz_begin();
	imports_parse(&file, text, size);
	imports_check(&file);
	if (!file.bad)
		check_cut(&file, text, size);
	policy_file_free(&file);
	free(text);
	fuzz_end();
	return 0;
}
