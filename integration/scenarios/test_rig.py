# SPDX-License-Identifier: GPL-2.0-or-later
"""The hygiene checks themselves: what every scenario relies on must be able to fail."""

from lib.wait import wait_for


def test_rig_sees_dead_daemon(scene, host):
    """A daemon that ended by itself is a fault of the test."""
    h = host("h")
    d = h.spawn(["sh", "-c", "exit 3"], "short")
    wait_for("its end", lambda: not d.running())
    assert ["h: short ended by itself with 3, log " + d.log] == scene.faults(False)
    d.may_end = True


def test_rig_sees_sanitizer_report(scene, host):
    """A sanitizer's report in any log is a fault of the test."""
    h = host("h")
    h.write("/var/log/x.log", "a.c:3:5: runtime error: shift exponent 64 is too large\n")
    assert len(scene.faults(False)) == 1
    h.write("/var/log/x.log", "nothing\n")
    h.write("/var/log/asan.17", "==17==ERROR: AddressSanitizer: heap-use-after-free on address 0x1\n")
    assert len(scene.faults(False)) == 1
    h.run("rm /var/log/asan.17")


def test_rig_hosts_are_separate(host):
    """Two hosts share neither /run, nor configuration, nor network."""
    a, b = host("a"), host("b")
    a.write("/run/x", "1")
    a.write("/etc/ppp/options", "1")
    a.run("ip link add dummy0 type veth peer name dummy1")
    assert b.read("/run/x") == "" and b.read("/etc/ppp/options") == ""
    assert a.has_dev("dummy0") and not b.has_dev("dummy0")
