# SPDX-License-Identifier: GPL-2.0-or-later
"""PPP's MTU from the SA, to the byte: the table of lib/esp.py against the kernel's
own packets, without PPP and with it."""

import re
import struct
import time

import pytest

from lib import esp
from lib.host import connect
from lib.wait import wait_for
from lib.wire import Wire

ICMP_OVER_IP = 28
IKEV1_SUITES = ("cbc-sha1", "3des-sha1")     # as phones and Windows have it

# Sends one datagram of each size from UDP 1701 to UDP 1701, DF set; says which
# ones the kernel refuses as too long.
SEND = r"""
import errno, socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
level, option = (41, 23) if family == socket.AF_INET6 else (0, 10)   # IPV6_MTU_DISCOVER, IP_MTU_DISCOVER
s.setsockopt(level, option, 2)
s.bind(("", 1701))
for size in map(int, sys.argv[2:]):
    try:
        s.sendto(bytes(size), (sys.argv[1], 1701))
        print(size, "sent")
    except OSError as e:
        print(size, errno.errorcode[e.errno])
"""


def ip_packets(path):
    """(version, protocol, total size, source) of all IP packets in a capture."""
    from scapy.utils import RawPcapReader
    found = []
    with RawPcapReader(path) as reader:
        for data, _ in reader:
            ip = data[14:]
            if data[12:14] == b"\x08\x00":
                found.append((4, ip[9], struct.unpack_from("!H", ip, 2)[0], ip[12:16]))
            elif data[12:14] == b"\x86\xdd":
                found.append((6, ip[6], 40 + struct.unpack_from("!H", ip, 4)[0], ip[8:24]))
    return found


def install(host, suite, natt, src, dst):
    host.run(["ip", "xfrm", "state", "flush"])
    host.run(["ip", "xfrm", "policy", "flush"])
    host.run(["ip", "xfrm", "state", "add", "src", src, "dst", dst, "proto", "esp", "spi", "0x1001", "reqid", "1",
              "mode", "transport", "replay-window", "32"] + esp.SUITES[suite].xfrm +
             (["encap", "espinudp", "4500", "4500", "::" if ":" in src else "0.0.0.0"] if natt else []))
    host.run(["ip", "xfrm", "policy", "add", "dir", "out", "src", src, "dst", dst, "proto", "udp", "dport", "1701",
              "tmpl", "src", src, "dst", dst, "proto", "esp", "reqid", "1", "mode", "transport"])


def test_mtu_table_is_rfc4303():
    """The table of expected values and the formula written from RFC 4303 agree."""
    for suite, row in esp.TABLE.items():
        for (version, natt, path), mtu in zip(esp.COLUMNS, row):
            assert esp.packet_size(suite, natt, version, mtu) <= path < esp.packet_size(suite, natt, version, mtu + 1)


@pytest.mark.parametrize("version", (4, 6))
def test_mtu_kernel(host, scene, version):
    """Without PPP: the kernel's own ESP packets have the sizes of the formula, for all suites, with NAT-T and without."""
    a, b = host("a"), host("b")
    a.address, b.address = "10.9.0.1", "10.9.0.2"
    connect(a, b)
    src, dst = {4: (a.address, b.address), 6: ("fd00::1", "fd00::2")}[version]
    for h, address in ((a, "fd00::1"), (b, "fd00::2")):
        h.run("ip addr add %s/64 dev e0 nodad" % address)
    a.run(["ping", "-c1", "-W5", dst])
    wire = Wire(a, scene.dir)
    sizes = []
    try:
        for suite in esp.SUITES:
            for natt in (False, True):
                install(a, suite, natt, src, dst)
                most = esp.expected_mtu(suite, natt, version)
                ppp = list(range(most - 17, most + 2))
                said = a.run(["python3", "-c", SEND, dst] + [str(n + esp.L2TP_PPP) for n in ppp]).stdout.split("\n")[:-1]
                # The kernel's own arithmetic is the second oracle: it takes the largest, and not one byte more.
                assert [x.split()[1] for x in said] == ["sent"] * (len(ppp) - 1) + ["EMSGSIZE"], (suite, natt, said)
                sizes += [(suite, natt, n, esp.packet_size(suite, natt, version, n)) for n in ppp[:-1]]
    finally:
        wire.stop()
    source = bytes([10, 9, 0, 1]) if version == 4 else bytes.fromhex("fd000000000000000000000000000001")
    seen = [p[2] for p in ip_packets(wire.path) if p[0] == version and p[3] == source and
            (p[1] == 50 or (p[1] == 17 and p[2] > 1000))]
    assert seen == [s[3] for s in sizes]


