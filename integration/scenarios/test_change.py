# SPDX-License-Identifier: GPL-2.0-or-later
"""A living session is asked over the bus to end, or to go by another policy (what RFC
5176 and sabusctl come down to).  Real daemons at both ends; ESP-NULL makes the wire
a witness: what MPPE does not hide can be read there."""

import struct

import pytest

from lib import bus
from lib.traffic import Pings
from lib.wait import wait_for

GCM, NULL = "aes256gcm128", "null-sha256"
REQUIRE, ALLOW, PROHIBIT = 1, 2, 3
DONE, EPERM = 0, 1


class Asker:
    """Someone on the LNS's session socket."""

    def __init__(self, end):
        self.client = bus.Client(end.host, bus.SESSION_SOCK).watch()
        self.seq = 100

    def session(self):
        """The broker's number of the one session that is up."""
        put = [e for e in self.client.drain() if e.type == bus.SESSION_PUT]
        return bus.number(put[-1].attrs[bus.A_SESSION_ID][0])

    def _ask(self, op, *attrs):
        self.seq += 1
        self.client.send(bus.message(bus.REQUEST, bus.attr(bus.A_OP, op), bus.attr(bus.A_SESSION_ID, self.session()),
                                     bus.attr(bus.A_ERRTEXT, "scenario"), *attrs, seq=self.seq))
        result = self.client.wait(bus.RESULT, 15, match=lambda e: e.seq == self.seq)
        return bus.number(result.attrs[bus.A_ERRNO][0])

    def close(self):
        return self._ask(bus.OP_CLOSE)

    def change(self, **members):
        """members: of struct sabus_reply, in the order of its bits."""
        names = ("encryption", "ms_policy", "ms_types", "mandate", "min_strength", "mtu_cap")
        has = sum(1 << names.index(n) for n in members)
        return self._ask(bus.OP_CHANGE, bus.nest(bus.A_REPLY, bus.attr(1, has), *(
            bus.attr(2 + names.index(n), struct.pack("=I", v)) for n, v in members.items())))


def link(tunnel, client=(), policy="allow", esp=NULL, options=()):
    """The LNS has sabus, the client a stock pppd."""
    return tunnel(sabus={"lns": True}, esp=esp, policy=policy, sabus_options={"lns": options}, ppp={"client": client}).up()


def assert_ended(t, word, timeout=15):
    wait_for("reason %s in the LNS's log" % word, lambda: any(word in line for line in t.lns.ppp().decisions()), timeout)
    t.wait_down(timeout)


def willing(tunnel, **more):
    """sabus at both ends: a stock pppd has MPPE only when it asks for it itself."""
    return tunnel(esp=NULL, policy="allow", **more).up()


def test_change_begins_mppe(tunnel):
    """A link in the clear is told to require MPPE: CCP alone is negotiated anew, and nothing can be read any more."""
    t = willing(tunnel)
    asker = Asker(t.lns)
    t.ping(count=2)
    assert not t.lns.ppp().mppe()
    before = len(t.wire.readable())
    assert before, "the pings in the clear could not be read: the witness is blind"
    assert asker.change(encryption=REQUIRE) == DONE
    seen = len(t.wire.readable())
    for origin in ("client", "lns"):
        assert t.ping(count=3, origin=origin) == 3
    assert len(t.wire.readable()) == seen
    assert t.lns.ppp().mppe() and t.client.ppp().mppe()
    assert t.mtu("lns") == int(t.lns.ppp().verdict()["mtu"]) - 4
    # LCP and IPCP were left alone
    assert len(t.lns.ppp().find("sent", "IPCP", "ConfAck")) == 1


def test_change_begins_mppe_over_open_ccp(tunnel):
    """The same where CCP is open with compression: taking it down must not look like the end of MPPE."""
    t = willing(tunnel, ppp=("deflate 15,15",), sabus_options=("sabus-compression keep",))
    asker = Asker(t.lns)
    wait_for("deflate", lambda: "Deflate (15) compression enabled" in t.lns.ppp().text)
    assert asker.change(encryption=REQUIRE) == DONE
    assert t.ping(count=3) == 3
    assert t.lns.ppp().mppe() and t.client.ppp().mppe()


def test_change_peer_refuses_mppe(tunnel):
    """The peer will not have MPPE: the link ends, and says why."""
    t = link(tunnel, client=("nomppe",))
    assert Asker(t.lns).change(encryption=REQUIRE) == EPERM
    assert_ended(t, "policy-changed")


def test_change_peer_silent(tunnel):
    """The peer does not answer CCP at all: the link ends in time, and no clear packet passes meanwhile."""
    t = link(tunnel, client=("plugin oddpeer.so", "odd-ccp silent"), options=("sabus-mppe-timeout 3",))
    asker = Asker(t.lns)
    pings = Pings(t)
    assert asker.change(encryption=REQUIRE) == EPERM
    pings.stop()
    assert_ended(t, "policy-changed")


def test_change_mtu(tunnel):
    """A smaller MTU holds at once, and the old one again when it is allowed."""
    t = link(tunnel, esp=GCM, policy="require")
    asker = Asker(t.lns)
    mtu = t.mtu("lns")
    assert asker.change(mtu_cap=1280) == DONE
    assert t.mtu("lns") == 1280
    assert t.ping(count=2, origin="lns") == 2
    assert asker.change(mtu_cap=9000) == DONE
    assert t.mtu("lns") == mtu


@pytest.mark.parametrize("what", ("prohibit", "strength"))
def test_change_not_met(tunnel, what):
    """An SA that does not meet the change ends the link."""
    esp, members = {"prohibit": (GCM, {"encryption": PROHIBIT}), "strength": (NULL, {"min_strength": 3})}[what]
    t = link(tunnel, esp=esp)
    assert Asker(t.lns).change(**members) == EPERM
    assert_ended(t, "policy-changed")


def test_change_close(tunnel):
    """A session that is asked to end ends, with the administrator as the reason."""
    t = link(tunnel, esp=GCM, policy="require")
    assert Asker(t.lns).close() == DONE
    assert_ended(t, "admin-reset")
