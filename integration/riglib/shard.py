# SPDX-License-Identifier: GPL-2.0-or-later
"""Which scenarios there are, which were asked for, and running them in parallel
guests.  All guests share one list, longest test first by the durations of earlier
runs.  A guest gets node ids, one file each (queue/ in its share), one more than it
is working on, and reports each test as it ends (results/progress.jsonl).  When a
guest dies or hangs, the test that it was in has failed; what it had not begun goes
back to the list, and a fresh guest takes its place.

One death is not the test's: User Mode Linux of Debian 13 panics now and then when a fork
is interrupted, whoever forks (UML_PANIC).  It is told, and the test runs once more; the
second time it has failed, as with any other panic the first time."""

import ast
import collections
import fnmatch
import functools
import json
import os
import shutil
import tempfile
import time

from riglib import conf, guests, proc, root, ui

SCENARIOS = os.path.join(conf.INTEGRATION, "scenarios")
TEMPLATES = os.path.join(conf.TOP, "conf-templates")
MIGRATE = os.path.join(conf.TOP, "tests/migrate/fixtures")
UNKNOWN_SECONDS = 6.0     # guess for a test never seen before
BOOT_SECONDS = 60
# All of these on its console: the fork's unfinished mm_struct has no host process yet that flush_tlb_mm() could address.
UML_PANIC = ("Kernel panic - not syncing: Kernel mode fault", "copy_process+", "exit_mmap+", "flush_tlb_mm+")
SECONDS_PER_TEST = 610    # more than a test may take by itself (conftest.py, the largest @pytest.mark.seconds)


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


