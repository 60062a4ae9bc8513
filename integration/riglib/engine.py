# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk with what a container engine has once the images of integration/compose are built: the guests of the
group 'compose' run the real 'docker compose' on it.

Guests have no network, so the images are built here: Docker's own daemon runs for as long as that takes on an
overlay of the Debian root, on the host's network, without a bridge and without a rule in the host's firewall, and
puts what it has into an ext4 image, beside podman's copy.  'debian:trixie-slim' is base.py's Debian, since no registry of images can be
reached from everywhere.  The disk is named by the digest of all that went in, and never changes once it exists; the
next one begins as a copy of it, so that only what has changed is built.  images() is a journey: the same from nothing,
with the packages built in a container, as on a machine of an integrator.
"""

import os
import shutil

from riglib import base, build, conf, packages, proc, root, ui
from scenarios.lib import readme

GROUPS = ("compose_", "journey_integrator")
SIZE = 8 << 30
KEPT = 2
FOLDER = os.path.join(conf.INTEGRATION, "compose")
# Besides the folder itself: what its Dockerfile copies.
ALSO = ("conf-templates/", "integration/scenarios/lib/", "plugins/freeradius/base.radiusclient", "integration/riglib/engine.py")

# $1 root, $2 our directory, $3 disk, $4 sources, $5 base tar, $6 command.  All mounts are in a name space of our own.
ENTER = r"""
set -eu
work=$2 m=$2/m
mkdir -p "$work/up" "$work/work" "$m"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$work/up,workdir=$work/work" "$m"
mount -t proc proc "$m/proc"; mount -t sysfs sys "$m/sys"; mount --rbind /dev "$m/dev"
for d in tmp run; do mount -t tmpfs tmp "$m/$d"; done
mount --rbind /sys/fs/cgroup "$m/sys/fs/cgroup"
mkdir -p "$m/engine" "$m/src" "$m/old"
mount -o loop "$3" "$m/engine"
mount --bind "$4" "$m/src"
touch "$m/base.tar"; mount --bind "$5" "$m/base.tar"
cp --remove-destination /etc/resolv.conf "$m/etc/resolv.conf"
cd "$m"
pivot_root . old
umount -l /old
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 bash -c "$6"
"""

# The daemon, for as long as the shell text %s takes.
ENGINE = r"""
set -eu
mkdir -p /engine/docker /var/lib/docker
mount --bind /engine/docker /var/lib/docker
export DOCKER_HOST=unix:///run/docker.sock BUILD_NETWORK=host
dockerd --bridge=none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
	--cgroup-parent=/sabus-rig --exec-root /run/docker-exec -p /run/docker.pid >/tmp/dockerd.log 2>&1 &
daemon=$!
for i in $(seq 300); do
	docker version >/dev/null 2>&1 && break
	kill -0 $daemon 2>/dev/null || { tail -n 20 /tmp/dockerd.log; echo 'dockerd does not run here'; exit 1; }
	sleep 0.1
done
docker image inspect debian:trixie-slim >/dev/null 2>&1 || docker import - debian:trixie-slim </base.tar
cd /src
%s
kill $daemon; wait $daemon || true
umount /var/lib/docker
find /sys/fs/cgroup -depth -path "*/sabus-rig*" -type d -exec rmdir {} + 2>/dev/null || true
"""

GIVEN = r"""
export PACKAGES=given
%s
docker compose --profile stock build
docker image prune -f
docker images
# podman gets the same ones, as far as its scenario needs them
mkdir -p /engine/podman /var/lib/containers
mount --bind /engine/podman /var/lib/containers
for image in gateway radius; do
	docker save sabus-rig/$image | podman load
	podman tag docker.io/sabus-rig/$image localhost/sabus-rig/$image
