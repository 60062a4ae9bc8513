# SPDX-License-Identifier: GPL-2.0-or-later
"""pppd's own radius.so beside sabus, for those who must: a smaller set of attributes, never more than its buffers hold, and
what the reply says of the SA holds as well."""

import pytest

from lib import radpkt
from lib.wait import wait_for

SWANCTL = "/etc/swanctl/swanctl.conf"
ID = "local {\n\t\t\tauth = psk"
BOUND = 63      # characters that radius.so's buffers hold


def with_identity(t, identity):
    t.client.edit(SWANCTL, ID, ID + "\n\t\t\tid = " + identity)
    return t


def test_radius_stock(radius):
    """radius.so with sabus-radius-avpair: the SA's facts are in the Access-Request and in accounting, no value is longer than its buffers."""
    t = radius(plugin="stock").up()
    t.ping()
    start = t.radius.wait_accounting("Start")
    wanted = {"Sabus-Protected": "Confidential", "Sabus-Suite": "ESP AES_GCM_16-256", "Sabus-IKE-Identity": "10.9.0.2", "Calling-Station-Id": "10.9.0.2"}
    for m in (t.radius.messages("Access-Request")[-1], start):
        assert {n: m.get(n) for n in wanted} == wanted
    assert all(len(v) <= BOUND for p in t.radius.packets(radpkt.ACCESS_REQUEST, radpkt.ACCOUNTING_REQUEST)
               for number in range(1, 64) for v in p.get(number, radpkt.SABUS))
    t.down()
    assert t.radius.wait_accounting("Stop").get("Sabus-Suite") == "ESP AES_GCM_16-256"


def test_radius_stock_control(radius):
    """Negative control: radius.so alone says nothing of the SA, nor from where the client comes."""
    t = radius(plugin="stock")
    t.lns.edit("/etc/ppp/options.radius", "sabus-radius-avpair", "# nothing")
    t.up()
    request = t.radius.messages("Access-Request")[-1]
    assert not [n for n, _ in request.attributes if n.startswith("Sabus-")] and not request.get("Calling-Station-Id")


@pytest.mark.parametrize("length", (BOUND, 250))
def test_radius_stock_bounds(radius, length):
    """Identities at and beyond radius.so's buffer: up to 63 characters they arrive, longer ones are left out, the log says so, and pppd lives."""
    identity = "x" * (length - 12) + "@example.org"
    t = with_identity(radius(plugin="stock"), identity).up()
    t.ping()
    request = t.radius.messages("Access-Request")[-1]
    assert request.get("Sabus-IKE-Identity") == (identity if length <= BOUND else None)
    assert request.get("Sabus-Suite") == "ESP AES_GCM_16-256"
    assert (length <= BOUND) == ("Sabus-IKE-Identity" not in t.lns.host.log("pppd"))


@pytest.mark.crash_allowed(reason="radius.so's own overflow, which the bounds are there to avoid")
def test_radius_stock_crash_control(radius):
    """Negative control: a value of that length, given to radius.so by hand, is more than its buffers hold, and pppd dies of it."""
    t = radius(plugin="stock", lns={"RADIUS_MORE": 'avpair "Sabus-IKE-Identity=\\"%s\\""' % ("x" * 120)})
    t.lns.edit("/etc/ppp/options.radius", "sabus-radius-avpair", "# nothing")
    t.attempt()
    died = t.lns.host.wait_log("xl2tpd", r"pppd exited for call \d+ with code (\d+)", 15)
    assert died.group(1) in ("127", "134", "139"), died.group(0)
    assert not t.lns.ppp().find(proto="IPCP", code="ConfAck")


@pytest.mark.parametrize("esp,refused", (("aes256-sha1", True), ("aes256gcm128", False)), ids=("weak", "strong"))
def test_radius_stock_reply(radius, esp, refused):
    """The reply's minimum strength holds with radius.so too: the weak SA is refused, the strong one taken."""
    t = radius(plugin="stock", esp=esp, reply=("Sabus-Min-Strength = Good",)).attempt()
    if refused:
        wait_for("sa-weak", lambda: "sa-weak" in t.lns.host.log("pppd"))
        t.wait_down()
        return
    t.wait_up()
    t.ping()


def test_radius_stock_rule(radius):
    """The server's rules work on what radius.so passes: a weak SA is rejected."""
    t = radius(plugin="stock", esp="aes256-sha1", needs=("Sabus-Need-Strength := Good",)).attempt()
    wait_for("an Access-Reject", lambda: t.radius.messages("Access-Reject", "Sent"))
    t.wait_down()
