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


def clean(rig):
    """Everything that setup made, for all keys; what a running rig holds is
    refused."""
    for name in sorted(os.listdir(rig.cache)) if os.path.isdir(rig.cache) else []:
        path = os.path.join(rig.cache, name)
        with open("/proc/mounts") as f:
            if any(line.split()[1].startswith(path + "/") for line in f):
                raise ui.RigError("clean", "something is still mounted under " + path)
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)
    shutil.rmtree(rig.build_dir, ignore_errors=True)
