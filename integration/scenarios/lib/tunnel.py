# SPDX-License-Identifier: GPL-2.0-or-later
"""A voluntary L2TP/IPsec tunnel: hosts 'lns' (10.9.0.1) and 'client' (10.9.0.2),
each with the daemons of its role, configured by conf-templates.

Order of up(): configuration, capture, sabusd, charon, xl2tpd, IKE, dial, wait for
ppp0.  Each step is a method, so a scenario can stop in between or go another way.
"""

import importlib.machinery
import importlib.util
import os
import re
import time

from lib import daemons
from lib.host import Host, connect
from lib.ppplog import PppLog
from lib.wait import PATIENCE, wait_for
from lib.wire import Wire

TEMPLATES = os.environ.get("RIG_TEMPLATES", "/host/conf-templates")
PPP_LNS, PPP_CLIENT = "192.168.50.1", "192.168.50.10"
STOCK_MTU = "mtu 1400\nmru 1400"
ROLES = ("lns", "client")


def _renderer():
    path = os.path.join(TEMPLATES, "render")
    loader = importlib.machinery.SourceFileLoader("render", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("render", loader))
    loader.exec_module(module)
    return module


render = _renderer()


def per_role(value, default=None):
    """An option given once for both roles, or as {'lns': ..., 'client': ...}."""
    if isinstance(value, dict):
        return {r: value.get(r, default) for r in ROLES}
    return {r: value for r in ROLES}


class End:
    """One end of the tunnel: host and daemons."""

    def __init__(self, role, logdir, name=None, xl2tpd="stock"):
        """NAME: of the host, where there are several of one role.  XL2TPD: which release."""
        self.role = role
        self.host = Host(name or role, logdir)
        self.sabusd = daemons.Sabusd(self.host)
        self.charon = daemons.Charon(self.host)
        self.xl2tpd = daemons.Xl2tpd(self.host, xl2tpd)

    def ppp(self):
        return PppLog(self.host.log("pppd"))

    def edit(self, path, old, new):
        """Change a configuration file of this end, before or after it is in use."""
        text = self.host.read(path)
        assert old in text, "%s has no '%s'" % (path, old)
        self.host.write(path, text.replace(old, new))


class Settings:
    """What tunnel() and nat() are told, and the configuration that follows from it:
    see README.md.  'Per role' options take one value for both ends or a dictionary
    {'lns': ..., 'client': ...}."""

    def __init__(self, sabus=True, sabusd=None, charon_sabus=None, guard=None, ike=2,
                 esp="aes256gcm128", natt=False, rekey="0s", psk="sesame", ppp=(), ppp_mtu=None,
                 policy="require", sabus_options=(), values=None, xl2tpd="stock", xl2tpd_sabus=False,
                 xl2tpd_options=(), section_options=(), marks=False, saref=None):
        self.sabus, self.xl2tpd_sabus = per_role(sabus, False), per_role(xl2tpd_sabus, False)
        self.xl2tpd = per_role(xl2tpd, "stock")
        # xl2tpd's plugin needs the bus, and brings guard policies of its own.
        on_bus = {r: self.sabus[r] or self.xl2tpd_sabus[r] for r in ROLES}
        self.run_sabusd = on_bus if sabusd is None else per_role(sabusd, False)
        self.charon_sabus = on_bus if charon_sabus is None else per_role(charon_sabus, False)
        self.guard = {r: self.sabus[r] and not self.xl2tpd_sabus[r] for r in ROLES} if guard is None \
            else per_role(guard, False)
        self.psk, self.ppp, self.policy = per_role(psk, "sesame"), per_role(ppp, ()), per_role(policy, "require")
        self.esp, self.options = per_role(esp, "aes256gcm128"), per_role(sabus_options, ())
        self.xl2tpd_options, self.section_options = per_role(xl2tpd_options, ()), per_role(section_options, ())
        self.ppp_mtu, self.values = per_role(ppp_mtu), per_role(values, {})
        self.ike, self.natt, self.rekey = ike, natt, rekey
        self.marks, self.saref = marks, marks if saref is None else saref

    def _values(self, r):
        """For the templates of role R, all but addresses."""
        v = {"IKE_VERSION": str(self.ike), "ESP_PROPOSALS": self.esp[r], "ENCAP": "yes" if self.natt else "no",
             "REKEY_TIME": self.rekey, "PSK": self.psk[r], "PPP_SECRET": "hello", "PPP_DEBUG": "debug",
             "PPP_MORE": "\n".join(self.ppp[r] or ()), "SABUS_ENCRYPTION": self.policy[r],
             "SABUS_MORE": "\n".join(self.options[r] or ()),
             "IKE_PROPOSALS": "aes256-sha256-x25519",
             "CHARON_SABUS": "yes" if self.charon_sabus[r] else "no",
             "XL2TPD_MORE": "\n".join(self.xl2tpd_options[r] or ()),
             "XL2TPD_SECTION_MORE": "\n".join(self.section_options[r] or ())}
        if self.xl2tpd_sabus[r]:
            v["XL2TPD_PLUGIN"] = "plugin = sabus"
        if r == "lns":
            if self.marks:
                v.update(MARK="%unique", SET_MARK="%same")
            if self.saref:
                v["XL2TPD_SAREF"] = "ipsec saref = mark"
        if not self.sabus[r]:
            v["PPP_SABUS"] = "# stock"
            v["PPP_MTU"] = STOCK_MTU
        if self.ppp_mtu[r] is not None:
            v["PPP_MTU"] = self.ppp_mtu[r]
        return v

    def end(self, role, logdir, address, name=None):
        """A host of this role, not connected yet."""
        end = End(role, logdir, name, self.xl2tpd[role])
        end.host.address = address
        return end

    def configure(self, end, lns):
        """Write END's configuration; LNS: the address of the gateway."""
        r = end.role
        v = dict(self._values(r), LOCAL=end.host.address)
        if r == "client":
            v.update(REMOTE=lns, START_ACTION="none")
        else:
            v.update(REMOTE="%any", PPP_LOCAL=PPP_LNS, PPP_POOL=PPP_CLIENT + "-192.168.50.99")
        v.update(self.values[r] or {})
        render.write(render.render(r, v), end.host.path("/etc"), backup=False)
        if self.guard[r]:
            end.host.run(["ip", "-batch", "/etc/sabus/guard.batch"])


