# SPDX-License-Identifier: GPL-2.0-or-later
"""pppd's log as facts.  With 'debug' pppd writes every control packet as
'sent [LCP ConfReq id=0x1 <mru 1400> ...]'."""

import re
from collections import namedtuple

# direction 'sent' or 'rcvd'; proto 'LCP', 'CCP', ...; code 'ConfReq', ...
Control = namedtuple("Control", "direction proto code id body line")

PACKET = re.compile(r"^(sent|rcvd) \[(\w+) (\w+)(?: id=(0x[0-9a-f]+))? ?(.*)\]$")


class PppLog:
    def __init__(self, text):
        self.text = text
        self.packets = []
        for number, line in enumerate(text.splitlines()):
            m = PACKET.match(line.strip())
            if m:
                self.packets.append(Control(m.group(1), m.group(2), m.group(3),
                                            int(m.group(4) or "0", 16), m.group(5), number))

    def find(self, direction=None, proto=None, code=None, contains=""):
        return [p for p in self.packets
                if direction in (None, p.direction) and proto in (None, p.proto)
                and code in (None, p.code) and contains in p.body]

    def mppe(self):
        """The line by which pppd says that MPPE runs, None if it does not."""
        m = re.search(r"^MPPE .*enabled.*$", self.text, re.M)
        return m.group(0) if m else None

    def terminate_reasons(self):
        """Texts of LCP Terminate-Requests, both directions."""
        return [m.group(1) for p in self.find(proto="LCP", code="TermReq")
                for m in [re.search(r'"(.*)"', p.body)] if m]

    def decisions(self):
        """sabus' decision lines."""
        return [x for x in self.text.splitlines() if x.startswith("sabus: ")]

    def verdict(self):
        """The last decision as a dictionary: its key=value pairs, and 'verdict',
        'accept' or 'refuse'.  Empty when there was none."""
        said = self.said("accept|refuse")
        return said[-1] if said else {}

    def said(self, verbs):
        """sabus' lines that begin with one of VERBS ('accept', 'refuse', 'close', 'rekey', 'keep'; a regular expression), oldest first: dictionaries of the
        key=value pairs, and 'verdict', the verb."""
        found = []
        for verb, rest in re.findall(r"^sabus: (%s) (.*)$" % verbs, self.text, re.M):
            pairs = re.findall(r'([\w-]+)=("[^"]*"|\S*)', rest)
            found.append(dict(((k, v.strip('"')) for k, v in pairs), verdict=verb))
        return found
