# SPDX-License-Identifier: GPL-2.0-or-later
"""What the facts of the SA add to an authentication: from CHAP response to CHAP success, by RADIUS, with them and without.

Sessions of each kind are up at once, on one integrity-only SA, so that CHAP can be read on the wire; the LNS challenges
each of them again every second, and each answer goes to FreeRADIUS.  The time is that of the LNS's own wire: pppd, plugin,
helper process, the way to the server and back.  Kinds: pppd's radius.so by itself; sabus-radius.so without sabus.so, which
knows nothing of an SA; and with it, all attributes.  They differ in nothing else, and take turns by themselves.

A guest makes system calls some ten times as dear as a real machine does: this is for information, and for the comparison
with radius.so.  The goal (at most 1 ms more) is judged by bench_radius_request, on the host's own kernel."""

import re
import time

from lib import radpkt
from lib.wait import wait_for

SECONDS = 240
EACH, MEASURE = 2, 50       # sessions of each kind; seconds
CHAP = re.compile(rb"\xc2\x23([\x02\x03])(.)", re.S)     # Response, Success; id
IP, ESP, UDP = 20, 8, 8
LAC = "\n[lac %s]\nlns = 10.9.0.1\nname = user\nrequire authentication = no\nlength bit = yes\npppoptfile = /etc/ppp/options.xl2tpd\n"
OPTIONS = "/etc/ppp/options.xl2tpd"
SABUS = "file /etc/ppp/options.sabus"
LOG = "/run/pppd.log"       # in memory: the results' directory is the host's, and each line there costs
KINDS = ("stock", "bare", "sabus")


def dial(t, kind, number, rendered):
    """One more session of this KIND: xl2tpd reads the options for each pppd anew."""
    text = rendered
    if kind != "sabus":
        assert SABUS in text
        text = text.replace(SABUS, "mtu 1300\nmru 1300")
    if kind == "stock":
        text = text.replace("file /etc/ppp/options.radius", "plugin radius.so\nradius-config-file /etc/radiusclient/radiusclient.conf")
    t.lns.host.write(OPTIONS, text)
    before = len(t.lns.host.read(LOG))
    t.client.xl2tpd.connect("%s%d" % (kind, number))
    wait_for("ppp%d" % len(t.sessions), lambda: t.lns.host.has_dev("ppp%d" % len(t.sessions)) and t.lns.host.ifaddr("ppp%d" % len(t.sessions)), 20)
    if ("sabus: accept" in t.lns.host.read(LOG)[before:]) != (kind == "sabus"):
        raise RuntimeError("the session of %s was judged by another" % kind)
    t.sessions.append(kind)


def session_id(l2tp):
    """Of an L2TP message (RFC 2661 section 3.1)."""
    at = 4 if l2tp[0] & 0x40 else 2
    return int.from_bytes(l2tp[at + 2:at + 4], "big")


def latencies(t, since):
    """{kind: [milliseconds]}: from a CHAP Response that came in to the Success that went out."""
    ids = re.findall(r"Call established with .*Local: (\d+), Remote: (\d+)", t.lns.host.log("xl2tpd"))
    # What comes in has our id of the call, what goes out the client's.
    incoming, outgoing = ({int(pair[i]): number for number, pair in enumerate(ids)} for i in (0, 1))
    asked, found = {}, {k: [] for k in KINDS}
    for p in t.wire.packets(since):
        l2tp = p.raw[IP + ESP + UDP:]
        m = CHAP.search(l2tp[:20]) if p.kind == "esp" else None
        if not m:
            continue
        came = p.dst == t.lns.host.address
        number = (incoming if came else outgoing).get(session_id(l2tp))
        if came:
            asked[number, m.group(2)] = p.time
        elif (number, m.group(2)) in asked:
            found[t.sessions[number]].append((p.time - asked.pop((number, m.group(2)))) * 1e3)
    return found


def run(ctx):
    t = ctx.radius(esp="null-sha256", policy="allow", sabus={"lns": True}, values={"lns": {"PPP_DEBUG": "nodetach"}},
                   ppp={"lns": ("chap-interval 1",)}, server={"REQUIRE_MESSAGE_AUTHENTICATOR": "no"})
    t.also("stock")
    t.sessions = []
    for role in ("lns", "client"):
        t.ends[role].edit(OPTIONS, "refuse-chap" if role == "client" else "require-mschap-v2", "refuse-mschap-v2" if role == "client" else "require-chap")
    path = "/etc/xl2tpd/xl2tpd.conf"
    t.client.host.write(path, t.client.host.read(path) + "".join(LAC % (k + str(n)) for n in range(EACH) for k in KINDS))
    t.lns.edit(OPTIONS, "logfile /var/log/pppd.log", "logfile " + LOG)
    rendered = t.lns.host.read(OPTIONS)
    t.radius.start(debug=False)
    t.start()
    t.ike()
    for n in range(EACH):
        for kind in KINDS:
            dial(t, kind, n, rendered)
    began = time.time()
    time.sleep(MEASURE)
    found = latencies(t, began)
    sizes = [len(p.raw) for p in t.radius.packets(radpkt.ACCESS_REQUEST) if p.time > began]
    for kind in KINDS:
        if len(found[kind]) < MEASURE * EACH // 3:
            raise RuntimeError("only %d of %d challenges of %s could be paired" % (len(found[kind]), MEASURE * EACH, kind))
    middle = {k: ctx.median(v) for k, v in found.items()}
    more = {k + "_p90": ctx.quantile(v, 0.9) for k, v in found.items()}
    added = middle["sabus"] - middle["bare"]
    yield ctx.row("CHAP response to success, all attributes", middle["sabus"], "ms", against="sabus-radius.so without facts of an SA", reference=middle["bare"],
                  added=added, count=len(found["sabus"]), requests=[min(sizes), max(sizes)], **more)
    yield ctx.row("CHAP response to success, all attributes", middle["sabus"], "ms", against="pppd's radius.so", reference=middle["stock"])
