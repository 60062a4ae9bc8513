# SPDX-License-Identifier: GPL-2.0-or-later
"""What the user sees.  Every failure of the rig itself is a RigError: it says
which step failed, why, where the log is and what to do about it."""

import sys
import threading
import time


class RigError(Exception):
    """A step of the rig failed (not a test: those are counted)."""

    def __init__(self, step, why, log=None, remedy=None):
        super().__init__(why)
        self.step, self.why, self.log, self.remedy = step, why, log, remedy

    def story(self):
        """All but the log's path."""
        text = "step '%s' failed: %s" % (self.step, self.why.rstrip())
        return text + ("\n     remedy: %s" % self.remedy if self.remedy else "")

    def __str__(self):
        return self.story() + ("\n     log: %s" % self.log if self.log else "")


_open_line = False      # a progress line on the terminal that has no end yet


def _close_line():
    global _open_line
    if _open_line:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
        _open_line = False


def say(text):
    _close_line()
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text):
    _close_line()
    sys.stderr.write("rig: " + text + "\n")
    sys.stderr.flush()


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
        global _open_line
        lead = "\r\033[K" if self.tty else ""
        _open_line = self.tty and not end
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


def _story(text, lines):
    """The end of a result's story, indented below its name."""
    return "".join("        " + x + "\n" for x in text.splitlines()[-lines:])


class Tally:
    """Counts results, shows each; its closing line is a contract with CI.  Used by
    two threads (guests and native steps)."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0
        self.failures = []
        self._lock = threading.Lock()

    def report(self, name, outcome, seconds, where, text=""):
        """One result: shown with its end of the story (TEXT) if it is a bad one."""
        with self._lock:
            self._add(name, outcome, where, text)
            say("%-7s %-52s %5.1f s" % (outcome, name, seconds))
            if outcome == "failed":
                say(_story(text, 40) + "        logs: " + where)
            elif outcome == "skipped" and text:
                say("        " + text.splitlines()[-1])

    def _add(self, name, outcome, where, text):
        if outcome == "passed":
            self.passed += 1
        elif outcome == "skipped":
            self.skipped += 1
        else:
            self.failed += 1
            self.failures.append((name, where, text))

    def summary(self):
        """The failures once more, with the ends of their stories: who reads only the end of a long log must find why."""
        for name, where, text in self.failures:
            say(("FAILED %s  %s\n" % (name, where) + _story(text, 12)).rstrip())

    def closing(self):
        line = "%d passed, %d failed" % (self.passed, self.failed)
        return line + (", %d skipped" % self.skipped if self.skipped else "")

    def exit_code(self):
        return 1 if self.failed or not self.passed else 0
