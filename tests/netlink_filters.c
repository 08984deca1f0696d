// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests that are refused for what is in their filters, and the limits. */
#include "refused.h"

/* A filter after a good one; all but the attribute @lacks, which is missing. */
static const struct nlattr *put_lacking(struct nlmsghdr *nlh, uint16_t lacks)
{
	struct nlattr *nest;

	put_head(nlh);
	put_filter(nlh, "first");
	nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);
	if (lacks != SASSER_FILTER_A_NAME)
		mnl_attr_put_strz(nlh, SASSER_FILTER_A_NAME, "second");
	if (lacks != SASSER_FILTER_A_DIRECTION)
		mnl_attr_put_u8(nlh, SASSER_FILTER_A_DIRECTION,
				SASSER_DIRECTION_IN);
	if (lacks != SASSER_FILTER_A_PROTOCOL)
		mnl_attr_put_u8(nlh, SASSER_FILTER_A_PROTOCOL,
				SASSER_PROTOCOL_TCP);
	if (lacks != SASSER_FILTER_A_ACTION)
		mnl_attr_put_u8(nlh, SASSER_FILTER_A_ACTION,
				SASSER_ACTION_BLOCK);
	if (lacks != SASSER_FILTER_A_RANGE)
		put_range(nlh, 1, 2);
	mnl_attr_nest_end(nlh, nest);
	return nest;
}

#define LACKS(name, attr)						\
	SET(name, EINVAL, #attr " is missing")				\
	{								\
		return put_lacking(nlh, attr);				\
	}

LACKS(filter_name_missing, SASSER_FILTER_A_NAME)
LACKS(filter_direction_missing, SASSER_FILTER_A_DIRECTION)
LACKS(filter_protocol_missing, SASSER_FILTER_A_PROTOCOL)
LACKS(filter_action_missing, SASSER_FILTER_A_ACTION)
LACKS(filter_range_missing, SASSER_FILTER_A_RANGE)

/* A filter with one range that has only this attribute. */
static const struct nlattr *put_half_range(struct nlmsghdr *nlh, uint16_t attr)
{
	struct nlattr *nest, *range;

	put_head(nlh);
	nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);
	put_filter_head(nlh, "first");
	range = mnl_attr_nest_start(nlh, SASSER_FILTER_A_RANGE);
	mnl_attr_put_u16(nlh, attr, 445);
	mnl_attr_nest_end(nlh, range);
	mnl_attr_nest_end(nlh, nest);
	return range;
}

SET(range_first_missing, EINVAL, "SASSER_RANGE_A_FIRST is missing")
{
	return put_half_range(nlh, SASSER_RANGE_A_LAST);
}

SET(range_last_missing, EINVAL, "SASSER_RANGE_A_LAST is missing")
{
	return put_half_range(nlh, SASSER_RANGE_A_FIRST);
}

/* A filter with one of its attributes again, with @len bytes. */
static const struct nlattr *put_twice(struct nlmsghdr *nlh, uint16_t type,
				      size_t len, const void *data)
{
	struct nlattr *nest, *attr;

	put_head(nlh);
	put_filter(nlh, "first");
	nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);
	put_filter_head(nlh, "second");
	put_range(nlh, 445, 445);
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
		return put_twice(nlh, type, sizeof(data), data);	\
	}

FILTER(direction_0, ERANGE, OUT_OF_RANGE, SASSER_FILTER_A_DIRECTION, 0)
FILTER(direction_4, ERANGE, OUT_OF_RANGE, SASSER_FILTER_A_DIRECTION, 4)
FILTER(direction_oversized, EINVAL, BAD_LENGTH, SASSER_FILTER_A_DIRECTION,
       1, 0)
FILTER(protocol_icmp, EINVAL,
       "SASSER_FILTER_A_PROTOCOL is neither TCP nor UDP",
       SASSER_FILTER_A_PROTOCOL, 1)
FILTER(protocol_0, EINVAL, "SASSER_FILTER_A_PROTOCOL is neither TCP nor UDP",
       SASSER_FILTER_A_PROTOCOL, 0)
