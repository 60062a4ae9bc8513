# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounting and decisions into a database, by the real server: SQLite, and a PostgreSQL of our own where it is installed."""
import glob
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import server  # noqa: E402

if server.missing():
    pytest.skip(server.missing(), allow_module_level=True)

migrate = server.load(server.PLUGIN / "sql" / "migrate")
SA = [("Sabus-Protected", "Confidential"), ("Sabus-Suite", "ESP AES_GCM_16-256"), ("Sabus-Encryption-Key-Bits", "256"), ("Sabus-Integrity", "AEAD"),
      ("Sabus-Mode", "Transport"), ("Sabus-NAT-T", "Yes"), ("Sabus-IPComp", "No"), ("Sabus-IKE-Version", "IKEv2"), ("Sabus-IKE-Auth", "pubkey"),
      ("Sabus-SPI-In", "3236888065"), ("Sabus-SPI-Out", "4294967295"), ("Sabus-MPPE", "Off"), ("Sabus-CCP", "none"), ("Sabus-MTU", "1400"),
      ("Sabus-Reason", "ok-protected"), ("Sabus-Strength", "Strong")]
WEAK = [("Sabus-Protected", "Confidential"), ("Sabus-Suite", "ESP 3DES_CBC/HMAC_SHA1_96"), ("Sabus-Strength", "Legacy"), ("Sabus-IKE-Auth", "psk")]
USERS = """
alice Cleartext-Password := "pw", Sabus-Need-Strength := Good
once Cleartext-Password := "pw", Simultaneous-Use := 1
often Cleartext-Password := "pw"
	Acct-Interim-Interval := 120
"""


class Sqlite:
    dialect = "sqlite"

    def __init__(self, folder):
        self.name = str(folder / "s" / "radius.db")
        self.values = {"SQLITE_FILE": self.name}

    def ask(self, query):
        db = sqlite3.connect(self.name, timeout=10)
        db.row_factory = sqlite3.Row
        try:
            return [dict(r) for r in db.execute(query).fetchall()]
        finally:
            db.close()

    def begin(self):
        pass

    def end(self):
        pass

    def old(self):
        """The clock of each session goes back by two hours."""
        db = sqlite3.connect(self.name, timeout=10)
        with db:
            db.execute("UPDATE radacct SET acctstarttime = acctstarttime - 7200, acctupdatetime = acctupdatetime - 7200")
        db.close()


BIN = (sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [""])[-1]


