// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The wire format is what the files in tests/bus/golden say, byte by byte, in both directions.
 *
 * Two releases of sabus meet on one host during an upgrade; a changed byte would make one refuse the other.  So these files are never
 * edited: a new message gets a new file.  Integers are in host byte order, the files are those of a little-endian host.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "codec.h"
#include "rebuild.h"
#include "sample.h"

#define SEQ 9

static int hello_publisher(void *b, size_t n)
{
	return sabus_codec_hello(b, n, SEQ, "charon", SAMPLE_EPOCH);
}
static int hello_reader(void *b, size_t n)
{
	return sabus_codec_hello(b, n, SEQ, "sabusctl", 0);
}
static int hello_sabusd(void *b, size_t n)
{
	return sabus_codec_hello_ack(b, n, SEQ, SAMPLE_EPOCH, SAMPLE_REVISION);
}
static int error(void *b, size_t n)
{
	return sabus_codec_error(b, n, SEQ, 1, "SA_PUT: not on this socket");
}
static int sync_begin(void *b, size_t n)
{
	return sabus_codec_empty(b, n, SEQ, SABUS_MSG_SYNC_BEGIN);
}
static int sync_end(void *b, size_t n)
{
	return sabus_codec_empty(b, n, SEQ, SABUS_MSG_SYNC_END);
}
static int sa_del(void *b, size_t n)
{
	return sabus_codec_sa_del(b, n, 42, SABUS_CAUSE_REKEYED, 0);
}
static int sa_del_watcher(void *b, size_t n)
{
	return sabus_codec_sa_del(b, n, 42, SABUS_CAUSE_PUBLISHER_LOST, SAMPLE_REVISION);
}
static int watch_all(void *b, size_t n)
{
	return sabus_codec_watch(b, n, SEQ, NULL, false);
}
static int done(void *b, size_t n)
{
	return sabus_codec_done(b, n, SEQ, SAMPLE_REVISION);
}
static int session_del(void *b, size_t n)
{
	return sabus_codec_session_del(b, n, 0);
}
static int session_del_watcher(void *b, size_t n)
{
	return sabus_codec_session_del(b, n, 3);
}
static int publisher(void *b, size_t n)
{
	return sabus_codec_publisher(b, n, SABUS_PUB_SYNCED);
}
static int resync(void *b, size_t n)
{
	return sabus_codec_empty(b, n, 0, SABUS_MSG_RESYNC);
}
static int stats_ask(void *b, size_t n)
{
	return sabus_codec_stats(b, n, SEQ);
}
static int answer_unknown(void *b, size_t n)
{
	return sabus_codec_lookup_ack(b, n, SEQ, SABUS_UNKNOWN, SAMPLE_REVISION);
}
static int answer_absent(void *b, size_t n)
{
	return sabus_codec_lookup_ack(b, n, SEQ, SABUS_ABSENT, SAMPLE_REVISION);
}

static int ike_failed(void *b, size_t n)
{
	struct sabus_flow flow;

	sample_flow(&flow);
	return sabus_codec_ike_failed(b, n, &flow, SABUS_IKEFAIL_PEER_AUTH);
}
static int answer_absent_failed(void *b, size_t n)
{
	sabus_codec_lookup_ack(b, n, SEQ, SABUS_ABSENT, SAMPLE_REVISION);
	return sabus_codec_add_failure(b, n, SABUS_IKEFAIL_PEER_AUTH, 12);
}
static int hello_sabusd_takes(void *b, size_t n)
{
	sabus_codec_hello_ack(b, n, SEQ, SAMPLE_EPOCH, SAMPLE_REVISION);
	return sabus_codec_add_ops(b, n, SABUS_TAKES_IKE_FAILED);
}

static int sa_put_pending(void *b, size_t n)
{
	struct sabus_sa sa;

	sample_sa_pending(&sa);
	return sabus_codec_sa_put(b, n, &sa, 0, NULL);
}

static int sa_put_full(void *b, size_t n)
{
	struct sabus_sa sa;

	sample_sa_full(&sa);
	return sabus_codec_sa_put(b, n, &sa, SAMPLE_REVISION, NULL);
}

static int lookup(void *b, size_t n)
{
	struct sabus_flow flow;

	sample_flow(&flow);
	return sabus_codec_lookup(b, n, SEQ, &flow);
}

static int answer_present(void *b, size_t n)
{
	struct sabus_sa sa;

	sabus_codec_lookup_ack(b, n, SEQ, SABUS_PRESENT, SAMPLE_REVISION);
	sample_sa_full(&sa);
	sabus_codec_add_sa(b, n, &sa, NULL);
	sample_sa_pending(&sa);
	sabus_codec_add_sa(b, n, &sa, NULL);
	return sabus_codec_add_truncated(b, n);
}

