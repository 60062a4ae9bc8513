# SPDX-License-Identifier: GPL-2.0-or-later
"""What the patches for xl2tpd promise, seen from outside.

XL2TPD_PATCHED names the daemon.  The tests need root and Linux name spaces, no
L2TP in the kernel: they run in a network of their own (loopback only) and, as
xl2tpd starts /usr/sbin/pppd, with a program of ours in its place, in mounts of their own.
"""
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from patched_peer import CDN, HELLO, ICCN, ICRP, ICRQ, SCCCN, SCCRP, SCCRQ, STOPCCN, Peer, avp, u16, u32  # noqa: E402

HERE = Path(__file__).resolve().parent
HEADER = HERE.parent.parent / "plugins" / "xl2tpd"
DAEMON = os.environ.get("XL2TPD_PATCHED")
PPPD = Path("/usr/sbin/pppd")
BY_US, BY_PEER, BY_TIMEOUT, BY_PPPD, BY_PLUGIN = range(5)
LIMIT = 20.0  # what is longer than this is broken, not slow

if not DAEMON:
    pytest.skip("XL2TPD_PATCHED names no daemon", allow_module_level=True)
if os.geteuid() != 0:
    pytest.skip("root is needed for a network of our own", allow_module_level=True)

FAKE_PPPD = r"""
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static void term(int sig) { _exit(sig == SIGTERM ? 3 : 4); }
int main(int argc, char **argv)
{
    char path[4096], line[8192];
    int i, n;
    FILE *f;
    signal(SIGTERM, term);
    snprintf(path, sizeof(path), "%s/pppd", getenv("PROBE_DIR"));
    n = snprintf(line, sizeof(line), "%d", getpid());
    for (i = 1; i < argc; i++)
        n += snprintf(line + n, sizeof(line) - n, " %s", argv[i]);
    f = fopen(path, "a");
    fprintf(f, "%s\n", line);
    fclose(f);
    for (;;)
        pause();
}
"""


