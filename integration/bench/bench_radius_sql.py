# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounting updates per second into PostgreSQL: FreeRADIUS with our attributes and columns, and by itself.

The real server, configured by conf-templates, and a real PostgreSQL on this machine, which radclient shares: it sends
interim updates of many sessions, so many at a time.  Both kinds take turns, on tables of the same size."""

import os
import time

from here import Here
from lib import radius

WHERE = "native"
SECONDS = 300
SESSIONS, UPDATES, PARALLEL, ROUNDS = 500, 4, 64, 3

PLAIN = """User-Name = "user%(n)d"
Acct-Session-Id = "%(kind)s-%(n)d"
Acct-Status-Type = %(status)s
NAS-IP-Address = 10.7.0.2
NAS-Port = %(n)d
Framed-IP-Address = 192.168.%(high)d.%(low)d
Calling-Station-Id = "198.51.100.%(low)d"
Called-Station-Id = "192.0.2.1"
Acct-Session-Time = %(time)d
Acct-Input-Octets = %(time)d000
Acct-Output-Octets = %(time)d000
Class = 0x0102030405060708
"""
SABUS = """Sabus-Protected = Confidential
Sabus-Suite = "ESP AES_GCM_16-256"
Sabus-Encryption-Key-Bits = 256
Sabus-Integrity = "AEAD"
Sabus-Mode = Transport
Sabus-NAT-T = Yes
Sabus-IPComp = No
Sabus-IKE-Version = IKEv2
Sabus-IKE-Identity = "C=DE, O=Example Organisation, CN=user%(n)d"
Sabus-IKE-Auth = "pubkey"
Sabus-SPI-In = 3221229569
Sabus-SPI-Out = 3221229570
Sabus-MPPE = Off
Sabus-CCP = "none"
Sabus-MTU = 1420
Sabus-Reason = "ok-protected"
Sabus-Strength = Strong
"""


def packets(path, kind, status, rounds):
    text = PLAIN + (SABUS if kind == "sabus" else "")
    with open(path, "w") as f:
        for r in range(rounds):
            for n in range(1, SESSIONS + 1):
                f.write(text % {"n": n, "kind": kind, "status": status, "high": n >> 8, "low": n & 255, "time": 60 * (r + 1)} + "\n")


def send(host, path):
    """Seconds that radclient took for all of PATH; every packet must have been answered."""
    began = time.monotonic()
    r = host.run(["radclient", "-q", "-s", "-D", "/usr/share/freeradius", "-d", radius.ETC, "-p", str(PARALLEL), "-r", "3", "-t", "5", "-f", path,
                  "127.0.0.1:%d" % radius.ACCT, "acct", radius.SECRET], check=False, timeout=120)
    took = time.monotonic() - began
    if r.returncode:
        raise RuntimeError("radclient: %s" % (r.stdout + r.stderr)[-2000:])
    return took


def one(server, kind, number):
    """Updates per second of a fresh server of this KIND."""
    host = server.host
    link = radius.ETC + "/mods-enabled/sabus_sql"
    if os.path.islink(link):
        os.remove(link)
    if kind == "sabus":
        os.symlink("../mods-available/sabus_sql", link)
    server.db.script("TRUNCATE radacct")
    log = "freeradius-%d" % number
    host.spawn(["freeradius", "-f", "-l", "stdout", "-d", radius.ETC], log)
    host.wait_log(log, "Ready to process requests")
    try:
        packets("/tmp/start", kind, "Start", 1)
        packets("/tmp/interim", kind, "Interim-Update", UPDATES)
        send(host, "/tmp/start")
        took = send(host, "/tmp/interim")
    finally:
        host.kill(log)
    row, = server.db.query("SELECT COUNT(*) AS n, COUNT(acctupdatetime) AS u%s FROM radacct" % (", COUNT(sabus_suite) AS s" if kind == "sabus" else ", 0 AS s"))
    if row["n"] != str(SESSIONS) or (row["s"] == str(SESSIONS)) != (kind == "sabus"):
        raise RuntimeError("the database has %s after %d sessions" % (row, SESSIONS))
    return SESSIONS * UPDATES / took


def run(ctx):
    host = Here(ctx.dir)
    radius.DATA = os.environ["RIG_PREFIX"] + radius.DATA
    try:
        server = radius.Server(ctx.dir, db="postgresql", host=host)
        server.configure({"user": {}}, values={"LISTEN": "127.0.0.1", "DATA": radius.DATA})
        server.prepare()
        rates = {"plain": [], "sabus": []}
        for i in range(ROUNDS):
            for kind in (("plain", "sabus") if i % 2 else ("sabus", "plain")):
                rates[kind].append(one(server, kind, 2 * i + (kind == "sabus")))
                ctx.say("radius_sql: %s %.0f updates/s" % (kind, rates[kind][-1]))
        plain, ours = ctx.median(rates["plain"]), ctx.median(rates["sabus"])
        yield ctx.row("accounting updates into PostgreSQL", ours, "1/s", against="FreeRADIUS' own tables, no attribute of ours", reference=plain,
                      sessions=SESSIONS, parallel=PARALLEL, ours=rates["sabus"], plain=rates["plain"])
    finally:
        host.clear()
