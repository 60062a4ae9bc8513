# SPDX-License-Identifier: GPL-2.0-or-later
"""Profiles stock and sabus: the same steps and the same checks, one client.  What differs is which of them hold."""

from agent import settings
from agent.judge.common import connect, nothing_clear, now, patience, stopped, told_radius, whole

NO_LINK_SECONDS = 15    # a link that should not be would have been there long before


def wrong_psk(cast, report):
    """The control without which a green ping proves nothing."""
    report.step("1. The client has a wrong pre-shared key, and dials all the same")
    cast.client.psk("not-" + settings.value("PSK"))
    mark = now(cast.lns)
    ike = cast.client.ike()
    report.check(not ike["up"], "IKE fails", (ike["said"] or [""])[-1])
    cast.client.dial()
    up = cast.client.wait_up(NO_LINK_SECONDS)
    report.check(not up, "no link", "ppp0 at the client: %s" % (cast.client.links() or "none"))
    nothing_clear(cast, report, mark)
    cast.client.hang_up()
    cast.client.wait_down(patience())
    cast.client.psk(settings.value("PSK"))


def right_psk(cast, report):
    report.step("2. The right key")
    mark = now(cast.lns)
    up = connect(cast, cast.client)
    links = cast.client.links()
    report.check(up, "the link comes up", "ppp0 at the client: %s" % links)
    if not up:
        return False
    got = cast.client.ping_inside(5)
    report.check(got == 5, "the host behind the LNS answers", "%d of 5 pings" % got)
    nothing_clear(cast, report, mark)
    once(cast, report)
    whole(cast, report, cast.client)
    told_radius(cast, report, list(links.values())[0]["local"])
    return True


def once(cast, report):
    """Encrypted, and not twice."""
    sa, mppe = (cast.lns.sas() or ["no SA"])[-1], cast.lns.pppd()["mppe"]
    encrypts = "NULL" not in sa.upper() and "ESP" in sa.upper()
    report.check(encrypts != bool(mppe), "encrypted once: by the SA, or by MPPE", "%s; %s" % (sa, mppe or "no MPPE"))


def sa_gone(cast, report):
    report.step("3. The SA goes away under the running link, the client goes on sending")
    mark, before = now(cast.lns), stopped(cast)
    cast.client.ping_start()
    cast.lns.terminate()
    down = cast.client.wait_down(NO_LINK_SECONDS)
    sent, received = cast.client.ping_stop()
    report.check(down, "the link ends with its SA", "ppp0 at the client: %s; %d pings sent, %d answered" % (cast.client.links() or "none", sent, received))
    nothing_clear(cast, report, mark)
    told = cast.radius.wait_session(True, before + 1, NO_LINK_SECONDS)
    row = (cast.radius.sessions() or [{}])[-1]
    report.check(told, "RADIUS has the end of the session", "radacct: stopped=%s cause=%s reason=%s" % (row.get("stopped"), row.get("cause"), row.get("reason")))


def run(cast, report):
    wrong_psk(cast, report)
    if right_psk(cast, report):
        sa_gone(cast, report)
