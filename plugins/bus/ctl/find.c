/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find.c - from a name to a row, and back.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "find.h"
#include "words.h"

/* How many rows fit; *f has the last one. */
struct search {
	struct found *f;
	unsigned int n;
};

static void hit(struct search *s, const struct found *f)
{
	*s->f = *f;
	s->n++;
}

static void by_ifname(const struct view *v, const char *ifname, struct search *s)
{
	struct session_row *r, *next;

	HASH_ITER(hh, v->sessions, r, next) {
		if (!strcmp(r->session.ifname, ifname))
			hit(s, &(struct found){ .kind = FOUND_SESSION, .session = r });
	}
}

static void by_session(const struct view *v, uint32_t id, struct search *s)
{
	struct session_row *r = view_session(v, id);

	if (r)
		hit(s, &(struct found){ .kind = FOUND_SESSION, .session = r });
}

static void by_sa(const struct view *v, uint32_t id, struct search *s)
{
	struct sa_row *r = view_sa_row(v, id);

	if (r)
		hit(s, &(struct found){ .kind = FOUND_SA, .sa = r });
}

/* pid 0: that of any xl2tpd */
static void by_tunnel(const struct view *v, uint32_t id, uint32_t pid, struct search *s)
{
	struct tunnel_row *r, *next;

	HASH_ITER(hh, v->tunnels, r, next) {
		if (r->tunnel.tunnel_id == id && (!pid || r->tunnel.pid == pid))
			hit(s, &(struct found){ .kind = FOUND_TUNNEL, .tunnel = r });
	}
}

static void by_call(const struct view *v, uint32_t tunnel, uint32_t id, uint32_t pid, struct search *s)
{
	struct call_row *r, *next;

	HASH_ITER(hh, v->calls, r, next) {
		if (r->call.tunnel_id == tunnel && r->call.call_id == id && (!pid || r->call.pid == pid))
			hit(s, &(struct found){ .kind = FOUND_CALL, .call = r });
	}
}

/* A name cut into its parts: "call/10/20@4711" is "call", two numbers and a pid. */
struct name {
	char kind[8];
	uint32_t n[2], pid;
	int numbers;
};

static bool number(const char **at, uint32_t *out)
{
	char *end = NULL;
	unsigned long n = strspn(*at, "0123456789") ? strtoul(*at, &end, 10) : 0;

	if (!end || n > UINT32_MAX)
		return false;
	*at = end;
	*out = (uint32_t)n;
	return true;
}

static bool cut(const char *text, struct name *n)
{
	const char *slash = strchr(text, '/'), *at = slash;

	memset(n, 0, sizeof(*n));
	if (!slash || (size_t)(slash - text) >= sizeof(n->kind))
		return false;
	memcpy(n->kind, text, (size_t)(slash - text));
	while (*at == '/' && n->numbers < 2) {
		at++;
		if (!number(&at, &n->n[n->numbers++]))
			return false;
	}
	if (*at == '@') {
		at++;
		if (!number(&at, &n->pid))
			return false;
	}
	return !*at;
}

static bool by_name(const struct view *v, const struct name *n, struct search *s)
{
	bool plain = n->numbers == 1 && !n->pid;

	if (!strcmp(n->kind, "session") && plain)
		by_session(v, n->n[0], s);
	else if (!strcmp(n->kind, "sa") && plain)
		by_sa(v, n->n[0], s);
	else if (!strcmp(n->kind, "tunnel") && n->numbers == 1)
		by_tunnel(v, n->n[0], n->pid, s);
	else if (!strcmp(n->kind, "call") && n->numbers == 2)
		by_call(v, n->n[0], n->n[1], n->pid, s);
	else
		return false;
	return true;
}

static bool search(const struct view *v, const char *text, struct search *s)
{
	const char *at = text;
	struct name n;
	uint32_t id;

	if (!*text) /* that of sessions that have no interface yet */
		return false;
	if (strchr(text, '/'))
		return cut(text, &n) && by_name(v, &n, s);
	if (number(&at, &id) && !*at)
		by_session(v, id, s);
	else
		by_ifname(v, text, s);
	return true;
}

