# SPDX-License-Identifier: GPL-2.0-or-later
"""Real charons in network namespaces of their own, with plugins built for the test; nothing is installed and nothing outside is touched.

A host has its own network and mounts: /run and charon's plugin folder are private copies."""
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

import pytest

TOP = pathlib.Path(os.environ.get("top_srcdir", pathlib.Path(__file__).parents[2])).resolve()
CC = shlex.split(os.environ.get("CC", "gcc"))
HEADERS = os.environ.get("STRONGSWAN_HEADERS", "")
CHARON = next((c for c in ("/usr/sbin/charon-systemd", "/usr/lib/ipsec/charon", "/usr/libexec/ipsec/charon") if os.access(c, os.X_OK)), None)
PLUGINDIRS = ("/usr/lib/ipsec/plugins", "/usr/libexec/ipsec/plugins", "/usr/lib/strongswan/plugins")
# In a chroot "/" is no mount point, and neither unshare nor mount can make it private.
UNSHARE = ["unshare", "-n", "-m", "--propagation", "unchanged", "sh", "-c"]
PRIVATE = "mount --make-rprivate / 2>/dev/null"
WARNINGS = ["-Wall", "-Wextra", "-Wshadow", "-Wstrict-prototypes", "-Werror"]
COMMON = ("addr", "alg", "ikefail", "logfacts", "logline", "match", "reason", "tokens")
PLUGIN_SOURCES = [p for d, g in (("strongswan", "*.c"), ("bus", "codec*.c"), ("bus", "client*.c"), ("log", "*.c"), *(("common", n + ".c") for n in COMMON))
                  for p in sorted((TOP / "plugins" / d).glob(g))]
PLUGINS = ("random nonce openssl aes sha1 sha2 md5 hmac kdf gcm ctr curve25519 x509 pubkey pem pkcs1 pkcs8 fakekernel kernel-netlink "
           "socket-default vici eap-identity eap-md5 sabus")


def why_not():
    """Why no charon can be started here, None when one can."""
    if not CHARON:
        return "charon is not installed"
    if not HEADERS:
        return "configured without --with-strongswan-headers"
    if os.geteuid() != 0:
        return "needs root for namespaces"
    for tool in ("unshare", "nsenter", "ip", "mount", "swanctl"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    with tempfile.TemporaryDirectory() as probe:
        done = subprocess.run([*UNSHARE, f"{PRIVATE}; mount -t tmpfs probe {probe}"], capture_output=True, text=True, check=False)
        if os.path.ismount(probe):  # a chroot on shared mounts cannot keep its mounts to itself
            subprocess.run(["umount", probe], check=True)
            return "mounts of a new namespace show outside; run in a private mount namespace"
    return f"no namespaces: {done.stderr.strip()}" if done.returncode else None


def compile_plugin(name, output, config=None, headers=HEADERS, sources=None):
    """One .so from the sources, no library of the build tree in it (a sanitized one could not be loaded).  config: another sabus-config.h."""
    config = config or f"{headers}/sabus-config.h"
    argv = [*CC, "-std=gnu11", "-O2", "-g", "-fPIC", "-shared", "-fvisibility=hidden", *WARNINGS, "-D_GNU_SOURCE", '-DPACKAGE_VERSION="test"',
            *(f"-I{TOP}/plugins/{d}" for d in ("common", "bus", "log", "strongswan")), "-include", str(config),
            "-isystem", f"{headers}/src/libstrongswan", "-isystem", f"{headers}/src/libcharon",
            *map(str, sources or PLUGIN_SOURCES), "-o", str(output / f"libstrongswan-{name}.so"), "-lmnl"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def wait_for(what, condition, timeout=20):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail(f"waited {timeout} s for {what}")


class Host:
    """A namespace pair, held by a sleeping process."""

    def __init__(self, tmp, name, plugins):
        self.tmp, self.name = tmp, name
        self.plugindir = next(d for d in PLUGINDIRS if os.path.isdir(d))
        own = tmp / f"{name}-plugins"
        shutil.copytree(self.plugindir, own)
        for so in plugins:
            shutil.copy(so, own)
        setup = (f"{PRIVATE}; mount -t tmpfs run /run && mount --bind {own} {self.plugindir} && "
                 "mount -t tmpfs swanctl /etc/swanctl && ip link set lo up && echo ready && exec sleep 1000000")
        self.holder = subprocess.Popen([*UNSHARE, setup], stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout.readline() == "ready\n"

    def argv(self, *argv):
        return ["nsenter", "-t", str(self.holder.pid), "-n", "-m", "-r", *argv]

    def run(self, *argv, check=True, timeout=60):
        done = subprocess.run(self.argv(*argv), capture_output=True, text=True, timeout=timeout, check=False)
        assert not check or done.returncode == 0, f"{self.name}: {argv}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


class Charon:
    """One charon on a host; its log is charon.log."""

    def __init__(self, host, sabus="", extra="", sock=None):
        self.host = host
        self.log_path = host.tmp / f"{host.name}.log"
        self.kernel_path = host.tmp / f"{host.name}.kernel"
        self.kernel_path.touch()
        conf = host.tmp / f"{host.name}.conf"
        conf.write_text(f"""
charon {{
    load_modular = no
    load = {PLUGINS}
    {extra}
    retransmit_timeout = 1
    filelog {{
        l {{
            path = {self.log_path}
            flush_line = yes
            default = 1
        }}
    }}
    plugins {{
        sabus {{
            {f"socket = {sock}" if sock else ""}
            {sabus}
        }}
        fakekernel {{
            log = {self.kernel_path}
        }}
    }}
}}
charon-systemd {{
    journal {{
        default = -1
    }}
}}
swanctl {{
    load = random openssl pem pkcs1 x509
}}
""")
        self.env = dict(os.environ, STRONGSWAN_CONF=str(conf))
        with open(host.tmp / f"{host.name}.out", "wb") as out:
            self.process = subprocess.Popen(host.argv(CHARON), stdout=out, stderr=out, env=self.env)
        wait_for("charon's vici socket", lambda: self.process.poll() is not None or self.swanctl("--stats", check=False).startswith("uptime"), 30)
        assert self.process.poll() is None, self.log()

    def swanctl(self, *argv, check=True):
        return self.host.run("env", f"STRONGSWAN_CONF={self.env['STRONGSWAN_CONF']}", "swanctl", *argv, check=check)

    def load(self, text):
        path = self.host.tmp / f"{self.host.name}-swanctl.conf"
        path.write_text(text)
        out = self.swanctl("--load-all", "--file", str(path), "--noprompt")
        assert "successfully loaded 1 connections" in out, out

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    def lines(self, part="sabus: "):
        return [line[line.index("sabus: "):] for line in self.log().splitlines() if "sabus: " in line and part in line]

    def kernel(self, spi):
        """What was last asked of the fake kernel for this inbound SPI: {"inbound": 1, ...}."""
        found = [line for line in self.kernel_path.read_text().splitlines() if line.startswith(f"add {spi:08x} inbound=1 ")]
        return {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", found[-1])}

    def stop(self):
        """Ends it as an administrator would; it must end well."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
