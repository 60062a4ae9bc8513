# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of sabusctl doctor on a host that runs, of xl2tpd and of the host itself: lib/traps.py says what is proven of each.

What is broken, is broken for real; where a guest cannot have it, the trap says so."""

import json
import os
import re

import pytest

import test_doctor
import test_doctor_checks
from lib.doctor import assert_well
from lib.traps import XL2TPD, assert_refused, change, check_of, family, good, prove_all
from lib.wait import wait_for

# by the kernel's policies and the bus
ELSEWHERE = {"clear-l2tp": test_doctor.test_doctor_guard, "guard": test_doctor.test_doctor_guard, "bus": test_doctor.test_doctor_bus}
DAEMON, HOST = {}, {}
FAMILIES = {"xl2tpd": DAEMON, "host": HOST}


# -- xl2tpd ------------------------------------------------------------------------------

@family(DAEMON)
def userspace(t):
    """L2TP leaves the kernel, and pppd refuses what it cannot judge."""
    change(t.lns.host, XL2TPD, "[global]\n", "[global]\nforce userspace = yes\n")
    finding = yield XL2TPD + r":\d+: 'force userspace = yes': L2TP is not in the kernel"
    assert_refused(t, "tunnel-unknown")
    assert "take the line out" in finding["remedy"]
    change(t.lns.host, XL2TPD, "force userspace = yes\n", "")


# Tunnels of the kernel, made as xl2tpd makes them: connect() of a PPPoL2TP socket over one of UDP.  They last as long as it runs.
TUNNELS = r"""
import ctypes, os, resource, socket, struct, time
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
libc, kept = ctypes.CDLL(None, use_errno=True), []
for i in range(1, 1001):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 20000 + i))
    s = socket.socket(24, socket.SOCK_DGRAM, 1)     # PF_PPPOX, PX_PROTO_OL2TP
    where = struct.pack("=HIiiH2s4s8sHHHH", 24, 1, 0, udp.fileno(), socket.AF_INET, struct.pack("!H", 9), socket.inet_aton("127.0.0.1"), b"", i, 0, i, 0)
    if libc.connect(s.fileno(), where, len(where)):
        raise OSError(ctypes.get_errno(), "tunnel %d: %s" % (i, os.strerror(ctypes.get_errno())))
    kept += [udp, s]
