// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf.c - see conf.h.  A line is words; a word may be "quoted", with \" and \\ in it; '#' begins a comment.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "conf.h"

#define FILE_MAX    1048576
#define WORDS_MAX   8
#define WORD_MAX    512
#define WINDOW_MAX  3600

struct parser {
	const char *name;
	unsigned int line;
	struct conf *c;
	char *error;
	char words[WORDS_MAX][WORD_MAX];
	size_t n;
};

static int __attribute__((format(printf, 2, 3))) wrong(struct parser *p, const char *format, ...)
{
	int at = snprintf(p->error, CONF_ERROR_MAX, "%s:%u: ", p->name, p->line);
	va_list ap;

	va_start(ap, format);
	if (at > 0 && at < CONF_ERROR_MAX)
		vsnprintf(p->error + at, (size_t)(CONF_ERROR_MAX - at), format, ap);
	va_end(ap);
	return -EINVAL;
}

/* ---- words ---- */

/* One word at *text, copied to out; false: a quote has no end, or it is too long. */
static bool take_word(const char **text, char out[WORD_MAX])
{
	const char *t = *text;
	const bool quoted = *t == '"';
	size_t n = 0;

	t += quoted;
	while (*t && *t != '\n' && (quoted ? *t != '"' : !strchr(" \t\r#", *t))) {
		if (quoted && *t == '\\' && (t[1] == '"' || t[1] == '\\'))
			t++;
		if (n + 1 >= WORD_MAX)
			return false;
		out[n++] = *t++;
	}
	out[n] = '\0';
	if (quoted && *t++ != '"')
		return false;
	*text = t;
	return true;
}

/* The words of the line at *text, which is left at the next line. */
static int take_line(struct parser *p, const char **text)
{
	const char *t = *text;

	p->n = 0;
	while (*t && *t != '\n' && *t != '#') {
		if (strchr(" \t\r", *t)) {
			t++;
			continue;
		}
		if (p->n == WORDS_MAX)
			return wrong(p, "more than %d words (a secret with blanks must be \"quoted\")", WORDS_MAX);
		if (!take_word(&t, p->words[p->n]))
			return wrong(p, "a word has no closing quote, or more than %d bytes", WORD_MAX - 1);
		p->n++;
	}
	t += strcspn(t, "\n");
	*text = *t ? t + 1 : t;
	return 0;
}

static bool parse_number(const char *text, unsigned long min, unsigned long max, unsigned int *out)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || v < min || v > max)
		return false;
	*out = (unsigned int)v;
	return true;
}

/* ---- statements ---- */

/* No bit behind the prefix may be set: it is a slip of the pen, and whose? */
static bool is_network(const struct sabus_addr *a, unsigned int bits)
{
	const unsigned int all = a->family == AF_INET ? 32 : 128;

	for (unsigned int i = bits; i < all; i++)
		if (a->b[i / 8] >> (7 - i % 8) & 1)
			return false;
	return true;
}

static bool parse_network(char *text, struct sabus_addr *net, unsigned int *bits)
{
	char *slash = strchr(text, '/');
	unsigned int most;
	bool ok;

	if (slash)
		*slash = '\0';
	ok = sabus_addr_parse(net, text) == 0;
	if (slash)
		*slash = '/';
	if (!ok)
		return false;
	most = net->family == AF_INET ? 32 : 128;
	*bits = most;
	return (!slash || parse_number(slash + 1, 0, most, bits)) && is_network(net, *bits);
}

static int client_option(struct parser *p, struct conf_client *k, const char *word)
{
	if (!strcmp(word, "message-authenticator=optional"))
		k->need_ma = false;
	else if (!strcmp(word, "message-authenticator=required"))
		k->need_ma = true;
	else if (!strcmp(word, "event-timestamp=optional"))
		k->need_timestamp = false;
	else if (!strcmp(word, "event-timestamp=required"))
		k->need_timestamp = true;
	else
		return wrong(p, "'%s' is not message-authenticator=required|optional or event-timestamp=required|optional", word);
	return 0;
}