static int watch_flow(void *b, size_t n)
{
	struct sabus_flow flow;

	sample_flow(&flow);
	return sabus_codec_watch(b, n, SEQ, &flow, true);
}

static int session_put(void *b, size_t n)
{
	struct sabus_session session;

	sample_session(&session);
	return sabus_codec_session_put(b, n, &session, 0, NULL);
}

static int session_put_watcher(void *b, size_t n)
{
	struct sabus_session session;

	sample_session(&session);
	return sabus_codec_session_put(b, n, &session, 3, NULL);
}

static int session_put_radius(void *b, size_t n)
{
	struct sabus_session session;

	sample_session_radius(&session);
	sabus_codec_session_put(b, n, &session, 0, NULL);
	return sabus_codec_add_ops(b, n, 1u << SABUS_OP_CLOSE | 1u << SABUS_OP_CHANGE);
}

static int request_close(void *b, size_t n)
{
	return sabus_codec_request_close(b, n, SEQ, 3, "Disconnect-Request");
}

static int request_change(void *b, size_t n)
{
	struct sabus_reply reply;

	sample_reply(&reply);
	return sabus_codec_request_change(b, n, SEQ, 3, &reply, "CoA-Request", NULL);
}

static int stats(void *b, size_t n)
{
	sabus_codec_stats(b, n, SEQ);
	sabus_codec_add_stat(b, n, "clients", 3);
	return sabus_codec_add_stat(b, n, "lookups", UINT64_C(0x100000000));
}

static int tunnel(void *b, size_t n, enum sabus_msg type, bool key_only)
{
	struct sabus_tunnel_info t;

	sample_tunnel(&t);
	if (key_only)
		t = (struct sabus_tunnel_info){ .pid = t.pid, .tunnel_id = t.tunnel_id };
	return sabus_codec_tunnel(b, n, type, &t, NULL);
}

static int tunnel_put(void *b, size_t n)
{
	return tunnel(b, n, SABUS_MSG_TUNNEL_PUT, false);
}
static int tunnel_del(void *b, size_t n)
{
	return tunnel(b, n, SABUS_MSG_TUNNEL_DEL, true);
}

static int call(void *b, size_t n, enum sabus_msg type, bool key_only)
{
	struct sabus_call_info c;

	sample_call(&c);
	if (key_only)
		c = (struct sabus_call_info){ .pid = c.pid, .tunnel_id = c.tunnel_id, .call_id = c.call_id };
	return sabus_codec_call(b, n, type, &c, NULL);
}

static int call_put(void *b, size_t n)
{
	return call(b, n, SABUS_MSG_CALL_PUT, false);
}
static int call_del(void *b, size_t n)
{
	return call(b, n, SABUS_MSG_CALL_DEL, true);
}
static int request_delete(void *b, size_t n)
{
	return sabus_codec_request_delete(b, n, SEQ, 42, "last tunnel closed");
}
static int result_done(void *b, size_t n)
{
	return sabus_codec_result(b, n, SEQ, 0, NULL);
}
static int result_failed(void *b, size_t n)
{
	return sabus_codec_result(b, n, SEQ, 111, "AUTHENTICATION_FAILED");
}

static int request_initiate(void *b, size_t n)
{
	struct sabus_flow flow;

	sample_flow(&flow);
	return sabus_codec_request_initiate(b, n, SEQ, &flow, "road/l2tp");
}

static const struct golden {
	const char *file;
	int (*build)(void *buf, size_t size);
} goldens[] = {
	{ "answer-absent", answer_absent },
	{ "answer-absent-failed", answer_absent_failed },
	{ "answer-present", answer_present },
	{ "answer-unknown", answer_unknown },
	{ "call-del", call_del },
	{ "call-put", call_put },
	{ "done", done },
	{ "error", error },
	{ "hello-publisher", hello_publisher },
	{ "hello-reader", hello_reader },
	{ "hello-sabusd", hello_sabusd },
	{ "hello-sabusd-takes", hello_sabusd_takes },
	{ "ike-failed", ike_failed },
	{ "lookup", lookup },
	{ "publisher", publisher },
	{ "request-change", request_change },
	{ "request-close", request_close },
	{ "request-delete", request_delete },
	{ "request-initiate", request_initiate },
	{ "result-done", result_done },
	{ "result-failed", result_failed },
	{ "resync", resync },
	{ "sa-del", sa_del },
	{ "sa-del-watcher", sa_del_watcher },
	{ "sa-put-full", sa_put_full },
	{ "sa-put-pending", sa_put_pending },
	{ "session-del", session_del },
	{ "session-del-watcher", session_del_watcher },
	{ "session-put", session_put },
	{ "session-put-radius", session_put_radius },
	{ "session-put-watcher", session_put_watcher },
	{ "stats", stats },
	{ "stats-ask", stats_ask },
	{ "sync-begin", sync_begin },
	{ "sync-end", sync_end },
	{ "tunnel-del", tunnel_del },
	{ "tunnel-put", tunnel_put },
	{ "watch-all", watch_all },
	{ "watch-flow", watch_flow },
};

