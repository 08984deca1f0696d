// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prometheus' text format. No timestamps: the textfile collector of
 * node_exporter refuses a file that has any.
 */
#include <stdint.h>

#include "out.h"
#include "words.h"

static void family(FILE *out, const char *name, const char *type,
		   const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void single(FILE *out, const char *name, const char *type,
		   const char *help, uint64_t value)
{
	family(out, name, type, help);
	fprintf(out, "%s %ju\n", name, (uintmax_t)value);
}

/* No name has what is escaped here; one that had would spoil all metrics. */
static void label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', out);
		if (*value == '\n')
			fputs("\\n", out);
		else
			fputc(*value < ' ' || *value > '~' ? '?' : *value, out);
	}
	fputc('"', out);
}

static void rows(FILE *out, const struct snapshot *snap, const char *name,
		 const char *help, size_t offset)
{
	char ports[PORTS_LEN];

	if (!snap->n_counters)
		return;
	family(out, name, "counter", help);
	for (size_t i = 0; i < snap->n_counters; i++) {
		const struct counter *row = &snap->counters[i];

		fprintf(out, "%s{", name);
		label(out, "filter", row->filter);
		fputc(',', out);
		label(out, "direction", word_direction(row->direction));
		fputc(',', out);
		label(out, "protocol", word_protocol(row->protocol));
		fputc(',', out);
		label(out, "port", format_ports(ports, &row->ports));
		fputc(',', out);
		label(out, "action", word_action(row->action));
		fprintf(out, "} %ju\n", (uintmax_t)
			*(const uint64_t *)((const char *)row + offset));
	}
}

static void policy_info(FILE *out, const struct policy *policy)
{
	if (!policy->name[0])
		return;
	family(out, "sasser_policy_info", "gauge",
	       "The policy assigned in this network namespace, or the last one.");
	fputs("sasser_policy_info{", out);
	label(out, "policy", policy->name);
	fputc(',', out);
	label(out, "origin", word_origin(policy->origin));
	fputc(',', out);
	label(out, "mode", word_mode(policy->mode));
	fputs("} 1\n", out);
}

void out_metrics(FILE *out, const struct snapshot *snap)
{
	single(out, "sasser_up", "gauge",
	       "Whether the kernel module nf_sasser could be asked.",
	       snap->loaded);
	if (!snap->loaded)
		return;
	family(out, "sasser_build_info", "gauge",
	       "Versions of sasserctl and of the kernel module.");
	fputs("sasser_build_info{", out);
	label(out, "version", SASSER_VERSION);
	fputc(',', out);
	label(out, "module_version", snap->module_version);
	fputs("} 1\n", out);
	single(out, "sasser_policy_assigned", "gauge",
	       "Whether a policy is assigned in this network namespace.",
	       snap->assigned);
	policy_info(out, &snap->policy);
	if (snap->standing.term.expires)
		single(out, "sasser_policy_expiry_timestamp_seconds", "gauge",
		       "End of the last day that the policy is meant for.",
		       snap->standing.term.expires);
	rows(out, snap, "sasser_matched_packets_total",
	     "Packets that a filter matched.",
	     offsetof(struct counter, packets));
	rows(out, snap, "sasser_matched_bytes_total",
	     "Length of these packets with the IP header, without the link layer.",
	     offsetof(struct counter, bytes));
	rows(out, snap, "sasser_connection_attempts_total",
	     "Packets that a filter matched and that open a TCP connection.",
	     offsetof(struct counter, attempts));
	single(out, "sasser_unclassified_packets_total", "counter",
	       "IPv6 packets to this host that hid their transport header or its ports.",
	       snap->unclassified);
	single(out, "sasser_last_refresh_timestamp_seconds", "gauge",
	       "Time of the last refresh, 0 if there was none since boot.",
	       snap->refresh.time);
	single(out, "sasser_last_refresh_success", "gauge",
	       "Whether the last refresh succeeded.", snap->refresh.ok);
}
