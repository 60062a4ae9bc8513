# SPDX-License-Identifier: GPL-2.0-or-later
"""Just enough of charon's control protocol (vici) to give it thousands of commands
over one connection; swanctl would be a process for each.

A packet is a 32 bit length (network byte order), a type, and for requests and
responses a message: key-value pairs (3, key, value with 16 bit length)."""

import socket
import struct

REQUEST, RESPONSE = 0, 1
KEY_VALUE = 3


class Vici:
    def __init__(self, host):
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.s.connect(host.path("/run/charon.vici"))
        self.s.settimeout(60)

    def command(self, name, **pairs):
        """Send and wait for the response, which must say success."""
        body = bytes([REQUEST, len(name)]) + name.encode()
        for key, value in pairs.items():
            body += bytes([KEY_VALUE, len(key)]) + key.encode() + struct.pack("!H", len(value)) + value.encode()
        self.s.sendall(struct.pack("!I", len(body)) + body)
        answer = self._packet()
        if answer[0] != RESPONSE or b"success\0\x03yes" not in answer:
            raise RuntimeError("charon to '%s %r': %r" % (name, pairs, answer))

    def _packet(self):
        size = struct.unpack("!I", self._read(4))[0]
        return self._read(size)

    def _read(self, size):
        data = b""
        while len(data) < size:
            more = self.s.recv(size - len(data))
            if not more:
                raise RuntimeError("charon has closed its control socket")
            data += more
        return data

    def close(self):
        self.s.close()
