/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doctor.c - runs the checks, and tells what they found.
 */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "doctor.h"
#include "grid.h"
#include "json.h"
#include "words.h"

const struct option_row doctor_options[] = {
	{ "root", "DIR", "the files of another host, below DIR" },
	{ "only", "CHECK", "this check; may be repeated" },
	{ "list", NULL, "the checks, and what they look for" },
	{ NULL, NULL, NULL },
};

static const char *weight_word(enum weight w)
{
	static const char *const words[] = { [WEIGHT_DANGER] = "danger", [WEIGHT_BROKEN] = "broken", [WEIGHT_ADVICE] = "advice" };

	return words[w];
}

static const struct check *find_check(const char *name)
{
	for (const struct check *c = checks; c->name; c++) {
		if (!strcmp(c->name, name))
			return c;
	}
	return NULL;
}

/* --only, if there is any */
static bool wanted(const struct ctl *c, const struct check *check)
{
	bool any = false;

	for (size_t i = 0; i < c->n_given; i++) {
		if (strcmp(c->given[i].name, "only") != 0)
			continue;
		any = true;
		if (!strcmp(c->given[i].value, check->name))
			return true;
	}
	return !any;
}

static int options_good(const struct ctl *c)
{
	for (size_t i = 0; i < c->n_given; i++) {
		if (!strcmp(c->given[i].name, "only") && !find_check(c->given[i].value))
			return given_bad(c, "only", c->given[i].value, "the name of a check; --list has them");
	}
	return CTL_OK;
}

/* ---- for people ---- */

static void text_finding(const struct ctl *c, const struct finding *f)
{
	char text[sizeof(f->text) * 4 + 1], head[64];

	snprintf(head, sizeof(head), "%s: %s", f->looked ? weight_word(f->weight) : "not looked", f->check->name);
	styled(c->colour, !f->looked || f->weight == WEIGHT_ADVICE ? STYLE_WAIT : STYLE_BAD, head);
	printf(": %s\n", f->check->what);
	printf("  %s\n", printable(f->text, text, sizeof(text)));
	if (f->looked)
		printf("  remedy: %s\n", f->check->remedy);
}

static void text(const struct ctl *c, const struct report *r, unsigned int n_checks, unsigned int n_found)
{
	unsigned int blind = 0;

	if (!r->n)
		return; /* a good host: silence */
	for (size_t i = 0; i < r->n; i++) {
		text_finding(c, &r->findings[i]);
		blind += !r->findings[i].looked;
	}
	printf("%u checks, %u findings", n_checks, n_found);
	if (blind)
		printf(", %u could not look", blind);
	puts("");
}

static int list(const struct ctl *c)
{
	struct json_object *root, *all;
	struct grid g;

	if (c->json) {
		root = json_begin();
		all = json_object_new_array();
		for (const struct check *check = checks; check->name; check++)
			json_object_array_add(all, json_object_new_string(check->name));
		json_object_object_add(root, "checks", all);
		json_object_object_add(root, "findings", json_object_new_array());
		json_finish(root);
		return CTL_OK;
	}
	grid_init(&g, "CHECK|WEIGHT|LOOKS FOR", c->colour);
	for (const struct check *check = checks; check->name; check++) {
		grid_cell(&g, "%s", check->name);
		grid_cell(&g, "%s", weight_word(check->weight));
		grid_cell(&g, "%s", check->what);
	}
	grid_print(&g);
	grid_free(&g);
	return CTL_OK;
}

/* ---- for programs ---- */

static struct json_object *finding_object(const struct finding *f)
{
	struct json_object *o = json_object_new_object();

	json_text(o, "check", f->check->name);
	json_flag(o, "looked", f->looked);
	json_text(o, "weight", weight_word(f->weight));
	json_text(o, "what", f->check->what);
	json_text(o, "evidence", f->text);
	json_text(o, "remedy", f->looked ? f->check->remedy : NULL);
	return o;
}

static void json(const struct ctl *c, const struct report *r)
{
	struct json_object *root = json_begin(), *ran = json_object_new_array(), *findings = json_object_new_array();

	for (const struct check *check = checks; check->name; check++) {
		if (wanted(c, check))
			json_object_array_add(ran, json_object_new_string(check->name));
	}
	json_object_object_add(root, "checks", ran);
	for (size_t i = 0; i < r->n; i++)
		json_object_array_add(findings, finding_object(&r->findings[i]));
	json_object_object_add(root, "findings", findings);
	json_finish(root);
}

/* How many checks have run. */
static unsigned int run(const struct ctl *c, const struct patient *p, struct report *r)
{
	unsigned int n = 0;

	for (const struct check *check = checks; check->name; check++) {
		if (!wanted(c, check))
			continue;
		r->check = check;
		check->run(p, r);
		n++;
	}
	return n;
}

int cmd_doctor(struct ctl *c)
{
	const char *root = given_text(c, "root");
	unsigned int n_checks, n_found = 0, bad = 0;
	struct report r = { 0 };
	struct patient p;

	if (options_good(c) != CTL_OK)
		return CTL_USAGE;
	if (given_flag(c, "list"))
		return list(c);
	patient_admit(&p, root ? root : "");
	n_checks = run(c, &p, &r);
	for (size_t i = 0; i < r.n; i++) {
		n_found += r.findings[i].looked;
		bad += r.findings[i].looked && r.findings[i].weight != WEIGHT_ADVICE;
	}
	if (c->json)
		json(c, &r);
	else
		text(c, &r, n_checks, n_found);
	report_free(&r);
	patient_free(&p);
	return bad ? CTL_FOUND : CTL_OK;
}
