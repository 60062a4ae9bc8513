# SPDX-License-Identifier: GPL-2.0-or-later
"""Voluntary tunnels: the client's own L2TP/IPsec, RFC 3193."""

from lib import xfrm


def test_voluntary_stock_ikev2_gcm(tunnel):
    """Stock daemons, IKEv2, AES-256-GCM: the tunnel works, all of it inside ESP."""
    t = tunnel(sabus=False).up()
    t.ping(count=5)
    sas = xfrm.states(t.lns.host)
    assert {s["aead"] for s in sas} == {"rfc4106(gcm(aes))"}
    assert {s["mode"] for s in sas} == {"transport"}
    carried = t.wire.esp_by_spi()
    assert {s["spi"] for s in sas} == set(carried)
    assert min(carried.values()) >= 5
    t.down()
