# SPDX-License-Identifier: GPL-2.0-or-later
"""Time from SCCRQ to PPP up, and memory of a pppd, with the plugin and without.

One SA, one pair of xl2tpds; they are dialled again and again, in turns with stock
options and with the plugin on both ends.  The clock starts at the first ESP packet
of a dial on the wire, which is the SCCRQ (nothing else uses the SA, and the dial
before is over), and stops when both ends' kernels have told of their ppp0's
address, which pppd sets when IPCP is up.

Whose pppd is there first is luck, and when that one's first packet finds nobody, the
next comes a second later.  The client is 'silent', which makes that rarer; dials
where it happened all the same are counted and left out.

The guest makes the start of a process some twenty times slower than the host does
(bench_start has the same on the host), and that is most of what is measured here.
The clock of the CPU times ticks in steps of 10 ms under User Mode Linux."""

import re

from redial import Redial, first_esp

SECONDS = 240
ROUNDS = 16
FIRST = re.compile(r"sent \[LCP ConfReq id=0x1 ")


def dial(ctx, redial, sabus):
    """(milliseconds, memory per role, CPU time per role, was a first packet lost?)"""
    redial.configure(sabus, client=["silent"])
    seen = {r: len(e.host.log("pppd")) for r, e in redial.t.ends.items()}
    began, up = redial.up()
    sccrq = first_esp(redial.t.wire, began, up)
    if sccrq is None:
        raise RuntimeError("no ESP packet between dial and ppp up: this was not measured on the SA")
    cpu, memory = redial.cpu_ms(), redial.private_kib()
    said = [e.host.log("pppd")[seen[r]:] for r, e in redial.t.ends.items()]
    if [("\nsabus: " in "\n" + x) for x in said] != [sabus] * len(said):
        raise RuntimeError("this dial was %s the plugin" % ("without" if sabus else "with"))
    redial.down()
    return (up - sccrq) * 1e3, memory, cpu, any(len(FIRST.findall(x)) > 1 for x in said)


def run(ctx):
    t = ctx.tunnel()
    t.start()
    t.ike()
    redial = Redial(t)
    stock, ours = [], []
    for i in range(ROUNDS + 1):
        # ABBA: what drifts, drifts for both.
        for sabus in ((False, True) if i % 2 else (True, False)):
            result = dial(ctx, redial, sabus)
            if i:   # the first of each only warms caches
                (ours if sabus else stock).append(result)
        ctx.say("ppp: dial %d of %d, stock %.1f ms, with sabus %.1f ms" % (
            i, ROUNDS, *((x[-1][0] if x else 0) for x in (stock, ours))))
    yield from rows(ctx, stock, ours)


def rows(ctx, stock, ours):
    times = [[x[0] for x in v if not x[3]] for v in (stock, ours)]
    if min(map(len, times)) < ROUNDS // 4:
        raise RuntimeError("only %d and %d of %d dials without a lost packet" % (*map(len, times), ROUNDS))
    a, b = (ctx.median(v) for v in times)
    yield ctx.row("SCCRQ to PPP up on both ends", b, "ms", against="stock pppd", reference=a, goal="at most +2 ms",
                  met=b - a <= 2, difference=b - a, min=min(times[1]), max=max(times[1]), stock_min=min(times[0]),
                  stock_max=max(times[0]), stock_ms=times[0], sabus_ms=times[1])
    yield ctx.row("dials whose first LCP packet was lost", ROUNDS - len(times[1]), "of %d" % ROUNDS, against="stock pppd",
                  reference=ROUNDS - len(times[0]))
    for column, unit, what in ((2, "ms", "CPU time of the %s's pppd until then"), (1, "KiB", "private memory of the %s's pppd")):
        for role in ("lns", "client"):
            x, y = ([e[column][role] for e in v] for v in (stock, ours))
            a, b = ctx.median(x), ctx.median(y)
            yield ctx.row(what % role, b, unit, against="stock pppd", reference=a, difference=b - a,
                          min=min(y), max=max(y), stock_min=min(x), stock_max=max(x))
