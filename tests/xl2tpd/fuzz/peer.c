/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peers of the fuzzed xl2tpd.
 *
 * A script says what a message holds; ids, sequence numbers, lengths, and the
 * answer to a challenge are filled in here from the daemon's own state, so
 * that a short script gets through a handshake.  Flags make them wrong.
 */
#include "daemon.h"
#include "world.h"

#include <errno.h>
#include <string.h>

enum { HEADER = 12, LARGEST = 4086, NOBODY = 0xfffe };

static void put16(unsigned char *p, unsigned int v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

static void address(struct world_datagram *d, uint8_t peer)
{
	/* 0 and 1 are two peers, 2 is the second behind the address of 0, 3 the LNS that our LACs call */
	static const uint32_t addr[4] = { 0x0a000102, 0x0a000103, 0x0a000102, 0x0a000201 };
	static const uint16_t port[4] = { 1701, 1701, 40000, 1701 };

	d->from.sin_family = AF_INET;
	d->from.sin_addr.s_addr = htonl(addr[peer & 3]);
	d->from.sin_port = htons(port[peer & 3]);
	d->to.s_addr = peer & 0x40 ? 0 : htonl(0x0a000001);
	d->mark = (uint32_t)(peer >> 2 & 3);
}

static struct world_datagram *datagram(const struct peer_message *m)
{
	struct tunnel *t = pick_tunnel(m->tunnel);
	struct world_datagram *d = world_datagram();

	if (!d)
		return NULL;
	d->fd = (m->flags & PEER_OWN) && t && t->udp_fd >= 0 ? t->udp_fd : server_socket;
	address(d, m->peer);
	return d;
}

static void append(struct world_datagram *d, const uint8_t *data, size_t len)
{
	if (len > sizeof(d->data) - d->len)
		len = sizeof(d->data) - d->len;
	memcpy(d->data + d->len, data, len);
	d->len += len;
}

static void md5(unsigned char digest[16], const void *a, size_t alen, const void *b, size_t blen, const void *c, size_t clen)
{
	struct MD5Context md;

	MD5Init(&md);
	MD5Update(&md, a, (unsigned int)alen);
	MD5Update(&md, b, (unsigned int)blen);
	MD5Update(&md, c, (unsigned int)clen);
	MD5Final(digest, &md);
}

/* RFC 2661 section 4.2: the secret is the script's, "secret". */
static void add_response(struct world_datagram *d, const struct tunnel *t, unsigned int type)
{
	unsigned char avp[22] = { 0x80, 22, 0, 0, 0, 13 }, id = (unsigned char)type;

	if (!t || !t->chal_them.challenge)
		return;
	md5(avp + 6, &id, 1, "secret", 6, t->chal_them.challenge, t->chal_them.chal_len);
	append(d, avp, sizeof(avp));
}

/* RFC 2661 section 4.3, in place: the AVP has its length field and padding in the script already. */
static void hide(unsigned char *avp, size_t len, const unsigned char *vector, size_t vector_len)
{
	unsigned char digest[16];
	size_t pos, n;

	md5(digest, avp + 4, 2, "secret", 6, vector, vector_len);
	avp[0] |= 0x40;
	for (pos = 6; pos < len; pos += n) {
		n = len - pos < 16 ? len - pos : 16;
		for (size_t i = 0; i < n; i++)
			avp[pos + i] ^= digest[i];
		if (n == 16)
			md5(digest, "secret", 6, avp + pos, 16, "", 0);
	}
}

static void hide_all(unsigned char *p, size_t len)
{
	const unsigned char *vector = NULL;
	size_t vector_len = 0, avp;

	for (; len >= 6; p += avp, len -= avp) {
		avp = ((size_t)(p[0] & 3) << 8) | p[1];
		if (avp < 6 || avp > len)
			return;
		if (p[4] == 0 && p[5] == 36) {
			vector = p + 6;
			vector_len = avp - 6;
		} else if (vector) {
			hide(p, avp, vector, vector_len);
		}
	}
}

static void fill(struct world_datagram *d)
{
	unsigned char last = d->len ? d->data[d->len - 1] : 0;

	if (d->len < LARGEST) {
		memset(d->data + d->len, last, LARGEST - d->len);
		d->len = LARGEST;
	}
}

void peer_control(const struct peer_message *m)
{
	const struct tunnel *t = pick_tunnel(m->tunnel);
	const struct call *c = pick_call(t, m->call);
	struct world_datagram *d = datagram(m);
	unsigned int ns;

	if (!d)
		return;
	d->len = HEADER;
	append(d, m->body, m->len);
	if (m->flags & PEER_RESPONSE)
		add_response(d, t, m->len >= 8 ? m->body[7] : 0);
	if (m->flags & PEER_HIDE)
		hide_all(d->data + HEADER, d->len - HEADER);
	if (m->flags & PEER_LONG)
		fill(d);
	ns = t ? t->control_rec_seq_num : 0;
	ns += m->flags & PEER_AHEAD ? 1 : 0;
	ns -= m->flags & PEER_AGAIN ? 1 : 0;
	put16(d->data, 0xc802);
	put16(d->data + 2, (unsigned int)d->len - (m->flags & PEER_SHORT ? 1 : 0));
	put16(d->data + 4, t ? (unsigned int)t->ourtid : 0);
	put16(d->data + 6, m->call == PEER_GONE ? NOBODY : c ? (unsigned int)c->ourcid : 0);
	put16(d->data + 8, ns);
	put16(d->data + 10, !t ? 0 : m->flags & PEER_NO_ACK ? (unsigned int)t->cLr : t->control_seq_num);
}

/* flags: 0x01 length, 0x02 Ns and Nr, 0x04 offset, from the body; PEER_OWN and PEER_LONG as above. */
void peer_data(const struct peer_message *m)
{
	const struct tunnel *t = pick_tunnel(m->tunnel);
	const struct call *c = pick_call(t, m->call);
	struct world_datagram *d = datagram(m);
	unsigned int ver = 2;
	size_t pos = 2;

	if (!d)
		return;
	if (m->flags & 0x01) {
		ver |= 0x4000;
		pos += 2;
	}
	put16(d->data + pos, t ? (unsigned int)t->ourtid : 0);
	put16(d->data + pos + 2, c ? (unsigned int)c->ourcid : 0);
	pos += 4;
	if (m->flags & 0x02) {
		ver |= 0x0800;
		put16(d->data + pos, c ? c->data_rec_seq_num : 0);
		put16(d->data + pos + 2, c ? c->data_seq_num : 0);
		pos += 4;
	}
	ver |= m->flags & 0x04 ? 0x0200 : 0;
	d->len = pos;
	append(d, m->body, m->len);
	if (m->flags & PEER_LONG)
		fill(d);
	put16(d->data, ver);
	if (m->flags & 0x01)
		put16(d->data + 2, (unsigned int)d->len - (m->flags & PEER_SHORT ? 1 : 0));
}

void peer_raw(const struct peer_message *m)
{
	struct world_datagram *d = datagram(m);

	if (!d)
		return;
	append(d, m->body, m->len);
	if (m->flags & PEER_LONG)
		fill(d);
}

void peer_error(uint8_t tunnel, uint8_t error)
{
	static const int errors[] = { ECONNREFUSED, EHOSTUNREACH, EAGAIN, EINTR, ENETDOWN, EMSGSIZE };
	struct world_datagram *d = datagram(&(struct peer_message){ .tunnel = tunnel, .flags = PEER_OWN });

	if (d)
		d->error = errors[error % (sizeof(errors) / sizeof(errors[0]))];
}
