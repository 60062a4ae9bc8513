/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path.c - an SA and a path from options.
 */
#include "config.h"
#include <string.h>
#include <sys/socket.h>
#include "json.h"
#include "path.h"
#include "suite.h"

#define CHARON_REPLAY_WINDOW 32 /* charon.replay_window's default */

int path_suite(const struct ctl *c, const char *option, const char *text, struct sabus_sa *sa)
{
	char bad[64];

	if (suite_parse(text, sa, bad) != 0)
		return given_bad(c, option, bad, "algorithms such as aes256gcm128, aes128-sha256 or AES_CBC-128/HMAC_SHA1_96");
	sa->id = 1;
	sa->state = SABUS_SA_INSTALLED;
	sa->mode = SABUS_MODE_TRANSPORT;
	sa->replay_window = CHARON_REPLAY_WINDOW;
	return CTL_OK;
}

int path_given(const struct ctl *c, struct sabus_sa *sa, struct path *p)
{
	const char *mode = given_text(c, "mode");
	unsigned long mtu = 1500, l2tp = 6;
	int status = given_number(c, "path-mtu", 576, 65535, &mtu);

	if (status == CTL_OK)
		status = given_number(c, "l2tp-header", 6, 16, &l2tp);
	if (status != CTL_OK)
		return status;
	if (mode && strcmp(mode, "transport") != 0 && strcmp(mode, "tunnel") != 0)
		return given_bad(c, "mode", mode, "transport or tunnel");
	p->in = sabus_mtu_defaults((uint16_t)mtu);
	p->in.l2tp_header = (uint8_t)l2tp;
	p->family = given_flag(c, "ipv6") ? AF_INET6 : AF_INET;
	if (mode)
		sa->mode = !strcmp(mode, "tunnel") ? SABUS_MODE_TUNNEL : SABUS_MODE_TRANSPORT;
	if (given_flag(c, "nat-t"))
		sa->flags |= SABUS_SAF_ENCAP;
	if (!sa->remote.addr.family)
		sa->remote.addr.family = p->family;
	return CTL_OK;
}

struct json_object *path_json(const struct sabus_mtu *m)
{
	struct json_object *o = json_object_new_object();
	char sum[SABUS_MTU_STRLEN];

	json_number(o, "mtu", m->mtu);
	json_text(o, "sum", sabus_mtu_text(m, sum));
	json_number(o, "path_mtu", m->path_mtu);
	json_number(o, "ip", m->ip);
	json_number(o, "udp_encap", m->udp_encap);
	json_number(o, "esp", m->esp);
	json_number(o, "iv", m->iv);
	json_number(o, "icv", m->icv);
	json_number(o, "waste", m->waste);
	json_number(o, "trailer", m->trailer);
	json_number(o, "tunnel_ip", m->tunnel_ip);
	json_number(o, "udp", m->udp);
	json_number(o, "l2tp", m->l2tp);
	json_number(o, "ppp", m->ppp);
	json_number(o, "mppe", m->mppe);
	return o;
}
