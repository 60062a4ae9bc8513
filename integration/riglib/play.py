# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs in a guest but is no test: measurements, the demo, a shell.  The
guest's half is scenarios/lib/play.py; the contract of the files is in
integration/bench/README.md."""

import ast
import json
import os
import shutil
import sys
import termios
import time

from riglib import build, chroot, conf, guests, proc, root, shard, steps, ui

BENCH = os.path.join(conf.INTEGRATION, "bench")
DEMO = os.path.join(conf.INTEGRATION, "demo", "demo.py")
PATIENCE = 120          # seconds on top of the files' own time limits


class Measurement:
    """A bench_<name>.py, read without running it."""

    def __init__(self, path):
        self.path, self.file = path, os.path.basename(path)
        self.name = self.file[len("bench_"):-3]
        tree = ast.parse(conf.read(path), path)
        self.what = ((ast.get_docstring(tree) or "").splitlines() or [""])[0]
        self.where = self._constant(tree, "WHERE", "guest")
        self.seconds = self._constant(tree, "SECONDS", 300)
        if self.where not in ("guest", "native"):
            raise ui.RigError("bench", "%s: WHERE is '%s', must be 'guest' or 'native'" % (path, self.where))

    @staticmethod
    def _constant(tree, name, default):
        for node in tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
                return ast.literal_eval(node.value)
        return default


def measurements(patterns=()):
    names = sorted(os.listdir(BENCH)) if os.path.isdir(BENCH) else []
    found = [Measurement(os.path.join(BENCH, n)) for n in names if n.startswith("bench_") and n.endswith(".py")]
    return [m for m in found if shard.matches(m.name, list(patterns))]


def ready(rig):
    """Backend, root and the plain build: what all of this starts with."""
    backend = guests.choose(rig)
    root.ensure(rig)
    backend.setup()
    # One build for everybody: no sanitizers, also where the backend's tests have them.
    backend.flavour = "plain"
    return backend, build.product(rig, "plain")


def follow(gone, said, seconds, step, what):
    """Until the process is GONE: show what it says."""
    end = time.monotonic() + seconds
    while True:
        over = gone()
        for line in said.lines():
            ui.say(line)
        if over:
            return
        if time.monotonic() > end:
            raise ui.RigError(step, "%s took more than %d s" % (what, seconds))
        time.sleep(0.05)


def in_guest(rig, backend, product, command, seconds, step, leave=()):
    """COMMAND of lib/play.py in a guest of its own; (exit code, bench.jsonl)."""
    log = rig.log(step + ".console")
    g = shard.Guest(rig, backend, "python3 -m lib.play %s\n" % command, product, log)
    try:
        follow(g.gone, shard.Follower(os.path.join(g.results, "said")), seconds * backend.slow + PATIENCE, step, command)
        code, rows = g.exit_code(), _entries(os.path.join(g.results, "bench.jsonl"))
        g.bring_back(leave=["said", "bench.jsonl"])
    finally:
        g.destroy()
    if code not in ("0", "1"):
        raise ui.RigError(step, "the guest ended with exit code %s\n%s" % (code, ui.tail(log)), log)
    return int(code), rows


def natively(rig, product, chosen):
    """Measurements that need no kernel of their own: in the root, with the build
    unpacked beside it; (exit code, rows)."""
    work = os.path.join(rig.build_dir, "bench-native-%d" % os.getpid())
    log = rig.log("bench-native")
    try:
        os.makedirs(os.path.join(work, "results"))
        os.makedirs(os.path.join(work, "product"))
        proc.run("bench", "unpacking the build", ["tar", "-C", os.path.join(work, "product"), "-xf", product], log,
                 quiet=True)
        shard.fill_share(work, None)
        command = NATIVE + "python3 -m lib.play bench native %s\n" % " ".join("../bench/" + m.file for m in chosen)
        p = proc.start(chroot.enter(rig.root, command, [(work, "/out")], net=False), log)
        follow(lambda: p.poll() is not None, shard.Follower(os.path.join(work, "results/said")),
               sum(m.seconds for m in chosen) + PATIENCE, "bench", "native measurements")
        proc.stop(p)
        if p.returncode not in (0, 1):
            raise ui.RigError("bench", "exit code %d\n%s" % (p.returncode, ui.tail(log)), log)
        rows = _entries(os.path.join(work, "results/bench.jsonl"))
        for name in os.listdir(os.path.join(work, "results")):
            if name.startswith("bench_"):
                target = os.path.join(rig.results, name)
                shutil.rmtree(target, ignore_errors=True)
                shutil.move(os.path.join(work, "results", name), target)
        return p.returncode, rows
    finally:
        shutil.rmtree(work, ignore_errors=True)


NATIVE = """\
set -e
lib=/out/product/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
export PATH=/out/product/usr/sbin:/out/product/usr/bin:$PATH LD_LIBRARY_PATH=$lib PYTHONDONTWRITEBYTECODE=1
export RIG_PREFIX=/out/product RIG_RESULTS=/out/results RIG_TEMPLATES=/out/conf-templates RIG_FLAVOUR=plain
cd /out/scenarios
"""


def _entries(path):
    return [json.loads(x) for x in shard.Follower(path).lines()]


def bench(rig):
    chosen = measurements(rig.args.pattern)
    if not chosen:
        raise ui.RigError("bench", "no measurement matches '%s'" % " ".join(rig.args.pattern),
                          remedy="integration/rig list names them")
    backend, product = ready(rig)
    entries, codes = [], []
    native = [m for m in chosen if m.where == "native"]
    if native:
        code, found = natively(rig, product, native)
        codes.append(code)
        entries += found
    # One after the other, each in a fresh guest: none inherits what another left.
    for m in [m for m in chosen if m.where == "guest"]:
        code, found = in_guest(rig, backend, product, "bench guest ../bench/" + m.file, m.seconds, "bench-" + m.name)
        codes.append(code)
        entries += found
    return conclude(rig, backend, entries, any(codes))


def conclude(rig, backend, entries, broken):
    """The table, bench.json, and the exit code: 0 when all was measured and every goal met."""
    rows = [e for e in entries if "name" in e]
    errors = [e for e in entries if e.get("error")]
    os.makedirs(rig.results, exist_ok=True)
    path = os.path.join(rig.results, "bench.json")
    with open(path, "w") as f:
        json.dump({"backend": backend.name, "cpus": os.cpu_count(), "rows": rows,
                   "errors": {e["bench"]: e["error"] for e in errors}}, f, indent=1)
    ui.say(table(rows))
    for e in errors:
        ui.say("FAILED %s: %s" % (e["bench"], e["error"].strip().splitlines()[-1]))
        ui.say("".join("        " + x + "\n" for x in e["error"].splitlines()) +
               "        logs: " + os.path.join(rig.results, "bench_" + e["bench"]))
    missed = [r for r in rows if r.get("met") is False]
    for r in missed:
        ui.say("GOAL NOT MET %s/%s: %s %s, goal %s" % (r["bench"], r["name"], number(r["value"]), r["unit"], r["goal"]))
    ui.note("written to " + path)
    return 1 if broken or errors or missed or not rows else 0


def number(x):
    """Four significant digits, no exponent for what people read."""
    if x is None or isinstance(x, str):
        return x or ""
    if x and not 0.001 <= abs(x) < 1e7:
        return "%.3g" % x
    digits = 0 if abs(x) >= 1000 else 1 if abs(x) >= 100 else 2 if abs(x) >= 10 else 3
    text = "%.*f" % (digits, x)
    return text.rstrip("0").rstrip(".") if "." in text else text


def table(rows):
    cells = [("measurement", "median", "unit", "against", "reference", "ratio", "goal", "")]
    for r in rows:
        met = {True: "met", False: "NOT MET"}.get(r.get("met"), "")
        cells.append(("%s: %s" % (r["bench"], r["name"]), number(r["value"]), r["unit"], r.get("against") or "",
                      number(r.get("reference")), number(r.get("ratio")), r.get("goal") or "", met))
    widths = [max(len(str(row[i])) for row in cells) for i in range(len(cells[0]))]
    right = (1, 4, 5)
    lines = ["  ".join(str(c).rjust(w) if i in right else str(c).ljust(w)
                       for i, (c, w) in enumerate(zip(row, widths))).rstrip() for row in cells]
    return "\n".join([lines[0], "-" * max(len(x) for x in lines)] + lines[1:])


def demo(rig):
    if not os.path.exists(DEMO):
        raise ui.RigError("demo", "there is no " + DEMO)
    backend, product = ready(rig)
    code, _ = in_guest(rig, backend, product, "demo ../demo/demo.py", 600, "demo")
    return code


SHELL = """\
export RIG_SHELL=1
python3 -m pytest -q -s -p no:cacheprovider --tb=short '%s'
"""


def shell(rig):
    """Boot, let the scenario set its hosts up, and hand the terminal over."""
    if len(rig.args.pattern) != 1:
        raise ui.RigError("shell", "give the name of one scenario", remedy="integration/rig list names them")
    if not sys.stdin.isatty():
        raise ui.RigError("shell", "standard input is not a terminal")
    backend = guests.choose(rig)
    root.ensure(rig)
    ids = shard.collect(rig, rig.args.pattern)
    if len(ids) != 1:
        raise ui.RigError("shell", "'%s' matches %s" % (rig.args.pattern[0], ", ".join(map(shard.short, ids)) or
                                                       "no scenario"), remedy="integration/rig list names them")
    ((backend, _),) = shard.by_backend(rig, backend, ids)
    backend.setup()
    product = None if rig.args.no_build else build.product(rig, backend.flavour)
    before = termios.tcgetattr(sys.stdin)
    g = shard.Guest(rig, backend, SHELL % ids[0], product, None)
    try:
        while not g.gone():
            time.sleep(0.1)
        g.bring_back(leave=["progress.jsonl"])
    finally:
        g.destroy()
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
    return 0


def listing():
    """(heading, [(name, what)]) of all that can be asked for."""
    yield "test: native", steps.documented()
    yield "test: scenarios", [(n, what) for n, _, what in shard.documented()]
    yield "bench", [(m.name, "%s (%s)" % (m.what, m.where)) for m in measurements()]
