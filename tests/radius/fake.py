# SPDX-License-Identifier: GPL-2.0-or-later
"""A RADIUS server that does whatever a test wants: a function gets each request and returns what is to be sent back."""
import socket
import threading
import time

from helper import Packet


class Fake:
    """answer(packet, number) -> bytes, list of bytes, or None; number counts the requests."""

    def __init__(self, answer, stream=False):
        self.answer, self.stream = answer, stream
        self.requests, self.times, self.peer = [], [], None
        self.s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
        self.s.bind(("127.0.0.1", 0))
        if stream:
            self.s.listen(5)
        self.port = self.s.getsockname()[1]
        self.stopped = False
        self.thread = threading.Thread(target=self._stream if stream else self._datagrams, daemon=True)
        self.thread.start()

    def _take(self, data):
        p = Packet(data)
        self.requests.append(p)
        self.times.append(time.monotonic())
        got = self.answer(p, len(self.requests))
        return [] if got is None else [got] if isinstance(got, bytes) else got

    def _datagrams(self):
        self.s.settimeout(0.1)
        while not self.stopped:
            try:
                data, peer = self.s.recvfrom(8192)
            except TimeoutError:
                continue
            except OSError:
                return
            self.peer = peer
            for out in self._take(data):
                self.s.sendto(out, peer)

    def _stream(self):
        self.s.settimeout(0.1)
        while not self.stopped:
            try:
                c, _ = self.s.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            with c:
                c.settimeout(2)
                try:
                    data = c.recv(8192)
                    for out in self._take(data) if data else []:
                        c.sendall(out)
                        time.sleep(0.02)  # pieces stay pieces
                    c.recv(1)
                except OSError:
                    pass

    def wait(self, count, limit=10):
        end = time.monotonic() + limit
        while len(self.requests) < count:
            assert time.monotonic() < end, "%d requests in %g s, not %d" % (len(self.requests), limit, count)
            time.sleep(0.02)
        return self.requests[count - 1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopped = True
        self.thread.join(5)
        self.s.close()
