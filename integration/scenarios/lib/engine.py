# SPDX-License-Identifier: GPL-2.0-or-later
"""Docker's engine in a guest, on the disk with the built images (riglib/engine.py), and 'docker compose' on integration/compose.

The engine starts with the first test of a guest that wants it and goes on; each test has its containers and networks for itself and takes
them away.  The witness beside the judge's own report is a capture of the bridge that LNS and clients are on, made outside all containers.
"""

import json
import os
import re
import subprocess

from lib import readme
from lib.wait import SLOW, wait_for
from lib.wire import Wire

FOLDER = "/host/compose"
DISKS = ("/dev/ubdb", "/dev/vdb", "/host/engine.img")
STORE = "/var/lib/engine"
MODULES = "overlay bridge br_netfilter veth iptable_nat iptable_filter xt_addrtype xt_conntrack xt_MASQUERADE xt_nat xt_tcpudp nf_conntrack ip_tables".split()
ENVIRONMENT = {"DOCKER_HOST": "unix:///run/docker.sock", "COMPOSE_ANSI": "never", "HOME": "/root", "PATH": os.environ["PATH"]}
_daemon = None


def mount():
    """The disk at STORE."""
    if os.path.ismount(STORE):
        return
    os.makedirs(STORE, exist_ok=True)
    disk = next((d for d in DISKS if os.path.exists(d)), None)
    assert disk, "no disk with the images: the rig gives one to guests that run the group 'compose'"
    subprocess.run(["mount", disk, STORE], check=True)


def ready():
    """A kernel that an engine can use."""
    mount()
    for m in MODULES:
        subprocess.run(["modprobe", "-q", m], check=False)
    with open("/proc/sys/net/ipv4/ip_forward", "w") as f:
        f.write("1\n")


def start():
    """dockerd, once in a guest."""
    global _daemon
    if _daemon:
        return
    ready()
    os.makedirs("/var/lib/docker", exist_ok=True)
    subprocess.run(["mount", "--bind", STORE + "/docker", "/var/lib/docker"], check=True)
    with open("/var/log/dockerd.log", "w") as log:
        _daemon = subprocess.Popen(["dockerd", "--ip6tables=false", "--exec-root", "/run/docker-exec", "-p", "/run/docker.pid"],
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT)
    wait_for("dockerd answers", lambda: docker("version", check=False).returncode == 0, 60, every=0.3)


def start_podman():
    """podman needs no daemon; what Debian's packages alone do not say: UML has no nftables, there is no systemd, and 'init' is tini."""
    ready()
    if os.path.ismount("/var/lib/containers"):
        return
    os.makedirs("/var/lib/containers", exist_ok=True)
    subprocess.run(["mount", "--bind", STORE + "/podman", "/var/lib/containers"], check=True)
    os.makedirs("/etc/containers/containers.conf.d", exist_ok=True)
    with open("/etc/containers/containers.conf.d/rig.conf", "w") as f:
        f.write('[containers]\ninit_path = "/usr/bin/tini-static"\nlog_driver = "k8s-file"\n[network]\nfirewall_driver = "iptables"\n'
                '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n')


def podman_compose(*words, timeout=560):
    """The CompletedProcess; errors are in its output."""
    return subprocess.run(["podman-compose"] + list(words), cwd=FOLDER, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=timeout * SLOW, check=False)


def follow(commands, folder, log):
    """A README's commands (lib/readme.py), as they are typed in FOLDER: their output, which LOG keeps.  Each of them must succeed."""
    start()
    done = subprocess.run(["bash", "-c", readme.script(commands)], cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=500 * SLOW, check=False)
    with open(log, "w") as f:
        f.write(done.stdout)
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def docker(*words, check=True, env=None, timeout=60):
    r = subprocess.run(["docker"] + list(words), cwd=FOLDER, env=dict(ENVIRONMENT, **(env or {})), stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", timeout=timeout * SLOW, check=False)
    assert not check or r.returncode == 0, "docker %s: %d\n%s%s" % (" ".join(words), r.returncode, r.stdout[-2000:], r.stderr[-2000:])
    return r


class Guest:
    """What Wire wants of a host: the guest itself."""
    name, enter = "guest", []


class Run:
    """One 'docker compose --profile PROFILE up', from nothing to nothing.  VALUES: variables of .env."""

    def __init__(self, profile, logdir, **values):
        self.profile, self.env, self.logdir = profile, values, logdir
        start()
        self.compose("create", timeout=120)
        bridge = "br-" + json.loads(docker("network", "inspect", "sabus-rig_outside").stdout)[0]["Id"][:12]
        self.wire = Wire(Guest, logdir, bridge)
        self.code, self.report = None, ""

    def compose(self, *words, check=True, timeout=60):
        return docker("compose", "--profile", self.profile, *words, check=check, env=self.env, timeout=timeout)

    def up(self, timeout=560):
        """The README's own command; its report and its exit code are kept."""
        r = self.compose("up", "--exit-code-from", self.profile, check=False, timeout=timeout)
        self.code, self.report = r.returncode, re.sub(r"^(\x1b\[2K)?%s(-1)? +\| ?" % self.profile, "", r.stdout, flags=re.M)
        with open(os.path.join(self.logdir, "report.log"), "w") as f:
            f.write(r.stdout + "\n---\n" + r.stderr)
        return self

    def checks(self):
        """({what: evidence} that holds, the same of what does not)"""
        found = {"ok": {}, "NOT": {}}
        for verdict, what, seen in re.findall(r"^  (ok|NOT) +(.*)\n {8}(.*)$", self.report, re.M):
            found[verdict].setdefault(what, seen)
        return found["ok"], found["NOT"]

    def logs(self):
        with open(os.path.join(self.logdir, "containers.log"), "w") as f:
            f.write(self.compose("logs", "--no-color", check=False).stdout)

    def down(self):
        self.logs()
        self.wire.stop()
        self.compose("down", "-v", "-t", "1", check=False, timeout=120)
