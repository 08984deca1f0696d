// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests that are refused for their command or an attribute at the top. */
#include "refused.h"

/* The negatives below differ from this one by what their name says. */
TEST_F(refused, not_what_is_right)
{
	struct genl *genl = &self->genl;
	struct nlmsghdr *nlh;
	struct status status;
	char buf[1024];

	nlh = genl_request(genl, buf, SASSER_CMD_POLICY_SET, NLM_F_ACK);
	put_head(nlh);
	put_filter(nlh, "first");
	put_filter(nlh, "second");
	EXPECT_EQ(0, genl_talk(genl, nlh, NULL, NULL));
	EXPECT_STREQ("", genl->message);
	ASSERT_EQ(0, status_get(genl, &status));
	EXPECT_EQ(self->status.generation + 1, status.generation);
	EXPECT_STREQ("OTHER", status.policy);
}

/* An attribute is missing. */

SET(nothing, EINVAL, "SASSER_A_POLICY is missing")
{
	(void)nlh;
	return NULL;
}

SET(policy_missing, EINVAL, "SASSER_A_POLICY is missing")
{
	mnl_attr_put_u8(nlh, SASSER_A_MODE, SASSER_MODE_ENFORCE);
	mnl_attr_put_u8(nlh, SASSER_A_ORIGIN, SASSER_ORIGIN_LOCAL);
	put_filter(nlh, "first");
	return NULL;
}

SET(mode_missing, EINVAL, "SASSER_A_MODE is missing")
{
	mnl_attr_put_strz(nlh, SASSER_A_POLICY, "OTHER");
	mnl_attr_put_u8(nlh, SASSER_A_ORIGIN, SASSER_ORIGIN_LOCAL);
	put_filter(nlh, "first");
	return NULL;
}

SET(origin_missing, EINVAL, "SASSER_A_ORIGIN is missing")
{
	mnl_attr_put_strz(nlh, SASSER_A_POLICY, "OTHER");
	mnl_attr_put_u8(nlh, SASSER_A_MODE, SASSER_MODE_ENFORCE);
	put_filter(nlh, "first");
	return NULL;
}

SET(filter_missing, EINVAL, "SASSER_A_FILTER is missing")
{
	put_head(nlh);
	return NULL;
}

/* A value is wrong: at the top. */

/* All of a good request, and one of its attributes again with @len bytes. */
static const struct nlattr *put_top(struct nlmsghdr *nlh, uint16_t type,
				    size_t len, const void *data)
{
	struct nlattr *attr;

	put_head(nlh);
	put_filter(nlh, "first");
	attr = next(nlh);
	mnl_attr_put(nlh, type, len, data);
	return attr;
}

#define TOP(name, err, message, type, ...)				\
	SET(name, err, message)						\
	{								\
		static const uint8_t data[] = { __VA_ARGS__ };		\
									\
		return put_top(nlh, type, sizeof(data), data);		\
	}

TOP(mode_0, ERANGE, OUT_OF_RANGE, SASSER_A_MODE, 0)
TOP(mode_3, ERANGE, OUT_OF_RANGE, SASSER_A_MODE, 3)
TOP(mode_oversized, EINVAL, BAD_LENGTH, SASSER_A_MODE, 1, 0)
TOP(mode_truncated, EINVAL, BAD_LENGTH, SASSER_A_MODE)
TOP(mode_of_32_bits, EINVAL, BAD_LENGTH, SASSER_A_MODE, 1, 0, 0, 0)
TOP(mode_nested, EINVAL, "NLA_F_NESTED not expected",
    SASSER_A_MODE | NLA_F_NESTED, 1)
TOP(origin_0, ERANGE, OUT_OF_RANGE, SASSER_A_ORIGIN, 0)
TOP(origin_3, ERANGE, OUT_OF_RANGE, SASSER_A_ORIGIN, 3)
TOP(match_0, ERANGE, OUT_OF_RANGE, SASSER_A_MATCH, 0)
TOP(match_3, ERANGE, OUT_OF_RANGE, SASSER_A_MATCH, 3)
TOP(match_oversized, EINVAL, BAD_LENGTH, SASSER_A_MATCH, 1, 0)
TOP(match_truncated, EINVAL, BAD_LENGTH, SASSER_A_MATCH)
TOP(match_nested, EINVAL, "NLA_F_NESTED not expected",
    SASSER_A_MATCH | NLA_F_NESTED, 1)
