/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SASSER_POLICY_H
#define _SASSER_POLICY_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include <linux/sasser.h>

#include "counter.h"
#include "filter.h"
#include "hook.h"
#include "match.h"

struct net;

/* Unchanging once it is published, but for the block in its match. */
struct sasser_policy {
	struct sasser_match match;
	refcount_t ref;
	char name[SASSER_NAME_MAX + 1];
	u8 mode;
	u8 origin;
	time64_t since;
	unsigned int n_filters;
	unsigned int n_ranges;
	struct sasser_filter *filter;
	struct sasser_range *range;
};

/* One network namespace. */
struct sasser_net {
	struct net *net;
	struct list_head list;		/* of all namespaces */
	struct mutex lock;		/* of all below, against other changes */
	struct sasser_hooks hooks;	/* judge by @policy while @assigned */
	struct sasser_policy *policy;	/* assigned, or the last one, or NULL */
	bool assigned;
	u64 generation;
	unsigned int seq;		/* of what a dump shows; never 0 */
};

typedef void (*sasser_notify_fn)(struct sasser_net *sn,
				 enum sasser_event event);

extern unsigned int sasser_net_id;

/* compile.c */
struct sasser_policy *sasser_policy_alloc(unsigned int n_filters,
					  unsigned int n_ranges);
struct sasser_filter *sasser_policy_add_filter(struct sasser_policy *policy,
					       const char *name);
int sasser_policy_add_range(struct sasser_policy *policy, u16 first, u16 last);
int sasser_policy_compile(struct sasser_policy *policy);
unsigned long sasser_policy_dirs(const struct sasser_policy *policy);
void sasser_policy_put(struct sasser_policy *policy);

/* policy.c */
int sasser_assign(struct sasser_net *sn, struct sasser_policy *policy);
void sasser_unassign(struct sasser_net *sn);
void sasser_unassign_everywhere(void);
int sasser_reset(struct sasser_net *sn, struct sasser_policy **policy,
		 struct sasser_block **old, u64 *generation);
struct sasser_block *sasser_block_locked(const struct sasser_net *sn);
unsigned int sasser_namespaces(void);

void sasser_policy_net_init(struct sasser_net *sn, struct net *net);
void sasser_policy_net_pre_exit(struct sasser_net *sn);
void sasser_policy_net_exit(struct sasser_net *sn);
void sasser_policy_init(sasser_notify_fn notify);

#endif /* _SASSER_POLICY_H */
