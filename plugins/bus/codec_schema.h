/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * codec_schema.h - which attribute is which member of which struct; internal to the codec.
 *
 * One table per nest (codec_schema.c) drives both directions (codec_get.c, codec_put.c), so that encoder and decoder cannot drift apart and
 * a new member is one line.
 */
#ifndef SABUS_CODEC_SCHEMA_H
#define SABUS_CODEC_SCHEMA_H

#include "codec.h"

enum sabus_field_kind {
	FIELD_NONE,	/* a number without a meaning: skipped like an unknown one */
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_STR,	/* char[size] */
	FIELD_ADDR,	/* struct sabus_addr */
	FIELD_NEST,	/* a struct described by `sub` */
	FIELD_STR_LIST,	/* uint8_t at count_offset, at most `limit` of char[size] */
	FIELD_LIST,	/* uint8_t at count_offset, at most `limit` structs of `size` bytes described by `sub` */
	/* only in struct sabus_msg_view, only decoded */
	FIELD_FLAG,	/* bool; the attribute is empty */
	FIELD_STR_REF,	/* const char * into the packet, at most `size` bytes with NUL */
	FIELD_NEST_REF,	/* const struct nlattr * into the packet */
	FIELD_NEST_REFS, /* uint16_t at count_offset, at most `limit` of them */
};

struct sabus_schema;

struct sabus_field {
	const char *name;	/* as errors show it */
	enum sabus_field_kind kind;
	bool must;		/* refused when it did not come */
	bool nonzero;		/* 0 is refused both ways; otherwise 0 is always fine */
	uint8_t limit;
	size_t offset, size, count_offset;
	uint32_t min, max;	/* of a number that is not 0; max 0 = no limits */
	const struct sabus_schema *sub;
};

struct sabus_schema {
	const char *name;	/* "SA", NULL for the message itself */
	size_t n;		/* fields[0..n-1], indexed by attribute; at most 64 */
	const struct sabus_field *fields;
};

extern const struct sabus_schema sabus_schema_msg;	/* struct sabus_msg_view */
extern const struct sabus_schema sabus_schema_sa;	/* struct sabus_sa */
extern const struct sabus_schema sabus_schema_flow;	/* struct sabus_flow */
extern const struct sabus_schema sabus_schema_session;	/* struct sabus_session */
extern const struct sabus_schema sabus_schema_tunnel;	/* struct sabus_tunnel_info */
extern const struct sabus_schema sabus_schema_call;	/* struct sabus_call_info */
extern const struct sabus_schema sabus_schema_reply;	/* struct sabus_reply */
extern const struct sabus_schema sabus_schema_stat;	/* struct sabus_stat */

/* What a message type is called and what it must bring (bits of enum sabus_attr); NULL for a type that does not exist. */
struct sabus_msg_rule {
	const char *name;
	uint64_t must;
};
const struct sabus_msg_rule *sabus_msg_rule(uint16_t type);

/* Decodes `len` bytes of attributes at `bytes` (aligned to 4) into *out, which the caller has zeroed; *seen gets a bit per attribute. 0 or -EBADMSG. */
int sabus_schema_get(const struct sabus_schema *schema, const void *bytes, size_t len, void *out, uint64_t *seen, struct sabus_fault *fault);

/* Appends the members of *in to the message; `size` is that of its buffer.  0, -EMSGSIZE, -EINVAL; on error the message has a partial tail. */
int sabus_schema_put(const struct sabus_schema *schema, const void *in, struct nlmsghdr *nlh, size_t size, struct sabus_fault *fault);

#endif
