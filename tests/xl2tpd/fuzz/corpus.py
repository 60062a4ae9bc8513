#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seed corpus of fuzz_session and fuzz_config: well-formed sessions and files only.

    corpus.py DIR     makes DIR/session/NAME and DIR/config/NAME

A session is a script as script.c reads it; messages follow RFC 2661, and what
depends on the running daemon (ids, sequence numbers, the answer to a
challenge) is filled in by peer.c.
"""

import pathlib
import struct
import sys

CONTROL, RAW, DATA, TIME, CHILD, PTY, COMMAND, PLUGIN, FAULT, SIGNAL, ERROR, VERDICT = range(12)
NO_ACK, RESPONSE, HIDE, OWN, AHEAD, AGAIN, SHORT, LONG = (1 << i for i in range(8))
USERSPACE, WITH_PLUGIN, DEBUG, ACCESS, MARKS, ODD_SECRETS = 1, 2, 0x10, 0x20, 0x40, 0x80
LNS_PLAIN, LNS_RANGES, LNS_AUTH, LNS_ONE = 0, 4, 8, 12
JOIN = 0x80
SCCRQ, SCCRP, SCCCN, STOPCCN, HELLO, OCRP, OCCN, ICRQ, ICRP, ICCN, CDN, WEN, SLI = 1, 2, 3, 4, 6, 8, 9, 10, 11, 12, 14, 15, 16
LNS = 3  # the peer that our LACs call
GONE = 255  # a call that is not there any more


def blob(data):
    return struct.pack("!H", len(data)) + data


def avp(attr, value, mandatory=True, vendor=0):
    return struct.pack("!HHH", (0x8000 if mandatory else 0) | (6 + len(value)), vendor, attr) + value


def hidden(attr, value):
    """As it is before hiding: length of the value, value, padding (RFC 2661 4.3)."""
    return avp(attr, struct.pack("!H", len(value)) + value + b"\0" * (-(len(value) + 2) % 16))


def u16(attr, value, **kw):
    return avp(attr, struct.pack("!H", value), **kw)


def u32(attr, value, **kw):
    return avp(attr, struct.pack("!I", value), **kw)


def message(kind, *avps, tunnel=1, call=0, flags=0, peer=0, join=False):
    body = u16(0, kind) + b"".join(avps)
    return bytes([CONTROL | (JOIN if join else 0), tunnel, call, flags, peer]) + blob(body)


def zlb(tunnel=1, call=0, flags=0, peer=0):
    return bytes([CONTROL, tunnel, call, flags, peer]) + blob(b"")


def control_connection(kind, tid, *more, host=b"client", **kw):
    return message(kind, u16(2, 0x100), u32(3, 3), u32(4, 3), avp(5, b"tiebreak", mandatory=False), u16(6, 0x690, mandatory=False), avp(7, host),
                   avp(8, b"vendor", mandatory=False), u16(9, tid), u16(10, 4), *more, **kw)


def sccrq(tid=77, *more, **kw):
    kw.setdefault("tunnel", 0)
    return control_connection(SCCRQ, tid, *more, **kw)


def sccrp(tid=88, *more, **kw):
    return control_connection(SCCRP, tid, *more, peer=LNS, **kw)


def scccn(**kw):
    return message(SCCCN, **kw)


def stopccn(tid=77, result=b"\0\1", **kw):
    return message(STOPCCN, u16(9, tid), avp(1, result), **kw)


def icrq(cid=5, **kw):
    return message(ICRQ, u16(14, cid), u32(15, 1), u32(18, 1), u32(25, 1, mandatory=False), avp(21, b"123"), avp(22, b"456"), avp(23, b"sub"), **kw)


def icrp(cid=6, **kw):
    return message(ICRP, u16(14, cid), call=1, peer=LNS, **kw)


def iccn(**kw):
    kw.setdefault("call", 1)
    return message(ICCN, u32(24, 10000000), u32(19, 1), u32(38, 9000000, mandatory=False), avp(29, b"\0\1"), avp(39, b""), **kw)


def cdn(cid=5, result=b"\0\3\0\0bye", **kw):
    kw.setdefault("call", 1)
    return message(CDN, avp(1, result), u16(14, cid), **kw)


def data(payload, tunnel=1, call=1, flags=0, peer=0):
    return bytes([DATA, tunnel, call, flags, peer]) + blob(payload)


def pty(payload, tunnel=1, call=1, repeat=0):
    return bytes([PTY, tunnel, call, repeat]) + blob(payload)


def time(n):
    return bytes([TIME, n])


def child(which=0, status=0):
    return bytes([CHILD, which, status])


def command(text):
    return bytes([COMMAND]) + blob(text.encode())


def plugin(action, tunnel=1, call=1, arg=0):
    return bytes([PLUGIN, action, tunnel, call, arg])


def verdict(hook, value, action=0):
    return bytes([VERDICT, hook, value, action])


UP = sccrq() + scccn()
CALL = icrq() + iccn()
DIALED = command("c one\n") + sccrp() + icrp()
FRAME = b"\x7e\xff\x7d\x23\xc0\x21\x7d\x21\x7d\x21\x7d\x20\x7d\x24\x12\x34\x7e"
PPP = b"\xff\x03\xc0\x21\x01\x01\x00\x04"
HOOK = {n: i for i, n in enumerate("tunnel_request tunnel_up tunnel_down call_request call_start call_up call_down avp_in avp_out secret socket".split())}
ACCEPT, REFUSE, CLOSE, ABRUPT, CLOSE_CALL, NEW_CALL, MARK, ASK, TIMER, CANCEL, WATCH, REWATCH, LOG = range(1, 14)
SAY_REFUSE, SAY_OK, SAY_DEFER = 3, 1, 2

SESSIONS = {
    # the LNS
    "lns-call": (0, UP + CALL + data(PPP) + time(60) + message(HELLO) + child() + zlb()),
    "lns-call-pty": (USERSPACE, UP + CALL + data(PPP) + data(PPP, flags=1) + data(b"\0\0" + PPP, flags=7) + pty(FRAME) + pty(FRAME * 3) + child(0, 3) + zlb()),
    "lns-cdn": (0, UP + CALL + cdn() + stopccn()),
    "lns-cdn-pty": (USERSPACE, UP + CALL + cdn() + child() + stopccn()),
    "lns-two-calls": (LNS_RANGES, UP + CALL + icrq(9) + iccn() + data(PPP, call=2) + cdn(5, call=2) + cdn(9) + stopccn()),
    "lns-two-tunnels": (0, UP + sccrq(78, peer=1) + scccn(peer=1) + icrq(peer=1) + icrq(6, tunnel=2) + iccn(tunnel=2) + stopccn(78, peer=1) + stopccn()),
    "lns-auth": (LNS_AUTH, sccrq(77, avp(11, b"0123456789abcdef")) + scccn(flags=RESPONSE) + CALL + stopccn()),
    "lns-hidden": (LNS_AUTH, sccrq(77, avp(11, b"0123456789abcdef")) + scccn(flags=RESPONSE)
                   + message(ICRQ, avp(36, b"random vector 16"), hidden(14, b"\0\5"), hidden(15, b"\0\0\0\1"), flags=HIDE) + iccn() + stopccn()),
    "lns-one": (LNS_ONE | ACCESS, UP + CALL + icrq(6) + stopccn()),
    "lns-refused": (LNS_ONE | ACCESS, sccrq(peer=1) + zlb()),
    "lns-again": (0, sccrq() + sccrq(flags=0) + scccn() + scccn(flags=AGAIN) + icrq() + icrq(flags=AGAIN) + iccn() + stopccn() + stopccn(flags=AGAIN)),
    "lns-silence": (0, sccrq() + time(10) + time(12) + time(20) + time(40) + time(60)),
    "lns-hello-lost": (0, UP + CALL + time(56) + time(10) + time(12) + time(20) + time(30) + time(40)),
    "lns-sli": (0, UP + CALL + message(SLI, avp(35, b"\0\0\xff\xff\xff\xff\xff\xff\xff\xff"), call=1) + stopccn()),
    "lns-debug": (DEBUG, UP + CALL + data(PPP) + bytes([SIGNAL, 0]) + bytes([SIGNAL, 1]) + time(60) + child() + stopccn()),
    "lns-crossing": (0, UP + CALL + icrq(6) + command("d \1\n") + stopccn(flags=NO_ACK)),
    "lns-crossing-cdn": (0, UP + CALL + child() + cdn(flags=NO_ACK) + stopccn()),
    "lns-marks": (MARKS, sccrq(peer=4) + scccn(peer=4) + icrq(peer=4) + iccn(peer=4) + message(HELLO, peer=8) + sccrq(peer=8) + stopccn(peer=4)),
    "lns-secrets": (LNS_AUTH | ODD_SECRETS, sccrq(77, avp(11, b"0123456789abcdef")) + scccn(flags=RESPONSE) + CALL + stopccn()),
    "lns-unfinished": (0, sccrq() + zlb() + time(80) + time(110) + time(110)),
    "lns-gone-call": (0, UP + CALL + zlb(call=GONE) + message(HELLO, call=GONE) + cdn(call=GONE) + stopccn()),
    "lns-call-unfinished": (0, UP + icrq() + zlb() + message(HELLO) + time(55) + message(HELLO) + time(55) + zlb()),
    "lns-own-socket": (0, UP + icrq(flags=OWN) + iccn(flags=OWN) + cdn(flags=OWN) + bytes([ERROR, 1, 0]) + stopccn(flags=OWN)),
    "lns-joined": (USERSPACE, UP + CALL + bytes([COMMAND | JOIN]) + blob(b"d \1\n") + message(HELLO, flags=OWN) + zlb()),
    "lns-term": (0, UP + CALL + bytes([SIGNAL, 0xf0])),
    "lns-int-pty": (USERSPACE, UP + CALL + bytes([SIGNAL, 0xf1])),
    # the LAC
    "lac-call": (0, DIALED + data(PPP, peer=LNS) + time(60) + message(HELLO, peer=LNS) + child() + zlb(peer=LNS)),
    "lac-call-pty": (USERSPACE, DIALED + data(PPP, peer=LNS) + pty(FRAME) + command("d one\n") + zlb(peer=LNS)),
    "lac-password": (0, command("c one user password\n") + sccrp() + icrp() + cdn(6, peer=LNS) + child() + time(20) + icrp() + stopccn(88, peer=LNS)),
    "lac-auth": (0, command("c two u p\n") + sccrp(88, avp(11, b"0123456789abcdef"), flags=RESPONSE) + icrp() + stopccn(88, peer=LNS)),
    "lac-redial": (0, DIALED + stopccn(88, peer=LNS) + time(20) + sccrp() + icrp() + child() + time(20) + icrp() + time(20)),
    "lac-hangup": (0, DIALED + command("h \2\n") + child() + zlb(peer=LNS)),
    "lac-remove": (0, DIALED + command("r one\n") + zlb(peer=LNS)),
    "lac-outgoing": (0, command("o one 5551234\n") + sccrp() + message(OCRP, u16(14, 6), call=1, peer=LNS)
                     + message(OCCN, u32(24, 1000), u32(19, 1), call=1, peer=LNS) + cdn(6, peer=LNS)),
    "lac-tunnel": (0, command("t 10.0.2.1\n") + sccrp() + command("c \1\n") + icrp() + stopccn(88, peer=LNS)),
    "lac-silence": (0, command("c one\n") + time(10) + time(12) + time(20) + time(40) + time(60) + time(60)),
    "lac-add": (0, command("a four lns=10.0.2.1;redial=yes;redial timeout=2\n") + command("c four\n") + sccrp() + command("r four\n") + time(60)),
    # the control FIFO
    "fifo": (0, UP + CALL + command("x\n") + command("@/run/r x\n") + command("@/run/r y default\n") + command("s\n") + command("z new local ip=10.9.2.1\n")
             + command("@/run/r y new\n") + command("w new\n") + command("d \1\n") + zlb()),
    "fifo-lns-remove": (LNS_ONE, UP + CALL + command("@/run/r w one\n") + zlb()),
    # the plugin
    "plugin-accept": (WITH_PLUGIN, UP + CALL + plugin(ASK) + plugin(MARK, arg=3) + child() + stopccn()),
    "plugin-defer": (WITH_PLUGIN, verdict(HOOK["tunnel_request"], SAY_DEFER) + sccrq() + time(10) + plugin(ACCEPT) + scccn() + CALL + stopccn()),
    "plugin-defer-refuse": (WITH_PLUGIN, verdict(HOOK["tunnel_request"], SAY_DEFER) + sccrq() + sccrq(flags=AGAIN) + plugin(REFUSE, arg=50) + zlb()),
    "plugin-defer-stop": (WITH_PLUGIN, verdict(HOOK["tunnel_request"], SAY_DEFER) + sccrq() + stopccn() + plugin(ACCEPT)),
    "plugin-refuse": (WITH_PLUGIN, verdict(HOOK["tunnel_request"], SAY_REFUSE) + sccrq() + zlb()),
    "plugin-lac-defer": (WITH_PLUGIN, verdict(HOOK["tunnel_request"], SAY_DEFER) + command("c one\n") + time(20) + plugin(ACCEPT) + sccrp() + icrp()
                         + plugin(CLOSE) + zlb(peer=LNS)),
    "plugin-lac-refuse": (WITH_PLUGIN, verdict(HOOK["tunnel_request"], SAY_REFUSE) + command("c one\n") + time(20) + time(20)),
    "plugin-take": (WITH_PLUGIN, verdict(HOOK["call_start"], 2) + UP + CALL + plugin(CLOSE_CALL, arg=3) + zlb() + stopccn()),
    "plugin-options": (WITH_PLUGIN | USERSPACE, verdict(HOOK["call_start"], 8) + UP + CALL + plugin(CLOSE, arg=2) + zlb()),
    "plugin-call-refuse": (WITH_PLUGIN, verdict(HOOK["call_request"], 1) + UP + icrq() + zlb() + verdict(HOOK["call_request"], 0) + CALL + stopccn()),
    "plugin-abrupt": (WITH_PLUGIN, UP + CALL + plugin(ABRUPT, arg=1) + UP + stopccn()),
    "plugin-call": (WITH_PLUGIN, DIALED + plugin(NEW_CALL, arg=9) + icrp(7) + cdn(7, peer=LNS) + stopccn(88, peer=LNS)),
    "plugin-timer": (WITH_PLUGIN, plugin(TIMER, call=CLOSE, arg=10) + plugin(TIMER, call=ABRUPT, arg=20) + UP + time(8) + zlb() + plugin(CANCEL, arg=1) + time(20)),
    "plugin-avps": (WITH_PLUGIN, verdict(HOOK["avp_out"], 0x0b) + sccrq(77, avp(5, b"x", mandatory=False, vendor=9)) + scccn() + CALL + stopccn()),
    "plugin-secret": (WITH_PLUGIN | LNS_AUTH, verdict(HOOK["secret"], 1) + sccrq(77, avp(11, b"0123456789abcdef")) + scccn() + zlb()),
    "plugin-in-hooks": (WITH_PLUGIN, verdict(HOOK["tunnel_up"], 0, CLOSE) + UP + zlb() + verdict(HOOK["call_up"], 0, ABRUPT) + UP + CALL),
    "plugin-rewatch": (WITH_PLUGIN, plugin(LOG) + plugin(REWATCH) + plugin(WATCH) + UP + stopccn()),
}
for fault in range(1, 16):
    SESSIONS[f"fault-{fault}"] = (fault & 1, sccrq() + bytes([FAULT, fault, 1]) + scccn() + icrq() + bytes([FAULT, fault, 1]) + iccn() + data(PPP) + pty(FRAME) + zlb())
    SESSIONS[f"fault-lac-{fault}"] = (fault & 1, command("c one u p\n") + bytes([FAULT, fault, 1]) + sccrp() + bytes([FAULT, fault, 1]) + icrp() + zlb(peer=LNS) + time(30))

CONFIGS = {
    "all": """; a comment
