# SPDX-License-Identifier: GPL-2.0-or-later
"""xl2tpd at 100, 1,000 and 5,000 tunnels: set-ups per second, CPU and memory per tunnel, cost of a wake-up.

lacload.c plays as many LACs on the loopback of the host's own kernel, so xl2tpd
serves the tunnels in user space ('force userspace'; bench_xl2tpd_kernel has the
rest).  Each peer's packets have a mark of their own, as from an SA with marks, and
the patched ones look at it.  The plugin, which finds no ESP here, is told 'ipsec
optional'; all the same it asks sabusd for the SA of each tunnel, which lacload has
published, uses its mark, and publishes the tunnel.
All kinds take turns, each time as a fresh process.  CPU time is xl2tpd's own,
user and system, from the scheduler's account.  All tunnels are set up and ended
several times; the first time, which warms caches and gets the memory, does not count
(stock has it only once beyond 100: its lost tunnels are in the way of the next).  The rate is that of the first 95 %: the last few may have
lost a datagram, and wait a second.  Ratios are medians over rounds of the ratio within
the round; a row's value is the median of its rounds.

Stock xl2tpd gives each tunnel a random id without looking whether another has it;
some of these do not come up, others are mute afterwards, and are counted by who
does not answer a HELLO."""

import subprocess

from xl2tpds import LNS, PEERS, Life, kinds

WHERE = "native"
SECONDS = 900
ROUNDS = 5
SIZES = (100, 1000, 5000)
STOCK_UP = 0.95         # share of stock's tunnels that must come up
CYCLES = {100: 11, 1000: 3, 5000: 2}
HELLOS = {100: 1000, 1000: 600, 5000: 400}
SAREF = "ipsec saref = mark"
PLUGIN = ("sabus ipsec = optional", "sabus guard = no", "sabus delete sa = no")
PAIRS = (("patched 1.3.18", "stock 1.3.18"), ("patched 1.3.20", "stock 1.3.20"), ("plugin 1.3.20", "patched 1.3.20"))


def network():
    """The addresses of flow_of(), in this name space of our own."""
    for words in ("addr add %s/32 dev lo" % LNS, "route add local %s dev lo" % PEERS):
        subprocess.run(["ip"] + words.split(), check=True)


def one(ctx, kind, n):
    """What a life of this kind with N tunnels has cost, by measure."""
    stock = kind.name.startswith("stock")
    cycles = 1 if stock and n > SIZES[0] else CYCLES[n]
    lines = ["force userspace = yes"] + ([] if stock else [SAREF])
    with Life(ctx, kind, lines) as life:
        d = life.load(n, "-mu", "-r", str(cycles), "-k", str(HELLOS[n]))
    if len(d["up_0"]) < (STOCK_UP if stock else 1) * n:
        raise RuntimeError("%s: %d of %d tunnels came up: %s" % (kind.name, len(d["up_0"]), n, d["why"]))
    rounds = range(1 if cycles > 1 else 0, cycles)
    up = [x for r in rounds for x in d["up_%d" % r]]
    answered = len(d["hello_0"])
    return {"rate": 0.95 * n * len(rounds) / sum(ctx.quantile(d["when_%d" % r], 0.95) for r in rounds) * 1e9,
            "cpu": sum(d["cpu_up_%d" % r][0] for r in rounds) / (n * len(rounds)) / 1e3,
            "first": d["cpu_up_0"][0] / n / 1e3,
            "sabusd": sum(d["cpu_up_%d" % r][1] for r in rounds) / (n * len(rounds)) / 1e3 if kind.plugin else 0,
            "hello": sum(d["cpu_hello_%d" % r][0] for r in rounds) / sum(len(d["hello_%d" % r]) for r in rounds) / 1e3,
            "memory": (d["private_up_0_kib"][0] - d["private_idle_0_kib"][0]) / n,
            "mute": 100 * (1 - answered / HELLOS[n]),
            "p50": ctx.quantile(up, 0.5) / 1e6, "p99": ctx.quantile(up, 0.99) / 1e6, "repeated": d["repeated"]}


def measure(ctx, found):
    """found[kind name][N][measure] = one value per round."""
    by_name = kinds(PLUGIN)
    for i in range(ROUNDS):
        for n in SIZES:
            for kind in list(by_name.values())[::1 if i % 2 else -1]:
                for what, value in one(ctx, kind, n).items():
                    found.setdefault(kind.name, {}).setdefault(n, {}).setdefault(what, []).append(value)
            last = {k: v[n] for k, v in found.items()}
            ctx.say("xl2tpd: round %d of %d, %d tunnels: %s us per tunnel" % (
                i + 1, ROUNDS, n, ", ".join("%s %.0f" % (k, v["cpu"][-1]) for k, v in last.items())))


def pair(ctx, found, n, what, text, unit, goal=None, better=1):
    """A row per pair of PAIRS.  GOAL: what the plugin's ratio may be at worst; BETTER: 1 when less is."""
    for ours, other in PAIRS:
        a, b = found[ours][n][what], found[other][n][what]
        row = ctx.row("%s, %d tunnels, %s" % (text, n, ours), ctx.median(a), unit, against=other, reference=ctx.median(b),
                      min=min(a), max=max(a), other_min=min(b), other_max=max(b))
        if all(b):
            row["ratio"] = ctx.median([x / y for x, y in zip(a, b)])
        if goal and ours.startswith("plugin"):
            row.update(goal="ratio %s %.2f" % ("at most" if better > 0 else "at least", goal),
                       met=row["ratio"] <= goal if better > 0 else row["ratio"] >= goal)
        yield row


def flat(ctx, found, what, text, goal):
    """Cost at 5,000 against that at 100."""
    for name in found:
        small, large = found[name][SIZES[0]][what], found[name][SIZES[-1]][what]
        row = ctx.row("%s, %s, %d tunnels" % (text, name, SIZES[-1]), ctx.median(large), "us", against="%d tunnels" % SIZES[0],
                      reference=ctx.median(small), min=min(large), max=max(large), small_min=min(small), small_max=max(small))
        row["ratio"] = ctx.median([x / y for x, y in zip(large, small)])
        if goal and not name.startswith("stock"):
            row.update(goal="ratio at most %.2f" % goal, met=row["ratio"] <= goal)
        yield row


def run(ctx):
    found = {}
    network()
    measure(ctx, found)
    for n in SIZES:
        yield from pair(ctx, found, n, "rate", "set-ups per second", "1/s", 0.95, -1)
    for n in SIZES:
        yield from pair(ctx, found, n, "cpu", "CPU per tunnel set up", "us", 1.05)
    yield from flat(ctx, found, "cpu", "CPU per tunnel set up", 1.2)
    yield from flat(ctx, found, "first", "CPU per tunnel, first time in a fresh process", None)
    yield from flat(ctx, found, "hello", "CPU per HELLO of an idle tunnel", None)
    yield from others(ctx, found)


def others(ctx, found):
    n = SIZES[-1]
    for what, text, unit in (("p50", "time to set a tunnel up, 32 at a time, median", "ms"), ("p99", "the same, p99", "ms"),
                             ("memory", "private memory of xl2tpd per tunnel", "KiB"), ("mute", "tunnels that answer no HELLO", "%")):
        yield from pair(ctx, found, n, what, text, unit)
    for n in SIZES:
        cpu = found["plugin 1.3.20"][n]["sabusd"]
        yield ctx.row("CPU of sabusd per tunnel, %d tunnels" % n, ctx.median(cpu), "us", min=min(cpu), max=max(cpu))
