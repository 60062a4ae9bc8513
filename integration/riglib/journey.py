# SPDX-License-Identifier: GPL-2.0-or-later
"""The packager's journey: README.md, "Packages", on a Debian that has nothing but apt (base.py), with the network, word by word.

Two Debians, each unpacked for this run alone and removed with it: one builds and installs the Debian packages, one is built by hand, since each
has a list of build dependencies of its own in README.md, and what one brings must not hide what the other lacks.  The sources are there as
'git clone' leaves them.

What is not README.md's (journey-packager.sh) looks at what came out, as a packager would, and has the negative controls: a build
dependency that is missing, headers of another strongSwan.  'make check' is native_check's.

A Debian in a chroot shares the host's network, so no daemon may start there: policy-rc.d says so to the packages' scripts, and the script
looks whether they have listened.
"""

import os
import shutil

from riglib import base, build, conf, engine, proc, root, ui
from scenarios.lib import readme

TEXT = os.path.join(conf.HERE, "journey-packager.sh")
TIMEOUT = 1500
# what apt may ask, it is told; downloads are kept in a directory that both Debians share
APT = """\
APT::Get::Assume-Yes "true";
APT::Sandbox::User "root";
APT::Keep-Downloaded-Packages "true";
Acquire::Retries "3";
Acquire::Languages "none";
Dpkg::Use-Pty "false";
"""
POLICY = "#!/bin/sh\n# nothing is started in here\nexit 101\n"


def _debian(tar, folder, log):
    """A Debian of our own in FOLDER, with mount points."""
    os.makedirs(folder)
    proc.run("journey_packager", "a Debian", ["tar", "-C", folder, "-xpf", tar, "--numeric-owner"], log, quiet=True)
    for name in ("src", "headers"):
        os.makedirs(os.path.join(folder, name))
    for path, text, mode in (("etc/apt/apt.conf.d/99journey", APT, 0o644), ("usr/sbin/policy-rc.d", POLICY, 0o755),
                             ("etc/dpkg/dpkg.cfg.d/journey", "force-unsafe-io\n", 0o644), ("etc/resolv.conf", "", 0o644)):
        where = os.path.join(folder, path)
        os.makedirs(os.path.dirname(where), exist_ok=True)
        if os.path.islink(where):
            os.unlink(where)
        with open(where, "w") as f:
            f.write(text)
        os.chmod(where, mode)


def _clone(folder):
    """The sources, as a clone has them."""
    for name in build.source_files():
        target = os.path.join(folder, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(os.path.join(conf.TOP, name), target)


def text(part):
    """Shell text: journey-packager.sh, where 'follow NAME' is the block NAME of README.md, and PART of it is what runs."""
    with open(os.path.join(conf.TOP, "README.md")) as f:
        manual = f.read()
    names = [n for n in sorted({b.name for b in readme.blocks(manual)}) if n.startswith("packager-")]
    follow = "".join("%s)\n%s;;\n" % (n, readme.steps(readme.commands(manual, n))) for n in names)
    return "%sfollow() {\ncase $1 in\n%s*) echo \"README.md has no block '$1'\"; exit 1 ;;\nesac\n}\n%s%s\n" % (
        readme.RUN, follow, conf.read(TEXT).decode(), part)


def _part(rig, work, part, other_headers, log):
    """One Debian from its first file to its last; the exit code."""
    folder = os.path.join(work, part)
    _debian(base.ensure(rig), folder, log)
    _clone(os.path.join(folder, "src"))
    binds = [(os.path.join(work, "archives"), "/var/cache/apt/archives"), (other_headers, "/headers")]
    argv = ["nice", "-n", "10"] + root.enter(folder, text(part), binds, net=True)
    try:
        return proc.run("journey_packager", part, argv, log, timeout=TIMEOUT, check=False, quiet=True)
    finally:
        shutil.rmtree(folder)


def packager(rig, log):
    """README.md's "Packages", on a bare Debian: built, installed, looked at, purged; and built by hand."""
    if os.path.exists(log):
        os.unlink(log)
    other = build.strongswan_headers(rig, build.OTHER_SUITES[0])
    work = os.path.join(rig.build_dir, "journey")
    shutil.rmtree(work, ignore_errors=True)     # of a run that was killed
    try:
        os.makedirs(os.path.join(work, "archives", "partial"))
        for part in ("debian", "by_hand"):
            code = _part(rig, work, part, other, log)
            if code:
                return code
        return 0
    except readme.Wrong as e:
        raise ui.RigError("journey_packager", str(e), remedy="CONTRIBUTING.md, 'Change a command in the README'") from e
    finally:
        shutil.rmtree(work)


# Name: a function whose docstring's first line says what it shows.  All need root: Debians of their own have files of many users.
NATIVE = {"journey_packager": packager, "journey_images": engine.images}
