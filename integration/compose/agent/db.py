# SPDX-License-Identifier: GPL-2.0-or-later
"""PostgreSQL for FreeRADIUS: Debian's own cluster, open to the network 'inside', with nothing in it that must outlive the rig."""

import glob
import subprocess

from agent import settings
from agent.system import run, wait_for

POSTGRES = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"]


def cluster():
    """(version directory of the programs, data directory, configuration directory)"""
    conf = sorted(glob.glob("/etc/postgresql/*/main"))[-1]
    version = conf.split("/")[3]
    return "/usr/lib/postgresql/%s/bin/" % version, "/var/lib/postgresql/%s/main" % version, conf


def psql(text, name="postgres"):
    return run(*POSTGRES, "psql", "-qAtX", "-v", "ON_ERROR_STOP=1", name, stdin=text, check=False)


def start():
    programs, data, conf = cluster()
    with open(conf + "/pg_hba.conf", "a") as f:
        f.write("host radius radius %s scram-sha-256\n" % settings.subnet("INSIDE"))
    run("install", "-d", "-o", "postgres", "-g", "postgres", "/run/postgresql")
    return subprocess.Popen(POSTGRES + [programs + "postgres", "-D", data, "-c", "config_file=" + conf + "/postgresql.conf", "-c", "listen_addresses=*",
                                        "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=40"])


def make():
    """The role and the database; their password is RADIUS' secret: the rig has enough of them."""
    password = settings.value("RADIUS_SECRET").replace("'", "''")
    done = psql("CREATE ROLE radius LOGIN PASSWORD '%s';\nCREATE DATABASE radius OWNER radius;\n" % password)
    if done.returncode:
        raise SystemExit("agent: the database cannot be made: " + done.stdout)


def serve():
    server = start()
    wait_for("PostgreSQL", lambda: server.poll() is not None or psql("SELECT 1").stdout.strip() == "1", 60)
    if psql("SELECT 1 FROM pg_roles WHERE rolname = 'radius'").stdout.strip() != "1":
        make()
    settings.ready()
    return server.wait()
