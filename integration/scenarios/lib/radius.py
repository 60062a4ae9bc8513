# SPDX-License-Identifier: GPL-2.0-or-later
"""FreeRADIUS behind the LNS: host 'radius' (10.7.0.1), cabled to the LNS (10.7.0.2), configured by conf-templates/freeradius,
with its own debug log, its database and a capture of the cable as witnesses."""

import os
import socket
import time

from lib import radlog, radpkt, sanitize
from lib.database import Postgresql, Sqlite
from lib.host import Host, cable
from lib.tunnel import Tunnel, render
from lib.wait import PATIENCE, wait_for
from lib.wire import ETHERNET, Wire, frames

SECRET = "a-secret-of-the-rig"
ADDRESS, LNS = "10.7.0.1", "10.7.0.2"
ETC, DATA = "/etc/freeradius/3.0", "/usr/share/sabus/freeradius"
SCENARIOS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
AUTH, ACCT, TLS, DYNAUTH = 1812, 1813, 2083, 3799
SERVER_NAME = "radius.example.org"
# A CA, and a certificate for the server and for the LNS, in directory $1.
CERTIFICATES = """
set -eu; mkdir -p "$1"; cd "$1"
new="openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
$new -keyout ca.key -out ca.pem -subj "/CN=test CA" 2>/dev/null
for who in server:%s lns:lns.example.org; do
	$new -keyout "${who%%%%:*}.key" -out "${who%%%%:*}.pem" -subj "/CN=${who#*:}" -CA ca.pem -CAkey ca.key \\
		-addext "subjectAltName=DNS:${who#*:}" -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth,clientAuth 2>/dev/null
done
""" % SERVER_NAME
FRAMED = ("Service-Type = Framed-User", "Framed-Protocol = PPP")
# What lib/mangle.py passes on comes from here.
LOCALHOST = """client localhost {
	ipaddr = 127.0.0.1
	secret = %s
	require_message_authenticator = no
}
"""


