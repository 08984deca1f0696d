// SPDX-License-Identifier: GPL-2.0-or-later
/* What the fuzzers share: chance that a seed repeats, and their argument. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "fuzz.h"
#include "netns.h"

#define DEFAULT_SECONDS	5

void chance_seed(struct chance *r, uint64_t seed)
{
	r->state = seed;
}

/* splitmix64 */
uint64_t chance_next(struct chance *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

unsigned int chance_below(struct chance *r, unsigned int n)
{
	return chance_next(r) % n;
}

bool chance_percent(struct chance *r, unsigned int percent)
{
	return chance_below(r, 100) < percent;
}

void chance_fill(struct chance *r, void *data, size_t len)
{
	uint8_t *byte = data;

	while (len--)
		*byte++ = chance_next(r);
}

/* SECONDS[,SEED]. What is printed here repeats the run. */
void fuzz_arguments(struct fuzz_options *options, int argc, char **argv)
{
	unsigned long long seed;
	int n;

	options->seconds = DEFAULT_SECONDS;
	if (getrandom(&options->seed, sizeof(options->seed), 0) !=
	    sizeof(options->seed))
		die("no random seed");
	options->seed %= 1000000000;

	if (argc > 1) {
		n = sscanf(argv[1], "%lf,%llu", &options->seconds, &seed);
		if (n < 1 || options->seconds <= 0)
			die("usage: %s [SECONDS[,SEED]]", argv[0]);
		if (n == 2)
			options->seed = seed;
	}
	printf("# fuzz: %g seconds, seed %ju\n", options->seconds,
	       (uintmax_t)options->seed);
	fflush(stdout);
}

void fuzz_hex(const char *what, const uint8_t *data, size_t len)
{
	size_t i;

	printf("# %s, %zu bytes:", what, len);
	for (i = 0; i < len; i++)
		printf("%s%02x", i % 32 ? "" : "\n#   ", data[i]);
	putchar('\n');
	fflush(stdout);
}
