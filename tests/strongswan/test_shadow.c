/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_shadow.c - the plugin's table: what is dirty, what must be told of a deletion, and which SA continues which. */
#include <errno.h>
#include <string.h>
#include "fixture.h"
#include "shadow.h"

static struct sabus_sa child(uint32_t id, uint32_t ike_id, uint32_t reqid)
{
	struct sabus_sa sa = fix_sa();

	sa.id = id;
	sa.ike_id = ike_id;
	sa.reqid = reqid;
	sa.state = SABUS_SA_INSTALLED;
	sa.remote.port = 4500;
	strcpy(sa.id_remote, "peer.example");
	return sa;
}

static size_t flush(struct shadow *s)
{
	struct shadow_item item;
	size_t n = 0;

	for (; shadow_next(s, &item); n++)
		shadow_sent(s);
	return n;
}

static void put(struct shadow *s, struct sabus_sa sa)
{
	assert_int_equal(shadow_put(s, &sa), 0);
}

static void tells_each_change_once(void **state)
{
	struct shadow *s = shadow_new();
	struct shadow_item item;
	struct sabus_sa sa = child(3, 1, 1), back;

	(void)state;
	put(s, sa);
	assert_true(shadow_next(s, &item));
	assert_int_equal(item.id, 3);
	assert_false(item.gone);
	assert_int_equal(sabus_sa_decode(item.blob, item.len, &back), 0);
	assert_memory_equal(&back, &sa, sizeof(sa));
	assert_int_equal(flush(s), 1);
	put(s, sa);
	assert_int_equal(flush(s), 0);
	sa.spi_in++;
	put(s, sa);
	put(s, sa);
	assert_int_equal(flush(s), 1);
	shadow_free(s);
}

static void deletion_is_told_only_of_what_was_sent(void **state)
{
	struct shadow *s = shadow_new();
	struct shadow_item item;

	(void)state;
	put(s, child(1, 1, 1));
	assert_true(shadow_del(s, 1, SABUS_CAUSE_DELETED));
	assert_int_equal(flush(s), 0);
	put(s, child(1, 1, 1));
	flush(s);
	assert_true(shadow_del(s, 1, SABUS_CAUSE_REKEYED));
	assert_false(shadow_del(s, 1, SABUS_CAUSE_REKEYED));
	assert_false(shadow_has(s, 1));
	assert_int_equal(shadow_count(s), 0);
	assert_true(shadow_next(s, &item));
	assert_true(item.gone);
	assert_int_equal(item.cause, SABUS_CAUSE_REKEYED);
	shadow_restart(s); /* a new connection never heard of it */
	assert_int_equal(flush(s), 0);
	shadow_free(s);
}

static void put_after_untold_deletion_is_a_put(void **state)
{
	struct shadow *s = shadow_new();
	struct shadow_item item;

	(void)state;
	put(s, child(1, 1, 1));
	flush(s);
	shadow_del(s, 1, SABUS_CAUSE_DELETED);
	put(s, child(1, 1, 1));
	assert_int_equal(shadow_count(s), 1);
	assert_true(shadow_next(s, &item));
	assert_false(item.gone);
	assert_int_equal(flush(s), 1);
	shadow_free(s);
}

static void restart_makes_all_dirty_in_order(void **state)
{
	struct shadow *s = shadow_new();
	struct shadow_item item;

	(void)state;
	for (uint32_t id = 1; id <= 100; id++)
		put(s, child(id, 1, id % 7));
	assert_int_equal(flush(s), 100);
	shadow_restart(s);
	assert_true(shadow_next(s, &item));
	assert_int_equal(item.id, 1);
	assert_int_equal(flush(s), 100);
	shadow_free(s);
}

static void predecessor_in_the_same_ike_sa(void **state)
{
	struct shadow *s = shadow_new();
	struct sabus_sa new = child(9, 1, 5), pending = child(8, 1, 5);

	(void)state;
	assert_int_equal(shadow_predecessor(s, &new), 0);
	put(s, child(3, 1, 5));
	put(s, child(4, 1, 6)); /* other policies */
	assert_int_equal(shadow_predecessor(s, &new), 3);
	put(s, child(5, 1, 5));
	pending.state = SABUS_SA_PENDING;
	put(s, pending);
	put(s, new);
	assert_int_equal(shadow_predecessor(s, &new), 5); /* the newest, not itself, not one that is only announced */
	shadow_del(s, 5, SABUS_CAUSE_DELETED);
	assert_int_equal(shadow_predecessor(s, &new), 3);
	shadow_free(s);
}

static void predecessor_in_another_ike_sa_must_be_the_same_peer(void **state)
{
	struct shadow *s = shadow_new();
	struct sabus_sa new = child(9, 2, 5), other;

	(void)state;
	put(s, child(3, 1, 5));
	assert_int_equal(shadow_predecessor(s, &new), 3); /* reauthentication */
	other = new;
	other.remote.port = 41495; /* another client behind the same NAT */
	assert_int_equal(shadow_predecessor(s, &other), 0);
	other = new;
	strcpy(other.id_remote, "other.example");
	assert_int_equal(shadow_predecessor(s, &other), 0);
	other = new;
	strcpy(other.id_eap, "bob");
	assert_int_equal(shadow_predecessor(s, &other), 0);
	other = new;
	other.remote.addr.b[3]++;
	assert_int_equal(shadow_predecessor(s, &other), 0);
	shadow_free(s);
}

static void reqid_may_change(void **state)
{
	struct shadow *s = shadow_new();
	struct sabus_sa new = child(9, 1, 2);

	(void)state;
	put(s, child(3, 1, 1));
	assert_int_equal(shadow_predecessor(s, &new), 0);
	put(s, child(3, 1, 2)); /* MOBIKE does that */
	assert_int_equal(shadow_predecessor(s, &new), 3);
	new.reqid = 1;
	assert_int_equal(shadow_predecessor(s, &new), 0);
	shadow_free(s);
}

static void refuses_what_cannot_be_sent(void **state)
{
	struct shadow *s = shadow_new();
	struct sabus_sa sa = child(0, 1, 1);

	(void)state;
	assert_int_equal(shadow_put(s, &sa), -EINVAL);
	assert_int_equal(shadow_count(s), 0);
	assert_false(shadow_get(s, 0, &sa));
	shadow_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_each_change_once),
		cmocka_unit_test(deletion_is_told_only_of_what_was_sent),
		cmocka_unit_test(put_after_untold_deletion_is_a_put),
		cmocka_unit_test(restart_makes_all_dirty_in_order),
		cmocka_unit_test(predecessor_in_the_same_ike_sa),
		cmocka_unit_test(predecessor_in_another_ike_sa_must_be_the_same_peer),
		cmocka_unit_test(reqid_may_change),
		cmocka_unit_test(refuses_what_cannot_be_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
