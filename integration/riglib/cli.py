# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands of the rig."""

import argparse
import os
import sys
import time

from riglib import build, conf, engine, guests, packages, play, proc, root, shard, steps, ui

EPILOG = """\
commands:
  setup              make the Debian root, the guest's disk and kernel, build the project
  test [PATTERN...]  checks that need no guest, and the scenarios; PATTERN ('voluntary_*',
                     'native_*') selects by name; the last line is 'N passed, N failed'
  bench [PATTERN...] measurements, as a table
  demo               the same tunnel without and with sabus, told for humans
  shell SCENARIO     boot a guest, set the scenario's hosts up, and give you a shell in it
  packages           Debian packages of this tree, in <results>/packages
  list               names and what they show
  clean              remove everything that setup made

backends:
  native  the host's own kernel has PPP, L2TP and ESP (root)
  uml     User Mode Linux, any user once root has run setup; boots in a second
  qemu    Debian's kernel under emulation; slow, needs qemu-system-x86
  auto    the first of these that can run here
Scenarios that want a kernel of their own (package_apparmor: Debian sid's, with AppArmor) run in
a QEMU guest after the others; root's first such run installs qemu-system-x86.

environment:
  RIG_CACHE  where the root, the disk and the builds are kept (default /var/tmp/sabus-rig)
"""


def parser():
    p = argparse.ArgumentParser(prog="rig", description="Real daemons on a real kernel.", epilog=EPILOG,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--backend", choices=["auto"] + list(guests.BACKENDS), default="auto")
    p.add_argument("--jobs", type=_jobs, metavar="N", help="parallel guests (default: CPUs, at most 4)")
    p.add_argument("--mem", metavar="SIZE", help="memory of a guest (default: uml 1G, qemu 2G)")
    p.add_argument("--results", metavar="DIR", help="default integration/results")
    p.add_argument("--keep", action="store_true", help="keep the guests' working directories")
    p.add_argument("--no-build", action="store_true", help="do not build the project: stock daemons only")
    p.add_argument("command", choices=sorted(COMMANDS))
    p.add_argument("pattern", nargs="*")
    return p


def _jobs(text):
    n = int(text)
    if not 1 <= n <= 64:
        raise argparse.ArgumentTypeError("%d is not in 1..64" % n)
    return n


def setup(rig):
    root.host_tools(rig)
    backend = guests.choose(rig)
    root.ensure(rig)
    backend.setup()
    if not rig.args.no_build:
        for flavour in sorted({backend.flavour, "plain"}):
            build.product(rig, flavour)
    ui.note("set up: %s, backend %s" % (rig.image_dir, backend.name))
    return 0


def test(rig):
    """Whatever breaks is a counted failure: there is always a closing line."""
    started = time.monotonic()
    patterns = rig.args.pattern
    tally = ui.Tally()
    backend = attempt(rig, tally, "rig_backend", lambda: guests.choose(rig))
    if backend and attempt(rig, tally, "rig_setup", lambda: root.ensure(rig) or True):
        names = [] if rig.args.no_build else steps.wanted(patterns)
        ids = attempt(rig, tally, "rig_collect", lambda: shard.collect(rig, patterns)) or []
        native = steps.Steps(rig, names, tally).start()
        if ids:
            ran = attempt(rig, tally, "rig_guests", lambda: scenarios(rig, backend, ids, tally, native))
            if not ran:
                ui.note("[scenarios] %d scenarios did not run to their end" % len(ids))
        await_native(native)
    return close(tally, patterns, started)


def attempt(rig, tally, name, work):
    """WORK's value; None and a failure in TALLY where the rig itself fails."""
    start = time.monotonic()
    try:
        return work()
    except ui.RigError as e:
        tally.report(name, "failed", time.monotonic() - start, e.log or rig.logs, e.story())
        return None


def scenarios(rig, backend, ids, tally, native):
    if not rig.args.no_build and any(shard.short(i).startswith(packages.GROUP) for i in ids):
        rig.packages = packages.ensure(rig)
    ids = engine_ready(rig, ids, tally)
    for where, chosen in shard.by_backend(rig, backend, ids):
        why = where.unusable()
        if why:
            for i in chosen:
                tally.report(shard.short(i), "skipped", 0.0, "", why)
            continue
        where.setup()
        product = None if rig.args.no_build else build.product(rig, where.flavour)
        shard.run(rig, where, chosen, product, tally, native)
    return True


def engine_ready(rig, ids, tally):
    """Those of IDS that can run: where a container engine cannot be had, only what needs one fails."""
    wanting = [i for i in ids if engine.wanted([shard.short(i)])]
    if rig.args.no_build or not wanting:
        return ids
    rig.engine = attempt(rig, tally, "rig_engine", lambda: engine.ensure(rig))
    if rig.engine:
        return ids
    for i in wanting:
        tally.report(shard.short(i), "failed", 0.0, rig.logs, "see rig_engine")
    return [i for i in ids if i not in wanting]


def await_native(native):
    if not native.busy():
        return
    progress = ui.Progress("native", "checks that need no guest")
    while native.busy():
        progress.tick(native.state())
        time.sleep(0.1)
    progress.done()


def close(tally, patterns, started):
    """The end of a run that counts; the closing line is the very last."""
    tally.summary()
    if not tally.passed + tally.failed:
        ui.note("nothing ran" + (": no name matches " + " ".join(patterns) if patterns else ""))
    ui.note("%.0f s" % (time.monotonic() - started))
    ui.say(tally.closing())
    return tally.exit_code()


def debs(rig):
    root.ensure(rig)
    ui.note("packages: " + packages.copy(rig))
    return 0


def listing(_rig):
    for heading, entries in play.listing():
        ui.say("\n%s" % heading)
        for name, what in entries:
            ui.say("  %-44s %s" % (name, what))
    return 0


def clean(rig):
    root.clean(rig)
    return 0


COMMANDS = {"setup": setup, "test": test, "packages": debs, "list": listing, "clean": clean, "bench": play.bench, "demo": play.demo, "shell": play.shell}


def main(argv):
    args = parser().parse_args(argv)
    rig = conf.Rig(args)
    proc.catch_signals()
    try:
        return COMMANDS[args.command](rig)
    except ui.RigError as e:
        ui.note(str(e))
        return 2
    except BrokenPipeError:
        # Whoever read us has gone; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except KeyboardInterrupt:
        ui.note("interrupted")
        return 130
    finally:
        proc.stop_all()
