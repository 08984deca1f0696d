// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs a target on files, without a fuzzer: for gcov. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static int run(const char *path)
{
	FILE *file = fopen(path, "r");
	uint8_t *data = NULL;
	size_t size = 0, n;

	if (!file) {
		perror(path);
		return 1;
	}
	do {
		data = realloc(data, size + 4096);
		n = fread(data + size, 1, 4096, file);
		size += n;
	} while (n);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int ret = 0;

	for (int i = 1; i < argc; i++)
		ret |= run(argv[i]);
	return ret;
}