@pytest.fixture(scope="session", autouse=True)
def own_network(tmp_path_factory):
    """Loopback of our own, and a program of ours as pppd, for this process and its children."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x40000000 | 0x00020000):
        pytest.skip("name spaces: " + os.strerror(ctypes.get_errno()))
    subprocess.run(["mount", "--make-rprivate", "/"], check=False)
    fake = tmp_path_factory.mktemp("pppd") / "pppd"
    subprocess.run(["cc", "-x", "c", "-o", str(fake), "-"], input=FAKE_PPPD.encode(), check=True)
    if PPPD.exists():
        subprocess.run(["mount", "--bind", str(fake), str(PPPD)], check=True)
    else:
        pytest.skip("there is no /usr/sbin/pppd to put another over")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def build(directory, name, *flags):
    to = directory / f"xl2tpd-{name}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", f"-I{HEADER}", f'-DPROBE_NAME="{name}"', *flags, "-o", str(to),
                    str(HERE / "patched_probe.c")], check=True)
    return to


@pytest.fixture(scope="session")
def plugins(tmp_path_factory):
    directory = tmp_path_factory.mktemp("plugins")
    return {"probe": build(directory, "probe"), "second": build(directory, "second"),
            "major": build(directory, "major", "-DPROBE_VERSION=0x20003"), "minor": build(directory, "minor", "-DPROBE_VERSION=0x10063")}


class Daemon:
    """xl2tpd with the probe; events are what its hooks wrote."""

    def __init__(self, directory, plugin, extra="", sections=None, listen="127.0.0.1", probe="", port=1701, second=None, fork=False, env=None):
        self.dir, self.seen = directory, 0
        directory.mkdir(exist_ok=True)
        self.log, self.ctl = directory / "hooks", directory / "ctl"
        lines = ["[global]", f"port = {port}", "force userspace = yes"]
        lines += [f"listen-addr = {listen}"] if listen else []
        lines += [extra] if extra else []
        for name, path in (("probe", plugin), ("second", second)):
            if path:
                lines += [f"plugin = {path}", f"{name} log = {self.log}"]
        lines += [f"probe socket = {self.ctl}", probe] if plugin else []
        lines += [sections or "[lns default]\nip range = 10.1.0.10-10.1.0.250\nlocal ip = 10.1.0.1\n"]
        (directory / "conf").write_text("\n".join(lines) + "\n")
        (directory / "secrets").write_text("* * filesecret\n")
        os.chmod(directory / "secrets", 0o600)
        self.stderr = open(directory / "stderr", "w")
        self.fifo = directory / "fifo"
        argv = [DAEMON, "-c", str(directory / "conf"), "-s", str(directory / "secrets"), "-p", str(directory / "pid"), "-C", str(self.fifo)]
        self.proc = subprocess.Popen(argv + ([] if fork else ["-D"]), stderr=self.stderr, stdin=subprocess.DEVNULL,
                                     env={**os.environ, "PROBE_DIR": str(directory), **(env or {})})

    def said(self):
        return (self.dir / "stderr").read_text()

    def up(self):
        self.until(lambda: "Listening on" in self.said() and self.fifo.exists())
        return self

    def until(self, condition):
        end = time.monotonic() + LIMIT
        while True:
            value = condition()
            if value:
                return value
            assert self.proc.poll() is None or time.monotonic() < end - LIMIT + 1, "xl2tpd ended: " + self.said()
            assert time.monotonic() < end, "waited in vain; hooks: " + "\n".join(map(str, self.events())) + "\n" + self.said()
            time.sleep(0.01)

    def events(self, hook=None, **match):
        if not self.log.exists():
            return []
        found = [json.loads(e) for e in self.log.read_text(errors="replace").splitlines(keepends=True) if e.endswith("\n")]
        return [e for e in found if (hook is None or e["hook"] == hook) and all(e.get(k) == v for k, v in match.items())]

    def event(self, hook, **match):
        return self.until(lambda: self.events(hook, **match))[0]

    def tell(self, text):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(text.encode(), str(self.ctl))

    def ask(self, cmd, *args):
        """A command that calls the host; returns the result."""
        self.seen += 1
        args = list(args) + [0] * (2 - len(args))
        self.tell(" ".join(map(str, [cmd, *args, self.seen])))
        return self.event("result", arg=self.seen)["result"]

    def set(self, key, value):
        self.tell(f"set {key} {value}")
        self.ask("cancel", 0)

    def control(self, text):
        with open(self.fifo, "w") as f:
            f.write(text)

    def pppds(self):
        path = self.dir / "pppd"
        return [e.split() for e in path.read_text().splitlines()] if path.exists() else []

    def memory(self):
        return int((Path("/proc") / str(self.proc.pid) / "statm").read_text().split()[1])

    def stop(self):
        """Ends it; a daemon built with sanitizers tells what it found by then."""
        if self.proc.poll() is None:
            self.proc.send_signal(signal.SIGTERM)
            try:
                self.proc.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()
                raise
        self.stderr.close()
        for pid in self.pppds():
            try:
                os.kill(int(pid[0]), signal.SIGKILL)
            except ProcessLookupError:
                pass
        said = self.said()
        assert "ERROR: " not in said and "runtime error" not in said, said
        return self.proc.returncode


@pytest.fixture
def daemon(tmp_path, plugins):
    made = []

    def make(name="lns", plugin="probe", second=None, up=True, **kw):
        d = Daemon(tmp_path / name, plugins[plugin] if plugin else None, second=plugins[second] if second else None, **kw)
        made.append(d)
        return d.up() if up else d

    yield make
    for d in reversed(made):
        d.stop()


@pytest.fixture
def peer():
    made = []

    def make(local="127.0.0.2", remote=("127.0.0.1", 1701), **kw):
        p = Peer(local, remote, **kw)
        made.append(p)
        return p

    yield make
    for p in made:
        p.close()


LAC = "[lac x]\nlns = {0}\nredial = no\nautodial = yes\n"


# --- Life cycle -----------------------------------------------------------------------------------------------------------------------

def test_order_of_hooks(daemon, peer):
    """open, option, start, socket before bind; then tunnel and call; close at the end, all in the serving process."""
    d, p = daemon(), peer()
    p.connect(host=b"client")
    cid = p.call(extra=avp(22, b"555"))
    up = d.event("call_up")
    assert up["pppd"] > 0 and up["calling"] == "555" and up["pcid"] == 77
    p.cdn(77, cid, 3, b"bye")
    d.event("call_down")
    p.stopccn(6, message=b"done")
    down = d.event("tunnel_down")
    d.stop()
    names = [e["hook"] for e in d.events() if e["hook"] not in ("avp_in", "avp_out", "options", "gone")]
    assert names == ["option", "option", "start", "socket", "tunnel_request", "tunnel_up", "call_request", "call_start", "call_up", "call_down",
                     "tunnel_down", "close"]
    assert [e["started"] for e in d.events("option")] == [0, 0]
    assert d.events("socket")[0]["bound"] == 0
    assert d.events("start")[0]["pid"] == d.events("close")[0]["pid"] == d.proc.pid
    assert d.events("start")[0]["port"] == 1701
    call = d.events("call_down")[0]
    assert (call["result"], call["by"], call["msg"], call["calling"]) == (3, BY_PEER, "bye", "555")
    assert (down["result"], down["by"], down["msg"], down["host"], down["section"]) == (6, BY_PEER, "done", "client", "default")
    assert d.events("gone")[0]["result"] == -2  # ENOENT: it is not there any more


def test_request_tells_all(daemon, peer):
    d, p = daemon(), peer(tid=4711)
    p.sccrq(host=b"h", extra=avp(8, b"vend") + avp(5, bytes(range(8)), mandatory=False))
    p.expect(SCCRP)
    e = d.event("tunnel_request")
    assert (e["lac"], e["ptid"], e["host"], e["vendor"], e["tie"]) == (0, 4711, "h", "vend", 0x0001020304050607)
    assert (e["local"], e["peer"]) == ("127.0.0.1:1701", f"127.0.0.2:{p.port}")


def test_without_plugin_nothing_changes(daemon, peer):
    d, p = daemon(plugin=None), peer()
    p.connect()
    cid = p.call()
    d.until(d.pppds)
    assert d.pppds()[0][1:4] == ["/dev/pts/" + d.pppds()[0][1].split("/")[-1], "passive", "nodetach"]
    p.cdn(77, cid)
    p.stopccn()
    p.expect(0)
    d.until(lambda: "Connection closed" in d.said())


def test_daemon_forks_and_reports(daemon, tmp_path):
    """Without -D the parent returns when the plugin has started, and 1 when it could not."""
    d = daemon(up=False, fork=True)
    assert d.proc.wait(LIMIT) == 0
    pid = int((d.dir / "pid").read_text())
    assert d.events("start")[0]["pid"] == pid != d.proc.pid and d.events("socket")
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + LIMIT
    while not d.events("close") and time.monotonic() < end:
        time.sleep(0.01)
    assert d.events("close")[0]["pid"] == pid
    assert daemon("bad", up=False, fork=True, env={"PROBE_START_FAILS": "1"}).proc.wait(LIMIT) == 1


@pytest.mark.parametrize("env,probe,word", [({"PROBE_OPEN_FAILS": "1"}, "", "probe: open fails"), ({"PROBE_START_FAILS": "1"}, "", "probe: start fails"),
                                            ({}, "probe bad = x", "probe: bad value 'x'"), ({}, "nobody key = x", "Unknown field 'nobody key'"),
                                            ({}, "plugin = nosuch", "xl2tpd-nosuch.so")])
def test_failing_start(daemon, env, probe, word):
    d = daemon(up=False, env=env, probe=probe)
    assert d.proc.wait(LIMIT) == 1
    assert word in d.said()
    assert not d.events("socket") and not (d.dir / "pid").exists()


def test_versions(daemon, plugins):
    """Another major version names both versions and the file; a higher minor one loads."""
    d = daemon(up=False, plugin="major")
    assert d.proc.wait(LIMIT) == 1
    assert f"{plugins['major']}: made for plugin interface 2.3, but xl2tpd-1.3." in d.said() and "offers 1." in d.said()
    d = daemon("minor", up=False, plugin=None, extra=f"plugin = {plugins['minor']}")
    d.up()
    assert "plugin minor (interface 1.99, ours 1." in d.said()


def test_options_of_sections(daemon):
    d = daemon(sections="[lns a]\nprobe two words = v w\n[lac b]\nprobe x = 1\n[lns default]\nprobe y = 2\n")
    got = [(e["context"], e["section"], e["key"], e["value"]) for e in d.events("option")][2:]
    assert got == [(1, "a", "two words", "v w"), (2, "b", "x", "1"), (1, "default", "y", "2")]


def test_refused_socket(daemon):
    """A listening socket that a plugin does not want: xl2tpd ends, nothing was received."""
    d = daemon(up=False, probe="probe socket answer = refuse")
    assert d.proc.wait(LIMIT) == 1
    assert "plugin probe refuses a socket" in d.said() and not (d.dir / "pid").exists()
    assert [e["hook"] for e in d.events()][-3:] == ["start", "socket", "close"]


# --- tunnel_request -------------------------------------------------------------------------------------------------------------------

def test_refuse(daemon, peer):
    d, p = daemon(probe="probe request = refuse"), peer()
    p.sccrq()
    m = p.expect(STOPCCN)
    assert m.cause == (2, 6, "probe: refused") and m.tid == 1000
    assert m.ns == 0 and m.nr == 1
    p.peer_tid = m.number(9)
    p.zlb()
    down = d.event("tunnel_down")
    assert (down["result"], down["error"], down["by"], down["msg"]) == (2, 6, BY_PLUGIN, "probe: refused")
    assert len(d.events("tunnel_request")) == 1 and not d.events("tunnel_up")


def test_defer_and_accept(daemon, peer):
    """The peer gets a ZLB, also when it repeats itself; the decision goes on where it stopped, once."""
    d, p = daemon(probe="probe request = defer"), peer()
    p.sccrq()
    assert p.receive().type == 0
    p.sccrq(ns=0)
    assert p.receive().type == 0
    tid = d.event("tunnel_request")["tid"]
    assert d.ask("accept", tid) == 0
    reply = p.expect(SCCRP)
    assert reply.number(9) == tid and reply.ns == 0 and reply.nr == 1
    assert d.ask("accept", tid) == -2
    p.peer_tid = tid
    p.send(SCCCN)
    d.event("tunnel_up", tid=tid)
    assert len(d.events("tunnel_request")) == 1 and not d.events("tunnel_down")


def test_defer_and_refuse(daemon, peer):
    d, p = daemon(probe="probe request = defer"), peer()
    p.sccrq()
    assert p.receive().type == 0
    tid = d.event("tunnel_request")["tid"]
    assert d.ask("refuse", tid) == 0
    assert p.expect(STOPCCN).cause == (2, 6, "probe: told to")
    assert d.ask("accept", tid) == -2
    p.peer_tid = tid
    p.zlb()
    assert d.event("tunnel_down", tid=tid)["by"] == BY_PLUGIN


def test_deferred_tunnel_is_stopped_by_its_peer(daemon, peer):
    """The peer cannot know our id yet: it ends the tunnel by its own."""
    d, p = daemon(probe="probe request = defer"), peer()
    p.sccrq()
    assert p.receive().type == 0
    tid = d.event("tunnel_request")["tid"]
    p.stopccn(message=b"changed my mind", tid=0)
    down = d.event("tunnel_down", tid=tid)
    assert (down["by"], down["msg"]) == (BY_PEER, "changed my mind")
    assert d.ask("accept", tid) == -2
    assert p.receive().type == 0


def test_stop_of_another_peer_is_not_heard(daemon, peer):
    d, p = daemon(probe="probe request = defer"), peer()
    p.sccrq()
    assert p.receive().type == 0
    tid = d.event("tunnel_request")["tid"]
    q = peer("127.0.0.3", tid=p.tid)
    q.ns = 1
    q.stopccn(tid=0)
    assert q.receive(1) is None
    assert d.ask("tunnel", tid) == 0 and not d.events("tunnel_down")


def test_two_plugins(daemon, peer):
    """Each is asked; the second one's deferral is waited for; both hear of the end."""
    d, p = daemon(second="second", probe="second request = defer"), peer()
    p.sccrq()
    assert p.receive().type == 0
    e = d.events("tunnel_request")
    assert [x["plugin"] for x in e] == ["probe", "second"]
    assert d.ask("accept", e[0]["tid"]) == 0
    p.expect(SCCRP)
    p.peer_tid = e[0]["tid"]
    p.stopccn()
    d.until(lambda: len(d.events("tunnel_down")) == 2)
    d.stop()
    assert [x["plugin"] for x in d.events("close")] == ["second", "probe"]


