# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian root, and the disk image and User Mode Linux made from it.

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

from riglib import conf, proc, ui

HOST_TOOLS = {  # program: Debian package
    "mmdebstrap": "mmdebstrap",
    "patchelf": "patchelf",
    "mke2fs": "e2fsprogs",
    "unshare": "util-linux",
    "chroot": "coreutils",
}

# Space that scenarios and the project's files may take on top of the root.
DISK_SIZE = 6 << 30

# Entering the root: own mount and PID name space, so that whatever happens no
# mount and no process stays behind.  $1 root, $2 command, then pairs of
# directories outside:inside.  In a network name space of its own (see enter())
# only lo is up.
ENTER = r"""
set -eu
root=$1 command=$2; shift 2
for pair in "$@"; do mount --bind "${pair%%:*}" "$root${pair#*:}"; done
mount -t proc proc "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmp "$root/tmp"; chmod 1777 "$root/tmp"
mount -t tmpfs run "$root/run"
if [ -e /etc/resolv.conf ]; then mount --bind "$(readlink -f /etc/resolv.conf)" "$root/etc/resolv.conf"; fi
exec chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	HOME=/root LC_ALL=C.UTF-8 TERM="${TERM:-dumb}" bash -c "$command"
"""


def which(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def enter(root, command, binds=(), net=True):
    """argv that runs the shell text COMMAND inside ROOT; BINDS are pairs
    (outside, inside).  NET false: cut off from the host's network.  Works for
    root, and where the kernel lets users make user name spaces also for everybody
    else."""
    argv = ["unshare", "-m", "-p", "--fork", "--kill-child=KILL", "--propagation", "private"]
    if not net:
        argv.append("-n")
        command = "ip link set lo up\n" + command
    if os.geteuid() != 0:
        argv.append("--map-root-user")
    return argv + ["sh", "-c", ENTER, "enter", root, command] + ["%s:%s" % b for b in binds]


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
        _debootstrap(rig)
        _prepare(rig)
        _uml(rig)
        _disk(rig)
        open(os.path.join(rig.image_dir, "ok"), "w").close()


def _debootstrap(rig):
    cmd = ["unshare", "-m", "-p", "--fork", "--kill-child=KILL", "--mount-proc",
           "mmdebstrap", "--mode=root", "--variant=apt", "--include=" + ",".join(conf.PACKAGES),
           "--aptopt=Acquire::Languages \"none\"",
           "--aptopt=Acquire::Retries \"3\"",
           "--dpkgopt=path-exclude=/usr/share/doc/*",
           "--dpkgopt=path-exclude=/usr/share/locale/*",
           "--dpkgopt=path-exclude=/usr/share/man/*",
           conf.SUITE, rig.root]
    proc.run("root", "Debian %s with %d packages (mmdebstrap)" % (conf.SUITE, len(conf.PACKAGES)),
             cmd, rig.log("mmdebstrap"), timeout=1800)


def _prepare(rig):
    """What the packages alone do not give: mount points, our init, the source
    lines that strongSwan's headers come from, legacy iptables (UML has no nft)."""
    root = rig.root
    for d in ("host", "src", "build", "out", "usr/lib/modules"):
        os.makedirs(os.path.join(root, d), exist_ok=True)
    shutil.copy2(os.path.join(conf.HERE, "guest/init"), os.path.join(root, "rig-init"))
    os.chmod(os.path.join(root, "rig-init"), 0o755)
    with open(os.path.join(root, "etc/resolv.conf"), "w") as f:
        f.write("# the rig binds the host's file here while it is in the root\n")
    sources = os.path.join(root, "etc/apt/sources.list")
    with open(sources) as f:
        lines = [x.strip() for x in f if x.startswith("deb ")]
    with open(sources, "a") as f:
        f.writelines("deb-src" + x[3:] + "\n" for x in lines)
    modules = os.path.join(root, "usr/lib/uml/modules")
    script = "for a in iptables ip6tables; do update-alternatives --set $a /usr/sbin/$a-legacy; done"
    for m in os.listdir(modules):
        os.symlink("../uml/modules/" + m, os.path.join(root, "usr/lib/modules", m))
        script += "; depmod " + m
    shutil.copy(os.path.join(conf.HERE, "guest/umlptrace.c"), os.path.join(root, "build"))
    script += "; gcc -O2 -Wall -shared -fPIC -o /usr/lib/umlptrace.so /build/umlptrace.c"
    script += "; rm /build/umlptrace.c"
    proc.run("root", "preparing the root", enter(root, script), rig.log("root-prepare"))


def _uml(rig):
    """Debian's UML needs the root's libc, which may be newer than the host's:
    a copy whose interpreter and library path are absolute needs neither chroot
    nor root."""
    lib = os.path.join(rig.image_dir, "lib")
    os.makedirs(lib)
    for f in ("lib64/ld-linux-x86-64.so.2", "usr/lib/x86_64-linux-gnu/libc.so.6",
              "usr/lib/umlptrace.so"):
        shutil.copy(os.path.join(rig.root, f), lib)  # follows symlinks
    linux = os.path.join(rig.image_dir, "linux")
    shutil.copy(os.path.join(rig.root, "usr/bin/linux.uml"), linux)
    proc.run("uml", "User Mode Linux for this host's libc",
             ["patchelf", "--set-interpreter", os.path.join(lib, "ld-linux-x86-64.so.2"),
              "--set-rpath", lib, linux], rig.log("uml"))


def _disk(rig):
    with open(rig.disk, "wb") as f:
        f.truncate(DISK_SIZE)
    proc.run("disk", "ext4 image of the root",
             [which("mke2fs"), "-q", "-F", "-t", "ext4", "-O", "^has_journal",
              "-d", rig.root, rig.disk], rig.log("mke2fs"), timeout=900)
    os.chmod(rig.disk, 0o644)


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
