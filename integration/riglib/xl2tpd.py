# SPDX-License-Identifier: GPL-2.0-or-later
"""xl2tpd with our patches, built inside the Debian root and put beside the
project's own files:

  /opt/xl2tpd-V         version V with patches/xl2tpd/V, for each V that has a series
  /opt/xl2tpd-V-stock   the same without them, where Debian's package is of another version

Sources come from Debian's archive and are kept, so that only the first run needs a
network (integration/xl2tpd-source knows where from).  What is built depends on the
patches, the flavour and the root; it is kept in the build tree, and goes into the
product's tar (build.py).  Stock daemons are built plain: what a sanitizer says of
them is not ours to mend.
"""

import os

from riglib import conf, proc, root

SCRIPT = "integration/xl2tpd-source"
PATCHES = os.path.join(conf.TOP, "patches", "xl2tpd")
PLUGINS = "/usr/lib/xl2tpd/plugins"     # where 'make install' of the project puts its own
SANITIZERS = {
    "plain": "",
    "asan": "-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer",
    "ubsan": "-fsanitize=undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -fstack-protector-strong",
}


def versions():
    """Those that we have patches for."""
    names = sorted(os.listdir(PATCHES)) if os.path.isdir(PATCHES) else []
    return [n for n in names if os.path.exists(os.path.join(PATCHES, n, "series"))]


def not_debians():
    """Those that patches/xl2tpd makes from an older one (upstream-OLD-V.diff): Debian's package is of the older."""
    return [v for v in versions() if any(n.startswith("upstream-") and n.endswith("-%s.diff" % v) for n in os.listdir(PATCHES))]


def sources(rig):
    """Debian's sources of all versions, downloaded when they are not there; the directory."""
    target = os.path.join(rig.work, "xl2tpd-sources-" + conf.digest(conf.SUITE, conf.read(os.path.join(conf.TOP, SCRIPT))))
    with root.locked(target + ".lock"):
        for v in versions():
            if any(os.path.exists(os.path.join(target, v + end)) for end in ("", ".absent")):
                continue
            os.makedirs(target, exist_ok=True)
            proc.run("xl2tpd", "the source of xl2tpd %s from Debian's archive" % v,
                     root.enter(rig.root, "/src/%s --fetch --cache /out --version %s" % (SCRIPT, v),
                                [(target, "/out"), (conf.TOP, "/src")]), rig.log("xl2tpd-source-" + v), timeout=600)
    return target


BUILD = """\
if [ ! -e %(tree)s.ok ]; then
	rm -rf %(kind)s-*
	/build/src/%(script)s --cache /build/xl2tpd-sources --version %(version)s --output %(tree)s %(stock)s
	CFLAGS='-O2 -g %(flags)s' LDFLAGS='%(flags)s' make -C %(tree)s CC=gcc XL2TPD_PLUGINDIR=%(plugins)s xl2tpd xl2tpd-control
	touch %(tree)s.ok
fi
"""
INSTALL = """\
install -d dest/opt/%(name)s/sbin
install -m 755 %(tree)s/xl2tpd %(tree)s/xl2tpd-control dest/opt/%(name)s/sbin/
"""


def _key(version, flags):
    """Digest of all that makes VERSION's program."""
    parts = [BUILD, flags, conf.read(os.path.join(conf.TOP, SCRIPT))]
    for folder in (PATCHES, os.path.join(PATCHES, version)):
        for n in sorted(os.listdir(folder)):
            if os.path.isfile(os.path.join(folder, n)):
                parts += [n, conf.read(os.path.join(folder, n))]
    return conf.digest(*parts)


def _one(version, flavour, stock):
    """Values for BUILD and INSTALL."""
    flags = "" if stock else SANITIZERS[flavour]
    kind = "/build/xl2tpd-%s-%s" % (version, "stock" if stock else flavour)
    return {"plugins": PLUGINS, "name": "xl2tpd-%s%s" % (version, "-stock" if stock else ""), "version": version, "script": SCRIPT,
            "stock": "--stock" if stock else "", "flags": flags, "kind": kind, "tree": kind + "-" + _key(version, flags)}


def install(flavour):
    """Shell text for build.Builder: builds what is missing, installs all below ./dest."""
    every = [_one(v, flavour, False) for v in versions()] + [_one(v, flavour, True) for v in not_debians()]
    return "".join(BUILD % x + INSTALL % x for x in every)


def patched(flavour):
    """For native steps: shell text that builds all patched ones; their directories there, source and program."""
    every = [_one(v, flavour, False) for v in versions()]
    return "".join(BUILD % x for x in every), [x["tree"] for x in every]


SERIES = """\
for kind in stock patched; do
	option=; [ $kind = patched ] || option=--stock
	/build/src/%(script)s --cache /build/xl2tpd-sources --version %(version)s --output $kind $option
	for cc in gcc clang; do
		make -C $kind -s clean
		CFLAGS=-O2 make -C $kind -k CC=$cc all >$kind.$cc.log 2>&1 || { cat $kind.$cc.log; exit 1; }
	done
done
for cc in gcc clang; do
	echo "xl2tpd %(version)s, $cc:"
	python3 -B /build/src/integration/riglib/newwarnings.py stock.$cc.log patched.$cc.log
done
diff -u /build/src/plugins/xl2tpd/xl2tpd-plugin.h patched/xl2tpd-plugin.h
"""


def series():
    """Shell text: each series against its own source."""
    text = "mkdir -p /build/series\ncd /build/series\n"
    return text + "".join(SERIES % {"script": SCRIPT, "version": v} for v in versions()) + \
        ("" if versions() else "echo 'patches/xl2tpd has no series'; exit 1\n")
