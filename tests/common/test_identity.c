// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IKE identity and PPP user: the rules, the map's grammar line by line, and random maps against a model that never sees their text.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fixture.h"
#include "identity.h"

static struct sabus_sa sa_of(const char *ike, const char *eap)
{
	struct sabus_sa sa = fix_sa();

	snprintf(sa.id_remote, sizeof(sa.id_remote), "%s", ike);
	snprintf(sa.id_eap, sizeof(sa.id_eap), "%s", eap);
	return sa;
}

static enum sabus_identity ask(const char *map, const char *identity, const char *user)
{
	struct sabus_sa sa = sa_of(identity, "");
	char *exact = malloc(strlen(map) + 1); /* without a NUL: ASan sees a byte too many */
	enum sabus_identity found;

	memcpy(exact, map, strlen(map));
	exact = realloc(exact, strlen(map) ? strlen(map) : 1);
	found = sabus_identity_check(SABUS_BIND_MAP, exact, strlen(map), &sa, user);
	free(exact);
	return found;
}

static void test_names(void **state)
{
	static const char *const bad[] = { "", "None", "equal ", "maps", "eq" };
	enum sabus_bind b = SABUS_BIND_MAP;

	(void)state;
	assert_int_equal(sabus_bind_parse("none", &b), 0);
	assert_int_equal(b, SABUS_BIND_NONE);
	assert_int_equal(sabus_bind_parse("equal", &b), 0);
	assert_int_equal(b, SABUS_BIND_EQUAL);
	assert_int_equal(sabus_bind_parse("map", &b), 0);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(sabus_bind_parse(bad[i], &b), -EINVAL);
	assert_int_equal(b, SABUS_BIND_MAP);
	assert_string_equal(sabus_bind_name(SABUS_BIND_EQUAL), "equal");
	assert_string_equal(sabus_bind_name((enum sabus_bind)9), "?");
}

static void test_whose_identity(void **state)
{
	struct sabus_sa sa = sa_of("gw.example", "");

	(void)state;
	assert_string_equal(sabus_identity_of(&sa), "gw.example");
	sa = sa_of("gw.example", "alice");
	assert_string_equal(sabus_identity_of(&sa), "alice");
	sa = sa_of("", "");
	assert_null(sabus_identity_of(&sa));
	sa = sa_of("%any", "");
	assert_null(sabus_identity_of(&sa));
	sa = sa_of("gw.example", "%any");
	assert_null(sabus_identity_of(&sa));
}

static void test_none_and_equal(void **state)
{
	struct sabus_sa sa = sa_of("alice", ""), nobody = sa_of("", "");

	(void)state;
	assert_int_equal(sabus_identity_check(SABUS_BIND_NONE, NULL, 0, &nobody, ""), SABUS_IDENTITY_FITS);
	assert_int_equal(sabus_identity_check(SABUS_BIND_EQUAL, NULL, 0, &sa, "alice"), SABUS_IDENTITY_FITS);
	assert_int_equal(sabus_identity_check(SABUS_BIND_EQUAL, NULL, 0, &sa, "Alice"), SABUS_IDENTITY_OTHER);
	assert_int_equal(sabus_identity_check(SABUS_BIND_EQUAL, NULL, 0, &sa, "alice "), SABUS_IDENTITY_OTHER);
	assert_int_equal(sabus_identity_check(SABUS_BIND_EQUAL, NULL, 0, &sa, "alic"), SABUS_IDENTITY_OTHER);
	assert_int_equal(sabus_identity_check(SABUS_BIND_EQUAL, NULL, 0, &sa, ""), SABUS_IDENTITY_OTHER);
	assert_int_equal(sabus_identity_check(SABUS_BIND_EQUAL, NULL, 0, &nobody, ""), SABUS_IDENTITY_NOBODY);
	sa = sa_of("%any", "");
	assert_int_equal(sabus_identity_check(SABUS_BIND_EQUAL, NULL, 0, &sa, "%any"), SABUS_IDENTITY_NOBODY);
	sa = sa_of("gw.example", "alice"); /* who did XAuth or EAP is the user, whatever the machine is called */
	assert_int_equal(sabus_identity_check(SABUS_BIND_EQUAL, NULL, 0, &sa, "gw.example"), SABUS_IDENTITY_OTHER);
	assert_int_equal(sabus_identity_check(SABUS_BIND_EQUAL, NULL, 0, &sa, "alice"), SABUS_IDENTITY_FITS);
}