TOP(scope_0, ERANGE, OUT_OF_RANGE, SASSER_A_SCOPE, 0)
TOP(scope_3, ERANGE, OUT_OF_RANGE, SASSER_A_SCOPE, 3)
TOP(scope_oversized, EINVAL, BAD_LENGTH, SASSER_A_SCOPE, 1, 0, 0, 0)
TOP(scope_truncated, EINVAL, BAD_LENGTH, SASSER_A_SCOPE)
TOP(scope_nested, EINVAL, "NLA_F_NESTED not expected",
    SASSER_A_SCOPE | NLA_F_NESTED, 1)
/* This namespace is not the initial one. */
TOP(scope_everywhere_from_elsewhere, EPERM,
    "SASSER_A_SCOPE everywhere is for CAP_NET_ADMIN in the initial namespaces",
    SASSER_A_SCOPE, SASSER_SCOPE_EVERYWHERE)
TOP(confirm_0, ERANGE,
    "SASSER_A_CONFIRM is not 1 to SASSER_CONFIRM_MAX seconds", SASSER_A_CONFIRM,
    0, 0, 0, 0)
TOP(confirm_of_136_years, ERANGE,
    "SASSER_A_CONFIRM is not 1 to SASSER_CONFIRM_MAX seconds", SASSER_A_CONFIRM,
    255, 255, 255, 255)
TOP(confirm_of_8_bits, EINVAL, BAD_LENGTH, SASSER_A_CONFIRM, 1)
TOP(confirm_of_64_bits, EINVAL, BAD_LENGTH, SASSER_A_CONFIRM,
    1, 0, 0, 0, 0, 0, 0, 1)
TOP(confirm_truncated, EINVAL, BAD_LENGTH, SASSER_A_CONFIRM)
TOP(confirm_nested, EINVAL, "NLA_F_NESTED not expected",
    SASSER_A_CONFIRM | NLA_F_NESTED, 1, 1, 0, 0)
TOP(policy_empty, EINVAL,
    "SASSER_A_POLICY is empty or has a character not allowed", SASSER_A_POLICY, 0)
TOP(policy_of_no_bytes, EINVAL, BAD_VALUE, SASSER_A_POLICY)
TOP(policy_unterminated, EINVAL, BAD_VALUE, SASSER_A_POLICY, 'A', 'B')
TOP(policy_with_space, EINVAL,
    "SASSER_A_POLICY is empty or has a character not allowed", SASSER_A_POLICY,
    'A', ' ', 'B', 0)
TOP(policy_with_escape, EINVAL,
    "SASSER_A_POLICY is empty or has a character not allowed", SASSER_A_POLICY,
    'A', 27, 'B', 0)
TOP(policy_with_dash_first, EINVAL,
    "SASSER_A_POLICY is empty or has a character not allowed", SASSER_A_POLICY,
    '-', 'A', 0)
TOP(policy_with_umlaut, EINVAL,
    "SASSER_A_POLICY is empty or has a character not allowed", SASSER_A_POLICY,
    'A', 0xc4, 0)
TOP(attribute_0, EINVAL, UNKNOWN, SASSER_A_UNSPEC, 1)
TOP(attribute_pad, EINVAL, UNSUPPORTED, SASSER_A_PAD)
TOP(attribute_of_replies, EINVAL, UNSUPPORTED, SASSER_A_GENERATION,
    0, 0, 0, 0, 0, 0, 0, 0)
TOP(attribute_of_questions, EINVAL, UNKNOWN, SASSER_A_IMPOSED)
TOP(attribute_of_clear, EINVAL, UNSUPPORTED, SASSER_A_EVERYWHERE)
TOP(attribute_unknown, EINVAL, UNKNOWN, SASSER_A_MAX + 1, 1)
TOP(filter_without_nested_flag, EINVAL, "NLA_F_NESTED is missing",
    SASSER_A_FILTER, 0, 0, 0, 0)
TOP(filter_of_no_bytes, EINVAL, "SASSER_FILTER_A_NAME is missing",
    SASSER_A_FILTER | NLA_F_NESTED)
TOP(filter_of_3_bytes, ERANGE, BAD_VALUE, SASSER_A_FILTER | NLA_F_NESTED,
    1, 2, 3)