@functools.lru_cache(maxsize=None)
def kernels(name):
    """{function: NAME} of the scenarios in a file with @pytest.mark.kernel(NAME)."""
    return {node.name: ast.literal_eval(mark.args[0])
            for node in ast.parse(conf.read(os.path.join(SCENARIOS, name)), name).body if isinstance(node, ast.FunctionDef)
            for mark in node.decorator_list if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.kernel"}


def by_backend(rig, backend, ids):
    """[(backend, its scenarios)]: most are for BACKEND, some want a kernel that it is not."""
    found = {}
    for i in ids:
        name, function = i.split("[")[0].split("::")
        found.setdefault(kernels(name).get(function, ""), []).append(i)
    strange = set(found) - set(guests.KERNELS) - {""}
    if strange:
        raise ui.RigError("collect", "@pytest.mark.kernel('%s'): there are %s" % (strange.pop(), ", ".join(guests.KERNELS)))
    return [(guests.KERNELS[k](rig) if k else backend, found[k]) for k in sorted(found)]


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
            fill_share(self.share, product, rig.packages)
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
        """Harmless when it has been done already."""
        proc.stop(self.proc)
        if self.rig.args.keep:
            ui.note("[guest] kept %s" % self.dir)
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
    """One guest and the tests that it was given."""

    def __init__(self, rig, backend, number, files, product):
        self.name = "%s-%d" % (backend.name if backend.name in guests.KERNELS else "guest", number)
        self.backend = backend
        self.console = os.path.join(rig.results, self.name + ".console.log")
        self.guest = Guest(rig, backend, JOB % " ".join(files), product, self.console)
        self.queue, self.orders = os.path.join(self.guest.share, "queue"), 0
        self.progress = Follower(os.path.join(self.guest.results, "progress.jsonl"))
        self.given = []         # in order: the first is the one that runs
        self.ended = False
        self._patience(BOOT_SECONDS)

    def _tell(self, order):
        """Appears whole, under a name that the guest has not seen yet."""
        os.makedirs(self.queue, exist_ok=True)
        new = os.path.join(self.queue, "new")
        with open(new, "w") as f:
            f.write(order)
        os.rename(new, os.path.join(self.queue, str(self.orders)))
        self.orders += 1

    def _patience(self, more=0):
        self.deadline = time.monotonic() + (SECONDS_PER_TEST + more) * self.backend.slow

    def feed(self, pending):
        """Keep it busy: one test that runs and one that is next."""
        while len(self.given) < 2 and pending:
            self.given.append(pending.popleft())
            self._tell(self.given[-1])
        if not self.given and not self.ended:
            self.ended = True
            self._tell("end")
            self._patience()

    def poll(self):
        """New results since the last call; then whether the guest is gone."""
        gone = self.late() or self.guest.gone()  # before we look: nothing comes after it
        new = [json.loads(x) for x in self.progress.lines()]
        for r in new:
            self.given = [i for i in self.given if short(i) != r["test"]]
            self._patience()
        return new, gone

    def late(self):
        return time.monotonic() > self.deadline

    def uml_panicked(self):
        try:
            said = conf.read(self.console).decode(errors="replace")
        except OSError:
            return False
        return all(x in said for x in UML_PANIC)

    def finish(self, pending, again):
        """End the guest, bring its files back; the test that it was in has failed,
        those after it go back to PENDING.  AGAIN: tests that have had theirs."""
        late = self.late()
        proc.stop(self.guest.proc)
        missing = []
        if self.given and not late and self.uml_panicked() and self.given[0] not in again:
            again.add(self.given[0])
            ui.note("[scenarios] User Mode Linux panicked in a fork, in %s, which runs once more; console: %s" % (short(self.given[0]), self.console))
            pending.extendleft(reversed(self.given))
        elif self.given:
            why = "the guest took too long" if late else \
                "the guest ended without a result (exit code %s)" % self.guest.exit_code()
            missing.append({"test": short(self.given[0]), "outcome": "failed", "seconds": 0.0,
                            "text": "%s\n%s" % (why, ui.tail(self.console, 25))})
            pending.extendleft(reversed(self.given[1:]))
        self.guest.bring_back({"junit.xml": "junit-%s.xml" % self.name}, leave=["progress.jsonl"])
        return missing


ENVIRONMENT = """\
export RIG_FLAVOUR=%(flavour)s RIG_SLOW=%(slow)s RIG_RESULTS=/host/results RIG_TEMPLATES=/host/conf-templates
"""
JOB = """\
export RIG_QUEUE=/host/queue
python3 -m pytest -q -p no:cacheprovider --tb=short --junitxml=/host/results/junit.xml %s
"""


def fill_share(share, product, debs=None):
    """What a guest sees at /host.  DEBS: a directory of packages."""
    os.makedirs(share, exist_ok=True)
    own = shutil.ignore_patterns("__pycache__")
    for name in ("scenarios", "bench", "demo", "compose"):
        if os.path.isdir(os.path.join(conf.INTEGRATION, name)):
            shutil.copytree(os.path.join(conf.INTEGRATION, name), os.path.join(share, name), ignore=own)
    shutil.copytree(TEMPLATES, os.path.join(share, "conf-templates"), ignore=own)
    shutil.copytree(MIGRATE, os.path.join(share, "migrate"))
    shutil.copy(os.path.join(conf.TOP, "README.md"), share)
    shutil.copytree(os.path.join(conf.HERE, "guest"), os.path.join(share, "guest"))
    with open(os.path.join(share, "seed"), "wb") as f:
        f.write(os.urandom(512))
    if product:
        shutil.copy(product, os.path.join(share, "product.tar"))
    if debs:
        shutil.copytree(debs, os.path.join(share, "packages"))


def run(rig, backend, ids, product, tally, beside):
    """Run IDS in guests, show each result as it comes, count it in TALLY.
    BESIDE.state() is what else runs, for the progress line."""
    known = durations(rig).get(backend.name, {})
    pending = collections.deque(sorted(ids, key=lambda i: -known.get(short(i), UNKNOWN_SECONDS)))
    files = sorted({i.split("::")[0] for i in ids})
    jobs = min(rig.args.jobs or min(os.cpu_count() or 1, 4), len(ids))
    os.makedirs(rig.results, exist_ok=True)
    shards, times, again = [], {}, set()

    def boot():
        shards.append(Shard(rig, backend, len(shards) + 1, files, product))
        shards[-1].feed(pending)
        return shards[-1]

    try:
        ui.note("[scenarios] %d scenarios in %d %s guests (%s build)"
                % (len(ids), jobs, backend.name, backend.flavour if product else "no"))
        alive = [boot() for _ in range(jobs)]
        progress = ui.Progress("scenarios", "in guests")
        while alive:
            for s in list(alive):
                new, gone = s.poll()
                if gone:
                    new += s.finish(pending, again)
                    alive.remove(s)
                    s.guest.destroy()
                    # Each death costs a test, or its second try, so this comes to an end.
                    if pending and not s.ended:
                        alive.append(boot())
                else:
                    s.feed(pending)
                for r in new:
                    times[r["test"]] = r["seconds"]
                    tally.report(r["test"], r["outcome"], r["seconds"], os.path.join(rig.results, r["test"]), r["text"])
            progress.tick("%d of %d; %s" % (len(times), len(ids), beside.state()))
            time.sleep(0.05)
        progress.done()
    finally:
        for s in shards:
            s.guest.destroy()
    remember(rig, backend, {name: t for name, t in times.items() if t})
