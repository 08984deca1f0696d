// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests that are refused for a remote prefix, and the limits of these. */
#include "refused.h"

#define NEITHER	"SASSER_REMOTE_A_ADDRESS is neither IPv4 nor IPv6"
#define LENGTH	"SASSER_REMOTE_A_LENGTH is too long, or too short for the address"
#define TWICE	"SASSER_FILTER_A_REMOTE is there twice in its filter"
#define TOO_MANY	"SASSER_FILTER_A_REMOTE: more than SASSER_REMOTES_MAX"

static const uint8_t ipv4[4] = { 192, 0, 2, 0 };
static const uint8_t ipv6[16] = { 0x20, 0x01, 0x0d, 0xb8 };

static struct nlattr *filter_start(struct nlmsghdr *nlh, const char *name)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);

	put_filter_head(nlh, name);
	put_range(nlh, 445, 445);
	return nest;
}

/* Return: the nest */
static struct nlattr *put_remote(struct nlmsghdr *nlh, size_t size,
				 const void *address, uint8_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, SASSER_FILTER_A_REMOTE);

	mnl_attr_put(nlh, SASSER_REMOTE_A_ADDRESS, size, address);
	mnl_attr_put_u8(nlh, SASSER_REMOTE_A_LENGTH, len);
	mnl_attr_nest_end(nlh, nest);
	return nest;
}

/* Of 32 bits, all different. */
static struct nlattr *put_number(struct nlmsghdr *nlh, unsigned int n)
{
	const uint8_t address[4] = { 10, n >> 16, n >> 8, n };

	return put_remote(nlh, sizeof(address), address, 32);
}

/* What the refused ones differ from by what their name says. */
TEST_F(refused, not_what_is_right)
{
	static const uint8_t any[16];
	struct genl *genl = &self->genl;
	static char buf[REQUEST_MAX];
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	unsigned int i;

	nlh = genl_request(genl, buf, SASSER_CMD_POLICY_SET, NLM_F_ACK);
	put_head(nlh);
	nest = filter_start(nlh, "first");
	put_remote(nlh, 4, ipv4, 24);
	put_remote(nlh, 4, ipv4, 25);
	put_remote(nlh, 4, any, 0);
	put_remote(nlh, 16, any, 0);
	put_remote(nlh, 16, ipv6, 32);
	put_remote(nlh, 16, ipv6, 128);
	mnl_attr_nest_end(nlh, nest);
	/* the same prefix, but of another filter; and as many as there may be */
	nest = filter_start(nlh, "second");
	put_remote(nlh, 4, ipv4, 24);
	for (i = 0; i < SASSER_REMOTES_MAX - 7; i++)
		put_number(nlh, i);
	mnl_attr_nest_end(nlh, nest);
	EXPECT_EQ(0, genl_talk(genl, nlh, NULL, NULL));
	EXPECT_STREQ("", genl->message);
	ASSERT_EQ(0, filters_get(genl, &filters));
	EXPECT_EQ(2, filters.n);
	EXPECT_EQ(6, filters.filter[0].n_remotes);
	EXPECT_EQ(SASSER_REMOTES_MAX - 6, filters.filter[1].n_remotes);
}

/* A prefix with one of its attributes again, with @len bytes. */
static const struct nlattr *put_in_remote(struct nlmsghdr *nlh, uint16_t type,
					  size_t len, const void *data)
{
	struct nlattr *nest, *remote, *attr;

	put_head(nlh);
	put_filter(nlh, "first");
	nest = filter_start(nlh, "second");
	remote = mnl_attr_nest_start(nlh, SASSER_FILTER_A_REMOTE);
	mnl_attr_put(nlh, SASSER_REMOTE_A_ADDRESS, sizeof(ipv4), ipv4);
	mnl_attr_put_u8(nlh, SASSER_REMOTE_A_LENGTH, 24);
	attr = next(nlh);
	mnl_attr_put(nlh, type, len, data);
	mnl_attr_nest_end(nlh, remote);
	mnl_attr_nest_end(nlh, nest);
	return attr;
}