static int do_client(struct parser *p)
{
	struct conf_client k = { .need_ma = true, .need_timestamp = true };
	int ret = 0;

	if (p->n < 3)
		return wrong(p, "client needs a network and a secret: client 192.0.2.1 \"SECRET\"");
	if (p->c->n_clients == CONF_CLIENTS_MAX)
		return wrong(p, "more than %d clients; give them a common network", CONF_CLIENTS_MAX);
	if (!parse_network(p->words[1], &k.net, &k.bits))
		return wrong(p, "'%s' is not an address or a network (192.0.2.0/24, 2001:db8::/64)", p->words[1]);
	if (!*p->words[2] || strlen(p->words[2]) >= sizeof(k.secret))
		return wrong(p, "the secret of %s is empty or longer than %zu bytes", p->words[1], sizeof(k.secret) - 1);
	strcpy(k.secret, p->words[2]);
	for (size_t i = 3; i < p->n && ret == 0; i++)
		ret = client_option(p, &k, p->words[i]);
	for (size_t i = 0; i < p->c->n_clients && ret == 0; i++)
		if (p->c->clients[i].bits == k.bits && sabus_addr_equal(&p->c->clients[i].net, &k.net))
			ret = wrong(p, "%s is there twice", p->words[1]);
	if (ret == 0)
		p->c->clients[p->c->n_clients++] = k;
	explicit_bzero(&k, sizeof(k));
	return ret;
}

static int do_listen(struct parser *p)
{
	struct sabus_endpoint e = { .port = CONF_PORT };
	unsigned int port = CONF_PORT;

	if (p->n < 2 || p->n > 3 || sabus_addr_parse(&e.addr, p->words[1]) < 0)
		return wrong(p, "listen needs an address, and may have a port: listen 192.0.2.2 %d", CONF_PORT);
	if (p->n == 3 && !parse_number(p->words[2], 1, 65535, &port))
		return wrong(p, "'%s' is not a port from 1 to 65535", p->words[2]);
	if (p->c->n_listen == CONF_LISTEN_MAX)
		return wrong(p, "more than %d addresses to listen on", CONF_LISTEN_MAX);
	e.port = (uint16_t)port;
	p->c->listen[p->c->n_listen++] = e;
	return 0;
}

static int do_nas_identifier(struct parser *p)
{
	char(*to)[256] = &p->c->nas_ids[p->c->n_nas_ids];

	if (p->n != 2 || !*p->words[1] || strlen(p->words[1]) > 253)
		return wrong(p, "nas-identifier needs one word of 1 to 253 bytes");
	if (p->c->n_nas_ids == CONF_NAS_MAX)
		return wrong(p, "more than %d NAS-Identifiers", CONF_NAS_MAX);
	strcpy(*to, p->words[1]);
	p->c->n_nas_ids++;
	return 0;
}

static int do_nas_address(struct parser *p)
{
	if (p->c->n_nas_addrs == CONF_NAS_MAX)
		return wrong(p, "more than %d addresses", CONF_NAS_MAX);
	if (p->n != 2 || sabus_addr_parse(&p->c->nas_addrs[p->c->n_nas_addrs], p->words[1]) < 0)
		return wrong(p, "nas-address needs an address, as in NAS-IP-Address or NAS-IPv6-Address");
	p->c->n_nas_addrs++;
	return 0;
}

static int do_window(struct parser *p)
{
	if (p->n != 2 || !parse_number(p->words[1], 1, WINDOW_MAX, &p->c->window))
		return wrong(p, "window needs a number of seconds from 1 to %d", WINDOW_MAX);
	return 0;
}

static int statement(struct parser *p)
{
	static const struct {
		const char *word;
		int (*run)(struct parser *p);
	} all[] = {
		{ "client", do_client },
		{ "listen", do_listen },
		{ "nas-identifier", do_nas_identifier },
		{ "nas-address", do_nas_address },
		{ "window", do_window },
	};

	if (p->n == 0)
		return 0;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(p->words[0], all[i].word))
			return all[i].run(p);
	return wrong(p, "'%s' is not client, listen, nas-identifier, nas-address or window", p->words[0]);
}

