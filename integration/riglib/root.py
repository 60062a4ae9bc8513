# SPDX-License-Identifier: GPL-2.0-or-later
"""The cache of Debian roots (made by image.py), and how to get into one.

States of a cache entry <cache>/<key>/: absent; under construction (exclusive
lock held, no 'ok'); complete ('ok' exists, never changed again).  Whoever finds
it incomplete under the lock starts over, so a run that was killed costs time
but never correctness.  Guests share the image read-only, each with a
copy-on-write file of its own.
"""

import contextlib
import fcntl
import os
import shutil
import time

from riglib import image, proc, ui
from riglib.chroot import enter, which  # noqa: F401 (for our users)

HOST_TOOLS = {  # program: Debian package
    "mmdebstrap": "mmdebstrap",
    "patchelf": "patchelf",
    "mke2fs": "e2fsprogs",
    "unshare": "util-linux",
    "chroot": "coreutils",
}


@contextlib.contextmanager
def locked(path):
    """Hold an exclusive lock on PATH; says so when it has to wait."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            progress = ui.Progress("lock", "another rig works on %s, waiting" % path)
            while True:
                try:
                    fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    progress.tick()
                    time.sleep(0.2)
            progress.done("free")
        yield


def host_tools(rig, extra=None):
    """Step (a): the few programs that the host itself must have."""
    need = dict(HOST_TOOLS, **(extra or {}))
    missing = sorted({pkg for tool, pkg in need.items() if not which(tool)})
    if not missing:
        return
    if os.geteuid() != 0 or not which("apt-get"):
        raise ui.RigError("host-tools", "missing on this host: " + " ".join(missing),
                          remedy="as root: apt-get install " + " ".join(missing))
    log = rig.log("host-tools")
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    proc.run("host-tools", "apt-get update", ["apt-get", "-q", "update"], log, env, check=False)
    proc.run("host-tools", "installing " + " ".join(missing),
             ["apt-get", "-q", "install", "-y", "--no-install-recommends"] + missing, log, env)


def ready(rig):
    return os.path.exists(os.path.join(rig.image_dir, "ok"))


def ensure(rig):
    """Steps (b) and (c): root, image, kernel; at once when they are there."""
    if ready(rig):
        return
    if os.geteuid() != 0:
        raise ui.RigError("root", "the Debian root %s does not exist and only root can make it"
                          % rig.root, remedy="as root: integration/rig setup")
    os.makedirs(rig.cache, mode=0o755, exist_ok=True)
    with locked(os.path.join(rig.cache, "lock-" + os.path.basename(rig.image_dir))):
        if ready(rig):
            return
        host_tools(rig)
        shutil.rmtree(rig.image_dir, ignore_errors=True)
        os.makedirs(rig.image_dir)
        image.make(rig)
        open(os.path.join(rig.image_dir, "ok"), "w").close()


def _busy(path):
    """Is there a rig that holds this lock now?"""
    with open(path, "a") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        except OSError:
            return True


def _users(path):
    """Processes that have something below PATH open, or mounted or entered it."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        base = "/proc/" + pid
        try:
            links = [os.readlink(os.path.join(base, n)) for n in ("cwd", "root", "exe")]
            links += [os.readlink(os.path.join(base, "fd", n)) for n in os.listdir(base + "/fd")]
            with open(base + "/mounts") as f:
                links += [x.split()[1] for x in f]
        except OSError:
            continue
        if any(x == path or x.startswith(path + "/") for x in links):
            found.add(int(pid))
    return found - {os.getpid()}


def _unmount(path):
    """Mounts left over below PATH in our own name space, deepest first."""
    with open("/proc/mounts") as f:
        points = [line.split()[1] for line in f]
    for point in sorted((p for p in points if p.startswith(path + "/")), key=len, reverse=True):
        ui.note("[clean] unmounting " + point)
        proc.output([which("umount") or "umount", "-l", point])


def clean(rig):
    """Everything that any rig has made here, telling what; not what another rig
    works with now."""
    folders = sorted({rig.cache, rig.work})
    entries = [os.path.join(d, n) for d in folders if os.path.isdir(d) for n in sorted(os.listdir(d))]
    for path in entries:
        # Refuse before the first file is gone, not in the middle.
        if not os.access(os.path.dirname(path), os.W_OK):
            raise ui.RigError("clean", "%s belongs to somebody else" % path, remedy="as root: integration/rig clean")
        if os.path.isfile(path) and (path.endswith(".lock") or "/lock-" in path) and _busy(path):
            raise ui.RigError("clean", "another rig holds %s" % path, remedy="wait for its end")
    for d in folders:
        users = _users(d)
        if users:
            raise ui.RigError("clean", "processes use %s: %s" % (d, " ".join(map(str, sorted(users)))),
                              remedy="they are guests of another rig: wait for its end")
    for path in entries:
        _unmount(path)
        if not os.path.lexists(path):
            continue
        ui.say("removing %s" % path)
        shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    if not entries:
        ui.note("nothing to remove in " + " ".join(folders))
