# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages' units under a real systemd: they start with all their hardening, in order, an upgrade goes on where it was, and the journal has
what they log, by field."""

import os
import re

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


def lines(text):
    """Our lines in a daemon's log, whatever it writes before them."""
    return re.findall(r"sabus: [a-z][a-z-]* .*", text)


def assert_fields(entry):
    """Each key of the line is a field with its value, and there is no other."""
    pairs = {k: v.strip('"') for k, v in re.findall(r' ([a-z0-9-]+)=("[^"]*"|\S*)', entry["MESSAGE"])}
    assert not any("\\x" in v for v in pairs.values()), entry
    assert {k: v for k, v in entry.items() if k.startswith("SABUS_")} == dict(
        {"SABUS_" + k.upper().replace("-", "_"): v for k, v in pairs.items()},
        SABUS_EVENT=entry["MESSAGE"].split()[1], SABUS_DAEMON=entry["SABUS_DAEMON"]), entry
    assert entry["SYSLOG_IDENTIFIER"] == "sabus" and entry["PRIORITY"] in "234567"


def of(entries, daemon):
    return [e for e in entries if e["SABUS_DAEMON"] == daemon]


@pytest.mark.seconds(300)
def test_package_journal(tunnel, systemd):
    """An accepted and a refused link: the journal has each line of each daemon by its fields, sabusd's once; a host without journal has the same lines in its logs."""
    t = tunnel(sabusd={"client": True}, xl2tpd_sabus={"lns": True})
    packages.own_system(t.lns.host)
    sd = systemd(t.lns.host)
    install(sd, packages.debs(names=NAMES))
    sd.ctl("start", *LASTING)
    sd.run("swanctl", "--load-all", "--noprompt")
    t.start(charon={"lns": False}, xl2tpd={"lns": False})
    t.ike()
    t.dial()
    t.wait_up()
    t.down()
    t.lns.edit("/etc/ppp/options.sabus", "sabus-encryption require", "sabus-encryption prohibit")
    wait_for("the SA has gone with its last tunnel", lambda: not t.client.charon.sas())
    t.ike()
    t.dial()
    t.lns.host.wait_log("pppd", "^sabus: refuse ")
    t.lns.host.write("/etc/sabus/dynauth.conf", 'client 10.7.0.1 "a secret of 16 octets"\n', 0o600)
    sd.ctl("start", "sabus-dynauth.service")
    wait_for("sabus-dynauth is on the bus", lambda: sd.entries("SABUS_DAEMON=sabus-dynauth", "SABUS_EVENT=bus-up"))
    sd.ctl("stop", "sabus-dynauth.service", *LASTING)
    sd.ctl("stop", "sabusd.service", *SOCKETS)

    entries = sd.entries("-t", "sabus")
    for entry in entries:
        assert_fields(entry)
    # pppd: what its own log has, word by word
    assert [e["MESSAGE"] for e in of(entries, "pppd")] == t.lns.ppp().decisions()
    accepted, refused = sd.entries("SABUS_EVENT=accept", "SABUS_DAEMON=pppd"), sd.entries("SABUS_REASON=policy-prohibit")
    assert [(e["SABUS_REASON"], e["SABUS_PEER"], e["SABUS_SA"].split("{")[0]) for e in accepted] == [("ok-protected", "10.9.0.2:1701", "l2tp")]
    assert [(e["SABUS_EVENT"], e["SABUS_PEER"], e["SABUS_EXIT"]) for e in refused] == [("refuse", "10.9.0.2:1701", "111")]
    assert refused[0]["SABUS_REMEDY"] == t.lns.ppp().verdict()["remedy"] and refused[0]["SABUS_REASON"] == t.lns.ppp().verdict()["reason"]
    # xl2tpd, charon: what they gave to the journal themselves
    for daemon, name in (("xl2tpd", "xl2tpd"), ("charon", "charon-systemd")):
        own = [m for e in sd.entries("-t", name) for m in lines(e["MESSAGE"])]
        assert own and [e["MESSAGE"] for e in of(entries, daemon)] == own
    # sabusd and sabus-dynauth: each line once, none of them by standard error
    assert not sd.entries("-t", "sabusd") and not sd.entries("-t", "sabus-dynauth")
    said = of(entries, "sabusd")
    assert [e["SABUS_EVENT"] for e in said].count("start") == 1 and said[-1]["SABUS_EVENT"] == "end"
    assert ["sabusd.service"] == [e["_SYSTEMD_UNIT"] for e in said if e["SABUS_EVENT"] == "start"]
    assert ["charon"] == [e["SABUS_NAME"] for e in said if e["SABUS_EVENT"] == "publisher-up"]
    assert [e["SABUS_EVENT"] for e in of(entries, "sabus-dynauth")] == ["start", "bus-up", "end"]

    # the control: the client's host has no journal, and its logs have the same kind of lines
    client = t.client.host
    assert not os.path.exists(client.path("/run/systemd/journal/socket"))
    verdict = t.client.ppp().said("accept")[0]
    assert set(verdict) - {"verdict"} == {k[6:].lower().replace("_", "-") for k in accepted[0] if k.startswith("SABUS_")} - {"event", "daemon"}
    assert re.search(r"^<6>sabus: start version=", client.log("sabusd"), re.M)
    assert re.search(r"sabus: bus-up path=", client.log("charon"))
    assert not any("journal" in client.log(name) for name in ("pppd", "charon", "sabusd", "xl2tpd"))