#define REMOTE(name, err, message, type, ...)				\
	SET(name, err, message)						\
	{								\
		static const uint8_t data[] = { __VA_ARGS__ };		\
									\
		return put_in_remote(nlh, type, sizeof(data), data);	\
	}

REMOTE(length_33, EINVAL, LENGTH, SASSER_REMOTE_A_LENGTH, 33)
REMOTE(length_255, EINVAL, LENGTH, SASSER_REMOTE_A_LENGTH, 255)
REMOTE(length_with_a_bit_behind, EINVAL, LENGTH, SASSER_REMOTE_A_LENGTH, 22)
REMOTE(length_0_with_bits_behind, EINVAL, LENGTH, SASSER_REMOTE_A_LENGTH, 0)
REMOTE(length_of_16_bits, EINVAL, BAD_LENGTH, SASSER_REMOTE_A_LENGTH, 24, 0)
REMOTE(length_of_32_bits, EINVAL, BAD_LENGTH, SASSER_REMOTE_A_LENGTH,
       24, 0, 0, 0)
REMOTE(length_truncated, EINVAL, BAD_LENGTH, SASSER_REMOTE_A_LENGTH)
REMOTE(length_nested, EINVAL, "NLA_F_NESTED not expected",
       SASSER_REMOTE_A_LENGTH | NLA_F_NESTED, 24)
REMOTE(address_of_no_bytes, EINVAL, NEITHER, SASSER_REMOTE_A_ADDRESS)
REMOTE(address_of_3_bytes, EINVAL, NEITHER, SASSER_REMOTE_A_ADDRESS, 1, 2, 3)
REMOTE(address_of_5_bytes, EINVAL, NEITHER, SASSER_REMOTE_A_ADDRESS,
       1, 2, 3, 4, 5)
