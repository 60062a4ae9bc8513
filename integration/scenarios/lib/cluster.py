# SPDX-License-Identifier: GPL-2.0-or-later
"""Two LNS with a client each, two FreeRADIUS servers, one PostgreSQL: how it scales out.

  client --- lns  === radius  (PostgreSQL)       each LNS asks its own server first, the other one when that is silent
                 \\/     |
                 /\\     |
  client --- lns  === radius2"""

import os

from lib.host import cable
from lib.radius import Server, on_lns
from lib.tunnel import Tunnel
from lib.wait import wait_for

# (LNS, server): the third number of the cable's addresses
NETS = {(0, 0): 0, (0, 1): 2, (1, 0): 1, (1, 1): 3}
DATABASE_NET = 9


class Cluster:
    """NEEDS, REPLY: of the user 'user'.  .tunnels, .servers: two of each."""

    def __init__(self, logdir, needs=(), reply=(), **options):
        first = Server(logdir, "radius", db="postgresql")
        second = Server(logdir, "radius2", db=first.db)
        self.servers = [first, second]
        cable(first.host, "db", "10.7.%d.1/24" % DATABASE_NET, second.host, "db", "10.7.%d.2/24" % DATABASE_NET)
        second.db_address = "10.7.%d.1" % DATABASE_NET
        ppp = {"lns": ("file /etc/ppp/options.radius",)}
        self.tunnels = [Tunnel(os.path.join(logdir, name), ppp=ppp, **options) for name in ("one", "two")]
        for (t, s), net in NETS.items():
            self.servers[s].join(self.tunnels[t].lns.host, net, "e%d" % (s + 1))
        for server in self.servers:
            server.configure({"user": {"needs": needs, "reply": reply}})
        for number, t in enumerate(self.tunnels):
            order = [NETS[number, number], NETS[number, 1 - number]]
            on_lns(t.lns, "sabus", ["10.7.%d.1" % net for net in order], {}, "lns%d" % (number + 1))
        self.db = first.db
        self.ends = {"%s%d" % (r, n + 1): e for n, t in enumerate(self.tunnels) for r, e in t.ends.items()}
        self.wire = self.tunnels[0].wire

    def start(self):
        for s in self.servers:
            s.start()
        for t in self.tunnels:
            t.start()
            t.ike()
        return self

    def sessions(self, what="acctstoptime IS NULL"):
        return self.db.query("SELECT * FROM radacct WHERE %s ORDER BY radacctid" % what)

    def wait_sessions(self, count, what="acctstoptime IS NULL"):
        found = []

        def there():
            found[:] = self.sessions(what)
            return len(found) == count
        wait_for("%d sessions where %s" % (count, what), there, every=0.2)
        return found

    def faults(self):
        return [f for x in self.tunnels + self.servers for f in x.faults()] + \
            ["clear-text L2TP on the wire, see " + t.wire.path for t in self.tunnels if t.wire.clear_l2tp()]

    def destroy(self):
        for x in self.tunnels + self.servers:
            x.destroy()