print("ready", flush=True)
time.sleep(3600)
"""


@family(DAEMON)
def xl2tpd_limit(t):
    """A thousand tunnels of the kernel beside a stock xl2tpd, held by a process of ours: with that many of its own it would be what the finding says."""
    t.lns.host.spawn(["python3", "-c", TUNNELS], "tunnels")
    t.lns.host.wait_log("tunnels", "ready", timeout=20)
    finding = yield "1000 tunnels, and /usr/sbin/xl2tpd is a stock one"
    assert "put fewer tunnels on this host" in finding["remedy"]
    t.lns.host.kill("tunnels")
    wait_for("the tunnels are gone", lambda: "TUNNEL '" not in t.lns.host.run(["cat", "/proc/net/pppol2tp"]).stdout, 60)


# -- the host ----------------------------------------------------------------------------

@family(HOST)
def secrets(t):
    """Anybody can read it, until chmod."""
    anybody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "cat", "/etc/ppp/chap-secrets"]
    t.lns.host.run("chmod 644 /etc/ppp/chap-secrets")
    finding = yield "/etc/ppp/chap-secrets: mode 0644, so everybody on this host may read it"
    assert "hello" in t.lns.host.run(anybody).stdout
    assert "chmod 600" in finding["remedy"]
    t.lns.host.run("chmod 600 /etc/ppp/chap-secrets")
    assert t.lns.host.run(anybody, check=False).returncode != 0


@family(HOST)
def boot(t):
    t.lns.host.run("systemctl disable sabus-guard")
    finding = yield XL2TPD + r":\d+: \[lns default\] is there from the next boot on, the guard is not"
    assert "systemctl enable sabus-guard" in finding["remedy"]
    t.lns.host.run("systemctl enable sabus-guard")


@family(HOST)
def blacklist(t):
    """As RHEL has it; kmod reads it, too."""
    conf = "/etc/modprobe.d/l2tp_ppp-blacklist.conf"
    t.lns.host.write(conf, "# Remove the blacklist by adding a comment # at the start of the line.\nblacklist l2tp_ppp\n")
    finding = yield conf + ":2: 'blacklist l2tp_ppp' keeps the kernel from loading l2tp_ppp by itself"
    assert "blacklist l2tp_ppp" in t.lns.host.run(["modprobe", "-c"]).stdout
    assert "take the line out" in finding["remedy"]
    t.lns.host.write(conf, "# blacklist l2tp_ppp\n")


@family(HOST)
def modules(t):
    """The host's own view of the kernel's modules, without one.  (The guest's kernel may have loaded it for others: /proc/modules is a copy.)"""
    h, folder = t.lns.host, "/usr/lib/modules/" + os.uname().release
    lists = ("modules.dep", "modules.builtin")
    if not h.read(folder + "/modules.dep"):     # a guest on the machine's own kernel
        h.run("mkdir -p %s && touch %s/modules.builtin && printf 'kernel/%%s.ko:\\n' l2tp_ppp ppp_mppe esp4 xfrm_user >%s/modules.dep" % (folder, folder, folder))
        assert_well(t.lns)
    before = {name: h.read(folder + "/" + name) for name in lists}
    h.write("/run/modules", "".join(x for x in h.read("/proc/modules").splitlines(True) if not x.startswith("ppp_mppe ")))
    h.run("mount --bind /run/modules /proc/modules; rm -f %s/modules.*.bin" % folder)
    for name in lists:
        h.write(folder + "/" + name, "".join(x for x in before[name].splitlines(True) if "/ppp_mppe.ko" not in x.split(":")[0]))
    finding = yield "the running kernel %s has no module ppp_mppe" % re.escape(os.uname().release)
    assert h.run(["modprobe", "-n", "ppp_mppe"], check=False).returncode != 0
    assert "install all modules of the kernel" in finding["remedy"]
    for name in lists:
        h.write(folder + "/" + name, before[name])
    h.run("umount /proc/modules")


PROFILE, LOCAL = "/etc/apparmor.d/usr.sbin.charon-systemd", "/etc/apparmor.d/local/usr.sbin.charon-systemd"


@family(HOST)
def apparmor(t):
    """Debian's own profile, not in complain mode.  Not real: that the kernel has AppArmor; package_apparmor has one that has."""
    h = t.lns.host
    h.run("mount -t tmpfs tmp /sys/module && mkdir -p /sys/module/apparmor/parameters && echo Y >/sys/module/apparmor/parameters/enabled")
    assert_well(t.lns)
    change(h, PROFILE, "flags=(complain,attach_disconnected)", "flags=(attach_disconnected)")
    finding = yield "%s does not let charon reach the bus, and %s does not add it" % (PROFILE, LOCAL)
    line = re.search(r"'(include [^']*)' into the local/ file", finding["remedy"])[1]
    h.write(LOCAL, h.read(LOCAL) + line + "\n")


@family(HOST)
def denied(t):
    """Lines that a kernel has said.  Not real: that this one says them; package_apparmor has one that does."""
    stamp = 'kernel: audit: type=1400 audit(1795991475.756:10): apparmor='
    t.lns.host.write("/var/log/kern.log", stamp + '"DENIED" operation="connect" class="file" profile="/usr/sbin/charon-systemd" '
                     'name="/run/sabus/sa.sock" pid=503 comm="charon-systemd" requested_mask="wr" denied_mask="wr" fsuid=0 ouid=0\n')
    finding = yield '/var/log/kern.log: .*operation="connect".*/run/sabus/sa.sock'
    assert "load the policy anew (apparmor_parser -r)" in finding["remedy"]
    t.lns.host.write("/var/log/kern.log", t.lns.host.read("/var/log/kern.log") + stamp +
                     '"STATUS" operation="profile_replace" profile="unconfined" name="/usr/sbin/charon-systemd" pid=403 comm="apparmor_parser"\n')


@family(HOST)
def libreswan(t):
    """Debian's own pluto, and a connection as its users write it."""
    h = t.lns.host
    h.run("mkdir -p /usr/libexec/ipsec && cp -a /opt/libreswan/usr/libexec/ipsec/pluto /usr/libexec/ipsec/")
    assert "Libreswan" in h.run(["/usr/libexec/ipsec/pluto", "--version"]).stdout
    assert_well(t.lns)
    h.write("/etc/ipsec.conf", "config setup\nconn l2tp\n\tkeyexchange=ikev1\n\ttype=transport\n\tauthby=secret\n\tleft=10.9.0.1\n\tleftprotoport=17/1701\n"
            "\tright=%any\n\trightprotoport=17/%any\n\tike=aes256-sha2_256;modp2048\n\tesp=aes256-sha2_256\n\tauto=add\n")
    finding = yield "/etc/ipsec.conf:7: leftprotoport=17/1701: conn l2tp is run by /usr/libexec/ipsec/pluto"
    assert "conf-templates/migrate shows how" in finding["remedy"]
    h.run("rm /etc/ipsec.conf /usr/libexec/ipsec/pluto")


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.seconds(150)
def test_doctor_checks_host(tunnel, name):
    """Each check of the family: silence, its trap, exactly its finding with the evidence, its remedy, silence; at last the link comes up."""
    prove_all(good(tunnel), FAMILIES[name])


def test_doctor_checks_all(host):
    """No check without a scenario."""
    names = json.loads(host("any").run(["sabusctl", "doctor", "--list", "--json"]).stdout)["checks"]
    here = {check_of(name) for traps in (*FAMILIES.values(), *test_doctor_checks.FAMILIES.values()) for name in traps}
    assert sorted(names) == sorted(here | set(ELSEWHERE)) and not here & set(ELSEWHERE)
