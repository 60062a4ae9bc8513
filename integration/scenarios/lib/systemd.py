# SPDX-License-Identifier: GPL-2.0-or-later
"""systemd on a host: process 1 of a PID and control group name space of its own, in the host's network, on the host's files.

It boots to rig.target, which wants nothing but what every system has; the rest is started by who needs it.  Its processes have a mount
name space of their own, so the host does not see them as its daemons: stop() ends them all.
"""

import json
import os
import subprocess

from lib.wait import SLOW, wait_for

TARGET = """\
[Unit]
Description=What a scenario needs
Requires=sysinit.target
After=sysinit.target
"""
# of no use without devices and consoles; some take their time
MASKED = ("systemd-udevd.service", "systemd-udev-trigger.service", "systemd-udevd-kernel.socket", "systemd-udevd-control.socket",
          "systemd-binfmt.service", "systemd-hwdb-update.service", "systemd-machine-id-commit.service", "apparmor.service",
          "systemd-modules-load.service", "proc-sys-fs-binfmt_misc.automount", "systemd-timesyncd.service")
BOOT = """\
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount --make-rshared /
exec env -i container=rig PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \\
	/lib/systemd/systemd --system --unit=rig.target --log-target=console --show-status=no
"""


class Systemd:
    def __init__(self, host):
        """HOST must have a system of its own, see packages.own_system()."""
        self.host = host
        host.write("/etc/systemd/system/rig.target", TARGET)
        for unit in MASKED:
            host.run(["ln", "-sf", "/dev/null", "/etc/systemd/system/" + unit])
        with open(os.path.join(host.logdir, "systemd.log"), "w") as log:
            self.proc = subprocess.Popen(host.enter + ["unshare", "-p", "-C", "-i", "--fork", "--kill-child=KILL", "--mount-proc", "sh", "-c", BOOT],
                                         stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.first = wait_for("%s: systemd's first process" % host.name, self._child)
        self.enter = ["nsenter", "-t", str(self.first), "-a", "--"]
        wait_for("%s: systemd has booted" % host.name, lambda: self.show("rig.target", "ActiveState") == "active", 60)

    def _child(self):
        with open("/proc/%d/task/%d/children" % (self.proc.pid, self.proc.pid)) as f:
            return int((f.read().split() or ["0"])[0])

    def run(self, *argv, check=True, timeout=60):
        """A program in there; the CompletedProcess."""
        r = subprocess.run(self.enter + ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"] + list(argv), stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", timeout=timeout * SLOW, check=False)
        assert not check or r.returncode == 0, "%s: '%s' exited with %d\n%s%s%s" % (
            self.host.name, " ".join(argv), r.returncode, r.stdout[-1500:], r.stderr[-1500:], self._journal())
        return r

    def _journal(self):
        return subprocess.run(self.enter + ["journalctl", "--no-pager", "-n", "40"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", check=False).stdout

    def ctl(self, *words, check=True):
        return self.run("systemctl", "--no-pager", *words, check=check)

    def show(self, unit, name):
        """A property of a unit, as text; '' when systemd does not answer."""
        return self.ctl("show", "-P", name, unit, check=False).stdout.strip()

    def pid(self, unit):
        """Main process of a service, as systemd counts them there; 0 while it has none."""
        return int(self.show(unit, "MainPID") or 0)

    def journal(self, unit):
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", unit).stdout

    def entries(self, *matches):
        """The journal's entries that journalctl finds by MATCHES, oldest first: dictionaries of their fields, all that was sent until now among them."""
        self.run("journalctl", "--sync")
        return [json.loads(line) for line in self.run("journalctl", "--no-pager", "-q", "-a", "-o", "json", *matches).stdout.splitlines()]

    def stop(self):
        self.proc.kill()
        self.proc.wait()
