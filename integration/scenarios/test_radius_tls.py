# SPDX-License-Identifier: GPL-2.0-or-later
"""RADIUS over TLS (RFC 6614) end to end: radcli in the LNS's helper, FreeRADIUS with a certificate, conf-templates for both."""

import pytest

from lib.radius import ETC, TLS
from lib.wait import wait_for


def test_radius_tls(radius):
    """Login, accounting and the end over TLS: nothing of it can be read on the cable, and no UDP is used."""
    t = radius(plugin="tls").up()
    t.ping()
    start = t.radius.wait_accounting("Start")
    assert start.get("Sabus-Suite") == "ESP AES_GCM_16-256" and t.radius.messages("Access-Request")[-1].get("Sabus-IKE-Identity") == "10.9.0.2"
    t.client.charon.terminate()
    assert t.radius.wait_accounting("Stop").get("Acct-Terminate-Cause") == "Lost-Carrier"
    raw = b"".join(t.radius.streams(TLS))
    assert len(raw) > 2000
    for word in (b"user", b"AES_GCM", b"10.9.0.2", b"MS-CHAP", b"sa-gone"):
        assert word not in raw, word
    assert not t.radius.packets()


def test_radius_tls_control(radius):
    """Negative control: over UDP the very same words can be read on the cable."""
    t = radius().up()
    t.radius.wait_accounting("Start")
    raw = b"".join(p.raw for p in t.radius.packets())
    for word in (b"user", b"AES_GCM", b"10.9.0.2"):
        assert word in raw, word


@pytest.mark.parametrize("case", ("server", "client"))
def test_radius_tls_stranger(radius, case):
    """A certificate of another CA, at the server or at the LNS: no login, and the log says why."""
    t = radius(plugin="tls", lns={"TIMEOUT": "6", "RADIUS_TIMEOUT": "1", "RADIUS_RETRIES": "1"})
    if case == "server":
        t.lns.host.write("/etc/radcli/sabus-ca.pem", t.radius.strange["ca.pem"])
    else:
        for ours, strange in (("sabus-lns.pem", "lns.pem"), ("sabus-lns.key", "lns.key")):
            t.lns.host.write("/etc/radcli/" + ours, t.radius.strange[strange], 0o600)
    t.attempt()
    wait_for("radius-down", lambda: "radius-down" in t.lns.host.log("pppd"), 20)
    t.wait_down()
    assert not t.radius.messages("Access-Request") and t.radius.host.read(ETC + "/sites-enabled/sabus-tls")
