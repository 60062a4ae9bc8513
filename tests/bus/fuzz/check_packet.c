// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What holds for any bytes whatsoever:
 * - the codec reads nothing outside of them (the copy has no slack: the sanitizer sees);
 * - they are refused with a reason, or they are a message whose canonical form is stable: encode(decode(x)) = y, encode(decode(y)) = y;
 * - as the attributes of an SA alone, the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check_packet.h"
#include "rebuild.h"

static void require(int condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "codec: %s\n", what);
	abort();
}

static void *exact_copy(const void *data, size_t len)
{
	void *copy = calloc(1, len ? len : 1);

	require(copy != NULL, "out of memory");
	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

static void check_blob(const void *data, size_t len)
{
	struct sabus_sa first, second;
	uint8_t one[SABUS_SA_BLOB_MAX], two[SABUS_SA_BLOB_MAX];
	int n;

	if (sabus_sa_decode(data, len, &first) < 0)
		return;
	n = sabus_sa_encode(&first, one, sizeof(one));
	require(n > 0, "a decoded SA cannot be encoded");
	require(sabus_sa_decode(one, (size_t)n, &second) == 0, "an encoded SA cannot be decoded");
	require(memcmp(&first, &second, sizeof(first)) == 0, "an SA changes on its way");
	require(sabus_sa_encode(&second, two, sizeof(two)) == n && memcmp(one, two, (size_t)n) == 0, "an SA has two forms");
}

static int check_message(const void *data, size_t len)
{
	_Alignas(8) static uint8_t one[SABUS_MSG_MAX], two[SABUS_MSG_MAX];
	struct sabus_fault fault;
	char text[SABUS_FAULT_STRLEN];
	int n = rebuild(data, len, one, sizeof(one), &fault), m;

	if (n < 0) {
		require(fault.what != NULL, "refused without a reason");
		require(strlen(sabus_fault_text(&fault, text)) < sizeof(text), "reason is too long");
		return 0;
	}
	m = rebuild(one, (size_t)n, two, sizeof(two), &fault);
	require(m == n && memcmp(one, two, (size_t)n) == 0, "encode(decode(x)) is not stable");
	return 1;
}

/* The same with a header that is right, so that damage behind it is reached however long the packet has become. */
static void check_with_header(void *copy, size_t len)
{
	struct {
		uint32_t len;
		uint16_t type, flags;
		uint32_t seq, pid;
	} header;

	if (len < sizeof(header))
		return;
	memcpy(&header, copy, sizeof(header));
	header.len = (uint32_t)len;
	header.type = (uint16_t)(SABUS_MSG_HELLO + header.type % (SABUS_MSG_LAST + 2 - SABUS_MSG_HELLO));
	header.flags = 0;
	header.pid = 0;
	memcpy(copy, &header, sizeof(header));
	check_message(copy, len);
}

int check_packet(const uint8_t *data, size_t len)
{
	void *copy = exact_copy(data, len);
	int ret = check_message(copy, len);

	check_blob(copy, len);
	/* The attributes behind the header, so that a corpus of messages feeds this path too. */
	if (len > 20)
		check_blob((uint8_t *)copy + 20, len - 20);
	check_with_header(copy, len);
	free(copy);
	return ret;
}
