# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian packages on hosts that work: no session is lost, and what comes goes again."""

import os

import pytest

from lib import packages
from lib.traffic import Pings
from lib.wait import wait_for

LASTING = ("charon-systemd", "xl2tpd", "pppd")


def lives(end):
    """Process ids of the daemons that no package may end."""
    return {name: sorted(end.host.pids(name)) for name in LASTING}


def running(host, comm):
    """What these processes were started from, as the kernel knows it."""
    return [os.readlink("/proc/%d/exe" % p) for p in host.pids(comm)]


def packaged(t):
    """Both ends get the packages; sabusd is started by its own package."""
    for end in t.ends.values():
        packages.own_system(end.host)
        packages.install(end.host, packages.debs())
        wait_for("%s: sabusd, started by its package" % end.role, lambda e=end: e.host.pids("sabusd"))
    return t


@pytest.mark.seconds(240)
def test_package_upgrade(tunnel):
    """Upgrade of all packages on both ends with a session up: only sabusd is started again, no ping is lost, the session is on the bus again."""
    t = packaged(tunnel(sabusd=False, xl2tpd_sabus=True))
    t.up()
    assert all("ok-protected" in e.ppp().decisions()[0] for e in t.ends.values())
    later = packages.newer(packages.debs())
    pings = Pings(t)
    for end in t.ends.values():
        before, broker, old = lives(end), end.host.pids("sabusd"), packages.version(end.host, "sabus")
        packages.install(end.host, later)
        t.note("upgraded " + end.role)
        assert packages.version(end.host, "sabus") == old + "+1"
        assert lives(end) == before and all(before.values())
        wait_for("%s: another sabusd" % end.role, lambda e=end, b=broker: e.host.pids("sabusd") and e.host.pids("sabusd") != b)
        wait_for("%s: the session is on the bus again" % end.role, lambda e=end: [s for s in e.sabusd.status()["sessions"] if s["ifname"] == "ppp0"])
    pings.more()
    assert pings.stop() == 0
    t.down()
    t.dial()
    t.wait_up()


@pytest.mark.seconds(240)
def test_package_install(tunnel):
    """Installed beside a session of the stock daemons, which goes on; a restart of xl2tpd takes the patched one; removed and purged, all is as it was."""
    t = tunnel(sabus=False)
    end = t.lns
    packages.own_system(end.host)
    end.host.run("rm -f /etc/sabus/* /etc/strongswan.d/charon/sabus.conf")      # nothing of us yet
    t.up()
    before, daemons = packages.files(end.host), lives(end)
    pings = Pings(t)
    packages.install(end.host, packages.debs())
    assert lives(end) == daemons
    wait_for("sabusd, started by its package", lambda: end.host.pids("sabusd"))
    end.host.run(["sabusctl", "status"])
    pings.more()
    assert pings.stop() == 0

    t.down()
    end.xl2tpd.stop()
    end.xl2tpd.start()
    assert running(end.host, "xl2tpd") == ["/usr/sbin/xl2tpd"]
    assert end.host.read("/usr/sbin/xl2tpd.distrib") and packages.version(end.host, "xl2tpd")
    t.dial()
    t.wait_up()

    daemons = lives(end)
    names = [n for n in packages.ORDER if packages.version(end.host, n)]
    packages.dpkg(end.host, "--remove", *names)
    assert lives(end) == daemons and not end.host.pids("sabusd")
    packages.dpkg(end.host, "--purge", *names)
    t.ping()
    after = packages.files(end.host)
    left = {p: (before.get(p), after.get(p)) for p in set(before) | set(after) if before.get(p) != after.get(p)}
    # the user stays, as Debian's policy has it; caches are written anew
    assert not {p for p in left if not p.startswith(("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/ld.so.cache"))}, left


@pytest.mark.seconds(180)
def test_package_xl2tpd_restart(tunnel):
    """xl2tpd's own init script finds the running daemon before and after xl2tpd-sabus comes and goes: never two of them."""
    host = tunnel(sabus=False).lns.host
    packages.own_system(host)
    host.run("/etc/init.d/xl2tpd start")
    for step in (lambda: packages.install(host, packages.debs()), lambda: packages.dpkg(host, "--remove", "xl2tpd-sabus")):
        old = host.pids("xl2tpd")
        step()
        assert host.pids("xl2tpd") == old and len(old) == 1
        host.run("/etc/init.d/xl2tpd restart")
        wait_for("one xl2tpd, another one", lambda o=old: len(host.pids("xl2tpd")) == 1 and host.pids("xl2tpd") != o)
        assert running(host, "xl2tpd") == ["/usr/sbin/xl2tpd"]
    host.run("/etc/init.d/xl2tpd stop")


@pytest.mark.seconds(120)
def test_package_guard(tunnel):
    """The guard's start script puts all policies in place, once, and takes away only its own."""
    host = tunnel(sabus=False).lns.host
    packages.own_system(host)
    packages.install(host, packages.debs(names=("libsabus0", "sabus")))
    host.run("rm -f /etc/sabus/guard.batch; dpkg --force-unsafe-io --force-confmiss -i " + " ".join(packages.debs(names=("sabus",))), timeout=60)
    policies = "ip xfrm policy | grep -c 'action block'"
    host.run("ip xfrm policy add src 192.0.2.1/32 dst 192.0.2.2/32 dir out priority 7 action block")
    assert host.run(policies).stdout == "1\n"    # not enabled by itself
    for _ in range(2):
        host.run("/etc/init.d/sabus-guard start")
        assert host.run(policies).stdout == "9\n"
    host.run("/etc/init.d/sabus-guard stop")
    assert host.run(policies).stdout == "1\n"
