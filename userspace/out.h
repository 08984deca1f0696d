/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One snapshot in: text for people, JSON for scripts, metrics for Prometheus. */
#ifndef SASSER_OUT_H
#define SASSER_OUT_H

#include <stdio.h>

#include "model.h"

void out_text_status(FILE *out, const struct snapshot *snap);
void out_text_counters(FILE *out, const struct snapshot *snap);
/* @text from @column on, with more lines indented to it, and a line break. */
void out_text_wrapped(FILE *out, int column, const char *text);

void out_text_event(FILE *out, const struct event *event, uint64_t now);

void out_json_status(FILE *out, const struct snapshot *snap);
void out_json_counters(FILE *out, const struct snapshot *snap);
void out_json_event(FILE *out, const struct event *event, uint64_t now);

void out_metrics(FILE *out, const struct snapshot *snap);

#endif /* SASSER_OUT_H */