SET(confirm_of_a_day_and_a_second, ERANGE,
    "SASSER_A_CONFIRM is not 1 to SASSER_CONFIRM_MAX seconds")
{
	const uint32_t seconds = SASSER_CONFIRM_MAX + 1;

	return put_top(nlh, SASSER_A_CONFIRM, sizeof(seconds), &seconds);
}

SET(policy_of_64_characters, EINVAL, BAD_VALUE)
{
	char name[65] = {};

	memset(name, 'A', 64);
	return put_top(nlh, SASSER_A_POLICY, sizeof(name), name);
}

SET(length_beyond_the_message, EINVAL, LEFTOVER)
{
	struct nlattr *attr;

	put_head(nlh);
	put_filter(nlh, "first");
	attr = next(nlh);
	mnl_attr_put_u8(nlh, SASSER_A_MODE, SASSER_MODE_ENFORCE);
	attr->nla_len = 100;
	return NULL;
}

SET(length_below_a_header, EINVAL, LEFTOVER)
{
	struct nlattr *attr;

	put_head(nlh);
	put_filter(nlh, "first");
	attr = next(nlh);
	mnl_attr_put_u8(nlh, SASSER_A_MODE, SASSER_MODE_ENFORCE);
	attr->nla_len = 3;
	return NULL;
}

/* Commands and their attributes. */

#define NOTHING(name, cmd, flags, err, message)				\
	REFUSED(name, cmd, flags, err, message)				\
	{								\
		(void)nlh;						\
		return NULL;						\
	}

NOTHING(command_0, SASSER_CMD_UNSPEC, NLM_F_ACK, EOPNOTSUPP, "")
NOTHING(command_of_notifications, SASSER_CMD_POLICY_NTF, NLM_F_ACK, EOPNOTSUPP,
	"")
NOTHING(command_unknown, SASSER_CMD_MAX + 1, NLM_F_ACK, EOPNOTSUPP, "")
NOTHING(status_as_dump, SASSER_CMD_STATUS_GET, NLM_F_DUMP, EOPNOTSUPP, "")
NOTHING(set_as_dump, SASSER_CMD_POLICY_SET, NLM_F_DUMP, EOPNOTSUPP, "")
NOTHING(clear_as_dump, SASSER_CMD_POLICY_CLEAR, NLM_F_DUMP, EOPNOTSUPP, "")
NOTHING(confirm_as_dump, SASSER_CMD_POLICY_CONFIRM, NLM_F_DUMP, EOPNOTSUPP, "")
NOTHING(filters_not_as_dump, SASSER_CMD_FILTER_GET, NLM_F_ACK, EOPNOTSUPP, "")
NOTHING(counters_not_as_dump, SASSER_CMD_COUNTER_GET, NLM_F_ACK, EOPNOTSUPP,
	"")
NOTHING(reset_not_as_dump, SASSER_CMD_COUNTER_RESET, NLM_F_ACK, EOPNOTSUPP, "")

#define ATTRIBUTE(name, cmd, flags, message, type)			\
	REFUSED(name, cmd, flags, EINVAL, message)			\
	{								\
		struct nlattr *attr = next(nlh);			\
									\
		mnl_attr_put_u8(nlh, type, 1);				\
		return attr;						\
	}

ATTRIBUTE(status_with_attribute, SASSER_CMD_STATUS_GET, NLM_F_ACK, UNSUPPORTED,
	  SASSER_A_POLICY)
ATTRIBUTE(status_with_unknown, SASSER_CMD_STATUS_GET, NLM_F_ACK, UNKNOWN,
	  SASSER_A_MAX + 1)
ATTRIBUTE(status_with_pad, SASSER_CMD_STATUS_GET, NLM_F_ACK, UNSUPPORTED,
	  SASSER_A_PAD)
ATTRIBUTE(clear_with_attribute, SASSER_CMD_POLICY_CLEAR, NLM_F_ACK,
	  UNSUPPORTED, SASSER_A_POLICY)
ATTRIBUTE(clear_with_unknown, SASSER_CMD_POLICY_CLEAR, NLM_F_ACK, UNKNOWN,
	  SASSER_A_EVENT)
ATTRIBUTE(filters_with_attribute, SASSER_CMD_FILTER_GET, NLM_F_DUMP,
	  UNSUPPORTED, SASSER_A_POLICY)