def test_refusal_by_the_first_is_final(daemon, peer):
    d, p = daemon(second="second", probe="probe request = refuse"), peer()
    p.sccrq()
    p.peer_tid = p.expect(STOPCCN).number(9)
    p.zlb()
    d.event("tunnel_down")
    assert {x["plugin"] for x in d.events("tunnel_request") + d.events("tunnel_down")} == {"probe"}


# --- LAC ------------------------------------------------------------------------------------------------------------------------------

def lac(daemon, probe="", **kw):
    return daemon("lac", listen="127.0.0.5", sections=LAC.format("127.0.0.6"), probe=probe, up=kw.pop("up", True), **kw)


def as_lns(peer):
    return peer("127.0.0.6", ("127.0.0.5", 1701), port=1701, tid=500)


def test_lac_sends_nothing_before_the_decision(daemon, peer):
    p = as_lns(peer)
    d = lac(daemon, "probe request = defer")
    e = d.event("tunnel_request")
    assert (e["lac"], e["section"], e["peer"], e["local"], e["ptid"]) == (1, "x", "127.0.0.6:1701", "127.0.0.5:1701", 0)
    assert p.receive(1.5) is None
    assert d.ask("accept", e["tid"]) == 0
    assert p.expect(SCCRQ).number(9) == e["tid"]