class Server:
    """One FreeRADIUS.  DB: "none", "sqlite", "postgresql" (started here), or a Postgresql of another server."""

    def __init__(self, logdir, name="radius", db="none", host=None):
        """HOST: where it runs; none: a host of its own."""
        self.host = host or Host(name, logdir)
        self.host.address = ADDRESS
        self.logdir = logdir
        self.own_db = db == "postgresql"
        self.db = Postgresql(self.host) if self.own_db else Sqlite(self.host) if db == "sqlite" else None if db == "none" else db
        self.db_address = None      # where another server's PostgreSQL is
        self.wire, self.strange, self.tls = None, {}, False

    def join(self, lns, net=0, dev="e1"):
        """A cable to the host LNS: 10.7.NET.0/24, we are .1."""
        own = "e%d" % net
        cable(self.host, own, "10.7.%d.1/24" % net, lns, dev, "10.7.%d.2/24" % net)
        if not self.wire:
            self.wire = Wire(self.host, self.logdir, own)

    def certificates(self, lns):
        """Our own, the LNS's on LNS; .strange: the files of another CA."""
        for where in ("/run/certs", "/run/strange"):
            self.host.run(["sh", "-c", CERTIFICATES, "certificates", where])
        names = ("ca.pem", "server.pem", "server.key", "lns.pem", "lns.key")
        own = {n: self.host.read("/run/certs/" + n) for n in names}
        self.strange = {n: self.host.read("/run/strange/" + n) for n in names}
        for n in names[:3]:
            self.host.write(ETC + "/certs/sabus-" + n, own[n])
        for n in ("ca.pem", "lns.pem", "lns.key"):
            lns.write("/etc/radcli/sabus-" + n, own[n], 0o600)
        # A host's /etc/hosts is everybody's: a private one.
        lns.run("cp /etc/hosts /run/hosts; echo '%s %s' >>/run/hosts; mount --bind /run/hosts /etc/hosts" % (ADDRESS, SERVER_NAME))

    def configure(self, users, plugin="sabus", rules="sabus", values=None):
        """conf-templates/freeradius over Debian's own configuration; VALUES: more of its names, and of freeradius-sql's and -tls'."""
        self.host.run("set -e; cp -a /etc/freeradius /run/seed; mount -t tmpfs tmp /etc/freeradius; cp -a /run/seed/. /etc/freeradius; "
                      "mkdir -p /run/freeradius /var/log/freeradius; mount -t tmpfs tmp /var/log/freeradius; mkdir /var/log/freeradius/radacct; chown -R freerad:freerad /etc/freeradius /run/freeradius /var/log/freeradius")
        self.tls = plugin == "tls"
        v = dict({"LNS": "10.7.0.0/16", "SECRET": SECRET, "USERS_MORE": users_text(users), "RULES": rules, "USER_NEEDS": "",
                  "REQUIRE_MESSAGE_AUTHENTICATOR": "no" if plugin == "stock" else "yes", "USER": "nobody-else", "USER_SECRET": SECRET,
                  "CLIENTS_MORE": LOCALHOST % SECRET}, **(values or {}))
        roles = ["freeradius"] + ["freeradius-sql"] * bool(self.db) + ["freeradius-tls"] * self.tls + ["freeradius-coa"] * ("DYNAUTH" in v)
        if self.db:
            postgresql = isinstance(self.db, Postgresql)
            v.setdefault("DIALECT", "postgresql" if postgresql else "sqlite")
            v.setdefault("DATABASE", "dbname=postgres host=%s user=postgres" % (self.db_address or "/run/postgresql") if postgresql else "unused")
            v.setdefault("SQLITE_FILE", "/run/freeradius/radius.db")
        for role in roles:
            known = render.defaults(role)
            render.write(render.render(role, {k: x for k, x in v.items() if k in known}), self.host.path(ETC), backup=False)
            render.link(render.links(role), self.host.path(ETC))

    # -- the daemon --------------------------------------------------------------

    def prepare(self):
        """Our own PostgreSQL, with FreeRADIUS' schema and our columns."""
        self.db.start()
        self.db.script(self.host.read(ETC + "/mods-config/sql/main/postgresql/schema.sql"))
        self.migrate()

    def migrate(self):
        """plugins/freeradius/sql/migrate on our database; what it says."""
        where = "postgresql:dbname=postgres host=/run/postgresql user=postgres" if self.own_db else "sqlite:" + self.db.file
        return self.host.run(["python3", DATA + "/sql/migrate", where]).stdout

    def start(self, debug=True):
        """DEBUG false: as in earnest, without the log that is a witness (and takes more time than all the rest)."""
        if self.own_db and "postgresql" not in self.host.daemons:
            self.prepare()
        before = len(self.log())
        # TLS needs threads, which -X has not
        how = ["-f", "-l", "stdout"] if not debug else ["-fxx", "-l", "stdout"] if self.tls else ["-X"]
        daemon = self.host.spawn(["freeradius"] + how + ["-d", ETC], "freeradius")
        wait_for("FreeRADIUS is ready", lambda: not daemon.running() or "Ready to process requests" in self.log()[before:], 20)
        assert daemon.running(), "FreeRADIUS did not start\n" + self.log()[-3000:]
        return self

    def stop(self, sig=15):
        self.host.kill("freeradius", sig)

    def mangle(self, *mode):
        """What happens to the server's replies from now on: a mode of lib/mangle.py."""
        self.host.write("/run/mangle", " ".join(map(str, mode)))
        if "mangle" in self.host.daemons:
            return
        self.host.spawn(["python3", os.path.join(SCENARIOS, "lib/mangle.py"), "/run/mangle", SECRET], "mangle",
                        {"PYTHONDONTWRITEBYTECODE": "1"})
        self.host.wait_log("mangle", "mangle ready")
        for port in (AUTH, ACCT):
            self.host.run("iptables-legacy -w -t nat -A PREROUTING -i e0 -p udp --dport %d -j REDIRECT --to-ports %d" % (port, port + 1000))

    # -- witnesses -----------------------------------------------------------------

    def log(self):
        return self.host.log("freeradius")

    def messages(self, kind=None, direction="Received"):
        """What the server received or sent, decoded by itself."""
        return [m for m in radlog.messages(self.log()) if kind in (None, m.kind) and direction in (None, m.direction)]

    def accounting(self, status=None):
        """Accounting-Requests; STATUS: 'Start', 'Interim-Update', 'Stop'."""
        return [m for m in self.messages("Accounting-Request") if status in (None, m.get("Acct-Status-Type"))]

    def wait_accounting(self, status, count=1, timeout=PATIENCE):
        """The COUNT-th message of this kind."""
        return wait_for("%d accounting %s at %s" % (count, status, self.host.name),
                        lambda: (self.accounting(status) + [None] * count)[:count][-1], timeout, every=0.1)

    def _carried(self, proto, ports):
        """(time, IP packet, what it carries) of packets of this protocol from or to one of PORTS, on the cable."""
        time.sleep(0.05)    # the last ones are on their way to the file
        with open(self.wire.path, "rb") as f:
            data = f.read()
        for when, frame in frames(data):
            ip = frame[ETHERNET:]
            if frame[12:14] != b"\x08\x00" or len(ip) < 28 or ip[9] != proto:
                continue
            ip = ip[:int.from_bytes(ip[2:4], "big")]
            body = ip[(ip[0] & 15) * 4:]
            if {int.from_bytes(body[i:i + 2], "big") for i in (0, 2)} & ports:
                yield when, ip, body

    def packets(self, *codes):
        """RADIUS packets on the cable, in order."""
        found = []
        for when, ip, payload in self._carried(17, {AUTH, ACCT, DYNAUTH}):
            p = radpkt.parse(payload[8:], when, socket.inet_ntoa(ip[12:16]), socket.inet_ntoa(ip[16:20]))
            if p and (not codes or p.code in codes):
                found.append(p)
        return found

    def streams(self, port):
        """Payloads of the TCP segments from and to PORT."""
        return [tcp[(tcp[12] >> 4) * 4:] for _, _, tcp in self._carried(6, {port})]

    # -- the other way ---------------------------------------------------------------

    def dynauth(self, code, attributes, secret=SECRET, target=LNS, timeout=5, sign=True):
        """A Disconnect-Request or CoA-Request to the LNS: radpkt's answer, None when none came.  ATTRIBUTES: bytes."""
        request = radpkt.sign(secret.encode(), code, radpkt.fresh_id(), attributes, None, sign)
        return self.exchange(request, target, timeout)

    def exchange(self, request, target=LNS, timeout=5):
        from lib import inject
        s = inject.socket_in(self.host, socket.AF_INET, socket.SOCK_DGRAM)
        try:
            s.settimeout(timeout)
            s.sendto(request, (target, DYNAUTH))
            return radpkt.parse(s.recv(4096), time.time())
        except socket.timeout:
            return None
        finally:
            s.close()

    def faults(self):
        return self.host.faults()

    def destroy(self):
        self.host.destroy()
        if self.wire:
            self.wire.stop()


