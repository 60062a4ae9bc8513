# SPDX-License-Identifier: GPL-2.0-or-later
"""Profile chaos: one client, and one thing after the other goes wrong.  What must not happen: a lost packet where nothing of the data's way was
touched, a link that nobody protects, a session that RADIUS never hears the end of."""

from agent.judge.common import connect, nothing_clear, now, patience, stopped, told_radius
from agent.system import wait_for


def unharmed(cast, report, what, trouble):
    """TROUBLE beside the link: no ping is lost."""
    cast.client.ping_start()
    trouble()
    cast.client.ping_inside(5)
    sent, received = cast.client.ping_stop()
    report.check(sent == received > 0, what + ": no packet is lost", "%d sent, %d answered" % (sent, received))


def sabusd_again(cast):
    cast.lns.kill("sabusd")
    cast.lns.start("sabusd")
    wait_for("sabusd knows the session again", lambda: [s for s in cast.lns.sabus("status")["sessions"] if s["ifname"] == "ppp0"], patience(), 0.5)


def rekeyings(cast, count):
    """Each of the SAs carries something."""
    for _ in range(count):
        cast.lns.rekey()
        cast.client.ping_inside(2)


def dial_in_the_dark(cast, report):
    """charon is dead: nobody can say what protects whom, so nobody gets in."""
    report.step("3. charon of the LNS is killed; the client dials anew")
    cast.client.hang_up()
    cast.client.wait_down(patience())
    mark = now(cast.lns)
    cast.lns.kill("charon")
    cast.client.dial()
    up = cast.client.wait_up(15)
    report.check(not up, "no link while charon is dead", "ppp0 at the client: %s" % (cast.client.links() or "none"))
    nothing_clear(cast, report, mark)
    cast.lns.start("charon")
    cast.client.hang_up()
    cast.client.terminate()
    report.check(connect(cast, cast.client), "with charon back the client comes in again", str(cast.client.links()))


def bad_weather(cast, report):
    report.step("4. The wire loses 10 % and delays by 20 to 60 ms; the client dials anew")
    cast.client.hang_up()
    cast.client.wait_down(patience())
    mark = now(cast.lns)
    cast.lns.weather("delay", "40ms", "20ms", "loss", "10%")
    up = connect(cast, cast.client) or connect(cast, cast.client)
    report.check(up, "the link comes up all the same", str(cast.client.links()))
    got = cast.client.ping_inside(20)
    report.check(got > 0, "and carries", "%d of 20 pings" % got)
    cast.lns.weather()
    nothing_clear(cast, report, mark)


def deaf_radius(cast, report):
    report.step("5. RADIUS is away when the session ends")
    before = stopped(cast)
    cast.radius.stop()
    cast.lns.terminate()
    report.check(cast.client.wait_down(patience()), "the link ends with its SA", str(cast.client.links() or "no ppp0"))
    cast.radius.start()
    report.check(cast.radius.wait_session(True, before + 1, 2 * patience()), "its Stop is delivered once RADIUS is back",
                 "radacct: %d stopped before, now %d" % (before, stopped(cast)))


def run(cast, report):
    report.step("1. A link, as it should be")
    mark = now(cast.lns)
    if not report.check(connect(cast, cast.client), "the link comes up", str(cast.client.links())):
        return
    told_radius(cast, report, list(cast.client.links().values())[0]["local"])
    report.step("2. Trouble beside it")
    unharmed(cast, report, "sabusd of the LNS is killed and started again", lambda: sabusd_again(cast))
    unharmed(cast, report, "three rekeyings", lambda: rekeyings(cast, 3))
    nothing_clear(cast, report, mark)
    dial_in_the_dark(cast, report)
    bad_weather(cast, report)
    deaf_radius(cast, report)
