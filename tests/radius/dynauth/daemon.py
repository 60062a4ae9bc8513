# SPDX-License-Identifier: GPL-2.0-or-later
"""The sabus-dynauth that was built, beside the sabusd that was built, with sessions whose pppd the test plays."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import radius
import wire
from sabusd import Sabusd

BUILD = os.environ.get("top_builddir", os.getcwd())
DYNAUTH = os.path.join(BUILD, "sabus-dynauth")
SECRET, OTHER_SECRET = "a secret of 16 octets at least", "another \"secret\" with blanks \\"
CLIENTS = 'client 127.0.0.1 "%s"\nclient ::1 "%s"\n' % (SECRET, SECRET)
USER = [] if os.getuid() else ["--user", "nobody"]


def free_port():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.bind(("::", 0))
        return s.getsockname()[1]


class Dynauth:
    """Use as a context manager: leaving it stops both and checks that they ended well and no sanitizer had anything to say."""

    def __init__(self, config=CLIENTS, bus=True, listen=("127.0.0.1", "::1")):
        self.port = free_port()
        self.dir = tempfile.mkdtemp(prefix="sabus-dynauth-")
        os.chmod(self.dir, 0o755)
        self.config = os.path.join(self.dir, "dynauth.conf")
        with open(os.open(self.config, os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
            f.write(config + "".join("listen %s %d\n" % (address, self.port) for address in listen))
        self.log = open(os.path.join(self.dir, "log"), "w+")
        self.bus = Sabusd(*USER)
        self.start_bus = bus
        self.process, self.askers = None, []

    def __enter__(self):
        if self.start_bus:
            self.bus.start()
        self.start()
        if self.start_bus:
            self.wait_for("sabus: bus-up")
        return self

    def start(self):
        self.process = subprocess.Popen([DYNAUTH, "--config", self.config, "--bus", self.bus.path("session")] + USER, stderr=self.log)
        self.wait_for("sabus: start")

    def stop(self):
        assert self.process.poll() is None, "sabus-dynauth has ended: %s %s" % (self.process.returncode, self.said())
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self.said()
        self.process = None

    def __exit__(self, kind, *_):
        try:
            for asker in self.askers:
                asker.close()
            if kind:
                self.process.kill()
                self.process.wait()
            else:
                self.stop()
            said = self.said()
            assert "Sanitizer" not in said and "runtime error" not in said, said
            if kind:
                print(said)
        finally:
            self.log.close()
            shutil.rmtree(self.dir)
            if self.bus.process:
                self.bus.__exit__(kind)
            else:
                shutil.rmtree(self.bus.top, ignore_errors=True)

    def said(self):
        with open(os.path.join(self.dir, "log")) as f:
            return f.read()

    def wait_for(self, text, times=1, patience=20):
        limit = time.monotonic() + patience
        while self.said().count(text) < times:
            assert time.monotonic() < limit, "%r is not in: %s" % (text, self.said())
            assert self.process.poll() is None, self.said()
            time.sleep(0.005)
        return next(line for line in reversed(self.said().splitlines()) if text in line)

    def asker(self, address="127.0.0.1", secret=SECRET, **more):
        asker = radius.Asker((address, self.port), secret, **more)
        self.askers.append(asker)
        return asker


class Pppd:
    """The session of one pppd; it answers requests when told to."""

    def __init__(self, dynauth, user="alice", ops=wire.TAKES_ALL, remote="198.51.100.7", **more):
        self.values = dict(role=0, up=1, ifname="ppp0", user=user, acct_id="id-" + user, address="10.9.0.5",
                           flow=dict(local_addr="192.0.2.1", local_port=1701, remote_addr=remote, remote_port=1701))
        self.values.update(more)
        self.client = dynauth.bus.session(patience=20)
        self.client.send(wire.session_put(ops, **{k: v for k, v in self.values.items() if v}))
        self.client.answer("203.0.113.9")       # sabusd has read it
        time.sleep(0.05)                        # and dynauth what sabusd told

    def request(self):
        got = self.client.expect(wire.REQUEST)
        self.seq = got.seq
        return got

    def reply(self, err=0, text=""):
        self.client.send(wire.result(self.seq, err, text))

    def obey(self, err=0, text=""):
        got = self.request()
        self.reply(err, text)
        return got

    def is_left_alone(self):
        self.client.answer("203.0.113.9")
        return not [m for m in self.client.pending() if m.type == wire.REQUEST]
