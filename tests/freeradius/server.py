# SPDX-License-Identifier: GPL-2.0-or-later
"""A FreeRADIUS of its own for a test: Debian's configuration, our templates on top, loopback, free ports; asked by radclient."""
import importlib.machinery
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PLUGIN = TOP / "plugins" / "freeradius"
RADDB = Path("/etc/freeradius/3.0")
SECRET = "a-secret,not-so-short"
LIMIT = 20.0


def load(path):
    """A script without .py as a module."""
    name = path.name.replace("-", "_")
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


render = load(TOP / "conf-templates" / "render")
generate = load(PLUGIN / "generate")


def missing():
    """Why these tests cannot run here, or None."""
    if not shutil.which("freeradius") or not shutil.which("radclient"):
        return "freeradius and radclient (Debian: freeradius, freeradius-utils) are not installed"
    if not os.access(RADDB / "radiusd.conf", os.R_OK):
        return "%s cannot be read: root is needed" % RADDB
    return None


def make_data(where):
    """What 'make install' puts into $(pkgdatadir)/freeradius."""
    attributes = generate.parse((PLUGIN / "attributes.tsv").read_text())
    (where / "sql").mkdir(parents=True)
    (where / "dictionary.sabus").write_text(generate.freeradius(attributes, 32473, None))
    for dialect in ("postgresql", "sqlite"):
        shutil.copytree(PLUGIN / "sql" / dialect, where / "sql" / dialect)
        template = (PLUGIN / "sql" / ("queries-%s.conf.in" % dialect)).read_text()
        (where / "sql" / ("queries-%s.conf" % dialect)).write_text(generate.MAKERS[dialect](attributes, 32473, template))
    shutil.copytree(PLUGIN / "policy.d", where / "policy.d")


def free_ports(count):
    """UDP and TCP ports that nobody has now."""
    held, ports = [], []
    while len(ports) < count:
        u, t = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
        u.bind(("127.0.0.1", 0))
        port = u.getsockname()[1]
        try:
            t.bind(("127.0.0.1", port))
            ports.append(port)
        except OSError:
            pass
        held += [u, t]
    for s in held:
        s.close()
    return ports


