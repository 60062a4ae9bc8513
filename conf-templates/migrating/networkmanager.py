# SPDX-License-Identifier: GPL-2.0-or-later
"""NetworkManager-l2tp: a VPN of type l2tp.  It writes pppd's, xl2tpd's and strongSwan's files itself at each start and has no place for a plugin, so the
same connection is made by conf-templates/client, and NetworkManager's own is kept from starting by itself."""

import base64
import binascii
import configparser

from migrating import common
from migrating.tree import Cannot, Notes

FOLDER = "/etc/NetworkManager/system-connections"
SERVICE = "org.freedesktop.NetworkManager.l2tp"


def _read(tree, path):
    conf = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",), strict=False)
    conf.optionxform = str
    try:
        conf.read_string(tree.read(path))
    except configparser.Error:
        return None
    return conf if conf.get("vpn", "service-type", fallback="") == SERVICE else None


def _psk(vpn, secrets):
    """NetworkManager-l2tp keeps it as base64 behind '0s'."""
    text = secrets.get("ipsec-psk", vpn.get("ipsec-psk", ""))
    if not text.startswith("0s"):
        return text
    try:
        return base64.b64decode(text[2:], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text


def _wanted(path, conf, values):
    vpn, secrets = dict(conf["vpn"]), dict(conf["vpn-secrets"]) if conf.has_section("vpn-secrets") else {}
    if vpn.get("ipsec-enabled", "no") != "yes":
        raise Cannot("%s: IPsec is off there (ipsec-enabled): nothing could protect this link" % path)
    got = {"REMOTE": vpn.get("gateway"), "PPP_USER": vpn.get("user"), "PPP_SECRET": secrets.get("password"), "PSK": _psk(vpn, secrets) or None,
           "IKE_VERSION": "2" if vpn.get("ipsec-ikev2", "no") == "yes" else "1"}
    for key, name in (("ipsec-ike", "IKE_PROPOSALS"), ("ipsec-esp", "ESP_PROPOSALS")):
        if vpn.get(key):
            got[name] = vpn[key].rstrip("!")
    got.update(values)
    missing = sorted(k for k, v in got.items() if v is None)
    if missing:
        raise Cannot("%s does not say %s (it is in a keyring, or asked for); give %s" % (path, ", ".join(missing), " ".join(m + "=..." for m in missing)))
    return got


def _secrets(tree, text):
    """Our line behind those that are there."""
    old = tree.read("/etc/ppp/chap-secrets") or ""
    line = [x for x in text.splitlines() if x.startswith('"')][0]
    return old if line in old.splitlines() else old + ("" if not old or old.endswith("\n") else "\n") + line + "\n"


def plan(tree, values):
    found = [(p, c) for p in tree.names(FOLDER) if p.endswith(".nmconnection") for c in [_read(tree, p)] if c]
    if not found:
        return None
    if len(found) > 1:
        raise Cannot("%d connections of NetworkManager-l2tp: move all but one out of %s" % (len(found), FOLDER))
    path, conf = found[0]
    notes = Notes("NetworkManager-l2tp, %s" % path)
    for rel, text in sorted(common.rendered("client", _wanted(path, conf, values)).items()):
        if rel == "ppp/chap-secrets":
            text = _secrets(tree, text)
        elif rel == "swanctl/swanctl.conf":
            rel = "swanctl/conf.d/sabus-l2tp.conf"
        tree.write("/etc/" + rel, text, 0o600 if "secret" in text else 0o644)
    tree.write(path, _no_autoconnect(tree.read(path)), 0o600)
    notes.by_hand.append("disconnect the VPN in NetworkManager; it stays there, does not start by itself, and is not protected by sabus")
    notes.commands += list(common.COMMANDS) + ["xl2tpd-control connect-lac vpn"]
    return notes


def _no_autoconnect(text):
    lines = [x for x in text.splitlines(True) if not x.startswith("autoconnect=")]
    at = next((i for i, x in enumerate(lines) if x.strip() == "[connection]"), None)
    if at is None:
        return text
    return "".join(lines[:at + 1] + ["autoconnect=false\n"] + lines[at + 1:])
