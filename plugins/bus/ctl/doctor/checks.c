/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks.c - the table of checks.  Names are part of the JSON schema: they never change.
 */
#include "config.h"
#include "doctor.h"

/* clang-format off */
const struct check checks[] = {
	{ "clear-l2tp", "L2TP reachable in the clear",
	  "put the guard there: systemctl enable --now sabus-guard, or plugin = sabus in xl2tpd.conf", WEIGHT_DANGER, check_clear },
	{ "guard", "policies of the kernel that drop L2TP outside IPsec",
	  "systemctl enable --now sabus-guard, or ip -batch /etc/sabus/guard.batch at boot, before xl2tpd", WEIGHT_DANGER, check_guard },
	{ "boot", "a guard that is gone after the next boot", "systemctl enable sabus-guard, or plugin = sabus in xl2tpd.conf", WEIGHT_ADVICE, check_boot },
	{ "unchecked", "links that nobody judges", "'file /etc/ppp/options.sabus' in the pppoptfile, or plugin = sabus in xl2tpd.conf", WEIGHT_DANGER,
	  check_unchecked },
	{ "publisher", "a charon that does not tell of its SAs, so that every link is refused",
	  "install strongswan-sabus, load = yes in /etc/strongswan.d/charon/sabus.conf, then restart charon", WEIGHT_BROKEN, check_publisher },
	{ "bus", "a sabusd that does not answer, or knows of no charon", "systemctl start sabusd, then see the log of charon", WEIGHT_BROKEN, check_bus },
	{ "libreswan", "an IKE daemon that cannot tell of its SAs",
	  PKGDATADIR "/conf-templates/migrate shows how its connection goes to strongSwan", WEIGHT_BROKEN, check_libreswan },
	{ "reauth", "reauthentication, which ends the link", "take it out: rekeying is enough; or charon.make_before_break = yes at both ends", WEIGHT_ADVICE,
	  check_reauth },
	{ "selectors", "traffic selectors that miss the port of L2TP",
	  "local_ts = dynamic[udp/1701] on the server, remote_ts = dynamic[udp/1701] on the client, or what 'port' of xl2tpd.conf says", WEIGHT_BROKEN,
	  check_selectors },
	{ "marks", "charon's plugins that write over the marks of SAs",
	  "load = no in /etc/strongswan.d/charon/forecast.conf and connmark.conf, then restart charon", WEIGHT_BROKEN, check_marks },
	{ "pppd-version", "a sabus.so for another pppd", "install ppp-sabus of the same release as ppp, or build it again", WEIGHT_BROKEN,
	  check_pppd_version },
	{ "charon-version", "a plugin for another strongSwan", "install strongswan-sabus of the same release, or build it again", WEIGHT_BROKEN,
	  check_charon_version },
	{ "blacklist", "kernel modules that are blacklisted", "take the line out (RHEL: /etc/modprobe.d/l2tp_ppp-blacklist.conf), then modprobe it",
	  WEIGHT_BROKEN, check_blacklist },
	{ "modules", "kernel modules that are not there", "install all modules of the kernel (linux-modules-extra, kernel-modules-extra)", WEIGHT_BROKEN,
	  check_modules },
	{ "apparmor", "AppArmor profiles of charon without the bus",
	  "put 'include if exists <abstractions/sabus-charon>' into the local/ file, then apparmor_parser -r the profile", WEIGHT_BROKEN, check_apparmor },
	{ "denied", "denials by AppArmor or SELinux", "allow what the line names, for instance in the profile's local/ file, then load the policy anew (apparmor_parser -r)",
	  WEIGHT_BROKEN, check_denied },
	{ "ppp-mppe", "options of pppd on MPPE that the SA makes wrong or needless", "take the option out: sabus decides by the SA", WEIGHT_BROKEN, check_ppp_mppe },
	{ "ppp-mtu", "an MTU that fragments", "take mtu and mru out: sabus computes them; or lower them to the sum", WEIGHT_BROKEN, check_ppp_mtu },
	{ "weak-esp", "weak ESP proposals", "take it out of esp_proposals: aes256gcm128, aes256-sha256 and for old clients aes256-sha1 remain",
	  WEIGHT_DANGER, check_weak_esp },
	{ "weak-ike", "weak IKE proposals", "take it out of proposals: aes256-sha256-modp2048 is what old clients have, too", WEIGHT_DANGER, check_weak_ike },
	{ "group-psk", "one pre-shared key for everybody", "use certificates or EAP, or a secret with an id for each client", WEIGHT_ADVICE,
	  check_group_psk },
	{ "secrets", "secrets that everybody may read", "chmod 600, and change the secret", WEIGHT_DANGER, check_secrets },
	{ "xl2tpd-limit", "more tunnels than stock xl2tpd can have", "install xl2tpd-sabus, or put fewer tunnels on this host", WEIGHT_DANGER,
	  check_xl2tpd_limit },
	{ "userspace", "L2TP outside the kernel", "take the line out of xl2tpd.conf", WEIGHT_BROKEN, check_userspace },
	{ "radius-dictionary", "a RADIUS dictionary without our attributes",
	  "name the dictionary.radiusclient that was installed with sabus in radiusclient.conf, see sabus-radius(7)", WEIGHT_BROKEN, check_dictionary },
	{ NULL, NULL, NULL, WEIGHT_ADVICE, NULL },
};
/* clang-format on */
