# SPDX-License-Identifier: GPL-2.0-or-later
"""A NAT between the network 'natted' and the one that the LNS is in: to the LNS all clients behind it have one address."""

from agent import settings, system
from agent.system import run


class Router:
    def __init__(self):
        self.control = settings.address("CONTROL", settings.ROUTER)
        self.outside = settings.address("OUTSIDE", settings.ROUTER)
        rule = ["-w", "-t", "nat", "-A", "POSTROUTING", "-o", system.device_of(self.outside), "-p", "udp", "-j", "SNAT", "--to-source", self.outside]
        # the kernel may have only one of both
        if run("iptables", *rule, check=False).returncode:
            run("iptables-legacy", *rule)

    def address(self):
        return self.outside
