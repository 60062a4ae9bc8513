# SPDX-License-Identifier: GPL-2.0-or-later
"""xl2tpd with the kernel's L2TP, each tunnel in an SA of its own: set-ups, CPU, memory, and how far stock goes.

Two hosts; the client's lacload.c plays the LACs.  Each tunnel has its own pair of
ESP SAs with exact policies, put into both kernels beforehand, the same for all kinds;
what lacload publishes on the LNS's bus are these.  The plugin runs as it is set up by
default: SA required, guard policies, a socket policy per tunnel.  A tunnel has two
descriptors in xl2tpd then.  Stock is given the usual limit of 1,024, beyond which its
select() must not see one: from there on its tunnels have no data path.

A guest's one CPU carries both ends and its system calls are slow: the ratios count."""

import ipaddress

from lib.host import connect
from lib.wait import SLOW
from xl2tpds import LNS, PEERS, Life, kinds

SECONDS = 900
ROUNDS = 3
SIZES = (100, 1000, 5000)
CYCLES = {100: 8, 1000: 3, 5000: 2}     # a tick of the guest's clock of CPU times is 10 ms; the first is not counted
HELLOS = 300
STOCK, PATCHED, PLUGIN = "stock 1.3.20", "patched 1.3.20", "plugin 1.3.20"
STOCK_LIMIT, STOCK_SIZE = 1024, 1000
KEY = "0x" + "5a" * 20


def peer(i):
    return str(ipaddress.ip_address("10.0.0.0") + i)


def xfrm_lines(n, ours):
    """ip -batch lines for one end's SAs and policies, as sa_of() in load.c numbers them."""
    for i in range(1, n + 1):
        for spi, src, dst, outward in ((0xc0000000 + i, peer(i), LNS, not ours), (0xd0000000 + i, LNS, peer(i), ours)):
            yield "xfrm state add src %s dst %s proto esp spi 0x%x reqid %d mode transport replay-window 32 " \
                "aead rfc4106(gcm(aes)) %s 128" % (src, dst, spi, i + 1, KEY)
            yield "xfrm policy add src %s/32 dst %s/32 proto udp sport 1701 dport 1701 dir %s priority 1000 " \
                "tmpl proto esp reqid %d mode transport" % (src, dst, "out" if outward else "in", i + 1)


def network(ctx, n):
    lns, client = ctx.host("lns"), ctx.host("client")
    lns.address, client.address = "198.51.100.1", "198.51.100.2"
    connect(lns, client)
    lns.run("ip addr add %s/32 dev lo && ip route add %s via %s src %s" % (LNS, PEERS, client.address, LNS))
    client.run("ip route add local %s dev lo && ip route add %s via %s" % (PEERS, LNS, lns.address))
    for host, ours in ((lns, True), (client, False)):
        host.run(["ip", "-batch", "-"], stdin="".join(x + "\n" for x in xfrm_lines(n, ours)), timeout=120 * SLOW)
    return lns, client


def data_paths(pid):
    """Tunnels that have their own socket, which the kernel's L2TP needs."""
    with open("/proc/%d/net/udp" % pid) as f:
        return sum(line.split()[1].endswith(":06A5") for line in list(f)[1:]) - 1


def one(ctx, hosts, kind, n, cycles, limit=20000):
    lns, client = hosts
    with Life(ctx, kind, [], enter=lns.enter, limit=limit) as life:
        d = life.load(n, "-u", "-r", str(cycles), "-k", str(HELLOS), enter=client.enter)
        paths = data_paths(life.pid())
    if len(d["up_0"]) < n:
        raise RuntimeError("%s: %d of %d tunnels came up: %s" % (kind.name, len(d["up_0"]), n, d["why"]))
    rounds = range(1, cycles)
    return {"rate": 0.95 * n * len(rounds) / sum(ctx.quantile(d["when_%d" % r], 0.95) for r in rounds) * 1e9,
            "cpu": sum(d["cpu_up_%d" % r][0] for r in rounds) / (n * len(rounds)) / 1e3,
            "hello": sum(d["cpu_hello_%d" % r][0] for r in rounds) / sum(len(d["hello_%d" % r]) for r in rounds) / 1e3,
            "memory": (d["private_up_0_kib"][0] - d["private_idle_0_kib"][0]) / n,
            "paths": paths, "p99": ctx.quantile(d["up_0"], 0.99) / 1e6, "repeated": d["repeated"]}


def measure(ctx, hosts, every):
    found = {}
    for i in range(ROUNDS):
        for n in SIZES:
            for name in (PATCHED, PLUGIN) if i % 2 else (PLUGIN, PATCHED):
                for what, value in one(ctx, hosts, every[name], n, CYCLES[n]).items():
                    found.setdefault(name, {}).setdefault(n, {}).setdefault(what, []).append(value)
            ctx.say("xl2tpd_kernel: round %d of %d, %d tunnels: CPU per tunnel %s us" % (
                i + 1, ROUNDS, n, ", ".join("%s %.0f" % (k, v[n]["cpu"][-1]) for k, v in found.items())))
    return found


def run(ctx):
    hosts = network(ctx, SIZES[-1])
    every = kinds(("sabus delete sa = no",))
    stock = one(ctx, hosts, every[STOCK], STOCK_SIZE, 2, STOCK_LIMIT)
    found = measure(ctx, hosts, every)
    n = SIZES[-1]
    paths = min(min(v[n]["paths"]) for v in found.values())
    yield ctx.row("tunnels with a data path, of %d" % n, paths, "", against="%s, of %d, %d descriptors" % (STOCK, STOCK_SIZE, STOCK_LIMIT),
                  reference=stock["paths"], goal="all", met=paths == n)
    for n in SIZES:
        yield row(ctx, found, n, "rate", "set-ups per second", "1/s", lambda r: r >= 0.95, "ratio at least 0.95")
    for n in SIZES:
        yield row(ctx, found, n, "cpu", "CPU per tunnel set up", "us", lambda r: r <= 1.05, "ratio at most 1.05")
    for name in found:
        for what, text, flat in (("cpu", "CPU per tunnel set up", True), ("hello", "CPU per HELLO of an idle tunnel", False)):
            yield grown(ctx, name, found[name], what, text, flat)
    for n in (SIZES[0], SIZES[-1]):
        yield row(ctx, found, n, "memory", "private memory of xl2tpd per tunnel", "KiB")
    yield row(ctx, found, SIZES[-1], "p99", "time to set a tunnel up, 32 at a time, p99", "ms")


def row(ctx, found, n, what, text, unit, good=None, goal=""):
    a, b = found[PLUGIN][n][what], found[PATCHED][n][what]
    r = ctx.row("%s, %d tunnels, %s" % (text, n, PLUGIN), ctx.median(a), unit, against=PATCHED, reference=ctx.median(b),
                min=min(a), max=max(a), other_min=min(b), other_max=max(b))
    r["ratio"] = ctx.median([x / y for x, y in zip(a, b)])
    if good:
        r.update(goal=goal, met=good(r["ratio"]))
    return r


def grown(ctx, name, sizes, what, text, flat):
    small, large = sizes[SIZES[0]][what], sizes[SIZES[-1]][what]
    r = ctx.row("%s, %s, %d tunnels" % (text, name, SIZES[-1]), ctx.median(large), "us", against="%d tunnels" % SIZES[0],
                reference=ctx.median(small), min=min(large), max=max(large), small_min=min(small), small_max=max(small))
    r["ratio"] = ctx.median([x / y for x, y in zip(large, small)])
    if flat:
        r.update(goal="ratio at most 1.20", met=r["ratio"] <= 1.2)
    return r