#define N_GOLDENS (sizeof(goldens) / sizeof(goldens[0]))

static const char *golden_dir(char *buf, size_t size)
{
	const char *top = getenv("top_srcdir");

	snprintf(buf, size, "%s/tests/bus/golden", top ? top : ".");
	return buf;
}

/* Hex digits with anything blank between them; '#' starts a comment. */
static size_t read_hex(const char *name, uint8_t *out, size_t size)
{
	char path[512], dir[400], line[256];
	size_t nibbles = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.hex", golden_dir(dir, sizeof(dir)), name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("cannot open %s", path);
	memset(out, 0, size);
	while (fgets(line, sizeof(line), f)) {
		for (const char *p = line; *p && *p != '#'; p++) {
			if (isspace((unsigned char)*p))
				continue;
			if (!isxdigit((unsigned char)*p) || nibbles / 2 >= size)
				fail_msg("%s: bad hex or too long", path);
			out[nibbles / 2] =
				(uint8_t)(out[nibbles / 2] << 4 | (isdigit((unsigned char)*p) ? *p - '0' : (*p | 32) - 'a' + 10));
			nibbles++;
		}
	}
	fclose(f);
	assert_int_equal(nibbles % 2, 0);
	return nibbles / 2;
}

static void compare(const char *name, const uint8_t *want, size_t want_len, const uint8_t *got, int got_len)
{
	if (got_len == (int)want_len && memcmp(want, got, want_len) == 0)
		return;
	print_error("%s: these are the bytes now (%d), the file has %zu:\n", name, got_len, want_len);
	for (int i = 0; i < got_len; i++)
		print_error("%02x%s", got[i], i % 4 == 3 ? i % 32 == 31 ? "\n" : " " : "");
	fail_msg("%s.hex does not match", name);
}

static bool big_endian(void)
{
	const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return first == 0;
}

static void test_golden(void **state)
{
	_Alignas(8) static uint8_t want[SABUS_MSG_MAX], got[SABUS_MSG_MAX];

	(void)state;
	if (big_endian()) {
		print_message("the golden files are those of a little-endian host: skipped\n");
		skip();
	}
	for (size_t i = 0; i < N_GOLDENS; i++) {
		struct sabus_fault fault;
		char text[SABUS_FAULT_STRLEN];
		size_t len = read_hex(goldens[i].file, want, sizeof(want));
		int ret;

		compare(goldens[i].file, want, len, got, goldens[i].build(got, sizeof(got)));
		memset(got, 0xee, sizeof(got));
		ret = rebuild(want, len, got, sizeof(got), &fault);
		if (ret < 0)
			fail_msg("%s: decoding: %s", goldens[i].file, sabus_fault_text(&fault, text));
		compare(goldens[i].file, want, len, got, ret);
	}
}

/* No file without a test, no message type without a file. */
static void test_complete(void **state)
{
	_Alignas(8) static uint8_t buf[SABUS_MSG_MAX];
	uint64_t types = 0;
	size_t files = 0;
	char dir[400];
	DIR *d = opendir(golden_dir(dir, sizeof(dir)));

	(void)state;
	assert_non_null(d);
	for (const struct dirent *e = readdir(d); e; e = readdir(d))
		if (strstr(e->d_name, ".hex"))
			files++;
	closedir(d);
	assert_int_equal(files, N_GOLDENS);
	for (size_t i = 0; i < N_GOLDENS; i++) {
		struct sabus_msg_view v;
		int len = goldens[i].build(buf, sizeof(buf));

		assert_int_equal(sabus_codec_parse(buf, (size_t)len, &v, NULL), 0);
		types |= UINT64_C(1) << v.type;
	}
	for (int type = SABUS_MSG_HELLO; type <= SABUS_MSG_LAST; type++)
		assert_true(types >> type & 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_complete),
	};

	return cmocka_run_group_tests_name("bus golden", tests, NULL, NULL);
}