def users_text(users):
    """Lines of the users file: {name: {"needs": (...), "reply": (...)}}."""
    blocks = []
    for name, told in users.items():
        head = ", ".join(['"%s" Cleartext-Password := "hello"' % name] + list(told.get("needs", ())))
        blocks.append(head + "\n" + ",\n".join("\t" + x for x in FRAMED + tuple(told.get("reply", ()))) + "\n")
    return "\n".join(blocks)


def on_lns(end, plugin, servers, values, name, fresh=True):
    """The LNS's side, on top of conf-templates/lns: PLUGIN "sabus", "tls" or "stock"; SERVERS: addresses, in order."""
    role = {"sabus": "lns-radius", "tls": "lns-radius-tls", "stock": "lns-radius-stock"}[plugin]
    v = {"NAS_IDENTIFIER": name}
    if plugin != "tls":
        v["SERVERS"] = "\n".join("%s %s" % (a, SECRET) for a in servers)
    if plugin == "sabus":
        v.update(AUTH_SERVERS=",".join("%s:%d" % (a, AUTH) for a in servers), ACCT_SERVERS=",".join("%s:%d" % (a, ACCT) for a in servers))
    elif plugin == "stock":
        v.update(AUTH_SERVER="%s:%d" % (servers[0], AUTH), ACCT_SERVER="%s:%d" % (servers[0], ACCT), BIND="bindaddr 10.7.0.2")
    v.update(values)
    if fresh:
        end.host.run("mkdir -p /etc/radcli /etc/radiusclient; mount -t tmpfs tmp /etc/radcli; mount -t tmpfs tmp /etc/radiusclient")
    render.write(render.render(role, v), end.host.path("/etc"), backup=False)
    # Nobody is let in by the LNS's own list.
    end.host.write("/etc/ppp/chap-secrets", "", 0o600)


