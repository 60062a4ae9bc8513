# SPDX-License-Identifier: GPL-2.0-or-later
"""recipes.py SRC ORIG HEADERS XL2TPD WORK: do the recipes for other distributions still fit?

Runs inside the Debian root, so it shows less than those distributions would: dependencies are not looked at, and the compiler is Debian's.
  rpm     the spec is built by rpmbuild; files that no package has, or that are not there, are errors
  alpine  package() and the functions of the subpackages run on that build, with amove as abuild has it; nothing may be left over
  openwrt the makefile's definitions run on that build: openwrt.py
ORIG: the source tarball of the Debian packages; HEADERS: strongSwan's, a source of strongSwan is made of them; XL2TPD: cache of
integration/xl2tpd-source."""

import glob
import io
import os
import re
import shutil
import sys
import tarfile

import openwrt
from fit import Misfit, run

# Debian's pppd and strongSwan are where they are: with this libdir both recipes mean the same places.  The other words are macros that
# Debian's rpm has not, and what makes it fast.
DEFINES = {"_libdir": "/usr/lib", "_unitdir": "/usr/lib/systemd/system", "build_cflags": "-O0", "build_ldflags": "-Wl,-z,now", "optflags": "-O0",
           "strongswan_plugindir": "/usr/lib/ipsec/plugins", "debug_package": "%{nil}", "_smp_mflags": "-j2", "_binary_payload": "w0.gzdio"}

ALPINE = r"""
set -eu
default_prepare() { :; }
. "$1/integration/alpine/APKBUILD"
srcdir=$2 builddir=$2/sabus-$pkgver pkgdir=$3/sabus
amove() {
	for pattern; do
		found=
		for f in "$pkgdir"/$pattern; do
			[ -e "$f" ] || [ -h "$f" ] || continue
			found=1
			to=$subpkgdir/${f#"$pkgdir"/}
			mkdir -p "${to%/*}"
			cp -a "$f" "${to%/*}/"
			rm -rf "$f"
		done
		[ "$found" ] || { echo "$subpkgname: nothing matches $pattern"; exit 1; }
	done
}
cd "$builddir"
trap 'cat "$3/package.log"' EXIT
package >"$3/package.log" 2>&1
trap - EXIT
for sub in $subpackages; do
	subpkgname=${sub%%:*} subpkgdir=$3/${sub%%:*}
	function=${sub#*:}; function=${function%%:*}
	case $sub in
	*-doc) amove usr/share/doc usr/share/man ;;
	*-openrc) amove etc/init.d ;;
	*-bash-completion) amove usr/share/bash-completion ;;
	*-zsh-completion) amove usr/share/zsh ;;
	*) "$function" ;;
	esac
done
cd "$pkgdir" && find . ! -type d
"""
ALPINE_MAIN = {"./etc/sabus/guard.batch", "./usr/sbin/sabusd", "./usr/sbin/sabusctl"}


def pack(target, top, folder, extra=()):
    """A tarball of FOLDER as TOP/, and of EXTRA: (name, text)."""
    with tarfile.open(target, "w:" + target.rsplit(".", 1)[1]) as tar:
        tar.add(folder, top)
        for name, text in extra:
            info = tarfile.TarInfo("%s/%s" % (top, name))
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))


def sources(src, orig, headers, cache, folder):
    """What the spec's Source lines name."""
    with open(os.path.join(src, "integration/rpm/sabus.spec")) as f:
        spec = f.read()
    xl2tpd = re.search(r"global xl2tpd_version (\S+)", spec)[1]
    with open(os.path.join(headers, "sabus-version")) as f:
        strongswan = f.read().split()[0]
    shutil.copy(orig, os.path.join(folder, os.path.basename(orig).replace("_", "-").replace(".orig", "")))
    pack("%s/strongswan-%s.tar.bz2" % (folder, strongswan), "strongswan-" + strongswan, headers,
         [("configure.ac", "AC_INIT([strongSwan],[%s])\n" % strongswan)])
    tree = os.path.join(folder, "xl2tpd")
    run([os.path.join(src, "integration/xl2tpd-source"), "--stock", "--version", xl2tpd, "--cache", cache, "--output", tree])
    pack("%s/xl2tpd-%s.tar.gz" % (folder, xl2tpd), "xl2tpd-" + xl2tpd, tree)
    shutil.rmtree(tree)
    return strongswan


def rpm(src, args, work):
    top = os.path.join(work, "rpm")
    os.makedirs(top + "/SOURCES")
    strongswan = sources(src, *args, top + "/SOURCES")
    defines = dict(DEFINES, _topdir=top, strongswan_release=strongswan)
    words = [w for k, v in sorted(defines.items()) for w in ("--define", "%s %s" % (k, v))]
    run(["rpmbuild", "-bb", "--nodeps", "--nocheck", "--noclean"] + words + [src + "/integration/rpm/sabus.spec"], top + ".log")
    made = sorted(os.path.basename(p) for p in glob.glob(top + "/RPMS/*/*.rpm"))
    print("rpm: " + " ".join(made))
    return os.path.dirname(glob.glob(top + "/BUILD/**/configure.ac", recursive=True)[0]), strongswan


def alpine(src, tree, work):
    """On the spec's build: its directory has the xl2tpd that the recipe looks for beside it."""
    top = os.path.join(work, "alpine")
    os.makedirs(top)
    side = os.path.join(work, "srcdir")
    os.makedirs(side)
    os.symlink(tree, os.path.join(side, "sabus-0.1.0"))
    for x in glob.glob(tree + "/xl2tpd-*"):
        os.symlink(x, os.path.join(side, os.path.basename(x)))
    env = dict(os.environ, MAKEFLAGS="mandir=/usr/share/man")
    left = set(run(["sh", "-c", ALPINE, "alpine", src, side, top], env=env).splitlines())
    # the spec's build has systemd
    strange = {f for f in left if f not in ALPINE_MAIN and "/systemd/" not in f and "/sysusers.d/" not in f and "/tmpfiles.d/" not in f
               and not f.startswith("./usr/share/sabus/conf-templates/")}
    if strange or not ALPINE_MAIN <= left:
        raise Misfit("alpine: in no package: %s; missing in sabus: %s" % (sorted(strange), sorted(ALPINE_MAIN - left)))
    print("alpine: " + " ".join(sorted(n for n in os.listdir(top) if os.path.isdir(os.path.join(top, n)))))


def main(src, orig, headers, cache, work):
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    try:
        tree, strongswan = rpm(src, (orig, headers, cache), work)
        alpine(src, tree, work)
        openwrt.check(src, tree, work + "/rpm/SOURCES", strongswan, work)
    except (Misfit, OSError) as e:
        print("recipes: %s" % e)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
