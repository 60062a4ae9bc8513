# SPDX-License-Identifier: GPL-2.0-or-later
"""Why IKE came to nothing, as real charons find out: what the LNS tells on the bus and logs, and what the client logs."""
import re

import pytest

import harness
from pair import CLIENT, IKEV1, LNS, VERSIONS
from stubbus import StubBus


def attempt(p, old, new):
    """The client tries with one thing changed: the failure that the LNS tells sabusd."""
    text = p.text("%any", LNS, "client", "lns", "", "")
    assert old in text
    p.client.load(text.replace(old, new, 1))
    p.client.swanctl("--initiate", "--child", "l2tp", "--timeout", "5", check=False)
    return p.bus.until(lambda m: m.type == "IKE_FAILED")


def causes(charon):
    return re.findall(r"sabus: ike-failed cause=(\S+) ", charon.log())


@pytest.mark.parametrize("version, lns, client", [pytest.param({}, "peer-auth", ["local-auth"], id="ikev2"), pytest.param(IKEV1, "unreadable", [], id="ikev1")])
def test_another_secret(pair, version, lns, client):
    p = pair(**version, extra="retransmit_tries = 1")
    told = attempt(p, '"test only"', '"another one"')
    assert (told.failure, told.remote) == (lns, CLIENT)
    line, = p.lns.lines("ike-failed")
    assert f"cause={lns} local={LNS}:" in line and f" peer={CLIENT}:" in line and f"connection={'none' if version else 'l2tp'} " in line and "compare the pre-shared key" in line
    assert not client or causes(p.client) == client
    assert not p.bus.sas


@VERSIONS
def test_an_identity_that_nobody_knows(pair, version):
    p = pair(**version, auth_client_seen="auth = psk\nid = somebody.else")
    p.client.swanctl("--initiate", "--child", "l2tp", "--timeout", "5", check=False)
    assert p.bus.until(lambda m: m.type == "IKE_FAILED").failure == "peer-auth"


@VERSIONS
def test_no_ike_proposal(pair, version):
    p = pair(**version)
    assert attempt(p, p.options["ike"], "aes256-sha512-modp4096").failure == "proposal-ike"
    assert causes(p.client) == ["proposal-ike"]


@VERSIONS
def test_no_esp_proposal(pair, version):
    p = pair(**version)
    assert attempt(p, p.options["proposals"], "esp_proposals = aes256-sha512").failure == "proposal-esp"
    assert causes(p.client) == ["proposal-esp"]


@VERSIONS
def test_selectors(pair, version):
    p = pair(**version, client_ts="udp/1702", lns_ts="udp/1702")
    p.lns.load(p.text(LNS, CLIENT, "lns", "client", "", "").replace("1702", "1701"))
    p.client.swanctl("--initiate", "--child", "l2tp", "--timeout", "5", check=False)
    assert p.bus.until(lambda m: m.type == "IKE_FAILED").failure == "selectors"
    assert causes(p.client) == ["selectors"]


def test_a_silent_peer(pair):
    p = pair(extra="retransmit_tries = 1\nretransmit_base = 1")
    p.lns.load(p.text(LNS, CLIENT, "lns", "client", "", ""))
    p.client.stop()
    p.lns.swanctl("--initiate", "--child", "l2tp", "--timeout", "10", check=False)
    told = p.bus.until(lambda m: m.type == "IKE_FAILED")
    assert (told.failure, told.remote) == ("silent", CLIENT)


def test_a_timeout_is_no_news_after_the_cause(pair):
    """IKEv1 with another secret: messages that come again say the same, and the half-open IKE_SA's end is its consequence."""
    p = pair(**IKEV1, extra="half_open_timeout = 2\nretransmit_tries = 2\nretransmit_base = 1")
    attempt(p, '"test only"', '"another one"')
    harness.wait_for("the half-open IKE_SA's end", lambda: "deleting half open IKE_SA" in p.lns.log())
    p.bus.drain()
    assert causes(p.lns) == ["unreadable"] == [m.failure for m in p.bus.seen if m.type == "IKE_FAILED"]


def test_success_tells_no_failure(pair):
    p = pair()
    p.up()
    p.bus.drain()
    assert not [m for m in p.bus.seen if m.type == "IKE_FAILED"] and not causes(p.lns) and not causes(p.client)


def test_a_sabusd_that_does_not_take_it_is_not_told(pair, monkeypatch):
    """An older one would end the connection."""
    monkeypatch.setattr(StubBus, "takes_failures", False)
    p = pair()
    p.client.load(p.text("%any", LNS, "client", "lns", "", "").replace('"test only"', '"another one"'))
    p.client.swanctl("--initiate", "--child", "l2tp", "--timeout", "5", check=False)
    p.bus.drain()
    assert causes(p.lns) == ["peer-auth"] and not [m for m in p.bus.seen if m.type == "IKE_FAILED"]
