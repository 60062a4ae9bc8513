# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a Debian root, and the disk image and User Mode Linux from it, in a
directory that root.py has locked.  A change in this file makes a new image on
every machine, so it has nothing in it that does not shape one."""

import os
import shutil

from riglib import conf, proc
from riglib.chroot import enter, which

# Space that scenarios and the project's files may take on top of the root.
DISK_SIZE = 6 << 30

# Shell text: the files of packages, without their scripts, below /opt.
APART = """
unpack() {
	for p in $2; do
		apt-get -q -o APT::Sandbox::User=root download "$p"
		dpkg -x "$p"_*.deb "/opt/$1"
	done
}
apt-get -q update
mkdir /tmp/debs
cd /tmp/debs
%s
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
"""


def make(rig):
    _debootstrap(rig)
    _prepare(rig)
    _uml(rig)
    _disk(rig)


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
    top = rig.root
    for d in ("host", "src", "build", "out", "usr/lib/modules"):
        os.makedirs(os.path.join(top, d), exist_ok=True)
    shutil.copy2(os.path.join(conf.HERE, "guest/init"), os.path.join(top, "rig-init"))
    os.chmod(os.path.join(top, "rig-init"), 0o755)
    with open(os.path.join(top, "etc/resolv.conf"), "w") as f:
        f.write("# the rig binds the host's file here while it is in the root\n")
    sources = os.path.join(top, "etc/apt/sources.list")
    with open(sources) as f:
        lines = [x.strip() for x in f if x.startswith("deb ")]
    with open(sources, "a") as f:
        f.writelines("deb-src" + x[3:] + "\n" for x in lines)
    modules = os.path.join(top, "usr/lib/uml/modules")
    script = "for a in iptables ip6tables; do update-alternatives --set $a /usr/sbin/$a-legacy; done"
    for m in os.listdir(modules):
        os.symlink("../uml/modules/" + m, os.path.join(top, "usr/lib/modules", m))
        script += "; depmod " + m
    shutil.copy(os.path.join(conf.HERE, "guest/umlptrace.c"), os.path.join(top, "build"))
    script += "; gcc -O2 -Wall -shared -fPIC -o /usr/lib/umlptrace.so /build/umlptrace.c"
    script += "; rm /build/umlptrace.c"
    script += "; set -e; " + APART % "\n".join("unpack %s '%s'" % (n, " ".join(p)) for n, p in sorted(conf.APART.items()))
    proc.run("root", "preparing the root", enter(top, script), rig.log("root-prepare"))


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
