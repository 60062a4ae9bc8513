# SPDX-License-Identifier: GPL-2.0-or-later
"""Time from the deletion of an SA to the end of the session over it, on the LNS.

charon is told to delete the CHILD_SA.  The clock starts when the kernel tells that
the SA is gone, and stops when it tells that ppp0 is gone ("session down"), and
when the LNS's pppd is.  The plugin of xl2tpd closes the tunnel; the reference is
the same with stock xl2tpd, where only pppd's plugin sees it, and the tunnel stays."""

import os
import select
import signal
import socket
import struct
import time

from lib.wait import wait_for
from redial import CLONE_NEWNET
from vici import Vici

SECONDS = 900
SESSIONS, OF_STOCK = 60, 15
RELEASE = "1.3.20"
NETLINK_XFRM, GROUP_SA, GROUP_LINK = 6, 1 << 2, 1
DELETED = 17            # XFRM_MSG_DELSA, and RTM_DELLINK
PATIENCE = 15


def listener(host, family, groups):
    """A netlink socket in HOST's network."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    other = os.open("/proc/%d/ns/net" % host.holder.pid, os.O_RDONLY)
    try:
        os.setns(other, CLONE_NEWNET)
        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family)
        s.bind((0, groups))
        s.setblocking(False)
        return s
    finally:
        os.setns(own, CLONE_NEWNET)
        os.close(own)
        os.close(other)


def deletion(s):
    """Has the kernel just told of one?"""
    found = False
    try:
        while True:
            found = struct.unpack_from("=IH", s.recv(65536))[1] == DELETED or found
    except BlockingIOError:
        return found


class Watch:
    """When SA, ppp0 and pppd of HOST end: since the deletion of the SA, in ms."""

    def __init__(self, host):
        pid, = host.pids("pppd")
        self.sources = {"sa": listener(host, NETLINK_XFRM, GROUP_SA), "link": listener(host, socket.NETLINK_ROUTE, GROUP_LINK)}
        self.pppd = os.pidfd_open(pid)
        self.when = {}

    def _see(self, fd):
        now = time.monotonic()
        for name, s in self.sources.items():
            if fd == s.fileno() and deletion(s):
                self.when.setdefault(name, now)
        if fd == self.pppd:
            self.when["pppd"] = now

    def follow(self):
        poll, end = select.poll(), time.monotonic() + PATIENCE
        for fd in [s.fileno() for s in self.sources.values()] + [self.pppd]:
            poll.register(fd, select.POLLIN)
        while len(self.when) < 3:
            if time.monotonic() > end:
                raise RuntimeError("%d s after the command only this had ended: %s" % (PATIENCE, ", ".join(self.when)))
            for fd, _ in poll.poll(200):
                self._see(fd)
                if "pppd" in self.when and fd == self.pppd:
                    poll.unregister(fd)
        return {x: (self.when[x] - self.when["sa"]) * 1e3 for x in ("link", "pppd")}

    def close(self):
        for s in self.sources.values():
            s.close()
        os.close(self.pppd)


def session(t, vici):
    t.ike()
    t.dial()
    t.wait_up()
    watch = Watch(t.lns.host)
    try:
        vici.command("terminate", child="l2tp", loglevel="-1", timeout="-1")
        return watch.follow()
    finally:
        watch.close()


def rest(t):
    """Nothing of the last session is left that the next could meet: a stock xl2tpd, as the client's is, keeps its tunnel."""
    t.wait_down()
    wait_for("the end of all pppds", lambda: not any(e.host.pids("pppd") for e in t.ends.values()), 15)
    for end in t.ends.values():
        if end.xl2tpd.release == "stock":
            end.xl2tpd.stop(signal.SIGKILL)
            end.xl2tpd.start()


def sessions(ctx, n, what, **options):
    t = ctx.tunnel(**options)
    t.start()
    t.wire.stop()
    vici, found = Vici(t.lns.host), []
    for i in range(n):
        found.append(session(t, vici))
        rest(t)
        if i % 10 == 9:
            ctx.say("xl2tpd_down: %s, %d of %d sessions, the last in %.0f ms" % (what, i + 1, n, found[-1]["link"]))
    vici.close()
    ctx.clear()
    return found


def run(ctx):
    stock = sessions(ctx, OF_STOCK, "stock xl2tpd")
    ours = sessions(ctx, SESSIONS, "with the plugin", xl2tpd={"lns": RELEASE, "client": "stock"}, xl2tpd_sabus={"lns": True})
    for what, text in (("link", "SA deleted until ppp0 is gone"), ("pppd", "SA deleted until pppd is gone")):
        a, b = [x[what] for x in ours], [x[what] for x in stock]
        for q, name in ((0.5, "median"), (0.99, "p99")):
            goal = {"goal": "at most 500 ms", "met": ctx.quantile(a, q) <= 500} if what == "link" and q > 0.5 else {}
            yield ctx.row("%s, %s of %d" % (text, name, len(a)), ctx.quantile(a, q), "ms", against="stock xl2tpd, pppd's plugin",
                          reference=ctx.quantile(b, q), min=min(a), max=max(a), all=a, **goal)
