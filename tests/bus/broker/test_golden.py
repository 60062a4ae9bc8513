# SPDX-License-Identifier: GPL-2.0-or-later
"""wire.py and the golden corpus of the C codec were written apart; they must agree on every byte."""

import glob
import os

import pytest
import wire

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(wire.__file__)), "golden")


def load(name):
    with open(os.path.join(GOLDEN, name + ".hex")) as f:
        return bytes.fromhex("".join(line.split("#")[0] for line in f))


@pytest.mark.parametrize("name", sorted(os.path.basename(p)[:-4] for p in glob.glob(GOLDEN + "/*.hex")))
def test_reads(name):
    """Every packet tiles, has a known type, and what is inside a nest has a name here."""
    got = wire.Message(load(name))
    assert got.name in wire.NAMES.values()
    for kind, payload in got.attrs:
        schema = {wire.A_SA: wire.SA, wire.A_FLOW: wire.FLOW, wire.A_SESSION: wire.SESSION,
                  wire.A_TUNNEL: wire.TUNNEL_INFO, wire.A_CALL: wire.CALL_INFO, wire.A_REPLY: wire.REPLY}.get(kind)
        if schema:
            values = wire.unpack(schema, payload)
            assert wire.nest(schema, values) == payload


def test_writes():
    full = wire.Message(load("sa-put-full"))
    assert wire.message(wire.SA_PUT, wire.attr(wire.A_REVISION, wire.U64(full.number(wire.A_REVISION))),
                        wire.attr(wire.A_SA | wire.NESTED, wire.nest(wire.SA, full.sas[0]))) == load("sa-put-full")
    session = wire.Message(load("session-put")).session()
    assert wire.session_put(**session) == load("session-put")
    assert wire.message(wire.SYNC_BEGIN, seq=9) == load("sync-begin") and wire.message(wire.SYNC_END, seq=9) == load("sync-end")
    assert wire.tunnel_put(**wire.Message(load("tunnel-put")).tunnel()) == load("tunnel-put")
    assert wire.tunnel_put(wire.TUNNEL_DEL, **wire.Message(load("tunnel-del")).tunnel()) == load("tunnel-del")
    assert wire.call_put(**wire.Message(load("call-put")).call()) == load("call-put")
    assert wire.call_put(wire.CALL_DEL, **wire.Message(load("call-del")).call()) == load("call-del")
    assert wire.request_delete(42, "last tunnel closed", seq=9) == load("request-delete")
    assert wire.request_initiate("198.51.100.7", "road/l2tp", seq=9, remote_port=50000, mark=0x30) == load("request-initiate")
    radius = wire.Message(load("session-put-radius")).session()
    assert radius["acct_id"] == "6562a3f00001a2b3-3" and radius["address"] == "10.9.0.5"
    assert wire.session_put(wire.TAKES_ALL, **radius) == load("session-put-radius")
    assert wire.request_close(3, "Disconnect-Request", seq=9) == load("request-close")
    assert wire.request_change(3, "CoA-Request", seq=9, encryption=1, ms_policy=2, ms_types=4, mandate=0, min_strength=2, mtu_cap=1300,
                               framed_mtu=1400, session_timeout=3600, idle_timeout=600, interim=300, filter_id="quarantine",
                               identities=["*@example.org", "", "C=CH, O=Example, CN=*"]) == load("request-change")
    assert wire.ike_failed("198.51.100.7", wire.PEER_AUTH, remote_port=50000, mark=0x30) == load("ike-failed")
    assert wire.result(9) == load("result-done") and wire.result(9, 111, "AUTHENTICATION_FAILED") == load("result-failed")