@pytest.mark.parametrize("how", ["refuse", "deferred", "disconnect", "close", "end"])
def test_lac_that_may_not_sends_nothing(daemon, peer, how):
    p = as_lns(peer)
    d = lac(daemon, "probe request = " + ("refuse" if how == "refuse" else "defer"))
    tid = d.event("tunnel_request")["tid"]
    if how == "deferred":
        assert d.ask("refuse", tid) == 0
    elif how == "disconnect":
        d.control("d x")
    elif how == "close":
        assert d.ask("close", tid, 0) == 0
    elif how == "end":
        d.proc.send_signal(signal.SIGTERM)
    down = d.event("tunnel_down", tid=tid)
    assert down["by"] == (BY_US if how in ("disconnect", "end") else BY_PLUGIN)
    d.stop()
    assert p.receive(0.2) is None


def lac_up(d, p, calls=True):
    """The other end of a LAC's tunnel; returns (our call id for it, its call id)."""
    m = p.expect(SCCRQ)
    p.peer_tid = m.number(9)
    p.send(SCCRP, u16(2, 0x0100) + u32(3, 3) + avp(7, b"lns") + u16(9, p.tid))
    p.expect(SCCCN)
    m = p.expect(ICRQ)
    cid = m.number(14)
    p.send(ICRP, u16(14, 600), cid=cid)
    p.expect(ICCN)
    return 600, cid


