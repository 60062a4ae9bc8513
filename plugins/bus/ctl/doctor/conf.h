/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.h - configuration files of the daemons as a list of entries, each with the place where it stands.
 *
 * All formats become the same: section ("connections.l2tp.children.a", "lns default", "" where there are none), key, value, file, line.  Only what the
 * checks ask for is understood; what cannot be read is told and left out, never guessed.
 */
#ifndef SABUSCTL_DOCTOR_CONF_H
#define SABUSCTL_DOCTOR_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct conf_entry {
	char *section, *key, *value;
	const char *file; /* as people call it: without the root */
	unsigned int line;
};

struct conf_file {
	char *name;
	struct conf_file *next;
};

struct conf {
	struct conf_entry *entries;
	size_t n, cap;
	struct conf_file *files; /* those that were read */
	const char *root;
};

/* ---- conf.c ---- */
void conf_add(struct conf *c, const char *section, const char *key, const char *value, const char *file, unsigned int line);
void conf_free(struct conf *c);
/* Remembers that the file is being read; NULL when it was before (a loop of includes, a file taken in twice). */
const char *conf_enter(struct conf *c, const char *file);
/* The next entry with this key from *at on (start with 0); section NULL = any.  NULL = no more. */
const struct conf_entry *conf_next(const struct conf *c, const char *section, const char *key, size_t *at);
/* The last one, which is what daemons go by. */
const struct conf_entry *conf_last(const struct conf *c, const char *section, const char *key);

/* Without the blanks around it, which are overwritten; points into text. */
char *conf_trimmed(char *text);

/* A file below the root, for reading; links, absolute ones too, stay below it, and a FIFO does not hold us.  NULL and errno. */
FILE *conf_open(const char *root, const char *name);
/* Calls each() for the files that fit a pattern below the root; name is without the root.  How many. */
size_t conf_glob(const char *root, const char *pattern, void (*each)(void *data, const char *name), void *data);

/* ---- formats; a file that does not exist has no entries ---- */
void conf_read_strongswan(struct conf *c, const char *pattern); /* conf_strongswan.c: swanctl.conf, strongswan.d; with includes */
/* conf_ipsec.c: ipsec.conf into raw (sections are names of connections), and into c as swanctl.conf would say it; raw must live as long as c */
void conf_read_ipsec(struct conf *c, struct conf *raw, const char *name);
void conf_read_ipsec_secrets(struct conf *c, const char *name);
void conf_read_xl2tpd(struct conf *c, const char *file);      /* conf_lines.c: [section], key = value */
void conf_read_modprobe(struct conf *c, const char *pattern); /* conf_lines.c: key = first word, value = the rest */
void conf_read_ppp(struct conf *c, const char *file);	      /* conf_ppp.c: each word a key, the next one its value; with `file` */

#endif
