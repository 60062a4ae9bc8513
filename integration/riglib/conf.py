# SPDX-License-Identifier: GPL-2.0-or-later
"""Paths, the package list of the root, and the keys under which results of
slow steps are kept."""

import hashlib
import os

HERE = os.path.dirname(os.path.abspath(__file__))
INTEGRATION = os.path.dirname(HERE)
TOP = os.path.dirname(INTEGRATION)
SUITE = "trixie"

# The daemons under test, their build headers, and what the tests need.
PACKAGES = """
    ppp ppp-dev xl2tpd charon-systemd strongswan-swanctl
    libstrongswan-standard-plugins libstrongswan-extra-plugins libcharon-extra-plugins
    libmnl-dev libjson-c-dev uthash-dev libcmocka-dev libssl-dev
    gcc libc6-dev make dpkg-dev autoconf automake autoconf-archive libtool pkgconf
    clang libclang-rt-dev llvm cppcheck valgrind strace gdb
    python3 python3-pytest python3-hypothesis python3-scapy python3-pyroute2
    iproute2 iputils-ping iptables nftables tcpdump iperf3 pppoe
    procps kmod netbase mount file mandoc busybox-static ca-certificates
    conntrack patch libpcap0.8-dev dbus python3-dbus
    freeradius freeradius-utils freeradius-postgresql postgresql sqlite3 libradcli-dev libgnutls28-dev nettle-dev openssl
    zsh debhelper lintian rpm apparmor systemd
    docker.io docker-cli docker-compose podman podman-compose
    user-mode-linux
""".split()

# Debian's packages of other clients, that cannot be installed beside the daemons
# above (libreswan conflicts with strongSwan, NetworkManager is not wanted): their
# files go to /opt/<name>, what they need is installed.
APART = {"libreswan": ["libreswan"], "nm-l2tp": ["network-manager-l2tp", "strongswan-starter", "strongswan-charon"]}
PACKAGES += """
    libnss3 libnss3-tools libnspr4 libaudit1 libcap-ng0 libcrypt1 libcurl3t64-gnutls libevent-core-2.1-7t64
    libevent-pthreads-2.1-7t64 libldap2 libldns3t64 libpam0g libselinux1 libunbound8 libnm0 libglib2.0-0t64 libssl3t64
""".split()

# Files that shape the image: a change in one of them makes a new image.
IMAGE_FILES = ("image.py", "guest/init", "guest/umlptrace.c")


def digest(*parts):
    """16 hex digits over strings and bytes, unambiguous about where each ends."""
    h = hashlib.sha256()
    for p in parts:
        p = p.encode() if isinstance(p, str) else p
        h.update(b"%d:" % len(p) + p)
    return h.hexdigest()[:16]


def read(path):
    with open(path, "rb") as f:
        return f.read()


def image_key():
    files = [read(os.path.join(HERE, f)) for f in IMAGE_FILES]
    return digest(SUITE, " ".join(sorted(PACKAGES)), repr(sorted(APART.items())), *files)


def default_cache():
    """Where slow results live.  A user who is not root uses what root has set
    up, when there is something."""
    shared = "/var/tmp/sabus-rig"
    if os.environ.get("RIG_CACHE"):
        return os.path.abspath(os.environ["RIG_CACHE"])
    if os.geteuid() == 0 or os.path.isdir(os.path.join(shared, image_key())):
        return shared
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "sabus-rig")


class Rig:
    """One invocation: options and the paths that follow from them."""

    def __init__(self, args):
        self.args = args
        self.cache = default_cache()
        self.results = os.path.abspath(args.results or os.path.join(INTEGRATION, "results"))
        self.image_dir = os.path.join(self.cache, image_key())
        self.root = os.path.join(self.image_dir, "root")
        self.disk = os.path.join(self.image_dir, "root.img")
        self.logs = os.path.join(self.results, "rig")
        self.packages = None        # directory of .deb files for the guests, where a scenario wants them
        self.engine = None          # second disk of the guests, likewise (engine.py)
        # Builds belong to one checkout and one user: two never share a tree.
        own = digest(TOP, str(os.geteuid()))
        self.work = self.cache if os.access(self.cache, os.W_OK) or os.geteuid() == 0 \
            else os.path.expanduser("~/.cache/sabus-rig")
        self.build_dir = os.path.join(self.work, "build-%s-%s" % (image_key(), own))

    def log(self, name):
        return os.path.join(self.logs, name + ".log")
