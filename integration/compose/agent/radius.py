# SPDX-License-Identifier: GPL-2.0-or-later
"""FreeRADIUS with conf-templates/freeradius and freeradius-sql, its sessions in the PostgreSQL of 'db'."""

import json
import os

from agent import settings, system
from agent.system import Daemon, read, run, wait_for

ETC, DATA = "/etc/freeradius/3.0", "/usr/share/sabus/freeradius"
COLUMNS = ("username, acctstarttime IS NOT NULL AS started, acctstoptime IS NOT NULL AS stopped, acctterminatecause AS cause, framedipaddress AS address, "
           "callingstationid AS peer, sabus_protected AS protected, sabus_suite AS suite, sabus_ike_identity AS identity, sabus_mtu AS mtu, sabus_reason AS reason")


class Radius:
    def __init__(self, signed="signed"):
        """SIGNED "unsigned": requests without Message-Authenticator are taken, as pppd's own radius.so sends them."""
        self.control = settings.address("CONTROL", settings.RADIUS)
        self.where = "host=%s dbname=radius user=radius" % settings.address("INSIDE", settings.DB)
        os.environ["PGPASSWORD"] = settings.value("RADIUS_SECRET")
        system.configure("freeradius", ETC, {
            "LNS": settings.subnet("INSIDE"), "SECRET": settings.value("RADIUS_SECRET"), "USER": settings.value("PPP_USER"),
            "USER_SECRET": settings.value("PPP_SECRET"), "USER_NEEDS": "", "REQUIRE_MESSAGE_AUTHENTICATOR": "no" if signed == "unsigned" else "yes"})
        system.configure("freeradius-sql", ETC, {"DIALECT": "postgresql", "DATABASE": "%s password=%s" % (self.where, os.environ["PGPASSWORD"])})
        wait_for("the database of 'db'", lambda: run("psql", "-Atc", "SELECT 1", self.where, check=False).stdout.strip() == "1", 120, 0.5)
        self._schema()
        self.server = Daemon("freeradius", "freeradius", "-f", "-l", "stdout", "-d", ETC, ready=lambda: "Ready to process requests" in read(self.server.log))
        self.start()

    def _psql(self, *words, stdin=None):
        return run("psql", "-qAtX", "-v", "ON_ERROR_STOP=1", *words, self.where, stdin=stdin).stdout

    def _schema(self):
        """FreeRADIUS' own and ours; a database that has them keeps them."""
        if not self._psql("-c", "SELECT to_regclass('radacct')").strip():
            self._psql("-f", ETC + "/mods-config/sql/main/postgresql/schema.sql")
        run("python3", DATA + "/sql/migrate", "postgresql:" + self.where)

    # -- verbs ------------------------------------------------------------------

    def start(self):
        run("chown", "-R", "freerad:freerad", ETC)
        run("install", "-d", "-o", "freerad", "-g", "freerad", "/run/freeradius", "/var/log/freeradius/radacct")
        self.server.start()

    def stop(self):
        self.server.kill(15)
        os.unlink(self.server.log)

    def sessions(self):
        """Rows of radacct, oldest first."""
        return json.loads(self._psql("-c", "SELECT coalesce(json_agg(r), '[]') FROM (SELECT %s FROM radacct ORDER BY radacctid) r" % COLUMNS))

    def wait_session(self, stopped, count, seconds):
        """Until COUNT sessions are on (or have stopped): whether they are."""
        try:
            wait_for("sessions", lambda: sum(bool(s["stopped"]) == stopped for s in self.sessions()) >= count, seconds, 0.3)
            return True
        except TimeoutError:
            return False

    def logs(self):
        return {"freeradius": read(self.server.log).splitlines()[-15:]}