static void test_map(void **state)
{
	static const char map[] = "# who\t may be whom\n"
				  "\n"
				  "alice@example.org alice\r\n"
				  "  \"C=CH, O=Example, CN=gw\"\tbranch1 branch2 \"DOM\\\\user one\" # the branches\n"
				  "kiosk *\n"
				  "star \"*\"\n"
				  "alice@example.org   alice2\n"
				  "\"say \\\"hi\\\"\" \"#1\" a#b\n"
				  "#kiosk2 *\n"
				  "last one";
	static const struct {
		const char *identity, *user;
		enum sabus_identity found;
	} t[] = {
		{ "alice@example.org", "alice", SABUS_IDENTITY_FITS },
		{ "alice@example.org", "alice2", SABUS_IDENTITY_FITS },
		{ "alice@example.org", "bob", SABUS_IDENTITY_OTHER },
		{ "alice@example.org", "*", SABUS_IDENTITY_OTHER },
		{ "Alice@example.org", "alice", SABUS_IDENTITY_UNKNOWN },
		{ "alice@example.or", "alice", SABUS_IDENTITY_UNKNOWN },
		{ "C=CH, O=Example, CN=gw", "branch1", SABUS_IDENTITY_FITS },
		{ "C=CH, O=Example, CN=gw", "branch2", SABUS_IDENTITY_FITS },
		{ "C=CH, O=Example, CN=gw", "DOM\\user one", SABUS_IDENTITY_FITS },
		{ "C=CH, O=Example, CN=gw", "DOM\\\\user one", SABUS_IDENTITY_OTHER },
		{ "C=CH, O=Example, CN=gw", "branch", SABUS_IDENTITY_OTHER },
		{ "C=CH, O=Example, CN=gw", "#", SABUS_IDENTITY_OTHER },
		{ "C=CH, O=Example, CN=gw", "the", SABUS_IDENTITY_OTHER },
		{ "kiosk", "anybody at all", SABUS_IDENTITY_FITS },
		{ "kiosk", "", SABUS_IDENTITY_OTHER },
		{ "star", "*", SABUS_IDENTITY_FITS },
		{ "star", "alice", SABUS_IDENTITY_OTHER },
		{ "say \"hi\"", "#1", SABUS_IDENTITY_FITS },
		{ "say \"hi\"", "a#b", SABUS_IDENTITY_FITS },
		{ "say \"hi\"", "a", SABUS_IDENTITY_OTHER },
		{ "kiosk2", "x", SABUS_IDENTITY_UNKNOWN },
		{ "#kiosk2", "x", SABUS_IDENTITY_UNKNOWN },
		{ "last", "one", SABUS_IDENTITY_FITS },
		{ "*", "alice", SABUS_IDENTITY_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		if (ask(map, t[i].identity, t[i].user) != t[i].found)
			fail_msg("'%s' as '%s'", t[i].identity, t[i].user);
	assert_int_equal(ask("", "alice", "alice"), SABUS_IDENTITY_UNKNOWN);
	assert_int_equal(ask("\n\n#", "alice", "alice"), SABUS_IDENTITY_UNKNOWN);
}

static void test_errors(void **state)
{
	static const struct {
		const char *map;
		unsigned int line;
		const char *what;
	} t[] = {
		{ "alice", 1, "without a user" },
		{ "alice # bob\nx y\n", 1, "without a user" },
		{ "a b\n\n# c\n\"d\" e\nf\n", 5, "without a user" },
		{ "* alice\n", 1, "* as an identity" },
		{ "a b\n\"C=CH, O=x alice\nc d\n", 2, "does not end" },
		{ "a \"b", 1, "does not end" },
		{ "a b\n\"", 2, "does not end" },
		{ "\"a\"b c\n", 1, "after a closing quote" },
		{ "\"a\"\"b\" c\n", 1, "after a closing quote" },
		{ "a\"b c\n", 1, "inside a word" },
		{ "a b\"\n", 1, "inside a word" },
		{ "\"\" b\n", 1, "empty name" },
		{ "a \"\"\n", 1, "empty name" },
		{ "\"a\\b\" c\n", 1, "backslash" },
		{ "a \"b\\", 1, "backslash" },
		{ "a \"b\\\nc\"", 1, "backslash" },
		{ "a b\001\n", 1, "control" },
		{ "a \"b\tc\"\n", 1, "control" },
		{ "a \x7f\n", 1, "control" },
	};
	struct sabus_map_error e;

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		e.what = "";
		if (!sabus_map_check(t[i].map, strlen(t[i].map), &e) || e.line != t[i].line || !strstr(e.what, t[i].what))
			fail_msg("%zu: line %u, %s", i, e.line, e.what);
		/* nothing in it counts, wherever the error is */
		assert_int_equal(ask(t[i].map, "a", "b"), SABUS_IDENTITY_BAD_MAP);
	}
	assert_int_equal(sabus_map_check("a b\0c d\n", 8, &e), -EINVAL);
	assert_non_null(strstr(e.what, "control"));
}

/* A DN of n bytes, made of `fill`. */
static char *long_dn(size_t n, char fill, char *buf)
{
	memset(buf, fill, n);
	memcpy(buf, "C=CH, O=Example, CN=", 20);
	buf[n] = 0;
	return buf;
}

static void test_long_names(void **state)
{
	char dn[300], other[300], map[900], user[300];

	(void)state;
	for (size_t n = 240; n <= SABUS_IDENTITY_MAX; n++) {
		long_dn(n, 'x', dn);
		long_dn(n, 'x', other);
		other[n - 1] = 'y'; /* they differ in the last byte only */
		memset(user, 'u', n);
		user[n] = 0;
		snprintf(map, sizeof(map), "\"%s\" %s\n", dn, user);
		assert_int_equal(ask(map, dn, user), SABUS_IDENTITY_FITS);
		assert_int_equal(ask(map, other, user), SABUS_IDENTITY_UNKNOWN);
		user[n - 1] = 'v';
		assert_int_equal(ask(map, dn, user), SABUS_IDENTITY_OTHER);
		user[n - 1] = 0;
		assert_int_equal(ask(map, dn, user), SABUS_IDENTITY_OTHER);
	}
}

/* What may have been cut is nobody: two DNs with one beginning would be one. */
static void test_cut_names(void **state)
{
	char dn[300], map[700];
	struct sabus_map_error e = { 0 };
	struct sabus_sa sa;

	(void)state;
	long_dn(255, 'x', dn);
	sa = sa_of(dn, "");
	assert_int_equal(sabus_identity_check(SABUS_BIND_EQUAL, NULL, 0, &sa, dn), SABUS_IDENTITY_NOBODY);
	long_dn(299, 'x', dn);
	sa = sa_of(dn, "");
	assert_int_equal(sabus_identity_check(SABUS_BIND_EQUAL, NULL, 0, &sa, sa.id_remote), SABUS_IDENTITY_NOBODY);
	assert_int_equal(ask("a *\n", "a", dn), SABUS_IDENTITY_OTHER); /* pppd's own limit is 255 */
	long_dn(255, 'x', dn);
	snprintf(map, sizeof(map), "\n\"%s\" u\n", dn);
	assert_int_equal(sabus_map_check(map, strlen(map), &e), -EINVAL);
	assert_int_equal(e.line, 2);
	assert_non_null(strstr(e.what, "254"));
	/* not even where nobody wrote the NUL */
	memset(sa.id_remote, 'x', sizeof(sa.id_remote));
	assert_null(sabus_identity_of(&sa));
}

/* ---- random maps ---- */

#define LINES 6
#define USERS 3
#define WORDS 8

static const char *const words[WORDS] = { "a", "b", "*", "#", "\\", "\"", "a b", "%any" };

static size_t put_word(char *at, const char *w, bool must_quote)
{
	char *p = at;
	bool plain = !must_quote && !strpbrk(w, " \"#") && fix_random(2);

	if (!plain)
		*p++ = '"';
	for (; *w; w++) {
		if (!plain && (*w == '"' || *w == '\\'))
			*p++ = '\\';
		*p++ = *w;
	}
	if (!plain)
		*p++ = '"';
	return (size_t)(p - at);
}

static size_t put_gap(char *at, bool some)
{
	static const char blanks[] = " \t\r";
	size_t n = fix_random(3) + some;

	for (size_t i = 0; i < n; i++)
		at[i] = blanks[fix_random(3)];
	return n;
}

struct model {
	unsigned int lines, users[LINES];
	unsigned int identity[LINES], user[LINES][USERS]; /* indices; user WORDS = any */
};

static size_t write_map(const struct model *m, char *map)
{
	char *p = map;

	for (unsigned int l = 0; l < m->lines; l++) {
		if (fix_random(4) == 0)
			p += sprintf(p, "#%s\n", words[fix_random(WORDS)]);
		p += put_gap(p, false);
		p += put_word(p, words[m->identity[l]], m->identity[l] == 2);
		for (unsigned int u = 0; u < m->users[l]; u++) {
			p += put_gap(p, true);
			if (m->user[l][u] == WORDS)
				*p++ = '*';
			else
				p += put_word(p, words[m->user[l][u]], m->user[l][u] == 2);
		}
		p += put_gap(p, fix_random(3) == 0);
		if (l + 1 < m->lines || fix_random(2))
			*p++ = '\n';
	}
	return (size_t)(p - map);
}

static struct model random_model(void)
{
	struct model m = { .lines = fix_random(LINES + 1) };

	for (unsigned int l = 0; l < m.lines; l++) {
		m.identity[l] = fix_random(WORDS);
		m.users[l] = 1 + fix_random(USERS);
		for (unsigned int u = 0; u < m.users[l]; u++)
			m.user[l][u] = fix_random(WORDS + 1);
	}
	return m;
}

static enum sabus_identity model_find(const struct model *m, unsigned int identity, unsigned int user)
{
	enum sabus_identity found = SABUS_IDENTITY_UNKNOWN;

	if (identity == 7) /* %any */
		return SABUS_IDENTITY_NOBODY;
	for (unsigned int l = 0; l < m->lines; l++)
		for (unsigned int u = 0; m->identity[l] == identity && u < m->users[l]; u++)
			if (m->user[l][u] == WORDS || m->user[l][u] == user)
				return SABUS_IDENTITY_FITS;
			else
				found = SABUS_IDENTITY_OTHER;
	return found;
}

static void test_random_maps(void **state)
{
	unsigned int seen[5] = { 0 };
	char map[4096];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct model m = random_model();
		size_t n = write_map(&m, map);
		struct sabus_map_error e = { 0 };

		if (sabus_map_check(map, n, &e))
			fail_msg("line %u: %s in\n%.*s", e.line, e.what, (int)n, map);
		for (unsigned int id = 0; id < WORDS; id++)
			for (unsigned int u = 0; u < WORDS; u++) {
				struct sabus_sa sa = sa_of(words[id], "");
				enum sabus_identity found = sabus_identity_check(SABUS_BIND_MAP, map, n, &sa, words[u]);

				if (found != model_find(&m, id, u))
					fail_msg("'%s' as '%s' is %d in\n%.*s", words[id], words[u], found, (int)n, map);
				seen[found]++;
			}
	}
	assert_true(seen[SABUS_IDENTITY_FITS] > 1000 && seen[SABUS_IDENTITY_OTHER] > 1000 && seen[SABUS_IDENTITY_UNKNOWN] > 1000);
}

/* Any bytes at all: no crash, no byte read beyond the end, and errors are in a line that exists. */
static void test_random_bytes(void **state)
{
	static const char alphabet[] = "ab \t\n\"\\#*\r\001";

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t n = fix_random(24);
		char *map = malloc(n ? n : 1);
		struct sabus_map_error e = { 0 };
		unsigned int lines = 1;

		for (size_t k = 0; k < n; k++) {
			map[k] = alphabet[fix_random(sizeof(alphabet) - 1)];
			lines += map[k] == '\n';
		}
		if (sabus_map_check(map, n, &e))
			assert_in_range(e.line, 1, lines);
		free(map);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	  cmocka_unit_test(test_whose_identity), cmocka_unit_test(test_none_and_equal),
		cmocka_unit_test(test_map),	  cmocka_unit_test(test_errors),	 cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_cut_names), cmocka_unit_test(test_random_maps),	 cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
