# SPDX-License-Identifier: GPL-2.0-or-later
"""AppArmor in a guest whose kernel has it (@pytest.mark.kernel("apparmor")): a profile of Debian's own, in enforce mode.

The kernel has one policy for all hosts of a guest, and takes a program by its path: who is not to be confined there runs a copy from
another place (elsewhere()).  What the kernel says of a profile is in its log."""

import subprocess

FOLDER = "/etc/apparmor.d/"
SUITE = "/opt/suite"        # the newer AppArmor, see riglib/guests.py: its parser and what Debian has it compile for
PARSER = """\
#!/bin/sh
exec %(s)s/usr/lib64/ld-linux-x86-64.so.2 --library-path %(s)s/usr/lib/x86_64-linux-gnu %(s)s/usr/sbin/apparmor_parser "$@"
""" % {"s": SUITE}


def elsewhere(host, program):
    """HOST gets a copy of PROGRAM that comes first in its path, and has no profile."""
    host.run("mount -t tmpfs tmp /usr/local/sbin && cp %s /usr/local/sbin/" % program)


def kernel_said():
    return subprocess.run(["dmesg"], stdout=subprocess.PIPE, text=True, errors="replace", check=True).stdout.splitlines()


class Profile:
    """One profile of Debian's on HOST, which must have a system of its own (packages.own_system())."""

    def __init__(self, host, program, name):
        self.host, self.program, self.path, self.local = host, program, FOLDER + name, FOLDER + "local/" + name
        host.run("mount -t securityfs securityfs /sys/kernel/security")
        host.write("/usr/sbin/apparmor_parser", PARSER, 0o755)
        host.run("cp %(s)s/etc/apparmor/parser.conf /etc/apparmor/; cp %(s)s/usr/share/apparmor-features/features /usr/share/apparmor-features/" % {"s": SUITE})
        # Debian has one of them in complain mode
        host.write(self.path, host.read(self.path).replace("complain,", ""))
        host.write(self.local, "")
        self.load()
        self.begun = len(kernel_said())

    def load(self):
        self.host.run(["apparmor_parser", "-r", "-T", "-W", self.path])

    def unload(self):
        self.host.run(["apparmor_parser", "-R", self.path])

    def confines(self, pid):
        """Is that process under this profile, in enforce mode?"""
        with open("/proc/%d/attr/current" % pid) as f:
            return f.read().strip() == self.program + " (enforce)"

    def forget(self):
        """What was denied until now."""
        self.begun = len(kernel_said())

    def denials(self):
        return [x for x in kernel_said()[self.begun:] if 'apparmor="DENIED"' in x and 'profile="%s"' % self.program in x]
