// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsabus: tunnels, calls and requests, each way, against a broker that the test plays.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include "client_fixture.h"
#include "sample.h"

static void test_tunnels(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_tunnel_info tunnel, tunnel_got;
	struct sabus_call_info call, call_got;

	sample_tunnel(&tunnel);
	sample_call(&call);
	assert_int_equal(sabus_tunnel_put(f->s, &tunnel), 0);
	assert_int_equal(sabus_call_put(f->s, &call), 0);
	assert_int_equal(sabus_call_del(f->s, 100, 200), 0);
	assert_int_equal(sabus_tunnel_del(f->s, 100), 0);
	fake_expect(&f->b, SABUS_MSG_TUNNEL_PUT);
	assert_int_equal(sabus_codec_get_tunnel(f->b.view.tunnel, &tunnel_got, NULL), 0);
	assert_memory_equal(&tunnel, &tunnel_got, sizeof(tunnel));
	fake_expect(&f->b, SABUS_MSG_CALL_PUT);
	assert_int_equal(sabus_codec_get_call(f->b.view.call, &call_got, NULL), 0);
	assert_memory_equal(&call, &call_got, sizeof(call));
	fake_expect(&f->b, SABUS_MSG_CALL_DEL);
	assert_int_equal(sabus_codec_get_call(f->b.view.call, &call_got, NULL), 0);
	assert_int_equal(call_got.tunnel_id, 100);
	assert_int_equal(call_got.call_id, 200);
	fake_expect(&f->b, SABUS_MSG_TUNNEL_DEL);
	assert_int_equal(sabus_codec_get_tunnel(f->b.view.tunnel, &tunnel_got, NULL), 0);
	assert_int_equal(tunnel_got.tunnel_id, 100);
	assert_int_equal(sabus_tunnel_del(f->s, 0), -EINVAL);
	assert_string_equal(sabus_strerror(f->s), "TUNNEL_DEL: TUNNEL.TUNNEL_ID: is 0");
	assert_int_equal(sabus_call_del(f->s, 1, 0), -EINVAL);
	assert_string_equal(sabus_strerror(f->s), "CALL_DEL: CALL.CALL_ID: is 0");
}

static void test_requests(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_flow flow;
	uint32_t first = 0, second = 0;
	char longest[200];

	sample_flow(&flow);
	assert_int_equal(sabus_request_delete(f->s, 42, "last tunnel closed", &first), 0);
	assert_int_equal(sabus_request_delete(f->s, 43, NULL, NULL), 0);
	assert_int_equal(sabus_request_initiate(f->s, &flow, "road/l2tp", &second), 0);
	assert_int_equal(sabus_result(f->s, 77, ENOENT, NULL), 0);
	assert_int_not_equal(first, second);
	fake_expect(&f->b, SABUS_MSG_REQUEST);
	assert_int_equal(f->b.view.seq, first);
	assert_int_equal(f->b.view.op, SABUS_OP_DELETE);
	assert_int_equal(f->b.view.sa_id, 42);
	assert_string_equal(f->b.view.text, "last tunnel closed");
	fake_expect(&f->b, SABUS_MSG_REQUEST);
	assert_null(f->b.view.text);
	fake_expect(&f->b, SABUS_MSG_REQUEST);
	assert_int_equal(f->b.view.seq, second);
	assert_int_equal(f->b.view.op, SABUS_OP_INITIATE);
	assert_memory_equal(&flow, &f->b.view.flow, sizeof(flow));
	assert_string_equal(f->b.view.name, "road/l2tp");
	fake_expect(&f->b, SABUS_MSG_RESULT);
	assert_int_equal(f->b.view.seq, 77);
	assert_int_equal(f->b.view.error, ENOENT);
	/* what does not fit is refused, not cut: half a name is another connection's */
	memset(longest, 'x', sizeof(longest));
	longest[128] = '\0';
	assert_int_equal(sabus_request_initiate(f->s, &flow, longest, NULL), -EINVAL);
	longest[127] = '\0';
	assert_int_equal(sabus_request_initiate(f->s, &flow, longest, NULL), 0);
	assert_int_equal(sabus_request_delete(f->s, 1, longest, NULL), -EINVAL);
	assert_int_equal(sabus_request_delete(f->s, 0, NULL, NULL), -EINVAL);
	assert_int_equal(sabus_result(f->s, 77, -1, NULL), -EINVAL);
}

