# SPDX-License-Identifier: GPL-2.0-or-later
"""Throughput of one tunnel on one SA: MPPE inside ESP, sabus, and CCP off by hand.

The same SA and xl2tpds throughout; only pppd's options change from dial to dial.
By hand means stock pppd with 'noccp' and the MTU that sabus works out: the best
that an administrator can do.  With MPPE pppd itself takes its four bytes off."""

import json

from redial import Redial

SECONDS = 240
ROUNDS = 6
STREAM = ["-t", "4", "-O", "1"]
VARIANTS = ("mppe", "sabus", "byhand")


def options(variant, mtu):
    if variant == "sabus":
        return True, []
    if variant == "mppe":
        return False, ["require-mppe-128", "mtu %d" % mtu, "mru %d" % mtu]
    return False, ["noccp", "mtu %d" % mtu, "mru %d" % mtu]


def iperf(t, *words):
    """Bits per second that the LNS received from the client."""
    server = t.lns.host.spawn(["iperf3", "-s", "-1", "--forceflush"], "iperf3")
    server.may_end = True
    t.lns.host.wait_log("iperf3", "Server listening", after=iperf.seen)
    out = t.client.host.run(["iperf3", "-c", t.lns.host.ifaddr("ppp0")[0], "-J"] + STREAM + list(words), timeout=60).stdout
    server.popen.wait()
    iperf.seen = len(t.lns.host.log("iperf3"))
    return json.loads(out)["end"]["sum_received"]["bits_per_second"]


def measure(t, redial, variant, mtu):
    sabus, lines = options(variant, mtu)
    redial.configure(sabus, lines, client=["silent"])
    begins = {r: len(e.host.log("pppd")) for r, e in t.ends.items()}
    redial.up()
    for role, end in t.ends.items():
        said = end.host.log("pppd")[begins[role]:]
        if ("MPPE" in said and "enabled" in said) != (variant == "mppe"):
            raise RuntimeError("%s: MPPE is not what '%s' means" % (role, variant))
        if mtu and t.mtu(role) != (mtu - 4 if variant == "mppe" else mtu):
            raise RuntimeError("%s: MTU %d in '%s'" % (role, t.mtu(role), variant))
    found = iperf(t) / 1e6, t.mtu("lns")
    redial.down()
    return found


def run(ctx):
    t = ctx.tunnel()
    t.start()
    t.ike()
    iperf.seen = 0
    t.wire.stop()   # a capture of every packet would be most of the work
    redial = Redial(t)
    _, mtu = measure(t, redial, "sabus", 0)
    rates = {v: [] for v in VARIANTS}
    for i in range(ROUNDS):
        for variant in VARIANTS if i % 2 else VARIANTS[::-1]:
            rates[variant].append(measure(t, redial, variant, mtu)[0])
        ctx.say("throughput: round %d of %d: %s Mbit/s" % (
            i + 1, ROUNDS, ", ".join("%s %.0f" % (v, rates[v][-1]) for v in VARIANTS)))
    yield from rows(ctx, rates, mtu)


def rows(ctx, rates, mtu):
    middle = {v: ctx.median(rates[v]) for v in VARIANTS}
    spread = {"%s_%s" % (v, n): f(rates[v]) for v in VARIANTS for n, f in (("min", min), ("max", max))}
    yield ctx.row("TCP with sabus", middle["sabus"], "Mbit/s", against="CCP off by hand", reference=middle["byhand"],
                  goal="ratio at least 0.99", met=middle["sabus"] / middle["byhand"] >= 0.99, mtu=mtu, all=rates,
                  paired_ratio=ctx.median([a / b for a, b in zip(rates["sabus"], rates["byhand"])]), **spread)
    yield ctx.row("TCP with sabus", middle["sabus"], "Mbit/s", against="MPPE in ESP", reference=middle["mppe"])