ATTRIBUTE(filters_with_unknown, SASSER_CMD_FILTER_GET, NLM_F_DUMP, UNKNOWN,
	  SASSER_A_MAX + 1)
ATTRIBUTE(counters_with_attribute, SASSER_CMD_COUNTER_GET, NLM_F_DUMP,
	  UNSUPPORTED, SASSER_A_SCOPE)
ATTRIBUTE(counters_with_unknown, SASSER_CMD_COUNTER_GET, NLM_F_DUMP, UNKNOWN,
	  SASSER_A_MAX + 1)
ATTRIBUTE(reset_with_attribute, SASSER_CMD_COUNTER_RESET, NLM_F_DUMP,
	  UNSUPPORTED, SASSER_A_POLICY)
ATTRIBUTE(reset_with_unknown, SASSER_CMD_COUNTER_RESET, NLM_F_DUMP, UNKNOWN,
	  SASSER_A_MAX + 1)
ATTRIBUTE(confirm_with_attribute, SASSER_CMD_POLICY_CONFIRM, NLM_F_ACK,
	  UNSUPPORTED, SASSER_A_POLICY)
ATTRIBUTE(confirm_with_unknown, SASSER_CMD_POLICY_CONFIRM, NLM_F_ACK, UNKNOWN,
	  SASSER_A_CONFIRM)
ATTRIBUTE(confirm_of_generation_of_8_bits, SASSER_CMD_POLICY_CONFIRM, NLM_F_ACK,
	  BAD_LENGTH, SASSER_A_GENERATION)

/* A flag with a value. */
#define VALUE(name, cmd, flags, type)					\
	REFUSED(name, cmd, flags, ERANGE, BAD_VALUE)			\
	{								\
		struct nlattr *attr = next(nlh);			\
									\
		mnl_attr_put_u8(nlh, type, 1);				\
		return attr;						\
	}

VALUE(clear_with_value, SASSER_CMD_POLICY_CLEAR, NLM_F_ACK, SASSER_A_EVERYWHERE)
VALUE(status_with_value, SASSER_CMD_STATUS_GET, NLM_F_ACK, SASSER_A_IMPOSED)
VALUE(filters_with_value, SASSER_CMD_FILTER_GET, NLM_F_DUMP, SASSER_A_IMPOSED)
VALUE(counters_with_value, SASSER_CMD_COUNTER_GET, NLM_F_DUMP, SASSER_A_IMPOSED)
VALUE(reset_with_value, SASSER_CMD_COUNTER_RESET, NLM_F_DUMP, SASSER_A_IMPOSED)

NOTHING(confirm_of_nothing, SASSER_CMD_POLICY_CONFIRM, NLM_F_ACK, EINVAL,
	"SASSER_A_GENERATION is missing")

REFUSED(confirm_without_trial, SASSER_CMD_POLICY_CONFIRM, NLM_F_ACK, ENOENT,
	"no policy is on trial")
{
	mnl_attr_put_u64(nlh, SASSER_A_GENERATION, 1);
	return NULL;
}

REFUSED(reset_of_what_was_never_imposed, SASSER_CMD_COUNTER_RESET, NLM_F_DUMP,
	ENOENT, "no counters: there never was a policy")
{
	mnl_attr_put(nlh, SASSER_A_IMPOSED, 0, NULL);
	return NULL;
}

/* Of an attribute that is there twice, but may not, the last one counts. */
TEST_F(refused, not_the_last_one_of_two)
{
	struct genl *genl = &self->genl;
	struct nlmsghdr *nlh;
	struct status status;
	char buf[1024];

	nlh = genl_request(genl, buf, SASSER_CMD_POLICY_SET, NLM_F_ACK);
	put_head(nlh);
	mnl_attr_put_u8(nlh, SASSER_A_MATCH, SASSER_MATCH_AUTO);
	mnl_attr_put_u8(nlh, SASSER_A_SCOPE, SASSER_SCOPE_EVERYWHERE);
	mnl_attr_put_u32(nlh, SASSER_A_CONFIRM, 0);
	put_filter(nlh, "first");
	mnl_attr_put_u8(nlh, SASSER_A_MATCH, SASSER_MATCH_PACKET);
	mnl_attr_put_u8(nlh, SASSER_A_SCOPE, SASSER_SCOPE_HOST);
	mnl_attr_put_u32(nlh, SASSER_A_CONFIRM, SASSER_CONFIRM_MAX);
	EXPECT_EQ(0, genl_talk(genl, nlh, NULL, NULL));
	ASSERT_EQ(0, status_get(genl, &status));
	EXPECT_EQ(SASSER_MATCH_PACKET, status.match);
	EXPECT_EQ(SASSER_SCOPE_HOST, status.scope);
	EXPECT_GE(SASSER_CONFIRM_MAX, status.confirm);
	EXPECT_LT(SASSER_CONFIRM_MAX - 60, status.confirm);
}

