# SPDX-License-Identifier: GPL-2.0-or-later
"""What the user sees.  Every failure of the rig itself is a RigError: it says
which step failed, why, where the log is and what to do about it."""

import sys
import time


class RigError(Exception):
    """A step of the rig failed (not a test: those are counted)."""

    def __init__(self, step, why, log=None, remedy=None):
        super().__init__(why)
        self.step, self.why, self.log, self.remedy = step, why, log, remedy

    def __str__(self):
        text = "step '%s' failed: %s" % (self.step, self.why)
        if self.log:
            text += "\n     log: %s" % self.log
        if self.remedy:
            text += "\n     remedy: %s" % self.remedy
        return text


def say(text):
    print(text, flush=True)


def note(text):
    print("rig: " + text, file=sys.stderr, flush=True)


def tail(path, lines=15):
    """The last lines of a log, to be shown beside its name."""
    try:
        with open(path, errors="replace") as f:
            return "".join("     | " + x for x in f.readlines()[-lines:])
    except OSError:
        return ""


class Progress:
    """One line that grows old: 'rig: [root] making the root ... 20 s'.

    On a terminal the line is rewritten each second, elsewhere (CI logs) a new
    line is written every 15 seconds.  Cheap to call often: see tick()."""

    def __init__(self, step, what):
        self.step, self.what = step, what
        self.start = self.shown = time.monotonic()
        self.tty = sys.stderr.isatty()
        self._write("...", end="" if self.tty else "\n")

    def _write(self, state, end="\n"):
        lead = "\r\033[K" if self.tty else ""
        sys.stderr.write("%srig: [%s] %s %s%s" % (lead, self.step, self.what, state, end))
        sys.stderr.flush()

    def tick(self, detail=""):
        now = time.monotonic()
        if now - self.shown < (1 if self.tty else 15):
            return
        self.shown = now
        self._write("... %d s %s" % (now - self.start, detail), end="" if self.tty else "\n")

    def done(self, state="done"):
        self._write("%s (%.1f s)" % (state, time.monotonic() - self.start))


class Tally:
    """Counts results; its closing line is a contract with CI."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0
        self.failures = []

    def add(self, name, outcome, where=""):
        if outcome == "passed":
            self.passed += 1
        elif outcome == "skipped":
            self.skipped += 1
        else:
            self.failed += 1
            self.failures.append((name, where))

    def closing(self):
        line = "%d passed, %d failed" % (self.passed, self.failed)
        return line + (", %d skipped" % self.skipped if self.skipped else "")

    def exit_code(self):
        return 1 if self.failed or not self.passed else 0
