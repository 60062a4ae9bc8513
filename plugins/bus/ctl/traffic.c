/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traffic.c - the byte counters of interfaces in the namespaces of their pppds.
 *
 * Only root may see which namespace a process is in.  Who may not reads the table anew for each session: slower, and as true.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <net/if.h>
#include <uthash.h>
#include "traffic.h"

struct counter {
	char ifname[IF_NAMESIZE];
	uint64_t in, out;
	UT_hash_handle hh;
};

struct traffic {
	struct counter *counters; /* of one namespace: */
	bool known;		  /* which one it is */
	dev_t dev;
	ino_t ino;
};

struct traffic *traffic_new(void)
{
	return calloc(1, sizeof(struct traffic));
}

static void forget(struct traffic *t)
{
	struct counter *c, *next;

	HASH_ITER(hh, t->counters, c, next) {
		HASH_DEL(t->counters, c);
		free(c);
	}
	t->known = false;
}

void traffic_free(struct traffic *t)
{
	if (t)
		forget(t);
	free(t);
}

/* "  ppp0: 1 2 3 4 5 6 7 8 9 ...": the first and the ninth number are bytes, received and sent. */
static void take_line(struct traffic *t, char *line)
{
	char *name = line + strspn(line, " "), *colon = strchr(name, ':');
	unsigned long long in, out;
	struct counter *c;

	if (!colon || colon - name >= IF_NAMESIZE || sscanf(colon + 1, "%llu %*u %*u %*u %*u %*u %*u %*u %llu", &in, &out) != 2)
		return;
	c = calloc(1, sizeof(*c));
	if (!c)
		return;
	memcpy(c->ifname, name, (size_t)(colon - name));
	c->in = in;
	c->out = out;
	HASH_ADD_STR(t->counters, ifname, c);
}

static void read_table(struct traffic *t, uint32_t pid)
{
	char path[48], line[512];
	FILE *f;

	forget(t);
	snprintf(path, sizeof(path), "/proc/%u/net/dev", pid);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		take_line(t, line);
	fclose(f);
}

/* The table of the pid's namespace is there, or nothing can be known. */
static void turn_to(struct traffic *t, uint32_t pid)
{
	char path[48];
	struct stat st;
	bool seen;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	seen = stat(path, &st) == 0;
	if (seen && t->known && t->dev == st.st_dev && t->ino == st.st_ino)
		return;
	read_table(t, pid);
	t->known = seen;
	t->dev = seen ? st.st_dev : 0;
	t->ino = seen ? st.st_ino : 0;
}

bool traffic_of(struct traffic *t, uint32_t pid, const char *ifname, uint64_t *in, uint64_t *out)
{
	struct counter *c = NULL;

	if (!t || !pid || !*ifname)
		return false;
	turn_to(t, pid);
	HASH_FIND_STR(t->counters, ifname, c);
	if (!c)
		return false;
	*in = c->in;
	*out = c->out;
	return true;
}
