# SPDX-License-Identifier: GPL-2.0-or-later
"""The project, built inside the Debian root.

The sources are copied into a tree of the rig's own (only files that differ are
touched, so that make sees what changed), and configured once per flavour.  The
result is a tar of 'make install DESTDIR=...', named by the digest of the sources:
it never changes once it exists, so parallel runs need no more than a lock while
building.

The native steps (steps.py) have a tree of their own below it, with a lock of its
own: they take minutes, and nobody's guests should wait for them.
"""

import os
import shutil

from riglib import conf, proc, root, ui, xl2tpd

FLAVOURS = {
    # name: (configure arguments, CFLAGS)
    "plain": ([], "-O2 -g"),
    "asan": (["--enable-sanitizers=address,undefined", "--enable-werror"], "-O1 -g"),
    # For guests where AddressSanitizer cannot run (see guests.Uml).
    "ubsan": (["--enable-sanitizers=undefined", "--enable-werror"], "-O1 -g -fstack-protector-strong"),
}
KEPT_PRODUCTS = 6
HEADERS_SCRIPT = "integration/strongswan-headers"
OTHER_SUITES = ("bookworm", "sid")      # strongSwan 5.9 and, at the time of writing, 6.1


def source_files():
    """Paths of the sources, relative to the top: what git has or would take; a
    tarball has no git, then everything but the results."""
    # A checkout that belongs to another user is read all the same.
    listed = proc.output(["git", "-c", "safe.directory=*", "-C", conf.TOP, "ls-files", "-coz", "--exclude-standard"])
    if listed:
        names = [n for n in listed.split("\0") if n]
    else:
        names = []
        for folder, dirs, files in os.walk(conf.TOP):
            rel = os.path.relpath(folder, conf.TOP)
            dirs[:] = [d for d in dirs if d not in (".git", "__pycache__") and
                       os.path.join(rel, d) != "integration/results"]
            names += [os.path.normpath(os.path.join(rel, f)) for f in files]
    return sorted(n for n in names if os.path.isfile(os.path.join(conf.TOP, n)))


def source_key(names):
    """What a product depends on: what is compiled or installed.  Not the tests, the
    scenarios, the rig, nor what is only read."""
    parts = []
    for n in names:
        if n.startswith("integration/") and not n.endswith((".c", ".h", ".mk")) and n not in (HEADERS_SCRIPT, xl2tpd.SCRIPT) or \
                n.startswith(".ci/") or n.endswith((".md", ".py")) and not n.startswith("conf-templates/") or \
                n.startswith("tests/") and not n.endswith(".mk"):
            continue
        parts += [n, conf.read(os.path.join(conf.TOP, n))]
    return conf.digest(*parts)


def sync(names, dest):
    """Make DEST the same as the sources, touching only what differs."""
    keep = set(names)
    for n in names:
        src, dst = os.path.join(conf.TOP, n), os.path.join(dest, n)
        if os.path.isfile(dst) and conf.read(src) == conf.read(dst) and \
                os.access(src, os.X_OK) == os.access(dst, os.X_OK):
            continue
        os.makedirs(os.path.dirname(dst), exist_ok=True)
        shutil.copyfile(src, dst)
        shutil.copymode(src, dst)
    record = dest + ".files"
    if os.path.exists(record):
        for old in conf.read(record).decode().split("\0"):
            if old and old not in keep and os.path.exists(os.path.join(dest, old)):
                os.unlink(os.path.join(dest, old))
    with open(record, "w") as f:
        f.write("\0".join(names))


