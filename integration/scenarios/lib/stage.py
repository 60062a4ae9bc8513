# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test, a measurement or the demo has built up, and its end: hosts and
tunnels, made by tunnel(**options) and host(name), gone after clear()."""

import os

from lib.cluster import Cluster
from lib.host import Host
from lib.nat import Nat
from lib.radius import RadiusTunnel
from lib.tunnel import Tunnel


class Stage:
    def __init__(self, directory):
        self.dir = directory
        os.makedirs(self.dir, exist_ok=True)
        self.tunnels, self.hosts = [], []

    def tunnel(self, **options):
        """Both hosts of a tunnel, configured; nothing runs until .up().  Only one
        at a time: clear() before the next."""
        t = Tunnel(self.dir, **options)
        self.tunnels.append(t)
        return t

    def nat(self, clients=2, **options):
        """An LNS, a NAT, and clients behind it, configured; nothing runs until
        .up() or .start()."""
        n = Nat(self.dir, clients, **options)
        self.tunnels.append(n)
        return n

    def radius(self, **options):
        """A tunnel whose LNS asks a RADIUS server, configured; nothing runs until .up()."""
        t = RadiusTunnel(self.dir, **options)
        self.tunnels.append(t)
        return t

    def cluster(self, **options):
        """Two LNS, two RADIUS servers, one database, configured; nothing runs until .start()."""
        c = Cluster(self.dir, **options)
        self.tunnels.append(c)
        return c

    def host(self, name):
        """A single host without daemons."""
        h = Host(name, self.dir)
        self.hosts.append(h)
        return h

    def clear(self):
        """End everything; logs and captures stay."""
        for thing in self.tunnels + self.hosts:
            thing.destroy()
        self.tunnels, self.hosts = [], []
