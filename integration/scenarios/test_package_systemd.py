# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages' units under a real systemd: they start with all their hardening, in order, and an upgrade goes on where it was."""

import pytest

from lib import packages
from lib.systemd import Systemd
from lib.traffic import Pings
from lib.wait import wait_for

SOCKETS = ("sabusd.socket", "sabusd-session.socket", "sabusd-read.socket")
LASTING = {"strongswan.service": "charon-systemd", "xl2tpd.service": "xl2tpd"}     # unit: program
NAMES = ("libsabus0", "sabus", "ppp-sabus", "strongswan-sabus", "xl2tpd-sabus")


@pytest.fixture
def systemd():
    """Factory: systemd(host) boots it; it ends with the test."""
    booted = []

    def boot(host):
        booted.append(Systemd(host))
        return booted[-1]

    yield boot
    for s in booted:
        s.stop()


def lives(sd):
    """Process ids of what no package may end; xl2tpd's unit is made of an init script, so systemd itself does not know."""
    return [sd.run("pidof", name).stdout for name in (*LASTING.values(), "pppd")]


def install(sd, paths):
    sd.run("dpkg", "--force-unsafe-io", "--force-confold", "-i", *paths, timeout=90)


@pytest.mark.seconds(300)
def test_package_systemd(tunnel, systemd):
    """An LNS under systemd: units start hardened and in order, a session lives through an upgrade of all packages, and sabusd killed is there again."""
    t = tunnel(sabusd={"client": True}, xl2tpd_sabus={"lns": True})
    packages.own_system(t.lns.host)
    sd = systemd(t.lns.host)
    install(sd, packages.debs(names=NAMES))
    assert all(sd.show(u, "ActiveState") == "active" for u in SOCKETS + ("sabusd.service",)), sd.journal("sabusd")
    assert sd.show("sabusd.service", "User") == "sabus"
    status = sd.run("cat", "/proc/%d/status" % sd.pid("sabusd")).stdout
    assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status and "CapEff:\t0000000000000000" in status
    assert sd.show("sabus-guard.service", "UnitFileState") == "disabled"
    sd.ctl("enable", "--now", "sabus-guard.service")
    assert sd.run("ip", "xfrm", "policy").stdout.count("priority 400000") == 8
    after = sd.show("xl2tpd.service", "After").split()
    assert "sabusd.service" in after and "sabus-guard.service" in after
    assert "sabusd.service" in sd.show("strongswan.service", "After").split()

    sd.ctl("start", *LASTING)
    sd.run("swanctl", "--load-all", "--noprompt")
    t.start(charon={"lns": False}, xl2tpd={"lns": False})
    t.ike()
    t.dial()
    t.wait_up()
    assert "ok-protected" in t.lns.ppp().decisions()[0]

    later = packages.newer(packages.debs(names=NAMES))
    pings = Pings(t)
    lasting, broker = lives(sd), sd.pid("sabusd")
    install(sd, later)
    assert sd.run("dpkg-query", "-W", "-f", "${Version}", "sabus").stdout.endswith("+1")
    assert lives(sd) == lasting
    assert sd.pid("sabusd") not in (0, broker)
    wait_for("the session is on the bus again", lambda: '"ppp0"' in sd.run("sabusctl", "status", "--json", check=False).stdout)

    broker = sd.pid("sabusd")
    sd.run("kill", "-KILL", str(broker))
    wait_for("another sabusd", lambda: sd.pid("sabusd") not in (0, broker))
    wait_for("the session is on the bus once more", lambda: '"ppp0"' in sd.run("sabusctl", "status", "--json", check=False).stdout)
    pings.more()
    assert pings.stop() == 0
    t.down()
    sd.ctl("stop", *LASTING)
    sd.ctl("disable", "--now", "sabus-guard.service")
    assert "priority 400000" not in sd.run("ip", "xfrm", "policy").stdout
