# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the recipe for OpenWrt still fit?  A part of recipes.py.

There is no SDK, so GNU make interprets the recipe with a few lines in place of OpenWrt's rules.mk and package.mk (below), which do with its
definitions what those do.  On the build of the RPM's recipe:
  what comes before configure is done: sources unpacked, xl2tpd patched, strongSwan's headers made; the rest must be sound shell text, and
    configure must know its options
  each package is installed; each file of 'make install' must be in one of them, only for who builds against sabus, or in LEFT_OUT
  what a package links with must be in what it depends on: OpenWrt's build stops there
  the init scripts are run by busybox with echoes in place of procd and ip
What must be true of OpenWrt itself (names of packages, files of its xl2tpd) nobody looks at here."""

import filecmp
import fnmatch
import glob
import os
import re
import shutil

from fit import Misfit, run

RULES = r"""
INCLUDE_DIR:=$(TOPDIR)/include
BUILD_DIR:=$(TOPDIR)/build_dir
DL_DIR:=$(TOPDIR)/dl
INSTALL_BIN:=install -m0755
INSTALL_CONF:=install -m0600
INSTALL_DATA:=install -m0644
INSTALL_DIR:=install -d -m0755
CP:=cp -fpR
TAR:=tar
"""
PACKAGE = r"""
PKG_BUILD_DIR?=$(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)
NEEDED_FIELDS:=TITLE SECTION CATEGORY
FIELDS:=$(NEEDED_FIELDS) SUBMENU DEPENDS EXTRA_DEPENDS USERID ABI_VERSION PROVIDES CONFLICTS PKGARCH URL
.PHONY: prepare configure compile dev packages
define Build/Prepare/Default
	$(TAR) -C $(BUILD_DIR) -xf $(DL_DIR)/$(PKG_SOURCE)
endef
define Build/Configure
	(cd $(PKG_BUILD_DIR); $(CONFIGURE_VARS) ./configure $(CONFIGURE_ARGS))
endef
define Build/Compile/Default
	make -C $(PKG_BUILD_DIR)
endef
define Download
  $(foreach f,FILE URL URL_FILE HASH,$(eval $(f):=))
  $(eval $(Download/$(1)))
  $(foreach f,FILE URL HASH,$(if $($(f)),,$$(error Download/$(1) has no $(f))))
endef
define Core
CORE:=1
prepare:
	$(Build/Prepare)
configure:
	$(Build/Configure)
compile:
	$(Build/Compile)
dev:
	$(call Build/InstallDev,$(OUT)/dev)
endef
define BuildPackage
  $(foreach f,$(FIELDS),$(eval $(f):=))
  $(eval $(Package/$(1)))
  $(foreach f,$(NEEDED_FIELDS),$(if $($(f)),,$$(error Package/$(1) has no $(f))))
  $(file >$(OUT)/$(1).depends,$(DEPENDS))
  $(file >$(OUT)/$(1).conffiles,$(Package/$(1)/conffiles))
  $(if $(CORE),,$(Core))
packages: package/$(1)
.PHONY: package/$(1)
package/$(1):
	mkdir -p $(OUT)/packages/$(1)
	$(call Package/$(1)/install,$(OUT)/packages/$(1))
endef
"""
# What OpenWrt's recipes say that ours reads, and the files of its xl2tpd that ours installs.
PPP = "package/network/services/ppp/Makefile"
STRONGSWAN = "package/feeds/packages/strongswan/Makefile"
XL2TPD = "package/feeds/packages/xl2tpd/Makefile"
XL2TPD_FILES = ("xl2tpd.init", "xl2tpd.conf", "xl2tp-secrets", "options.xl2tpd", "l2tp.sh")

# Installed by 'make install', and in no package of a router: its reason.
LEFT_OUT = {
    "usr/share/man/*": "OpenWrt installs no manual pages",
    "usr/share/bash-completion/*": "its shell is busybox'",
    "usr/share/zsh/*": "its shell is busybox'",
    "usr/lib/systemd/*": "procd starts daemons",
    "usr/lib/sysusers.d/*": "USERID of the package",
    "usr/lib/tmpfiles.d/*": "the init script makes the directory",
    "usr/share/strongswan/*": "its strongSwan packages have no templates either",
    "*.la": "nobody links with libtool there",
}
# conffiles that no package brings: kept at an upgrade when somebody has made them
KEPT = ("/etc/sabus/dynauth.conf",)
LIBRARIES = {"libmnl": "libmnl", "libjson-c": "libjson-c", "libnettle": "libnettle", "libradcli": "libradcli", "libsabus": "libsabus"}
LIBC = ("libc", "ld-linux")
# the name in --with-NAME, --without-NAME, --NAME=
SWITCH = re.compile(r"(?<!\S)--(?:with-|without-|enable-|disable-)?([a-z0-9-]+)")

# $1 UCI file, $2 init script, $3 function of it: what it would do.
INIT = r"""
set -eu
uci=$1 script=$2 function=$3
config() { section=$2; }
option() { eval "uci_${section}_$1=\$2"; }
list() { eval "uci_${section}_$1=\"\${uci_${section}_$1:+\$uci_${section}_$1 }\$2\""; }
config_load() { [ "$1" = sabus ] && . "$uci"; }
config_get() { eval "$1=\${uci_${2}_$3:-${4:-}}"; }
config_get_bool() { config_get "$@"; }
for f in mkdir chown chmod ln ip procd_open_instance procd_set_param procd_append_param procd_close_instance procd_add_reload_trigger; do
	eval "$f() { echo $f \"\$@\"; }"