done
podman image prune -f
umount /var/lib/containers
"""

BUILT = r"""
%s
docker run --rm --network none --entrypoint sabusctl sabus-rig/gateway --version
docker run --rm --network none --entrypoint test sabus-rig/radius -s /usr/share/sabus/freeradius/dictionary.sabus
"""


def commands(what):
    """WHAT, GIVEN or BUILT, with the README's own words for the integrator's first step; there is no bridge here."""
    steps = readme.script(readme.commands(conf.read(os.path.join(conf.TOP, "README.md")).decode(), "integrator-build"))
    return ENGINE % (what % steps)


def wanted(names):
    """Do scenarios of these NAMES need the disk?"""
    return any(n.startswith(GROUPS) for n in names)


def _key(debs):
    parts = [os.path.basename(debs), conf.image_key()]
    for n in build.source_files():
        if n.startswith(("integration/compose/",) + ALSO) and not n.endswith(".md"):
            parts += [n, conf.read(os.path.join(conf.TOP, n))]
    return conf.digest(*parts)


def _disks(rig):
    """Those that are there, newest last."""
    found = [os.path.join(rig.build_dir, n) for n in os.listdir(rig.build_dir) if n.startswith("engine-") and n.endswith(".img")]
    return sorted(found, key=os.path.getmtime)


def _blank(rig, path):
    """A disk to begin with: a copy of the last one, or an empty one."""
    old = _disks(rig)
    if old:
        proc.run("engine", "copying the last disk", ["cp", "--sparse=always", "--reflink=auto", old[-1], path], rig.log("engine-disk"), quiet=True)
        return
    with open(path, "wb") as f:
        f.truncate(SIZE)
    proc.run("engine", "an empty disk", [root.which("mke2fs"), "-q", "-F", "-t", "ext4", path], rig.log("engine-disk"), quiet=True)


def ensure(rig):
    """Path of the disk for these sources; built when it is not there."""
    debs = packages.ensure(rig)
    target = os.path.join(rig.build_dir, "engine-%s.img" % _key(debs))
    if os.path.exists(target):
        os.utime(target)
        return target
    if os.geteuid() != 0:
        raise ui.RigError("engine", "the images of integration/compose are not built, and only root can do it",
                          remedy="as root: integration/rig test 'compose_*'")
    bare = base.ensure(rig)
    b = build.Builder(rig, "engine")
    with root.locked(b.lock):
        if not os.path.exists(target):
            _build(rig, b, debs, bare, target)
    return target


def _build(rig, b, debs, bare, target):
    b.sources()
    given = os.path.join(b.dir, "src", "integration/compose/packages")
    shutil.rmtree(given, ignore_errors=True)
    os.makedirs(given)
    for n in os.listdir(debs):
        if n.endswith(".deb") and "-dbgsym" not in n:
            shutil.copy(os.path.join(debs, n), given)
    log = rig.log("engine")
    if os.path.exists(log):
        os.unlink(log)
    _run(rig, b, bare, commands(GIVEN), log, target)
    for old in _disks(rig)[:-KEPT]:
        os.unlink(old)


def _run(rig, b, bare, text, log, target=None, **how):
    """The shell text TEXT with a disk of its own, which becomes TARGET; the exit code.  HOW: as for proc.run()."""
    work, new = os.path.join(b.dir, "work"), os.path.join(b.dir, "new.img")
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    _blank(rig, new)
    try:
        code = proc.run("engine", "images of integration/compose (docker compose build)",
                        ["nice", "-n", "10"] * bool(how.get("quiet")) +
                        ["unshare", "-m", "-p", "--fork", "--kill-child=KILL", "--propagation", "private", "sh", "-c", ENTER, "engine",
                         rig.root, work, new, os.path.join(b.dir, "src"), bare, text], log, timeout=1800, **how)
        if target:
            os.replace(new, target)
        return code
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if os.path.exists(new):
            os.unlink(new)


def images(rig, log):
    """README.md's first step for integrators, with nothing given: packages of this tree and images from them, on a Docker engine."""
    if os.path.exists(log):
        os.unlink(log)
    b = build.Builder(rig, "engine-built", quiet=True)
    with root.locked(b.lock):
        b.sources()
        shutil.rmtree(os.path.join(b.dir, "src", "integration/compose/packages"), ignore_errors=True)
        return _run(rig, b, base.ensure(rig), commands(BUILT), log, check=False, quiet=True)