class Builder:
    """Runs commands inside the root with a source tree of the rig's own at
    /build/src.  Hold root.locked(builder.lock) around it.  QUIET: no progress
    lines, for whoever reports by himself."""

    def __init__(self, rig, sub="", quiet=False):
        self.rig, self.dir, self.quiet = rig, os.path.join(rig.build_dir, sub).rstrip("/"), quiet
        self.headers = headers_dir(rig)
        self.xl2tpd_sources = ""
        self.lock = self.dir + ".lock"

    def inside(self, step, what, command, check=True, timeout=1800, name=None, net=True):
        """Shell text COMMAND in the root; its log is <results>/rig/<name>.log.
        Returns its exit code."""
        log = self.rig.log(name or step)
        if os.path.exists(log):
            os.unlink(log)
        binds = [(self.dir, "/build")]
        if os.path.isdir(self.headers):
            binds.append((self.headers, "/build/headers"))
        if os.path.isdir(self.xl2tpd_sources):
            binds.append((self.xl2tpd_sources, "/build/xl2tpd-sources"))
        # What nobody watches (QUIET) leaves the CPU to the guests, whose tests have time limits.
        argv = (["nice", "-n", "10"] if self.quiet else []) + root.enter(self.rig.root, "set -e\n" + command, binds, net)
        return proc.run(step, what, argv, log, timeout=timeout, check=check, quiet=self.quiet)

    def sources(self):
        """Sources in place, strongSwan's headers, xl2tpd's sources."""
        for mountpoint in ("headers", "xl2tpd-sources"):
            os.makedirs(os.path.join(self.dir, mountpoint), exist_ok=True)
        sync(source_files(), os.path.join(self.dir, "src"))
        strongswan_headers(self.rig)
        self.xl2tpd_sources = xl2tpd.sources(self.rig)

    def prepare(self):
        """All of that, and configure made."""
        self.sources()
        src = os.path.join(self.dir, "src")
        stamp = os.path.join(self.dir, "autoreconf.stamp")
        now = conf.digest(*[conf.read(os.path.join(src, n)) for n in source_files()
                            if n.endswith((".ac", ".am", ".mk", ".m4"))])
        if not os.path.exists(stamp) or conf.read(stamp).decode() != now:
            self.inside("autoreconf", "making configure", "cd /build/src && autoreconf -fi")
            with open(stamp, "w") as f:
                f.write(now)

    def configure_args(self):
        have = os.path.exists(os.path.join(self.headers, "sabus-version"))
        return ["--prefix=/usr", "--sysconfdir=/etc", "--localstatedir=/var",
                "--libdir=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)",
                "--with-strongswan-headers=/build/headers" if have else "--without-strongswan"]

    def configured(self, name, args=(), env=""):
        """Shell text that enters /build/NAME, configured with ARGS; again only
        when the arguments or configure have changed."""
        line = " ".join([env, "/build/src/configure"] + self.configure_args() + list(args))
        return ("mkdir -p /build/%(n)s && cd /build/%(n)s\n"
                "cat >configure.want <<'X'\n%(l)s\nX\n"
                "md5sum /build/src/configure >>configure.want\n"
                "cmp -s configure.want configure.done || {\n%(l)s\ncp configure.want configure.done; }\n"
                % {"n": name, "l": line})


def headers_dir(rig):
    """Headers are of the strongSwan in the root, so they live as long as it does."""
    script = os.path.join(conf.TOP, HEADERS_SCRIPT)
    text = conf.read(script) if os.path.exists(script) else ""
    return os.path.join(rig.work, "headers-" + conf.digest(conf.image_key(), text))


def other_headers(rig):
    """Headers of the strongSwan releases that the charon plugin must compile with,
    too: directories.  One that cannot be had is said and left out."""
    found = []
    for suite in OTHER_SUITES:
        try:
            found.append(strongswan_headers(rig, suite))
        except ui.RigError as e:
            ui.say("rig: no strongSwan headers of %s: %s" % (suite, e))
    return found


def strongswan_headers(rig, suite=""):
    """strongSwan's own headers, of the very release in the root, or of Debian's
    SUITE; the directory."""
    target = headers_dir(rig) + suite
    with root.locked(target + ".lock"):
        if os.path.exists(os.path.join(target, "sabus-version")):
            return target
        # Made beside its place and renamed: a directory that exists is complete.
        shutil.rmtree(target + ".new", ignore_errors=True)
        os.makedirs(target + ".new")
        binds = [(target + ".new", "/out"), (os.path.join(conf.TOP, "integration"), "/src")]
        proc.run("headers", "strongSwan's headers from Debian's source package",
                 root.enter(rig.root, "/src/strongswan-headers --output /out/headers " +
                            ("--suite " + suite if suite else "--root /"), binds),
                 rig.log("strongswan-headers" + suite), timeout=900)
        shutil.rmtree(target, ignore_errors=True)
        os.rename(os.path.join(target + ".new", "headers"), target)
        os.rmdir(target + ".new")
    return target


def jobs():
    return min(os.cpu_count() or 1, 4)


def product(rig, flavour):
    """Path of the tar for the guests; builds when the sources have changed."""
    key = source_key(source_files())
    tar = os.path.join(rig.build_dir, "product-%s-%s.tar" % (flavour, key))
    if os.path.exists(tar):
        os.utime(tar)
        return tar
    b = Builder(rig)
    with root.locked(b.lock):
        if not os.path.exists(tar):
            b.prepare()
            args, cflags = FLAVOURS[flavour]
            b.inside("build-" + flavour, "building the project (%s)" % flavour,
                     b.configured(flavour, args, "CFLAGS='%s'" % cflags) +
                     "make -j%d\n" % jobs() +
                     "rm -rf dest && mkdir dest && make -s install install-integration DESTDIR=$PWD/dest\n" + xl2tpd.install(flavour) +
                     "tar -C dest --owner=0 --group=0 -cf /build/new.tar .\n")
            os.replace(os.path.join(b.dir, "new.tar"), tar)
            _forget_old(b.dir, flavour)
    return tar


def _forget_old(folder, flavour):
    tars = [os.path.join(folder, n) for n in os.listdir(folder) if n.startswith("product-%s-" % flavour)]
    for old in sorted(tars, key=os.path.getmtime)[:-KEPT_PRODUCTS]:
        os.unlink(old)
