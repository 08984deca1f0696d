/* SPDX-License-Identifier: ((GPL-2.0-or-later WITH Linux-syscall-note) OR MIT) */
/*
 * sasser: a host-level block against worms that spread over SMB
 *
 * This header is the kernel ABI of nf_sasser and its whole specification.
 * sasser.yaml, beside it, describes the same family in the kernel's netlink
 * specification schema.
 *
 * Overview
 * ========
 * The generic netlink family "sasser", version 1, controls the block of the
 * network namespace that the socket was opened in. The kernel knows no policy
 * of its own: user space sends a whole one, which is validated whole, compiled
 * aside and published by one pointer swap. On any error nothing changes.
 *
 * The family has no module alias, so asking for it never loads the module.
 *
 * Integers are in host byte order, ports too. Times are seconds since the Unix
 * epoch (CLOCK_REALTIME). Strings end with a NUL. Names (of policies and of
 * filters) have 1 to SASSER_NAME_MAX characters out of A-Z a-z 0-9 . _ - and
 * begin with a letter or a digit, so they are safe in a table, in JSON, in a
 * metric label and on a terminal.
 *
 * Every request is parsed strictly: unknown, truncated and over-long attributes
 * are refused. A refusal by this module carries an extended-ack message that
 * names the attribute; user space has to ask for it (NETLINK_EXT_ACK).
 *
 * Commands
 * ========
 * "admin" is CAP_NET_ADMIN in the user namespace that owns the network
 * namespace; the other commands need no privilege. A sign of a list is "*": the
 * attribute is repeated.
 *
 * SASSER_CMD_STATUS_GET, do
 *	request: no attribute
 *	reply:   VERSION, GENERATION, ASSIGNED, UNCLASSIFIED
 *	         POLICY, MODE, ORIGIN, SINCE  (the policy assigned or, where
 *	             ASSIGNED is 0, the last one; absent if there never was one)
 *	         NAMESPACES                   (in the initial namespace only)
 *
 * SASSER_CMD_POLICY_SET, do, admin: assign a policy, in place of any other
 *	request: POLICY, MODE, ORIGIN, FILTER *
 *	reply:   none but the acknowledgment; the policy is in force on every CPU
 *	         when it arrives
 *	errors:  EINVAL  an attribute is missing or its value is wrong
 *	         ERANGE  a number is out of its range
 *	         E2BIG   over SASSER_FILTERS_MAX or SASSER_RANGES_MAX
 *	         EEXIST  two filters of the same name
 *	         ENOENT  the module is being unloaded
 *	         EPERM, ENOMEM
 *
 * SASSER_CMD_POLICY_CLEAR, do, admin: un-assign; fine if nothing is assigned
 *	request: EVERYWHERE  (optional: in all network namespaces; takes
 *	             CAP_NET_ADMIN in the initial user namespace, and a socket of
 *	             the initial network namespace: else EPERM)
 *
 * SASSER_CMD_FILTER_GET, dump: the filters of the policy assigned, or of the
 *	last one, in the order of the request that assigned it
 *	reply:   GENERATION and one FILTER a message. A filter with many ports
 *	         goes on in the next message, under the same name.
 *
 * SASSER_CMD_COUNTER_GET, dump: the counter rows of that policy
 *	reply:   GENERATION and one COUNTER a message; rows without a hit too
 *
 * SASSER_CMD_COUNTER_RESET, dump, admin: start all counters again at zero
 *	reply:   as COUNTER_GET, with the final totals of the counters that were
 *	         replaced, then one message with GENERATION and the final
 *	         UNCLASSIFIED. Every hit is either in these totals or in the new
 *	         counters.
 *	errors:  ENOENT  there never was a policy
 *
 * SASSER_CMD_POLICY_NTF: sent to the multicast group SASSER_GENL_MCGRP_POLICY of
 *	the namespace when a policy was assigned or un-assigned there
 *	message: EVENT and the attributes of a STATUS_GET reply, but NAMESPACES
 *
 * A dump that a change of the policy or a reset of the counters has
 * interrupted has NLM_F_DUMP_INTR set: begin it again.
 *
 * What is counted
 * ===============
 * A counter row is (filter, direction, protocol, ports, action in effect); the
 * ports are those of the packet's destination. A filter of direction "both" has
 * a row for either direction, and each of its port ranges a row. Rows live as
 * long as their policy is assigned or was the last one; a row that stands in
 * the next policy too goes on counting there.
 */
#ifndef _LINUX_SASSER_H
#define _LINUX_SASSER_H

#define SASSER_GENL_NAME		"sasser"
#define SASSER_GENL_VERSION		1
#define SASSER_GENL_MCGRP_POLICY	"policy"

/* Limits of one policy. */
#define SASSER_NAME_MAX		63	/* characters, without the NUL */
#define SASSER_FILTERS_MAX	256
#define SASSER_RANGES_MAX	1024	/* port ranges, over all filters */

