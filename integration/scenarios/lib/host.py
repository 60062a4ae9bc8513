# SPDX-License-Identifier: GPL-2.0-or-later
"""A host: network, mount and UTS name space of its own, with private /run, /etc
of the daemons, and /var/log.

A holder process (sleep) keeps the name spaces; everything else enters them by
nsenter, which execs, so a Popen's pid is the daemon's own.  The end of a host is
the end of every process in its mount name space, whoever started it: xl2tpd's
pppds need no book-keeping.  /var/log is the test's result directory.
"""

import os
import re
import shutil
import signal
import subprocess
import time

from lib.wait import PATIENCE, SLOW, wait_for

SETUP = r"""
set -eu
mkdir -p /etc/sabus /etc/ppp /etc/xl2tpd
cp -a /etc/strongswan.d "/tmp/seed.$$"
for d in /run /etc/ppp /etc/xl2tpd /etc/swanctl /etc/sabus /etc/strongswan.d; do
	mount -t tmpfs tmp "$d"
done
mkdir -p /run/lock /run/xl2tpd
for d in conf.d x509 x509ca private pubkey x509aa x509ocsp x509crl rsa ecdsa pkcs8 pkcs12; do
	mkdir "/etc/swanctl/$d"
done
cp -a "/tmp/seed.$$"/. /etc/strongswan.d/
rm -rf "/tmp/seed.$$"
# af-alg asks the kernel for each of its algorithms, each a modprobe: seconds.
# swanctl would load it too: it gets a list of what keys and certificates need.
echo 'af-alg { load = no }' >/etc/strongswan.d/charon/af-alg.conf
echo 'swanctl { load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey }' >/etc/strongswan.d/swanctl.conf
mount --bind "$1" /var/log
mount -t sysfs sys /sys
ip link set lo up
echo ready
exec sleep infinity
"""


class CommandFailed(AssertionError):
    pass


class Daemon:
    """A process that a test started: its Popen, its log, and whether its end is
    expected.  An unexpected end fails the test (see Host.faults)."""

    def __init__(self, name, popen, log):
        self.name, self.popen, self.log = name, popen, log
        self.may_end = False

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        return self.popen.poll() is None