def test_lac_and_more_calls(daemon, peer):
    """host->call: one more ICRQ, with its cookie; it has no section, so pppd gets no options of one."""
    p = as_lns(peer)
    d = lac(daemon)
    lac_up(d, p)
    tid = d.event("tunnel_up")["tid"]
    d.event("call_up")
    assert d.ask("call", tid, 99) == 0
    m = p.expect(ICRQ)
    p.send(ICRP, u16(14, 601), cid=m.number(14))
    p.expect(ICCN)
    e = d.event("call_up", cookie=99)
    assert e["pcid"] == 601 and e["pppd"] > 0
    assert d.ask("call", (tid + 1) & 0xFFFF, 99) == -2
    assert d.ask("tunnel", tid) == 0 and d.event("tunnel")["calls"] == 2
    assert d.ask("close-call", tid, e["cid"]) == 0
    m = p.expect(CDN)
    assert m.cause == (2, 6, "probe: told to") and m.cid == 601
    p.zlb()
    assert d.event("call_down", cid=e["cid"])["by"] == BY_PLUGIN
    assert not d.events("tunnel_down")


# --- Closing --------------------------------------------------------------------------------------------------------------------------

def test_close_with_stopccn(daemon, peer):
    d, p = daemon(), peer()
    p.connect()
    p.call()
    pid = d.event("call_up")["pppd"]
    assert d.ask("close", p.peer_tid, 0) == 0
    m = p.expect(STOPCCN)
    assert m.cause == (2, 6, "probe: told to")
    call = d.event("call_down")
    assert (call["by"], call["msg"]) == (BY_PLUGIN, "probe: told to")
    assert not d.events("tunnel_down")  # until it is acknowledged
    p.zlb()
    assert d.event("tunnel_down")["by"] == BY_PLUGIN
    d.until(lambda: not os.path.exists(f"/proc/{pid}"))


def test_close_abruptly(daemon, peer):
    """No StopCCN, gone at once, pppd too, and the id is free."""
    d, p = daemon(), peer()
    p.connect()
    p.call()
    pid = d.event("call_up")["pppd"]
    assert d.ask("close", p.peer_tid, 1) == 0
    assert d.event("tunnel_down")["by"] == BY_PLUGIN
    assert len(d.events("call_down")) == 1
    assert d.ask("close", p.peer_tid, 1) == -2
    d.until(lambda: not os.path.exists(f"/proc/{pid}"))
    while (m := p.receive(1.5)) is not None:
        assert m.type != STOPCCN


def test_abrupt_end_of_a_closing_tunnel(daemon, peer):
    d, p = daemon(), peer()
    p.connect()
    assert d.ask("close", p.peer_tid, 0) == 0
    p.expect(STOPCCN)
    assert d.ask("close", p.peer_tid, 1) == 0
    assert d.event("tunnel_down")


def test_close_from_within_hooks(daemon, peer):
    """call_down asks for the end of the tunnel: done after the hook has returned."""
    d, p = daemon(), peer()
    d.set("down", "tunnel")
    p.connect()
    cid = p.call()
    d.event("call_up")
    p.cdn(77, cid)
    assert d.event("down")["result"] == 0
    assert d.event("tunnel_down")
    names = [e["hook"] for e in d.events()]
    assert names.index("call_down") < names.index("down") < names.index("tunnel_down")


def test_close_from_a_timer(daemon, peer):
    d, p = daemon(), peer()
    p.connect()
    p.call()
    d.event("call_up")
    assert d.ask("closer", 20, p.peer_tid) > 0
    assert d.event("tunnel_down")["msg"] == "from a timer"


