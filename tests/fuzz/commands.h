/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inputs of the target "commands". */
#ifndef FUZZ_COMMANDS_H
#define FUZZ_COMMANDS_H

#define COMMAND_HEAD	3	/* bytes: two for the world, one for the files */

/* Bits of the world; each is an obstacle, so that none is the usual case. */
enum world_bit {
	WORLD_NO_MODULE = 1 << 0,
	WORLD_UNLOADABLE = 1 << 1,
	WORLD_UNASSIGNED = 1 << 2,
	WORLD_UNPRIVILEGED = 1 << 3,
	WORLD_OTHER_NETNS = 1 << 4,
	WORLD_UNKNOWN_NETNS = 1 << 5,
	WORLD_LOCK_FAILS = 1 << 6,
	WORLD_READ_FAILS = 1 << 7,
	WORLD_CHANGE_FAILS = 1 << 8,
	WORLD_BOOT_GAP = 1 << 9,
	WORLD_EVENTS_LOST = 1 << 10,
	WORLD_GONE = 1 << 11,
	WORLD_DISK_FAILS = 1 << 12,
	WORLD_GUARDED = 1 << 13,
	WORLD_ON_TRIAL = 1 << 14,
	WORLD_IMPOSED = 1 << 15,
};

#endif /* FUZZ_COMMANDS_H */
