# SPDX-License-Identifier: GPL-2.0-or-later
"""Child processes.  Each runs in a session of its own and is known here, so
that an error or Ctrl-C ends it together with all its children; nothing is ever
killed by name."""

import os
import signal
import subprocess
import threading
import time

from riglib import ui

_alive = []
_lock = threading.Lock()
_over = False           # the rig ends: nothing new is started


def _interrupted(signum, _frame):
    raise KeyboardInterrupt(signum)


def catch_signals():
    """SIGTERM and SIGHUP end the rig the way Ctrl-C does: through 'finally'.
    SIGINT too, even if we were started in the background with it ignored."""
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, _interrupted)


def start(cmd, log, env=None, cwd=None):
    """Start CMD with its output in the file LOG, or, when LOG is None, on our own
    terminal.  The caller ends it: stop()."""
    if log is None:
        return _launch(cmd, None, None, None, env, cwd)
    os.makedirs(os.path.dirname(log), exist_ok=True)
    with open(log, "ab") as out:
        return _launch(cmd, subprocess.DEVNULL, out, subprocess.STDOUT, env, cwd)


def _launch(cmd, stdin, stdout, stderr, env, cwd):
    with _lock:
        if _over:
            raise ui.RigError("end", "the rig ends, not starting " + os.path.basename(cmd[0]))
        p = subprocess.Popen(cmd, stdin=stdin, stdout=stdout, stderr=stderr, env=env, cwd=cwd,
                             start_new_session=True)
        _alive.append(p)
    return p


def stop(p):
    """End P and its whole process group; harmless when it is gone already."""
    if p not in _alive:
        return  # its number may be somebody else's by now
    try:
        os.killpg(p.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    p.wait()
    with _lock:
        if p in _alive:
            _alive.remove(p)


def stop_all():
    """The end of the rig, also for what other threads have started."""
    global _over
    with _lock:
        _over = True
    for p in list(_alive):
        stop(p)


def run(step, what, cmd, log, env=None, timeout=None, check=True, quiet=False):
    """Run CMD to its end, show progress.  Returns its exit code; with CHECK a
    failure is a RigError that names STEP and shows the end of LOG."""
    progress = None if quiet else ui.Progress(step, what)
    start_time = time.monotonic()
    p = start(cmd, log, env)
    try:
        while p.poll() is None:
            if timeout and time.monotonic() - start_time > timeout:
                stop(p)
                raise ui.RigError(step, "%s took more than %d s" % (what, timeout), log)
            if progress:
                progress.tick()
            time.sleep(0.02 if quiet else 0.1)
    finally:
        stop(p)
    if progress:
        progress.done("done" if p.returncode == 0 else "FAILED")
    if check and p.returncode:
        raise ui.RigError(step, "%s: exit code %d\n%s" % (what, p.returncode, ui.tail(log)), log)
    return p.returncode


def output(cmd):
    """Standard output of a short command, '' when it fails."""
    r = subprocess.run(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.DEVNULL, universal_newlines=True, check=False)
    return r.stdout if r.returncode == 0 else ""


def ending():
    """Is the rig on its way out?  Then what fails, fails because of that."""
    return _over
