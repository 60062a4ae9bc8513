# SPDX-License-Identifier: GPL-2.0-or-later
"""sabusctl as people and programs see it."""

import json
import os
import socket
import subprocess

import pytest
import wire
from sabusd import SABUSCTL, Sabusd

A = "198.51.100.1"
SESSION = dict(up=1, ifname="ppp0", user="alice", flow=dict(local_addr="192.0.2.1", local_port=1701, remote_addr=A, remote_port=1701),
               tunnel_id=10, session_id=20, peer_tunnel_id=30, peer_session_id=40, sa_id=1, spi_in=0xc0000001, spi_out=0xd0000001,
               reason="ok-protected", mppe="mirror", ccp="off", ecp="protrej", mtu=1404, mru=1404, mtu_sum="1500-20ip=1404", since=1)


@pytest.fixture
def bus():
    with Sabusd() as b:
        yield b


def ctl(bus, *args):
    return subprocess.run([SABUSCTL, "--socket", bus.path("read")] + list(args), capture_output=True, text=True, timeout=30)


def fill(bus):
    publisher = bus.publisher().sync()
    publisher.put(1, A, flags=0x1, local_port=4500, remote_port=4500, set_mark_in=5, set_mark_in_mask=255, expires_at=1 << 40, installed=1)
    publisher.put(2, "2001:db8::2", state=wire.PENDING, ts=None, proto=None)
    session = bus.session()
    session.send(wire.session_put(**SESSION))
    session.answer(A)
    return publisher, session


def test_status(bus):
    fill(bus)
    got = ctl(bus, "status")
    assert got.returncode == 0 and not got.stderr, got
    lines = got.stdout.splitlines()
    assert lines[0] == "publisher synced, 2 SAs, 1 sessions"
    one = next(line for line in lines if line.startswith("1 "))
    for word in ("l2tp", "installed", A + ":4500", "ESP AES_GCM_16-256", "c0000001/d0000001", "yes", "0x5/0xff"):
        assert word in one
    assert "[2001:db8::2]:500" in got.stdout and "pending" in got.stdout
    ppp = next(line for line in lines if line.startswith("ppp0"))
    for word in ("alice", A + ":1701", "10/20", "30/40", "ok-protected", "mirror", "off", "1404 = 1500-20ip=1404", str(os.getpid())):
        assert word in ppp
    head = next(line for line in lines if line.startswith("SA "))
    assert head.index("STATE") == one.index("installed") and head.index("SUITE") == one.index("ESP")


def test_json(bus):
    fill(bus)
    got = json.loads(ctl(bus, "status", "--json").stdout)
    assert (got["schema"], got["publisher"]) == (1, "synced")
    one, two = got["sas"]
    assert (one["id"], one["encap"], one["spi_in"], one["suite"]) == (1, True, "0xc0000001", "ESP AES_GCM_16-256")
    assert one["remote"] == dict(address=A, port=4500) and one["set_mark_in"] == dict(value="0x00000005", mask="0x000000ff")
    assert one["confidential"] and one["integrity"] and one["expires"] > 0 > one["installed"] - 1 and one["rekey"] is None
    assert one["selectors"][0]["remote"] == {"from": A, "to": A, "protocol": 17, "port_from": 1701, "port_to": 1701}
    assert (two["state"], two["suite"], two["confidential"]) == ("pending", "", False)
    (session,) = got["sessions"]
    for key in ("ifname", "user", "tunnel_id", "session_id", "reason", "mppe", "ccp", "mtu", "mtu_sum"):
        assert session[key] == SESSION[key]
    assert session["pid"] == os.getpid() and session["sa_known"] is True and session["spi_out"] == "0xd0000001"


def test_tunnels_and_calls(bus):
    publisher, pppd = fill(bus)
    xl2tpd, me = bus.session(), os.getpid()
    xl2tpd.send(wire.tunnel_put(state=wire.UP, flow=dict(SESSION["flow"], mark=5), tunnel_id=10, peer_tunnel_id=30, sa_id=1, peer_host="caf\u00e9\x1b",
                                section="default", reason="ok-protected", calls=2, since=1))
    xl2tpd.send(wire.tunnel_put(role=1, state=wire.ENDING, tunnel_id=9, sa_id=77))
    xl2tpd.send(wire.call_put(tunnel_id=10, call_id=20, peer_call_id=40, pppd_pid=me, up=1, serial=17, calling="123", called="456", since=1))
    xl2tpd.send(wire.call_put(tunnel_id=10, call_id=3))
    xl2tpd.answer(A)
    got = ctl(bus, "status")
    lines = got.stdout.splitlines()
    assert lines[0] == "publisher synced, 2 SAs, 1 sessions, 2 tunnels, 2 calls" and "\x1b" not in got.stdout
    one = next(line for line in lines if line.startswith("10/30 "))
    for word in ("lns", A + ":1701", "caf\\xc3\\xa9\\x1b", "default", " up ", " 1 ", "0x5", "ok-protected", str(me)):
        assert word in one, one
    assert "77 (gone)" in next(line for line in lines if line.startswith("9/0 "))
    call = next(line for line in lines if line.startswith("10/20 "))
    for word in ("up", "ppp0", "alice", "123", "456", "17"):
        assert word in call
    assert "starting" in next(line for line in lines if line.startswith("10/3 "))
    data = json.loads(ctl(bus, "status", "--json").stdout)
    assert [t["tunnel_id"] for t in data["tunnels"]] == [9, 10] and [c["call_id"] for c in data["calls"]] == [3, 20]
    tunnel, (young, old) = data["tunnels"][1], data["calls"]
    assert (tunnel["state"], tunnel["sa_known"], tunnel["mark"], tunnel["remote"]) == ("up", True, "0x00000005", dict(address=A, port=1701))
    assert data["tunnels"][0]["role"] == "client" and data["tunnels"][0]["sa_known"] is False
    assert old["session"] == data["sessions"][0]["id"] and young["session"] is None and (old["pppd_pid"], young["pppd_pid"]) == (me, 0)


