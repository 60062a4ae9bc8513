# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the sabusd that was built, in a directory of its own, and looks at what it leaves behind."""

import os
import shutil
import signal
import subprocess
import tempfile
import time

import wire

BUILD = os.environ.get("top_builddir", os.getcwd())
SABUSD = os.path.join(BUILD, "sabusd")
SABUSCTL = os.path.join(BUILD, "sabusctl")


class Sabusd:
    """Use as a context manager: leaving it stops sabusd and checks that it ended well and no sanitizer had anything to say."""

    def __init__(self, *options, me=True):
        self.top = tempfile.mkdtemp(prefix="sabus-")
        os.chmod(self.top, 0o755)
        self.dir = os.path.join(self.top, "run")
        self.options = ["--foreground", "--dir", self.dir] + list(options)
        if me and os.getuid():
            self.options += ["--publisher-uid", str(os.getuid()), "--session-uid", str(os.getuid())]
        self.log = open(os.path.join(self.top, "log"), "w+")
        self.process = None
        self.clients = []

    def path(self, which):
        return os.path.join(self.dir, which + ".sock")

    def start(self):
        """Returns when it takes connections."""
        self.process = subprocess.Popen([SABUSD] + self.options, stderr=self.log)
        limit = time.monotonic() + 30
        while True:
            try:
                probe = wire.Client(self.path("read"), greet=False)
                probe.send(b"")         # the end, in sabusd's eyes; it counts as a client until then
                probe.expect_end()
                probe.close()
                return self
            except OSError:
                assert self.process.poll() is None, "sabusd ended at once: " + self.said()
                assert time.monotonic() < limit, "sabusd does not take connections: " + self.said()
                time.sleep(0.002)

    def crash(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        """Ends it the polite way; it must be alive and end with 0."""
        assert self.process.poll() is None, "sabusd has ended: %s %s" % (self.process.returncode, self.said())
        self.process.terminate()
        status = self.process.wait(30)
        self.process = None
        assert status == 0, "exit status %d: %s" % (status, self.said())

    def said(self):
        with open(self.log.name) as f:
            return f.read()

    def rss_kib(self):
        with open("/proc/%d/status" % self.process.pid) as f:
            return int(next(line for line in f if line.startswith("VmRSS:")).split()[1])

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        try:
            if self.process and kind:
                self.crash()
            elif self.process:
                self.stop()
            said = self.said()
            assert "Sanitizer" not in said and "runtime error" not in said, said
        finally:
            for client in self.clients:
                client.close()
            self.log.close()
            shutil.rmtree(self.top)

    # ---- connections; kept, because Python closes a socket that nobody refers to ----
    def keep(self, client):
        self.clients.append(client)
        return client

    def publisher(self, **more):
        return self.keep(wire.Publisher(self.path("sa"), **more))

    def reader(self, **more):
        return self.keep(wire.Client(self.path("read"), **more))

    def session(self, **more):
        return self.keep(wire.Client(self.path("session"), "pppd", **more))

    def watcher(self, remote=None, sessions=False, **more):
        return self.keep(wire.Watcher(self.path("read"), remote, sessions, **more))