/**
 * enum sasser_cmd - commands of the family
 * @SASSER_CMD_UNSPEC: not a command
 * @SASSER_CMD_STATUS_GET: what is assigned in this namespace
 * @SASSER_CMD_POLICY_SET: assign a policy
 * @SASSER_CMD_POLICY_CLEAR: un-assign
 * @SASSER_CMD_FILTER_GET: dump the filters of the policy
 * @SASSER_CMD_COUNTER_GET: dump the counter rows
 * @SASSER_CMD_COUNTER_RESET: start the counters again, dump the old totals
 * @SASSER_CMD_POLICY_NTF: notification: a policy was assigned or un-assigned
 */
enum sasser_cmd {
	SASSER_CMD_UNSPEC,
	SASSER_CMD_STATUS_GET,
	SASSER_CMD_POLICY_SET,
	SASSER_CMD_POLICY_CLEAR,
	SASSER_CMD_FILTER_GET,
	SASSER_CMD_COUNTER_GET,
	SASSER_CMD_COUNTER_RESET,
	SASSER_CMD_POLICY_NTF,

	/* private: */
	__SASSER_CMD_MAX,
	SASSER_CMD_MAX = __SASSER_CMD_MAX - 1
};

/**
 * enum sasser_mode - what a policy does with the packets that it matches
 * @SASSER_MODE_ENFORCE: each filter's own action
 * @SASSER_MODE_OBSERVE: count what would have been blocked, drop nothing
 */
enum sasser_mode {
	SASSER_MODE_ENFORCE = 1,
	SASSER_MODE_OBSERVE,
};

/**
 * enum sasser_origin - who assigned a policy; a label, not a right
 * @SASSER_ORIGIN_LOCAL: this host's administrator
 * @SASSER_ORIGIN_DOMAIN: Group Policy, or configuration management
 */
enum sasser_origin {
	SASSER_ORIGIN_LOCAL = 1,
	SASSER_ORIGIN_DOMAIN,
};

/**
 * enum sasser_direction - seen from this host
 * @SASSER_DIRECTION_IN: packets to an address of this host
 * @SASSER_DIRECTION_OUT: packets that this host sends to another
 * @SASSER_DIRECTION_BOTH: either; in filters only, never in counters
 */
enum sasser_direction {
	SASSER_DIRECTION_IN = 1,
	SASSER_DIRECTION_OUT,
	SASSER_DIRECTION_BOTH,
};

/**
 * enum sasser_protocol - transport protocols, by their IANA number
 * @SASSER_PROTOCOL_TCP: TCP. A packet to a port below 512 matches always, one
 *	to a port from 512 up if it opens a connection (SYN without ACK)
 * @SASSER_PROTOCOL_UDP: UDP. Every packet matches
 */
enum sasser_protocol {
	SASSER_PROTOCOL_TCP = 6,
	SASSER_PROTOCOL_UDP = 17,
};

/**
 * enum sasser_action - what happens to a packet that a filter matches
 * @SASSER_ACTION_BLOCK: count and drop; an outbound SYN is refused, so that
 *	connect(2) fails with ECONNREFUSED
 * @SASSER_ACTION_OBSERVE: count and let pass
 *
 * If several filters match, block wins over observe, and the filter that stands
 * first over one of the same action.
 */
enum sasser_action {
	SASSER_ACTION_BLOCK = 1,
	SASSER_ACTION_OBSERVE,
};

/**
 * enum sasser_event - what a notification is about
 * @SASSER_EVENT_ASSIGNED: a policy was assigned, perhaps in place of another
 * @SASSER_EVENT_UNASSIGNED: the policy was un-assigned
 */
enum sasser_event {
	SASSER_EVENT_ASSIGNED = 1,
	SASSER_EVENT_UNASSIGNED,
};

/**
 * enum sasser_attr - attributes of every command
 * @SASSER_A_UNSPEC: not an attribute
 * @SASSER_A_PAD: alignment of 64-bit attributes
 * @SASSER_A_POLICY: string, name of the policy
 * @SASSER_A_MODE: u8, &enum sasser_mode
 * @SASSER_A_ORIGIN: u8, &enum sasser_origin
 * @SASSER_A_FILTER: nest of &enum sasser_filter_attr; repeated, up to
 *	%SASSER_FILTERS_MAX, at least one
 * @SASSER_A_COUNTER: nest of &enum sasser_counter_attr
 * @SASSER_A_VERSION: string, version of the module
 * @SASSER_A_GENERATION: u64, changes with every assignment and un-assignment
 *	in this namespace; 0 before the first
 * @SASSER_A_ASSIGNED: u8, 1 if a policy is assigned, else 0
 * @SASSER_A_SINCE: u64, time of the assignment in seconds since the epoch
 * @SASSER_A_UNCLASSIFIED: u64, IPv6 packets to this host that hid their
 *	transport header or its ports, since the last reset. Dropped, or in
 *	observe mode passed.
 * @SASSER_A_NAMESPACES: u32, network namespaces with a policy assigned, this
 *	one included
 * @SASSER_A_EVERYWHERE: flag, un-assign in all network namespaces
 * @SASSER_A_EVENT: u8, &enum sasser_event
 */