int find(const struct ctl *c, const struct view *v, const char *name, struct found *out)
{
	struct search s = { .f = out };
	char text[256];

	memset(out, 0, sizeof(*out));
	if (!search(v, name, &s))
		return given_bad(c, "ID", printable(name, text, sizeof(text)),
				 "ppp0, session/N, tunnel/N, call/N/N or sa/N (those of xl2tpd with @PID where it is not the only one)");
	if (s.n == 1)
		return CTL_OK;
	fprintf(stderr, "sabusctl: %s '%s'; 'sabusctl ids' lists what there is\n", s.n ? "more than one is called" : "there is no",
		printable(name, text, sizeof(text)));
	return CTL_FAILED;
}

/* ---- what belongs to it ---- */

static void show_sa(const struct view *v, uint32_t id)
{
	struct sa_row *r = view_sa_row(v, id);

	if (r)
		r->shown = true;
}

static void show_tunnel(const struct view *v, struct tunnel_row *t)
{
	if (!t)
		return;
	t->shown = true;
	show_sa(v, t->tunnel.sa_id);
}

static void show_session(const struct view *v, struct session_row *s)
{
	if (!s)
		return;
	s->shown = true;
	show_sa(v, s->session.sa_id);
}

static void show_call(const struct view *v, struct call_row *c)
{
	c->shown = true;
	show_tunnel(v, view_tunnel(v, c->call.pid, c->call.tunnel_id));
	show_session(v, view_session_of(v, &c->call));
}

/* Does the call belong to what was found? */
static bool fits(const struct view *v, const struct found *f, const struct call_row *c)
{
	const struct tunnel_row *t = view_tunnel(v, c->call.pid, c->call.tunnel_id);

	switch (f->kind) {
	case FOUND_SESSION: return view_session_of(v, &c->call) == f->session;
	case FOUND_TUNNEL: return t == f->tunnel;
	case FOUND_SA: return t && t->tunnel.sa_id == f->sa->sa.id;
	default: return c == f->call;
	}
}

static void related_to_sa(const struct view *v, const struct sa_row *sa)
{
	struct session_row *s, *s_next;
	struct tunnel_row *t, *t_next;

	HASH_ITER(hh, v->sessions, s, s_next) {
		if (s->session.sa_id == sa->sa.id)
			s->shown = true;
	}
	HASH_ITER(hh, v->tunnels, t, t_next) {
		if (t->tunnel.sa_id == sa->sa.id)
			t->shown = true;
	}
}

void find_related(const struct view *v, const struct found *f)
{
	struct call_row *c, *next;

	show_session(v, f->session);
	show_tunnel(v, f->tunnel);
	if (f->sa) {
		f->sa->shown = true;
		related_to_sa(v, f->sa);
	}
	HASH_ITER(hh, v->calls, c, next) {
		if (fits(v, f, c))
			show_call(v, c);
	}
}

/* ---- names ---- */

const char *session_name(const struct view *v, const struct session_row *s, char buf[NAME_STRLEN])
{
	struct found f = { 0 };
	struct search same = { .f = &f };

	by_ifname(v, s->session.ifname, &same);
	if (s->session.ifname[0] && same.n == 1)
		return printable(s->session.ifname, buf, NAME_STRLEN);
	snprintf(buf, NAME_STRLEN, "session/%u", s->id);
	return buf;
}

const char *tunnel_name(const struct view *v, const struct tunnel_row *t, char buf[NAME_STRLEN])
{
	struct found f = { 0 };
	struct search same = { .f = &f };

	by_tunnel(v, t->tunnel.tunnel_id, 0, &same);
	snprintf(buf, NAME_STRLEN, same.n > 1 ? "tunnel/%u@%u" : "tunnel/%u", t->tunnel.tunnel_id, t->tunnel.pid);
	return buf;
}

const char *call_name(const struct view *v, const struct call_row *c, char buf[NAME_STRLEN])
{
	struct found f = { 0 };
	struct search same = { .f = &f };

	by_call(v, c->call.tunnel_id, c->call.call_id, 0, &same);
	snprintf(buf, NAME_STRLEN, same.n > 1 ? "call/%u/%u@%u" : "call/%u/%u", c->call.tunnel_id, c->call.call_id, c->call.pid);
	return buf;
}

const char *sa_name(const struct sa_row *sa, char buf[NAME_STRLEN])
{
	snprintf(buf, NAME_STRLEN, "sa/%u", sa->sa.id);
	return buf;
}