class RadiusTunnel(Tunnel):
    """A tunnel whose LNS asks RADIUS: see README.md."""

    def __init__(self, logdir, plugin="sabus", needs=(), reply=(), users=None, rules="sabus", db="none", server=None, lns=None, dynauth=False,
                 coa=False, **options):
        ppp = options.pop("ppp", ())
        ppp = dict(ppp) if isinstance(ppp, dict) else {"lns": ppp, "client": ppp}
        ppp["lns"] = ("file /etc/ppp/options.radius",) + tuple(ppp.get("lns") or ())
        super().__init__(logdir, ppp=ppp, **options)
        self.radius = Server(logdir, db=db)
        self.radius.join(self.lns.host)
        v = dict(server or {})
        if coa:
            v.update(DYNAUTH=LNS, DYNAUTH_SECRET=SECRET, CLIENT_MORE="coa_server = sabus_dynauth", ACCOUNTING_MORE="files.authorize\n\t\tsabus_disconnect")
        self.radius.configure(dict({"user": {"needs": needs, "reply": reply}}, **(users or {})), plugin, rules, v)
        on_lns(self.lns, plugin, [ADDRESS], lns or {}, "lns")
        if plugin == "tls":
            self.radius.certificates(self.lns.host)
        self.dynauth = dynauth or coa
        if self.dynauth:
            render.write(render.render("lns-dynauth", {"CLIENT": ADDRESS, "SECRET": SECRET}), self.lns.host.path("/etc"), backup=False)

    def also(self, plugin, **values):
        """The configuration of another PLUGIN on the LNS as well; which one a pppd loads is in its options."""
        options = self.lns.host.read("/etc/ppp/options.radius")
        on_lns(self.lns, plugin, [ADDRESS], values, "lns", fresh=False)
        self.lns.host.write("/etc/ppp/options.radius", options)

    def start(self, *args, **kw):
        if "freeradius" not in self.radius.host.daemons:
            self.radius.start()
        super().start(*args, **kw)
        if self.dynauth:
            self.lns.host.spawn(["sabus-dynauth", "--user", "root"], "dynauth", sanitize.environment())
            wait_for("sabus-dynauth's port", lambda: self.lns.host.udp_bound(DYNAUTH) or self.lns.host.run(
                "ss -Hlnu sport = :%d" % DYNAUTH).stdout.strip())
        return self

    def attempt(self):
        """Up to the point where RADIUS has its say."""
        self.start()
        self.ike()
        self.dial()
        return self

    def faults(self):
        return super().faults() + self.radius.faults()

    def destroy(self):
        super().destroy()
        self.radius.destroy()