[global]
listen-addr = 10.0.0.1
port = 1701
auth file = /fuzz/l2tp-secrets
access control = no
force userspace = yes
rand source = dev
debug avp = yes
debug network = yes
debug packet = no
debug state = yes
debug tunnel = yes
max retries = 5
cap backoff = 8
ipsec saref = no
saref refinfo = 30
[lns default]
exclusive = no
ip range = 10.9.0.1-10.9.0.20
no ip range = 10.9.0.3-10.9.0.9
ip range = 10.9.1.1
lac = 10.0.1.0-10.0.1.9, 10.0.3.1
no lac = 10.0.4.4
hidden bit = no
local ip = 10.9.0.1
length bit = yes
require chap = yes
refuse pap = yes
refuse chap = no
require authentication = yes
name = us
ppp debug = yes
pass peer = yes
pppoptfile = /etc/ppp/options
call rws = 10
tunnel rws = 4
flow bit = yes
challenge = yes
tx bps = 1000000
rx bps = 1000000
bps = 100
assign ip = yes
unix authentication = no
hostname = lns
[lac one]
lns = lns.example.org
lns = 10.0.2.1:1702
redial = yes
redial timeout = 15
max redials = 5
hidden bit = yes
local ip = 10.9.0.1
remote ip = 10.9.0.2
length bit = no
require pap = no
refuse authentication = yes
name = me
ppp debug = no
pppoptfile = /etc/ppp/options
defaultroute = yes
autodial = no
""",
    "ranges": "[lns one]\nlocal ip range = 10.1.1.1-10.1.1.9\nip range = 10.2.1.1-10.2.1.9\n[lns two]\nip range = 10.3.0.0-10.3.0.255\n",
    "plugin": "[global]\nplugin = fuzz\nfuzz key = value\n[lns default]\nfuzz some key = some value\nlocal ip = 10.0.0.1\n[lac x]\nfuzz bind identity = map /x\nlns = 10.0.0.2\n",
    "mark": "[global]\nipsec saref = mark\n[lac default]\nlns = 10.0.0.2\n[lac x]\nautodial = yes\n",
}


def main(out):
    for name, (how, events) in SESSIONS.items():
        path = pathlib.Path(out, "session", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes([how]) + events)
    for name, text in CONFIGS.items():
        path = pathlib.Path(out, "config", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1])
