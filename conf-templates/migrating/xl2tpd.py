# SPDX-License-Identifier: GPL-2.0-or-later
"""xl2tpd, server or client, changed where it stands: pppd loads sabus, lines that keep L2TP out of the kernel go, the guard and charon's plugin come.

IPsec by strongSwan stays as it is.  libreswan has no plugins: its connection for L2TP is translated for strongSwan (libreswan.py)."""

import re

from migrating import common, libreswan
from migrating.tree import Cannot, Notes

CONF = "/etc/xl2tpd/xl2tpd.conf"
# both keep L2TP in user space, where no socket can be held to its SA ('ipsec saref' in stock xl2tpd with any value)
USER_SPACE = re.compile(r"^\s*(?:force userspace|ipsec saref)\s*=", re.I)


def _sections(text):
    return re.findall(r"^\s*\[\s*(lns|lac)\b", text, re.M | re.I)


def plan(tree, values):
    text = tree.read(CONF) or ""
    kinds = {k.lower() for k in _sections(text)}
    if not kinds:
        return None
    role = "lns" if "lns" in kinds else "client"
    notes = Notes("xl2tpd as %s" % ("server" if role == "lns" else "client"))
    changed = "".join("; sabus needs the kernel's L2TP: " + line if USER_SPACE.match(line) else line for line in text.splitlines(True))
    tree.write(CONF, changed)
    files = re.findall(r"^\s*pppoptfile\s*=\s*([^\s;]+)", text, re.M)
    for path in dict.fromkeys(files):
        common.ppp_options(tree, path, notes)
    if len(files) < len(_sections(text)):
        notes.by_hand.append("%s: each section needs a pppoptfile, with 'file %s' in it" % (CONF, common.SABUS_OPTIONS))
    common.protect(tree, role)
    if libreswan.here(tree):
        libreswan.translate(tree, role, values, notes)
    elif values:
        raise Cannot("%s: nothing here is made from templates, so there is no place for it" % " ".join(sorted(values)))
    notes.commands += common.COMMANDS
    return notes
