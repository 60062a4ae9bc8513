// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decoding by table: bytes of attributes into a struct.
 *
 * sabus_schema_get() walks the attributes of one nest; bytes are read only after mnl_attr_ok() and the padding check have shown
 * that they are inside.  It calls itself for FIELD_NEST and FIELD_LIST, along the tables, which have no cycle: the
 * packet cannot choose the depth.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>
#include "codec_schema.h"

static int refuse(struct sabus_fault *fault, const struct sabus_schema *schema, const struct sabus_field *field, const char *what)
{
	if (fault) {
		fault->nest = schema->name;
		fault->attr = field ? field->name : NULL;
		fault->what = what;
	}
	return -EBADMSG;
}

/* The number in a payload that has exactly `width` bytes; mnl's getters need no alignment for 64 bits. */
static uint64_t payload_number(const struct nlattr *attr, size_t width)
{
	switch (width) {
	case 1: return mnl_attr_get_u8(attr);
	case 2: return mnl_attr_get_u16(attr);
	case 4: return mnl_attr_get_u32(attr);
	default: return mnl_attr_get_u64(attr);
	}
}

static void store_number(void *member, size_t width, uint64_t value)
{
	const uint8_t v8 = (uint8_t)value;
	const uint16_t v16 = (uint16_t)value;
	const uint32_t v32 = (uint32_t)value;

	switch (width) {
	case 1: memcpy(member, &v8, width); break;
	case 2: memcpy(member, &v16, width); break;
	case 4: memcpy(member, &v32, width); break;
	default: memcpy(member, &value, width); break;
	}
}

static const char *get_number(const struct sabus_field *field, const struct nlattr *attr, void *member)
{
	const size_t width = (size_t)1 << (field->kind - FIELD_U8);
	uint64_t value;

	if (mnl_attr_get_payload_len(attr) != width)
		return "wrong size of a number";
	value = payload_number(attr, width);
	if (value == 0 && field->nonzero)
		return "is 0";
	if (value != 0 && field->max != 0 && (value < field->min || value > field->max))
		return "value out of range";
	store_number(member, width, value);
	return NULL;
}

/* Checks that the payload is one string with its NUL, no longer than the field admits. */
static const char *check_string(const struct sabus_field *field, const struct nlattr *attr)
{
	const char *text = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);

	if (len == 0 || text[len - 1] != '\0')
		return "string is not terminated";
	if (len > field->size)
		return "string is too long";
	if (memchr(text, '\0', len) != text + len - 1)
		return "string has a NUL inside";
	return NULL;
}

static const char *get_addr(const struct nlattr *attr, struct sabus_addr *addr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len != sizeof(struct in_addr) && len != sizeof(struct in6_addr))
		return "wrong size of an address";
	addr->family = len == sizeof(struct in_addr) ? AF_INET : AF_INET6;
	memcpy(addr->b, mnl_attr_get_payload(attr), len);
	return NULL;
}

static const char *get_string(const struct sabus_field *field, const struct nlattr *attr, uint8_t *base)
{
	const char *text = mnl_attr_get_payload(attr), *what = check_string(field, attr);

	if (what)
		return what;
	if (field->kind == FIELD_STR)
		memcpy(base + field->offset, text, mnl_attr_get_payload_len(attr));
	else
		memcpy(base + field->offset, &text, sizeof(text));
	return NULL;
}

