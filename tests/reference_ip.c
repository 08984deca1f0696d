// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel's IP layer does before its first hook, and whose an address
 * is in the topology of fuzz_packets. From ip_rcv_core() in
 * net/ipv4/ip_input.c, ip6_rcv_core() in net/ipv6/ip6_input.c and
 * ip6_parse_tlv() in net/ipv6/exthdrs.c; where 5.10 and later differ, the
 * answer is that it is not known.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "fuzz_world.h"
#include "netns.h"
#include "reference.h"

static unsigned int get16(const uint8_t *data)
{
	return data[0] << 8 | data[1];
}

static bool sum_is_good(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < len; i += 2)
		sum += get16(data + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static size_t arrival_ipv4(const uint8_t *data, size_t len)
{
	size_t header_len, total;

	if (len < 20 || data[0] >> 4 != 4)
		return 0;
	header_len = (data[0] & 0xf) * 4;
	if (header_len < 20 || header_len > len ||
	    !sum_is_good(data, header_len))
		return 0;
	total = get16(data + 2);
	/* behind the datagram's end is padding */
	return total > len || total < header_len ? 0 : total;
}

/*
 * Hop-by-hop options: padding of up to 7 zero bytes, and options whose two
 * highest bits say "skip". How many of these, and those that the kernel knows
 * (router alert, jumbo, IOAM, CALIPSO), differ.
 */
static bool options_are_good(const uint8_t *data, size_t len, bool *unknown)
{
	unsigned int padding = 0, options = 0;
	size_t at = 2, size, i;

	while (at < len) {
		if (data[at] == 0) {
			size = 1;
			padding++;
		} else {
			if (at + 2 > len)
				return false;
			size = data[at + 1] + 2;
			if (at + size > len)
				return false;
			if (data[at] == 1) {
				padding += size;
				for (i = 2; i < size; i++)
					if (data[at + i])
						return false;
			} else {
				if (data[at] != FUZZ_OPTION_SKIP &&
				    !(data[at] >> 6))
					*unknown = true;
				if (data[at] == 0xc2 || ++options > 1)
					*unknown = true;
				if (data[at] >> 6)
					return false;
				padding = 0;
			}
		}
		if (padding > 7)
			return false;
		at += size;
	}
	return true;
}

static size_t arrival_ipv6(const uint8_t *data, size_t len, bool *unknown)
{
	const uint8_t *saddr = data + 8, *daddr = data + 24;
	static const uint8_t loopback[16] = { [15] = 1 };
	size_t payload, options;

	if (len < 40 || data[0] >> 4 != 6)
		return 0;
	if (!memcmp(saddr, loopback, 16) || !memcmp(daddr, loopback, 16))
		return 0;
	/* a group of this interface or of no scope; a group as the source */
	if ((daddr[0] == 0xff && (daddr[1] & 0xf) <= 1) || saddr[0] == 0xff)
		return 0;

	payload = get16(data + 4);
	if (payload || data[6] != IPPROTO_HOPOPTS) {
		if (payload + 40 > len)
			return 0;
		len = payload + 40;
	}
	if (data[6] != IPPROTO_HOPOPTS)
		return len;
	if (len < 48)
		return 0;
	options = (data[41] + 1) * 8;
	if (40 + options > len ||
	    !options_are_good(data + 40, options, unknown))
		return 0;
	return len;
}

size_t reference_arrival(int family, const uint8_t *data, size_t len,
			 bool *unknown)
{
	*unknown = false;
	return family == AF_INET ? arrival_ipv4(data, len) :
				   arrival_ipv6(data, len, unknown);
}

static bool is(int family, const uint8_t *address, const char *text)
{
	uint8_t other[16];

	inet_pton(family, text, other);
	return !memcmp(address, other, family == AF_INET ? 4 : 16);
}

static enum whose whose_ipv4(const uint8_t *a)
{
	static const char *const broadcast[] = {
		"255.255.255.255", "192.0.2.255", "203.0.113.255",
		"127.255.255.255",
	};
	unsigned int i;

	for (i = 0; i < sizeof(broadcast) / sizeof(*broadcast); i++)
		if (is(AF_INET, a, broadcast[i]))
			return WHOSE_GROUP;
	if (a[0] >= 224 && a[0] < 240)
		return WHOSE_GROUP;
	/* lo has 127.0.0.1/8 */
	if (a[0] == 127 || is(AF_INET, a, HOST_IPV4) ||
	    is(AF_INET, a, FUZZ_DUMMY_IPV4) ||
	    !memcmp(a, (uint8_t[]){ 198, 51, 100 }, 3))
		return WHOSE_HOST;
	return WHOSE_OTHER;
}

static enum whose whose_ipv6(const uint8_t *a)
{
	uint8_t any[16];

	if (a[0] == 0xff)
		return WHOSE_GROUP;
	inet_pton(AF_INET6, FUZZ_ANY_IPV6, any);
	if (is(AF_INET6, a, HOST_IPV6) || is(AF_INET6, a, FUZZ_LINK_IPV6) ||
	    is(AF_INET6, a, FUZZ_DUMMY_IPV6) || !memcmp(a, any, 8))
		return WHOSE_HOST;
	return WHOSE_OTHER;
}

enum whose reference_whose(int family, const uint8_t *address)
{
	return family == AF_INET ? whose_ipv4(address) : whose_ipv6(address);
}
