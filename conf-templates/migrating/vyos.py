# SPDX-License-Identifier: GPL-2.0-or-later
"""VyOS and its relatives (EdgeOS, Vyatta): 'vpn l2tp remote-access' of config.boot.  There accel-ppp or xl2tpd get their files from the system's own
scripts at each commit, so nothing is changed in place: the same server is made by conf-templates/lns, for a host of its own or a container."""

import re

from migrating import common
from migrating.tree import Cannot, Notes

CONF = "/config/config.boot"


def parse(text):
    """Nested dictionaries; a node with a tag ("username bob {") is a key with both words, a leaf's value a list of texts."""
    top = {}
    stack = [top]
    for line in re.sub(r"/\*.*?\*/", "", text, flags=re.S).splitlines():
        line = line.strip()
        if line.endswith("{"):
            stack.append(stack[-1].setdefault(re.sub(r'["\']', "", line[:-1].strip()), {}))
        elif line == "}":
            if len(stack) > 1:
                stack.pop()
        elif line and not line.startswith("//"):
            key, _, value = line.partition(" ")
            stack[-1].setdefault(key, []).append(value.strip().strip("\"'"))
    return top


def _leaf(node, *path):
    for name in path:
        node = node.get(name, {}) if isinstance(node, dict) else {}
    return node[-1] if isinstance(node, list) and node else None


def _pool(remote):
    """"client-ip-pool NAME { range A-B }", or start and stop as older ones have it."""
    for key, node in remote.items():
        if key.split()[0] != "client-ip-pool" or not isinstance(node, dict):
            continue
        if _leaf(node, "start"):
            return "%s-%s" % (_leaf(node, "start"), _leaf(node, "stop"))
        if "-" in (_leaf(node, "range") or ""):
            return _leaf(node, "range")
    return None


def _users(remote):
    node = remote.get("authentication", {}).get("local-users", {})
    return {key.split(None, 1)[1]: _leaf(n, "password") for key, n in node.items() if key.startswith("username ") and "disable" not in n}


def plan(tree, values):
    text = tree.read(CONF)
    remote = parse(text).get("vpn", {}).get("l2tp", {}).get("remote-access") if text else None
    if not remote:
        return None
    users = _users(remote)
    if not users and "PPP_USER" not in values:
        raise Cannot("%s: no local-users: with RADIUS add conf-templates/lns-radius, and give PPP_USER=... PPP_SECRET=... here" % CONF)
    first = next(iter(users), None)
    got = {"LOCAL": _leaf(remote, "outside-address"), "PPP_LOCAL": _leaf(remote, "gateway-address"), "PPP_POOL": _pool(remote),
           "PSK": _leaf(remote, "ipsec-settings", "authentication", "pre-shared-secret"), "PPP_USER": first, "PPP_SECRET": users.get(first)}
    got.update(values)
    missing = sorted(k for k, v in got.items() if v is None)
    if missing:
        raise Cannot("%s does not say %s; give %s" % (CONF, ", ".join(missing), " ".join(m + "=..." for m in missing)))
    return _write(tree, got, users)


def _write(tree, got, users):
    notes = Notes("VyOS or a relative, %s: the same server by conf-templates/lns" % CONF)
    for rel, text in sorted(common.rendered("lns", got).items()):
        if rel == "ppp/chap-secrets":
            text += "".join("%s\t%s\t%s\t*\n" % (common.quoted(u), common.quoted("lns"), common.quoted(p))
                            for u, p in users.items() if u != got["PPP_USER"])
        tree.write("/etc/" + rel, text, 0o600 if "secret" in text else 0o644)
    notes.by_hand.append("VyOS writes its own files at each commit: 'delete vpn l2tp remote-access' there before this server starts, "
                         "or run this one on a host or in a container of its own (--root)")
    notes.commands += common.COMMANDS
    return notes
