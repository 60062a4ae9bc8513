# SPDX-License-Identifier: GPL-2.0-or-later
"""Profile nat: two clients behind one NAT, both with UDP port 1701, so that to the LNS they have one address and one port."""

from agent.judge.common import connect, nothing_clear, now, patience, told_radius, whole


def both_up(cast, report):
    report.step("1. Two clients behind one NAT dial, one after the other")
    for client in cast.clients:
        report.check(connect(cast, client), client.name + ": the link comes up", str(client.links()))
    links = cast.lns.links()
    report.check(len(links) == 2, "the LNS has both", str(links))
    return len(links) == 2


def both_talk(cast, report):
    report.step("2. Both talk at the same time")
    for client in cast.clients:
        client.ping_start()
    sizes = [whole(cast, report, client) for client in cast.clients]
    for client in cast.clients:
        sent, received = client.ping_stop()
        report.check(sent == received > 0, client.name + ": no packet is lost", "%d sent, %d answered" % (sent, received))
    told = cast.lns.sabus("status")
    used = {s["sa_id"] for s in told["sessions"]}
    report.check(len(used) == 2, "each session is on an SA of its own", "sessions and their SAs: %s" % [(s["ifname"], s["sa_id"], s["remote"]["address"]) for s in told["sessions"]])
    for client in cast.clients:
        told_radius(cast, report, list(client.links().values())[0]["local"])
    return all(sizes)


def one_goes(cast, report):
    report.step("3. The first one's SA goes away")
    first, second = cast.clients
    second.ping_start()
    first.terminate()
    report.check(first.wait_down(patience()), "its link ends", str(first.links() or "no ppp0"))
    second.ping(list(second.links().values())[0]["peer"], 5)
    sent, received = second.ping_stop()
    report.check(sent == received > 0, "the other one does not lose a packet", "%d sent, %d answered" % (sent, received))
    report.check(len(cast.lns.links()) == 1, "the LNS has one link", str(cast.lns.links()))


def run(cast, report):
    mark = now(cast.lns)
    if both_up(cast, report):
        both_talk(cast, report)
        one_goes(cast, report)
    report.step("4. All the time")
    nothing_clear(cast, report, mark)
