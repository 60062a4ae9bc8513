# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialling the same tunnel again and again on the same SA, with another set of
pppd options each time: what is compared then differs in nothing else.

xl2tpd reads its pppoptfile for each pppd that it starts, so the daemons go on."""

import os
import socket
import struct
import threading
import time

from lib.wait import SLOW, Timeout, wait_for

RTM_NEWADDR, RTMGRP_IPV4_IFADDR, CLONE_NEWNET = 20, 0x10, 0x40000000
FILE = "/etc/ppp/options.xl2tpd"
LOADS_SABUS = "file /etc/ppp/options.sabus"


class Redial:
    """T: a tunnel with sabus on both ends, started, with its SA."""

    def __init__(self, t):
        self.t = t
        self.rendered = {r: e.host.read(FILE) for r, e in t.ends.items()}
        self.events = {r: _address_events(e.host) for r, e in t.ends.items()}

    def configure(self, sabus, lines=(), **more):
        """Options of the next pppds: sabus or stock on both ends, LINES on both,
        lns=... and client=... on one."""
        for r, end in self.t.ends.items():
            text = self.rendered[r]
            assert LOADS_SABUS in text, "%s does not load sabus" % FILE
            if not sabus:
                text = text.replace(LOADS_SABUS, "# stock")
            end.host.write(FILE, text + "".join(x + "\n" for x in list(lines) + list(more.get(r, ()))))

    def up(self, timeout=20):
        """Dial; (time of the dial, of both ends having their address), seconds since
        the epoch.  The dial is a word in xl2tpd's pipe: the SCCRQ follows at once."""
        for s in self.events.values():
            _drain(s)
        pipe = self.t.client.host.path(self.t.client.xl2tpd.CONTROL)
        began = time.time()
        with open(pipe, "w") as f:
            f.write("c vpn")
        done, end = {}, time.monotonic() + timeout * SLOW
        threads = [threading.Thread(target=_await_address, args=(s, end, done, r)) for r, s in self.events.items()]
        for x in threads:
            x.start()
        for x in threads:
            x.join()
        if len(done) < len(threads):
            raise Timeout("no address on ppp0 of %s" % ", ".join(r for r in self.events if r not in done))
        self.t.wait_up()
        return began, max(done.values())

    def down(self):
        """Until the pppds are gone, so that the next dial meets no rest of this one."""
        self.t.down()
        wait_for("the end of all pppds", lambda: not any(e.host.pids("pppd") for e in self.t.ends.values()), 15)

    def _of_pppd(self, file):
        found = {}
        for r, end in self.t.ends.items():
            pid, = end.host.pids("pppd")
            with open("/proc/%d/%s" % (pid, file)) as f:
                found[r] = f.read()
        return found

    def private_kib(self):
        """Memory that only one pppd has, per role."""
        return {r: sum(int(x.split()[1]) for x in text.splitlines() if x.startswith("Private_"))
                for r, text in self._of_pppd("smaps_rollup").items()}

    def cpu_ms(self):
        """Time on the CPU of each pppd so far; its wall time has the machine's other work in it."""
        return {r: int(text.split()[0]) / 1e6 for r, text in self._of_pppd("schedstat").items()}


def _address_events(host):
    """A routing socket in HOST's network that tells of new IPv4 addresses."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    other = os.open("/proc/%d/ns/net" % host.holder.pid, os.O_RDONLY)
    try:
        os.setns(other, CLONE_NEWNET)
        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        s.bind((0, RTMGRP_IPV4_IFADDR))
    finally:
        os.setns(own, CLONE_NEWNET)
        os.close(own)
        os.close(other)
    return s


def _drain(s):
    s.setblocking(False)
    try:
        while s.recv(65536):
            pass
    except BlockingIOError:
        pass


def _await_address(s, end, done, role):
    while time.monotonic() < end:
        s.settimeout(max(0.01, end - time.monotonic()))
        try:
            data = s.recv(65536)
        except TimeoutError:
            return
        if struct.unpack_from("=IH", data)[1] == RTM_NEWADDR:
            done[role] = time.time()
            return


def first_esp(wire, since, until):
    """Time of the first ESP packet on the wire from SINCE on.  The capture is read
    without scapy: it has thousands of packets."""
    with open(wire.path, "rb") as f:
        f.read(24)
        while True:
            head = f.read(16)
            if len(head) < 16:
                return None
            sec, usec, size, _ = struct.unpack("=IIII", head)
            data, when = f.read(size), sec + usec / 1e6
            if since <= when <= until and data[12:14] == b"\x08\x00" and data[23] == 50:
                return when
