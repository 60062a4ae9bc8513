# SPDX-License-Identifier: GPL-2.0-or-later
"""What both ends of a tunnel have: the three daemons, sabusd where it is installed, and a capture of the wire as witness."""

import json
import os
import re
import socket

from agent import settings, system
from agent.system import Daemon, read, run, wait_for
from lib.ppplog import PppLog
from lib.wire import ETHERNET, Packet, frames

SABUS = os.path.exists("/usr/sbin/sabusd")
PCAP = "/var/log/wire.pcap"
PPP_LOG = "/var/log/pppd.log"
CHARON = """\
charon-systemd {
	interfaces_use = %s
}
"""


def listens(path, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_UNIX, kind) as s:
        return s.connect_ex(path) == 0


def need_kernel():
    """The kernel is the host's: what it lacks no container can bring."""
    if not os.path.exists("/dev/ppp"):
        raise SystemExit("agent: /dev/ppp is not there; on the host: modprobe ppp_generic")
    try:
        socket.socket(24, socket.SOCK_STREAM, 1).close()    # AF_PPPOX, PX_PROTO_OL2TP
    except OSError as e:
        raise SystemExit("agent: this kernel has no L2TP for PPP (%s); on the host: modprobe -a l2tp_ppp ppp_mppe esp4 xfrm_user" % e) from None


