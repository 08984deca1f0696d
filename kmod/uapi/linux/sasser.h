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
 *	request: IMPOSED  (optional: of the policy imposed, see below)
 *	reply:   VERSION, GENERATION, ASSIGNED, UNCLASSIFIED
 *	         POLICY, MODE, ORIGIN, MATCH, SCOPE, SINCE  (the policy assigned
 *	             or, where ASSIGNED is 0, the last one; absent if there
 *	             never was one)
 *	         CONFIRM     (while it is on trial: seconds left; never of a
 *	             policy imposed, whose trial is the initial namespace's)
 *	         IMPOSED     (a policy is imposed on this namespace)
 *	         NAMESPACES  (in the initial namespace only)
 *
 * SASSER_CMD_POLICY_SET, do, admin: assign a policy, in place of any other
 *	request: POLICY, MODE, ORIGIN, FILTER *
 *	         MATCH    (optional: auto)
 *	         SCOPE    (optional: host. Everywhere takes CAP_NET_ADMIN in the
 *	             initial user namespace, and a socket of the initial network
 *	             namespace: else EPERM)
 *	         CONFIRM  (optional: on trial, for so many seconds)
 *	reply:   none but the acknowledgment; the policy is in force on every CPU
 *	         when it arrives
 *	errors:  EINVAL  an attribute is missing or its value is wrong
 *	         ERANGE  a number is out of its range
 *	         E2BIG   over SASSER_FILTERS_MAX, SASSER_RANGES_MAX or
 *	                 SASSER_REMOTES_MAX
 *	         EEXIST  two filters of the same name
 *	         ENOENT  the module is being unloaded
 *	         EPERM, ENOMEM
 *
 * SASSER_CMD_POLICY_CONFIRM, do, admin: keep the policy that is on trial
 *	request: GENERATION  (of the assignment that is meant)
 *	errors:  EINVAL  the attribute is missing
 *	         ENOENT  no policy is on trial
 *	         ESTALE  what is on trial has another generation
 *
 * SASSER_CMD_POLICY_CLEAR, do, admin: un-assign; fine if nothing is assigned
 *	request: EVERYWHERE  (optional: in all network namespaces; takes
 *	             CAP_NET_ADMIN in the initial user namespace, and a socket of
 *	             the initial network namespace: else EPERM)
 *
 * SASSER_CMD_FILTER_GET, dump: the filters of the policy assigned, or of the
 *	last one, in the order of the request that assigned it
 *	request: IMPOSED  (optional: of the policy imposed)
 *	reply:   GENERATION and one FILTER a message. A filter with many ports
 *	         or remote prefixes goes on in the next message, under the same
 *	         name: first all its RANGEs come, then its REMOTEs.
 *
 * SASSER_CMD_COUNTER_GET, dump: the counter rows of that policy
 *	request: IMPOSED  (optional: of the policy imposed)
 *	reply:   GENERATION and one COUNTER a message; rows without a hit too
 *
 * SASSER_CMD_COUNTER_RESET, dump, admin: start all counters again at zero
 *	request: IMPOSED  (optional: those of the policy imposed)
 *	reply:   as COUNTER_GET, with the final totals of the counters that were
 *	         replaced, then one message with GENERATION and the final
 *	         UNCLASSIFIED. Every hit is either in these totals or in the new
 *	         counters.
 *	errors:  ENOENT  there never was a policy
 *	         EBUSY   16 resets of this namespace have not been read to the
 *	                 end, nor their sockets closed; each holds its counters
 *
 * SASSER_CMD_POLICY_NTF: sent to the multicast group SASSER_GENL_MCGRP_POLICY of
 *	the namespace when a policy was assigned, un-assigned, reverted or
 *	confirmed there
 *	message: EVENT and the attributes of a STATUS_GET reply, but NAMESPACES.
 *	         With IMPOSED they are those of the policy imposed.
 *
 * A dump that a change of the policy or a reset of the counters has
 * interrupted has NLM_F_DUMP_INTR set: begin it again.
 *
 * Trial
 * =====
 * A policy assigned with CONFIRM is on trial: unless it is confirmed in so many
 * seconds, the kernel itself goes back to what was assigned before, be it
 * nothing. Time for which the host sleeps does not count. A second trial starts
 * the clock anew and keeps the first one's way back; a plain assignment or
 * un-assignment ends the trial, and so does the end of the namespace. Rows that
 * the policy before has too are counted on in a trial, and its others are kept.
 *
 * Scope
 * =====
 * A policy with SCOPE everywhere, assigned in the initial network namespace, is
 * imposed on every other one, also on those created later, beside a policy of
 * their own: either may block, and a permit of the one lifts nothing of the
 * other. Each namespace has counters of its own for it. It can't be un-assigned
 * there: GENERATION and SINCE of IMPOSED are those of the namespace, the policy
 * goes as it came.
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
#define SASSER_REMOTES_MAX	1024	/* remote prefixes, likewise */
#define SASSER_CONFIRM_MAX	86400	/* seconds that a trial may last */

/**
 * enum sasser_cmd - commands of the family
 * @SASSER_CMD_UNSPEC: not a command
 * @SASSER_CMD_STATUS_GET: what is assigned in this namespace
 * @SASSER_CMD_POLICY_SET: assign a policy
 * @SASSER_CMD_POLICY_CLEAR: un-assign
 * @SASSER_CMD_FILTER_GET: dump the filters of the policy
 * @SASSER_CMD_COUNTER_GET: dump the counter rows
 * @SASSER_CMD_COUNTER_RESET: start the counters again, dump the old totals
 * @SASSER_CMD_POLICY_NTF: notification: what is in force has changed
 * @SASSER_CMD_POLICY_CONFIRM: keep the policy that is on trial
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
	SASSER_CMD_POLICY_CONFIRM,

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
 * enum sasser_match - which TCP packets to a port of a filter match it
 * @SASSER_MATCH_AUTO: below port 512 every packet; from 512 up, where the port
 *	may be an innocent's source port, those that open a connection (SYN
 *	without ACK)
 * @SASSER_MATCH_PACKET: every packet, as in 2004
 */
enum sasser_match {
	SASSER_MATCH_AUTO = 1,
	SASSER_MATCH_PACKET,
};

/**
 * enum sasser_scope - where a policy is in force
 * @SASSER_SCOPE_HOST: in the network namespace that it is assigned in
 * @SASSER_SCOPE_EVERYWHERE: in all of them
 */
enum sasser_scope {
	SASSER_SCOPE_HOST = 1,
	SASSER_SCOPE_EVERYWHERE,
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
 * @SASSER_PROTOCOL_TCP: TCP; which packets match, &enum sasser_match says
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
 * @SASSER_ACTION_PERMIT: the same, to exempt what other filters block
 *
 * If several filters match a packet, the one with the longest remote prefix
 * that holds the remote address decides; no prefix is the shortest. At equal
 * length block wins over observe, observe over permit, and then the filter that
 * stands first.
 */
enum sasser_action {
	SASSER_ACTION_BLOCK = 1,
	SASSER_ACTION_OBSERVE,
	SASSER_ACTION_PERMIT,
};

/**
 * enum sasser_event - what a notification is about
 * @SASSER_EVENT_ASSIGNED: a policy was assigned, perhaps in place of another
 * @SASSER_EVENT_UNASSIGNED: the policy was un-assigned
 * @SASSER_EVENT_REVERTED: a trial ended without being confirmed: what was in
 *	force before is in force again, or nothing is
 * @SASSER_EVENT_CONFIRMED: the policy on trial was confirmed
 */
enum sasser_event {
	SASSER_EVENT_ASSIGNED = 1,
	SASSER_EVENT_UNASSIGNED,
	SASSER_EVENT_REVERTED,
	SASSER_EVENT_CONFIRMED,
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
 * @SASSER_A_GENERATION: u64, changes with every assignment, un-assignment and
 *	revert in this namespace, also of a policy imposed; 0 before the first
 * @SASSER_A_ASSIGNED: u8, 1 if a policy is assigned, else 0
 * @SASSER_A_SINCE: u64, time of the assignment in seconds since the epoch
 * @SASSER_A_UNCLASSIFIED: u64, IPv6 packets to this host that hid their
 *	transport header or its ports, since the last reset. Dropped, or in
 *	observe mode passed.
 * @SASSER_A_NAMESPACES: u32, network namespaces with a policy assigned, this
 *	one included
 * @SASSER_A_EVERYWHERE: flag, un-assign in all network namespaces
 * @SASSER_A_EVENT: u8, &enum sasser_event
 * @SASSER_A_MATCH: u8, &enum sasser_match
 * @SASSER_A_SCOPE: u8, &enum sasser_scope
 * @SASSER_A_CONFIRM: u32, seconds until a policy on trial is reverted: 1 to
 *	%SASSER_CONFIRM_MAX in a request
 * @SASSER_A_IMPOSED: flag, a policy that is in force here because it was
 *	assigned everywhere
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
	SASSER_A_MATCH,
	SASSER_A_SCOPE,
	SASSER_A_CONFIRM,
	SASSER_A_IMPOSED,

	/* private: */
	__SASSER_A_MAX,
	SASSER_A_MAX = __SASSER_A_MAX - 1
};

/**
 * enum sasser_filter_attr - attributes nested in %SASSER_A_FILTER, all but
 *	%SASSER_FILTER_A_REMOTE required
 * @SASSER_FILTER_A_UNSPEC: not an attribute
 * @SASSER_FILTER_A_NAME: string, unique in the policy
 * @SASSER_FILTER_A_DIRECTION: u8, &enum sasser_direction
 * @SASSER_FILTER_A_PROTOCOL: u8, &enum sasser_protocol
 * @SASSER_FILTER_A_ACTION: u8, &enum sasser_action
 * @SASSER_FILTER_A_RANGE: nest of &enum sasser_range_attr; repeated, at least
 *	one, and no two of a filter overlap; %SASSER_RANGES_MAX over all filters
 * @SASSER_FILTER_A_REMOTE: nest of &enum sasser_remote_attr; repeated, and no
 *	two of a filter are the same; %SASSER_REMOTES_MAX over all filters. The
 *	filter matches only if one of these prefixes holds the remote address: the
 *	packet's source inbound, its destination outbound. Without any it matches
 *	all addresses.
 */
enum sasser_filter_attr {
	SASSER_FILTER_A_UNSPEC,
	SASSER_FILTER_A_NAME,
	SASSER_FILTER_A_DIRECTION,
	SASSER_FILTER_A_PROTOCOL,
	SASSER_FILTER_A_ACTION,
	SASSER_FILTER_A_RANGE,
	SASSER_FILTER_A_REMOTE,

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
 * enum sasser_remote_attr - attributes nested in %SASSER_FILTER_A_REMOTE, both
 *	required
 * @SASSER_REMOTE_A_UNSPEC: not an attribute
 * @SASSER_REMOTE_A_ADDRESS: binary, 4 (IPv4) or 16 bytes (IPv6) in network byte
 *	order; bits behind the prefix are 0
 * @SASSER_REMOTE_A_LENGTH: u8, bits in the prefix, 0 to 32 or 128
 */
enum sasser_remote_attr {
	SASSER_REMOTE_A_UNSPEC,
	SASSER_REMOTE_A_ADDRESS,
	SASSER_REMOTE_A_LENGTH,

	/* private: */
	__SASSER_REMOTE_A_MAX,
	SASSER_REMOTE_A_MAX = __SASSER_REMOTE_A_MAX - 1
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
 *	observe mode never block, but observe
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