class Tunnel:
    """One LNS and one client, on one cable; options: class Settings."""

    def __init__(self, logdir, **options):
        self.logdir = logdir
        self.began = time.monotonic()
        self.settings = Settings(**options)
        self.sabus, self.run_sabusd, self.guard = self.settings.sabus, self.settings.run_sabusd, self.settings.guard
        self.lns = self.settings.end("lns", logdir, "10.9.0.1")
        self.client = self.settings.end("client", logdir, "10.9.0.2")
        self.ends = {"lns": self.lns, "client": self.client}
        for end in self.ends.values():
            self.settings.configure(end, self.lns.host.address)
        connect(self.lns.host, self.client.host)
        self.wire = Wire(self.lns.host, logdir)

        self.note("configured, capturing")

    # -- steps ---------------------------------------------------------------

    def note(self, what):
        """One line in timeline.log: seconds since the tunnel's construction."""
        with open(os.path.join(self.logdir, "timeline.log"), "a") as f:
            f.write("%7.2f  %s\n" % (time.monotonic() - self.began, what))

    def start(self, charon=True, xl2tpd=True):
        """The daemons of both ends; CHARON, XL2TPD, per role: which to start."""
        charon, xl2tpd = per_role(charon, True), per_role(xl2tpd, True)
        for r, end in self.ends.items():
            if self.run_sabusd[r]:
                end.sabusd.start()
        for r, end in self.ends.items():
            if charon[r]:
                end.charon.start()
                self.note("charon runs on " + r)
        for r, end in self.ends.items():
            if xl2tpd[r]:
                end.xl2tpd.start()
        self.note("daemons run")
        return self

    def ike(self, check=True):
        """IKE and the CHILD_SA, from the client; the CompletedProcess."""
        r = self.client.charon.initiate(check=check)
        self.note("IKE %s" % ("done" if r.returncode == 0 else "failed"))
        return r

    def dial(self):
        self.client.xl2tpd.connect()
        self.note("dialled")

    def is_up(self):
        """Both ends have ppp0 with an address."""
        return all(e.host.has_dev("ppp0") and e.host.ifaddr("ppp0") for e in self.ends.values())

    def wait_up(self, timeout=PATIENCE):
        wait_for("ppp0 with an address on both ends", self.is_up, timeout)
        self.note("ppp0 up")
        return self

    def redial(self):
        """A call after one that has ended, which is not what stock xl2tpd is good at: it may put the call on a tunnel that is
        being closed, and forget it.  So both ends' are new processes, that remember no call; the SA stays, or there is another."""
        for end in self.ends.values():
            end.xl2tpd.renew()
        wait_for("the last call's pppds are gone", lambda: not any(e.host.pids("pppd") for e in self.ends.values()))
        if not self.client.charon.installed():
            self.ike()
        self.dial()

    def wait_down(self, timeout=PATIENCE):
        """Until neither end has a ppp0.  Where one has, the other's xl2tpd may not have seen its pppd's end: stock ones are made to look."""
        def down():
            linked = [e for e in self.ends.values() if e.host.has_dev("ppp0")]
            for end in self.ends.values():
                if linked and end not in linked and end.host.pids("xl2tpd"):
                    end.xl2tpd.look()
            return not linked
        wait_for("no ppp0 on either end", down, timeout, every=0.05)
        self.note("no ppp0")
        return self

    def up(self, timeout=PATIENCE):
        self.start()
        self.ike()
        self.dial()
        return self.wait_up(timeout)

    def down(self):
        """Hang up in order, from the client."""
        self.client.xl2tpd.disconnect()
        return self.wait_down()

    # -- questions -----------------------------------------------------------

    def ping(self, count=3, size=56, interval=0.1, df=False, origin="client", check=True, wait=2):
        """Ping the other end through the tunnel; number of answers.  With CHECK
        every one must come."""
        end = self.ends[origin]
        target = PPP_LNS if origin == "client" else self.lns.host.ifaddr("ppp0")[1]
        r = end.host.run(["ping", "-n", "-c", str(count), "-i", str(interval), "-s", str(size), "-W", str(wait)]
                         + (["-M", "do"] if df else []) + [target], check=False,
                         timeout=60 + count * interval * 2)
        m = re.search(r"(\d+) received", r.stdout)
        received = int(m.group(1)) if m else 0
        if check:
            assert received == count, "ping from %s: %d of %d\n%s%s" % (
                origin, received, count, r.stdout, r.stderr)
        return received

    def mtu(self, role):
        return self.ends[role].host.mtu("ppp0")

    def faults(self):
        return [f for e in self.ends.values() for f in e.host.faults()]

    def destroy(self):
        self.note("test over")
        for e in self.ends.values():
            e.host.destroy()
        self.wire.stop()
        self.note("torn down")