def test_timeout(daemon, peer):
    """A peer that does not answer any more: by timeout."""
    d, p = daemon(extra="max retries = 1"), peer()
    p.sccrq()
    p.expect(SCCRP)
    down = d.event("tunnel_down")
    assert (down["by"], down["msg"]) == (BY_TIMEOUT, "Timeout")


def test_end_stops_tunnels_first(daemon, peer):
    d, p = daemon(), peer()
    p.connect()
    p.call()
    d.event("call_up")
    d.stop()
    p.expect(STOPCCN)
    names = [e["hook"] for e in d.events()]
    assert names.index("call_down") < names.index("tunnel_down") < names.index("close") and names[-1] == "close"


def test_cdn_on_session_0(daemon, peer):
    """It ends the call that it names, and not the tunnel."""
    d, p = daemon(), peer()
    p.connect()
    p.call()
    d.event("call_up")
    p.send(CDN, avp(1, b"\0\2\0\6bye") + u16(14, 77), cid=0)
    e = d.event("call_down")
    assert (e["result"], e["error"], e["by"], e["msg"]) == (2, 6, BY_PEER, "bye")
    assert d.ask("tunnel", p.peer_tid) == 0


def test_cdn_acknowledged_on_session_0(daemon, peer):
    """The call and its address are free when the CDN is acknowledged, whatever the session id."""
    d, p = daemon(sections="[lns default]\nip range = 10.1.0.10-10.1.0.10\nlocal ip = 10.1.0.1\n"), peer()
    p.connect()
    cid = p.call()
    d.event("call_up")
    assert d.ask("close-call", p.peer_tid, cid) == 0
    p.expect(CDN)
    p.zlb()
    d.event("call_down")
    p.call(cid=78)
    d.until(lambda: len(d.events("call_up")) == 2)


# --- Calls ----------------------------------------------------------------------------------------------------------------------------

def test_call_refused(daemon, peer):
    d, p = daemon(), peer()
    p.connect()
    d.set("call", "refuse")
    p.send(ICRQ, u16(14, 77) + u32(15, 1))
    m = p.expect(CDN)
    assert m.cause == (2, 6, "probe: refused") and m.cid == 77
    p.zlb()
    assert d.event("call_down")["by"] == BY_PLUGIN
    assert not d.events("call_start") and not d.pppds()


def test_call_start_refused(daemon, peer):
    d, p = daemon(), peer()
    p.connect()
    d.set("start", "refuse")
    p.call()
    assert p.expect(CDN).cause == (2, 6, "probe: refused")
    p.zlb()
    d.event("call_down")
    assert not d.events("call_up") and not d.pppds()


def test_take_needs_a_session(daemon, peer):
    """In userspace mode there is no session socket: taking is refused, no pppd is started."""
    d, p = daemon(), peer()
    p.connect()
    d.set("start", "take")
    p.call()
    assert "session socket" in p.expect(CDN).cause[2]
    assert not d.pppds()


def test_options_for_pppd(daemon, peer):
    """They are on the command line; too long ones and too many are refused."""
    d, p = daemon(), peer()
    d.set("start", "many")
    p.connect()
    p.call()
    d.event("call_up")
    e = d.event("options")
    assert e["result"] == -7 and 20 < e["many"] < 200
    line = d.until(d.pppds)[0]
    assert line.count("noop") == e["many"]
    assert "probe-was-here" not in line  # no room was left, and the plugin was told


def test_pppd_exit(daemon, peer):
    """The peer gets a CDN at once, the plugin the status."""
    d, p = daemon(), peer()
    p.connect()
    p.call()
    pid = d.event("call_up")["pppd"]
    d.until(d.pppds)
    os.kill(pid, signal.SIGTERM)
    p.expect(CDN)
    p.zlb()
    e = d.event("call_down")
    assert e["by"] == BY_PPPD and os.WEXITSTATUS(e["status"]) == 3


def test_example(daemon, peer, tmp_path):
    """The example plugin that comes with the patches, if the source is there (XL2TPD_PATCHED_SOURCE, or beside the daemon)."""
    source = Path(os.environ.get("XL2TPD_PATCHED_SOURCE", Path(DAEMON).parent))
    if not (source / "contrib" / "xl2tpd-log.c").exists():
        pytest.skip("no source of the patched xl2tpd")
    so = tmp_path / "xl2tpd-log.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", str(so), str(source / "contrib" / "xl2tpd-log.c")], check=True)
    assert (source / "xl2tpd-plugin.h").read_bytes() == (HEADER / "xl2tpd-plugin.h").read_bytes()
    d = daemon(plugin=None, extra=f"plugin = {so}\nlog refuse host = stranger")
    p, q = peer(), peer(tid=2000)
    p.connect(host=b"friend")
    p.call()
    d.until(d.pppds)
    assert d.pppds()[0][-2:] == ["ipparam", f"127.0.0.2:{p.port}"]
    q.sccrq(host=b"stranger")
    assert q.expect(STOPCCN).cause == (2, 6, "stranger may not connect")
    for hook in ("start", "socket", "tunnel_request", "tunnel_up", "call_request", "call_start", "call_up", "avp_out"):
        assert f": {hook}" in d.said()


