// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packet.c - see packet.h.
 */
#include <errno.h>
#include <string.h>
#include "../frame.h"
#include "packet.h"
#include "sabus-attributes.h"

#define TIMESTAMP_LEN 6

const char *dyn_verdict_word(enum dyn_verdict v)
{
	static const char *const words[DYN_VERDICTS] = {
		[DYN_GOOD] = "ok",
		[DYN_MALFORMED] = "malformed",
		[DYN_OTHER_CODE] = "other-code",
		[DYN_BAD_AUTH] = "bad-authenticator",
		[DYN_NO_MA] = "no-message-authenticator",
		[DYN_BAD_MA] = "bad-message-authenticator",
	};

	return v < DYN_VERDICTS ? words[v] : "?";
}

static uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_u32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* ---- in ---- */

static enum dyn_verdict check_ma(const uint8_t *p, size_t whole, const char *secret, bool need_ma)
{
	uint8_t right[RADIUS_AUTH];
	int at = frame_find_ma(p, whole);

	if (at < 0)
		return DYN_BAD_MA;
	if (!at)
		return need_ma ? DYN_NO_MA : DYN_GOOD;
	frame_mac(p, whole, frame_zeros, (size_t)at, secret, right);
	return frame_same(right, p + at + 2) ? DYN_GOOD : DYN_BAD_MA;
}

enum dyn_verdict dyn_verify(const uint8_t *p, size_t len, const char *secret, bool need_ma, size_t *whole)
{
	uint8_t right[RADIUS_AUTH];

	if (len > RADIUS_MAX || !frame_whole(p, len, whole))
		return DYN_MALFORMED;
	if (p[0] != DYN_DISCONNECT_REQUEST && p[0] != DYN_COA_REQUEST)
		return DYN_OTHER_CODE;
	frame_authenticator(p, *whole, frame_zeros, secret, right);
	if (!frame_same(right, p + 4))
		return DYN_BAD_AUTH;
	return check_ma(p, *whole, secret, need_ma);
}

/* ---- the cursor ---- */

void dyn_cursor_init(struct dyn_cursor *c, const uint8_t *p, size_t whole)
{
	*c = (struct dyn_cursor){ .at = p + RADIUS_HEAD, .end = p + whole };
}

static int next_sub(struct dyn_cursor *c, struct dyn_attr *a)
{
	size_t left = (size_t)(c->sub_end - c->sub);

	if (left < 2 || c->sub[0] == 0 || c->sub[1] < 2 || c->sub[1] > left)
		return -EBADMSG;
	*a = (struct dyn_attr){ .vendor = c->vendor, .type = c->sub[0], .value = c->sub + 2, .len = c->sub[1] - 2u };
	c->sub += c->sub[1];
	return 1;
}

/* A Vendor-Specific: its first sub-attribute, or the whole of it where we do not know how that vendor writes them. */
static int open_vendor(struct dyn_cursor *c, struct dyn_attr *a)
{
	if (a->len < 4)
		return -EBADMSG;
	a->vendor = get_u32(a->value);
	a->type = 0;
	if (a->vendor != RA_MICROSOFT && a->vendor != SABUS_RADIUS_VENDOR)
		return a->vendor == 0 ? -EBADMSG : 1;
	c->vendor = a->vendor;
	c->sub = a->value + 4;
	c->sub_end = a->value + a->len;
	return next_sub(c, a);
}

int dyn_next(struct dyn_cursor *c, struct dyn_attr *a)
{
	size_t left = (size_t)(c->end - c->at);

	if (c->sub != c->sub_end)
		return next_sub(c, a);
	if (left == 0)
		return 0;
	if (left < 2 || c->at[1] < 2 || c->at[1] > left)
		return -EBADMSG;
	*a = (struct dyn_attr){ .type = c->at[0], .value = c->at + 2, .len = c->at[1] - 2u };
	c->at += c->at[1];
	return a->type == RA_VENDOR_SPECIFIC ? open_vendor(c, a) : 1;
}

bool dyn_u32(const struct dyn_attr *a, uint32_t *out)
{
	if (a->len != 4)
		return false;
	*out = get_u32(a->value);
	return true;
}

bool dyn_timestamp(const uint8_t *p, size_t whole, uint32_t *out)
{
	int found = 0;

	/* not by the cursor: what is inside a Vendor-Specific is to be refused, not to be dropped */
	for (size_t at = RADIUS_HEAD; at < whole; at += p[at + 1]) {
		if (p[at] != RA_EVENT_TIMESTAMP)
			continue;
		if (p[at + 1] != TIMESTAMP_LEN)
			return false;
		*out = get_u32(p + at + 2);
		found++;
	}
	return found == 1;
}

/* ---- out ---- */

static size_t add(uint8_t *out, size_t at, uint8_t type, const void *value, size_t len)
{
	if (at + 2 + len > RADIUS_MAX)
		return RADIUS_MAX + 1; /* and stays there: the next one does not fit either */
	out[at] = type;
	out[at + 1] = (uint8_t)(2 + len);
	memcpy(out + at + 2, value, len);
	return at + 2 + len;
}

static size_t add_u32(uint8_t *out, size_t at, uint8_t type, uint32_t value)
{
	uint8_t b[4];

	put_u32(b, value);
	return add(out, at, type, b, sizeof(b));
}

static size_t add_copies(uint8_t *out, size_t at, const uint8_t *request, size_t whole)
{
	for (size_t from = RADIUS_HEAD; from < whole; from += request[from + 1])
		if (request[from] == DYN_PROXY_STATE || request[from] == RA_STATE)
			at = add(out, at, request[from], request + from + 2, request[from + 1] - 2u);
	return at;
}

/* Disconnect-Request 40 -> 41, 42; CoA-Request 43 -> 44, 45. */
static uint8_t answer_code(uint8_t request, bool ack)
{
	return (uint8_t)(request + (ack ? 1 : 2));
}

int dyn_answer(uint8_t out[RADIUS_MAX], const uint8_t *request, size_t whole, enum dyn_cause cause, uint32_t now, const char *secret)
{
	const uint8_t *asked = request + 4;
	size_t len;

	out[0] = answer_code(request[0], cause == DYN_CAUSE_NONE);
	out[1] = request[1];
	len = add(out, RADIUS_HEAD, RA_MESSAGE_AUTHENTICATOR, frame_zeros, RADIUS_AUTH);
	if (cause != DYN_CAUSE_NONE)
		len = add_u32(out, len, DYN_ERROR_CAUSE, cause);
	len = add_copies(out, len, request, whole);
	if (len > RADIUS_MAX)
		return -EMSGSIZE;
	if (len + TIMESTAMP_LEN <= RADIUS_MAX) /* it may be left out, the copies may not */
		len = add_u32(out, len, RA_EVENT_TIMESTAMP, now);
	frame_set_len(out, len);
	frame_mac(out, len, asked, RADIUS_HEAD, secret, out + RADIUS_HEAD + 2);
	frame_authenticator(out, len, asked, secret, out + 4);
	return (int)len;
}
