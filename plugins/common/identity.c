// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * identity.c - one pass over the map's text, word by word; the same for checking it and for looking something up.
 *
 * A map with an error anywhere grants nothing: half of an access list is no access list.  A word of the map that could never match (too
 * long) or that would say something else than meant (an unquoted * as identity) is such an error.
 */
#include "identity.h"

#include <errno.h>
#include <string.h>

static const char *const bind_names[] = { "none", "equal", "map" };

int sabus_bind_parse(const char *text, enum sabus_bind *b)
{
	for (unsigned int i = 0; i < sizeof(bind_names) / sizeof(bind_names[0]); i++) {
		if (strcmp(text, bind_names[i]) == 0) {
			*b = (enum sabus_bind)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *sabus_bind_name(enum sabus_bind b)
{
	return (unsigned int)b < sizeof(bind_names) / sizeof(bind_names[0]) ? bind_names[b] : "?";
}

const char *sabus_identity_of(const struct sabus_sa *sa)
{
	const char *id = sa->id_eap[0] ? sa->id_eap : sa->id_remote;

	if (!id[0] || strcmp(id, "%any") == 0 || strnlen(id, SABUS_ID_MAX) > SABUS_IDENTITY_MAX)
		return NULL;
	return id;
}

/* ---- words ---- */

struct reader {
	const char *at, *end;
	unsigned int line;
	const char *error;
	char word[SABUS_IDENTITY_MAX + 1];
	size_t n;
	bool quoted;
};

enum token { END_OF_MAP, END_OF_LINE, WORD, ERROR };

static enum token fail(struct reader *r, const char *what)
{
	r->error = what;
	return ERROR;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool at_end_of_word(const struct reader *r)
{
	return r->at == r->end || is_blank(*r->at) || *r->at == '\n';
}

static const char *put(struct reader *r, char c)
{
	if ((unsigned char)c < ' ' || c == 0x7f)
		return "a control character";
	if (r->n == SABUS_IDENTITY_MAX)
		return "a name of more than 254 bytes";
	r->word[r->n++] = c;
	return NULL;
}

static enum token plain_word(struct reader *r)
{
	const char *wrong = NULL;

	for (; !wrong && !at_end_of_word(r); r->at++)
		wrong = *r->at == '"' ? "a quote inside a word" : put(r, *r->at);
	return wrong ? fail(r, wrong) : WORD;
}

static enum token quoted_word(struct reader *r)
{
	const char *wrong = NULL;

	r->at++;
	for (; !wrong && r->at < r->end && *r->at != '"' && *r->at != '\n'; r->at++) {
		if (*r->at == '\\') {
			r->at++;
			if (r->at == r->end || (*r->at != '"' && *r->at != '\\'))
				return fail(r, "a backslash in quotes that is not \\\" or \\\\");
		}
		wrong = put(r, *r->at);
	}
	if (wrong)
		return fail(r, wrong);
	if (r->at == r->end || *r->at != '"')
		return fail(r, "a quote that does not end on its line");
	r->at++;
	if (!at_end_of_word(r))
		return fail(r, "no blank after a closing quote");
	return r->n ? WORD : fail(r, "an empty name");
}

static enum token next_token(struct reader *r)
{
	enum token t;

	while (r->at < r->end && is_blank(*r->at))
		r->at++;
	if (r->at < r->end && *r->at == '#')
		while (r->at < r->end && *r->at != '\n')
			r->at++;
	if (r->at == r->end)
		return END_OF_MAP;
	if (*r->at == '\n') {
		r->at++;
		return END_OF_LINE;
	}
	r->n = 0;
	r->quoted = *r->at == '"';
	t = r->quoted ? quoted_word(r) : plain_word(r);
	r->word[r->n] = 0;
	return t;
}

static bool is_star(const struct reader *r)
{
	return !r->quoted && strcmp(r->word, "*") == 0;
}

/* ---- lines ---- */

/* What is looked for, and what was found so far. */
struct search {
	const char *identity, *user; /* NULL: nothing, the map is only checked */
	enum sabus_identity found;
};

static enum token read_users(struct reader *r, struct search *s, bool of_ours)
{
	enum token t = next_token(r);

	if (t == END_OF_LINE || t == END_OF_MAP)
		return fail(r, "an identity without a user");
	for (; t == WORD; t = next_token(r)) {
		if (!of_ours || s->found == SABUS_IDENTITY_FITS)
			continue;
		s->found = is_star(r) || strcmp(r->word, s->user) == 0 ? SABUS_IDENTITY_FITS : SABUS_IDENTITY_OTHER;
	}
	return t;
}

static enum token read_line(struct reader *r, struct search *s)
{
	enum token t = next_token(r);

	if (t != WORD)
		return t;
	if (is_star(r))
		return fail(r, "* as an identity; it is for users only (\"*\" is the plain character)");
	return read_users(r, s, s->identity && strcmp(r->word, s->identity) == 0);
}

static int read_map(const char *map, size_t len, struct search *s, struct sabus_map_error *e)
{
	struct reader r = { .at = map, .end = map + len, .line = 1 };
	enum token t;

	while ((t = read_line(&r, s)) == END_OF_LINE)
		r.line++;
	if (t == END_OF_MAP)
		return 0;
	e->line = r.line;
	e->what = r.error;
	return -EINVAL;
}

/* ---- interface ---- */

int sabus_map_check(const char *map, size_t len, struct sabus_map_error *e)
{
	struct search s = { .found = SABUS_IDENTITY_UNKNOWN };

	return read_map(map, len, &s, e);
}

static enum sabus_identity look_up(const char *map, size_t len, const char *id, const char *user)
{
	struct search s = { .identity = id, .user = user, .found = SABUS_IDENTITY_UNKNOWN };
	struct sabus_map_error e;

	return read_map(map, len, &s, &e) ? SABUS_IDENTITY_BAD_MAP : s.found;
}

enum sabus_identity sabus_identity_check(enum sabus_bind b, const char *map, size_t len, const struct sabus_sa *sa, const char *user)
{
	const char *id = sabus_identity_of(sa);

	if (b == SABUS_BIND_NONE)
		return SABUS_IDENTITY_FITS;
	if (!id)
		return SABUS_IDENTITY_NOBODY;
	if (!user[0] || strlen(user) > SABUS_IDENTITY_MAX)
		return SABUS_IDENTITY_OTHER;
	if (b == SABUS_BIND_MAP)
		return look_up(map, len, id, user);
	return strcmp(id, user) == 0 ? SABUS_IDENTITY_FITS : SABUS_IDENTITY_OTHER;
}
