# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemons, each bound to a host: start, wait until it can be used, ask it."""

import os
import re
import signal
import socket
import time

from lib import sanitize
from lib.wait import SLOW, wait_for


def _accepts(host, path, kind=socket.SOCK_STREAM):
    """Does somebody listen on this Unix socket of HOST?"""
    s = socket.socket(socket.AF_UNIX, kind)
    try:
        s.connect(host.path(path))
        return True
    except OSError:
        return False
    finally:
        s.close()


class Sabusd:
    def __init__(self, host):
        self.host = host

    def start(self, *options):
        """OPTIONS: words for sabusd's command line."""
        self.host.spawn(["sabusd", "--foreground"] + list(options), "sabusd", sanitize.environment())
        wait_for("%s: sabusd's sockets" % self.host.name,
                 lambda: _accepts(self.host, "/run/sabus/read.sock", socket.SOCK_SEQPACKET))

    def stop(self, sig=signal.SIGTERM):
        self.host.kill("sabusd", sig)

    def pause(self):
        self.host.kill("sabusd", signal.SIGSTOP)

    def resume(self):
        self.host.kill("sabusd", signal.SIGCONT)

    def status(self):
        """sabusctl status --json as a dictionary."""
        import json
        return json.loads(self.host.run(["sabusctl", "status", "--json"]).stdout)


class Charon:
    def __init__(self, host):
        self.host, self.program = host, "charon-systemd"

    def start(self):
        vici = self.host.path("/run/charon.vici")
        if os.path.exists(vici):
            os.unlink(vici)  # left by one that was killed
        self.host.spawn([self.program], "charon-out", sanitize.environment())
        wait_for("%s: charon's control socket" % self.host.name,
                 lambda: _accepts(self.host, "/run/charon.vici"))
        self.load()

    def stop(self, sig=signal.SIGTERM):
        self.host.kill("charon-out", sig)

    def settle(self):
        """Until no exchange is under way: charon that is told to end (stop()) within one
        sends no DELETE.  A new address (ppp0's) starts one (MOBIKE) after 0.1 s."""
        time.sleep(0.3 * SLOW)
        wait_for("%s: charon's exchanges are over" % self.host.name,
                 lambda: not any(ike.get("tasks-active") or ike.get("tasks-queued") for ike in self.sas()), 30)

    def load(self):
        return self.host.run(["swanctl", "--load-all", "--noprompt"])

    def initiate(self, child="l2tp", check=True, timeout=15):
        return self.host.run(["swanctl", "--initiate", "--child", child, "--timeout", str(timeout)],
                             check=check, timeout=timeout * 2 + 10)

    def terminate(self, child=None, ike=None, child_id=None, force=False, check=True):
        return self.host.run(["swanctl", "--terminate"] + self._select(child, ike, child_id)
                             + (["--force"] if force else []), check=check)

    def rekey(self, child=None, ike=None, child_id=None, reauth=False):
        return self.host.run(["swanctl", "--rekey"] + self._select(child, ike, child_id)
                             + (["--reauth"] if reauth else []))

    @staticmethod
    def _select(child, ike, child_id):
        if child_id is not None:
            return ["--child-id", str(child_id)]
        return ["--ike", ike] if ike else ["--child", child or "l2tp"]

    def sas(self):
        """List of IKE_SAs, each a dictionary of swanctl's own keys (values are
        strings), with child SAs as a list under 'children'."""
        out = self.host.run(["swanctl", "--list-sas", "--raw"]).stdout
        sas = []
        for line in out.splitlines():
            m = re.match(r"list-sa event (\{.*\})\s*$", line)
            if not m:
                continue
            for name, ike in _parse_raw(m.group(1)).items():
                children = list(ike.pop("child-sas", {}).values())
                sas.append(dict(ike, name=name, children=children))
        return sas

    def children(self):
        """All CHILD_SAs, whichever IKE_SA they belong to."""
        return [c for ike in self.sas() for c in ike["children"]]

    def installed(self):
        return [c for c in self.children() if c.get("state") == "INSTALLED"]