# --- AVPs, secret ---------------------------------------------------------------------------------------------------------------------

def test_avps(daemon, peer):
    """Unknown ones go to the plugin: understood, a mandatory one does not end the tunnel."""
    d, p = daemon(), peer()
    d.set("avps", "yes")
    p.sccrq(extra=avp(3, b"hello", vendor=4242))
    m = p.expect(SCCRP)
    e = d.event("avp_in")
    assert (e["msgtype"], e["vendor"], e["attr"], e["data"], e["call"]) == (SCCRQ, 4242, 3, "hello", 0)
    assert m.get(7, vendor=9999) == b"probe"
    assert d.event("avp_out", msgtype=SCCRP)["big"] == -7


def test_unknown_mandatory_avp(daemon, peer):
    """Of another vendor: its number is not ours."""
    d, p = daemon(), peer()
    p.sccrq(extra=avp(9, b"\xff\xff", vendor=4242))
    assert p.expect(STOPCCN).cause[:2] == (2, 8)
    assert not d.events("tunnel_request")
    q = peer("127.0.0.3", tid=2000)
    q.sccrq(extra=avp(9, b"\xff\xff", vendor=4242, mandatory=False))
    assert q.expect(SCCRP).tid == 2000


def test_secret(daemon, peer):
    """The plugin's secret is used, not the file's."""
    import hashlib
    d, p = daemon(probe="probe secret = fromplugin"), peer()
    challenge = bytes(range(16))
    p.sccrq(host=b"h", extra=avp(11, challenge))
    m = p.expect(SCCRP)
    assert m.get(13) == hashlib.md5(bytes([SCCRP]) + b"fromplugin" + challenge).digest()
    assert d.event("secret")["them"] == "h"
    d.set("secret", "")


# --- Descriptors, timers --------------------------------------------------------------------------------------------------------------

def test_timers(daemon):
    """Milliseconds, in order; a cancelled one does not come; handles are not mixed up."""
    d = daemon()
    long = d.ask("timer", 300, 3)
    gone = d.ask("timer", 100, 2)
    d.ask("timer", 0, 1)
    d.ask("cancel", gone)
    d.event("timer", arg=3)
    assert [e["arg"] for e in d.events("timer")] == [1, 3]
    assert long > 0 and gone > 0 and long != gone


def test_many_timers(daemon):
    d = daemon()
    handles = {d.ask("timer", 500 + i % 7, i) for i in range(100)}
    assert len(handles) == 100
    d.until(lambda: len(d.events("timer")) == 100)
    assert {e["arg"] for e in d.events("timer")} == set(range(100))


# --- Marks ----------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("plugin,extra", [("probe", ""), (None, "ipsec saref = mark"), ("probe", "ipsec saref = mark")])
def test_marks(daemon, peer, plugin, extra):
    """Two clients with the same address, port and tunnel id: one tunnel each, by mark; neither can use the other's."""
    d = daemon(plugin=plugin, extra=extra)
    a = peer(mark=11, port=3000)
    b = peer(mark=12, share=a)
    a.sccrq(host=b"a")
    a.peer_tid = a.expect(SCCRP).number(9)
    b.sccrq(host=b"b")
    b.peer_tid = b.expect(SCCRP).number(9)
    assert a.peer_tid != b.peer_tid
    if plugin:
        assert {e["host"]: e["mark"] for e in d.events("tunnel_request")} == {"a": 11, "b": 12}
    a.send(SCCCN)
    a.expect(0)
    for mark in (0, 12):  # in the clear, and out of the other's SA
        a.mark = mark
        a.send(HELLO, ns=a.ns)
        assert all(m.type for m in iter(lambda: a.receive(0.5), None)), "acknowledged"
    a.mark = 11
    a.send(HELLO, ns=a.ns)
    a.expect(0)
    assert "dropped: its mark is 0x0, the tunnel's 0xb" in d.said()


def test_mark_0_is_a_mark(daemon, peer):
    d, p = daemon(), peer()
    p.connect()
    p.mark = 5
    p.send(HELLO, ns=p.ns)
    assert p.receive(0.5) is None
    p.mark = 0
    p.send(HELLO)
    p.expect(0)
    assert "dropped: its mark is 0x5, the tunnel's 0x0" in d.said()


