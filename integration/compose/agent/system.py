# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs and daemons of a container, waiting, interfaces."""

import importlib.machinery
import importlib.util
import json
import os
import signal
import subprocess
import time

LOGS = "/var/log/rig"
TEMPLATES = "/usr/share/sabus-rig/conf-templates"


def run(*argv, check=True, timeout=60, stdin=None):
    """A program to its end; its output in .stdout, errors too."""
    done = subprocess.run(list(argv), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          timeout=timeout, check=False, **({} if stdin else {"stdin": subprocess.DEVNULL}))
    if check and done.returncode:
        raise RuntimeError("'%s' exited with %d: %s" % (" ".join(argv), done.returncode, done.stdout.strip()[-600:]))
    return done


def wait_for(what, condition, seconds=30.0, every=0.1):
    """The condition's value once it is true; after SECONDS the error says WHAT did not happen."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("waited %g s in vain for %s" % (seconds, what))
        time.sleep(every)


def read(path):
    try:
        with open(path, errors="replace") as f:
            return f.read()
    except FileNotFoundError:
        return ""


class Daemon:
    """A daemon in the foreground, its output in LOGS/NAME.log."""

    def __init__(self, name, *argv, ready=None):
        """READY: a condition for 'it can be used'."""
        os.makedirs(LOGS, exist_ok=True)
        self.name, self.argv, self.ready = name, argv, ready
        self.log = os.path.join(LOGS, name + ".log")
        self.proc = None

    def start(self):
        with open(self.log, "a") as log:
            self.proc = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        if self.ready:
            wait_for(self.name, lambda: not self.running() or self.ready())
        if not self.running():
            raise RuntimeError("%s ended with %s: %s" % (self.name, self.proc.returncode, read(self.log)[-800:]))
        return self

    def running(self):
        return self.proc is not None and self.proc.poll() is None

    def kill(self, sig=signal.SIGKILL):
        self.proc.send_signal(sig)
        self.proc.wait()


def render_module():
    """conf-templates/render, a program without the ending .py."""
    path = os.path.join(TEMPLATES, "render")
    loader = importlib.machinery.SourceFileLoader("render", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("render", loader))
    loader.exec_module(module)
    return module


render = render_module()


def configure(role, dest, values):
    """conf-templates/ROLE into DEST, with its links."""
    render.write(render.render(role, values), dest, backup=False)
    render.link(render.links(role), dest)


def device_of(address):
    """Name of the interface that has ADDRESS."""
    for link in json.loads(run("ip", "-j", "-4", "addr").stdout):
        if any(a["local"] == address for a in link["addr_info"]):
            return link["ifname"]
    raise RuntimeError("no interface has the address %s" % address)


def ppp_links():
    """{ppp0: {"local", "peer", "mtu"}} of the links that are up."""
    found = {}
    for link in json.loads(run("ip", "-j", "-4", "addr").stdout):
        if link.get("ifname", "").startswith("ppp") and link["addr_info"]:
            a = link["addr_info"][0]
            found[link["ifname"]] = {"local": a["local"], "peer": a.get("address", ""), "mtu": link["mtu"]}
    return found


def ping(target, count, size=56, whole=False):
    """Answers to COUNT pings; WHOLE: nobody on the way may fragment them."""
    out = run("ping", "-n", "-c", str(count), "-i", "0.2", "-W", "2", "-s", str(size), *(["-M", "do"] if whole else []), target, check=False,
              timeout=60 + count).stdout
    return next((int(w) for line in out.splitlines() if " received" in line for w in [line.split(", ")[1].split()[0]]), 0)
