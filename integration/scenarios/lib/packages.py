# SPDX-License-Identifier: GPL-2.0-or-later
"""A host that is run from the Debian packages of the project instead of from what 'make install' put into the guest.

own_system() gives a host (host.py) /usr, /etc and /var/lib of its own, without the project's files (own_files(): with them); what it had
mounted below /etc stays, and so does what all hosts of the guest share (/opt).
All of it is gone with the host.  Maintainer scripts see a Debian without systemd: they call the init scripts, which start and stop what
the package says (policy-rc.d lets them).
"""

import os
import re
import subprocess
import tempfile

DEBS = "/host/packages"
ORDER = ("libsabus0", "sabus", "libsabus-dev", "ppp-sabus", "strongswan-sabus", "xl2tpd-sabus", "freeradius-sabus")

OWN = r"""
set -eu
top=$(mktemp -d /tmp/own.XXXXXX)
for d in ppp xl2tpd swanctl sabus strongswan.d; do
	mkdir -p "$top/keep/$d"
	mount --bind "/etc/$d" "$top/keep/$d"
done
for d in usr etc var/lib; do
	mkdir -p "$top/up/$d" "$top/work/$d"
	mount -t overlay overlay -o "lowerdir=/$d,upperdir=$top/up/$d,workdir=$top/work/$d" "/$d"
done
%s
for d in ppp xl2tpd swanctl sabus strongswan.d; do
	mkdir -p "/etc/$d"
	mount --bind "$top/keep/$d" "/etc/$d"
done
"""
WITHOUT_US = r"""
tar -tf /host/product.tar | sed -n 's|^\./|/|; \,^/\(usr\|etc\|var/lib\)/.*[^/]$,p' | xargs -d '\n' rm -f
rm -f /etc/strongswan.d/charon/sabus.conf
ldconfig
printf '#!/bin/sh\nexit 0\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
"""


def own_files(host, more=""):
    """MORE: shell text for a moment at which nothing lies over /etc."""
    host.run(OWN % more)


def own_system(host):
    own_files(host, WITHOUT_US)


def debs(folder=DEBS, names=ORDER):
    """Paths of the packages, those that others need first."""
    found = {re.match(r"[a-z0-9-]+", n)[0]: os.path.join(folder, n) for n in os.listdir(folder) if n.endswith(".deb")}
    return [found[n] for n in names if n in found]


def install(host, paths, check=True):
    """dpkg -i: what an administrator has changed stays, nobody is asked."""
    return host.run(["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--force-unsafe-io", "--force-confold", "-i"] + list(paths),
                    check=check, timeout=90)


def dpkg(host, *words):
    return host.run(["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--force-unsafe-io"] + list(words), timeout=60)


def newer(paths):
    """Copies of the packages, one release later: what an upgrade does is done for real."""
    folder = tempfile.mkdtemp(prefix="newer-")
    for path in paths:
        tree = os.path.join(folder, "tree")
        subprocess.run(["dpkg-deb", "-R", path, tree], check=True)
        control = os.path.join(tree, "DEBIAN", "control")
        with open(control) as f:
            text = f.read()
        version = re.search(r"^Version: (.*)$", text, re.M)[1]
        with open(control, "w") as f:
            f.write(text.replace(version, version + "+1"))
        subprocess.run(["dpkg-deb", "-Znone", "--root-owner-group", "-b", tree, os.path.join(folder, os.path.basename(path))], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", tree], check=True)
    return debs(folder)


def version(host, package):
    """Installed version, '' when it is not."""
    r = host.run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Version}", package], check=False)
    return r.stdout[3:].strip() if r.stdout.startswith("ii ") else ""


def files(host):
    """{path: what it is} of all that packages may touch, of one host: compare two of them."""
    out = host.run("find /usr /etc /var/lib -xdev ! -type d ! -path '/var/lib/dpkg/*' ! -path '*/__pycache__/*' "
                   "-printf '%p\\t%s %m %l\\n'; find /etc/ppp /etc/xl2tpd /etc/strongswan.d /etc/sabus ! -type d -printf '%p\\t%s %m %l\\n'", timeout=90).stdout
    return dict(line.split("\t", 1) for line in out.splitlines())
