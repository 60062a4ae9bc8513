# SPDX-License-Identifier: GPL-2.0-or-later
"""Time of a hook of the charon plugin, on the host's own kernel, sabusd reading and stopped.

In a guest a hook's tail is that of the guest's one CPU (bench_charon): what takes the
CPU away meanwhile counts as the hook's.  Here the plugin's publisher and its table
(hookload.c, without a charon) run beside sabusd, at real-time priority where that is
allowed, and bare sends of the same size are made in the same run: what they cost the
kernel and the machine is the reference.  What a hook asks of charon's own objects
is not in it; it is in bench_charon's median.  Quantiles are per round; the row is
the median of the rounds, their range is in bench.json."""

import json
import os
import subprocess
import time

WHERE = "native"
SECONDS = 120
SAS, ROUNDS = 1000, 7
REALTIME = ["chrt", "-f", "10"]


def load(ctx):
    rt = REALTIME if subprocess.run(REALTIME + ["true"], stderr=subprocess.DEVNULL, check=False).returncode == 0 else []
    ctx.say("hooks: %d rounds of 4000 calls, three times%s" % (ROUNDS, "" if rt else "; no real-time priority here"))
    bus = os.path.join(ctx.dir, "run")
    os.makedirs(bus)
    with open(os.path.join(ctx.dir, "sabusd.log"), "w") as log:
        broker = subprocess.Popen(rt + [ctx.program("sabusd"), "--foreground", "--dir", bus], stdout=log, stderr=log)
        try:
            end = time.monotonic() + 10
            while not os.path.exists(bus + "/sa.sock"):
                if broker.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("sabusd did not start, see " + log.name)
                time.sleep(0.01)
            r = subprocess.run(rt + [ctx.tool("hookload"), bus, str(broker.pid), str(SAS), str(ROUNDS)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, check=False)
        finally:
            broker.kill()   # it may be stopped
            broker.wait()
    if r.returncode:
        raise RuntimeError("hookload: " + r.stderr)
    with open(os.path.join(ctx.dir, "samples.json"), "w") as f:
        f.write(r.stdout)
    return json.loads(r.stdout)


def run(ctx):
    found = load(ctx)
    # one at the start, one after each round's stop: a hook has cut the connection
    if found["connections"] != ROUNDS + 1:
        raise RuntimeError("%d connections, not %d: 'stopped' did not measure a full queue" % (found["connections"], ROUNDS + 1))
    for which, what in (("live", "time in a hook's calls"), ("stopped", "time in a hook's calls, sabusd stopped")):
        for q, text in ((0.5, "median"), (0.99, "p99"), (0.999, "p99.9"), (1.0, "longest")):
            ours, bare = ([ctx.quantile(found["%s_%d" % (k, r)], q) / 1e3 for r in range(ROUNDS)] for k in (which, "bare"))
            value = ctx.median(ours)
            goal = {"goal": "at most 100 us", "met": value <= 100} if q == 0.999 else {}
            yield ctx.row("%s, %s" % (what, text), value, "us", against="bare send", reference=ctx.median(bare),
                          min=min(ours), max=max(ours), bare_min=min(bare), bare_max=max(bare), **goal)
