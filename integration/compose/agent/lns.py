# SPDX-License-Identifier: GPL-2.0-or-later
"""The LNS: conf-templates/lns, users in RADIUS.  Where sabus is installed, marks tell clients behind one NAT apart."""

import os

from agent import settings, system
from agent.ends import SABUS, End

RADIUS_STOCK = "/etc/radiusclient/radiusclient.conf"


class Lns(End):
    def __init__(self):
        values = {"REMOTE": "%any", "PPP_LOCAL": settings.POOL + ".1", "PPP_POOL": "%s.10-%s.99" % (settings.POOL, settings.POOL)}
        if SABUS:
            values.update({"MARK": "%unique", "SET_MARK": "%same", "XL2TPD_SAREF": "ipsec saref = mark", "SABUS_ENCRYPTION": settings.value("SABUS_ENCRYPTION"),
                           "PPP_MORE": "file /etc/ppp/options.radius"})
        else:   # "better safe than sorry", as one finds it
            values["PPP_MORE"] = "require-mppe-128\nfile /etc/ppp/options.radius"
        super().__init__("lns", settings.address("OUTSIDE", settings.LNS), settings.address("CONTROL", settings.LNS), values)
        self._start()

    def _configure_more(self):
        server = settings.address("INSIDE", settings.RADIUS)
        values = {"NAS_IDENTIFIER": "lns", "SERVERS": "%s %s" % (server, settings.value("RADIUS_SECRET"))}
        if SABUS:
            values.update(AUTH_SERVERS=server + ":1812", ACCT_SERVERS=server + ":1813")
            system.configure("lns-radius", "/etc", values)
        else:
            self._stock_radius(dict(values, AUTH_SERVER=server + ":1812", ACCT_SERVER=server + ":1813"))
        with open("/etc/ppp/chap-secrets", "w") as f:
            f.write("# nobody is let in but by RADIUS\n")

    @staticmethod
    def _stock_radius(values):
        """pppd's own radius.so, without what sabus adds to it; Debian ships no dictionary that it can read."""
        system.configure("lns-radius-stock", "/etc", values)
        for path, old, new in (("/etc/ppp/options.radius", "sabus-radius-avpair", "# without sabus"),
                               (RADIUS_STOCK, "/usr/share/sabus/freeradius/dictionary.radiusclient", "/usr/share/sabus-rig/dictionary")):
            text = system.read(path)
            if old not in text:
                raise RuntimeError("%s has no '%s' any more: mend agent/lns.py" % (path, old))
            with open(path, "w") as f:
                f.write(text.replace(old, new))
        os.chmod("/etc/radiusclient/servers", 0o600)

    def weather(self, *words):
        """tc's netem on the wire: "delay", "40ms", "loss", "5%"; nothing: a good wire again."""
        system.run("tc", "qdisc", "del", "dev", self.device, "root", check=False)
        if words:
            system.run("tc", "qdisc", "add", "dev", self.device, "root", "netem", *words)
