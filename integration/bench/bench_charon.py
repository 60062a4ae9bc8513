# SPDX-License-Identifier: GPL-2.0-or-later
"""CHILD_SAs per second with the plugin and without, and the time charon spends in it.

Two charons, one after the other started with and without the plugin, in turns.
The client's initiates one CHILD_SA after the other on one IKE_SA, and deletes it
before the next (that time does not count); each command ends when the exchange is
done and the kernel has the SAs.  sabusd runs on both ends in every
round, so that only the plugin is compared.  The time in the hooks is what the
plugin itself writes into charon's log when charon ends: it starts with the hook
and ends with it, on one thread, under charon's own lock.  A guest's one CPU goes to
other processes in the middle of hooks, so that its p99.9 is the scheduler's; the
goal for it (at most 100 us) is judged by bench_hooks.py, on the host's kernel."""

import os
import re
import time

from lib.wait import wait_for
from vici import Vici

SECONDS = 240
ROUNDS, BATCHES, BATCH = 3, 5, 40
CONF = "/etc/strongswan.d/charon/sabus.conf"
HOOKS = re.compile(r"sabus: hooks count=(\d+) p50-ns=(\d+) p99-ns=\d+ p999-ns=(\d+) max-ns=(\d+)")


def start(t, plugin):
    for end in t.ends.values():
        end.host.write(CONF, "sabus {\n\tload = %s\n}\n" % ("yes" if plugin else "no"))
        end.charon.start()
        if plugin:
            wait_for("%s: charon on the bus" % end.role, lambda h=end.host: published(h))
    t.ike()


def published(host):
    """The last word of the plugin is that it is connected."""
    said = re.findall(r"sabus: (bus-up|bus-down) ", host.log("charon"))
    return bool(said) and said[-1] == "bus-up"


def stop(t):
    """End both charons; what their plugins said of their hooks."""
    found = []
    for end in t.ends.values():
        seen = len(end.host.log("charon"))
        end.charon.stop()
        found += [(int(n),) + tuple(int(ns) / 1e3 for ns in times) for n, *times in HOOKS.findall(end.host.log("charon")[seen:])]
    return found


def rate(t):
    """CHILD_SAs per second, of each batch."""
    vici, rates = Vici(t.client.host), []
    vici.command("terminate", child="l2tp", loglevel="-1")
    for _ in range(BATCHES):
        took = 0.0
        for _ in range(BATCH):
            began = time.monotonic()
            vici.command("initiate", child="l2tp", loglevel="-1")
            took += time.monotonic() - began
            vici.command("terminate", child="l2tp", loglevel="-1")
        rates.append(BATCH / took)
    vici.close()
    return rates


def cpu_seconds(t):
    """Of both charons, all threads, so far: what the machine's other work does not change much."""
    ticks = 0
    for end in t.ends.values():
        with open("/proc/%d/stat" % end.host.daemons["charon-out"].pid) as f:
            ticks += sum(int(x) for x in f.read().rsplit(")", 1)[1].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def life(ctx, t, plugin, paused=False):
    """Rates, hooks, and milliseconds of CPU per CHILD_SA of one pair of charons."""
    start(t, plugin)
    for end in t.ends.values() if paused else ():
        end.sabusd.pause()
    before = cpu_seconds(t)
    rates = rate(t)
    cpu = (cpu_seconds(t) - before) * 1e3 / (BATCHES * BATCH)
    hooks = stop(t)
    for end in t.ends.values() if paused else ():
        end.sabusd.resume()
    if len(hooks) != (2 if plugin else 0):
        raise RuntimeError("%d charons told of their hooks, not %d" % (len(hooks), 2 if plugin else 0))
    ctx.say("charon: %s, %.1f CHILD_SAs per second" % (
        "without" if not plugin else "with sabus, sabusd stopped" if paused else "with sabus", ctx.median(rates)))
    return rates, hooks, cpu


def run(ctx):
    t = ctx.tunnel()
    t.start(charon=False, xl2tpd=False)
    for end in t.ends.values():
        end.host.write("/etc/strongswan.d/quiet.conf", "charon-systemd {\n\tfilelog {\n\t\tl2tp {\n\t\t\tike = 0\n\t\t\tnet = 0\n"
                       "\t\t\tenc = 0\n\t\t\tcfg = 0\n\t\t\tknl = 0\n\t\t\tchd = 0\n\t\t}\n\t}\n}\n")
    results = {"stock": [], "sabus": [], "paused": []}
    life(ctx, t, True)
    for i in range(ROUNDS):
        for which in ("stock", "sabus", "paused") if i % 2 else ("paused", "sabus", "stock"):
            results[which].append(life(ctx, t, which != "stock", which == "paused"))
    yield from rows(ctx, results)


def rows(ctx, results):
    rates = {k: [r for one, _, _ in v for r in one] for k, v in results.items()}
    stock = ctx.median(rates["stock"])
    for which, what, goal in (("sabus", "CHILD_SAs per second", True), ("paused", "CHILD_SAs per second, sabusd stopped", False)):
        v = ctx.median(rates[which])
        yield ctx.row(what, v, "1/s", against="without plugin", reference=stock, min=min(rates[which]), max=max(rates[which]),
                      stock_min=min(rates["stock"]), stock_max=max(rates["stock"]),
                      **({"goal": "ratio at least 0.98", "met": v / stock >= 0.98} if goal else {}))
    cpu = {k: [x for _, _, x in v] for k, v in results.items()}
    yield ctx.row("CPU time of both charons per CHILD_SA, set up and deleted", ctx.median(cpu["sabus"]), "ms", against="without plugin",
                  reference=ctx.median(cpu["stock"]), each=cpu)
    for which, what in (("sabus", "time in a hook"), ("paused", "time in a hook, sabusd stopped")):
        hooks = [h for _, found, _ in results[which] for h in found]
        tails = [h[2] for h in hooks]
        yield ctx.row(what + ", median", ctx.median([h[1] for h in hooks]), "us", hooks=sum(h[0] for h in hooks))
        yield ctx.row(what + ", p99.9 with preemption", ctx.median(tails), "us", min=min(tails), max=max(tails), longest=max(h[3] for h in hooks))
