# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs measurements, the demo, or an interactive scene: what uses the fixtures'
hosts and tunnels but is no test.

  python3 -m lib.play bench WHERE FILE...   rows to $RIG_RESULTS/bench.jsonl
  python3 -m lib.play demo FILE

The contract of FILE is in integration/bench/README.md.  Everything that is said
goes to $RIG_RESULTS/said as well, which the rig shows while we run."""

import importlib.util
import json
import os
import shutil
import signal
import sys
import time
import traceback

from lib.stage import Stage

RESULTS = os.environ.get("RIG_RESULTS", "/host/results")
SECONDS = 300


def say(text):
    with open(os.path.join(RESULTS, "said"), "a") as f:
        f.write(text + "\n")


class Context(Stage):
    def __init__(self, name, where):
        super().__init__(os.path.join(RESULTS, name))
        self.where = where

    def tunnel(self, **options):
        self._guests_only("tunnel")
        return super().tunnel(**options)

    def host(self, name):
        self._guests_only("host")
        return super().host(name)

    def _guests_only(self, what):
        """In the cached root hosts would write to files that others share."""
        if self.where != "guest":
            raise RuntimeError("ctx.%s: only in a guest; give the file WHERE = \"guest\"" % what)

    @staticmethod
    def say(text):
        say(text)

    @staticmethod
    def row(name, value, unit, against="", reference=None, goal="", met=None, **more):
        ratio = value / reference if reference else None
        return dict(more, name=name, value=value, unit=unit, against=against, reference=reference,
                    ratio=ratio, goal=goal, met=met)

    @staticmethod
    def quantile(values, q):
        """The smallest value that is not below a share Q of all."""
        ordered = sorted(values)
        return ordered[min(len(ordered) - 1, max(0, -int(-q * len(ordered) // 1) - 1))]

    @staticmethod
    def median(values):
        ordered = sorted(values)
        half = len(ordered) // 2
        return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2

    @staticmethod
    def program(name):
        path = shutil.which(name)
        if not path:
            raise FileNotFoundError("the build installed no program '%s' (PATH %s)" % (name, os.environ["PATH"]))
        return path

    @staticmethod
    def tool(name):
        path = os.path.join(os.environ.get("RIG_PREFIX", "") + "/usr/libexec/sabus-bench", name)
        if not os.path.exists(path):
            raise FileNotFoundError("%s: not built by 'make install-integration'" % path)
        return path


def load(path):
    spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, os.path.dirname(path))
    spec.loader.exec_module(module)
    return module


def too_long(_signum, _frame):
    raise TimeoutError("it took more than its time limit")


def record(entry):
    with open(os.path.join(RESULTS, "bench.jsonl"), "a") as f:
        f.write(json.dumps(entry) + "\n")


def played(path, where, use):
    """Run USE(module, context) for one file; the text of its failure, '' for none."""
    name = os.path.basename(path)[:-3]
    ctx = Context(name, where)
    try:
        module = load(path)
        signal.signal(signal.SIGALRM, too_long)
        signal.alarm(getattr(module, "SECONDS", SECONDS))
        use(module, ctx)
        return ""
    except Exception:  # whatever it is: it is told, and the next one runs
        return traceback.format_exc(limit=-4)
    finally:
        signal.alarm(0)
        ctx.clear()


def bench(where, paths):
    failed = 0
    for path in paths:
        name = os.path.basename(path)[len("bench_"):-3]
        start = time.monotonic()

        def rows(module, ctx):
            for row in module.run(ctx):
                record(dict(row, bench=name))

        why = played(path, where, rows)
        record({"bench": name, "seconds": time.monotonic() - start, "error": why})
        failed += bool(why)
    return 1 if failed else 0


def demo(path):
    why = played(path, "guest", lambda module, ctx: module.run(ctx))
    if why:
        say("the demo failed:\n" + why)
    return 1 if why else 0


if __name__ == "__main__":
    sys.exit(bench(sys.argv[2], sys.argv[3:]) if sys.argv[1] == "bench" else demo(sys.argv[2]))
