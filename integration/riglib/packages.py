# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian packages, built inside the root by integration/debian-packages.

What is built depends on all sources but the tests and the rig itself; it is a
directory of .deb files (and their source package) in the build tree, named by
that digest, and never changes once it exists.  Users: the command 'packages', the
native step that looks at them (steps.py), and guests, which find them in
/host/packages (shard.py) where a scenario of the groups 'package' or 'journey' was asked for.
"""

import os
import shutil

from riglib import build, conf, root

GROUP = ("package_", "journey_")
KEPT = 3
NOT_IN = ("tests/", "integration/scenarios/", "integration/bench/", "integration/demo/", "integration/riglib/", "integration/results/", "integration/compose/", ".ci/")

# -d: the root has no C++ compiler, which build-essential would bring and nothing here needs.
BUILD = """\
rm -rf %(out)s
DEB_BUILD_OPTIONS='nocheck parallel=%(jobs)d' /build/src/integration/debian-packages --output %(out)s \\
	--xl2tpd-cache /build/xl2tpd-sources --strongswan-headers /build/headers -- -d
"""


SOURCE = """\
rm -rf %(out)s
/build/src/integration/debian-packages --source --output %(out)s --xl2tpd-cache /build/xl2tpd-sources --strongswan-headers /build/headers
"""


def command(out):
    """Shell text for build.Builder: the packages, into OUT."""
    return BUILD % {"out": out, "jobs": build.jobs()}


def source(out):
    """Shell text for build.Builder: the source package alone."""
    return SOURCE % {"out": out}


def _key():
    parts = []
    for n in build.source_files():
        if n.startswith(NOT_IN) and not n.endswith(".mk"):
            continue
        parts += [n, conf.read(os.path.join(conf.TOP, n))]
    return conf.digest(*parts)


def ensure(rig, quiet=False):
    """The directory of the packages of these sources; built when it is not there."""
    target = os.path.join(rig.build_dir, "packages-" + _key())
    if os.path.isdir(target):
        return target
    b = build.Builder(rig, "packages", quiet)
    with root.locked(b.lock):
        if not os.path.isdir(target):
            b.sources()
            b.inside("packages", "building the Debian packages", command("/build/debs"), net=False)
            os.rename(os.path.join(b.dir, "debs"), target)
            _forget_old(rig)
    return target


def _forget_old(rig):
    found = [os.path.join(rig.build_dir, n) for n in os.listdir(rig.build_dir) if n.startswith("packages-")]
    for old in sorted(found, key=os.path.getmtime)[:-KEPT]:
        shutil.rmtree(old)


def copy(rig):
    """Into the results, for people: the command 'packages'."""
    target = os.path.join(rig.results, "packages")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(ensure(rig), target)
    return target