# -- with PPP ------------------------------------------------------------------

def esp_from(t, address, since):
    return [p for p in t.wire.packets(since) if p.src == address and (p.kind == "esp" or p.fragment)]


def assert_exact(t, mtu, path=1500):
    """The largest packet that PPP takes is one ESP packet in each direction; one
    byte more, and it would have been two."""
    for end in t.ends.values():
        assert end.host.mtu("ppp0") == mtu, end.role
    began = time.time()
    t.ping(count=1, size=mtu - ICMP_OVER_IP, df=True)
    for end in t.ends.values():
        carried = [p for p in esp_from(t, end.host.address, began) if p.size > 1000]
        assert len(carried) == 1 and carried[0].size <= path and not carried[0].fragment, \
            [(p.kind, p.size, p.fragment) for p in carried]
    t.note("largest packet seen: one of %d" % carried[0].size)
    began = time.time()
    assert t.ping(count=1, size=mtu - ICMP_OVER_IP + 1, df=True, check=False, wait=1) == 0
    assert not [p for p in esp_from(t, t.client.host.address, began) if p.size > 1000]
    assert_fragments(t, mtu + 1)


def assert_fragments(t, size, raised=True):
    """An IP packet of SIZE bytes from the client needs fragments around it."""
    if raised:
        t.client.host.run("ip link set ppp0 mtu %d" % size)
    began = time.time()
    t.ping(count=1, size=size - ICMP_OVER_IP, check=False, wait=1)
    wait_for("fragments on the wire", lambda: [p for p in esp_from(t, t.client.host.address, began) if p.fragment])


def assert_told(t, mtu, mru=None):
    """Each end asked for this MRU (default: the MTU) and wrote the sum into its decision."""
    for end in t.ends.values():
        log = end.ppp()
        assert log.find("sent", "LCP", "ConfReq", "<mru %d>" % (mru or mtu)), end.role
        verdict = log.verdict()
        assert verdict.get("mtu") == str(mtu) and verdict["sum"].endswith("=%d" % mtu), verdict
        assert eval_sum(verdict["sum"]) == mtu


def eval_sum(text):
    """'1500-20ip-8esp=1472': is the right side what the left side gives?"""
    first, *rest = [int(re.match(r"\d+", term).group()) for term in text.split("=")[0].split("-")]
    return first - sum(rest)


@pytest.mark.parametrize("natt", (False, True), ids=("plain", "natt"))
@pytest.mark.parametrize("suite", sorted(esp.SUITES))
def test_mtu_suite(tunnel, suite, natt):
    """The PPP MTU is the table's value, its largest packet goes out whole, one byte more does not."""
    mtu = esp.expected_mtu(suite, natt)
    t = tunnel(esp=esp.SUITES[suite].proposal, natt=natt, ike=1 if suite in IKEV1_SUITES else 2,
               policy="allow" if suite.startswith("null") else "require").up()
    assert_told(t, mtu)
    assert_exact(t, mtu)


def test_mtu_path(tunnel):
    """A path of 1492 bytes (PPPoE) with NAT-T: the sum begins there."""
    t = tunnel(esp=esp.SUITES["gcm"].proposal, natt=True)
    for end in t.ends.values():
        end.host.run("ip link set e0 mtu 1492")
    t.up()
    mtu = esp.expected_mtu("gcm", True, path=1492)
    assert_told(t, mtu)
    assert_exact(t, mtu, 1492)