def test_marks_are_not_looked_at_by_default(daemon, peer):
    d, p = daemon(plugin=None), peer(mark=5)
    p.connect()
    p.mark = 6
    p.send(HELLO)
    p.expect(0)


def test_answers_carry_the_mark(daemon, peer):
    """Control messages leave with the tunnel's mark, or the one that the plugin set; what it gets is still compared with its own."""
    d, p = daemon(probe="probe request = defer"), peer(mark=20)
    p.sccrq()
    assert p.receive().mark == 20
    tid = d.event("tunnel_request")["tid"]
    assert d.ask("mark", tid, 21) == 0
    assert d.ask("accept", tid) == 0
    m = p.expect(SCCRP)
    assert m.mark == 21
    p.peer_tid = tid
    p.send(SCCCN)
    assert p.expect(0).mark == 21
    assert d.ask("tunnel", tid) == 0 and d.event("tunnel")["mark"] == 20
    assert d.ask("mark", tid, 0) == 0
    p.send(HELLO)
    assert p.expect(0).mark == 0
    assert d.ask("mark", (tid + 1) & 0xFFFF, 1) == -2


def test_refusal_carries_the_mark(daemon, peer):
    daemon(probe="probe request = refuse")
    p = peer(mark=20)
    p.sccrq()
    assert p.expect(STOPCCN).mark == 20


def test_no_mark_by_default(daemon, peer):
    daemon(plugin=None)
    p = peer(mark=20)
    p.sccrq()
    assert p.expect(SCCRP).mark == 0


def test_saref_words(daemon):
    d = daemon(plugin=None, extra="ipsec saref = no")
    assert "force userspace=yes" not in d.said()
    d = daemon("bad", plugin=None, extra="ipsec saref = maybe", up=False)
    assert d.proc.wait(LIMIT) == 1 and "'yes', 'no' or 'mark'" in d.said()


# --- Addresses, ids -------------------------------------------------------------------------------------------------------------------

def test_answer_comes_from_the_address_asked(daemon, peer):
    d = daemon(listen=None)
    for to in ("127.0.0.1", "127.0.0.9"):
        p = peer(remote=(to, 1701))
        p.sccrq()
        assert p.expect(SCCRP).source == (to, 1701)
        assert d.event("tunnel_request", peer=f"127.0.0.2:{p.port}")["local"] == f"{to}:1701"


def test_same_tunnel_id_from_two_ports(daemon, peer):
    """Two hosts behind one NAT that use the same id; and a repetition is not a second tunnel."""
    daemon(plugin=None)
    p, q = peer(tid=5), peer(tid=5)
    p.sccrq()
    first = p.expect(SCCRP)
    q.sccrq()
    assert q.expect(SCCRP).number(9) != first.number(9)
    p.sccrq(ns=0)
    m = p.receive(0.5)
    assert m is None or m.type == 0 or m.number(9) == first.number(9)


def test_ids_are_unique(daemon, peer):
    daemon(plugin=None)
    ids = set()
    p = peer()
    for i in range(1, 801):
        p.tid, p.ns, p.nr = i, 0, 0
        p.sccrq()
        while True:
            m = p.receive()
            if m.type == SCCRP and m.tid == i:
                break
        ids.add(m.number(9))
    assert len(ids) == 800 and 0 not in ids


def test_useless_messages_leave_nothing(daemon, peer):
    """A message that opens no tunnel does not stay."""
    d, p = daemon(), peer()
    for ns in (1, 2):
        p.send(HELLO, tid=0, ns=ns)
    p.sccrq()
    p.expect(SCCRP)
    d.proc.send_signal(signal.SIGUSR1)
    d.until(lambda: "Number of tunnels open: 1\n" in d.said())


def test_more_tunnels_than_select_can(daemon, peer):
    """Beyond 1,024 descriptors: each call has a pty."""
    import resource
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 2048:
        pytest.skip("the hard limit for descriptors is too low")
    sections = "[lns default]\nip range = 10.1.0.10-10.1.9.250\nlocal ip = 10.1.0.1\n"
    d, p = daemon(plugin=None, sections=sections), peer()
    p.connect()
    d.dir.joinpath("pppd").touch()
    fds = Path("/proc") / str(d.proc.pid) / "fd"
    for i in range(1100):
        p.call(cid=i + 1)
        while (m := p.receive(0.0005)) is not None:
            assert m.type in (0, HELLO)
    d.until(lambda: len(os.listdir(fds)) > 1100)
    p.send(HELLO)
    p.expect(0)
    for entry in Path(f"/proc/{d.proc.pid}/task/{d.proc.pid}/children").read_text().split():
        os.kill(int(entry), signal.SIGKILL)
    d.until(lambda: len(os.listdir(fds)) < 30)
