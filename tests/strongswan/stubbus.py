# SPDX-License-Identifier: GPL-2.0-or-later
"""The broker's side of the publisher socket in Python, written from proto.h and codec.h without libsabus; reads only when asked."""
import os
import pathlib
import re
import select
import socket
import struct
import time

TOP = pathlib.Path(os.environ.get("top_srcdir", pathlib.Path(__file__).parents[2]))
HEADER = struct.Struct("=IHHII")
TEXT = {"NAME", "IKE_NAME", "ID_LOCAL", "ID_REMOTE", "ID_EAP", "AUTH"}


def enumeration(header, name):
    """Names and values of a C enum whose members share a prefix ending with the last common underscore: {value: name}."""
    body = re.search(r"enum %s \{(.*?)\n\};" % name, (TOP / "plugins/bus" / header).read_text(), re.S)[1]
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    values, at = {}, 0
    for item in filter(None, (i.strip() for i in body.split(","))):
        m = re.fullmatch(r"(\w+)(?:\s*=\s*(\d+))?", item)
        at = int(m[2]) if m[2] else at
        values[at] = m[1]
        at += 1
    return values


MSG = {v: n.removeprefix("SABUS_MSG_") for v, n in enumeration("proto.h", "sabus_msg").items()}
ATTR = {n.removeprefix("SABUS_A_"): v for v, n in enumeration("proto.h", "sabus_attr").items()}
SA_ATTR = {v: n.removeprefix("SABUS_SA_A_") for v, n in enumeration("codec.h", "sabus_sa_attr").items()}
FLOW_ATTR = {n.removeprefix("SABUS_F_"): v for v, n in enumeration("codec.h", "sabus_flow_attr").items()}
OP = {n.removeprefix("SABUS_OP_"): v for v, n in enumeration("sabus.h", "sabus_op").items()}
TS_ATTR = {v: n.removeprefix("SABUS_TS_A_") for v, n in enumeration("codec.h", "sabus_ts_attr").items()}
CAUSE = {v: n.removeprefix("SABUS_CAUSE_").lower() for v, n in enumeration("sabus.h", "sabus_cause").items()}
FAILURE = {i + 1: w for i, w in enumerate(re.findall(r'^\tX\(\w+,\s*"([\w-]+)"', (TOP / "plugins/common/ikefail.h").read_text(), re.M))}
CODE = {n: v for v, n in MSG.items()}


def attributes(data):
    at = 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        yield kind & 0x3fff, data[at + 4:at + size]
        at += (size + 3) & ~3


def value(name, payload):
    if name in TEXT:
        return payload.rstrip(b"\0").decode()
    if name.endswith("_ADDR") or name.endswith("_FROM") and len(payload) > 2 or name.endswith("_TO") and len(payload) > 2:
        return socket.inet_ntop(socket.AF_INET if len(payload) == 4 else socket.AF_INET6, payload)
    return int.from_bytes(payload, "little" if struct.pack("=H", 1)[0] else "big")


def decode_sa(nest):
    """{"ID": 1, "STATE": 2, ..., "TS": [{...}]}; what is zero is not there on the wire and is 0 or "" here."""
    sa = {n: "" if n in TEXT else 0 for n in SA_ATTR.values()}
    sa["TS"] = []
    for kind, payload in attributes(nest):
        name = SA_ATTR[kind]
        if name == "TS":
            pair = {n: 0 for n in TS_ATTR.values()}
            pair.update((TS_ATTR[k], value(TS_ATTR[k], p)) for k, p in attributes(payload))
            sa["TS"].append(pair)
        else:
            sa[name] = value(name, payload)
    return sa


class Message:
    def __init__(self, raw):
        self.raw = raw
        self.type = MSG[HEADER.unpack_from(raw)[1]]
        found = dict(attributes(raw[HEADER.size:]))
        self.sa = decode_sa(found[ATTR["SA"]]) if ATTR["SA"] in found else None
        self.sa_id = self.sa["ID"] if self.sa else value("", found.get(ATTR["SA_ID"], b""))
        self.seq = HEADER.unpack_from(raw)[3]
        self.errno = value("", found.get(ATTR["ERRNO"], b""))
        self.text = found.get(ATTR["ERRTEXT"], b"").rstrip(b"\0").decode()
        self.failure = FAILURE.get(value("", found.get(ATTR["IKE_FAILURE"], b"")))
        flow = dict(attributes(found.get(ATTR["FLOW"], b"")))
        self.remote = value("REMOTE_ADDR", flow[FLOW_ATTR["REMOTE_ADDR"]]) if FLOW_ATTR["REMOTE_ADDR"] in flow else None
        self.cause = CAUSE.get(value("", found.get(ATTR["CAUSE"], b"")))

    def __repr__(self):
        return f"{self.type} {self.sa_id} {self.cause or ''}{self.sa or ''}{(self.errno, self.text) if self.type == 'RESULT' else ''}"