/* What a publisher is asked and a session is told. */
static void test_new_events(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_tunnel_info tunnel;
	struct sabus_call_info call;
	struct sabus_flow flow;

	sample_tunnel(&tunnel);
	sample_call(&call);
	sample_flow(&flow);
	fake_send(&f->b, sabus_codec_tunnel(f->b.buf, sizeof(f->b.buf), SABUS_MSG_TUNNEL_PUT, &tunnel, NULL));
	fake_send(&f->b, sabus_codec_call(f->b.buf, sizeof(f->b.buf), SABUS_MSG_CALL_DEL, &call, NULL));
	fake_send(&f->b, sabus_codec_request_delete(f->b.buf, sizeof(f->b.buf), 5, 42, "why"));
	fake_send(&f->b, sabus_codec_request_initiate(f->b.buf, sizeof(f->b.buf), 6, &flow, "road"));
	fake_send(&f->b, sabus_codec_result(f->b.buf, sizeof(f->b.buf), 7, 0, NULL));
	assert_int_equal(sabus_recv(f->s, &f->ev), 1);
	assert_int_equal(f->ev.type, SABUS_EV_TUNNEL_PUT);
	assert_memory_equal(&f->ev.tunnel, &tunnel, sizeof(tunnel));
	assert_int_equal(sabus_recv(f->s, &f->ev), 1);
	assert_int_equal(f->ev.type, SABUS_EV_CALL_DEL);
	assert_memory_equal(&f->ev.call, &call, sizeof(call));
	assert_int_equal(f->ev.tunnel.tunnel_id, 0);
	assert_int_equal(sabus_recv(f->s, &f->ev), 1);
	assert_int_equal(f->ev.type, SABUS_EV_REQUEST);
	assert_int_equal(f->ev.op, SABUS_OP_DELETE);
	assert_int_equal(f->ev.seq, 5);
	assert_int_equal(f->ev.sa_id, 42);
	assert_string_equal(f->ev.text, "why");
	assert_int_equal(sabus_recv(f->s, &f->ev), 1);
	assert_int_equal(f->ev.op, SABUS_OP_INITIATE);
	assert_memory_equal(&f->ev.flow, &flow, sizeof(flow));
	assert_string_equal(f->ev.text, "road");
	assert_int_equal(sabus_recv(f->s, &f->ev), 1);
	assert_int_equal(f->ev.type, SABUS_EV_RESULT);
	assert_int_equal(f->ev.seq, 7);
	assert_int_equal(f->ev.error, 0);
	assert_string_equal(f->ev.text, "");
}

/* Both sides of a request to a session: who asks, and who has put it. */
static void test_session_requests(void **state)
{
	struct fixture *f = connected(state);
	struct sabus_session session;
	struct sabus_reply reply, got;
	uint32_t first = 0, second = 0;

	sample_session_radius(&session);
	sample_reply(&reply);
	assert_int_equal(sabus_session_put(f->s, &session), 0);
	fake_expect(&f->b, SABUS_MSG_SESSION_PUT);
	assert_int_equal(f->b.view.ops, 1u << SABUS_OP_CLOSE | 1u << SABUS_OP_CHANGE);
	assert_int_equal(sabus_request_close(f->s, 3, "Disconnect-Request", &first), 0);
	assert_int_equal(sabus_request_change(f->s, 4, &reply, NULL, &second), 0);
	fake_expect(&f->b, SABUS_MSG_REQUEST);
	assert_int_equal(f->b.view.seq, first);
	assert_int_equal(f->b.view.op, SABUS_OP_CLOSE);
	assert_int_equal(f->b.view.session_id, 3);
	assert_string_equal(f->b.view.text, "Disconnect-Request");
	fake_expect(&f->b, SABUS_MSG_REQUEST);
	assert_int_equal(f->b.view.seq, second);
	assert_int_equal(f->b.view.op, SABUS_OP_CHANGE);
	assert_int_equal(f->b.view.session_id, 4);
	assert_null(f->b.view.text);
	assert_int_equal(sabus_codec_get_reply(f->b.view.reply, &got, NULL), 0);
	assert_memory_equal(&got, &reply, sizeof(reply));
	assert_int_equal(sabus_request_close(f->s, 0, NULL, NULL), -EINVAL);
	reply.n_identities = SABUS_REPLY_IDS + 1;
	assert_int_equal(sabus_request_change(f->s, 4, &reply, NULL, NULL), -EINVAL);
	assert_string_equal(sabus_strerror(f->s), "REQUEST: REPLY.IDENTITY: more entries than the array has");
	reply.n_identities = 3;
	fake_send(&f->b, sabus_codec_request_change(f->b.buf, sizeof(f->b.buf), 5, 3, &reply, "why", NULL));
	fake_send(&f->b, sabus_codec_request_close(f->b.buf, sizeof(f->b.buf), 6, 3, NULL));
	expect_event(f, SABUS_EV_REQUEST);
	assert_int_equal(f->ev.op, SABUS_OP_CHANGE);
	assert_int_equal(f->ev.seq, 5);
	assert_int_equal(f->ev.session_id, 3);
	assert_string_equal(f->ev.text, "why");
	assert_memory_equal(&f->ev.reply, &reply, sizeof(reply));
	expect_event(f, SABUS_EV_REQUEST);
	assert_int_equal(f->ev.op, SABUS_OP_CLOSE);
	assert_int_equal(f->ev.reply.has, 0); /* nothing is left of the one before */
	assert_int_equal(f->ev.reply.n_identities, 0);
	assert_string_equal(f->ev.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tunnels),
		TEST(test_requests),
		TEST(test_new_events),
		TEST(test_session_requests),
	};

	return cmocka_run_group_tests_name("libsabus, tunnels and requests", tests, NULL, NULL);
}