done
. "$script"
"$function"
"""
GUARD_OFF = "ip xfrm policy deleteall priority 4000000\nip xfrm policy deleteall priority 4000001\n"
GUARD_ON = "ip -force -batch /etc/sabus/guard.batch\n"
NETWORK_START = 20  # of OpenWrt; xl2tpd has 60, charon 90


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def files(folder):
    return {os.path.relpath(os.path.join(at, n), folder) for at, _, names in os.walk(folder) for n in names}


def make_top(top, sources, pppd, strongswan):
    """A tree with what the recipe looks for in OpenWrt's."""
    write(top + "/rules.mk", RULES)
    write(top + "/include/package.mk", PACKAGE)
    write(os.path.join(top, PPP), "PKG_VERSION:=%s\n" % pppd)
    write(os.path.join(top, STRONGSWAN), "PKG_VERSION:=%s\nPKG_RELEASE:=1\nPKG_SOURCE_URL:=https://strongswan.invalid/\nPKG_HASH:=0\n"
          "CONFIGURE_ARGS+= \\\n\t--enable-mediation\n" % strongswan)
    write(os.path.join(top, XL2TPD), "")
    for name in XL2TPD_FILES:
        write(os.path.join(os.path.dirname(os.path.join(top, XL2TPD)), "files", name), "")
    os.makedirs(top + "/build_dir")
    shutil.copytree(sources, top + "/dl")
    for name in ("uthash", "utlist"):
        shutil.copy("/usr/include/%s.h" % name, "%s/dl/%s-2.3.0.h" % (top, name))


def shell_text(make, target):
    """What make would run for TARGET, which must be sound shell text."""
    text = run(make + ["-n", target])
    for shell in (["sh"], ["busybox", "sh"]):
        run(shell + ["-n", "-c", text])
    return text


def before_compile(make, top, tree):
    """Unpacks and patches for good; the words for configure must be known to it, and name what is there then."""
    run(make + ["prepare"], top + ".prepare.log")
    text = shell_text(make, "configure")
    shell_text(make, "compile")
    known = SWITCH.findall(run([tree + "/configure", "--help"]))
    wrong = ["configure does not know %s" % s for s in SWITCH.findall(text) if s not in known]
    with open(re.search(r"--with-strongswan-headers=(\S+)", text)[1] + "/sabus-version") as f:
        version = f.read().split()
    if version[:2] != [re.search(r"--with-strongswan-version=(\S+)", text)[1], "mediation"]:
        wrong.append("headers of strongSwan: %s" % version)
    if not os.path.exists(top + "/build_dir/%s/uthash/uthash.h" % os.path.basename(tree)):
        wrong.append("no uthash.h")
    return wrong


def placed(installed, dev, packages):
    """Each file of 'make install' has its place, and none has two."""
    owners = {}
    for name, folder in packages.items():
        for f in files(folder):
            owners.setdefault(f, []).append(name)
    wrong = ["%s is in %s" % (f, " and ".join(sorted(o))) for f, o in sorted(owners.items()) if len(o) > 1]
    have, used = files(installed), set()
    for f in sorted(have):
        out = [p for p in LEFT_OUT if fnmatch.fnmatchcase(f, p)]
        used.update(out)
        if bool(out) == (f in owners or f in dev):
            wrong.append("%s is %s" % (f, "in LEFT_OUT and in a package" if out else "in no package"))
        if f in owners and not filecmp.cmp(os.path.join(installed, f), os.path.join(packages[owners[f][0]], f), shallow=False):
            wrong.append("%s of %s is not what 'make install' installs" % (f, owners[f][0]))
    return wrong + ["LEFT_OUT: there is no %s" % p for p in LEFT_OUT if p not in used]


def depends(out, name, packages):
    """The packages that NAME brings with it: its own words, and those of ours among them."""
    with open("%s/%s.depends" % (out, name)) as f:
        direct = {w.lstrip("+").split(":")[-1] for w in f.read().split() if not w.startswith("@")}
    return direct.union(*(depends(out, d, packages) for d in direct if d in packages))


