# SPDX-License-Identifier: GPL-2.0-or-later
"""What every set-up gets: the guard, charon's plugin, pppd's options."""

import importlib.machinery
import importlib.util
import os
import re

from migrating.tree import Cannot

TEMPLATES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SABUS_OPTIONS = "/etc/ppp/options.sabus"
# sabus decides on these by the SA
DECIDED = re.compile(r"^\s*(?:mtu|mru)\s+\d+\s*(?:#.*)?$|"
                     r"^\s*(?:mppe(?:[ -].*|\s*)|require-mppe(?:-40|-128)?|\+mppe(?:-40|-128)?|mppe-stateful|nomppe(?:-40|-128)?|noccp|-ccp)\s*(?:#.*)?$")
COMMANDS = ("systemctl enable --now sabus-guard.service sabusd.socket sabusd.service", "systemctl restart strongswan xl2tpd",
            "sabusctl doctor")


def load_render():
    loader = importlib.machinery.SourceFileLoader("render", os.path.join(TEMPLATES, "render"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("render", loader))
    loader.exec_module(module)
    return module


def rendered(role, values):
    """{path below /etc: text} of conf-templates/ROLE."""
    try:
        return load_render().render(role, values)
    except KeyError as e:
        raise Cannot(e.args[0]) from e


def protect(tree, role):
    """Guard and charon's plugin, as the templates have them; what is there already stays."""
    files = rendered(role, {})
    plugin = "/etc/strongswan.d/charon/sabus.conf"
    if tree.has(plugin):
        tree.write(plugin, re.sub(r"^(\s*load\s*=\s*)no\b", r"\1yes", tree.read(plugin), flags=re.M))
    for rel in ("sabus/guard.batch", "strongswan.d/charon/sabus.conf"):
        if not tree.has("/etc/" + rel):
            tree.write("/etc/" + rel, files[rel])
    if not tree.has(SABUS_OPTIONS):
        tree.write(SABUS_OPTIONS, files["ppp/options.sabus"])


def take_out(text, fits, why):
    """text with the lines that fit made comments; how many."""
    lines, n = [], 0
    for line in text.splitlines(True):
        if fits(line):
            line, n = "# %s: %s" % (why, line), n + 1
        lines.append(line)
    return "".join(lines), n


def ppp_options(tree, path, notes):
    """pppd's options file: sabus is loaded, and decides on MTU, MRU, MPPE and CCP."""
    text = tree.read(path)
    if text is None:
        raise Cannot("%s is named in xl2tpd.conf and does not exist" % path)
    text, _ = take_out(text, DECIDED.match, "sabus decides")
    if not re.search(r"^\s*(?:file\s+%s|plugin\s+\S*sabus\.so)\b" % re.escape(SABUS_OPTIONS), text, re.M):
        if text and not text.endswith("\n"):
            text += "\n"
        text += "file %s\n" % SABUS_OPTIONS
    tree.write(path, text)
    if not re.search(r"^\s*(?:require-mschap-v2|\+mschap-v2|require-eap)\b", text, re.M):
        notes.by_hand.append("%s: 'require-mschap-v2' would give MPPE its keys where an SA does not encrypt" % path)


def quoted(text):
    """A word of pppd's secrets file."""
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')
