# SPDX-License-Identifier: GPL-2.0-or-later
"""What loading the plugin adds to a pppd's start, on the host's own kernel.

User Mode Linux makes the start of a process many times slower, and with it the
loading of a plugin: there bench_ppp cannot tell what a real machine would see.
This is the same pppd up to the point where all options are read ('dryrun'), with
the plugin and without, in turns; the question to the bus comes on top (bench_bus)."""

import glob
import os
import subprocess
import time

WHERE = "native"
SECONDS = 60
RUNS = 150
ENDS = (0, 4)   # 4: this kernel has no PPP, which pppd looks for after its options


def start(options):
    began = time.monotonic()
    r = subprocess.run(["pppd", "notty", "noauth", "nodetach", "dryrun"] + options, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, check=False)
    took = time.monotonic() - began
    if ("loaded" in r.stdout) != bool(options) or r.returncode not in ENDS:
        raise RuntimeError("pppd %s ended with %d: %s" % (" ".join(options), r.returncode, r.stdout))
    return took * 1e3


def run(ctx):
    plugin, = glob.glob(os.environ["RIG_PREFIX"] + "/usr/lib/**/pppd/*/sabus.so", recursive=True)
    stock, ours = [], []
    for i in range(RUNS):
        for sabus in ((False, True) if i % 2 else (True, False)):
            (ours if sabus else stock).append(start(["plugin", plugin] if sabus else []))
    a, b = ctx.median(stock), ctx.median(ours)
    yield ctx.row("start of a pppd, all options read", b, "ms", against="stock pppd", reference=a, difference=b - a,
                  paired_difference=ctx.median([y - x for x, y in zip(stock, ours)]),
                  min=min(ours), max=max(ours), stock_min=min(stock), stock_max=max(stock))
