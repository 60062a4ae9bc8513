# SPDX-License-Identifier: GPL-2.0-or-later
"""show, ids: everything has a name, and brings what belongs to it."""

import ctl
import pytest
import wire
from ctl import A, ME
from sabusd import Sabusd


@pytest.fixture
def bus():
    with Sabusd() as b:
        yield b


def names(got):
    return ({s["user"] for s in got["sessions"]}, {t["tunnel_id"] for t in got["tunnels"]}, {c["call_id"] for c in got["calls"]},
            {s["id"] for s in got["sas"]})


def test_what_belongs_together(bus):
    ctl.fill(bus)
    (alice,) = [s["id"] for s in ctl.data(bus, "status")["sessions"] if s["user"] == "alice"]
    everything = ({"alice"}, {10}, {20}, {1})
    for name in ("lo", "session/%d" % alice, "%d" % alice, "call/10/20", "call/10/20@%d" % ME):
        got = ctl.data(bus, "show", name)
        assert names(got) == everything and got["shown"] == name
    assert names(ctl.data(bus, "show", "tunnel/10")) == ({"alice"}, {10}, {20, 21}, {1})
    assert names(ctl.data(bus, "show", "sa/1")) == ({"alice"}, {10}, {20, 21}, {1})
    assert names(ctl.data(bus, "show", "call/10/21")) == (set(), {10}, {21}, {1})
    assert names(ctl.data(bus, "show", "sa/2")) == (set(), set(), set(), {2})


def test_text(bus):
    ctl.fill(bus)
    got = ctl.ctl(bus, "show", "lo")
    blocks = got.stdout.split("\n")
    heads = [line for line in blocks if line and not line.startswith(" ")]
    assert heads == ["session lo", "tunnel tunnel/10", "call call/10/20", "SA sa/1"]
    values = {}
    for line in blocks:
        if line.startswith("  ") and line[2] != " ":
            label, value = line[2:].split("  ", 1)
            values.setdefault(label.strip(), value.strip())
    assert values["user"] == "alice" and values["address"] == "10.8.0.7" and values["accounting id"] == "5F3A-000001"
    assert values["MTU, MRU"] == "1404, 1404" and values["sum"] == "1500-20ip=1404" and values["MPPE"] == "mirror"
    assert values["suite"] == "ESP AES_GCM_16-256" and values["gives"] == "confidential"
    assert values["selector"] == "192.0.2.1[17/1701] === %s[17/1701]" % A and "NAT-T" in values["flags"]
    assert ctl.ctl(bus, "show", "sa/1").stdout.startswith("SA sa/1\n")


def test_a_refusal_brings_its_remedy(bus):
    ctl.fill(bus)
    (bob,) = [s["id"] for s in ctl.data(bus, "status")["sessions"] if s["user"] == "bob"]
    said = ctl.ctl(bus, "show", str(bob)).stdout
    assert "no-sa" in said and "no IPsec SA covers the L2TP tunnel" in said and "traffic selectors" in said


def test_ids_name_everything_and_are_understood(bus):
    ctl.fill(bus)
    ids = ctl.ctl(bus, "ids").stdout.split()
    assert ctl.data(bus, "ids")["ids"] == ids
    assert "lo" in ids and {"tunnel/10", "call/10/20", "call/10/21", "sa/1", "sa/2"} < set(ids) and len(ids) == 7
    for name in ids:
        assert ctl.data(bus, "show", name)["shown"] == name


def test_two_of_the_same_interface(bus):
    """Two network namespaces: their numbers are names."""
    ctl.fill(bus)
    twin = ctl.session_of_another_process(bus)
    twin.send(wire.session_put(**ctl.SESSION))
    twin.answer(A)
    got = ctl.ctl(bus, "show", "lo")
    assert got.returncode == 1 and "more than one" in got.stderr and "ids" in got.stderr
    ids = ctl.ctl(bus, "ids").stdout.split()
    assert "lo" not in ids and len([i for i in ids if i.startswith("session/")]) == 3


@pytest.mark.parametrize("name", ["ppp9", "77", "session/77", "tunnel/77", "call/10/77", "call/77/20", "sa/77", "tunnel/10@1"])
def test_not_there(bus, name):
    ctl.fill(bus)
    got = ctl.ctl(bus, "show", name)
    assert got.returncode == 1 and "there is no" in got.stderr and not got.stdout


@pytest.mark.parametrize("name", ["", "tunnel/", "tunnel/x", "tunnel/1/2", "call/10", "call/1/2/3", "sa/1x", "sa/-1", "user/1", "/1",
                                  "sa/99999999999999999999", "session/1@2", "tunnel/10@", "averylongkind/1"])
def test_no_name(bus, name):
    got = ctl.ctl(bus, "show", name)
    assert got.returncode == 2 and "tunnel/N" in got.stderr and not got.stdout