enum sasser_attr {
	SASSER_A_UNSPEC,
	SASSER_A_PAD,
	SASSER_A_POLICY,
	SASSER_A_MODE,
	SASSER_A_ORIGIN,
	SASSER_A_FILTER,
	SASSER_A_COUNTER,
	SASSER_A_VERSION,
	SASSER_A_GENERATION,
	SASSER_A_ASSIGNED,
	SASSER_A_SINCE,
	SASSER_A_UNCLASSIFIED,
	SASSER_A_NAMESPACES,
	SASSER_A_EVERYWHERE,
	SASSER_A_EVENT,

	/* private: */
	__SASSER_A_MAX,
	SASSER_A_MAX = __SASSER_A_MAX - 1
};

/**
 * enum sasser_filter_attr - attributes nested in %SASSER_A_FILTER, all required
 * @SASSER_FILTER_A_UNSPEC: not an attribute
 * @SASSER_FILTER_A_NAME: string, unique in the policy
 * @SASSER_FILTER_A_DIRECTION: u8, &enum sasser_direction
 * @SASSER_FILTER_A_PROTOCOL: u8, &enum sasser_protocol
 * @SASSER_FILTER_A_ACTION: u8, &enum sasser_action
 * @SASSER_FILTER_A_RANGE: nest of &enum sasser_range_attr; repeated, at least
 *	one, and no two of a filter overlap; %SASSER_RANGES_MAX over all filters
 */
enum sasser_filter_attr {
	SASSER_FILTER_A_UNSPEC,
	SASSER_FILTER_A_NAME,
	SASSER_FILTER_A_DIRECTION,
	SASSER_FILTER_A_PROTOCOL,
	SASSER_FILTER_A_ACTION,
	SASSER_FILTER_A_RANGE,

	/* private: */
	__SASSER_FILTER_A_MAX,
	SASSER_FILTER_A_MAX = __SASSER_FILTER_A_MAX - 1
};

/**
 * enum sasser_range_attr - attributes nested in %SASSER_FILTER_A_RANGE
 * @SASSER_RANGE_A_UNSPEC: not an attribute
 * @SASSER_RANGE_A_FIRST: u16, lowest port, 1 to 65535
 * @SASSER_RANGE_A_LAST: u16, highest port, not below the lowest
 */
enum sasser_range_attr {
	SASSER_RANGE_A_UNSPEC,
	SASSER_RANGE_A_FIRST,
	SASSER_RANGE_A_LAST,

	/* private: */
	__SASSER_RANGE_A_MAX,
	SASSER_RANGE_A_MAX = __SASSER_RANGE_A_MAX - 1
};

/**
 * enum sasser_counter_attr - attributes nested in %SASSER_A_COUNTER
 * @SASSER_COUNTER_A_UNSPEC: not an attribute
 * @SASSER_COUNTER_A_PAD: alignment of 64-bit attributes
 * @SASSER_COUNTER_A_FILTER: string, name of the filter
 * @SASSER_COUNTER_A_DIRECTION: u8, &enum sasser_direction, never both
 * @SASSER_COUNTER_A_PROTOCOL: u8, &enum sasser_protocol
 * @SASSER_COUNTER_A_FIRST: u16, lowest destination port
 * @SASSER_COUNTER_A_LAST: u16, highest destination port
 * @SASSER_COUNTER_A_ACTION: u8, &enum sasser_action in effect: in a policy in
 *	observe mode always observe
 * @SASSER_COUNTER_A_PACKETS: u64, packets as the hook saw them (GRO may have
 *	joined segments)
 * @SASSER_COUNTER_A_BYTES: u64, length of these with the IP header and without
 *	the link layer
 * @SASSER_COUNTER_A_ATTEMPTS: u64, those that open a TCP connection (SYN
 *	without ACK); 0 for UDP
 * @SASSER_COUNTER_A_FIRST_HIT: u64, time of the first hit since the last reset,
 *	in seconds since the epoch; absent without a hit
 * @SASSER_COUNTER_A_LAST_HIT: u64, time of the last hit, likewise
 */
enum sasser_counter_attr {
	SASSER_COUNTER_A_UNSPEC,
	SASSER_COUNTER_A_PAD,
	SASSER_COUNTER_A_FILTER,
	SASSER_COUNTER_A_DIRECTION,
	SASSER_COUNTER_A_PROTOCOL,
	SASSER_COUNTER_A_FIRST,
	SASSER_COUNTER_A_LAST,
	SASSER_COUNTER_A_ACTION,
	SASSER_COUNTER_A_PACKETS,
	SASSER_COUNTER_A_BYTES,
	SASSER_COUNTER_A_ATTEMPTS,
	SASSER_COUNTER_A_FIRST_HIT,
	SASSER_COUNTER_A_LAST_HIT,

	/* private: */
	__SASSER_COUNTER_A_MAX,
	SASSER_COUNTER_A_MAX = __SASSER_COUNTER_A_MAX - 1
};

#endif /* _LINUX_SASSER_H */