def test_mtu_mppe_counted_once(tunnel):
    """ESP-NULL with MPPE required: the MTU is four bytes less than without, once; the MRU has room for them."""
    t = tunnel(esp=esp.SUITES["null-sha256"].proposal).up()
    assert all(e.ppp().mppe() for e in t.ends.values())
    mtu = esp.expected_mtu("null-sha256") - 4
    assert_told(t, mtu, mru=mtu + 4)
    assert_exact(t, mtu)


TWICE = ("require-mppe-128", "plugin oddpeer.so", "odd-ccp twice")


def test_mtu_mppe_asked_twice(tunnel):
    """The peer's MPPE request comes twice, and is acknowledged twice: still four bytes, once."""
    t = tunnel(sabus={"lns": True}, esp=esp.SUITES["null-sha256"].proposal, ppp={"client": TWICE}).up()
    assert len(t.lns.ppp().find("sent", "CCP", "ConfAck", "mppe")) == 2
    assert t.mtu("lns") == 1400 - 4  # the stock peer's MRU less MPPE


def test_mtu_control_asked_twice(tunnel):
    """Negative control: stock pppd takes the four bytes off for each acknowledgement."""
    t = tunnel(sabus=False, esp=esp.SUITES["null-sha256"].proposal, ppp={"lns": TWICE[:1], "client": TWICE}).up()
    assert len(t.lns.ppp().find("sent", "CCP", "ConfAck", "mppe")) == 2
    assert t.mtu("lns") == 1400 - 8


def test_mtu_mppe_mirrored(tunnel):
    """A stock peer insists on MPPE over AES-GCM: the four bytes are taken off when it comes up, once."""
    t = tunnel(sabus={"lns": True}, ppp={"client": ("require-mppe-128",)}, ppp_mtu={"client": "mtu 1500\nmru 1500"}).up()
    assert t.lns.ppp().verdict().get("mtu") == str(esp.expected_mtu("gcm"))
    assert_exact(t, esp.expected_mtu("gcm") - 4)


@pytest.mark.parametrize("role", ("lns", "client"))
@pytest.mark.parametrize("peer", (1300, 1600))
def test_mtu_peer(tunnel, role, peer):
    """A stock peer's MRU below ours wins, above ours does not matter; the peer is told ours."""
    other = {"lns": "client", "client": "lns"}[role]
    t = tunnel(sabus={role: True}, ppp_mtu={other: "mtu 1600\nmru %d" % peer}).up()
    ours = esp.expected_mtu("gcm")
    assert t.mtu(role) == min(ours, peer)
    assert t.mtu(other) == ours
    began = time.time()
    t.ping(count=1, size=min(ours, peer) - ICMP_OVER_IP, df=True, origin=role)
    assert not t.wire.fragments(began)


def test_mtu_cap(tunnel):
    """sabus-mtu-cap makes both directions smaller, and never larger."""
    t = tunnel(sabus_options={"lns": ("sabus-mtu-cap 1300",), "client": ("sabus-mtu-cap 1460",)}).up()
    assert t.mtu("lns") == t.mtu("client") == 1300
    assert t.lns.ppp().find("sent", "LCP", "ConfReq", "<mru 1300>")
    assert t.client.ppp().find("sent", "LCP", "ConfReq", "<mru %d>" % esp.expected_mtu("gcm"))


def test_mtu_control_peer(tunnel):
    """Negative control: a stock LNS believes a peer's MRU of 1600, and fragments."""
    t = tunnel(sabus=False, ppp_mtu={"lns": "# no limit", "client": "mtu 1600\nmru 1600"}).up()
    assert t.mtu("lns") == 1600
    began = time.time()
    t.ping(count=1, size=1500 - ICMP_OVER_IP, origin="lns", df=True)
    assert [p for p in t.wire.fragments(began) if p.src == t.lns.host.address]


def test_mtu_control_guess(tunnel):
    """Negative control: the usual guess of 1450 fragments with AES-CBC and NAT-T."""
    t = tunnel(sabus=False, esp="aes256-sha1", natt=True, ike=1, ppp_mtu="mtu 1450\nmru 1450").up()
    assert t.mtu("client") == t.mtu("lns") == 1450
    assert_fragments(t, 1450, raised=False)