class End:
    """Configured by conf-templates/ROLE; ADDRESS is its own in the network of the tunnel."""

    def __init__(self, role, address, control, values):
        need_kernel()
        self.control, self.address = control, address
        self.values = dict({
            "LOCAL": address, "PSK": settings.value("PSK"), "PPP_USER": settings.value("PPP_USER"), "PPP_SECRET": settings.value("PPP_SECRET"),
            "IKE_VERSION": settings.value("IKE_VERSION"), "IKE_PROPOSALS": settings.value("IKE_PROPOSALS"),
            "ESP_PROPOSALS": settings.value("ESP_PROPOSALS"), "ENCAP": settings.value("NATT"), "REKEY_TIME": "1h", "PPP_DEBUG": "debug",
        }, **values)
        if SABUS:
            self.values.update({"XL2TPD_PLUGIN": "plugin = sabus"})
        else:
            self.values.update({"PPP_SABUS": "# stock", "PPP_MTU": "mtu 1400\nmru 1400", "CHARON_SABUS": "no"})
        self.role = role
        self.device = system.device_of(address)
        self.charon = Daemon("charon", "/usr/sbin/charon-systemd", ready=lambda: listens("/run/charon.vici"))
        self.xl2tpd = Daemon("xl2tpd", "/usr/sbin/xl2tpd", "-D", "-c", "/etc/xl2tpd/xl2tpd.conf", "-p", "/run/xl2tpd.pid", "-C",
                             "/run/xl2tpd/l2tp-control", ready=lambda: os.path.exists("/run/xl2tpd/l2tp-control"))
        self.sabusd = Daemon("sabusd", "/usr/sbin/sabusd", "--foreground", "--user", "sabus",
                             ready=lambda: listens("/run/sabus/read.sock", socket.SOCK_SEQPACKET))
        self.tcpdump = Daemon("tcpdump", "tcpdump", "-i", self.device, "-n", "-U", "--immediate-mode", "-s", "0", "-Z", "root", "-w", PCAP,
                              ready=lambda: "listening on" in read(self.tcpdump.log))
        self.daemons = {"charon": self.charon, "xl2tpd": self.xl2tpd, "sabusd": self.sabusd}

    def _start(self):
        system.configure(self.role, "/etc", self.values)
        self._configure_more()
        with open("/etc/strongswan.d/rig.conf", "w") as f:
            f.write(CHARON % self.device)
        os.makedirs("/run/xl2tpd", exist_ok=True)
        self.tcpdump.start()
        if SABUS:
            run("/etc/init.d/sabus-guard", "start")
            run("install", "-d", "-o", "sabus", "-g", "sabus", "/run/sabus")
            self.sabusd.start()
        self.start("charon")
        self.xl2tpd.start()

    def _configure_more(self):
        """Of one role only."""

    # -- verbs ------------------------------------------------------------------

    def start(self, name):
        """A daemon that does not run."""
        for stale in {"charon": ("/run/charon.vici",), "xl2tpd": ("/run/xl2tpd.pid", "/run/xl2tpd/l2tp-control")}.get(name, ()):
            if os.path.exists(stale):
                os.unlink(stale)
        self.daemons[name].start()
        if name == "charon":
            run("swanctl", "--load-all", "--noprompt")

    def kill(self, name):
        """A daemon, without a chance to say goodbye."""
        self.daemons[name].kill()

    def running(self):
        return {name: d.running() for name, d in self.daemons.items()}

    def links(self):
        return system.ppp_links()

    def ping(self, *arguments):
        return system.ping(*arguments)

    def psk(self, secret):
        """Another pre-shared key from now on."""
        self.values["PSK"] = secret
        system.configure(self.role, "/etc", self.values)
        self._configure_more()
        run("swanctl", "--load-creds", "--clear", "--noprompt")

    def sas(self):
        """Names, SPIs and suites of the CHILD_SAs, as swanctl has them."""
        out = run("swanctl", "--list-sas").stdout
        return [line.strip() for line in out.splitlines() if re.match(r"  \S+: #\d+, reqid", line)]

    def rekey(self):
        """Done when another CHILD_SA has taken over: swanctl itself does not wait for it."""
        before = {line.split(",")[0] for line in self.sas()}
        run("swanctl", "--rekey", "--child", "l2tp")

        def taken_over():
            now = {line.split(",")[0]: line for line in self.sas()}
            return any(", INSTALLED," in now[number] for number in set(now) - before) and not re.search("REKEYING|DELETING", "".join(now.values()))
        wait_for("another CHILD_SA", taken_over)

    def terminate(self):
        """All IKE_SAs go, with their CHILD_SAs, and the peers are told."""
        run("swanctl", "--terminate", "--ike", "l2tp", check=False)

    def wire(self, since=0):
        """What the wire has seen since its packet SINCE: {"packets": how many so far, kind: how many, "fragments", "largest"}."""
        with open(PCAP, "rb") as f:
            every = [Packet(when, frame[ETHERNET:]) for when, frame in frames(f.read()) if frame[12:14] == b"\x08\x00"]
        new = every[since:]
        seen = {"packets": len(every), "fragments": sum(p.fragment for p in new), "largest": max((p.size for p in new), default=0)}
        seen.update({kind: sum(p.kind == kind for p in new) for kind in ("esp", "l2tp", "ike")})
        return seen

    def pppd(self):
        """What pppd's log says: MPPE, sabus' lines, how it ended."""
        log = PppLog(read(PPP_LOG))
        return {"mppe": log.mppe() or "", "decisions": log.decisions(), "verdict": log.verdict(), "close": log.said("close"), "terminate": log.terminate_reasons()}

    def sabus(self, *words):
        """sabusctl's answer, as data; None without sabus."""
        return json.loads(run("sabusctl", *words, "--json", check=False).stdout) if SABUS else None

    def logs(self):
        """Ends of all logs, for a person."""
        paths = [os.path.join(system.LOGS, n) for n in sorted(os.listdir(system.LOGS))] + [PPP_LOG, "/var/log/charon.log"]
        return {os.path.basename(p): read(p).splitlines()[-15:] for p in paths if read(p)}

    def _wait_link(self, there, seconds):
        """Whether a link is there (or gone) within so many seconds."""
        try:
            wait_for("a link" if there else "the end of the link", lambda: bool(self.links()) == there, seconds)
            return True
        except TimeoutError:
            return False

    def wait_up(self, seconds):
        return self._wait_link(True, seconds)

    def wait_down(self, seconds):
        return self._wait_link(False, seconds)