FILTER(protocol_truncated, EINVAL, BAD_LENGTH, SASSER_FILTER_A_PROTOCOL)
FILTER(action_0, ERANGE, OUT_OF_RANGE, SASSER_FILTER_A_ACTION, 0)
FILTER(action_4, ERANGE, OUT_OF_RANGE, SASSER_FILTER_A_ACTION, 4)
FILTER(name_empty, EINVAL,
       "SASSER_FILTER_A_NAME is empty or has a character not allowed",
       SASSER_FILTER_A_NAME, 0)
FILTER(name_with_quote, EINVAL,
       "SASSER_FILTER_A_NAME is empty or has a character not allowed",
       SASSER_FILTER_A_NAME, 'a', '"', 0)
FILTER(name_with_line_feed, EINVAL,
       "SASSER_FILTER_A_NAME is empty or has a character not allowed",
       SASSER_FILTER_A_NAME, 'a', '\n', 0)
FILTER(name_with_dot_first, EINVAL,
       "SASSER_FILTER_A_NAME is empty or has a character not allowed",
       SASSER_FILTER_A_NAME, '.', 'a', 0)
FILTER(name_unterminated, EINVAL, BAD_VALUE, SASSER_FILTER_A_NAME, 'a')
FILTER(name_of_another, EEXIST,
       "SASSER_FILTER_A_NAME is that of another filter too",
       SASSER_FILTER_A_NAME, 'f', 'i', 'r', 's', 't', 0)
FILTER(attribute_unknown, EINVAL, UNKNOWN, SASSER_FILTER_A_MAX + 1, 1)
FILTER(attribute_0, EINVAL, UNKNOWN, SASSER_FILTER_A_UNSPEC, 1)
FILTER(range_without_nested_flag, EINVAL, "NLA_F_NESTED is missing",
       SASSER_FILTER_A_RANGE, 0, 0, 0, 0)
FILTER(range_of_no_bytes, EINVAL, "SASSER_RANGE_A_FIRST is missing",
       SASSER_FILTER_A_RANGE | NLA_F_NESTED)
FILTER(range_of_3_bytes, ERANGE, BAD_VALUE,
       SASSER_FILTER_A_RANGE | NLA_F_NESTED, 1, 2, 3)

SET(name_of_64_characters, EINVAL, BAD_VALUE)
{
	char name[65] = {};

	memset(name, 'a', 64);
	return put_twice(nlh, SASSER_FILTER_A_NAME, sizeof(name), name);
}

/* An attribute whose length is 0. */
static void put_leftover(struct nlmsghdr *nlh)
{
	memset(next(nlh), 0, sizeof(struct nlattr));
	nlh->nlmsg_len += sizeof(struct nlattr);
}

SET(filter_with_leftover, EINVAL, LEFTOVER)
{
	struct nlattr *nest;

	put_head(nlh);
	nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);
	put_filter_head(nlh, "first");
	put_range(nlh, 445, 445);
	put_leftover(nlh);
	mnl_attr_nest_end(nlh, nest);
	return NULL;
}

SET(range_with_leftover, EINVAL, LEFTOVER)
{
	struct nlattr *nest, *range;

	put_head(nlh);
	nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);
	put_filter_head(nlh, "first");
	range = mnl_attr_nest_start(nlh, SASSER_FILTER_A_RANGE);
	mnl_attr_put_u16(nlh, SASSER_RANGE_A_FIRST, 445);
	mnl_attr_put_u16(nlh, SASSER_RANGE_A_LAST, 445);
	put_leftover(nlh);
	mnl_attr_nest_end(nlh, range);
	mnl_attr_nest_end(nlh, nest);
	return NULL;
}

/* A range with one of its attributes again, with @len bytes. */
static const struct nlattr *put_in_range(struct nlmsghdr *nlh, uint16_t type,
					 size_t len, const void *data)
{
	struct nlattr *nest, *range, *attr;

	put_head(nlh);
	nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);
	put_filter_head(nlh, "first");
	range = mnl_attr_nest_start(nlh, SASSER_FILTER_A_RANGE);
	mnl_attr_put_u16(nlh, SASSER_RANGE_A_FIRST, 445);
	mnl_attr_put_u16(nlh, SASSER_RANGE_A_LAST, 445);
	attr = next(nlh);
	mnl_attr_put(nlh, type, len, data);
	mnl_attr_nest_end(nlh, range);
	mnl_attr_nest_end(nlh, nest);
	return attr;
}

