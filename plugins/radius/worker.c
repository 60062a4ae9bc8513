// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * worker.c - lists of attributes and the messages that carry them.
 *
 * Head, 20 bytes: version, op, two bytes of zero, id, arg, arg2, length of the list.  Attribute: vendor (4), number (2), length (2), value.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include "rfc.h"
#include "worker.h"

#define ATTR_HEAD 8

void worker_list_init(struct worker_list *l)
{
	l->len = 0;
	l->overflow = false;
}

int worker_put(struct worker_list *l, uint32_t vendor, uint16_t number, const void *value, size_t len)
{
	uint16_t len16 = (uint16_t)len;
	uint8_t *p = l->b + l->len;

	if (len > WORKER_VALUE_MAX || ATTR_HEAD + len > sizeof(l->b) - l->len) {
		l->overflow = true;
		return len > WORKER_VALUE_MAX ? -EMSGSIZE : -ENOSPC;
	}
	memcpy(p, &vendor, 4);
	memcpy(p + 4, &number, 2);
	memcpy(p + 6, &len16, 2);
	if (len)
		memcpy(p + ATTR_HEAD, value, len);
	l->len += ATTR_HEAD + len;
	return 0;
}

int worker_put_u32(struct worker_list *l, uint32_t vendor, uint16_t number, uint32_t v)
{
	v = htonl(v);
	return worker_put(l, vendor, number, &v, sizeof(v));
}

int worker_put_text(struct worker_list *l, uint32_t vendor, uint16_t number, const char *text)
{
	return worker_put(l, vendor, number, text, strlen(text));
}

int worker_put_list(struct worker_list *l, const struct worker_list *from)
{
	if (from->overflow || from->len > sizeof(l->b) - l->len) {
		l->overflow = true;
		return -ENOSPC;
	}
	memcpy(l->b + l->len, from->b, from->len);
	l->len += from->len;
	return 0;
}

bool worker_next(const struct worker_list *l, size_t *at, struct worker_attr *out)
{
	const uint8_t *p = l->b + *at;
	size_t left = *at <= l->len ? l->len - *at : 0;

	if (left < ATTR_HEAD)
		return false;
	memcpy(&out->vendor, p, 4);
	memcpy(&out->number, p + 4, 2);
	memcpy(&out->len, p + 6, 2);
	if (out->len > WORKER_VALUE_MAX || out->len > left - ATTR_HEAD)
		return false;
	out->value = p + ATTR_HEAD;
	*at += ATTR_HEAD + (size_t)out->len;
	return true;
}

bool worker_find(const struct worker_list *l, uint32_t vendor, uint16_t number, struct worker_attr *out)
{
	struct worker_attr a;
	size_t at = 0;

	while (worker_next(l, &at, &a)) {
		if (a.vendor != vendor || a.number != number)
			continue;
		if (out)
			*out = a;
		return true;
	}
	return false;
}

int worker_u32(const struct worker_attr *a, uint32_t *out)
{
	uint32_t v;

	if (a->len != sizeof(v))
		return -EINVAL;
	memcpy(&v, a->value, sizeof(v));
	*out = ntohl(v);
	return 0;
}

char *worker_text(const struct worker_attr *a, char *buf, size_t size)
{
	size_t n = a->len < size - 1 ? a->len : size - 1;

	if (n)
		memcpy(buf, a->value, n);
	buf[n] = '\0';
	return buf;
}

int worker_encode(const struct worker_message *m, void *buf, size_t size)
{
	uint8_t *p = buf;
	uint32_t len = (uint32_t)m->list.len;

	if (m->list.overflow)
		return -EOVERFLOW;
	if (size < WORKER_HEAD + m->list.len)
		return -ENOBUFS;
	memset(p, 0, 4);
	p[0] = WORKER_VERSION;
	p[1] = (uint8_t)m->op;
	memcpy(p + 4, &m->id, 4);
	memcpy(p + 8, &m->arg, 4);
	memcpy(p + 12, &m->arg2, 4);
	memcpy(p + 16, &len, 4);
	memcpy(p + WORKER_HEAD, m->list.b, m->list.len);
	return (int)(WORKER_HEAD + m->list.len);
}

static bool list_whole(const struct worker_list *l)
{
	struct worker_attr a;
	size_t at = 0;

	while (worker_next(l, &at, &a))
		;
	return at == l->len;
}

int worker_decode(struct worker_message *m, const void *buf, size_t len)
{
	const uint8_t *p = buf;
	uint32_t list_len;

	if (len < WORKER_HEAD)
		return -EBADMSG;
	if (p[0] != WORKER_VERSION)
		return -EPROTONOSUPPORT;
	memcpy(&list_len, p + 16, 4);
	if (!p[1] || p[1] >= WORKER_OP_END || list_len > WORKER_LIST_MAX || list_len != len - WORKER_HEAD)
		return -EBADMSG;
	m->op = p[1];
	memcpy(&m->id, p + 4, 4);
	memcpy(&m->arg, p + 8, 4);
	memcpy(&m->arg2, p + 12, 4);
	worker_list_init(&m->list);
	memcpy(m->list.b, p + WORKER_HEAD, list_len);
	m->list.len = list_len;
	return list_whole(&m->list) ? 0 : -EBADMSG;
}

const char *worker_status_name(uint32_t status)
{
	return status == RV_ACCT_START ? "start" : status == RV_ACCT_STOP ? "stop" : "interim";
}