static const char *get_string_list(const struct sabus_field *field, const struct nlattr *attr, uint8_t *base)
{
	uint8_t *count = base + field->count_offset;
	const char *what = check_string(field, attr);

	if (what)
		return what;
	if (*count >= field->limit)
		return "comes too often";
	memcpy(base + field->offset + *count * field->size, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	(*count)++;
	return NULL;
}

static const char *get_flag(const struct sabus_field *field, const struct nlattr *attr, uint8_t *base)
{
	const bool yes = true;

	if (mnl_attr_get_payload_len(attr) != 0)
		return "a flag with a value";
	memcpy(base + field->offset, &yes, sizeof(yes));
	return NULL;
}

static const char *get_refs(const struct sabus_field *field, const struct nlattr *attr, uint8_t *base)
{
	uint16_t count;

	memcpy(&count, base + field->count_offset, sizeof(count));
	if (count >= field->limit)
		return "comes too often";
	memcpy(base + field->offset + count * sizeof(attr), &attr, sizeof(attr));
	count++;
	memcpy(base + field->count_offset, &count, sizeof(count));
	return NULL;
}

static const char *get_simple(const struct sabus_field *field, const struct nlattr *attr, uint8_t *base)
{
	switch (field->kind) {
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64: return get_number(field, attr, base + field->offset);
	case FIELD_STR:
	case FIELD_STR_REF: return get_string(field, attr, base);
	case FIELD_STR_LIST: return get_string_list(field, attr, base);
	case FIELD_ADDR: return get_addr(attr, (struct sabus_addr *)(void *)(base + field->offset));
	case FIELD_FLAG: return get_flag(field, attr, base);
	case FIELD_NEST_REF: memcpy(base + field->offset, &attr, sizeof(attr)); return NULL;
	case FIELD_NEST_REFS: return get_refs(field, attr, base);
	case FIELD_NONE:
	case FIELD_NEST:
	case FIELD_LIST: break;
	}
	return "internal: no such kind";
}

/* Opens a nest that has its own table; the fault is then the inner one. */
static int get_nested(const struct sabus_schema *schema, const struct sabus_field *field, const struct nlattr *attr, uint8_t *base,
		      struct sabus_fault *fault)
{
	uint8_t *out = base + field->offset, *count = base + field->count_offset;
	uint64_t seen;

	if (field->kind == FIELD_LIST) {
		if (*count >= field->limit)
			return refuse(fault, schema, field, "comes too often");
		out += *count * field->size;
		(*count)++;
	}
	return sabus_schema_get(field->sub, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr), out, &seen, fault);
}

static bool is_nest(enum sabus_field_kind kind)
{
	return kind == FIELD_NEST || kind == FIELD_LIST || kind == FIELD_NEST_REF || kind == FIELD_NEST_REFS;
}

static bool may_repeat(enum sabus_field_kind kind)
{
	return kind == FIELD_LIST || kind == FIELD_STR_LIST || kind == FIELD_NEST_REFS;
}

static int get_attr(const struct sabus_schema *schema, const struct nlattr *attr, uint8_t *out, uint64_t *seen, struct sabus_fault *fault)
{
	const uint16_t type = mnl_attr_get_type(attr);
	const struct sabus_field *field = type < schema->n ? &schema->fields[type] : NULL;
	const uint16_t flags = attr->nla_type & (NLA_F_NESTED | NLA_F_NET_BYTEORDER);
	const char *what;

	if (!field || field->kind == FIELD_NONE)
		return 0;
	if (flags != (is_nest(field->kind) ? NLA_F_NESTED : 0))
		return refuse(fault, schema, field, "wrong attribute flags");
	if ((*seen >> type & 1) && !may_repeat(field->kind))
		return refuse(fault, schema, field, "comes twice");
	*seen |= UINT64_C(1) << type;
	if (field->sub)
		return get_nested(schema, field, attr, out, fault);
	what = get_simple(field, attr, out);
	return what ? refuse(fault, schema, field, what) : 0;
}

static int check_complete(const struct sabus_schema *schema, uint64_t seen, struct sabus_fault *fault)
{
	for (size_t i = 0; i < schema->n; i++)
		if (schema->fields[i].must && !(seen >> i & 1))
			return refuse(fault, schema, &schema->fields[i], "missing");
	return 0;
}

/* The known attribute that a broken header claims to be, for the error text. */
static const struct sabus_field *claimed(const struct sabus_schema *schema, const struct nlattr *attr, size_t left)
{
	if (left < sizeof(*attr) || mnl_attr_get_type(attr) >= schema->n)
		return NULL;
	return &schema->fields[mnl_attr_get_type(attr)];
}

int sabus_schema_get(const struct sabus_schema *schema, const void *bytes, size_t len, void *out, uint64_t *seen, struct sabus_fault *fault)
{
	const uint8_t *at = bytes;

	*seen = 0;
	while (len > 0) {
		const struct nlattr *attr = (const struct nlattr *)(const void *)at;
		size_t step;
		int ret;

		if (len > INT32_MAX || !mnl_attr_ok(attr, (int)len))
			return refuse(fault, schema, claimed(schema, attr, len), "length does not fit");
		step = ((size_t)mnl_attr_get_len(attr) + 3) & ~(size_t)3;
		if (step > len)
			return refuse(fault, schema, claimed(schema, attr, len), "not padded to 4 bytes");
		ret = get_attr(schema, attr, out, seen, fault);
		if (ret < 0)
			return ret;
		at += step;
		len -= step;
	}
	return check_complete(schema, *seen, fault);
}