int conf_parse(const char *name, const char *text, struct conf *c, char error[CONF_ERROR_MAX])
{
	struct parser p = { .name = name, .c = c, .error = error };
	int ret = 0;

	memset(c, 0, sizeof(*c));
	c->window = 300;
	while (*text && ret == 0) {
		p.line++;
		ret = take_line(&p, &text);
		if (ret == 0)
			ret = statement(&p);
	}
	if (ret == 0 && c->n_clients == 0)
		ret = wrong(&p, "no client: nobody could ask for anything (client 192.0.2.1 \"SECRET\")");
	explicit_bzero(p.words, sizeof(p.words));
	if (ret < 0)
		conf_wipe(c);
	return ret;
}

/* ---- the file ---- */

static int check_file(const char *path, const struct stat *st, bool credential, char error[CONF_ERROR_MAX])
{
	const mode_t others = credential ? 0037 : 0077; /* an ACL's mask shows as the group */

	if (!S_ISREG(st->st_mode) || st->st_size > FILE_MAX)
		snprintf(error, CONF_ERROR_MAX, "%s is not a file of at most %d bytes", path, FILE_MAX);
	else if (st->st_uid != 0 && st->st_uid != geteuid())
		snprintf(error, CONF_ERROR_MAX, "%s belongs to user %u, who could change it: chown root %s", path, (unsigned int)st->st_uid, path);
	else if (st->st_mode & others)
		snprintf(error, CONF_ERROR_MAX, "%s has secrets and mode %04o: others may read or change it; chmod 600 %s", path,
			 (unsigned int)st->st_mode & 07777, path);
	else
		return 0;
	return -EPERM;
}

static int read_whole(int fd, const char *path, char **text, char error[CONF_ERROR_MAX])
{
	size_t have = 0;
	ssize_t n;

	*text = calloc(1, FILE_MAX + 1);
	if (!*text) {
		snprintf(error, CONF_ERROR_MAX, "%s: %s", path, strerror(ENOMEM));
		return -ENOMEM;
	}
	while (have < FILE_MAX && (n = read(fd, *text + have, FILE_MAX - have)) > 0)
		have += (size_t)n;
	if (strlen(*text) == have)
		return 0;
	snprintf(error, CONF_ERROR_MAX, "%s has a NUL in it", path);
	return -EINVAL;
}

int conf_read(const char *path, bool credential, struct conf *c, char error[CONF_ERROR_MAX])
{
	char *text = NULL;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), ret;

	memset(c, 0, sizeof(*c));
	if (fd < 0 || fstat(fd, &st) < 0) {
		ret = -errno;
		snprintf(error, CONF_ERROR_MAX, "%s: %s (see sabus-dynauth.conf(5))", path, strerror(errno));
		goto out;
	}
	ret = check_file(path, &st, credential, error);
	if (ret == 0)
		ret = read_whole(fd, path, &text, error);
	if (ret == 0)
		ret = conf_parse(path, text, c, error);
out:
	if (text)
		explicit_bzero(text, FILE_MAX);
	free(text);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* ---- use ---- */

static bool is_within(const struct conf_client *k, const struct sabus_addr *a)
{
	if (k->net.family != a->family || memcmp(k->net.b, a->b, k->bits / 8) != 0)
		return false;
	return k->bits % 8 == 0 || (k->net.b[k->bits / 8] ^ a->b[k->bits / 8]) >> (8 - k->bits % 8) == 0;
}

const struct conf_client *conf_client_of(const struct conf *c, const struct sabus_addr *addr)
{
	const struct conf_client *best = NULL;

	for (size_t i = 0; i < c->n_clients; i++)
		if (is_within(&c->clients[i], addr) && (!best || c->clients[i].bits > best->bits))
			best = &c->clients[i];
	return best;
}

void conf_wipe(struct conf *c)
{
	explicit_bzero(c, sizeof(*c));
}
