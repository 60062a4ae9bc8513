# SPDX-License-Identifier: GPL-2.0-or-later
"""Which scenarios there are, which were asked for, and running them in parallel
guests.  A shard is a list of tests for one guest; shards are balanced by the
durations of earlier runs.  A guest reports each test as it ends (progress.jsonl
in its share); a test that a guest was given and did not report has failed."""

import ast
import fnmatch
import json
import os
import shutil
import tempfile
import time

from riglib import conf, proc, root, ui

SCENARIOS = os.path.join(conf.INTEGRATION, "scenarios")
TEMPLATES = os.path.join(conf.TOP, "conf-templates")
UNKNOWN_SECONDS = 6.0     # guess for a test never seen before
BOOT_SECONDS = 60
SECONDS_PER_TEST = 100    # more than a test may take by itself (conftest.py)


def documented(folder=SCENARIOS, prefix="test_"):
    """[(name, file, first line of the docstring)], read without running anything."""
    found = []
    for name in sorted(os.listdir(folder)):
        if not (name.startswith(prefix) and name.endswith(".py")):
            continue
        tree = ast.parse(conf.read(os.path.join(folder, name)), name)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith(prefix):
                doc = (ast.get_docstring(node) or "").strip().splitlines()
                found.append((node.name[len(prefix):], name, doc[0] if doc else ""))
    return found


def matches(name, patterns):
    """NAME may carry parameters, 'mtu_suite[gcm]'; a pattern may leave them out."""
    base = name.split("[")[0]
    return not patterns or any(fnmatch.fnmatchcase(base, p) or name == p for p in patterns)


def collect(rig, patterns):
    """Node ids of the wanted scenarios, parameters expanded (by pytest itself,
    inside the root; it imports the files but runs nothing)."""
    wanted = [(n, f) for n, f, _ in documented() if matches(n, [p.split("[")[0] for p in patterns])]
    if not wanted:
        return []
    files = " ".join(sorted({f for _, f in wanted}))
    log = rig.log("collect")
    if os.path.exists(log):
        os.unlink(log)
    command = ("export PYTHONDONTWRITEBYTECODE=1 RIG_TEMPLATES=/out; cd /src && "
               "python3 -m pytest --collect-only -q -p no:cacheprovider " + files)
    proc.run("collect", "which scenarios there are",
             root.enter(rig.root, command, [(SCENARIOS, "/src"), (TEMPLATES, "/out")]), log, quiet=True)
    with open(log) as f:
        ids = [x.strip() for x in f if "::test_" in x]
    return [i for i in ids if matches(short(i), patterns)]


def short(node_id):
    """'test_mtu.py::test_mtu_suite[gcm]' -> 'mtu_suite[gcm]'"""
    return node_id.split("::", 1)[1][len("test_"):]


def durations(rig):
    try:
        with open(os.path.join(rig.work, "durations.json")) as f:
            return json.load(f)
    except (OSError, ValueError):
        return {}


def remember(rig, backend, times):
    known = durations(rig)
    known.setdefault(backend.name, {}).update(times)
    path = os.path.join(rig.work, "durations.json")
    try:
        with tempfile.NamedTemporaryFile("w", dir=rig.work, delete=False) as f:
            json.dump(known, f)
        os.replace(f.name, path)
    except OSError:
        pass  # only costs balance


def split(ids, jobs, known):
    """Longest first, each to the guest with the least to do."""
    bins = [[0.0, []] for _ in range(max(1, min(jobs, len(ids))))]
    for i in sorted(ids, key=lambda x: -known.get(short(x), UNKNOWN_SECONDS)):
        least = min(bins, key=lambda b: b[0])
        least[0] += known.get(short(i), UNKNOWN_SECONDS)
        least[1].append(i)
    return [b[1] for b in bins]


class Guest:
    """One guest with its share, from boot to the last file brought back.  JOB is
    shell text; LOG is its console, None: our own terminal."""

    def __init__(self, rig, backend, job, product, log):
        self.rig, self.backend, self.console = rig, backend, log
        self.dir = tempfile.mkdtemp(prefix="sabus-rig-")
        self.share, self.work = os.path.join(self.dir, "share"), os.path.join(self.dir, "work")
        self.results = os.path.join(self.share, "results")
        try:
            os.mkdir(self.work)
            fill_share(self.share, product)
            os.mkdir(self.results)
            with open(os.path.join(self.share, "job"), "w") as f:
                f.write(ENVIRONMENT % {"flavour": backend.flavour if product else "plain", "slow": backend.slow} + job)
            if log and os.path.exists(log):
                os.unlink(log)
            self.proc = backend.start(self.share, self.work, log)
        except BaseException:
            shutil.rmtree(self.dir, ignore_errors=True)
            raise

    def gone(self):
        return self.proc.poll() is not None

    def exit_code(self):
        """Of the job, as text; 'none' when the guest did not come so far."""
        try:
            return conf.read(os.path.join(self.share, "rc")).decode().strip()
        except OSError:
            return "none"

    def bring_back(self, rename=None, leave=()):
        """Results to the user's directory; RENAME: {name there: name here}."""
        os.makedirs(self.rig.results, exist_ok=True)
        for name in os.listdir(self.results):
            if name in leave:
                continue
            target = os.path.join(self.rig.results, (rename or {}).get(name, name))
            if os.path.isdir(target):
                shutil.rmtree(target)
            shutil.move(os.path.join(self.results, name), target)

    def destroy(self):
        proc.stop(self.proc)
        if self.rig.args.keep:
            ui.note("kept %s" % self.dir)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)


