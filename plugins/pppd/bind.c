// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bind.c - when the question is put, and what becomes of the answer.  The rules are identity.c's.
 *
 *   SERIALCONN   bind_ready(): a map that cannot be used refuses the link before the first packet
 *   NF_AUTH_UP   bind_user(): pppd tells it between the last authentication and PHASE_NETWORK, with nobody authenticated too.  close_soon()
 *                holds the network protocols back from that moment
 *   afterwards   bind_still(), bind_usurped(): another identity below the same link
 *
 * The map is read when it is needed and not kept: a server has thousands of pppds, and a line taken out of the map counts from then on.  It
 * decides who may be whom, so it must be root's and nobody else's to write, as pppd demands it of no file but sudo and sshd do.
 */
#include "bind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "close.h"
#include "grant.h"
#include "host.h"
#include "identity.h"
#include "options.h"
#include "report.h"

#define MAP_MAX (16 * 1024 * 1024) /* bytes */

struct map {
	char *text; /* NULL: none is needed */
	size_t len;
};

/* ---- the map's file ---- */

static const char *unfit(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "it is not a regular file";
	if (st->st_uid != 0)
		return "it is not owned by root";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "others than root may write to it (chmod go-w)";
	return st->st_size > MAP_MAX ? "it is larger than 16 MiB" : NULL;
}

static int read_all(int fd, struct map *m, size_t size)
{
	ssize_t n = 1;

	m->text = malloc(size + 1);
	if (!m->text)
		return -ENOMEM;
	for (m->len = 0; n > 0 && m->len < size; m->len += (size_t)n) {
		n = read(fd, m->text + m->len, size - m->len);
		if (n < 0)
			return -errno;
	}
	return 0;
}

static int load(const char *path, struct map *m, char *why, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO in its place would hold us up */
	const char *fault;
	struct stat st;
	int err = 0;

	if (fd < 0 || fstat(fd, &st)) {
		fault = strerror(errno);
	} else {
		fault = unfit(&st);
		if (!fault)
			err = read_all(fd, m, (size_t)st.st_size);
		if (err)
			fault = strerror(-err);
	}
	if (fd >= 0)
		close(fd);
	if (!fault)
		return 0;
	snprintf(why, size, "sabus-identity-map %s cannot be used: %s", path, fault);
	return -EINVAL;
}

/* On failure *m is empty and why says which file, which line. */
static int load_checked(const struct plugin_options *o, struct map *m, char *why, size_t size)
{
	struct sabus_map_error e;

	*m = (struct map){ .text = NULL };
	if (o->bind != SABUS_BIND_MAP)
		return 0;
	if (!o->identity_map[0]) {
		snprintf(why, size, "sabus-bind-identity map needs sabus-identity-map FILE");
		return -EINVAL;
	}
	if (!load(o->identity_map, m, why, size)) {
		if (!sabus_map_check(m->text, m->len, &e))
			return 0;
		snprintf(why, size, "%s:%u: %s", o->identity_map, e.line, e.what);
	}
	free(m->text);
	m->text = NULL;
	return -EINVAL;
}

bool bind_ready(const struct plugin_options *o, char *why, size_t size)
{
	struct map m;
	int err = load_checked(o, &m, why, size);

	free(m.text);
	return !err;
}

/* ---- the question ---- */

static const char *fault_of(enum sabus_identity found, const struct plugin_options *o)
{
	switch (found) {
	case SABUS_IDENTITY_FITS: return NULL;
	case SABUS_IDENTITY_NOBODY: return "the SA names no identity to go by";
	case SABUS_IDENTITY_UNKNOWN: return "that identity is not in the map";
	case SABUS_IDENTITY_OTHER: break;
	case SABUS_IDENTITY_BAD_MAP: return "the map has an error";
	}
	return o->bind == SABUS_BIND_EQUAL ? "they are not equal" : "it stands for other users";
}

/* The peer's name, or NULL when it did not authenticate itself to us.  buf has room for MAXNAMELEN. */
static const char *authenticated_user(char *buf)
{
	if (!(auth_done[0] & AUTH_DONE_BY_PEER) || !ppp_peer_authname(buf, MAXNAMELEN))
		return NULL;
	return buf;
}

/* true: may be here.  Else why says why not. */
static bool allowed(const struct link *l, const struct sabus_sa *sa, const char *user, char *why, size_t size)
{
	const char *id = sabus_identity_of(sa), *fault;
	struct map m;

	if (load_checked(l->opt, &m, why, size))
		return false;
	fault = fault_of(sabus_identity_check(l->opt->bind, m.text, m.len, sa, user), l->opt);
	free(m.text);
	if (fault)
		snprintf(why, size, "PPP user '%s' on the SA of IKE identity '%s': %s", user, id ? id : "(none)", fault);
	return !fault;
}

static bool check(struct link *l, const struct sabus_sa *sa)
{
	char user[MAXNAMELEN], why[700];

	if (!sa)
		snprintf(why, sizeof(why), "there is no SA whose identity the user could be bound to");
	else if (!authenticated_user(user))
		snprintf(why, sizeof(why), "the peer did not authenticate itself in PPP, so there is no user to bind (option 'auth')");
	else if (allowed(l, sa, user, why, sizeof(why)))
		return true;
	close_soon(l, SABUS_R_IDENTITY, why);
	return false;
}

void bind_user(struct link *l)
{
	char user[MAXNAMELEN];

	l->bound = false;
	if (!l->opt || l->opt->bind == SABUS_BIND_NONE || !link_live(l) || !check(l, l->have_sa ? &l->sa : NULL))
		return;
	l->bound = true;
	report_bound(authenticated_user(user), sabus_identity_of(&l->sa), sabus_bind_name(l->opt->bind));
}

static bool other_identity(const struct sabus_sa *a, const struct sabus_sa *b)
{
	return strcmp(a->id_remote, b->id_remote) != 0 || strcmp(a->id_eap, b->id_eap) != 0;
}

bool bind_still(struct link *l)
{
	return !l->bound || check(l, &l->sa);
}

bool bind_usurped(struct link *l, const struct sabus_event *ev)
{
	size_t n = ev->n_sas < sizeof(ev->sas) / sizeof(ev->sas[0]) ? ev->n_sas : sizeof(ev->sas) / sizeof(ev->sas[0]);

	if (!l->have_sa || ev->answer != SABUS_PRESENT)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct sabus_sa *s = &ev->sas[i];

		if (s->replaces == l->sa.id && s->state == SABUS_SA_INSTALLED && sabus_sa_covers(s, &l->tun.flow) &&
		    other_identity(s, &l->sa) && ((l->bound && !check(l, s)) || !grant_still(l, s)))
			return true;
	}
	return false;
}
