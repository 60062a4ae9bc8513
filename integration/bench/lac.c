/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lac.c - see lac.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lac.h"

/* RFC 2661 sections 3.1, 3.2 and 4.4 */
enum { SCCRQ = 1, SCCRP, SCCCN, STOPCCN, HELLO = 6, ICRQ = 10, ICRP, ICCN, CDN = 14 };
enum { AVP_TYPE = 0, AVP_RESULT, AVP_VERSION, AVP_FRAMING, AVP_BEARER, AVP_FIRMWARE = 6, AVP_HOST, AVP_VENDOR, AVP_TUNNEL, AVP_WINDOW,
       AVP_CALL = 14, AVP_SERIAL, AVP_FRAMING_TYPE = 19, AVP_BPS = 24 };
#define CONTROL	  0xc802u	/* T, L and S bits, version 2 */
#define MANDATORY 0x8000u
#define HEADER	  12u
#define AVP_HEAD  6u

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* ---- what we say ---- */

static void avp(struct lac *l, unsigned type, const void *value, size_t len)
{
	uint8_t *p = l->out + l->len;

	put16(p, MANDATORY | (unsigned)(AVP_HEAD + len));
	put16(p + 2, 0);
	put16(p + 4, type);
	memcpy(p + AVP_HEAD, value, len);
	l->len += AVP_HEAD + len;
}

static void avp16(struct lac *l, unsigned type, unsigned v)
{
	uint8_t b[2];

	put16(b, v);
	avp(l, type, b, sizeof(b));
}

static void avp32(struct lac *l, unsigned type, uint32_t v)
{
	uint8_t b[4];

	put16(b, v >> 16);
	put16(b + 2, v & 0xffff);
	avp(l, type, b, sizeof(b));
}

static void header(uint8_t *p, const struct lac *l, size_t len, unsigned cid)
{
	put16(p, CONTROL);
	put16(p + 2, (unsigned)len);
	put16(p + 4, l->peer_tid);
	put16(p + 6, cid);
	put16(p + 8, l->ns);
	put16(p + 10, l->nr);
}

static void begin(struct lac *l, unsigned type)
{
	l->len = HEADER;
	avp16(l, AVP_TYPE, type);
}

static void finish(struct lac *l, unsigned cid, enum lac_state state)
{
	header(l->out, l, l->len, cid);
	l->ns++;
	l->unacked = true;
	l->state = state;
}

void lac_open(struct lac *l, uint16_t tid, bool with_call)
{
	memset(l, 0, sizeof(*l));
	l->tid = tid;
	l->with_call = with_call;
	begin(l, SCCRQ);
	avp16(l, AVP_VERSION, 0x0100);
	avp32(l, AVP_FRAMING, 3);
	avp32(l, AVP_BEARER, 0);
	avp16(l, AVP_FIRMWARE, 1);
	avp(l, AVP_HOST, "lacload", 7);
	avp(l, AVP_VENDOR, "sabus bench", 11);
	avp16(l, AVP_TUNNEL, tid);
	avp16(l, AVP_WINDOW, 4);
	finish(l, 0, LAC_ASKED);
}

void lac_hello(struct lac *l)
{
	begin(l, HELLO);
	finish(l, 0, LAC_PINGED);
}

void lac_stop(struct lac *l)
{
	begin(l, STOPCCN);
	avp16(l, AVP_TUNNEL, l->tid);
	avp16(l, AVP_RESULT, 1);
	finish(l, 0, LAC_STOPPED);
}

static void connected(struct lac *l)
{
	begin(l, SCCCN);
	finish(l, 0, LAC_ANSWERED);
}

static void call(struct lac *l)
{
	begin(l, ICRQ);
	avp16(l, AVP_CALL, l->tid);
	avp32(l, AVP_SERIAL, l->tid);
	finish(l, 0, LAC_CALLED);
}

static void call_connected(struct lac *l)
{
	begin(l, ICCN);
	avp32(l, AVP_BPS, 100000000);
	avp32(l, AVP_FRAMING_TYPE, 1);
	finish(l, l->peer_cid, LAC_CALL_ANSWERED);
}

/* ---- what we hear ---- */

