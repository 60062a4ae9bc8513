/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf_ipsec.c - ipsec.conf and ipsec.secrets, of strongSwan's starter and of libreswan, as if they were swanctl.conf.
 *
 *   conn l2tp: type=transport, leftprotoport=17/1701, esp=aes256-sha1!   ->   connections.l2tp.children.l2tp: mode, local_ts, esp_proposals
 *
 * So the checks of swanctl.conf hold for both; the place of each entry is where it really stands.  What a connection takes over ('also', %default)
 * is resolved.  libreswan's names of algorithms are its own: those that suite.h does not know are not judged.
 */
#include "config.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf.h"

#define ALSO_MAX 8 /* links in a chain */

static char *unquoted(char *text)
{
	size_t n;

	text = conf_trimmed(text);
	n = strlen(text);
	if (n < 2 || text[0] != '"' || text[n - 1] != '"')
		return text;
	text[n - 1] = 0;
	return text + 1;
}

static void read_one(void *data, const char *name);

/* "conn NAME" opens a section, any other word at the beginning of a line ends it. */
static void take_head(struct conf *raw, char section[256], char *line, const char *file, unsigned int number)
{
	char *rest = line + strcspn(line, " \t");

	if (*rest)
		*rest++ = 0;
	section[0] = 0;
	if (!strcmp(line, "conn")) {
		snprintf(section, 256, "%s", conf_trimmed(rest));
		conf_add(raw, section, "[", "", file, number);
	} else if (!strcmp(line, "include")) {
		conf_glob(raw->root, conf_trimmed(rest), read_one, raw);
	}
}

static void read_one(void *data, const char *name)
{
	struct conf *raw = data;
	FILE *f = conf_open(raw->root, name);
	const char *file = f ? conf_enter(raw, name) : NULL;
	char *line = NULL, section[256] = "";
	size_t size = 0;

	for (unsigned int number = 1; file && getline(&line, &size, f) > 0; number++) {
		bool inside = isspace((unsigned char)*line);
		char *equal;

		line[strcspn(line, "#\n")] = 0;
		equal = strchr(line, '=');
		if (!*conf_trimmed(line))
			continue;
		if (!inside)
			take_head(raw, section, conf_trimmed(line), file, number);
		else if (section[0] && equal) {
			*equal = 0;
			conf_add(raw, section, conf_trimmed(line), unquoted(equal + 1), file, number);
		}
	}
	free(line);
	if (f)
		fclose(f);
}

/* What holds for a connection: its own, what it takes over, the default. */
static const struct conf_entry *effective(const struct conf *raw, const char *conn, const char *key)
{
	const char *now = conn;

	for (int i = 0; i < ALSO_MAX; i++) {
		const struct conf_entry *own = conf_last(raw, now, key), *also = conf_last(raw, now, "also");

		if (own)
			return own;
		if (!also)
			break;
		now = also->value;
	}
	return conf_last(raw, "%default", key);
}

/* "17/1701" and "udp/l2tp" go between brackets; "17/%any" is all of UDP. */
static void selector(char out[128], const char *protoport)
{
	size_t n = strcspn(protoport, "/");

	if (strstr(protoport, "%any") || !strcmp(protoport + n, "/0") || !strcmp(protoport + n, "/any"))
		snprintf(out, 128, "dynamic[%.*s]", (int)n, protoport);
	else
		snprintf(out, 128, "dynamic[%.100s]", protoport);
}

/* strongSwan: "a-b!"; libreswan: "a-b;modp2048", "a-b+x". */
static void proposals(char out[1024], const char *value)
{
	size_t n = 0;

	for (; *value && n + 1 < 1024; value++) {
		if (*value != '!' && *value != ' ')
			out[n++] = *value == ';' || *value == '+' ? '-' : *value;
	}
	out[n] = 0;
}

enum kind { KIND_PLAIN, KIND_SELECTOR, KIND_PROPOSALS, KIND_SECRET };

static const struct {
	const char *key;
	bool child;
	const char *becomes;
	enum kind kind;
} words[] = {
	{ "ike", false, "proposals", KIND_PROPOSALS },
	{ "right", false, "remote_addrs", KIND_PLAIN },
	{ "authby", false, "auth", KIND_SECRET },
	{ "type", true, "mode", KIND_PLAIN },
	{ "leftprotoport", true, "local_ts", KIND_SELECTOR },
	{ "rightprotoport", true, "remote_ts", KIND_SELECTOR },
	{ "esp", true, "esp_proposals", KIND_PROPOSALS },
	{ "phase2alg", true, "esp_proposals", KIND_PROPOSALS },
};

static void add_word(struct conf *c, const char *conn, size_t i, const struct conf_entry *e)
{
	char section[600], value[1024];

	if (words[i].kind == KIND_SECRET) {
		bool psk = strstr(e->value, "secret") || strstr(e->value, "psk");

		snprintf(section, sizeof(section), "connections.%.200s.remote", conn);
		conf_add(c, section, words[i].becomes, psk ? "psk" : e->value, e->file, e->line);
		return;
	}
	snprintf(section, sizeof(section), words[i].child ? "connections.%.200s.children.%.200s" : "connections.%.200s", conn, conn);
	if (words[i].kind == KIND_SELECTOR)
		selector(value, e->value);
	else if (words[i].kind == KIND_PROPOSALS)
		proposals(value, e->value);
	else
		snprintf(value, sizeof(value), "%s", e->value);
	conf_add(c, section, words[i].becomes, value, e->file, e->line);
}

/* A name with a dot would look like a section within a section. */
static void add_conn(struct conf *c, const struct conf *raw, const char *name)
{
	const struct conf_entry *how = effective(raw, name, "auto");
	char conn[256];

	if (!how || !strcmp(how->value, "ignore"))
		return;
	snprintf(conn, sizeof(conn), "%s", name);
	for (char *dot = conn; (dot = strchr(dot, '.')) != NULL;)
		*dot = '_';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const struct conf_entry *e = effective(raw, name, words[i].key);

		if (e)
			add_word(c, conn, i, e);
	}
}

void conf_read_ipsec(struct conf *c, struct conf *raw, const char *name)
{
	const struct conf_entry *e;
	size_t at = 0;

	read_one(raw, name);
	while ((e = conf_next(raw, NULL, "[", &at)) != NULL) {
		if (strcmp(e->section, "%default") != 0)
			add_conn(c, raw, e->section);
	}
}

/* ---- ipsec.secrets ---- */

/* Does it name each end, and nobody as %any? */
static bool names_all(const char *ids)
{
	return *ids && !strstr(ids, "%any") && !strstr(ids, "0.0.0.0");
}

void conf_read_ipsec_secrets(struct conf *c, const char *name)
{
	FILE *f = conf_open(c->root, name);
	const char *file = f ? conf_enter(c, name) : NULL;
	char *line = NULL, section[64];
	size_t size = 0;

	for (unsigned int number = 1; file && getline(&line, &size, f) > 0; number++) {
		char *psk = strstr(line, ": PSK"), *text = conf_trimmed(line);

		if (*text == '#' || !psk)
			continue;
		*psk = 0;
		snprintf(section, sizeof(section), "secrets.ike-%u", number);
		if (names_all(conf_trimmed(line)))
			conf_add(c, section, "id", conf_trimmed(line), file, number);
		conf_add(c, section, "secret", "", file, number);
	}
	free(line);
	if (f)
		fclose(f);
}
