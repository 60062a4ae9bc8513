// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guard.c - from the SPD as it is to the SPD with our policies in it, and back.
 *
 *   raise   look through the SPD: what bears our signature is of a killed predecessor; wanted = HELD, else removed
 *           add what is not held: now ADDED, or there is one with the same selector, which is FOREIGN
 *   lower   remove HELD and ADDED
 *
 * A policy is removed only if it bears our signature at that moment: somebody may have replaced it by one of his own meanwhile
 * (the kernel keeps one per selector).  A failure on the way takes back what was ADDED; what was HELD stays, as the guard that it is.
 */
#include "guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum state { ABSENT, ADDED, HELD, FOREIGN };

struct item {
	struct spd_policy p;
	enum state state;
};

struct guard {
	uint16_t port;
	size_t n;
	struct item items[GUARD_POLICIES_MAX];
};

/* The predecessor's policies that nobody wants any more. */
struct leftovers {
	struct guard *g;
	size_t n, room;
	struct spd_policy *list;
};

static int fail(int err, const char *what, const struct spd_policy *p, char *text, size_t size)
{
	char policy[GUARD_STRLEN];

	if (p)
		snprintf(text, size, "%s '%s': %s", what, guard_text(p, policy), strerror(-err));
	else
		snprintf(text, size, "%s: %s", what, strerror(-err));
	return err;
}

static struct guard *new_guard(const struct guard_config *c)
{
	struct spd_policy list[GUARD_POLICIES_MAX];
	struct guard *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->port = c->port;
	g->n = guard_list(c, list);
	for (size_t i = 0; i < g->n; i++)
		g->items[i].p = list[i];
	return g;
}

/* ---- what a predecessor has left ---- */

static int keep_leftover(struct leftovers *l, const struct spd_policy *p)
{
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 16;
		struct spd_policy *list = reallocarray(l->list, room, sizeof(*list));

		if (!list)
			return -ENOMEM;
		l->list = list;
		l->room = room;
	}
	l->list[l->n++] = *p;
	return 0;
}

static int look_at(void *data, const struct spd_policy *p, bool has_template)
{
	struct leftovers *l = data;

	if (!guard_made(p, has_template, l->g->port))
		return 0;
	for (size_t i = 0; i < l->g->n; i++)
		if (guard_same(&l->g->items[i].p, p)) {
			l->g->items[i].state = HELD;
			return 0;
		}
	return keep_leftover(l, p);
}

static int clear_leftovers(struct guard *g, struct spd *s, struct guard_count *count, char *text, size_t size)
{
	struct leftovers l = { .g = g };
	int err = spd_each(s, look_at, &l);

	if (err)
		fail(err, "the kernel's IPsec policies could not be read", NULL, text, size);
	for (size_t i = 0; i < l.n && !err; i++) {
		err = spd_delete(s, &l.list[i]);
		if (err == -ENOENT)
			err = 0;
		if (err)
			fail(err, "a former guard policy could not be removed", &l.list[i], text, size);
		else
			count->removed++;
	}
	free(l.list);
	return err;
}

/* ---- raising ---- */

/* There is one with our selector.  Does it leave a hole where ours would block? */
static int meet_foreign(struct spd *s, struct item *it, char *text, size_t size)
{
	struct spd_policy there;
	bool has_template;
	int err = spd_get(s, &it->p, &there, &has_template);

	if (err)
		return fail(err, "the policy in the place of the guard policy could not be read", &it->p, text, size);
	if (it->p.action == XFRM_POLICY_BLOCK && there.action != XFRM_POLICY_BLOCK && !has_template)
		return fail(-EEXIST, "somebody's policy lets clear text through; remove it with 'ip xfrm policy', or do without the guard",
			    &there, text, size);
	it->state = FOREIGN;
	return 0;
}

static int add(struct spd *s, struct item *it, char *text, size_t size)
{
	int err = spd_add(s, &it->p);

	if (err == -EEXIST)
		return meet_foreign(s, it, text, size);
	if (err == -EAFNOSUPPORT && it->p.sel.family == AF_INET6)
		return 0; /* a kernel without IPv6 has no packets to block */
	if (err)
		return fail(err, "the kernel refuses the guard policy", &it->p, text, size);
	it->state = ADDED;
	return 0;
}

/* ---- lowering ---- */

/* Removes the item if what is there is still ours. */
static int take_away(struct spd *s, const struct item *it)
{
	struct spd_policy there;
	bool has_template;
	int err = spd_get(s, &it->p, &there, &has_template);

	if (!err && !has_template && guard_same(&there, &it->p))
		err = spd_delete(s, &it->p);
	return err == -ENOENT ? 0 : err;
}

/* The blocking ones are the first in the list and the last to go. */
static int take_away_all(struct guard *g, struct spd *s, bool held_too, char *text, size_t size)
{
	int first = 0;

	for (size_t i = g->n; i-- > 0;) {
		struct item *it = &g->items[i];
		int err;

		if (it->state != ADDED && !(held_too && it->state == HELD))
			continue;
		err = take_away(s, it);
		if (err && !first)
			first = fail(err, "the guard policy could not be taken away", &it->p, text, size);
		it->state = ABSENT;
	}
	return first;
}

/* ---- interface ---- */

static int raise_all(struct guard *g, struct spd *s, struct guard_count *count, char *text, size_t size)
{
	char ignored[1];
	int err = clear_leftovers(g, s, count, text, size);

	for (size_t i = 0; i < g->n && !err; i++)
		if (g->items[i].state == ABSENT)
			err = add(s, &g->items[i], text, size);
	if (err)
		take_away_all(g, s, false, ignored, sizeof(ignored));
	return err;
}

static void count_states(const struct guard *g, struct guard_count *count)
{
	for (size_t i = 0; i < g->n; i++) {
		count->ours += g->items[i].state == ADDED || g->items[i].state == HELD;
		count->adopted += g->items[i].state == HELD;
		count->foreign += g->items[i].state == FOREIGN;
	}
}

int guard_raise(struct guard **out, const struct guard_config *c, struct guard_count *count, char *text, size_t size)
{
	struct guard_count counted = { 0 };
	struct spd *s = NULL;
	struct guard *g;
	int err;

	*out = NULL;
	if (!c->port || c->n_networks > GUARD_NETWORKS_MAX)
		return fail(-EINVAL, "guard policies need a port and 64 networks at most", NULL, text, size);
	g = new_guard(c);
	if (!g)
		return fail(-ENOMEM, "guard policies", NULL, text, size);
	err = spd_open(&s);
	if (err) {
		fail(err, "the kernel's IPsec policies cannot be reached", NULL, text, size);
		goto out;
	}
	err = raise_all(g, s, &counted, text, size);
	if (err)
		goto out;
	count_states(g, &counted);
	if (count)
		*count = counted;
	*out = g;
	g = NULL;
out:
	spd_close(s);
	free(g);
	return err;
}

int guard_lower(struct guard *g, char *text, size_t size)
{
	struct spd *s = NULL;
	int err;

	if (!g)
		return 0;
	err = spd_open(&s);
	if (err)
		fail(err, "the kernel's IPsec policies cannot be reached", NULL, text, size);
	else
		err = take_away_all(g, s, true, text, size);
	spd_close(s);
	free(g);
	return err;
}
