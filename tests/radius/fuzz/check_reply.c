// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check_reply.c - see check_reply.h.
 *
 * Nobody guesses an authenticator, so what comes after the verification is tried whatever its verdict.  The secret is "s", the request's authenticator zero.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../../plugins/radius/client/packet.h"
#include "../../../plugins/radius/client/secret.h"
#include "../../../plugins/radius/frame.h"
#include "../../../plugins/radius/reading.h"
#include "check_reply.h"

#define SECRET "s"

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static bool text_ends(const char *text, size_t size)
{
	return memchr(text, 0, size) != NULL;
}

static void check_reading(const struct reading *r)
{
	must(text_ends(r->user, sizeof(r->user)) && text_ends(r->message, sizeof(r->message)), "texts end");
	must(text_ends(r->ms_success, sizeof(r->ms_success)) && text_ends(r->ms_error, sizeof(r->ms_error)), "texts of MS-CHAP end");
	must(text_ends(r->policy.filter_id, sizeof(r->policy.filter_id)), "Filter-Id ends");
	must(r->policy.n_identities <= SABUS_REPLY_IDS + 1, "identities are counted");
	for (int i = 0; i < SABUS_REPLY_IDS; i++)
		must(text_ends(r->policy.identities[i], SABUS_ID_MAX), "identities end");
	must(!r->classes.overflow && !r->env.overflow, "nothing is lost of an answer that is used");
	must(r->ours || !(r->policy.has & (SABUS_RP_ENCRYPTION | SABUS_RP_MANDATE | SABUS_RP_MIN_STRENGTH | SABUS_RP_MTU_CAP)),
	     "policy is ours");
}

static void check_verify(const uint8_t *data, size_t size)
{
	struct packet_request rq = { .code = RC_ACCESS_REQUEST, .id = size > 1 ? data[1] : 0 };
	uint8_t head[RADIUS_HEAD];
	size_t whole = 0;

	if (packet_verify(data, size, &rq, SECRET, true, &whole) != PACKET_GOOD)
		return;
	must(whole >= RADIUS_HEAD && whole <= size, "a good packet is within the datagram");
	packet_head(data, &rq, SECRET, head);
	must(packet_verify(head, sizeof(head), &rq, SECRET, false, &whole) == PACKET_GOOD, "the head of a good packet is good");
}

int check_reply(const uint8_t *data, size_t size)
{
	static const uint8_t authenticator[RADIUS_AUTH];
	static struct worker_list raw, plain;
	static struct reading reading;
	const char *bad = NULL;
	char why[160] = "";
	uint8_t out[RADIUS_MAX];
	size_t whole;

	check_verify(data, size);
	if (packet_sign(data, size, SECRET, out) > 0)
		must(packet_sign(out, (size_t)(out[2] << 8 | out[3]), SECRET, out) > 0, "what is signed can be signed");
	if (!frame_whole(data, size, &whole))
		return 0;
	worker_list_init(&raw);
	worker_list_init(&plain);
	if (packet_attributes(data, whole, &raw))
		return 1;
	must(!raw.overflow, "a packet's attributes fit");
	if (secret_reveal(&raw, SECRET, authenticator, &plain, &bad)) {
		must(bad != NULL, "what cannot be read has a name");
		return 1;
	}
	if (reading_parse(&plain, &reading, why, sizeof(why))) {
		must(why[0] != '\0', "a refusal says why");
		return 2;
	}
	check_reading(&reading);
	return 3;
}
