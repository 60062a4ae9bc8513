/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mutations that know what an event is (script.c): whole events are taken out,
 * repeated, moved, joined with the next, or taken over from other inputs; the
 * bytes of one are left to libFuzzer.  One time in four libFuzzer has it all.
 */
#include "daemon.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

enum { EVENTS = 256, POOL = 256, POOL_EVENT = 1024 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);

static struct {
	uint8_t data[POOL_EVENT];
	size_t len;
} pool[POOL];
static unsigned int pooled;

static size_t event_len(const uint8_t *p, size_t left)
{
	/* By op, as in script.c: bytes before the blob, and whether there is one. */
	static const struct {
		uint8_t args, blob;
	} shape[] = {
		{ 4, 1 }, { 4, 1 }, { 4, 1 }, { 1, 0 }, { 2, 0 }, { 3, 1 }, { 0, 1 }, { 4, 0 }, { 2, 0 }, { 1, 0 }, { 2, 0 }, { 3, 0 }
	};
	size_t op = (p[0] & 0x7f) % (sizeof(shape) / sizeof(shape[0])), len = 1u + shape[op].args;

	if (shape[op].blob && left >= len + 2)
		len += 2 + ((size_t)p[len] << 8 | p[len + 1]);
	return len < left ? len : left;
}

/* at[n] is the end of the last one. */
static unsigned int split(const uint8_t *data, size_t size, size_t at[EVENTS + 1])
{
	unsigned int n = 0;

	at[0] = 1;
	while (n < EVENTS && at[n] < size) {
		at[n + 1] = at[n] + event_len(data + at[n], size - at[n]);
		n++;
	}
	return n;
}

static size_t insert(uint8_t *data, size_t size, size_t max, size_t pos, const uint8_t *event, size_t len)
{
	uint8_t copy[POOL_EVENT];

	if (len > sizeof(copy) || size + len > max)
		return size;
	memcpy(copy, event, len);
	memmove(data + pos + len, data + pos, size - pos);
	memcpy(data + pos, copy, len);
	return size + len;
}

static size_t cut(uint8_t *data, size_t size, size_t pos, size_t len)
{
	memmove(data + pos, data + pos + len, size - pos - len);
	return size - len;
}

static void keep(const uint8_t *event, size_t len)
{
	unsigned int i = pooled++ % POOL;

	if (len > POOL_EVENT)
		return;
	memcpy(pool[i].data, event, len);
	pool[i].len = len;
}

/* Which tunnel, call, flags, peer: small numbers are the interesting ones. */
static void redirect(uint8_t *event, size_t len, unsigned int r)
{
	if (len > 4)
		event[1 + (r & 3)] = (r & 3) == 2 ? (uint8_t)(1u << (r >> 2 & 7)) : (uint8_t)(r >> 2 & 3);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	size_t at[EVENTS + 1], len, grown;
	unsigned int n, i, j;

	n = size > 1 ? split(data, size, at) : 0;
	if (!n || seed % 4 == 0)
		return LLVMFuzzerMutate(data, size, max);
	seed /= 4;
	i = seed / 16 % n;
	j = seed / 4096 % n;
	len = at[i + 1] - at[i];
	keep(data + at[j], at[j + 1] - at[j]);
	switch (seed % 8) {
	case 0: return n > 1 ? cut(data, size, at[i], len) : size;
	case 1: return insert(data, size, max, at[j], data + at[i], len);
	case 2: data[at[i]] ^= 0x80; return size;
	case 3: redirect(data + at[i], len, seed / 16); return size;
	case 4:
	case 5: i = seed / 64 % (pooled < POOL ? pooled : POOL); return insert(data, size, max, at[j], pool[i].data, pool[i].len);
	case 6: /* to the end */ return insert(data, size, max, size, data + at[i], len);
	default: /* inside one event, which may grow */
		if (i + 1 < n)
			grown = LLVMFuzzerMutate(data + at[i], len, len);
		else
			grown = LLVMFuzzerMutate(data + at[i], len, max - at[i]);
		return grown < len ? cut(data, size, at[i] + grown, len - grown) : size - len + grown;
	}
}