def linked(out, name, packages):
    wrong, brought = [], depends(out, name, packages) | {name}
    for f in sorted(files(packages[name])):
        path = os.path.join(packages[name], f)
        with open(path, "rb") as x:
            elf = x.read(4) == b"\x7fELF"
        for needed in re.findall(r"\(NEEDED\).*\[(\S+?)\.so", run(["readelf", "-d", path])) if elf else ():
            if not needed.startswith(LIBC) and LIBRARIES.get(needed) not in brought:
                wrong.append("%s of %s links with %s, in nothing that it depends on" % (f, name, needed))
    return wrong


def kept(out, name, packages):
    with open("%s/%s.conffiles" % (out, name)) as f:
        words = f.read().split()
    return ["%s: there is no conffile %s" % (name, w) for w in words if w not in KEPT and not os.path.isfile(packages[name] + w)]


def init(script, function, uci, **env):
    """What the init script does, a line for each command."""
    return run(["busybox", "sh", "-c", INIT, "init", uci, script, function], env=dict(os.environ, **env))


def guard(script, off, on):
    """Nothing, unless /etc/config/sabus says so; and an upgrade leaves it."""
    wrong = []
    for function, uci, env, want in (("start", off, {}, ""), ("start", on, {}, GUARD_ON), ("restart", on, {}, GUARD_ON), ("stop", on, {}, GUARD_OFF),
                                     ("stop", on, {"PKG_UPGRADE": "1"}, "")):
        got = init(script, function, uci, **env)
        if got != want:
            wrong.append("sabus-guard.init, %s with %s %s: %r, not %r" % (function, os.path.basename(uci), env, got, want))
    return wrong


def broker(script, off, on, installed):
    """sabusd's command, with the options of /etc/config/sabus; sabusd must know those that the script gives."""
    started, known = init(script, "start_service", on), run([installed + "/usr/sbin/sabusd", "--help"])
    command = re.search(r"^procd_set_param command /usr/sbin/sabusd (.*)$", started, re.M)
    wrong = ["sabusd.init does not start sabusd: %r" % started] if not command else \
        ["sabusd has no %s" % w for w in re.findall(r"--\S+", command[1]) if w not in known]
    if "\nprocd_append_param command -a -b c\n" not in started:
        wrong.append("sabusd.init leaves out its options: %r" % started)
    if init(script, "start_service", off):
        wrong.append("sabusd.init starts it when it is not enabled")
    return wrong


def inits(src, work, installed):
    folder, wrong = os.path.join(src, "integration/openwrt/files"), []
    for path in sorted(glob.glob(folder + "/*.init")):
        run(["sh", "-n", path])
        run(["busybox", "sh", "-n", path])
        with open(path) as f:
            start = int(re.search(r"^START=(\d+)$", f.read(), re.M)[1])
        if start >= NETWORK_START and not path.endswith("/sabus-dynauth.init"):
            wrong.append("%s: starts after the network" % os.path.basename(path))
    shipped, turned = folder + "/sabus.config", work + "/turned.config"
    with open(shipped) as f:
        text = f.read()
    write(turned, re.sub("enabled '(.)'", lambda m: "enabled '%d'" % (1 - int(m[1])), text))
    write(work + "/options.config", text.replace("enabled '1'\n", "enabled '1'\n\tlist options '-a'\n\tlist options '-b c'\n", 1))
    return wrong + guard(folder + "/sabus-guard.init", shipped, turned) + broker(folder + "/sabusd.init", turned, work + "/options.config", installed)


def check(src, tree, sources, strongswan, work):
    """TREE: the build of the RPM's recipe, whose SOURCES are those of this one."""
    top = os.path.join(work, "openwrt")
    installed, out = top + "/install", top + "/out"
    run(["make", "-s", "-C", tree, "install", "DESTDIR=" + installed, "mandir=/usr/share/man"], top + ".install.log")
    pppd = os.path.basename(glob.glob(installed + "/usr/lib/pppd/*")[0])
    make_top(top, sources, pppd, strongswan)
    os.makedirs(out)
    make = ["make", "-s", "-C", src + "/integration/openwrt", "TOPDIR=" + top, "OUT=" + out, "CONFIG_PACKAGE_ppp-mod-sabus-radius=y"]
    wrong = before_compile(make, top, tree)
    run(make + ["PKG_BUILD_DIR=" + tree, "PKG_INSTALL_DIR=" + installed, "dev", "packages"], top + ".packages.log")
    packages = {n: os.path.join(out, "packages", n) for n in sorted(os.listdir(out + "/packages"))}
    wrong += placed(installed, files(out + "/dev"), packages) + inits(src, top, installed)
    for name in packages:
        wrong += linked(out, name, packages) + kept(out, name, packages)
    if wrong:
        raise Misfit("openwrt: " + "\nopenwrt: ".join(wrong))
    print("openwrt: " + " ".join(packages))
