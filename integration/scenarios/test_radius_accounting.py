# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounting tells the truth: a Stop however a session ends, with why; an interim update at once when its protection changes.
The packets on RADIUS' cable have the times, the server's log what they say."""

import re
import signal
import time

import pytest

from lib import radpkt, xfrm
from lib.wait import SLOW, wait_for

SECOND = 1.0


def stop_after(t, cause, since=None, within=SECOND, timeout=15):
    """The session's only Stop, with CAUSE; WITHIN seconds after SINCE (seconds since the epoch)."""
    stop = t.radius.wait_accounting("Stop", timeout=timeout)
    assert stop.get("Acct-Terminate-Cause") == cause, stop
    starts = t.radius.accounting("Start")
    assert {m.get("Acct-Session-Id") for m in starts} <= {stop.get("Acct-Session-Id")}
    if since is not None:
        took = sent(t, radpkt.STOP) - since
        t.note("Stop after %.2f s" % took)
        assert took < within + 0.5 * SLOW, took
    return stop


def sent(t, status):
    """When the first accounting packet of STATUS was on the cable."""
    return next(p.time for p in t.radius.packets(radpkt.ACCOUNTING_REQUEST) if p.status() == status)


@pytest.mark.parametrize("role", ("lns", "client"))
def test_radius_stop_sa_gone(radius, role):
    """The SA is deleted: the Stop is on its way within a second, Lost-Carrier, sa-gone, with the octets."""
    t = radius().up()
    t.ping()
    t.radius.wait_accounting("Start")
    began = time.time()
    t.ends[role].charon.terminate()
    stop = stop_after(t, "Lost-Carrier", began)
    assert stop.get("Sabus-Reason") == "sa-gone" and int(stop.get("Acct-Input-Packets")) >= 3
    assert stop.get("Sabus-Suite") == "ESP AES_GCM_16-256"


def test_radius_stop_user(radius):
    """The user hangs up: User-Request."""
    t = radius().up()
    t.ping()
    t.down()
    stop = stop_after(t, "User-Request")
    assert int(stop.get("Acct-Session-Time")) < 60 and stop.get("Framed-IP-Address") == "192.168.50.10"


@pytest.mark.parametrize("reply,cause", (("Session-Timeout = 3", "Session-Timeout"), ("Idle-Timeout = 3", "Idle-Timeout")), ids=("session", "idle"))
def test_radius_stop_timeout(radius, reply, cause):
    """Session-Timeout and Idle-Timeout of the reply end the session, and the Stop says so."""
    t = radius(reply=(reply,)).up()
    stop = stop_after(t, cause)
    assert 2 <= int(stop.get("Acct-Session-Time")) <= 3 + 3 * SLOW
    t.wait_down()


def test_radius_stop_killed(radius):
    """pppd is killed -9: nobody but the helper process is left to tell, and it does, NAS-Error."""
    t = radius().up()
    t.radius.wait_accounting("Start")
    assert t.lns.host.signal("pppd", signal.SIGKILL) == 1
    stop = stop_after(t, "NAS-Error")
    assert stop.get("User-Name") == "user"
    wait_for("the helper is done", lambda: not t.lns.host.pids("sabus-radius-client"))


def test_radius_stop_xl2tpd(radius):
    """xl2tpd is stopped on the LNS, and takes its sessions along: pppd is told to end and sends the Stop itself, not the helper for a dead one."""
    t = radius().up()
    t.ping()
    t.radius.wait_accounting("Start")
    t.lns.xl2tpd.stop()
    stop = t.radius.wait_accounting("Stop")
    assert stop.get("Acct-Terminate-Cause") in ("User-Request", "NAS-Reboot"), stop
    assert int(stop.get("Acct-Input-Octets")) >= 3 * 84


def test_radius_stop_no_ipcp(radius):
    """The user is let in, but IPCP never comes up: there was no Start, and there is a Stop all the same."""
    t = radius(ppp={"client": ("noip",)}).attempt()
    stop = t.radius.wait_accounting("Stop", timeout=20)
    assert stop.get("User-Name") == "user" and stop.get("Acct-Session-Id")
    assert not t.radius.accounting("Start") and stop.get("Framed-IP-Address") is None
    t.wait_down()


def test_radius_stop_mppe_refused(radius):
    """Accepted by RADIUS, ended by sabus for want of MPPE: a Stop with that reason, NAS-Request."""
    t = radius(esp="null-sha256", sabus={"lns": True}).attempt()
    stop = stop_after(t, "NAS-Request")
    assert stop.get("Sabus-Reason") == "mppe-refused"
    t.wait_down()


def test_radius_stop_later(radius):
    """No server when the session ends: the Stop is kept, and delivered when one is back, with its delay."""
    t = radius(lns={"RADIUS_TIMEOUT": "1", "RADIUS_RETRIES": "1", "RADIUS_DEADTIME": "0"}).up()
    t.radius.wait_accounting("Start")
    t.radius.stop()
    t.down()
    wait_for("no pppd", lambda: not t.lns.host.pids("pppd"))
    time.sleep(2 * SLOW)
    t.radius.start()
    stop = stop_after(t, "User-Request", timeout=40)
    assert int(stop.get("Acct-Delay-Time")) >= 1
    wait_for("the helper is done", lambda: not t.lns.host.pids("sabus-radius-client"))


def test_radius_interim_rekey(radius):
    """A rekey is told at once, with the new SPIs."""
    t = radius().up()
    start = t.radius.wait_accounting("Start")
    began = time.time()
    t.client.charon.rekey()
    interim = t.radius.wait_accounting("Interim-Update")
    assert interim.get("Sabus-Event") == "rekey" and sent(t, radpkt.INTERIM) - began < 2 + SLOW
    said = t.lns.ppp().said("rekey")[-1]
    assert [int(interim.get(n)) for n in ("Sabus-SPI-In", "Sabus-SPI-Out")] == [int(x, 16) for x in said["spi"].split("/")]
    assert interim.get("Sabus-SPI-In") != start.get("Sabus-SPI-In")
    assert int(interim.get("Sabus-SPI-In")) in {s["spi"] for s in xfrm.states(t.lns.host)}
    assert interim.get("Acct-Session-Id") == start.get("Acct-Session-Id")


@pytest.mark.seconds(130)
def test_radius_interim_interval(radius):
    """Acct-Interim-Interval of the reply: an update in that rhythm (60 s is the least, RFC 2869), with counters that rise; the rekey's does not replace it."""
    t = radius(reply=("Acct-Interim-Interval = 60",)).up()
    t.radius.wait_accounting("Start")
    t.ping()
    assert not t.radius.accounting("Interim-Update")
    interim = t.radius.wait_accounting("Interim-Update", timeout=75)
    assert interim.get("Sabus-Event") == "interval" and int(interim.get("Acct-Input-Packets")) >= 3
    assert 59 <= int(interim.get("Acct-Session-Time")) <= 61 + SLOW


def test_radius_session_ids(radius):
    """Sessions one after the other, xl2tpd restarted in between: no Acct-Session-Id comes twice."""
    t = radius().up()
    t.radius.wait_accounting("Start")
    t.down()
    t.radius.wait_accounting("Stop")
    for end in t.ends.values():
        end.xl2tpd.stop()
    for end in t.ends.values():
        end.xl2tpd.start()
    t.dial()
    t.wait_up()
    t.radius.wait_accounting("Start", 2)
    ids = [m.get("Acct-Session-Id") for m in t.radius.accounting("Start")]
    assert len(set(ids)) == 2 and all(re.fullmatch(r"[\w.:-]{6,}", i) for i in ids), ids
