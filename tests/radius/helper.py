# SPDX-License-Identifier: GPL-2.0-or-later
"""sabus-radius-client driven as sabus-radius.so drives it (plugins/radius/worker.h), and what of RADIUS the tests need themselves."""
import hashlib
import hmac
import os
import select
import socket
import struct
import subprocess
import time

BUILD = os.environ.get("top_builddir", ".")
CLIENT = os.path.join(BUILD, "plugins/radius/client/sabus-radius-client")

VERSION = 1
CONFIG, READY, AUTH, ANSWER, ACCT, ACCT_DONE, KEEP = range(1, 8)
OK, REJECT, DOWN, BAD, BAD_CONFIG = range(5)
PRIVATE = 0xffffffff
P_FILE, P_PAIR, P_RETRY, P_TEXT, P_SERVER = range(1, 6)
MICROSOFT, OURS = 311, 32473
START, STOP, INTERIM = 1, 2, 3


def encode(op, mid=0, arg=0, arg2=0, attrs=()):
    body = b"".join(struct.pack("=IHH", v, n, len(x)) + x for v, n, x in attrs)
    return struct.pack("=BBHIIII", VERSION, op, 0, mid, arg, arg2, len(body)) + body


class Message:
    def __init__(self, data):
        version, self.op, _, self.id, self.arg, self.arg2, length = struct.unpack_from("=BBHIIII", data)
        assert version == VERSION and length == len(data) - 20
        self.attrs, at = [], 20
        while at < len(data):
            vendor, number, n = struct.unpack_from("=IHH", data, at)
            self.attrs.append((vendor, number, data[at + 8:at + 8 + n]))
            at += 8 + n

    def all(self, vendor, number):
        return [x for v, n, x in self.attrs if (v, n) == (vendor, number)]

    def get(self, vendor, number):
        return next(iter(self.all(vendor, number)), None)

    @property
    def text(self):
        return b" / ".join(self.all(PRIVATE, P_TEXT)).decode()


def integer(v):
    return struct.pack("!I", v)


def user(name="alice"):
    return [(0, 1, name.encode()), (0, 6, integer(2)), (0, 7, integer(1)), (0, 61, integer(5))]


def pap(name="alice", password="pw"):
    return user(name) + [(0, 2, password.encode())]


def stop(session="s1", name="alice"):
    return [(0, 40, integer(STOP)), (0, 44, session.encode())] + user(name)


class Client:
    """The helper process, configured."""

    def __init__(self, config, pairs=(), stop_retry=600, configure=True, close_after=False):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.s, self.last = ours, 0
        env = {"PATH": "/usr/bin:/bin", "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1"}  # radcli leaves memory behind
        self.p = subprocess.Popen([CLIENT], stdin=theirs, stdout=subprocess.DEVNULL, stderr=None, env=env)
        theirs.close()
        if configure:
            attrs = [(PRIVATE, P_FILE, str(config).encode()), (PRIVATE, P_RETRY, integer(stop_retry))]
            self.s.send(encode(CONFIG, 0, attrs=attrs + [(PRIVATE, P_PAIR, p.encode()) for p in pairs]))
            self.ready = self.receive(10)

    def receive(self, limit):
        assert select.select([self.s], [], [], limit)[0], "the helper is silent for %g s" % limit
        data = self.s.recv(65536)
        assert data, "the helper ended with %r" % self.p.wait(5)
        return Message(data)

    def auth(self, attrs, ms=15000):
        self.last += 1
        begin = time.monotonic()
        self.s.send(encode(AUTH, self.last, int(begin * 1000 + ms) & 0xffffffff, attrs=attrs))
        while True:
            m = self.receive(ms / 1000 + 3)
            if m.op == ANSWER:
                assert m.id == self.last
                m.took = time.monotonic() - begin
                return m

    def acct(self, status, attrs=None):
        self.last += 1
        attrs = stop() if attrs is None else attrs
        self.s.send(encode(ACCT, self.last, status, attrs=[(0, 40, integer(status))] + [a for a in attrs if a[:2] != (0, 40)]))
        return self.last

    def keep(self, attrs, seconds=0):
        self.last += 1
        self.s.send(encode(KEEP, self.last, seconds, attrs=attrs))

    def hang_up(self):
        self.s.close()

    def end(self):
        self.s.close()
        if self.p.poll() is None:
            self.p.terminate()
            try:
                self.p.wait(15)
            except subprocess.TimeoutExpired:
                self.p.kill()
                self.p.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