class Follower:
    """The new whole lines of a file that grows."""

    def __init__(self, path):
        self.path, self.at = path, 0

    def lines(self):
        found = []
        try:
            with open(self.path, errors="replace") as f:
                f.seek(self.at)
                while True:
                    line = f.readline()
                    if not line.endswith("\n"):
                        break
                    self.at = f.tell()
                    found.append(line[:-1])
        except FileNotFoundError:
            pass
        return found


class Shard:
    """One guest and its tests."""

    def __init__(self, rig, backend, number, ids, product):
        self.number, self.ids = number, ids
        self.console = os.path.join(rig.results, "guest-%d.console.log" % number)
        self.guest = Guest(rig, backend, JOB % " ".join("'%s'" % i for i in ids), product, self.console)
        self.progress = Follower(os.path.join(self.guest.results, "progress.jsonl"))
        self.deadline = time.monotonic() + (BOOT_SECONDS + SECONDS_PER_TEST * len(ids)) * backend.slow
        self.results = {}

    def poll(self):
        """New results since the last call; then whether the guest is gone."""
        late = time.monotonic() > self.deadline
        gone = late or self.guest.gone()  # before we look: nothing comes after it
        new = [json.loads(x) for x in self.progress.lines()]
        for r in new:
            self.results[r["test"]] = r
        return new, gone

    def finish(self):
        """End the guest, bring its files back, and count what it left out."""
        proc.stop(self.guest.proc)
        late = time.monotonic() > self.deadline
        missing = []
        for i in self.ids:
            if short(i) not in self.results:
                why = "the guest took too long" if late else \
                    "the guest ended without a result (exit code %s)" % self.guest.exit_code()
                missing.append({"test": short(i), "outcome": "failed", "seconds": 0.0,
                                "text": "%s\n%s" % (why, ui.tail(self.console, 25))})
        self.guest.bring_back({"junit.xml": "junit-guest-%d.xml" % self.number}, leave=["progress.jsonl"])
        return missing


ENVIRONMENT = """\
export RIG_FLAVOUR=%(flavour)s RIG_SLOW=%(slow)s RIG_RESULTS=/host/results RIG_TEMPLATES=/host/conf-templates
"""
JOB = """\
python3 -m pytest -q -p no:cacheprovider --tb=short --junitxml=/host/results/junit.xml %s
"""


def fill_share(share, product):
    """What a guest sees at /host."""
    os.makedirs(share, exist_ok=True)
    own = shutil.ignore_patterns("__pycache__")
    for name in ("scenarios", "bench", "demo"):
        if os.path.isdir(os.path.join(conf.INTEGRATION, name)):
            shutil.copytree(os.path.join(conf.INTEGRATION, name), os.path.join(share, name), ignore=own)
    shutil.copytree(TEMPLATES, os.path.join(share, "conf-templates"), ignore=own)
    shutil.copytree(os.path.join(conf.HERE, "guest"), os.path.join(share, "guest"))
    with open(os.path.join(share, "seed"), "wb") as f:
        f.write(os.urandom(512))
    if product:
        shutil.copy(product, os.path.join(share, "product.tar"))


def run(rig, backend, ids, product, tally, beside):
    """Run IDS in guests, show each result as it comes, count it in TALLY.
    BESIDE.state() is what else runs, for the progress line."""
    known = durations(rig).get(backend.name, {})
    jobs = rig.args.jobs or min(os.cpu_count() or 1, 4)
    os.makedirs(rig.results, exist_ok=True)
    shards = []
    try:
        for number, part in enumerate(split(ids, jobs, known), 1):
            shards.append(Shard(rig, backend, number, part, product))
        ui.note("[scenarios] %d scenarios in %d %s guests (%s build)"
                % (len(ids), len(shards), backend.name, backend.flavour if product else "no"))
        progress = ui.Progress("scenarios", "in guests")
        alive = list(shards)
        while alive:
            for s in list(alive):
                new, gone = s.poll()
                if gone:
                    new += s.finish()
                    alive.remove(s)
                for r in new:
                    tally.report(r["test"], r["outcome"], r["seconds"], os.path.join(rig.results, r["test"]), r["text"])
            progress.tick("%d of %d; %s" % (sum(len(s.results) for s in shards), len(ids), beside.state()))
            time.sleep(0.1)
        progress.done()
    finally:
        for s in shards:
            s.guest.destroy()
    remember(rig, backend, {r["test"]: r["seconds"] for s in shards for r in s.results.values()})
