/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fuzz target: a script (script.c) against a patched xl2tpd that is LNS
 * and LAC at once.  Byte 0 of the input picks the configuration: bit 0 the
 * kernel's data path or ptys, bit 1 the test plugin, bits 2 and 3 the section,
 * bits 4 to 7 debugging, access control, marks, and a secrets file to stumble on.
 */
#include "daemon.h"
#include "world.h"

#include <stdio.h>

#define LACS                                                                                                                               \
	"[lac one]\nlns = 10.0.2.1\nredial = yes\nredial timeout = 5\nmax redials = 3\nname = me\nlength bit = yes\n"                      \
	"[lac two]\nlns = 10.0.2.1\nchallenge = yes\nhidden bit = yes\npass peer = yes\ndefaultroute = yes\npppoptfile = /etc/ppp/o\nppp " \
	"debug = yes\n"                                                                                                                    \
	"[lac three]\nlns = 10.0.2.1:1702\nredial = yes\nredial timeout = 30\n"

static const char *const lns[4] = {
	"[lns default]\nip range = 10.9.0.2-10.9.0.9\nlocal ip = 10.9.0.1\nassign ip = yes\n",
	"[lns default]\nip range = 10.9.0.2-10.9.0.3\nlocal ip range = 10.9.1.1-10.9.1.2\nlength bit = yes\nrequire chap = yes\nrefuse pap "
	"= yes\nname = us\n",
	"[lns default]\nchallenge = yes\nhidden bit = yes\nassign ip = no\nlocal ip = 10.9.0.1\nhostname = fuzz\nunix auth = yes\nrequire "
	"pap = yes\n",
	"[lns one]\nlac = 10.0.1.2\nip range = 10.9.0.2-10.9.0.2\nlocal ip = 10.9.0.1\npass peer = yes\nppp debug = yes\npppoptfile = "
	"/etc/ppp/o\n",
};

static const char odd_secrets[] = "# a comment\n\n  \t\nus\nus them\nus\tthem\tother ; comment\n;\n"
				  "a-very-long-name-that-goes-on-and-on-and-on-until-the-end-of-the-line-is-reached-which-is-100-octets\n"
				  "* *  secret  \n";

#define PLUGIN "plugin = fuzz\nfuzz key = value\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char config[4096];
	unsigned int how;
	int len;

	if (!size)
		return 0;
	how = data[0];
	len = snprintf(
		config, sizeof(config), "[global]\nforce userspace = %s\n%s%s%s%s%s%s", how & 1 ? "yes" : "no", how & 2 ? PLUGIN : "",
		how & 0x10 ? "debug avp = yes\ndebug tunnel = yes\ndebug state = yes\ndebug network = yes\ndebug packet = yes\n" : "",
		how & 0x20 ? "access control = yes\nmax retries = 2\n" : "", how & 0x40 ? "ipsec saref = mark\n" : "", lns[how >> 2 & 3],
		LACS);
	script_begin(data + 1, size - 1);
	run(config, (size_t)len, how & 0x80 ? odd_secrets : "* * secret\n");
	return 0;
}
