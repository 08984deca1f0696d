/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the packets of fuzz_packets go to and come from, besides netns.h. */
#ifndef _SASSER_TEST_FUZZ_WORLD_H
#define _SASSER_TEST_FUZZ_WORLD_H

/* The host's, on a device of which nothing comes. */
#define FUZZ_DUMMY_IPV4	"203.0.113.1"
#define FUZZ_DUMMY_IPV6	"2001:db8:200::1"
/* Of a whole prefix that is the host's by a route. */
#define FUZZ_ANY_IPV4	"198.51.100.66"
#define FUZZ_ANY_IPV6	"2001:db8:100::66"
#define FUZZ_ANY_PREFIX4	"198.51.100.0/24"
#define FUZZ_ANY_PREFIX6	"2001:db8:100::/64"
/* The host's link-local address, made from HOST_MAC. */
#define FUZZ_LINK_IPV6	"fe80::ff:fe00:1"

/* Nobody's on the veth */
#define FUZZ_OTHER_MAC	"02:00:00:00:00:77"

/* A hop-by-hop option that no kernel knows, to be skipped by its highest bits */
#define FUZZ_OPTION_SKIP	0x1e

#endif /* _SASSER_TEST_FUZZ_WORLD_H */