class Host:
    def __init__(self, name, logdir):
        self.name = name
        self.logdir = os.path.join(logdir, name)
        os.makedirs(self.logdir, exist_ok=True)
        self.daemons = {}
        self.address = None
        self.holder = subprocess.Popen(
            ["unshare", "-n", "-m", "-u", "--propagation", "private", "sh", "-c",
             "hostname %s\n%s" % (name, SETUP), "host-" + name, self.logdir],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, universal_newlines=True)
        if self.holder.stdout.readline() != "ready\n":
            raise CommandFailed("host %s: name spaces could not be set up" % name)
        self.mnt = os.readlink("/proc/%d/ns/mnt" % self.holder.pid)
        self.enter = ["nsenter", "-t", str(self.holder.pid), "-n", "-m", "-u", "--"]

    # -- files ---------------------------------------------------------------

    def path(self, path):
        """Where a file of this host can be opened from outside."""
        return "/proc/%d/root%s" % (self.holder.pid, path)

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        with open(self.path(path), "w") as f:
            f.write(text)
        os.chmod(self.path(path), mode)

    def read(self, path):
        """Text of a file of this host, '' when there is none (yet)."""
        try:
            with open(self.path(path), errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    # -- processes -----------------------------------------------------------

    def run(self, cmd, check=True, timeout=30, stdin=None):
        """Run CMD (a list, or shell text) here to its end; a CompletedProcess
        with text.  CHECK: a failure is a failure of the test, with the output.
        TIMEOUT: seconds, times the guest's slowness."""
        argv = ["sh", "-c", cmd] if isinstance(cmd, str) else list(cmd)
        r = subprocess.run(self.enter + argv, input=stdin or "", stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, universal_newlines=True, timeout=timeout * SLOW,
                           errors="replace", check=False)
        if check and r.returncode:
            raise CommandFailed("%s: '%s' exited with %d\n%s%s" % (
                self.name, " ".join(argv), r.returncode, r.stdout, r.stderr))
        return r

    def spawn(self, cmd, name, env=None):
        """Start a daemon; its output goes to NAME.log, appended over restarts."""
        log = os.path.join(self.logdir, name + ".log")
        with open(log, "a") as out:
            p = subprocess.Popen(self.enter + list(cmd), stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.STDOUT, env=dict(os.environ, **(env or {})),
                                 start_new_session=True)
        self.daemons[name] = Daemon(name, p, log)
        return self.daemons[name]

    def kill(self, name, sig=signal.SIGTERM, wait=True, timeout=PATIENCE):
        """Signal a daemon that the test started.  Ending it this way is expected."""
        d = self.daemons[name]
        if sig not in (signal.SIGSTOP, signal.SIGCONT, signal.SIGHUP, signal.SIGUSR1):
            d.may_end = True
        os.kill(d.pid, sig)
        if wait and d.may_end:
            wait_for("%s: end of %s after signal %d" % (self.name, name, sig),
                     lambda: not d.running(), timeout)

    def pids(self, comm=None):
        """Processes of this host, by the name in /proc/PID/comm when given."""
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink("/proc/%s/ns/mnt" % entry) != self.mnt:
                    continue
                with open("/proc/%s/comm" % entry) as f:
                    name = f.read().strip()
            except OSError:
                continue
            if comm is None or name == comm[:15]:
                found.append(int(entry))
        return found

    def signal(self, comm, sig):
        """Signal every process of that name; returns how many there were."""
        pids = self.pids(comm)
        for p in pids:
            os.kill(p, sig)
        return len(pids)

    # -- logs ----------------------------------------------------------------

    def log(self, name):
        return self.read("/var/log/%s.log" % name)

    def wait_log(self, name, regex, timeout=PATIENCE, after=0):
        """Wait for REGEX in NAME.log (from character AFTER on); the match."""
        pattern = re.compile(regex, re.M)
        return wait_for("%s: %r in %s" % (self.name, regex, os.path.join(self.logdir, name + ".log")),
                        lambda: pattern.search(self.log(name), after), timeout)

    # -- network -------------------------------------------------------------

    def ifaddr(self, dev):
        """(local, peer) of DEV's first IPv4 address, None while it has none."""
        r = self.run(["ip", "-4", "-o", "addr", "show", "dev", dev], check=False)
        m = re.search(r"inet ([\d.]+)(?: peer ([\d.]+))?", r.stdout)
        return (m.group(1), m.group(2)) if m else None

    def has_dev(self, dev):
        """Checked from the kernel's list, cheaply: /proc/net of the holder."""
        with open("/proc/%d/net/dev" % self.holder.pid) as f:
            return any(line.split(":")[0].strip() == dev for line in f)

    def mtu(self, dev):
        return int(re.search(r"mtu (\d+)", self.run(["ip", "-o", "link", "show", "dev", dev]).stdout).group(1))

    def udp_bound(self, port):
        """Is a UDP socket bound to PORT here?"""
        with open("/proc/%d/net/udp" % self.holder.pid) as f:
            return any(line.split()[1].endswith(":%04X" % port) for line in list(f)[1:])

    # -- the end -------------------------------------------------------------

    def faults(self):
        """What went wrong here that no assertion of the test looks at."""
        return ["%s: %s ended by itself with %s, log %s" % (self.name, d.name, d.popen.returncode, d.log)
                for d in self.daemons.values() if not d.may_end and not d.running()]

    def destroy(self):
        for sig, patience in ((signal.SIGTERM, 0.5), (signal.SIGKILL, 5)):
            end = time.monotonic() + patience
            others = [p for p in self.pids() if p != self.holder.pid]
            for p in others:
                try:
                    os.kill(p, sig)
                    if sig == signal.SIGTERM:
                        os.kill(p, signal.SIGCONT)
                except ProcessLookupError:
                    pass
            while time.monotonic() < end and len(self.pids()) > 1:
                for d in self.daemons.values():
                    d.popen.poll()
                time.sleep(0.02)
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()
        for d in self.daemons.values():
            d.popen.wait()

    def discard_logs(self):
        shutil.rmtree(self.logdir, ignore_errors=True)


def cable(a, dev_a, addr_a, b, dev_b, addr_b):
    """A cable between two hosts: device and address (with length) on each."""
    subprocess.run(["ip", "link", "add", dev_a, "netns", str(a.holder.pid), "type", "veth", "peer",
                    "name", dev_b, "netns", str(b.holder.pid)], check=True)
    for h, dev, addr in ((a, dev_a, addr_a), (b, dev_b, addr_b)):
        h.run("ip addr add %s dev %s; ip link set %s up" % (addr, dev, dev))


def connect(a, b, dev="e0"):
    """A cable between two hosts: DEV on both, A has .address/24, B too."""
    cable(a, dev, a.address + "/24", b, dev, b.address + "/24")
