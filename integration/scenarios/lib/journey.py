# SPDX-License-Identifier: GPL-2.0-or-later
"""A person at a host who follows README.md: see readme.py for what is run."""

import os

from lib import readme

README = "/host/README.md"


class Person:
    """At END (tunnel.End), whose host SYSTEM runs (systemd.Systemd).  What he types and sees is in <host>/journey.log."""

    def __init__(self, end, system):
        self.end, self.system = end, system
        self.log = os.path.join(end.host.logdir, "journey.log")

    def follow(self, name, values=None, check=True, timeout=180):
        """The blocks NAME of README.md; exit status and what was seen.  CHECK: a command that fails is a failure of the test."""
        with open(README) as f:
            text = readme.script(readme.commands(f.read(), name, values))
        done = self.system.run("bash", "-c", "exec 2>&1\n" + text, check=False, timeout=timeout)
        with open(self.log, "a") as f:
            f.write("\n# %s\n%s" % (name, done.stdout))
        assert not check or done.returncode == 0, "%s: %s: status %d\n%s" % (
            self.end.role, name, done.returncode, "\n".join(done.stdout.splitlines()[-30:]))
        return done.returncode, done.stdout