/* While a policy is on trial only its own generation keeps it. */
TEST_F(refused, confirm_of_another_generation)
{
	static const int others[] = { -2, -1, 1 };
	struct genl *genl = &self->genl;
	struct policy policy = policy_sasser;
	struct status status, now;
	struct nlmsghdr *nlh;
	struct nlattr *attr;
	unsigned int i;
	char buf[256];

	policy.confirm = 10000;
	ASSERT_EQ(0, policy_set(genl, &policy));
	ASSERT_EQ(0, status_get(genl, &status));
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		nlh = genl_request(genl, buf, SASSER_CMD_POLICY_CONFIRM,
				   NLM_F_ACK);
		attr = next(nlh);
		mnl_attr_put_u64(nlh, SASSER_A_GENERATION,
				 status.generation + others[i]);
		EXPECT_EQ(-ESTALE, genl_talk(genl, nlh, NULL, NULL));
		EXPECT_STREQ("SASSER_A_GENERATION is not that of the policy on trial",
			     genl->message);
		EXPECT_EQ((const char *)attr - buf, genl->offset);
		ASSERT_EQ(0, status_get(genl, &now));
		EXPECT_EQ(status.generation, now.generation);
		EXPECT_EQ(status.has, now.has);
		EXPECT_LT(9900, now.confirm);
	}
	EXPECT_EQ(0, policy_confirm(genl, status.generation));
	ASSERT_EQ(0, status_get(genl, &now));
	EXPECT_EQ(status.generation, now.generation);
	EXPECT_EQ(status.has & ~(1U << SASSER_A_CONFIRM), now.has);
	EXPECT_EQ(-ENOENT, policy_confirm(genl, status.generation));
}

FIXTURE(virgin) {
	struct genl genl;
};

FIXTURE_SETUP(virgin)
{
	netns_enter(netns_new());
	genl_open(&self->genl);
}

FIXTURE_TEARDOWN(virgin)
{
	genl_close(&self->genl);
}

TEST_F(virgin, namespace_knows_of_no_policy)
{
	struct status status;

	ASSERT_EQ(0, status_get(&self->genl, &status));
	EXPECT_EQ(0, status.generation);
	EXPECT_EQ(0, status.assigned);
	EXPECT_EQ(0, status.unclassified);
	EXPECT_EQ(1U << SASSER_A_VERSION | 1U << SASSER_A_GENERATION |
		  1U << SASSER_A_ASSIGNED | 1U << SASSER_A_UNCLASSIFIED,
		  status.has);
	ASSERT_EQ(0, filters_get(&self->genl, &filters));
	EXPECT_EQ(0, filters.n);
	ASSERT_EQ(0, counters_get(&self->genl, &after));
	EXPECT_EQ(0, after.n);
}

TEST_F(virgin, counters_can_not_be_reset)
{
	EXPECT_EQ(-ENOENT, counters_reset(&self->genl, &after));
	EXPECT_STREQ("no counters: there never was a policy",
		     self->genl.message);
	EXPECT_EQ(0, after.n);
	ASSERT_EQ(0, policy_set(&self->genl, &policy_sasser));
	EXPECT_EQ(0, counters_reset(&self->genl, &after));
	EXPECT_EQ(5, after.n);
	ASSERT_EQ(0, policy_clear(&self->genl, false));
	/* The rows of the last policy stay, and can be. */
	EXPECT_EQ(0, counters_reset(&self->genl, &after));
	EXPECT_EQ(5, after.n);
}

TEST_F(virgin, nothing_assigned_can_be_cleared)
{
	struct status status;

	EXPECT_EQ(0, policy_clear(&self->genl, false));
	ASSERT_EQ(0, status_get(&self->genl, &status));
	EXPECT_EQ(0, status.generation);
}

int main(int argc, char **argv)
{
	module_load();
	dummy_create();
	return test_harness_run(argc, argv);
}