def _parse_raw(text):
    """swanctl --raw: {key=value key {...} key=[a b]} to a dictionary."""
    tokens = re.findall(r"\{|\}|\[[^\]]*\]|[^\s{}=\[\]]+=(?:\[[^\]]*\]|[^\s{}]*)|[^\s{}]+", text)
    pos = 0

    def section():
        nonlocal pos
        result = {}
        while pos < len(tokens) and tokens[pos] != "}":
            token = tokens[pos]
            pos += 1
            if pos < len(tokens) and tokens[pos] == "{":
                pos += 1
                result[token] = section()
                pos += 1
            elif "=" in token:
                key, _, value = token.partition("=")
                result[key] = value[1:-1].split() if value.startswith("[") else value
        return result

    pos = 1
    return section()


class Xl2tpd:
    """RELEASE: 'stock' is Debian's package; '1.3.18', '1.3.20' are with our patches,
    '1.3.20-stock' is without (riglib/xl2tpd.py builds them)."""

    CONTROL = "/run/xl2tpd/l2tp-control"

    def __init__(self, host, release="stock"):
        self.host, self.release = host, release

    def program(self, name="xl2tpd"):
        if self.release == "stock":
            return name
        path = "/opt/xl2tpd-%s/sbin/%s" % (self.release, name)
        if not os.path.exists(path):
            raise FileNotFoundError("%s: not in this build; patches/xl2tpd has no series for it?" % path)
        return path

    def start(self):
        for stale in ("/run/xl2tpd.pid", self.CONTROL):
            if os.path.exists(self.host.path(stale)):
                os.unlink(self.host.path(stale))
        daemon = self.host.spawn([self.program(), "-D", "-c", "/etc/xl2tpd/xl2tpd.conf", "-p", "/run/xl2tpd.pid",
                                  "-C", self.CONTROL], "xl2tpd", sanitize.environment())
        wait_for("%s: xl2tpd on UDP 1701" % self.host.name, lambda: not daemon.running() or
                 os.path.exists(self.host.path(self.CONTROL)) and self.host.udp_bound(1701))
        assert daemon.running(), "%s: xl2tpd did not start\n%s" % (self.host.name, self.host.log("xl2tpd")[-2000:])

    def stop(self, sig=signal.SIGTERM):
        """Stock xl2tpd may sleep over a SIGTERM as over a SIGCHLD (saw_exit()): it is woken after a second."""
        daemon, since = self.host.daemons["xl2tpd"], time.monotonic()
        self.host.kill("xl2tpd", sig, wait=False)

        def ended():
            if daemon.running() and time.monotonic() - since > SLOW:
                self.look()
            return not daemon.running()
        wait_for("%s: end of xl2tpd after signal %d" % (self.host.name, sig), ended, every=0.05)

    def renew(self):
        """Another process, which remembers no call."""
        self.stop(signal.SIGKILL)
        self.start()

    def control(self, *words):
        """xl2tpd-control; with a short wait of its own for the answer."""
        return self.host.run([self.program("xl2tpd-control"), "-c", self.CONTROL] + list(words), check=False)

    def saw_exit(self, status):
        """Has xl2tpd seen a pppd end with STATUS?  Stock xl2tpd looks for ended ones just
        before select(), and a SIGCHLD in between waits for the next packet: a command makes
        it look.  The patched one needs none."""
        if re.search(r"pppd exited for call \d+ with code %s\b" % status, self.host.log("xl2tpd")):
            return True
        self.look()
        return False

    def look(self):
        """Makes stock xl2tpd look for pppds that have ended (saw_exit())."""
        if self.release.endswith("stock"):
            self.control("available")

    def wait_exit(self, status):
        wait_for("%s: xl2tpd saw a pppd exit with %s" % (self.host.name, status),
                 lambda: self.saw_exit(status), every=0.2)

    def connect(self, lac="vpn"):
        return self.control("connect-lac", lac)

    def disconnect(self, lac="vpn"):
        return self.control("disconnect-lac", lac)