DICTIONARY = "ATTRIBUTE User-Name 1 string\n"


def configure(folder, servers, secrets=None, name="radiusclient.conf", more="", timeout=1, retries=1):
    """Writes radiusclient.conf and servers; servers: [(auth port, acct port)] on loopback."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dictionary").write_text(DICTIONARY)
    secret = secrets or SECRET
    (folder / "servers").write_text("127.0.0.1 %s\n" % secret)
    (folder / "servers").chmod(0o600)
    path = folder / name
    path.write_text("".join("authserver 127.0.0.1:%d\n" % a for a, _ in servers) + "".join("acctserver 127.0.0.1:%d\n" % b for _, b in servers) +
                    "servers %s\ndictionary %s\nradius_timeout %d\nradius_retries %d\nnas-identifier test-lns\nbindaddr *\n%s" %
                    (folder / "servers", folder / "dictionary", timeout, retries, more))
    return path


# ---- RADIUS ----
SECRET = "a-secret-not-so-short"


class Packet:
    def __init__(self, data):
        self.data = data
        self.code, self.id, self.length = struct.unpack_from("!BBH", data)
        self.authenticator = data[4:20]
        self.attrs, at = [], 20
        assert self.length == len(data)
        while at < len(data):
            n, length = data[at], data[at + 1]
            assert 2 <= length <= len(data) - at
            self.attrs.append((n, data[at + 2:at + length]))
            at += length

    def get(self, number):
        return next((x for n, x in self.attrs if n == number), None)

    def integer(self, number):
        return struct.unpack("!I", self.get(number))[0]

    def vsa(self, vendor, number):
        return [x[6:] for n, x in self.attrs if n == 26 and x[:4] == integer(vendor) and x[4] == number]

    def message_authenticator_good(self, secret=SECRET):
        ma = self.get(80)
        zeroed = b"".join(bytes([n, len(x) + 2]) + (bytes(16) if n == 80 else x) for n, x in self.attrs)
        return ma is not None and hmac.compare_digest(ma, hmac.new(secret.encode(), self.data[:20] + zeroed, "md5").digest())

    def accounting_good(self, secret=SECRET):
        return hashlib.md5(self.data[:4] + bytes(16) + self.data[20:] + secret.encode()).digest() == self.authenticator


def attribute(number, value):
    return bytes([number, len(value) + 2]) + value


def vsa(vendor, number, value):
    return attribute(26, integer(vendor) + attribute(number, value))


def reply(request, code, body=b"", secret=SECRET, ma="first", authenticator=None, mid=None):
    """An answer to request: ma 'first', 'last', 'none', 'bad', 'twice'."""
    one = attribute(80, bytes(16))
    body = {"first": one + body, "bad": one + body, "last": body + one, "none": body, "twice": one + one + body}[ma]
    head = struct.pack("!BBH", code, request.id if mid is None else mid, 20 + len(body))
    if ma != "none":
        at = len(body) - 16 if ma == "last" else 2
        mac = hmac.new(secret.encode(), head + request.authenticator + body, "md5").digest()
        if ma == "bad":
            mac = bytes(16)
        body = body[:at] + mac + body[at + 16:]
    auth = authenticator or hashlib.md5(head + request.authenticator + body + secret.encode()).digest()
    return head + auth + body


def salted(value, request, secret=SECRET, salt=b"\x80\x01"):
    """RFC 2868 section 3.5"""
    plain = bytes([len(value)]) + value
    plain += bytes(-len(plain) % 16)
    out, before = b"", request.authenticator + salt
    for i in range(0, len(plain), 16):
        pad = hashlib.md5(secret.encode() + before).digest()
        block = bytes(a ^ b for a, b in zip(plain[i:i + 16], pad))
        out, before = out + block, block
    return salt + out
