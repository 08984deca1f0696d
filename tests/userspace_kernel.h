/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host for commands that change something: the module, the guards and what
 * host.h knows are played. The linker's --wrap puts it in place.
 */
#ifndef USERSPACE_KERNEL_H
#define USERSPACE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "model.h"
#include "sasserctl.h"

extern struct played {
	bool loaded;		/* the module */
	bool assigned;
	struct policy policy;
	uint64_t generation;
	bool refuses;		/* every change */
	bool absent;		/* the module can't be loaded */
	uint32_t trial;		/* seconds; 0: there is none */
	bool guard_refuses;
	bool guard_fails;
	/* the host: */
	bool is_controller;
	int joined;		/* as joined_look() has it */
	int joined_samba;	/* as joined_samba() has */
	const char *controllers;	/* IPv4, by DNS; a blank behind each */
	bool some_silent;	/* of them */
	/* by the last command: */
	int changes;
	FILE *listed_on;	/* which connections were closed */
	int guarded;		/* how often the guards were asked */
	int kept_service;	/* how often it was to be on */
} played;

/* Run one; what it prints is not the test's. */
int play(int (*command)(const struct request *request),
	 const struct request *request);

/* A trial is over, and nobody confirmed it. */
void play_revert(void);

/* Neither the kernel's state nor /run outlives it. */
void play_reboot(void);

#endif /* USERSPACE_KERNEL_H */
