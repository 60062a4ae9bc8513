# SPDX-License-Identifier: GPL-2.0-or-later
"""pppd's own radius.so handles the answer to its first CHAP only; beside sabus MS-CHAPv2 and MPPE survive what comes later."""

import pytest

from lib.wait import wait_for

GCM, NULL = "aes256gcm128", "null-sha256"
ESP = pytest.mark.parametrize("esp", (GCM, NULL))


def asked(t, times):
    wait_for("%d Access-Requests" % times, lambda: len(t.radius.messages("Access-Request")) >= times, 20)


@ESP
def test_radius_stock_lcp_anew(radius, esp):
    """The client negotiates LCP anew: the server is asked again, and its answer reaches the client; over ESP-NULL MPPE has new keys."""
    t = radius(plugin="stock", esp=esp, ppp={"client": ("plugin oddpeer.so", "odd-lcp 2000")}).up()
    asked(t, 2)
    wait_for("two successes at the client", lambda: len(t.client.ppp().find("rcvd", "CHAP", "Success")) == 2, 10)
    # IPCP comes up for the second time
    wait_for("the way through the tunnel", lambda: t.ping(count=1, check=False) == 1, 15)
    assert bool(t.lns.ppp().mppe()) == (esp == NULL)


@ESP
def test_radius_stock_rechallenge(radius, esp):
    """A CHAP challenge every two seconds: each is answered with a success, and the link does not notice."""
    t = radius(plugin="stock", esp=esp, ppp={"lns": ("chap-interval 2",)}).up()
    asked(t, 4)
    assert t.ping(count=3) == 3
    assert t.is_up() and not t.lns.ppp().said("close")
