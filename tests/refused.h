/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For programs whose requests are refused: with which error, message and
 * attribute, and the policy in force unchanged.
 *
 * A message that begins with SASSER_ is the module's own, the others are those
 * of the kernel's attribute parser.
 */
#ifndef _SASSER_TEST_REFUSED_H
#define _SASSER_TEST_REFUSED_H

#include <kselftest_harness.h>

#include "genl.h"
#include "netns.h"

#define OUT_OF_RANGE	"integer out of range"
#define BAD_LENGTH	"invalid attribute length"
#define BAD_VALUE	"Attribute failed policy validation"
#define UNKNOWN		"Unknown attribute type"
#define UNSUPPORTED	"Unsupported attribute"
#define LEFTOVER	"bytes leftover after parsing attributes"

static struct counters before, after;
static struct filters filters;

FIXTURE(refused) {
	struct genl genl;
	struct status status;
};

FIXTURE_SETUP(refused)
{
	genl_open(&self->genl);
	ASSERT_EQ(0, policy_set(&self->genl, &policy_sasser));
	/* So that there is something to lose. */
	EXPECT_EQ(-ECONNREFUSED, send_syn(AF_INET, 5554));
	ASSERT_EQ(0, status_get(&self->genl, &self->status));
	ASSERT_EQ(0, counters_get(&self->genl, &before));
	ASSERT_LT(0, row_find(&before, "payload", SASSER_DIRECTION_OUT,
			      5554)->packets);
}

FIXTURE_TEARDOWN(refused)
{
	EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
}

static void check_unchanged(struct __test_metadata *_metadata,
			    struct genl *genl, const struct status *expected)
{
	struct status status;

	ASSERT_EQ(0, status_get(genl, &status));
	EXPECT_EQ(0, memcmp(expected, &status, sizeof(status)));
	EXPECT_EQ(1, status.assigned);
	ASSERT_EQ(0, filters_get(genl, &filters));
	EXPECT_TRUE(filters_are(&filters, &policy_sasser));
	EXPECT_EQ(expected->generation, filters.generation);
	ASSERT_EQ(0, counters_get(genl, &after));
	EXPECT_EQ(expected->generation, after.generation);
	EXPECT_TRUE(counters_moved(&before, &after, NULL, 0, 0, 0));
	EXPECT_EQ(-ECONNREFUSED, send_syn(AF_INET, 5554));
}

typedef const struct nlattr *(*build_fn)(struct nlmsghdr *nlh);

/* @build returns the attribute in question, or NULL if there is none. */
static void check_refused(struct __test_metadata *_metadata, struct genl *genl,
			  const struct status *status, uint8_t cmd,
			  uint16_t flags, build_fn build, int err,
			  const char *message)
{
	static char buf[REQUEST_MAX];
	const struct nlattr *attr;
	struct nlmsghdr *nlh;

	nlh = genl_request(genl, buf, cmd, flags);
	attr = build(nlh);
	EXPECT_EQ(-err, genl_talk(genl, nlh, NULL, NULL));
	EXPECT_STREQ(message, genl->message);
	EXPECT_EQ(attr ? (const char *)attr - buf : -1, genl->offset);
	check_unchanged(_metadata, genl, status);
}

#define REFUSED(name, cmd, flags, err, message)				\
	static const struct nlattr *build_##name(struct nlmsghdr *nlh);	\
	TEST_F(refused, name)						\
	{								\
		check_refused(_metadata, &self->genl, &self->status,	\
			      cmd, flags, build_##name, err, message);	\
	}								\
	static const struct nlattr *build_##name(struct nlmsghdr *nlh)

#define SET(name, err, message)						\
	REFUSED(name, SASSER_CMD_POLICY_SET, NLM_F_ACK, err, message)

/* The attribute that is put next. */
static struct nlattr *next(struct nlmsghdr *nlh)
{
	return mnl_nlmsg_get_payload_tail(nlh);
}

static void put_head(struct nlmsghdr *nlh)
{
	mnl_attr_put_strz(nlh, SASSER_A_POLICY, "OTHER");
	mnl_attr_put_u8(nlh, SASSER_A_MODE, SASSER_MODE_ENFORCE);
	mnl_attr_put_u8(nlh, SASSER_A_ORIGIN, SASSER_ORIGIN_LOCAL);
}

static void put_range(struct nlmsghdr *nlh, uint16_t first, uint16_t last)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, SASSER_FILTER_A_RANGE);

	mnl_attr_put_u16(nlh, SASSER_RANGE_A_FIRST, first);
	mnl_attr_put_u16(nlh, SASSER_RANGE_A_LAST, last);
	mnl_attr_nest_end(nlh, nest);
}

static void put_filter_head(struct nlmsghdr *nlh, const char *name)
{
	mnl_attr_put_strz(nlh, SASSER_FILTER_A_NAME, name);
	mnl_attr_put_u8(nlh, SASSER_FILTER_A_DIRECTION, SASSER_DIRECTION_IN);
	mnl_attr_put_u8(nlh, SASSER_FILTER_A_PROTOCOL, SASSER_PROTOCOL_TCP);
	mnl_attr_put_u8(nlh, SASSER_FILTER_A_ACTION, SASSER_ACTION_BLOCK);
}

static void put_filter(struct nlmsghdr *nlh, const char *name)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, SASSER_A_FILTER);

	put_filter_head(nlh, name);
	put_range(nlh, 1, 65535);
	mnl_attr_nest_end(nlh, nest);
}

#endif /* _SASSER_TEST_REFUSED_H */
