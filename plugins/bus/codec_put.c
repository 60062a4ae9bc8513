// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Encoding by table: a struct into attributes, in the order of their numbers, members that are zero left out.
 *
 * What the decoder would refuse is not written (-EINVAL with the member's name), so a caller's mistake ends here and not at the peer.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>
#include "codec_schema.h"

static int invalid(struct sabus_fault *fault, const struct sabus_schema *schema, const struct sabus_field *field, const char *what)
{
	if (fault) {
		fault->nest = schema->name;
		fault->attr = field->name;
		fault->what = what;
	}
	return -EINVAL;
}

static uint64_t load_number(const void *member, size_t width)
{
	uint8_t v8;
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;

	switch (width) {
	case 1: memcpy(&v8, member, width); return v8;
	case 2: memcpy(&v16, member, width); return v16;
	case 4: memcpy(&v32, member, width); return v32;
	default: memcpy(&v64, member, width); return v64;
	}
}

static int put_bytes(struct nlmsghdr *nlh, size_t size, uint16_t type, size_t len, const void *data)
{
	return mnl_attr_put_check(nlh, size, type, len, data) ? 0 : -EMSGSIZE;
}

static int put_number(const struct sabus_schema *schema, uint16_t type, const void *member, struct nlmsghdr *nlh, size_t size,
		      struct sabus_fault *fault)
{
	const struct sabus_field *field = &schema->fields[type];
	const size_t width = (size_t)1 << (field->kind - FIELD_U8);
	const uint64_t value = load_number(member, width);

	if (value == 0 && field->nonzero)
		return invalid(fault, schema, field, "is 0");
	if (value == 0 && !field->must)
		return 0;
	if (field->max != 0 && value != 0 && (value < field->min || value > field->max))
		return invalid(fault, schema, field, "value out of range");
	return put_bytes(nlh, size, type, width, member);
}

/* empty: an empty one is put, too. */
static int put_string(const struct sabus_schema *schema, uint16_t type, const char *text, bool empty, struct nlmsghdr *nlh, size_t size,
		      struct sabus_fault *fault)
{
	const struct sabus_field *field = &schema->fields[type];
	const char *end = memchr(text, '\0', field->size);

	if (!end)
		return invalid(fault, schema, field, "string is not terminated");
	if (end == text && !empty)
		return 0;
	return put_bytes(nlh, size, type, (size_t)(end - text) + 1, text);
}

static int put_addr(const struct sabus_schema *schema, uint16_t type, const struct sabus_addr *addr, struct nlmsghdr *nlh, size_t size,
		    struct sabus_fault *fault)
{
	if (addr->family == 0)
		return 0;
	if (addr->family != AF_INET && addr->family != AF_INET6)
		return invalid(fault, schema, &schema->fields[type], "address family is neither IPv4 nor IPv6");
	return put_bytes(nlh, size, type, addr->family == AF_INET ? 4 : 16, addr->b);
}

static int put_nest(const struct sabus_field *field, uint16_t type, const void *in, struct nlmsghdr *nlh, size_t size,
		    struct sabus_fault *fault)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, size, type);
	int ret;

	if (!nest)
		return -EMSGSIZE;
	ret = sabus_schema_put(field->sub, in, nlh, size, fault);
	mnl_attr_nest_end(nlh, nest);
	return ret;
}

static int put_list(const struct sabus_schema *schema, uint16_t type, const uint8_t *base, struct nlmsghdr *nlh, size_t size,
		    struct sabus_fault *fault)
{
	const struct sabus_field *field = &schema->fields[type];
	const uint8_t count = base[field->count_offset];
	int ret = 0;

	if (count > field->limit)
		return invalid(fault, schema, field, "more entries than the array has");
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = put_nest(field, type, base + field->offset + i * field->size, nlh, size, fault);
	return ret;
}

/* Empty strings are put: their number counts. */
static int put_string_list(const struct sabus_schema *schema, uint16_t type, const uint8_t *base, struct nlmsghdr *nlh, size_t size,
			   struct sabus_fault *fault)
{
	const struct sabus_field *field = &schema->fields[type];
	const uint8_t count = base[field->count_offset];
	int ret = 0;

	if (count > field->limit)
		return invalid(fault, schema, field, "more entries than the array has");
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = put_string(schema, type, (const char *)base + field->offset + i * field->size, true, nlh, size, fault);
	return ret;
}

static int put_member(const struct sabus_schema *schema, uint16_t type, const uint8_t *base, struct nlmsghdr *nlh, size_t size,
		      struct sabus_fault *fault)
{
	const struct sabus_field *field = &schema->fields[type];
	const uint8_t *member = base + field->offset;

	switch (field->kind) {
	case FIELD_NONE: return 0;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64: return put_number(schema, type, member, nlh, size, fault);
	case FIELD_STR: return put_string(schema, type, (const char *)member, field->must, nlh, size, fault);
	case FIELD_STR_LIST: return put_string_list(schema, type, base, nlh, size, fault);
	case FIELD_ADDR: return put_addr(schema, type, (const struct sabus_addr *)(const void *)member, nlh, size, fault);
	case FIELD_NEST: return put_nest(field, type, member, nlh, size, fault);
	case FIELD_LIST: return put_list(schema, type, base, nlh, size, fault);
	case FIELD_FLAG:
	case FIELD_STR_REF:
	case FIELD_NEST_REF:
	case FIELD_NEST_REFS: break;
	}
	return invalid(fault, schema, field, "internal: only decoded");
}

int sabus_schema_put(const struct sabus_schema *schema, const void *in, struct nlmsghdr *nlh, size_t size, struct sabus_fault *fault)
{
	int ret = 0;

	for (size_t type = 0; type < schema->n && ret == 0; type++)
		ret = put_member(schema, (uint16_t)type, in, nlh, size, fault);
	return ret;
}
