// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * setup.c - see setup.h.
 *
 * The attributes' types come from our own dictionary, read after the one of radiusclient.conf, so that the last word on what we send is ours.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "base-dictionary.h"
#include "sabus-attributes.h"
#include "setup.h"
#include "wire.h"

struct scan {
	bool tls;
	char verify[16]; /* tls-verify-hostname */
};

/* Two things of the file that radcli does not tell. */
static int scan_file(const char *path, struct scan *out)
{
	char line[512], name[64], value[64];
	FILE *f = fopen(path, "re");

	memset(out, 0, sizeof(*out));
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63s %63s", name, value) != 2)
			continue;
		if (!strcmp(name, "serv-type") || !strcmp(name, "serv-auth-type"))
			out->tls = !strcasecmp(value, "tls") || !strcasecmp(value, "dtls");
		if (!strcmp(name, "tls-verify-hostname"))
			snprintf(out->verify, sizeof(out->verify), "%.15s", value);
	}
	fclose(f);
	return 0;
}

static bool add_pairs(struct exchange *x, char *text, size_t size)
{
	struct worker_attr a;
	char pair[512];
	size_t at = 0;

	while (worker_next(&x->config, &at, &a)) {
		if (a.vendor != WORKER_PRIVATE || a.number != WORKER_AVPAIR)
			continue;
		if (rc_avpair_parse(x->rh, worker_text(&a, pair, sizeof(pair)), &x->extra)) {
			snprintf(text, size, "avpair '%.100s' is not an attribute of the dictionary with a value of its type", pair);
			return false;
		}
	}
	return true;
}

void setup_forget(struct exchange *x)
{
	if (x->extra)
		rc_avpair_free(x->extra);
	x->extra = NULL;
	if (!x->rh)
		return;
	if (rc_tls_fd(x->rh) >= 0)
		close(rc_tls_fd(x->rh)); /* rc_destroy() leaves it open */
	rc_destroy(x->rh);
	x->rh = NULL;
}

static const char dictionary[] = RADIUS_BASE_DICTIONARY SABUS_FLAT_DICTIONARY;

static enum worker_result load(struct exchange *x, char *text, size_t size)
{
	struct worker_attr a;
	struct scan scan;
	char path[512];
	int err;

	if (!worker_find(&x->config, WORKER_PRIVATE, WORKER_CONFIG_FILE, &a)) {
		snprintf(text, size, "no radius-config-file");
		return WORKER_CONFIG;
	}
	worker_text(&a, path, sizeof(path));
	err = scan_file(path, &scan);
	if (err) {
		snprintf(text, size, "radius-config-file %s: %s", path, strerror(-err));
		return WORKER_CONFIG;
	}
	x->tls = scan.tls;
	/* radcli 1.2.11 takes every value but "no" for "do not verify", "true" and "yes" too */
	if (scan.verify[0] && strcasecmp(scan.verify, "false") != 0) {
		snprintf(text, size,
			 "%s: remove 'tls-verify-hostname %s': radcli verifies the name when the option is not there, and not with this "
			 "value",
			 path, scan.verify);
		return WORKER_CONFIG;
	}
	x->rh = rc_read_config(path);
	if (!x->rh) {
		snprintf(text, size, "%s cannot be used%s: see the messages of sabus-radius-client in the system's log", path,
			 x->tls ? ", or its TLS server cannot be reached" : "");
		return x->tls ? WORKER_DOWN : WORKER_CONFIG;
	}
	/* what is believed without a Message-Authenticator must not depend on how we read the file */
	if (x->tls != (rc_get_socket_type(x->rh) == RC_SOCKET_TLS || rc_get_socket_type(x->rh) == RC_SOCKET_DTLS)) {
		snprintf(text, size, "%s: one serv-type line, and no serv-auth-type beside it: which of them counts is not clear", path);
		return WORKER_CONFIG;
	}
	if (rc_read_dictionary_from_buffer(x->rh, dictionary, sizeof(dictionary) - 1)) {
		snprintf(text, size, "the built-in dictionary cannot be read");
		return WORKER_CONFIG;
	}
	x->timeout = rc_conf_int(x->rh, "radius_timeout");
	x->retries = rc_conf_int(x->rh, "radius_retries");
	return add_pairs(x, text, size) ? WORKER_OK : WORKER_CONFIG;
}

enum worker_result setup_open(struct exchange *x, int64_t deadline, char *text, size_t size)
{
	struct worker_list none;
	struct wire_end end;
	enum worker_result r;

	/* the handshake's records are not RADIUS: gnutls_record_*() are not called for them */
	wire_begin("", true, 0, deadline, &none);
	r = load(x, text, size);
	wire_end(&end);
	if (r != WORKER_OK)
		setup_forget(x);
	return r;
}
