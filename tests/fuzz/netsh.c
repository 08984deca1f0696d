// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scripts of netsh ipsec static: what is taken makes a good policy file, and a
 * script written of that is taken, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "import.h"
#include "policy_file.h"
#include "imports.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = imports_text(data, size);
	struct policy_file file;

	fuzz_begin();
	is_netsh("script", text);
	policy_file_init(&file, "script", POOL_LOCAL);
	import_netsh(&file, text, size);
	imports_check(&file);
	policy_file_free(&file);
	free(text);
	fuzz_end();
	return 0;
}