class StubBus:
    """Listens at path.  Every message ever read is in .seen, the table that follows from them in .sas."""

    takes_failures = True       # what a sabusd of today says in its HELLO

    def __init__(self, path):
        self.path = str(path)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(self.path)
        self.listener.listen(8)
        self.peer = None
        self.asked = 0
        self.seen, self.sas = [], {}

    def close(self):
        for s in (self.peer, self.listener):
            if s:
                s.close()

    def accept(self, timeout=20):
        """Takes the publisher, greets it, and reads its sync."""
        self.listener.settimeout(timeout)
        self.peer, _ = self.listener.accept()
        assert self.read(timeout).type == "HELLO"
        body = b"".join(struct.pack("=HH", 4 + len(p), ATTR[n]) + p for n, p in
                        (("VERSION", struct.pack("=I", 1)), ("EPOCH", struct.pack("=Q", 7)), ("REVISION", struct.pack("=Q", 1)),
                         *((("OPS", struct.pack("=I", 1)),) if self.takes_failures else ())))
        self.peer.send(HEADER.pack(HEADER.size + len(body), CODE["HELLO"], 0, 0, 0) + body)
        self.sas = {}
        self.until(lambda m: m.type == "SYNC_END", timeout)

    def ask(self, *attributes_):
        """Sends a REQUEST; returns its number."""
        body = b"".join(struct.pack("=HH", 4 + len(p), n) + p + bytes(-len(p) % 4) for n, p in attributes_)
        self.asked += 1
        self.peer.send(HEADER.pack(HEADER.size + len(body), CODE["REQUEST"], 0, self.asked, 0) + body)
        return self.asked

    def ask_delete(self, sa_id, why="test"):
        return self.ask((ATTR["ERRTEXT"], why.encode() + b"\0"), (ATTR["SA_ID"], struct.pack("=I", sa_id)), (ATTR["OP"], struct.pack("=I", OP["DELETE"])))

    def ask_initiate(self, remote, local="0.0.0.0", name=None, port=1701):
        flow = b"".join(struct.pack("=HH", 4 + len(p), FLOW_ATTR[n]) + p + bytes(-len(p) % 4) for n, p in (
            ("LOCAL_ADDR", socket.inet_aton(local)), ("LOCAL_PORT", struct.pack("=H", port)), ("REMOTE_ADDR", socket.inet_aton(remote)),
            ("REMOTE_PORT", struct.pack("=H", port))))
        return self.ask(*([(ATTR["NAME"], name.encode() + b"\0")] if name else []), (ATTR["FLOW"] | 0x8000, flow), (ATTR["OP"], struct.pack("=I", OP["INITIATE"])))

    def result(self, number, timeout=20):
        """(errno, text) of the answer to that request, which may have been read already."""
        for m in self.seen:
            if m.type == "RESULT" and m.seq == number:
                return m.errno, m.text
        m = self.until(lambda m: m.type == "RESULT" and m.seq == number, timeout)
        return m.errno, m.text

    def read(self, timeout):
        """The next message, None when there is none in time."""
        if not select.select([self.peer], [], [], timeout)[0]:
            return None
        raw = self.peer.recv(65536)
        assert raw, "the publisher closed the connection"
        m = Message(raw)
        self.seen.append(m)
        if m.type == "SA_PUT":
            self.sas[m.sa_id] = m.sa
        elif m.type == "SA_DEL":
            self.sas.pop(m.sa_id, None)
        return m

    def until(self, wanted, timeout=20):
        """Reads on to the first message for which wanted(message) holds."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            m = self.read(left)
            if m and wanted(m):
                return m
        raise AssertionError("not seen; last: " + "\n".join(map(repr, self.seen[-6:])))

    def until_put(self, timeout=20, **fields):
        return self.until(lambda m: m.type == "SA_PUT" and all(m.sa[k] == v for k, v in fields.items()), timeout).sa

    def drain(self, quiet=0.5):
        while self.read(quiet):
            pass