REMOTE(address_of_15_bytes, EINVAL, NEITHER, SASSER_REMOTE_A_ADDRESS,
       1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
REMOTE(address_of_17_bytes, ERANGE, BAD_VALUE, SASSER_REMOTE_A_ADDRESS,
       1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
REMOTE(address_nested, EINVAL, "NLA_F_NESTED not expected",
       SASSER_REMOTE_A_ADDRESS | NLA_F_NESTED, 192, 0, 2, 0)
REMOTE(attribute_unknown, EINVAL, UNKNOWN, SASSER_REMOTE_A_MAX + 1, 1)
REMOTE(attribute_0, EINVAL, UNKNOWN, SASSER_REMOTE_A_UNSPEC, 1)

/* Return: the length */
static const struct nlattr *put_ipv6(struct nlmsghdr *nlh, uint8_t len)
{
	struct nlattr *nest, *remote, *attr;

	put_head(nlh);
	nest = filter_start(nlh, "first");
	remote = mnl_attr_nest_start(nlh, SASSER_FILTER_A_REMOTE);
	mnl_attr_put(nlh, SASSER_REMOTE_A_ADDRESS, sizeof(ipv6), ipv6);
	attr = next(nlh);
	mnl_attr_put_u8(nlh, SASSER_REMOTE_A_LENGTH, len);
	mnl_attr_nest_end(nlh, remote);
	mnl_attr_nest_end(nlh, nest);
	return attr;
}

SET(ipv6_length_129, EINVAL, LENGTH)
{
	return put_ipv6(nlh, 129);
}

SET(ipv6_length_with_a_bit_behind, EINVAL, LENGTH)
{
	return put_ipv6(nlh, 28);
}

/* A filter with one attribute more than its ports. */
static const struct nlattr *put_in_filter(struct nlmsghdr *nlh, uint16_t type,
					  size_t len, const void *data)
{
	struct nlattr *nest, *attr;

	put_head(nlh);
	nest = filter_start(nlh, "first");
	attr = next(nlh);
	mnl_attr_put(nlh, type, len, data);
	mnl_attr_nest_end(nlh, nest);
	return attr;
}

#define FILTER(name, err, message, type, ...)				\
	SET(name, err, message)						\
	{								\
		static const uint8_t data[] = { __VA_ARGS__ };		\
									\
		return put_in_filter(nlh, type, sizeof(data), data);	\
	}

FILTER(without_nested_flag, EINVAL, "NLA_F_NESTED is missing",
       SASSER_FILTER_A_REMOTE, 0, 0, 0, 0)
FILTER(of_no_bytes, EINVAL, "SASSER_REMOTE_A_ADDRESS is missing",
       SASSER_FILTER_A_REMOTE | NLA_F_NESTED)
FILTER(of_3_bytes, ERANGE, BAD_VALUE, SASSER_FILTER_A_REMOTE | NLA_F_NESTED,
       1, 2, 3)

static const struct nlattr *put_half(struct nlmsghdr *nlh, uint16_t type,
				     size_t len, const void *data)
{
	struct nlattr *nest, *remote;

	put_head(nlh);
	nest = filter_start(nlh, "first");
	remote = mnl_attr_nest_start(nlh, SASSER_FILTER_A_REMOTE);
	mnl_attr_put(nlh, type, len, data);
	mnl_attr_nest_end(nlh, remote);
	mnl_attr_nest_end(nlh, nest);
	return remote;
}

SET(address_missing, EINVAL, "SASSER_REMOTE_A_ADDRESS is missing")
{
	return put_half(nlh, SASSER_REMOTE_A_LENGTH, 1, "");
}

SET(length_missing, EINVAL, "SASSER_REMOTE_A_LENGTH is missing")
{
	return put_half(nlh, SASSER_REMOTE_A_ADDRESS, sizeof(ipv4), ipv4);
}

SET(with_leftover, EINVAL, LEFTOVER)
{
	struct nlattr *nest, *remote;

	put_head(nlh);
	nest = filter_start(nlh, "first");
	remote = mnl_attr_nest_start(nlh, SASSER_FILTER_A_REMOTE);
	mnl_attr_put(nlh, SASSER_REMOTE_A_ADDRESS, sizeof(ipv4), ipv4);
	mnl_attr_put_u8(nlh, SASSER_REMOTE_A_LENGTH, 24);
	memset(next(nlh), 0, sizeof(struct nlattr));
	nlh->nlmsg_len += sizeof(struct nlattr);
	mnl_attr_nest_end(nlh, remote);
	mnl_attr_nest_end(nlh, nest);
	return NULL;
}

SET(twice, EINVAL, TWICE)
{
	const struct nlattr *attr;
	struct nlattr *nest;

	put_head(nlh);
	nest = filter_start(nlh, "first");
	put_remote(nlh, 4, ipv4, 24);
	put_remote(nlh, 16, ipv6, 64);
	attr = put_remote(nlh, 4, ipv4, 24);
	mnl_attr_nest_end(nlh, nest);
	return attr;
}

SET(twice_and_a_range_between, EINVAL, TWICE)
{
	const struct nlattr *attr;
	struct nlattr *nest;

	put_head(nlh);
	nest = filter_start(nlh, "first");
	put_remote(nlh, 16, ipv6, 64);
	put_range(nlh, 139, 139);
	attr = put_remote(nlh, 16, ipv6, 64);
	mnl_attr_nest_end(nlh, nest);
	return attr;
}

/* Limits. */

SET(remotes_1025_in_one_filter, E2BIG, TOO_MANY)
{
	const struct nlattr *attr = NULL;
	struct nlattr *nest;
	unsigned int i;

	put_head(nlh);
	nest = filter_start(nlh, "first");
	for (i = 0; i < SASSER_REMOTES_MAX + 1; i++)
		attr = put_number(nlh, i);
	mnl_attr_nest_end(nlh, nest);
	return attr;
}

SET(remotes_1025_in_two_filters, E2BIG, TOO_MANY)
{
	const struct nlattr *attr;
	struct nlattr *nest;
	unsigned int i;

	put_head(nlh);
	nest = filter_start(nlh, "first");
	for (i = 0; i < SASSER_REMOTES_MAX; i++)
		put_number(nlh, i);
	mnl_attr_nest_end(nlh, nest);
	nest = filter_start(nlh, "second");
	attr = put_remote(nlh, 4, ipv4, 24);
	mnl_attr_nest_end(nlh, nest);
	return attr;
}

int main(int argc, char **argv)
{
	module_load();
	dummy_create();
	return test_harness_run(argc, argv);
}
