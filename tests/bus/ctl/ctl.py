# SPDX-License-Identifier: GPL-2.0-or-later
"""sabusctl, and a bus with something of everything on it."""

import json
import os
import re
import socket
import subprocess
import sys

import wire
from sabusd import SABUSCTL

SRC = os.environ.get("top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
PAGE = os.path.join(SRC, "plugins/bus/ctl/sabusctl-json.5")
A, B, FAILED = "198.51.100.1", "198.51.100.2", "198.51.100.3"
ME = os.getpid()
SESSION = dict(up=1, ifname="lo", user="alice", flow=dict(local_addr="192.0.2.1", local_port=1701, remote_addr=A, remote_port=1701),
               tunnel_id=10, session_id=20, peer_tunnel_id=30, peer_session_id=40, sa_id=1, spi_in=0xc0000001, spi_out=0xd0000001,
               reason="ok-protected", mppe="mirror", ccp="off", ecp="protrej", mtu=1404, mru=1404, mtu_sum="1500-20ip=1404",
               since=1700000000, acct_id="5F3A-000001", address="10.8.0.7")


def run(*args, **more):
    more.setdefault("timeout", 30)
    return subprocess.run([SABUSCTL] + list(args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **more)


def ctl(bus, *args, which="read", **more):
    return run(*args, "--socket", bus.path(which), **more)


def data(bus, *args, **more):
    got = ctl(bus, *args, "--json", **more)
    assert got.returncode == 0 and not got.stderr, got
    return json.loads(got.stdout)


def ask(*args):
    """JSON of a command that needs no sabusd; the exit status is in it."""
    got = run(*args, "--json")
    assert got.returncode in (0, 3) and not got.stderr, got
    return dict(json.loads(got.stdout), status=got.returncode)


_CONNECT = """
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
socket.send_fds(socket.socket(fileno=int(sys.argv[2])), [b"."], [s.fileno()])
"""


def session_of_another_process(bus):
    """sabusd knows a session's process by who has connected."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        subprocess.run([sys.executable, "-c", _CONNECT, bus.path("session"), str(theirs.fileno())], pass_fds=[theirs.fileno()], check=True,
                       timeout=60)
        _, (fd,), _, _ = socket.recv_fds(ours, 1, 1)
    client = wire.Client.__new__(wire.Client)
    client.patience, client.sock = 20.0, socket.socket(fileno=fd)
    client.sock.settimeout(client.patience)
    client.send(wire.hello("pppd"))
    return bus.keep(client)


def fill(bus):
    """Two SAs, a tunnel with two calls, one of which is the session's; another session by itself; a peer with which IKE fails."""
    publisher = bus.publisher().sync()
    publisher.put(1, A, flags=0x1, local_port=4500, remote_port=4500, set_mark_in=5, set_mark_in_mask=255, expires_at=1 << 40, installed=1)
    publisher.put(2, "2001:db8::2", state=wire.PENDING, ts=None, proto=None)
    publisher.send(wire.ike_failed(FAILED, wire.PEER_AUTH))
    pppd, other, xl2tpd = bus.session(), session_of_another_process(bus), bus.session()
    pppd.send(wire.session_put(wire.TAKES_ALL, **SESSION))
    other.send(wire.session_put(user="bob", flow=dict(remote_addr=B), reason="no-sa"))
    xl2tpd.send(wire.tunnel_put(state=wire.UP, flow=dict(SESSION["flow"], mark=5), tunnel_id=10, peer_tunnel_id=30, sa_id=1,
                                peer_host="laptop", section="default", reason="ok-protected", calls=2, since=1))
    xl2tpd.send(wire.call_put(tunnel_id=10, call_id=20, peer_call_id=40, pppd_pid=ME, up=1, serial=17, calling="123", called="456", since=1))
    xl2tpd.send(wire.call_put(tunnel_id=10, call_id=21))
    for client in (pppd, other, xl2tpd):
        client.answer(A)
    return publisher, pppd, other, xl2tpd


def help_of(*command):
    """{option: it takes an argument} of --help."""
    text = run(*command, "--help").stdout
    return {name: bool(arg) for name, arg in re.findall(r"^  (?:-\w, |    )(--[\w-]+)( [A-Z]\S*)?", text, re.M)}


def commands():
    text = run("--help").stdout
    return re.findall(r"^  ([a-z]+)(?: [A-Z]+)?  +\S", text.split("Options:")[0], re.M)
