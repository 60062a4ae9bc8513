# SPDX-License-Identifier: GPL-2.0-or-later
"""Databases as witnesses: a PostgreSQL server on a host, made from the cluster that Debian's package has set up in the
root, and SQLite files.  Both answer query() with a list of dictionaries, all values text or None."""

import csv
import glob
import io
import json

from lib.wait import wait_for

# Copied, as every test has a database of its own; nothing here needs to outlive a crash.
PREPARE = r"""
set -eu
main=$(echo /var/lib/postgresql/*/main)
mkdir -p /run/postgresql /run/pg
mount -t tmpfs tmp /run/pg
cp -a "$main" /run/pg/data
echo 'local all all trust
host all all 10.7.0.0/16 trust' >/run/pg/hba
touch /run/pg/ident /run/pg/conf
chown -R postgres: /run/pg /run/postgresql
"""
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40", "autovacuum=off",
            "hba_file=/run/pg/hba", "ident_file=/run/pg/ident", "config_file=/run/pg/conf", "data_directory=/run/pg/data",
            "listen_addresses=*", "unix_socket_directories=/run/postgresql", "logging_collector=off", "timezone=UTC")
POSTGRES = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"]
NULL = "\\N"


def _bin(name):
    return sorted(glob.glob("/usr/lib/postgresql/*/bin/" + name))[-1]


class Postgresql:
    """SETTINGS, more of postgresql.conf: 'fsync=on'."""

    def __init__(self, host, name="postgres"):
        self.host, self.name = host, name

    def start(self, *settings):
        self.host.run(PREPARE)
        words = [x for s in SETTINGS + settings for x in ("-c", s)]
        self.host.spawn(POSTGRES + [_bin("postgres")] + words, "postgresql")
        wait_for("%s: PostgreSQL answers" % self.host.name, lambda: self.host.run(
            POSTGRES + ["psql", "-Atqc", "SELECT 1", self.name], check=False).stdout.strip() == "1", 30, every=0.2)
        return self

    def stop(self, sig=2):
        self.host.kill("postgresql", sig)

    def psql(self, *words, stdin=None):
        return self.host.run(POSTGRES + ["psql", "-X", "-v", "ON_ERROR_STOP=1"] + list(words) + [self.name], stdin=stdin, timeout=60)

    def script(self, text):
        """Any number of statements."""
        return self.psql("-q", stdin=text).stdout

    def query(self, text):
        out = self.psql("-q", "--csv", "-P", "null=" + NULL, stdin=text.rstrip("; \n") + ";\n").stdout
        return [{k: None if v == NULL else v for k, v in row.items()} for row in csv.DictReader(io.StringIO(out))]


class Sqlite:
    """A file of HOST.  By the host's own sqlite3: the library follows /proc/PID/root to where we are."""

    def __init__(self, host, path="/run/freeradius/radius.db"):
        self.host, self.file = host, path

    def _run(self, text, *words):
        return self.host.run(["sqlite3", "-bail", "-cmd", ".timeout 5000"] + list(words) + [self.file], stdin=text).stdout

    def script(self, text):
        self._run(text)

    def query(self, text):
        out = self._run(text.rstrip("; \n") + ";\n", "-json")
        return [{k: None if v is None else str(v) for k, v in row.items()} for row in json.loads(out or "[]")]
