# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounting in a real database: FreeRADIUS' rlm_sql with SQLite and PostgreSQL, our columns beside its own, the example
questions, the migration of a database that was there before, and two LNS that share one."""

import re

import pytest

from lib import xfrm
from lib.radius import DATA, ETC
from lib.wait import wait_for

BOTH = pytest.mark.parametrize("db", ("sqlite", "postgresql"))
SCHEMA = ETC + "/mods-config/sql/main/%s/schema.sql"


def rows(t, what="SELECT * FROM radacct ORDER BY radacctid", count=1):
    def there():
        found = t.radius.db.query(what)
        return found if len(found) >= count else None
    return wait_for("%d rows of %s" % (count, what), there, every=0.2)


@BOTH
def test_radius_sql(radius, db):
    """Start, rekey and SA loss in the database: one row per session with what protects it, and the decision in radpostauth."""
    t = radius(db=db).up()
    t.radius.wait_accounting("Start")
    row, = rows(t)
    inbound, outbound = xfrm.own_pair(t.lns.host)
    wanted = {"username": "user", "callingstationid": "10.9.0.2", "calledstationid": "10.9.0.1", "acctstoptime": None, "framedipaddress": "192.168.50.10",
              "sabus_protected": "Confidential", "sabus_suite": "ESP AES_GCM_16-256", "sabus_key_bits": "256", "sabus_integrity": "AEAD",
              "sabus_mode": "Transport", "sabus_nat_t": "No", "sabus_ipcomp": "No", "sabus_ike_version": "IKEv2", "sabus_ike_identity": "10.9.0.2",
              "sabus_ike_auth": "psk", "sabus_spi_in": str(inbound), "sabus_spi_out": str(outbound), "sabus_mppe": "Off", "sabus_ccp": "none",
              "sabus_mtu": str(t.mtu("lns")), "sabus_reason": "ok-protected", "sabus_strength": "Strong"}
    assert {k: row[k] for k in wanted} == wanted
    t.ping()
    t.client.charon.rekey()
    t.radius.wait_accounting("Interim-Update")
    wait_for("the new SPI in the row", lambda: rows(t)[0]["sabus_spi_in"] != str(inbound), every=0.2)
    t.client.charon.terminate()
    t.radius.wait_accounting("Stop")
    row, = wait_for("the Stop in the row", lambda: [r for r in rows(t) if r["acctstoptime"]], every=0.2)
    assert row["acctterminatecause"] == "Lost-Carrier" and row["sabus_reason"] == "sa-gone" and int(row["acctinputoctets"]) >= 3 * 84
    decision, = t.radius.db.query("SELECT * FROM radpostauth")
    assert decision["reply"] == "Access-Accept" and decision["sabus_suite"] == "ESP AES_GCM_16-256" and not decision["pass"]
    loss, = t.radius.db.query("SELECT reason, sessions FROM sabus_sa_losses")
    assert loss == {"reason": "sa-gone", "sessions": "1"}


def examples(host):
    """[(question, query)] of sql/examples.sql."""
    return re.findall(r"^-- (.+)\n((?:(?!--).+\n)+)", host.read(DATA + "/sql/examples.sql"), re.M)


@BOTH
def test_radius_sql_examples(radius, db):
    """The example questions on a weak session, a refused one and what they leave: each answers, with the right rows."""
    t = radius(db=db, esp="aes256-sha1", needs=("Sabus-Need-Strength := Legacy",), users={"boss": {"needs": ("Sabus-Need-Strength := Strong",)}}).up()
    t.radius.wait_accounting("Start")
    rows(t)
    now = {q: t.radius.db.query(sql) for q, sql in examples(t.radius.host) if q}
    weak = next(v for q, v in now.items() if "weak SA now" in q)
    assert [(r["username"], r["sabus_suite"], r["sabus_strength"]) for r in weak] == [("user", "ESP AES_CBC-256/HMAC_SHA1_96", "Legacy")]
    suites = next(v for q, v in now.items() if "by suite" in q)
    assert [(r["suite"], r["sessions"], r["now"]) for r in suites] == [("ESP AES_CBC-256/HMAC_SHA1_96", "1", "1")]
    assert not next(v for q, v in now.items() if "SA losses" in q)
    t.client.charon.terminate()
    t.radius.wait_accounting("Stop")
    wait_for("the loss", lambda: t.radius.db.query("SELECT * FROM sabus_sa_losses"), every=0.2)
    later = {q: t.radius.db.query(sql) for q, sql in examples(t.radius.host) if q}
    assert not next(v for q, v in later.items() if "weak SA now" in q)
    assert [r["sessions"] for r in next(v for q, v in later.items() if "SA losses" in q)] == ["1"]
    assert len(later) >= 3


OLD = """INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, acctstoptime, calledstationid, callingstationid, acctterminatecause)
VALUES ('old-1', 'old-1', 'veteran', '10.7.0.2', '2024-01-01 00:00:00', '2024-01-01 01:00:00', '', '', 'User-Request');"""


@BOTH
def test_radius_sql_migration(radius, db):
    """Debian's own schema with rows in it becomes ours: nothing is lost, a second run does nothing, and new sessions fill the new columns."""
    t = radius(db=db)
    if db == "postgresql":
        t.radius.db.start()
    else:
        t.radius.host.run("touch %s; chown freerad: %s" % (t.radius.db.file, t.radius.db.file))
    t.radius.db.script(t.radius.host.read(SCHEMA % db))
    t.radius.db.script(OLD)
    assert "step 1" in t.radius.migrate()
    again = t.radius.migrate()
    assert db == "postgresql" or "nothing to do" in again
    t.up()
    t.radius.wait_accounting("Start")
    old, new = rows(t, count=2)
    assert old["username"] == "veteran" and old["acctterminatecause"] == "User-Request" and old["sabus_suite"] is None
    assert new["username"] == "user" and new["sabus_suite"] == "ESP AES_GCM_16-256"
    assert len(t.radius.db.query("SELECT * FROM sabus_schema")) >= 1


@pytest.mark.seconds(120)
def test_radius_sql_cluster(cluster):
    """Two LNS, two RADIUS servers, one PostgreSQL: a second login of the user is refused at the other LNS; the moment his SA is gone he is let in there."""
    c = cluster(needs=("Simultaneous-Use := 1",)).start()
    one, two = c.tunnels
    one.dial()
    one.wait_up()
    session, = c.wait_sessions(1)
    assert session["nasidentifier"] == "lns1" if "nasidentifier" in session else True
    assert c.servers[0].messages("Access-Accept", "Sent") and not c.servers[1].messages("Access-Request")
    two.dial()
    wait_for("the second login is refused by the other server", lambda: c.servers[1].messages("Access-Reject", "Sent"))
    two.wait_down()
    assert not c.servers[1].messages("Access-Accept", "Sent") and one.is_up()
    one.client.charon.terminate()
    c.wait_sessions(0)
    two.redial()
    two.wait_up()
    two.ping()
    session, = c.wait_sessions(1)
    lost, = c.wait_sessions(1, "acctstoptime IS NOT NULL")
    assert lost["sabus_reason"] == "sa-gone" and session["nasipaddress"] != lost["nasipaddress"]


def test_radius_sql_cluster_failover(cluster):
    """One of the two servers dies: its LNS goes on with the other, on the same database."""
    c = cluster(needs=("Simultaneous-Use := 1",)).start()
    two = c.tunnels[1]
    c.servers[1].stop()
    two.dial()
    two.wait_up(40)
    session, = c.wait_sessions(1)
    assert session["username"] == "user" and c.servers[0].messages("Access-Accept", "Sent")
