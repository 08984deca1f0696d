/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SASSER_POLICY_H
#define _SASSER_POLICY_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <linux/sasser.h>

#include "counter.h"
#include "filter.h"
#include "hook.h"
#include "match.h"

struct net;

/* What was asked for, compiled; unchanging, and shared by namespaces. */
struct sasser_policy {
	refcount_t ref;
	char name[SASSER_NAME_MAX + 1];
	u8 mode;
	u8 origin;
	u8 match;
	u8 scope;
	unsigned int n_filters;
	unsigned int n_ranges;
	unsigned int n_remotes;
	struct sasser_filter *filter;
	struct sasser_range *range;
	struct sasser_remote *remote;

	struct sasser_ports *ports[SASSER_HOOK_DIRS][SASSER_HOOK_PROTOS];
	struct sasser_remotes *remotes;	/* NULL: no filter has a prefix */
	struct sasser_block *block;	/* the rows, without counters */
};

/* A policy and its counters in one namespace. */
struct sasser_instance {
	struct sasser_rules rules;
	struct sasser_policy *policy;
	time64_t since;
};

/*
 * A place for a policy to be in force. What is retired may be in use until a
 * grace period has passed.
 */
struct sasser_slot {
	struct sasser_hooks hooks;	/* judge by @now while @assigned */
	struct sasser_instance *now;	/* assigned, or the last one, or NULL */
	struct sasser_instance *next;	/* prepared, to be published */
	struct sasser_instance *before;	/* to go back to from a trial, or NULL;
					 * @now itself while it is suspended
					 */
	struct sasser_instance *retired;
	bool assigned;
	u64 generation;
	unsigned int seq;		/* of what a dump shows; never 0 */
};

/* Where a trial would go back to. */
enum sasser_back {
	SASSER_BACK_NONE,	/* no trial: nowhere */
	SASSER_BACK_HERE,	/* a trial begins: to what is in force now */
	SASSER_BACK_KEEP,	/* in a trial: to where that one would */
};

/* One network namespace. */
struct sasser_net {
	struct net *net;
	struct list_head list;		/* of all namespaces */
	struct mutex lock;		/* of all below, against other changes */
	struct sasser_slot own;		/* assigned in this namespace */
	struct sasser_slot imposed;	/* assigned everywhere */
	bool pins;			/* the module, while @own is assigned */
	bool on_trial;			/* what @own has */
	atomic_t resets;		/* that nobody has read to the end */
	unsigned long trial_end;	/* jiffies */
	struct delayed_work trial;
};

typedef void (*sasser_notify_fn)(struct sasser_net *sn,
				 struct sasser_slot *slot,
				 enum sasser_event event);

extern unsigned int sasser_net_id;

/* compile.c */
struct sasser_policy *sasser_policy_alloc(unsigned int n_filters,
					  unsigned int n_ranges,
					  unsigned int n_remotes);
struct sasser_filter *sasser_policy_add_filter(struct sasser_policy *policy,
					       const char *name);
int sasser_policy_add_range(struct sasser_policy *policy, u16 first, u16 last);
int sasser_policy_add_remote(struct sasser_policy *policy,
			     const struct sasser_remote *remote);
int sasser_policy_compile(struct sasser_policy *policy);
unsigned long sasser_policy_dirs(const struct sasser_policy *policy);
void sasser_policy_put(struct sasser_policy *policy);

/* ports.c */
int sasser_ports_compile(struct sasser_policy *policy);

/* remote.c */
bool sasser_remote_is_valid(const struct sasser_remote *remote);
int sasser_remotes_compile(struct sasser_policy *policy);
void sasser_remotes_free(struct sasser_remotes *remotes);

/* slot.c: the caller holds the namespace's lock */
void sasser_slot_init(struct sasser_slot *slot);
int sasser_slot_prepare(struct sasser_net *sn, struct sasser_slot *slot,
			struct sasser_policy *policy);
void sasser_slot_cancel(struct sasser_net *sn, struct sasser_slot *slot);
void sasser_slot_publish(struct sasser_net *sn, struct sasser_slot *slot,
			 enum sasser_back back);
void sasser_slot_withdraw(struct sasser_net *sn, struct sasser_slot *slot);
void sasser_slot_suspend(struct sasser_net *sn, struct sasser_slot *slot,
			 enum sasser_back back);
void sasser_slot_revert(struct sasser_net *sn, struct sasser_slot *slot);
void sasser_slot_stay(struct sasser_net *sn, struct sasser_slot *slot);
void sasser_slot_settle(struct sasser_slot *slot);
int sasser_slot_reset(struct sasser_net *sn, struct sasser_slot *slot,
		      struct sasser_block **old);
void sasser_slot_free(struct sasser_slot *slot);
struct sasser_block *sasser_slot_block(const struct sasser_net *sn,
				       const struct sasser_slot *slot);

/* impose.c */
extern struct list_head sasser_nets;
extern struct mutex sasser_nets_lock;

bool sasser_is_initial(const struct sasser_net *sn);
int sasser_impose_prepare(struct sasser_policy *policy);
void sasser_impose_publish(struct sasser_policy *policy, enum sasser_back back);
void sasser_impose_revert(void);
void sasser_impose_stay(void);
void sasser_impose_settle(void);
int sasser_impose_new(struct sasser_net *sn);

/* policy.c */
extern sasser_notify_fn sasser_notify;

int sasser_assign(struct sasser_net *sn, struct sasser_policy *policy,
		  unsigned int confirm);
void sasser_unassign(struct sasser_net *sn);
void sasser_unassign_everywhere(void);
int sasser_confirm(struct sasser_net *sn, u64 generation);
int sasser_reset(struct sasser_net *sn, struct sasser_slot *slot,
		 struct sasser_policy **policy, struct sasser_block **old,
		 u64 *generation);
unsigned int sasser_trial_left(const struct sasser_net *sn);
unsigned int sasser_namespaces(void);

int sasser_policy_net_init(struct sasser_net *sn, struct net *net);
void sasser_policy_net_pre_exit(struct sasser_net *sn);
void sasser_policy_net_exit(struct sasser_net *sn);
int sasser_policy_init(sasser_notify_fn notify);
void sasser_policy_exit(void);

#endif /* _SASSER_POLICY_H */
