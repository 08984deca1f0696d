/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the racers do but for traffic. */
#ifndef _SASSER_TEST_RACES_DO_H
#define _SASSER_TEST_RACES_DO_H

#include "races.h"

extern struct sum reset_totals[TRAFFIC_ROWS];

void do_prepare(void);
void do_prepare_module(void);

void do_swap(struct racer *racer);
void do_swap_wild(struct racer *racer);
void do_everywhere(struct racer *racer);
void do_impose(struct racer *racer);
void do_reset_imposed(struct racer *racer);
void do_reset(struct racer *racer);
void do_dump(struct racer *racer);
void do_namespaces(struct racer *racer);
void do_monitor(struct racer *racer);
void do_unload_in_vain(struct racer *racer);

void do_load(struct racer *racer);
void do_unload(struct racer *racer);
void do_requests(struct racer *racer);
void do_assign_and_look(struct racer *racer);

#endif /* _SASSER_TEST_RACES_DO_H */
