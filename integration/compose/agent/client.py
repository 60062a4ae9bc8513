# SPDX-License-Identifier: GPL-2.0-or-later
"""A client that dials the LNS: conf-templates/client; from the network NETWORK, perhaps behind the router."""

import re
import signal
import subprocess

from agent import settings, system
from agent.ends import SABUS, End
from agent.system import run


class Client(End):
    def __init__(self, network, number):
        lns = settings.address("OUTSIDE", settings.LNS)
        if network != "outside":
            run("ip", "route", "replace", settings.subnet("OUTSIDE"), "via", settings.address(network.upper(), settings.ROUTER))
        # what is behind the LNS is reached through the tunnel or not at all: the default route would carry it into the open
        run("ip", "route", "replace", "unreachable", settings.subnet("INSIDE"), "metric", "4000")
        values = {"REMOTE": lns, "START_ACTION": "none"}
        if not SABUS:
            values["PPP_MORE"] = "require-mppe-128"
        super().__init__("client", settings.address(network.upper(), number), settings.address("CONTROL", number), values)
        self.pinging = None
        self._start()

    def _configure_more(self):
        """What is behind the LNS is reached through the tunnel."""
        with open("/etc/ppp/ip-up.d/rig", "w") as f:
            f.write("#!/bin/sh\nip route replace %s dev \"$PPP_IFACE\"\n" % settings.subnet("INSIDE"))
        run("chmod", "755", "/etc/ppp/ip-up.d/rig")

    # -- verbs ------------------------------------------------------------------

    def ike(self):
        """The SA, as one brings it up by hand: whether it is there, and what IKE said."""
        done = run("swanctl", "--initiate", "--child", "l2tp", "--timeout", "20", check=False)
        return {"up": done.returncode == 0, "said": done.stdout.strip().splitlines()[-6:]}

    def dial(self):
        run("xl2tpd-control", "-c", "/run/xl2tpd/l2tp-control", "connect-lac", "vpn", check=False)

    def hang_up(self):
        run("xl2tpd-control", "-c", "/run/xl2tpd/l2tp-control", "disconnect-lac", "vpn", check=False)

    def ping_inside(self, count, size=56, whole=False):
        """The host behind the LNS."""
        return system.ping(settings.address("INSIDE", settings.HOST), count, size, whole)

    def ping_start(self):
        """Five a second, until ping_stop()."""
        self.pinging = subprocess.Popen(["ping", "-n", "-i", "0.2", settings.address("INSIDE", settings.HOST)], stdout=subprocess.PIPE, text=True)

    def ping_stop(self):
        """How many were sent, how many came back.  The very last one may still be on its way when ping is told to end: it does not count."""
        self.pinging.send_signal(signal.SIGINT)
        out = self.pinging.communicate(timeout=30)[0]
        sent = int(re.search(r"(\d+) packets transmitted", out).group(1))
        came = {int(n) for n in re.findall(r"icmp_seq=(\d+) ttl", out)}
        return [sent - (sent not in came), len(came)]
