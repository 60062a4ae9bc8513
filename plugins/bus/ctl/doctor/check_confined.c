/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_confined.c - AppArmor and SELinux: what they have denied, and profiles that will.
 *
 * A denial counts until the policy is loaded anew: what is denied still after that is logged again.
 */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include "doctor.h"

#define LOG_TAIL 1048576 /* bytes of the end of a log */
#define LSM	 "/sys/kernel/security/apparmor"

/* ---- denials ---- */

static bool is_denial(const char *line)
{
	return (strstr(line, "apparmor=\"DENIED\"") || strstr(line, "avc:  denied")) && strstr(line, "sabus");
}

/* Has the line NAME="..." with the same text as the other one has for OTHER? */
static bool same_word(const char *line, const char *name, const char *denial, const char *other)
{
	const char *a = strstr(line, name), *b = strstr(denial, other);
	size_t n;

	if (!a || !b)
		return false;
	a += strlen(name);
	b += strlen(other);
	n = strcspn(a, "\"");
	return n == strcspn(b, "\"") && !strncmp(a, b, n);
}

/* The policy that denied has been loaded anew, or taken away. */
static bool answers(const char *line, const char *denial)
{
	if (strstr(denial, "avc:  denied"))
		return strstr(line, "MAC_POLICY_LOAD") || strstr(line, "type=1403 ") || strstr(line, "MAC_CONFIG_CHANGE") ||
		       strstr(line, "type=1405 ");
	return strstr(line, "apparmor=\"STATUS\"") && strstr(line, "operation=\"profile_") &&
	       same_word(line, " name=\"", denial, " profile=\"");
}

static void look_at_log(struct report *r, const char *name, char *text)
{
	const char *denial = NULL;
	char *line;

	while (text && (line = strsep(&text, "\n")) != NULL) {
		if (is_denial(line))
			denial = line;
		else if (denial && answers(line, denial))
			denial = NULL;
	}
	if (denial)
		found(r, "%s: %.400s", name, denial);
}

/* What the kernel says is in its own log, and on many hosts in no file; auditd takes it away from there.  To be freed; or -errno. */
static int kernel_log(char **text)
{
	int size = klogctl(10 /* how large it is */, NULL, 0), n = -1, err;

	*text = size > 0 ? malloc((size_t)size + 1) : NULL;
	if (*text)
		n = klogctl(3 /* all of it */, *text, size);
	if (n >= 0) {
		(*text)[n] = 0;
		return 0;
	}
	err = -errno;
	free(*text);
	*text = NULL;
	return err;
}

static void look_at_kernel(struct report *r)
{
	char *text;
	int err = kernel_log(&text);

	if (err)
		cannot_look(r, "the kernel's log: %s", strerror(-err));
	look_at_log(r, "the kernel's log", text);
	free(text);
}

static void look_at_file(const struct patient *p, struct report *r, const char *name)
{
	size_t len;
	char *text = file_text(p, name, LOG_TAIL, &len);

	if (!text && errno == EACCES)
		cannot_look(r, "%s: %s", name, strerror(errno));
	look_at_log(r, name, text);
	free(text);
}

void check_denied(const struct patient *p, struct report *r)
{
	if (!*p->root)
		look_at_kernel(r);
	look_at_file(p, r, "/var/log/audit/audit.log");
	look_at_file(p, r, "/var/log/kern.log");
}

/* ---- AppArmor's profiles of charon ---- */

/* connect() to the path of a socket is mediated by Ubuntu's kernels, and by all from 6.17 on. */
static bool sees_sockets(const struct patient *p)
{
	return !file_exists(p, LSM "/features") || file_exists(p, LSM "/features/network/af_unix") ||
	       file_exists(p, LSM "/features/network_v9/af_unix");
}

/* "/usr/sbin/charon-systemd (enforce)" */
static bool is_enforced(char *profiles, const char *program)
{
	const char *base = strrchr(program, '/') + 1;
	char *line;

	while ((line = strsep(&profiles, "\n")) != NULL) {
		char *mode = strstr(line, " (");

		if (!mode)
			continue;
		*mode = 0;
		if ((!strcmp(line, program) || !strcmp(line, base)) && (!strcmp(mode + 2, "enforce)") || !strcmp(mode + 2, "kill)")))
			return true;
	}
	return false;
}

/* By what the kernel has loaded, and where that cannot be seen, by the profile itself. */
static bool is_in_force(const struct patient *p, const char *program, const char *name)
{
	char profile[96], disabled[96];
	size_t len;
	char *list = *p->root ? NULL : file_text(p, LSM "/profiles", LOG_TAIL, &len);
	bool yes;

	snprintf(profile, sizeof(profile), "/etc/apparmor.d/%s", name);
	snprintf(disabled, sizeof(disabled), "/etc/apparmor.d/disable/%s", name);
	if (list)
		yes = sees_sockets(p) && is_enforced(list, program);
	else
		yes = !file_has(p, profile, "complain") && !file_exists(p, disabled);
	free(list);
	return yes;
}

void check_apparmor(const struct patient *p, struct report *r)
{
	static const struct {
		const char *program, *name;
	} profiles[] = { { "/usr/sbin/charon-systemd", "usr.sbin.charon-systemd" }, { "/usr/lib/ipsec/charon", "usr.lib.ipsec.charon" } };
	const struct conf_entry *load = conf_last(&p->charon, "sabus", "load");

	if (!load || !strcmp(load->value, "no") || (!*p->root && !file_has(p, "/sys/module/apparmor/parameters/enabled", "Y")))
		return;
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		char profile[96], local[96];

		snprintf(profile, sizeof(profile), "/etc/apparmor.d/%s", profiles[i].name);
		snprintf(local, sizeof(local), "/etc/apparmor.d/local/%s", profiles[i].name);
		if (file_exists(p, profile) && !file_has(p, local, "sabus") && !file_has(p, profile, "sabus") &&
		    is_in_force(p, profiles[i].program, profiles[i].name))
			found(r, "%s does not let charon reach the bus, and %s does not add it", profile, local);
	}
}