class Postgresql:
    """A cluster that lives as long as the test."""
    dialect = "postgresql"

    def __init__(self, folder):
        # a socket's path must be short
        self.place = tempfile.mkdtemp(prefix="sabus-pg-")
        self.user = pwd.getpwnam("postgres")
        os.chown(self.place, self.user.pw_uid, self.user.pw_gid)
        self.port = server.free_ports(1)[0]
        self.where = "host=127.0.0.1 port=%d user=postgres dbname=postgres" % self.port
        self.values = {"DIALECT": "postgresql", "DATABASE": self.where}

    def begin(self):
        self.run("initdb", "-D", "data", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.run("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", "-p %d -h 127.0.0.1 -k %s -c fsync=off" % (self.port, self.place), "start")
        self.psql(Path(server.RADDB / "mods-config/sql/main/postgresql/schema.sql").read_text())
        assert migrate.migrate_postgresql(self.where) == migrate.migrate_postgresql(self.where) == [1, 2]

    def run(self, program, *args):
        subprocess.run([os.path.join(BIN, program), *args], check=True, cwd=self.place, user=self.user.pw_uid, group=self.user.pw_gid, extra_groups=[],
                       stdout=subprocess.DEVNULL, env={"PATH": BIN + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8"})

    def end(self):
        if os.path.exists(os.path.join(self.place, "data", "postmaster.pid")):
            self.run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.place, ignore_errors=True)

    def psql(self, text):
        return subprocess.run(["psql", "-X", "-q", "--csv", "-v", "ON_ERROR_STOP=1", "-d", self.where], input=text, check=True, stdout=subprocess.PIPE, text=True).stdout

    def ask(self, query):
        import csv
        import io
        rows = csv.DictReader(io.StringIO(self.psql(query)))
        return [{k: int(v) if v.isdigit() else v or None for k, v in row.items()} for row in rows]

    def old(self):
        self.psql("UPDATE radacct SET acctstarttime = acctstarttime - interval '2 hours', acctupdatetime = acctupdatetime - interval '2 hours'")


needs_postgresql = pytest.mark.skipif(not BIN or not shutil.which("psql") or os.geteuid() != 0, reason="PostgreSQL (and root, to be its user) is not here")


@pytest.fixture(scope="module", params=[Sqlite, pytest.param(Postgresql, marks=needs_postgresql)], ids=lambda c: c.dialect)
def base(request, tmp_path_factory):
    """A server with a database: .ask(query), and the server as .radius."""
    folder = tmp_path_factory.mktemp(request.param.dialect)
    db = request.param(folder)
    try:
        db.begin()
        with server.Server(folder / "s", {"USERS_MORE": USERS}, {"freeradius-sql": db.values}) as radius:
            db.radius = radius
            yield db
    finally:
        db.end()


def session(db, name):
    rows = db.ask("SELECT * FROM radacct WHERE acctsessionid = '%s'" % name)
    assert len(rows) == 1
    return rows[0]


def test_start_interim_and_stop_fill_the_columns(base):
    """Each message says what the SA is; what a later one does not say stays; the Stop says how it ended."""
    identity = "C=CH, O=It's \"here\" (100%), OU=" + "x" * 190 + ", CN=alice"
    pieces = [("Sabus-IKE-Identity", identity[i:i + 240]) for i in range(0, len(identity), 240)]
    assert base.radius.acct("Start", "s1", *SA, *pieces, ("Calling-Station-Id", "192.0.2.9:4500")).code == "Accounting-Response"
    row = session(base, "s1")
    assert row["sabus_suite"] == "ESP AES_GCM_16-256" and row["sabus_key_bits"] == 256 and row["sabus_protected"] == "Confidential"
    assert row["sabus_spi_in"] == 3236888065 and row["sabus_spi_out"] == 4294967295 and row["sabus_mtu"] == 1400 and row["sabus_nat_t"] == "Yes"
    assert row["callingstationid"] == "192.0.2.9:4500" and row["acctstoptime"] is None
    if base.dialect == "postgresql":
        assert row["sabus_ike_identity"] == identity
    else:
        # FreeRADIUS has no better way to quote for SQLite
        assert row["sabus_ike_identity"] == identity.replace("'", "=27").replace('"', "=22").replace("%", "=25")
    assert base.radius.acct("Interim-Update", "s1", ("Acct-Session-Time", 10), ("Sabus-SPI-In", "77"), ("Sabus-MPPE", "On-128"), ("Sabus-Event", "mppe")).code
    row = session(base, "s1")
    assert row["sabus_spi_in"] == 77 and row["sabus_mppe"] == "On-128" and row["sabus_suite"] == "ESP AES_GCM_16-256"
    assert base.radius.acct("Stop", "s1", ("Acct-Session-Time", 20), ("Acct-Terminate-Cause", "Lost-Carrier"), ("Sabus-Reason", "sa-gone")).code
    row = session(base, "s1")
    assert row["sabus_reason"] == "sa-gone" and row["acctterminatecause"] == "Lost-Carrier" and row["acctstoptime"] and row["acctsessiontime"] == 20


def test_a_stop_without_a_start_is_a_row_too(base):
    """The Start was lost: the Stop has all of it."""
    assert base.radius.acct("Stop", "s2", *SA, ("Acct-Session-Time", 5), ("Acct-Terminate-Cause", "User-Request")).code
    row = session(base, "s2")
    assert row["sabus_strength"] == "Strong" and row["acctstoptime"] and row["acctsessiontime"] == 5


def test_the_same_message_twice_is_one_session(base):
    """A retransmission that comes late makes no second row."""
    for _ in range(2):
        assert base.radius.acct("Start", "s3", *SA).code
    assert session(base, "s3")["sabus_suite"] == "ESP AES_GCM_16-256"
    assert base.radius.acct("Stop", "s3", ("Acct-Session-Time", 1)).code


def test_text_of_a_client_is_data(base):
    """A quote in what a client says ends no string of the query."""
    nasty = "x', sabus_strength = 'Strong"
    assert base.radius.acct("Start", "s4", ("Sabus-Suite", nasty), ("Sabus-Strength", "Broken")).code
    row = session(base, "s4")
    assert row["sabus_strength"] == "Broken" and row["sabus_suite"] == (nasty if base.dialect == "postgresql" else nasty.replace("'", "=27"))
    assert base.radius.acct("Stop", "s4", ("Acct-Session-Time", 1)).code


def test_decisions_are_kept_without_passwords(base):
    """radpostauth: who was let in over what, who was refused by which rule, and no password."""
    assert base.radius.auth("alice", *SA).accepted
    assert not base.radius.auth("alice", *WEAK, ("Calling-Station-Id", "192.0.2.9")).accepted
    assert not base.radius.auth("alice", *SA, password="wrong").accepted
    rows = base.ask("SELECT * FROM radpostauth WHERE username = 'alice' ORDER BY id")
    assert [(r["reply"], r["sabus_verdict"], r["sabus_strength"]) for r in rows] == [
        ("Access-Accept", None, "Strong"), ("Access-Reject", "sa-weak", "Legacy"), ("Access-Reject", None, "Strong")]
    assert not any(r["pass"] for r in rows)
    assert {r["why"]: r["attempts"] for r in base.ask("SELECT * FROM sabus_refused")} == {"sa-weak": 1, "password": 1}


def test_the_questions_of_the_views(base):
    """Who is on a weak SA now; sessions by suite; SA losses per day; every example of examples.sql runs."""
    base.radius.acct("Start", "v1", *WEAK, user="weak", nas="127.0.0.1")
    base.radius.acct("Start", "v2", *SA, user="strong")
    base.radius.acct("Start", "v3", user="bare")
    assert {r["username"] for r in base.ask("SELECT * FROM sabus_weak_now")} == {"weak", "bare"}
    assert {r["username"] for r in base.ask("SELECT * FROM sabus_now")} == {"weak", "strong", "bare"}
    by = {r["suite"]: r for r in base.ask("SELECT * FROM sabus_by_suite")}
    assert by["ESP 3DES_CBC/HMAC_SHA1_96"]["now"] == 1 and by["ESP AES_GCM_16-256"]["now"] == 1 and by["none"]["now"] == 1
    for name, reason in (("v1", "sa-gone"), ("v2", "sa-weakened"), ("v3", "ok-protected")):
        base.radius.acct("Stop", name, ("Acct-Session-Time", 1), ("Sabus-Reason", reason), user={"v1": "weak", "v2": "strong", "v3": "bare"}[name])
    losses = base.ask("SELECT * FROM sabus_sa_losses")
    assert {(r["reason"], r["sessions"]) for r in losses} == {("sa-gone", 2), ("sa-weakened", 1)} and all(str(r["day"]).startswith("20") for r in losses)
    assert base.ask("SELECT * FROM sabus_weak_now") == []
    examples = [q for q in (server.PLUGIN / "sql" / "examples.sql").read_text().split(";") if "SELECT" in q]
    assert len(examples) == 6
    for query in examples:
        base.ask(query)


def test_simultaneous_use_over_two_lns(base):
    """One session each, counted over all LNS hosts; not those that nobody has heard of for long."""
    assert base.radius.auth("once", *SA).accepted
    base.radius.acct("Start", "m1", *SA, user="once", nas="192.0.2.21")
    r = base.radius.auth("once", *SA)
    assert not r.accepted and "already logged in" in r.get("Reply-Message"), r
    # CHAP repeated on the link that is up: the same session
    assert base.radius.auth("once", ("Acct-Session-Id", "m1"), *SA).accepted
    base.radius.acct("Stop", "m1", ("Acct-Session-Time", 1), user="once", nas="192.0.2.21")
    assert base.radius.auth("once", *SA).accepted
    base.radius.acct("Start", "m2", *SA, user="once", nas="192.0.2.22")
    assert not base.radius.auth("once", *SA).accepted
    base.old()
    assert base.radius.auth("once", *SA).accepted


def test_an_interim_interval_keeps_a_session_counted(base):
    """Each Accept has an Acct-Interim-Interval, well below the time after which a silent session does not count; a user's own one stays."""
    insert(base, "DELETE FROM radacct WHERE username = 'once'")
    interval = base.radius.auth("once", *SA).get("Acct-Interim-Interval")
    stale = int(server.render.defaults("freeradius-sql")["STALE"])
    assert interval and 60 <= int(interval) and 2 * int(interval) < stale
    assert base.radius.auth("often", *SA).get("Acct-Interim-Interval") == "120"


def test_users_and_groups_of_the_database_have_needs(base):
    """A row of radgroupcheck asks of a whole group what it asks in the users file of one."""
    for table, values in (("radcheck", "('carol', 'Cleartext-Password', ':=', 'pw')"), ("radgroupcheck", "('staff', 'Sabus-Need-Strength', ':=', 'Good')"),
                          ("radgroupreply", "('staff', 'Sabus-MTU-Cap', '=', '1300')")):
        insert(base, "INSERT INTO %s (%s, attribute, op, value) VALUES %s" % (table, "username" if table == "radcheck" else "groupname", values))
    assert base.radius.auth("carol", *WEAK).accepted
    insert(base, "INSERT INTO radusergroup (username, groupname, priority) VALUES ('carol', 'staff', 1)")
    r = base.radius.auth("carol", *WEAK)
    assert not r.accepted and "sa-weak" in r.get("Reply-Message"), r
    r = base.radius.auth("carol", *SA)
    assert r.accepted and r.get("Sabus-MTU-Cap") == "1300", r


def insert(base, statement):
    if base.dialect == "postgresql":
        base.psql(statement)
        return
    db = sqlite3.connect(base.name, timeout=10)
    with db:
        db.execute(statement)
    db.close()


def stock_sqlite(path):
    db = sqlite3.connect(path)
    db.executescript((server.RADDB / "mods-config/sql/main/sqlite/schema.sql").read_text())
    db.execute("INSERT INTO radacct (acctsessionid, acctuniqueid) VALUES ('old', 'old')")
    db.commit()
    db.close()


def test_migration_of_a_database_in_use(tmp_path):
    """Columns come, rows stay, twice is once; a step that fails leaves nothing behind."""
    path = str(tmp_path / "radius.db")
    stock_sqlite(path)
    assert migrate.migrate_sqlite(path) == [1, 2]
    assert migrate.migrate_sqlite(path) == []
    db = sqlite3.connect(path)
    assert db.execute("SELECT acctsessionid, sabus_suite FROM radacct").fetchall() == [("old", None)]
    assert db.execute("SELECT version FROM sabus_schema ORDER BY version").fetchall() == [(1,), (2,)]
    db.close()


def test_migration_fails_whole(tmp_path):
    """A column of that name that somebody else has made: nothing is changed, and it says where."""
    path = str(tmp_path / "radius.db")
    stock_sqlite(path)
    db = sqlite3.connect(path)
    db.execute("ALTER TABLE radpostauth ADD COLUMN sabus_strength int")
    db.commit()
    with pytest.raises(RuntimeError, match="001-columns.sql: duplicate column name: sabus_strength"):
        migrate.migrate_sqlite(path)
    assert "sabus_suite" not in [r[1] for r in db.execute("PRAGMA table_info(radacct)")]
    db.close()


@pytest.mark.parametrize("word, code", [("sqlite:/nowhere/radius.db", 1), ("sqlite:", 2), ("mysql:x", 2), ("", 2)])
def test_migration_says_what_it_wants(word, code):
    r = subprocess.run([sys.executable, "-B", str(server.PLUGIN / "sql" / "migrate"), word], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert r.returncode == code and r.stdout == "" and r.stderr.startswith("migrate")


def test_no_answer_while_the_database_is_gone(tmp_path):
    """The record could not be kept: no Accounting-Response, so the client keeps it and sends it again; and nobody is let in unseen."""
    with server.Server(tmp_path / "s", {}, {"freeradius-sql": {"DIALECT": "postgresql", "DATABASE": "host=127.0.0.1 port=1 dbname=none"}}) as radius:
        assert radius.acct("Start", "d1", *SA) is None
        assert not radius.send("auth", [("User-Name", "user"), ("User-Password", "change-this-password"), ("NAS-IP-Address", "127.0.0.1")] + SA, radius.auth_port).accepted
