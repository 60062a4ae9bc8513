// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include "packet.h"

_Alignas(8) uint8_t packet[SABUS_MSG_MAX];

struct nlmsghdr *begin(uint16_t type)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(packet);

	nlh->nlmsg_type = type;
	return nlh;
}

int parse_exact(const void *pkt, size_t len, struct sabus_msg_view *v, struct sabus_fault *fault)
{
	static void *last;

	free(last);
	last = malloc(len ? len : 1);
	assert_non_null(last);
	memcpy(last, pkt, len);
	return sabus_codec_parse(last, len, v, fault);
}

int decode_all(const void *pkt, size_t len, struct sabus_fault *fault)
{
	struct sabus_msg_view v;
	struct sabus_sa sa;
	struct sabus_session session;
	struct sabus_stat stat;
	struct sabus_tunnel_info tunnel;
	struct sabus_call_info call;
	struct sabus_reply reply;
	int ret = parse_exact(pkt, len, &v, fault);

	for (size_t i = 0; ret == 0 && i < v.n_sas; i++)
		ret = sabus_codec_get_sa(v.sas[i], &sa, fault);
	if (ret == 0 && v.session)
		ret = sabus_codec_get_session(v.session, &session, fault);
	if (ret == 0 && v.tunnel)
		ret = sabus_codec_get_tunnel(v.tunnel, &tunnel, fault);
	if (ret == 0 && v.call)
		ret = sabus_codec_get_call(v.call, &call, fault);
	if (ret == 0 && v.reply)
		ret = sabus_codec_get_reply(v.reply, &reply, fault);
	for (size_t i = 0; ret == 0 && i < v.n_stats; i++)
		ret = sabus_codec_get_stat(v.stats[i], &stat, fault);
	return ret;
}