#define RANGE(name, err, message, type, ...)				\
	SET(name, err, message)						\
	{								\
		static const uint8_t data[] = { __VA_ARGS__ };		\
									\
		return put_in_range(nlh, type, sizeof(data), data);	\
	}

RANGE(port_0_first, ERANGE, OUT_OF_RANGE, SASSER_RANGE_A_FIRST, 0, 0)
RANGE(port_0_last, ERANGE, OUT_OF_RANGE, SASSER_RANGE_A_LAST, 0, 0)
RANGE(port_of_8_bits, EINVAL, BAD_LENGTH, SASSER_RANGE_A_FIRST, 1)
RANGE(port_of_32_bits, EINVAL, BAD_LENGTH, SASSER_RANGE_A_FIRST, 1, 0, 0, 0)
RANGE(port_nested, EINVAL, "NLA_F_NESTED not expected",
      SASSER_RANGE_A_FIRST | NLA_F_NESTED, 1, 0)
RANGE(range_attribute_unknown, EINVAL, UNKNOWN, SASSER_RANGE_A_MAX + 1, 1, 0)
/* 445 to 444, on a little-endian machine and on a big-endian one. */
RANGE(range_upside_down, EINVAL,
      "SASSER_RANGE_A_LAST is below SASSER_RANGE_A_FIRST", SASSER_RANGE_A_LAST,
      1, 1)

/* Return: the second range */
static const struct nlattr *put_two_ranges(struct nlmsghdr *nlh,
					   uint16_t first, uint16_t last)
{
	const struct nlattr *attr;
	struct nlattr *nest;

	put_head(nlh);
	nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);
	put_filter_head(nlh, "first");
	put_range(nlh, 100, 200);
	attr = next(nlh);
	put_range(nlh, first, last);
	mnl_attr_nest_end(nlh, nest);
	return attr;
}

#define OVERLAP(name, first, last)					\
	SET(name, EINVAL,						\
	    "SASSER_FILTER_A_RANGE overlaps another one of its filter")	\
	{								\
		return put_two_ranges(nlh, first, last);		\
	}

OVERLAP(range_twice, 100, 200)
OVERLAP(range_overlaps_the_end, 200, 300)
OVERLAP(range_overlaps_the_begin, 1, 100)
OVERLAP(range_inside, 150, 151)
OVERLAP(range_around, 1, 65535)

/* Limits. */

SET(filters_257, E2BIG, "SASSER_A_FILTER: more than SASSER_FILTERS_MAX")
{
	const struct nlattr *attr = NULL;
	char name[16];
	int i;

	put_head(nlh);
	for (i = 0; i < SASSER_FILTERS_MAX + 1; i++) {
		snprintf(name, sizeof(name), "filter%d", i);
		attr = next(nlh);
		put_filter(nlh, name);
	}
	return attr;
}

SET(ranges_1025_in_one_filter, E2BIG,
    "SASSER_FILTER_A_RANGE: more than SASSER_RANGES_MAX")
{
	const struct nlattr *attr = NULL;
	struct nlattr *nest;
	int i;

	put_head(nlh);
	nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);
	put_filter_head(nlh, "first");
	for (i = 0; i < SASSER_RANGES_MAX + 1; i++) {
		attr = next(nlh);
		put_range(nlh, i + 1, i + 1);
	}
	mnl_attr_nest_end(nlh, nest);
	return attr;
}

SET(ranges_1025_in_two_filters, E2BIG,
    "SASSER_FILTER_A_RANGE: more than SASSER_RANGES_MAX")
{
	const struct nlattr *attr;
	struct nlattr *nest;
	int i;

	put_head(nlh);
	nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);
	put_filter_head(nlh, "first");
	for (i = 0; i < SASSER_RANGES_MAX; i++)
		put_range(nlh, i + 1, i + 1);
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);
	put_filter_head(nlh, "second");
	attr = next(nlh);
	put_range(nlh, 1, 1);
	mnl_attr_nest_end(nlh, nest);
	return attr;
}

int main(int argc, char **argv)
{
	module_load();
	dummy_create();
	return test_harness_run(argc, argv);
}
