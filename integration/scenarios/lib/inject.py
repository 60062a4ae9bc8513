# SPDX-License-Identifier: GPL-2.0-or-later
"""L2TP in the clear from a host's own address and port, past its IPsec: frames are
handed to the cable itself (AF_PACKET), so no policy of the sender sees them."""

import os
import re
import socket
import struct
import threading

CLONE_NEWNET = 0x40000000


def socket_in(host, *args):
    """A socket that lives in HOST's network name space.  A socket stays where it was
    made, so a thread that moves there is all that is needed."""
    made = []

    def make():
        fd = os.open("/proc/%d/ns/net" % host.holder.pid, os.O_RDONLY)
        try:
            os.setns(fd, CLONE_NEWNET)
            made.append(socket.socket(*args))
        finally:
            os.close(fd)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


def mac(host, dev="e0"):
    text = host.run(["ip", "-o", "link", "show", "dev", dev]).stdout
    return bytes.fromhex(re.search(r"link/ether (\S+)", text).group(1).replace(":", ""))


def _checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def datagram(src, dst, payload, sport=1701, dport=1701):
    """IPv4 packet with a UDP datagram (UDP checksum 0: none)."""
    udp = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                       socket.inet_aton(src), socket.inet_aton(dst))
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + udp


def icmp_echo(src, dst, ident=0x7e57, data=b"clear text"):
    body = struct.pack("!BBHHH", 8, 0, 0, ident, 1) + data
    body = body[:2] + struct.pack("!H", _checksum(body)) + body[4:]
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, 1, 0,
                       socket.inet_aton(src), socket.inet_aton(dst))
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + body


def data_message(tunnel, session, ppp, protocol=0x0021):
    """L2TP data message (RFC 2661 section 3.1) around a PPP frame."""
    return struct.pack("!HHH", 0x0002, tunnel, session) + b"\xff\x03" + struct.pack("!H", protocol) + ppp


def control_message(tunnel, session, kind, ns=0, nr=0, avps=b""):
    """L2TP control message; KIND: 6 HELLO, 4 StopCCN, 14 CDN, 1 SCCRQ."""
    body = struct.pack("!HHH", 0x8008, 0, 0) + struct.pack("!H", kind) + avps
    return struct.pack("!HHHHHH", 0xc802, 12 + len(body), tunnel, session, ns, nr) + body


def avp(kind, value):
    """A mandatory AVP of the IETF (RFC 2661 section 4.1)."""
    return struct.pack("!HHH", 0x8000 | 6 + len(value), 0, kind) + value


def stopccn(tunnel, assigned, ns=0, nr=0):
    """Ends TUNNEL (the receiver's id); ASSIGNED: the sender's own id of it."""
    return control_message(tunnel, 0, 4, ns, nr, avp(9, struct.pack("!H", assigned)) + avp(1, struct.pack("!H", 1)))


def sccrq(assigned, name=b"forged"):
    """Asks for a tunnel; ASSIGNED: our id of it."""
    return control_message(0, 0, 1, 0, 0, avp(2, b"\1\0") + avp(3, struct.pack("!I", 3)) + avp(7, name) +
                           avp(9, struct.pack("!H", assigned)) + avp(10, struct.pack("!H", 4)))


class Injector:
    """Puts datagrams on the cable between two hosts, as coming from SENDER."""

    def __init__(self, sender, receiver, dev="e0"):
        self.src, self.dst = sender.address, receiver.address
        self.ether = mac(receiver, dev) + mac(sender, dev) + b"\x08\x00"
        self.sock = socket_in(sender, socket.AF_PACKET, socket.SOCK_RAW)
        self.sock.bind((dev, 0))

    def send(self, payload):
        self.sock.send(self.ether + datagram(self.src, self.dst, payload))

    def close(self):
        self.sock.close()
