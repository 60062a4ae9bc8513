# SPDX-License-Identifier: GPL-2.0-or-later
"""The xl2tpds that are compared, each with what it needs around it, and one life
of it under lacload.c: started, loaded, ended."""

import json
import os
import shutil
import subprocess
import time

LNS = "192.0.2.1"       # flow_of() in load.c: the gateway, and the network of the peers
PEERS = "10.0.0.0/8"
RUN = "/tmp/xl2tpd"     # sockets and logs: the results may be on a file system that has no sockets, or is slow
CONF = """\
[global]
{plugin}listen-addr = {lns}
{globals}
[lns default]
ip range = 172.16.0.2-172.31.255.254
local ip = 172.16.0.1
require authentication = no
pppoptfile = /dev/null
"""


class Kind:
    """One xl2tpd: PROGRAM; PLUGIN: with xl2tpd-sabus.so, and its lines of xl2tpd.conf."""

    def __init__(self, name, program, plugin=()):
        self.name, self.program, self.plugin = name, program, tuple(plugin)
        if not os.path.exists(program):
            raise FileNotFoundError("%s: %s is not in this build" % (name, program))


def opt(version):
    return "%s/opt/xl2tpd-%s/sbin/xl2tpd" % (os.environ.get("RIG_PREFIX", ""), version)


def kinds(plugin_lines):
    """By name, all that this build has.  Debian's package is 1.3.18."""
    found = [Kind("stock 1.3.18", "/usr/sbin/xl2tpd"), Kind("patched 1.3.18", opt("1.3.18")),
             Kind("stock 1.3.20", opt("1.3.20-stock")), Kind("patched 1.3.20", opt("1.3.20")),
             Kind("plugin 1.3.20", opt("1.3.20"), plugin_lines)]
    return {k.name: k for k in found}


def plugin_path():
    path = os.environ.get("RIG_PREFIX", "") + "/usr/lib/xl2tpd/plugins/xl2tpd-sabus.so"
    if not os.path.exists(path):
        raise FileNotFoundError("%s is not in this build" % path)
    return path


def write_conf(path, kind, lines):
    plugin = ["plugin = " + plugin_path(), "sabus socket = %s/session.sock" % RUN] + list(kind.plugin) if kind.plugin else []
    with open(path, "w") as f:
        f.write(CONF.format(plugin="".join(x + "\n" for x in plugin), lns=LNS, globals="\n".join(lines)))


def until(what, condition, process, log, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            with open(log, errors="replace") as f:
                raise RuntimeError("%s did not come: %s" % (what, f.read()[-500:]))
        time.sleep(0.01)


def bound(pid):
    """Is UDP 1701 bound in the network of PID?"""
    with open("/proc/%d/net/udp" % pid) as f:
        return any(line.split()[1].endswith(":06A5") for line in list(f)[1:])


class Life:
    """Of one xl2tpd, and of a sabusd where it has the plugin; for 'with'.  LINES: of [global]; ENTER: command prefix of its
    host, LIMIT: open files.  It ends by SIGKILL: what it would say to thousands of peers then is not measured."""

    def __init__(self, ctx, kind, lines, enter=(), limit=20000):
        self.ctx, self.kind, self.lines, self.enter, self.limit = ctx, kind, lines, list(enter), limit
        self.processes = []

    def _spawn(self, argv, name, ready):
        log = os.path.join(RUN, name + ".log")
        with open(log, "w") as f:
            p = subprocess.Popen(self.enter + argv, stdin=subprocess.DEVNULL, stdout=f, stderr=f)
        self.processes.append(p)
        until(name, lambda: ready(p), p, log)
        return p

    def __enter__(self):
        try:
            return self._begin()
        except BaseException:
            self.__exit__()
            raise

    def _begin(self):
        shutil.rmtree(RUN, ignore_errors=True)
        os.makedirs(RUN)
        conf = RUN + "/xl2tpd.conf"
        write_conf(conf, self.kind, self.lines)
        if self.kind.plugin:
            self._spawn([self.ctx.program("sabusd"), "--foreground", "--dir", RUN, "--max-clients", "1000"], "sabusd",
                        lambda p: os.path.exists(RUN + "/read.sock"))
        self._spawn(["prlimit", "--nofile=%d" % self.limit, self.kind.program, "-D", "-c", conf, "-p", RUN + "/pid", "-s", "/dev/null",
                     "-C", RUN + "/control"], "xl2tpd", lambda p: os.path.exists(RUN + "/control") and bound(p.pid))
        return self

    def __exit__(self, *_):
        for p in self.processes:
            p.kill()
            p.wait()

    def pid(self):
        return self.processes[-1].pid

    def load(self, tunnels, *options, enter=()):
        """lacload's samples, as dictionary; what it calls 'cpu' is of xl2tpd, and of sabusd if there is one."""
        pids = ",".join(str(p.pid) for p in reversed(self.processes))
        bus = ["-b", RUN] if self.kind.plugin else []
        r = subprocess.run(list(enter) + [self.ctx.tool("lacload")] + bus + list(options) + [str(tunnels), pids], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, check=False)
        if r.returncode:
            raise RuntimeError("%s, lacload: %s" % (self.kind.name, r.stderr))
        return json.loads(r.stdout)