class Server:
    """with Server(folder, {"USERS_MORE": ...}, overlays={"freeradius-sql": {...}}) as s: s.auth({...})."""

    def __init__(self, folder, values=(), overlays=()):
        self.folder = Path(folder)
        self.raddb = self.folder / "raddb"
        self.data = self.folder / "data"
        self.log = self.folder / "radius.log"
        self.plain_secret = SECRET
        self.auth_port, self.acct_port, self.inner_port, self.tls_port = free_ports(4)
        shutil.copytree(RADDB, self.raddb, symlinks=True)
        make_data(self.data)
        self._stock()
        own = {"DATA": str(self.data), "LNS": "127.0.0.1", "SECRET": '"%s"' % SECRET, "LISTEN": "127.0.0.1",
               "AUTH_PORT": str(self.auth_port), "ACCT_PORT": str(self.acct_port)}
        self._role("freeradius", {**own, **dict(values)})
        for role, more in dict(overlays).items():
            ours = {k: v for k, v in own.items() if k in render.defaults(role)}
            if role == "freeradius-tls":
                ours["TLS_PORT"] = str(self.tls_port)
            self._role(role, {**ours, **more})
        self._own(self.folder)
        self.process = None

    def _stock(self):
        """What in Debian's own configuration names places and ports of the system."""
        conf = self.raddb / "radiusd.conf"
        text = conf.read_text()
        for name, value in (("logdir", self.folder), ("raddbdir", self.raddb), ("run_dir", self.folder)):
            text, n = re.subn(r"(?m)^(%s\s*=).*$" % name, r"\1 %s" % value, text)
            assert n == 1, name
        # a reject need not wait here
        text = re.sub(r"(?m)^(\s*reject_delay\s*=).*$", r"\1 0", text)
        conf.write_text(text)
        for site in ("sites-available/inner-tunnel",):
            path = self.raddb / site
            path.write_text(re.sub(r"port = 18120", "port = %d" % self.inner_port, path.read_text()))

    def _role(self, role, values):
        render.write(render.render(role, values), str(self.raddb))
        render.link(render.links(role), str(self.raddb))

    def _own(self, path):
        """FreeRADIUS becomes its user, who must be able to read (and to make the database)."""
        if os.geteuid() != 0:
            return
        user = pwd.getpwnam("freerad")
        for base, _, names in os.walk(path):
            for name in [base] + [os.path.join(base, n) for n in names]:
                os.chown(name, user.pw_uid, user.pw_gid, follow_symlinks=False)
        top = Path(tempfile.gettempdir()).resolve()
        for parent in path.resolve().parents:
            if top in parent.parents:
                parent.chmod(parent.stat().st_mode | 0o055)

    def check(self):
        """freeradius -XC: (is it well-formed, all it says)."""
        r = subprocess.run(["freeradius", "-XC", "-d", str(self.raddb)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        return r.returncode == 0 and "Configuration appears to be OK" in r.stdout, r.stdout

    def start(self):
        with open(self.log, "wb") as f:
            self.process = subprocess.Popen(["freeradius", "-f", "-xx", "-l", "stdout", "-d", str(self.raddb)], stdout=f, stderr=subprocess.STDOUT)
        end = time.monotonic() + LIMIT
        while b"Ready to process requests" not in self.log.read_bytes():
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()[-2000:]
            time.sleep(0.05)
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def send(self, kind, attributes, port, secret=SECRET):
        """One request ('auth', 'acct'), attributes as [(name, value)]; the Reply, or None: no answer."""
        text = "\n".join('%s = "%s"' % (n, str(v).replace("\\", "\\\\").replace('"', '\\"')) for n, v in attributes) + "\n"
        # radclient 3.2.7 sometimes (1 of 1000) ends well and has said neither what it received nor that there was no reply: then nothing is known
        for _ in range(3):
            r = subprocess.run(["radclient", "-x", "-r", "1", "-t", "4", "-d", str(self.raddb), "127.0.0.1:%d" % port, kind, secret],
                               input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT)
            m = re.search(r"(?m)^Received (\S+) Id .*\n((?:\t.*\n)*)", r.stdout)
            if m or "No reply" in r.stdout:
                break
        else:
            raise AssertionError("radclient ended with %d\n%s" % (r.returncode, r.stdout))
        if not m:
            return None
        return Reply(m[1], [line.strip().split(" = ", 1) for line in m[2].splitlines()])

    def auth(self, user, *attributes, password="pw"):
        base = [("User-Name", user), ("User-Password", password), ("NAS-IP-Address", "127.0.0.1"), ("NAS-Port", 0),
                ("NAS-Port-Type", "Virtual"), ("Message-Authenticator", "0x00")]
        return self.send("auth", base + list(attributes), self.auth_port)

    def acct(self, status, session, *attributes, user="alice", nas="127.0.0.1"):
        base = [("Acct-Status-Type", status), ("Acct-Session-Id", session), ("User-Name", user), ("NAS-IP-Address", nas),
                ("NAS-Port", 0), ("NAS-Port-Type", "Virtual"), ("Service-Type", "Framed-User"), ("Framed-Protocol", "PPP")]
        return self.send("acct", base + list(attributes), self.acct_port)


class Reply:
    def __init__(self, code, pairs):
        self.code = code
        self.pairs = [(n, v.strip('"')) for n, v in pairs]

    @property
    def accepted(self):
        return self.code == "Access-Accept"

    def get(self, name):
        return next((v for n, v in self.pairs if n == name), None)

    def __repr__(self):
        return "%s %r" % (self.code, self.pairs)
