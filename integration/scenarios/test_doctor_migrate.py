# SPDX-License-Identifier: GPL-2.0-or-later
"""conf-templates/migrate: what comes out of it runs, on real daemons.  What it changes and how it goes back is in tests/migrate."""

import json
import os
import shutil
import sys

from lib.tunnel import TEMPLATES
from lib.wait import wait_for

FIXTURES = os.path.join(os.path.dirname(TEMPLATES), "migrate")
PRIVATE = ("ppp", "xl2tpd", "swanctl", "sabus")


def migrate(end, fixture, scene_dir, replace):
    """The configuration of END is FIXTURE's, migrated, and the old IKE daemon's is gone; REPLACE: (made-up address, that of the scenario)."""
    top = os.path.join(scene_dir, "migrated-" + end.role)
    shutil.copytree(os.path.join(FIXTURES, fixture), top)
    for folder, _, names in os.walk(top):
        for path in (os.path.join(folder, n) for n in names):
            os.chmod(path, 0o600)
            with open(path, "r+") as f:
                text = f.read().replace(*replace)
                f.seek(0)
                f.write(text)
                f.truncate()
    end.host.run([sys.executable, "-B", os.path.join(TEMPLATES, "migrate"), "--root", top, "--apply"])
    for folder in PRIVATE:
        old = end.host.path("/etc/" + folder)
        for name in os.listdir(old):
            if os.path.isfile(os.path.join(old, name)):
                os.unlink(os.path.join(old, name))
    for folder in PRIVATE + ("strongswan.d",):
        if os.path.isdir(os.path.join(top, "etc", folder)):
            end.host.run(["cp", "-a", "-T", os.path.join(top, "etc", folder), "/etc/" + folder])
    if not os.path.exists(end.host.path("/etc/swanctl/swanctl.conf")):
        end.host.write("/etc/swanctl/swanctl.conf", "include conf.d/*.conf\n", 0o600)  # as the distribution's has it
    end.host.run(["ip", "-batch", "/etc/sabus/guard.batch"])


def session(end):
    """The one session of END, as sabusd has it."""
    (found,) = json.loads(end.host.run(["sabusctl", "status", "--json"]).stdout)["sessions"]
    return found


def test_doctor_migrate_hwdsl2(tunnel, scene):
    """hwdsl2's server, libreswan's connection translated: its client comes in over IKEv1 with NAT-T, is judged, and has an MTU that was computed."""
    t = tunnel(ike=1, natt=True, esp="aes256-sha1", psk="a-made-up-key-20-chars", sabusd=True, guard={"lns": False, "client": True},
               values={"client": {"IKE_PROPOSALS": "aes256-sha256-modp2048", "PPP_USER": "vpnuser", "PPP_SECRET": "a-made-up-password"}, "lns": {}})
    migrate(t.lns, "hwdsl2", scene.dir, ("203.0.113.7", "10.9.0.1"))
    t.start()
    t.ike()
    t.dial()
    t.wait_up()
    got = session(t.lns)
    assert (got["reason"], got["user"], got["mppe"]) == ("ok-protected", "vpnuser", "mirror"), got
    assert got["mtu"] == t.mtu("client") and got["mtu_sum"].endswith("=%d" % got["mtu"]) and got["mtu"] != 1280
    assert "-8natt-" in got["mtu_sum"]
    t.client.host.run(["ping", "-c", "3", "-i", "0.2", "-s", str(got["mtu"] - 28), "-M", "do", "192.168.42.1"])
    found = json.loads(t.lns.host.run(["sabusctl", "doctor", "--json"], check=False).stdout)["findings"]
    assert {f["check"] for f in found if f["looked"]} == {"group-psk", "boot"}, found
    t.lns.charon.terminate()
    t.wait_down()


def test_doctor_migrate_networkmanager(tunnel, scene):
    """NetworkManager-l2tp's connection as xl2tpd's: the first packet brings IKE up (trap), and nothing goes before it in the clear."""
    t = tunnel(ike=1, esp="aes256-sha1", psk="a-made-up-key", sabusd=True, guard={"lns": True, "client": False},
               values={"lns": {"IKE_PROPOSALS": "aes256-sha256-modp2048", "PPP_USER": "alice", "PPP_SECRET": "a-made-up-password"}, "client": {}})
    migrate(t.client, "networkmanager", scene.dir, ("192.0.2.10", "10.9.0.1"))
    t.start()
    t.dial()
    wait_for("ppp0 at both ends, from the first packet on", t.is_up, 30)
    got = session(t.client)
    assert got["reason"] == "ok-protected", got
    assert session(t.lns)["user"] == "alice" and got["mtu"] == t.mtu("lns")
    t.ping()