def test_monitor_shows_tunnels_and_calls(bus):
    xl2tpd = bus.session()
    xl2tpd.expect(wire.HELLO)
    monitor = subprocess.Popen([SABUSCTL, "-s", bus.path("read"), "monitor"], stdout=subprocess.PIPE, text=True)
    assert [monitor.stdout.readline().split()[0] for _ in range(2)] == ["publisher", "done"]
    xl2tpd.send(wire.tunnel_put(state=wire.UP, flow=SESSION["flow"], tunnel_id=10, peer_host="a' b"))
    first = monitor.stdout.readline()               # each read before the next: what is gone before it was told is told as gone only
    xl2tpd.send(wire.call_put(tunnel_id=10, call_id=20))
    second = monitor.stdout.readline()
    xl2tpd.send(wire.tunnel_del(10))
    third, fourth = monitor.stdout.readline(), monitor.stdout.readline()
    assert first.startswith("tunnel-put pid=%d id=10 " % os.getpid()) and "host='a\\x27\\x20b'" in first and "state=up" in first
    assert second.startswith("call-put ") and "tunnel=10 id=20" in second
    assert third.startswith("call-del ") and fourth == "tunnel-del pid=%d id=10\n" % os.getpid()
    monitor.terminate()
    monitor.wait(30)
    monitor.stdout.close()


def test_orphans_and_gone(bus):
    publisher, _ = fill(bus)
    publisher.delete(1)
    publisher.close()
    got = ctl(bus, "status")
    assert got.stdout.startswith("publisher none") and "UNKNOWN" in got.stdout
    assert "1 (gone)" in got.stdout and "pending,orphan" in got.stdout


def test_names_of_peers_cannot_play_with_the_terminal(bus):
    publisher = bus.publisher().sync()
    evil = wire.l2tp_sa(1, A)
    evil["id_remote"] = "CN=\x1b[2J\x07caf\u00e9"
    publisher.send(wire.sa_put(**evil))
    raw = wire.sa_put(**wire.l2tp_sa(2, A, id_remote="XXXX"))
    publisher.send(raw.replace(b"XXXX", b"\xff\xc0\xaf\xe9"))
    got = ctl(bus, "status")
    assert got.returncode == 0 and "\x1b" not in got.stdout and "CN=\\x1b[2J\\x07caf\\xc3\\xa9" in got.stdout
    sas = json.loads(ctl(bus, "status", "--json").stdout)["sas"]
    assert [sa["id_remote"] for sa in sas] == [evil["id_remote"], "????"]


def test_stats(bus):
    fill(bus)
    got = ctl(bus, "stats")
    assert dict(line.split() for line in got.stdout.splitlines())["sas"] == "2"
    assert json.loads(ctl(bus, "stats", "--json").stdout)["sessions"] == 1


def test_monitor(bus):
    publisher = bus.publisher().sync()
    monitor = subprocess.Popen([SABUSCTL, "-s", bus.path("read"), "monitor"], stdout=subprocess.PIPE, text=True)
    assert [monitor.stdout.readline().split()[0] for _ in range(2)] == ["publisher", "done"]
    publisher.put(1, A)
    line = monitor.stdout.readline()
    assert line.startswith("sa-put ") and "id=1" in line and A in line
    publisher.delete(1, wire.EXPIRED)
    assert "cause=expired" in monitor.stdout.readline()
    publisher.close()
    assert monitor.stdout.readline() == "publisher state=none\n"
    monitor.terminate()
    monitor.wait(30)
    monitor.stdout.close()


def test_no_sabusd(bus):
    bus.stop()
    got = ctl(bus, "status")
    assert got.returncode == 1 and bus.path("read") in got.stderr and "start" in got.stderr and not got.stdout


def test_not_allowed(bus):
    os.chmod(bus.path("read"), 0)
    got = subprocess.run([SABUSCTL, "-s", bus.path("read"), "status"], capture_output=True, text=True,
                         **({"user": 65534, "group": 65534, "extra_groups": []} if not os.getuid() else {}))
    assert got.returncode == 1 and "--read-group" in got.stderr


def test_a_server_that_is_no_sabusd(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.bind(str(tmp_path / "s"))
        s.listen(1)
        child = subprocess.Popen([SABUSCTL, "-s", str(tmp_path / "s"), "status"], stderr=subprocess.PIPE, text=True)
        peer, _ = s.accept()
        peer.recv(1000)
        peer.send(b"nonsense")
        assert "nonsense" in child.communicate(timeout=30)[1] and child.returncode == 1
        peer.close()


@pytest.mark.parametrize("args", [[], ["dance"], ["status", "twice"], ["--nonsense"], ["--socket"]])
def test_usage(args):
    got = subprocess.run([SABUSCTL] + args, capture_output=True, text=True)
    assert got.returncode == 2 and "--help" in got.stderr


def test_help():
    got = subprocess.run([SABUSCTL, "--help"], capture_output=True, text=True)
    assert got.returncode == 0 and all(word in got.stdout for word in ("status", "monitor", "stats", "--socket", "--json"))
    assert subprocess.run([SABUSCTL, "--version"], capture_output=True, text=True).stdout.startswith("sabusctl ")


def test_output_that_cannot_be_written(bus):
    with open("/dev/full", "w") as full:
        got = subprocess.run([SABUSCTL, "-s", bus.path("read"), "status"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert got.returncode == 1 and "standard output" in got.stderr
