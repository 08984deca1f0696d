/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SASSER_MODULE_H
#define SASSER_MODULE_H

#include "kernel.h"

/*
 * Open the module, and load it by modprobe before if it is not there. Returns
 * 0, or -1 after having complained.
 */
int module_open(struct kernel **kernel);

#endif /* SASSER_MODULE_H */
