# SPDX-License-Identifier: GPL-2.0-or-later
"""sabusd with 10,000 clients and 10,000 SAs: publish, lookup, snapshot, memory.

busload.c does the calls and keeps every sample.  Tails of some microseconds are
only sabusd's if nothing else has the CPU, so broker and load run at real-time
priority where that is allowed; what the kernel's sockets and the machine cost
alone is measured beside it, in alternation, and is the reference ("bare socket").
Quantiles are per round; the row is the median of the rounds."""

import json
import os
import subprocess
import time

WHERE = "native"
SECONDS = 180
CLIENTS = SAS = 10000
ROUNDS = 7
REALTIME = ["chrt", "-f", "10"]


def realtime():
    return REALTIME if subprocess.run(REALTIME + ["true"], stderr=subprocess.DEVNULL, check=False).returncode == 0 else []


def load(ctx):
    """Samples of a whole run, by name; nanoseconds."""
    rt = realtime()
    ctx.say("bus: %d clients, %d SAs, %d rounds%s" % (CLIENTS, SAS, ROUNDS, "" if rt else "; no real-time priority here"))
    bus = os.path.join(ctx.dir, "run")
    os.makedirs(bus)
    with open(os.path.join(ctx.dir, "sabusd.log"), "w") as log:
        broker = subprocess.Popen(rt + [ctx.program("sabusd"), "--foreground", "--dir", bus,
                                        "--max-clients", str(CLIENTS + 1000)], stdout=log, stderr=log)
        try:
            end = time.monotonic() + 10
            while not os.path.exists(bus + "/read.sock"):
                if broker.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("sabusd did not start, see " + log.name)
                time.sleep(0.01)
            r = subprocess.run(rt + [ctx.tool("busload"), bus, str(broker.pid), str(CLIENTS), str(SAS), str(ROUNDS)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, check=False)
        finally:
            broker.terminate()
            broker.wait()
    if r.returncode:
        raise RuntimeError("busload: " + r.stderr)
    with open(os.path.join(ctx.dir, "samples.json"), "w") as f:
        f.write(r.stdout)
    return json.loads(r.stdout)


def tail(ctx, found, name, q):
    """Quantile Q of each round, in microseconds."""
    return [ctx.quantile(found["%s_%d" % (name, r)], q) / 1e3 for r in range(ROUNDS)]


def call(ctx, found, name, what, limit):
    """Two rows: the middle, and the tail with its goal."""
    for q, text in ((0.5, "median"), (0.999, "p99.9")):
        ours, bare = tail(ctx, found, name, q), tail(ctx, found, "bare_" + name, q)
        value = ctx.median(ours)
        goal = {"goal": "at most %d us" % limit, "met": value <= limit} if q > 0.5 else {}
        yield ctx.row("%s, %s" % (what, text), value, "us", against="bare socket", reference=ctx.median(bare),
                      min=min(ours), max=max(ours), bare_min=min(bare), bare_max=max(bare), **goal)


def run(ctx):
    found = load(ctx)
    yield from call(ctx, found, "publish", "publish (visible when send() returns)", 50)
    yield from call(ctx, found, "lookup", "lookup, there and back", 1000)
    event = found["event_0"]
    yield ctx.row("publish until its watcher has read it, p99", ctx.quantile(event, 0.99) / 1e3, "us",
                  median=ctx.median(event) / 1e3, max=max(event) / 1e3)
    yield ctx.row("first sync of all SAs", found["sync_0"][0] / 1e6, "ms", bytes_per_sa=found["sa_bytes"])
    for name, what in (("snapshot_sas_0", "snapshot, all SAs"), ("snapshot_all_0", "snapshot, SAs and sessions")):
        ms = [x / 1e6 for x in found[name]]
        yield ctx.row(what, ctx.median(ms), "ms", min=min(ms), max=max(ms))
    yield ctx.row("a client joins (connect, ask, watch), mean", found["join_0"][0] / 1e3 / CLIENTS, "us")
    yield ctx.row("a session is published and asked for, mean", found["session_0"][0] / 1e3 / CLIENTS, "us")
    for when, what in (("clients", "memory (RSS), all clients and SAs"), ("end", "memory (RSS), and each client's session")):
        mib = found["rss_%s_kib" % when] / 1024
        yield ctx.row(what, mib, "MiB", against="idle", reference=found["rss_idle_kib"] / 1024, goal="at most 16 MiB",
                      met=mib <= 16, private_dirty_mib=found["private_dirty_kib"] / 1024)
    yield ctx.row("publishes that found the queue full", found["full_queue"], "of %d" % (ROUNDS * 4000))
