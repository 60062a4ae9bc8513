# SPDX-License-Identifier: GPL-2.0-or-later
"""What the facts of the SA add to an Access-Request, on the host's own kernel: helper process, signature, server with its rules, answer.

The real sabus-radius-client, asked as sabus-radius.so asks it (plugins/radius/worker.h), and the real FreeRADIUS with
the rule `sabus` for a user who needs a confidential SA; requests with all attributes and without them take turns.  pppd's
own part, collecting the facts, is in bench_radius_auth, where everything is slower."""

import os
import select
import socket
import struct
import subprocess
import time

from here import Here
from lib import radius
from lib.tunnel import render

WHERE = "native"
SECONDS = 120
PAIRS, WARM = 400, 20
VERSION, CONFIG, AUTH, ANSWER = 1, 1, 3, 4
PRIVATE, FILE = 0xffffffff, 1
ACCEPT, REJECT = 0, 1


def text(number, value, vendor=0):
    return struct.pack("=IHH", vendor, number, len(value)) + value


def number(kind, value, vendor=0):
    return text(kind, struct.pack("!I", value), vendor)


PLAIN = text(1, b"user") + text(2, b"hello") + number(6, 2) + number(7, 1) + number(5, 0) + number(61, 5)
# What sabus-radius.so adds for a client behind a NAT, with a certificate, over AES-GCM.
FACTS = text(31, b"198.51.100.23:45678") + text(30, b"192.0.2.1") + b"".join(
    number(k, v, 32473) for k, v in ((1, 2), (3, 256), (5, 1), (6, 1), (7, 0), (8, 2), (12, 0xc0ffee01), (13, 0xc0ffee02), (14, 0), (16, 1420), (18, 3))) + b"".join(
    text(k, v, 32473) for k, v in ((2, b"ESP AES_GCM_16-256"), (4, b"AEAD"), (9, b"C=DE, O=Example Organisation, CN=user"), (10, b"pubkey"), (15, b"none"),
                                   (17, b"ok-protected")))


class Helper:
    def __init__(self, ctx, config):
        self.s, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = os.environ["RIG_PREFIX"] + "/usr/libexec/sabus/sabus-radius-client"
        with open(os.path.join(ctx.dir, "helper.log"), "w") as log:
            self.p = subprocess.Popen([program], stdin=theirs, stdout=log, stderr=log)
        theirs.close()
        self.last = 0
        self._say(CONFIG, 0, text(FILE, config.encode(), PRIVATE))
        self._hear()

    def _say(self, op, arg, attributes):
        self.s.send(struct.pack("=BBHIIII", VERSION, op, 0, self.last, arg, 0, len(attributes)) + attributes)

    def _hear(self):
        if not select.select([self.s], [], [], 20)[0]:
            raise RuntimeError("sabus-radius-client is silent")
        data = self.s.recv(65536)
        if not data:
            raise RuntimeError("sabus-radius-client has ended, see helper.log")
        return struct.unpack_from("=BBHIIII", data)

    def ask(self, attributes):
        """(milliseconds, result) of one authentication."""
        self.last += 1
        began = time.perf_counter()
        self._say(AUTH, int(time.monotonic() * 1000 + 10000) & 0xffffffff, attributes)
        while True:
            _, op, _, ident, result, _, _ = self._hear()
            if (op, ident) == (ANSWER, self.last):
                return (time.perf_counter() - began) * 1e3, result


def run(ctx):
    host = Here(ctx.dir)
    data = os.environ["RIG_PREFIX"] + radius.DATA
    helper = None
    try:
        server = radius.Server(ctx.dir, host=host)
        server.configure({"user": {"needs": ("Sabus-Need-Strength := Good",)}, "free": {}}, values={"LISTEN": "127.0.0.1", "DATA": data})
        server.start(debug=False)
        for path, content in render.render("lns-radius", {"DATA": data, "AUTH_SERVERS": "127.0.0.1:1812", "ACCT_SERVERS": "127.0.0.1:1813",
                                                          "SERVERS": "127.0.0.1 " + radius.SECRET}).items():
            host.write(os.path.join("/tmp/lns", path), content.replace("/etc/radcli/", "/tmp/lns/radcli/"), 0o600)
        helper = Helper(ctx, "/tmp/lns/radcli/radiusclient.conf")
        # The same user: rejected without the facts, let in with them; the rule is at work.
        if helper.ask(PLAIN)[1] != REJECT or helper.ask(PLAIN + FACTS)[1] != ACCEPT:
            raise RuntimeError("the server does not decide by the facts")
        free = text(1, b"free") + PLAIN[len(text(1, b"user")):]
        plain, ours = [], []
        for i in range(PAIRS + WARM):
            for facts in ((False, True) if i % 2 else (True, False)):
                took, result = helper.ask(PLAIN + FACTS if facts else free)
                if result != ACCEPT:
                    raise RuntimeError("a request %s facts was answered with %d" % ("with" if facts else "without", result))
                if i >= WARM:
                    (ours if facts else plain).append(took)
        added = ctx.median([b - a for a, b in zip(plain, ours)])
        yield ctx.row("Access-Request to its answer, all attributes", ctx.median(ours), "ms", against="no attribute of ours, no rule", reference=ctx.median(plain),
                      goal="at most +1 ms", met=added <= 1, added=added, p90=ctx.quantile(ours, 0.9), plain_p90=ctx.quantile(plain, 0.9), pairs=PAIRS)
    finally:
        if helper:
            helper.s.close()
            helper.p.wait(20)
        host.clear()
