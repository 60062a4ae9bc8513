# SPDX-License-Identifier: GPL-2.0-or-later
"""A native measurement's own name spaces as a 'host', for what the scenarios' libraries start on one.  What it changes
below /etc and /var is mounted first, as the root is everybody's."""

import os
import re
import subprocess

from lib.wait import wait_for


class Here:
    name, address = "here", "127.0.0.1"

    def __init__(self, logdir):
        self.logdir, self.daemons = logdir, {}

    def path(self, path):
        return path

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)

    def read(self, path):
        try:
            with open(path, errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def run(self, cmd, check=True, timeout=60, stdin=None):
        argv = ["sh", "-c", cmd] if isinstance(cmd, str) else list(cmd)
        r = subprocess.run(argv, input=stdin or "", stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, timeout=timeout,
                           errors="replace", check=False)
        if check and r.returncode:
            raise RuntimeError("'%s' exited with %d\n%s%s" % (" ".join(argv), r.returncode, r.stdout, r.stderr))
        return r

    def spawn(self, cmd, name, env=None):
        with open(os.path.join(self.logdir, name + ".log"), "a") as out:
            p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=dict(os.environ, **(env or {})))
        self.daemons[name] = p
        p.running = lambda: p.poll() is None
        return p

    def kill(self, name, sig=15):
        p = self.daemons.pop(name)
        p.send_signal(sig)
        p.wait(30)

    def log(self, name):
        return self.read(os.path.join(self.logdir, name + ".log"))

    def wait_log(self, name, regex, timeout=20, after=0):
        return wait_for("%r in %s.log" % (regex, name), lambda: re.compile(regex, re.M).search(self.log(name), after), timeout)

    def clear(self):
        for name in list(self.daemons):
            self.kill(name, 9)