static void __attribute__((format(printf, 2, 3))) fail(struct lac *l, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(l->why, sizeof(l->why), format, ap);
	va_end(ap);
	l->state = LAC_FAILED;
	l->unacked = false;
}

/* The value of the first AVP of this type that has at least min bytes, NULL for none. */
static const uint8_t *find(const uint8_t *msg, size_t len, unsigned type, size_t min, size_t *found)
{
	for (size_t at = HEADER; at + AVP_HEAD <= len;) {
		size_t n = get16(msg + at) & 0x3ff;

		if (n < AVP_HEAD || n > len - at)
			return NULL;
		if (!get16(msg + at + 2) && get16(msg + at + 4) == type && n >= AVP_HEAD + min) {
			*found = n - AVP_HEAD;
			return msg + at + AVP_HEAD;
		}
		at += n;
	}
	return NULL;
}

static uint16_t find16(const uint8_t *msg, size_t len, unsigned type)
{
	size_t n;
	const uint8_t *p = find(msg, len, type, 2, &n);

	return p ? get16(p) : 0;
}

static void refused(struct lac *l, const char *what, const uint8_t *msg, size_t len)
{
	size_t n = 0;
	const uint8_t *p = find(msg, len, AVP_RESULT, 2, &n);

	if (!p)
		fail(l, "%s without a result", what);
	else
		fail(l, "%s %u/%u %.*s", what, get16(p), n >= 4 ? get16(p + 2) : 0, n > 4 ? (int)(n - 4) : 0, (const char *)p + 4);
}

/* A new message in its turn.  True: l->out is new. */
static bool take(struct lac *l, const uint8_t *msg, size_t len)
{
	uint16_t type = find16(msg, len, AVP_TYPE);

	switch (type) {
	case SCCRP:
		l->peer_tid = find16(msg, len, AVP_TUNNEL);
		if (l->state != LAC_ASKED || !l->peer_tid)
			break;
		connected(l);
		return true;
	case ICRP:
		l->peer_cid = find16(msg, len, AVP_CALL);
		if (l->state != LAC_CALLED || !l->peer_cid)
			break;
		call_connected(l);
		return true;
	case HELLO:
		return false;
	case STOPCCN:
		l->peer_tid = find16(msg, len, AVP_TUNNEL);
		refused(l, "StopCCN", msg, len);
		return false;
	case CDN:
		refused(l, "CDN", msg, len);
		return false;
	default:
		break;
	}
	fail(l, "message type %u in state %d was not expected", type, (int)l->state);
	return false;
}

/* Our message has been acknowledged.  True: l->out is new. */
static bool acked(struct lac *l)
{
	l->unacked = false;
	switch (l->state) {
	case LAC_ANSWERED:
		l->state = LAC_UP;
		if (!l->with_call)
			return false;
		call(l);
		return true;
	case LAC_CALL_ANSWERED:
	case LAC_PINGED:
		l->state = LAC_UP;
		return false;
	case LAC_STOPPED:
		l->state = LAC_IDLE;
		return false;
	default:
		return false;	/* an answer follows */
	}
}

bool lac_busy(const struct lac *l)
{
	return l->state != LAC_IDLE && l->state != LAC_UP && l->state != LAC_FAILED;
}

enum lac_reply lac_heard(struct lac *l, const uint8_t *msg, size_t len, uint8_t ack[HEADER])
{
	bool fresh = false, body = len > HEADER;

	if (l->state == LAC_IDLE)
		return LAC_NOTHING;	/* late words for a tunnel that is over */
	if (len < HEADER || get16(msg) != CONTROL || get16(msg + 2) != len || get16(msg + 4) != l->tid) {
		fail(l, "%zu bytes that are no control message for tunnel %u", len, l->tid);
		return LAC_NOTHING;
	}
	if (l->unacked && get16(msg + 10) == l->ns)
		fresh = acked(l);
	if (body && get16(msg + 8) == l->nr && l->state != LAC_FAILED) {
		l->nr++;
		fresh = take(l, msg, len) || fresh;
	}
	if (fresh) {
		put16(l->out + 10, l->nr);	/* it acknowledges this message, too */
		return LAC_SEND_OUT;
	}
	if (!body)
		return LAC_NOTHING;
	header(ack, l, HEADER, 0);
	return LAC_SEND_ACK;
}
