/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A namespace that is asked and listened to. Behind kselftest_harness.h. */
#ifndef _SASSER_TEST_TRIAL_FIXTURE_H
#define _SASSER_TEST_TRIAL_FIXTURE_H

#include "genl.h"

FIXTURE(trial) {
	struct genl genl;
	struct genl listener;
};

FIXTURE_SETUP(trial)
{
	genl_open(&self->genl);
	/* No row, and no trial, of the test before lives on. */
	ASSERT_EQ(0, policy_set(&self->genl, &policy_sasser));
	ASSERT_EQ(0, policy_clear(&self->genl, false));
	genl_open(&self->listener);
	genl_join(&self->listener);
}

FIXTURE_TEARDOWN(trial)
{
	if (self->genl.nl)
		EXPECT_EQ(0, policy_clear(&self->genl, false));
	genl_close(&self->genl);
	genl_close(&self->listener);
}

#endif /* _SASSER_TEST_TRIAL_FIXTURE_H */
