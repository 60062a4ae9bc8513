# SPDX-License-Identifier: GPL-2.0-or-later
"""sabusctl doctor on running hosts with the real daemons, their real versions and the kernel's own policies.

What only a running host can show; each other check is in test_doctor_checks.py."""

from lib import xfrm
from lib.doctor import assert_well, look, synced
from lib.wait import wait_for

PATCHED = dict(xl2tpd={"lns": "1.3.20", "client": "stock"}, xl2tpd_sabus={"lns": True})


def test_doctor_silent(tunnel):
    """Hosts as the templates make them, a link up: nothing but the advice on the key that all clients share; and nothing is changed by looking."""
    t = tunnel(**PATCHED).up()
    before = [xfrm.policies(e.host) for e in t.ends.values()]
    assert_well(t.lns, {"group-psk"})
    assert_well(t.client, {"boot"})  # stock xl2tpd: its guard is not raised by systemd here
    assert [xfrm.policies(e.host) for e in t.ends.values()] == before
    t.ping()


def test_doctor_guard(tunnel):
    """No guard: said, before anybody listens and after; the guard's own remedy silences it; half a guard is none."""
    t = tunnel(guard={"lns": False, "client": True}).start(xl2tpd=False)
    synced(t.lns)
    status, found, _ = look(t.lns)
    assert status == 3 and set(found) == {"guard", "group-psk", "boot"} and "IPv4 in to 1701" in found["guard"] and "IPv4 out from 1701" in found["guard"]
    t.lns.xl2tpd.start()
    wait_for("xl2tpd listens", lambda: "clear-l2tp" in look(t.lns)[1])
    t.lns.host.run(["ip", "-batch", "/etc/sabus/guard.batch"])
    assert_well(t.lns, {"group-psk", "boot"})
    t.lns.host.run("ip xfrm policy delete src 0.0.0.0/0 dst 0.0.0.0/0 proto udp dport 1701 dir in")
    status, found, _ = look(t.lns)
    assert status == 3 and "IPv4 in to 1701" in found["guard"] and "IPv4 out" not in found["guard"] and "clear-l2tp" in found


def test_doctor_guard_of_the_plugin(tunnel):
    """The guard that xl2tpd's plugin raises counts, for as long as it runs."""
    t = tunnel(**PATCHED).start(xl2tpd=False)
    assert "guard" in look(t.lns)[1]
    t.lns.xl2tpd.start()
    wait_for("the plugin's guard", lambda: "guard" not in look(t.lns)[1])
    assert "clear-l2tp" not in look(t.lns)[1]


def test_doctor_names_why_a_link_fails(tunnel):
    """Selectors that miss the port: IKE fails; doctor names file and line, and what it says heals it."""
    t = tunnel().start()
    synced(t.lns)
    conf = t.lns.host.read("/etc/swanctl/swanctl.conf")
    t.lns.host.write("/etc/swanctl/swanctl.conf", conf.replace("local_ts = dynamic[udp/1701]", "local_ts = dynamic[udp/1702]"), 0o600)
    status, found, _ = look(t.lns)
    assert status == 3 and set(found) == {"selectors", "group-psk", "boot"} and "/etc/swanctl/swanctl.conf:" in found["selectors"]
    t.lns.charon.load()
    assert t.ike(check=False).returncode != 0
    t.lns.host.write("/etc/swanctl/swanctl.conf", conf, 0o600)
    assert_well(t.lns, {"group-psk", "boot"})
    t.lns.charon.load()
    t.ike()
    t.dial()
    t.wait_up()


def test_doctor_bus(tunnel):
    """A sabusd that is not there, and one that no charon has told anything: said as they are; silence when all is well again."""
    t = tunnel(**PATCHED).start()
    synced(t.lns)
    assert_well(t.lns, {"group-psk"})
    t.lns.charon.stop()
    wait_for("charon is gone from the bus", lambda: t.lns.sabusd.status()["publisher"] == "none")
    status, found, _ = look(t.lns)
    assert status == 3 and "charon is not connected" in found["bus"]
    t.lns.sabusd.stop()
    status, found, _ = look(t.lns)
    assert status == 3 and "/run/sabus/read.sock" in found["bus"]
    t.lns.sabusd.start()
    t.lns.charon.start()
    synced(t.lns)
    assert_well(t.lns, {"group-psk"})
