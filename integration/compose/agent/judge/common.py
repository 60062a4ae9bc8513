# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that more than one profile makes."""

from agent import settings
from agent.system import wait_for


def patience():
    return settings.patience()


def now(agent):
    """Where the wire is now, for since()."""
    return agent.wire()["packets"]


def nothing_clear(cast, report, mark, what="not one packet of L2TP in the clear"):
    seen = cast.lns.wire(mark)
    return report.check(seen["l2tp"] == 0, what, "the wire at the LNS: %d ESP, %d L2TP in the clear" % (seen["esp"], seen["l2tp"]))


def both_ends(cast, client):
    """The link is there at the LNS, too, and carries: with MPPE that is a moment after it has an address."""
    (own,) = [link["local"] for link in client.links().values()]
    return own in [link["peer"] for link in cast.lns.links().values()] and client.ping_inside(1) == 1


def connect(cast, client):
    """SA, tunnel, link; whether the link is up at both ends."""
    client.ike()
    client.dial()
    if not client.wait_up(patience()):
        return False
    try:
        wait_for("the LNS's end", lambda: both_ends(cast, client), patience())
        return True
    except TimeoutError:
        return False


def stopped(cast):
    """How many sessions RADIUS has the end of."""
    return sum(bool(s["stopped"]) for s in cast.radius.sessions())


def told_radius(cast, report, address, suite_known=True):
    """The session of the client with this PPP address, in the database, with what protects it."""
    if not cast.radius.wait_session(False, 1, patience()):
        return report.check(False, "RADIUS knows the session and what protects it", "no session in the database")
    row = [s for s in cast.radius.sessions() if s["address"] == address and not s["stopped"]]
    seen = "radacct: " + ", ".join("%s=%s" % (k, v) for k, v in (row or [{}])[-1].items() if k in ("username", "protected", "suite", "identity", "mtu", "peer"))
    return report.check(bool(row) and bool(row[-1]["suite"]) == suite_known, "RADIUS knows the session and what protects it", seen)


def whole(cast, report, client):
    """Packets of exactly the link's MTU pass, and nobody has to cut them."""
    (link,) = client.links().values()
    mark = now(cast.lns)
    got = client.ping_inside(5, link["mtu"] - 28, True)
    seen = cast.lns.wire(mark)
    return report.check(got == 5 and not seen["fragments"], "packets as large as the link's MTU pass whole",
                        "MTU %d: %d of 5 pings, %d fragments, largest packet outside %d of 1500" % (link["mtu"], got, seen["fragments"], seen["largest"]))
