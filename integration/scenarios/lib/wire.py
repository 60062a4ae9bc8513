# SPDX-License-Identifier: GPL-2.0-or-later
"""The wire as witness: a capture of the cable for the whole scenario, kept with
the results, and what can be counted in it."""

import os
import signal
import socket
import struct
import subprocess
import time

from lib.wait import wait_for

L2TP = 1701
IKE_NATT = 4500
ETHERNET = 14
PING_TEXT = bytes(range(0x10, 0x30))     # what ping fills its packets with, after the time


def frames(data):
    """(seconds since the epoch, bytes) of each whole packet in a pcap file of this
    machine's byte order (libpcap's format, microseconds; the end of a file that
    is being written is left out).  By hand: importing scapy takes a guest 3 s."""
    at = 24
    while at + 16 <= len(data):
        seconds, micros, length, _ = struct.unpack_from("=IIII", data, at)
        if at + 16 + length > len(data):
            return
        yield seconds + micros / 1e6, data[at + 16:at + 16 + length]
        at += 16 + length


class Packet:
    """What the scenarios ask of a packet: kind ('esp', 'l2tp' = clear L2TP,
    'ike', 'ah', 'other'), addresses, size of the IP packet, SPI, fragment."""

    __slots__ = ("time", "src", "dst", "size", "kind", "spi", "fragment", "raw")

    def __init__(self, when, ip):
        """IP: the packet's bytes from its IPv4 header on (RFC 791 §3.1)."""
        more_and_offset = int.from_bytes(ip[6:8], "big") & 0x3fff
        self.time, self.size = when, int.from_bytes(ip[2:4], "big")
        self.src, self.dst = socket.inet_ntoa(ip[12:16]), socket.inet_ntoa(ip[16:20])
        self.fragment = more_and_offset != 0
        self.raw = ip[:self.size]  # without what Ethernet pads
        self.kind, self.spi = self._classify(ip[9], more_and_offset & 0x1fff, self.raw[(ip[0] & 15) * 4:])

    @staticmethod
    def _classify(proto, offset, body):
        if offset:
            return "fragment", None
        if proto == 50:
            return "esp", int.from_bytes(body[:4], "big")
        if proto == 51:
            return "ah", int.from_bytes(body[4:8], "big")
        if proto != 17:
            return "other", None
        ports = (int.from_bytes(body[0:2], "big"), int.from_bytes(body[2:4], "big"))
        if L2TP in ports:
            return "l2tp", None
        if IKE_NATT in ports and len(body) > 12 and body[8:12] != b"\0\0\0\0":
            return "esp", int.from_bytes(body[8:12], "big")
        return ("ike" if 500 in ports or IKE_NATT in ports else "other"), None


class Wire:
    def __init__(self, host, logdir, dev="e0"):
        self.path = os.path.join(logdir, "%s-%s.pcap" % (host.name, dev))
        self.log = open(self.path[:-len(".pcap")] + ".tcpdump.log", "w+")
        self.proc = subprocess.Popen(
            host.enter + ["tcpdump", "-i", dev, "-n", "-U", "--immediate-mode", "-s", "0", "-Z", "root",
                          "-w", self.path],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_for("tcpdump on %s" % host.name, self._listening)

    def _listening(self):
        with open(self.log.name) as f:
            return "listening on" in f.read()

    def stop(self):
        """End the capture with nothing lost."""
        if self.proc.poll() is None:
            time.sleep(0.05)
            self.proc.send_signal(signal.SIGINT)
            self.proc.wait()
        self.log.close()

    def packets(self, since=0.0):
        """IPv4 packets so far, in order (SINCE: seconds since the epoch)."""
        if self.proc.poll() is None:
            time.sleep(0.05)  # the last packets are on their way to the file
        with open(self.path, "rb") as f:
            data = f.read()
        return [Packet(when, frame[ETHERNET:]) for when, frame in frames(data)
                if when >= since and frame[12:14] == b"\x08\x00" and len(frame) >= ETHERNET + 20]

    def clear_l2tp(self, since=0.0):
        """L2TP that anybody can read; must be empty but in negative controls."""
        return [p for p in self.packets(since) if p.kind == "l2tp"]

    def esp_by_spi(self, since=0.0):
        counts = {}
        for p in self.packets(since):
            if p.kind == "esp":
                counts[p.spi] = counts.get(p.spi, 0) + 1
        return counts

    def largest(self, since=0.0):
        return max((p.size for p in self.packets(since)), default=0)

    def fragments(self, since=0.0):
        return [p for p in self.packets(since) if p.fragment]

    def readable(self, text=PING_TEXT, src=None, since=0.0):
        """Packets that carry TEXT as it is: what whoever has the wire can read.
        ESP-NULL hides nothing, so there this shows whether MPPE does."""
        return [p for p in self.packets(since) if text in p.raw and src in (None, p.src)]
