/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doctor.h - a host, looked at; traps, found.
 *
 * A check is a row of the table in checks.c and a function: it looks at the patient and tells each trap with its evidence (file and line, or what
 * the kernel says).  Name and remedy are the row's.  Where it cannot look (no permission, nothing there to look at) it says so: silence
 * means "looked, and found nothing".  Checks change nothing.
 */
#ifndef SABUSCTL_DOCTOR_H
#define SABUSCTL_DOCTOR_H

#include "conf.h"
#include "ctl.h"

enum weight {
	WEIGHT_DANGER, /* clear text, weak protection, secrets that are none */
	WEIGHT_BROKEN, /* links do not come up, or not well */
	WEIGHT_ADVICE, /* works, and could be better; not counted in the exit status */
};

enum guard_state { GUARD_UNKNOWN, GUARD_THERE, GUARD_MISSING };

struct patient {
	const char *root;    /* "" = this host, else a directory with its files: nothing live is looked at */
	struct conf ipsec;   /* swanctl.conf; ipsec.conf and ipsec.secrets in its words */
	struct conf starter; /* ipsec.conf as it is */
	struct conf charon;  /* strongswan.d/charon */
	struct conf l2tp;    /* xl2tpd.conf */
	struct conf ppp;     /* /etc/ppp/options, the pppoptfiles of xl2tpd.conf */
	struct conf modprobe;
	enum guard_state guard;
	char guard_text[256]; /* what is missing, or why it is not known */
};

struct check;

struct finding {
	const struct check *check;
	enum weight weight; /* the check's, or less */
	bool looked; /* false: it could not look, text says why */
	char text[600];
};

struct report {
	const struct check *check; /* that runs */
	struct finding *findings;
	size_t n, cap;
};

struct check {
	const char *name, *what, *remedy;
	enum weight weight;
	void (*run)(const struct patient *p, struct report *r);
};

extern const struct check checks[]; /* ended by a row without a name */

/* ---- for checks (report.c) ---- */
void found(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* With the place of an entry before it: "/etc/x:12: text". */
void found_at(struct report *r, const struct conf_entry *e, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The last one breaks nothing here: it is advice. */
void only_advice(struct report *r);
void cannot_look(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void report_free(struct report *r);

/* ---- the patient (patient.c, files.c, spd_look.c) ---- */
void patient_admit(struct patient *p, const char *root);
void patient_free(struct patient *p);
void patient_guard(struct patient *p); /* asks the kernel; needs CAP_NET_ADMIN */
bool has_ppp_plugin(const struct patient *p, const char *name);
bool names_ppp_plugin(const struct conf *options, const char *name);
bool has_xl2tpd_plugin(const struct patient *p); /* plugin = sabus */
bool uses_sabus(const struct patient *p);	 /* pppd loads sabus.so, by its options or by xl2tpd's plugin */
bool file_exists(const struct patient *p, const char *name);
/* The whole file, NUL-terminated, at most max bytes of its end; to be freed.  NULL and errno. */
char *file_text(const struct patient *p, const char *name, size_t max, size_t *len);
/* Is the text in the file?  false, too, when it cannot be read. */
bool file_has(const struct patient *p, const char *name, const char *text);
/* What follows `before` in a (binary) file, as far as the characters are in `of`; false = nothing. */
bool file_after(const struct patient *p, const char *name, const char *before, const char *of, char *out, size_t size);

/* ---- strongSwan's files (charon.c) ---- */
extern const char *const charon_programs[]; /* NULL ends it */
/* Calls each() for the files of a plugin of charon, "sabus"; how many. */
size_t charon_plugin_files(const struct patient *p, const char *plugin, void (*each)(void *data, const char *name), void *data);
void charon_read(struct patient *p); /* swanctl.conf into p->ipsec, strongswan.d/charon into p->charon */

/* ---- checks, by file ---- */
void check_guard(const struct patient *p, struct report *r);
void check_boot(const struct patient *p, struct report *r);
void check_unchecked(const struct patient *p, struct report *r);
void check_publisher(const struct patient *p, struct report *r);
void check_bus(const struct patient *p, struct report *r);
void check_libreswan(const struct patient *p, struct report *r);
void check_reauth(const struct patient *p, struct report *r);
void check_clear(const struct patient *p, struct report *r);
void check_selectors(const struct patient *p, struct report *r);
void check_marks(const struct patient *p, struct report *r);
void check_pppd_version(const struct patient *p, struct report *r);
void check_charon_version(const struct patient *p, struct report *r);
void check_blacklist(const struct patient *p, struct report *r);
void check_modules(const struct patient *p, struct report *r);
void check_denied(const struct patient *p, struct report *r);
void check_apparmor(const struct patient *p, struct report *r);
void check_ppp_mppe(const struct patient *p, struct report *r);
void check_ppp_mtu(const struct patient *p, struct report *r);
void check_weak_esp(const struct patient *p, struct report *r);
void check_weak_ike(const struct patient *p, struct report *r);
void check_group_psk(const struct patient *p, struct report *r);
void check_secrets(const struct patient *p, struct report *r);
void check_xl2tpd_limit(const struct patient *p, struct report *r);
void check_userspace(const struct patient *p, struct report *r);
void check_dictionary(const struct patient *p, struct report *r);

#endif
