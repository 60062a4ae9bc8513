# SPDX-License-Identifier: GPL-2.0-or-later
"""libreswan's ipsec.conf, as hwdsl2's script and others write it: the connection for L2TP becomes one of strongSwan's, in /etc/swanctl/conf.d.

Only what L2TP needs is read.  Other connections (XAuth, IKEv2) stay libreswan's and are named: both daemons cannot run at once."""

import re

from migrating import common
from migrating.tree import Cannot

CONF, SECRETS = "/etc/ipsec.conf", "/etc/ipsec.secrets"
CIPHERS = {"aes": "aes256", "aes128": "aes128", "aes192": "aes192", "aes256": "aes256", "aes_gcm": "aes256gcm16", "aes_gcm128": "aes128gcm16",
           "aes_gcm256": "aes256gcm16", "camellia256": "camellia256"}
HASHES = {"sha1": "sha1", "sha": "sha1", "sha2": "sha256", "sha2_256": "sha256", "sha2_384": "sha384", "sha2_512": "sha512"}
GROUPS = {"modp1536": "", "modp2048": "modp2048", "modp3072": "modp3072", "modp4096": "modp4096", "dh14": "modp2048", "dh15": "modp3072",
          "dh16": "modp4096", "dh19": "ecp256", "dh20": "ecp384", "dh31": "x25519", "ecp_256": "ecp256", "ecp_384": "ecp384"}


def here(tree):
    """Words that strongSwan's starter does not have."""
    text = tree.read(CONF) or ""
    return bool(re.search(r"^\s*(?:virtual[-_]private|ikev1-policy|phase2alg|sha2[-_]truncbug|ikev2\s*=\s*never|protostack)\b", text, re.M))


def _conns(text):
    """{name: {key: value}}, with what 'also' and '%default' bring."""
    raw, keys = {}, None
    for line in text.splitlines():
        line = line.split("#")[0].rstrip()
        head = re.match(r"conn\s+(\S+)", line)
        if head:
            keys = raw.setdefault(head.group(1), {})
        elif line and not line[0].isspace():
            keys = None
        elif keys is not None and "=" in line:
            key, _, value = line.strip().partition("=")
            keys[key.strip().replace("_", "-")] = value.strip().strip('"')
    default = raw.pop("%default", {})

    def full(name, seen):
        own = raw.get(name, {})
        up = full(own["also"], seen | {name}) if "also" in own and own["also"] not in seen else {}
        return {**up, **own}
    return {name: {**default, **full(name, {name})} for name in raw}


def _one(words, known_group):
    """One proposal in strongSwan's words, None = weak or not known."""
    cipher, _, rest = words.partition("-")
    digest, _, group = re.sub(r"[;+]", "-", rest).partition("-")
    parts = [CIPHERS.get(cipher)]
    if "gcm" not in (parts[0] or ""):
        parts.append(HASHES.get(digest))
    elif known_group:
        parts.append("prf" + HASHES.get(digest, "sha256"))
    if known_group:
        parts.append(GROUPS.get(group or "modp2048"))
    return None if not all(parts) else "-".join(parts)


def proposals(text, known_group, what, notes):
    found, left = [], []
    for words in text.replace(" ", "").lower().split(","):
        made = _one(words, known_group) if words else None
        (found if made else left).append(made or words)
    left = [w for w in left if w]
    if left:
        notes.by_hand.append("%s %s: weak (RFC 8221, 8247) or not known to strongSwan, left out" % (what, ", ".join(left)))
    return ",".join(dict.fromkeys(found))


def _psk(tree):
    found = re.search(r'^[^#\n]*:\s*PSK\s+"([^"]*)"', tree.read(SECRETS) or "", re.M)
    if not found:
        raise Cannot("%s: no pre-shared key; certificates have to be taken over by hand (conf-templates/lns/swanctl)" % SECRETS)
    return found.group(1)


def _l2tp(tree):
    conns = _conns(tree.read(CONF))
    chosen = [n for n, c in conns.items() if c.get("auto") in ("add", "start", "route", "ondemand") and
              re.search(r"17/(?:1701|%any|0|l2tp)", c.get("leftprotoport", ""))]
    if not chosen:
        raise Cannot("%s: no connection for L2TP (leftprotoport=17/1701) is added" % CONF)
    others = sorted(n for n, c in conns.items() if n not in chosen and c.get("auto") in ("add", "start", "route", "ondemand"))
    return chosen[0], conns[chosen[0]], others


def translate(tree, role, values, notes):
    name, conn, others = _l2tp(tree)
    peer = conn.get("right", "%any")
    given = {"IKE_VERSION": "1" if conn.get("ikev2", "no") in ("no", "never") else "2", "PSK": _psk(tree), "REMOTE": peer,
             "LOCAL": conn.get("leftid", conn.get("left", "%any")).lstrip("@")}
    if given["LOCAL"].startswith("%"):
        given["LOCAL"] = "%any"
    for key, template, group in (("ike", "IKE_PROPOSALS", True), ("phase2alg", "ESP_PROPOSALS", False), ("esp", "ESP_PROPOSALS", False)):
        made = proposals(conn.get(key, ""), group, key, notes)
        if made:
            given[template] = made
    given.update(values)
    text = common.rendered(role, given)["swanctl/swanctl.conf"]
    text = re.sub(r"(local_addrs = ).*", r"\g<1>%any", text)
    tree.write("/etc/swanctl/conf.d/sabus-l2tp.conf", text.replace("/etc/swanctl/swanctl.conf", "translated from %s, conn %s" % (CONF, name)), 0o600)
    notes.what += ", IPsec by libreswan (conn %s), which has no plugin interface: strongSwan takes over" % name
    if others:
        notes.by_hand.append("conn %s of %s: not for L2TP, not translated; strongSwan and libreswan cannot run at once, so decide before you stop libreswan" %
                             (", ".join(others), CONF))
    notes.commands += ["apt-get install strongswan-swanctl charon-systemd", "systemctl disable --now ipsec", "swanctl --load-all"]
