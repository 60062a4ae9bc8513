// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_terminate.c - every reason and every exit status has the cause that is written down here a second time.
 */
#include "fixture.h"
#include "terminate.h"

#define BY_STATUS 0

/* In the order of reason.h. */
static const int of_reason[] = {
	BY_STATUS, BY_STATUS, BY_STATUS, BY_STATUS, /* ok-* */
	15,	   15,	      10,	 15,
	15,	   15,	      15, /* no-sa sa-pending sa-ambiguous sa-unknown bus-down bus-timeout tunnel-unknown */
	10,	   10,	      10,	 10,
	10,	   10,	      8, /* sa-no-integrity sa-no-replay sa-ah-only sa-weak policy-prohibit sa-mode pin-failed */
	10,	   10,	      10,	 10,
	10,	   2,	      10, /* mppe-refused mppe-one-way mppe-timeout mppe-no-keys ecp-unsupported sa-gone sa-weakened */
	2,	   9,	      10,	 9,
	10,	   10,	      15, /* sa-moved bad-option multilink internal sa-unknown-algorithm identity-mismatch sa-impossible */
	BY_STATUS, 15,	      15,	 15,
	15,	   6,	      6, /* ok-clear-peer tunnel-ending radius-* policy-changed admin-reset */
};

/* pppd(8), EXIT STATUS */
static const int of_status[] = { 1, 9, 9, 9, 9, 1, 8, 8, 2, 8, 15, 17, 4, 5, 10, 2, 2, 8, 8, 15, 10, 17 };

static int status_cause(int status)
{
	return status >= 0 && status < (int)COUNT(of_status) ? of_status[status] : 9;
}

static void every_reason(void **state)
{
	(void)state;
	assert_int_equal(COUNT(of_reason), SABUS_R_COUNT);
	for (int r = 0; r < SABUS_R_COUNT; r++) {
		for (int status = -2; status < 300; status++) {
			int want = of_reason[r] == BY_STATUS ? status_cause(status) : of_reason[r];

			if ((int)sabus_terminate_cause((enum sabus_reason)r, status) != want)
				fail_msg("%s, status %d: not %d", sabus_reason_word((enum sabus_reason)r), status, want);
		}
	}
}

static void no_reason_at_all(void **state)
{
	(void)state;
	assert_int_equal(sabus_terminate_cause(SABUS_R_COUNT, 0), SABUS_TC_NAS_ERROR);
	assert_int_equal(sabus_terminate_cause((enum sabus_reason)1000, 0), SABUS_TC_NAS_ERROR);
	assert_int_equal(sabus_terminate_cause((enum sabus_reason) - 1, 0), SABUS_TC_NAS_ERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason),
		cmocka_unit_test(no_reason_at_all),
	};

	return cmocka_run_group_tests_name("terminate", tests, NULL, NULL);
}
