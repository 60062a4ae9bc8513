# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line, the directory and its lock, socket activation, readiness, the end."""

import os
import signal
import socket
import stat
import subprocess

import pytest
import wire
from sabusd import SABUSD, Sabusd

BAD = [
    ("--max-sas", "0", "1 to 1000000"), ("--max-sas", "1000001", "1 to 1000000"), ("--max-sas", "12x", "number"), ("--max-sas", "-1", "number"),
    ("--max-sas", "", "number"), ("--max-sas", "99999999999999999999", "number"), ("--max-clients", "15", "16 to 500000"),
    ("--max-readers-per-uid", "0", "1 to 500000"), ("--orphan-grace", "86401", "0 to 86400"), ("--hello-timeout", "0", "1 to 600"),
    ("--publisher-uid", "no-such-user", "user"), ("--publisher-uid", "1,,2", "user"), ("--publisher-uid", ",".join("1" * 17), "16"),
    ("--session-uid", "4294967295", "user"), ("--read-group", "no-such-group", "group"), ("--user", "no-such-user", "user"),
    ("--dir", "run/sabus", "absolute"), ("--dir", "/" + "x" * 100, "90"),
]


def run(*args, **more):
    return subprocess.run([SABUSD] + list(args), capture_output=True, text=True, timeout=30, **more)


@pytest.mark.parametrize("option, value, want", BAD)
def test_bad_value(option, value, want):
    """Names the option, the value and what would be right; nothing is guessed and nothing is started."""
    got = run(option, value)
    assert got.returncode == 2 and option in got.stderr and want in got.stderr, got
    shown = value if "user" not in want or "," not in value else ""
    assert "'%s'" % shown in got.stderr and not got.stdout


@pytest.mark.parametrize("args", [["--nonsense"], ["--max-sas"], ["word"]])
def test_wrong_usage(args):
    got = run(*args)
    assert got.returncode == 2 and "--help" in got.stderr


def test_help_and_version():
    got = run("--help")
    assert got.returncode == 0 and all(option in got.stdout for option, _, _ in BAD) and not got.stderr
    assert run("--version").stdout.startswith("sabusd ")


def test_modes():
    with Sabusd() as bus:
        assert [stat.S_IMODE(os.stat(bus.path(s)).st_mode) for s in ("sa", "session", "read")] == [0o600, 0o600, 0o660]
        # who can open it can hold it, and sabusd would not start again
        assert stat.S_IMODE(os.stat(os.path.join(bus.dir, "sabusd.lock")).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(bus.dir).st_mode) == 0o755


def test_read_group():
    group = os.getgroups()[-1] if os.getgroups() else os.getgid()
    with Sabusd("--read-group", str(group)) as bus:
        assert os.stat(bus.path("read")).st_gid == group


def test_second_one_refuses_and_harms_nothing():
    with Sabusd() as bus:
        publisher = bus.publisher().sync((1, "198.51.100.1"))
        got = run("--foreground", "--dir", bus.dir)
        assert got.returncode == 1 and "pid=%d " % bus.process.pid in got.stderr and bus.dir in got.stderr
        publisher.put(2, "198.51.100.2")
        assert bus.reader().answer("198.51.100.2") == (wire.PRESENT, [2])


def test_stale_sockets_are_replaced():
    with Sabusd() as bus:
        bus.crash()
        assert os.path.exists(bus.path("sa"))
        bus.start()
        assert bus.reader().answer("198.51.100.1") == (wire.UNKNOWN, [])


def test_what_is_no_socket_stays():
    with Sabusd() as bus:
        bus.stop()
        with open(bus.path("sa"), "w") as f:
            f.write("precious")
        got = run("--foreground", "--dir", bus.dir)
        assert got.returncode == 1 and "not a socket" in got.stderr and bus.path("sa") in got.stderr
        with open(bus.path("sa")) as f:
            assert f.read() == "precious"


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_clean_end(sig):
    with Sabusd() as bus:
        watcher = bus.watcher().snapshot()
        bus.process.send_signal(signal.SIGHUP)
        assert bus.reader().stats()["clients"] == 2
        bus.process.send_signal(sig)
        assert bus.process.wait(30) == 0
        watcher.expect_end()
        assert os.listdir(bus.dir) == ["sabusd.lock"]
        bus.process = None


def test_daemon():
    """Without --foreground the parent ends when the sockets are there."""
    with Sabusd() as bus:
        bus.stop()
        assert run(*bus.options[1:]).returncode == 0
        reader = bus.reader()
        assert reader.answer("198.51.100.1") == (wire.UNKNOWN, [])
        with open(os.path.join(bus.dir, "sabusd.lock")) as f:
            os.kill(int(f.read()), signal.SIGTERM)
        reader.expect_end()


def spawn(bus, environment, fds=()):
    """sabusd with descriptors from 3 on and $LISTEN_PID, as systemd does it."""
    pid = os.fork()
    if pid == 0:
        try:
            high = [os.dup2(fd, 50 + i) for i, fd in enumerate(fds)]
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i, inheritable=True)
            os.dup2(bus.log.fileno(), 2)
            environment = dict(environment, LISTEN_PID=str(os.getpid())) if fds else environment
            os.execve(SABUSD, [SABUSD] + bus.options, dict(os.environ, **environment))
        finally:
            os._exit(127)
    return pid


def listener(path, kind=socket.SOCK_SEQPACKET):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind(path)
    s.listen(16)
    return s


@pytest.mark.parametrize("names", ["session:sa", "x:y", None])
def test_socket_activation(names):
    """Two sockets come from outside, by name or by file name, the third is made here; the inherited files stay at the end."""
    with Sabusd() as bus:
        bus.stop()
        given = [listener(bus.path(s)) for s in ("session", "sa")]
        environment = {"LISTEN_FDS": "2"}
        if names:
            environment["LISTEN_FDNAMES"] = names
        early = bus.publisher().sync((1, "198.51.100.1"))
        pid = spawn(bus, environment, [s.fileno() for s in given])
        assert bus.session().answer("198.51.100.1") == (wire.PRESENT, [1])
        early.put(2, "198.51.100.2")
        assert bus.reader().answer("198.51.100.2") == (wire.PRESENT, [2])
        os.kill(pid, signal.SIGTERM)
        assert os.waitpid(pid, 0)[1] == 0
        assert sorted(os.listdir(bus.dir)) == ["sa.sock", "sabusd.lock", "session.sock"]


def test_wrong_activation():
    with Sabusd() as bus:
        bus.stop()
        for path, kind, names in (("other", socket.SOCK_SEQPACKET, "other"), ("sa", socket.SOCK_STREAM, "sa")):
            with listener(bus.path(path), kind) as s:
                pid = spawn(bus, {"LISTEN_FDS": "1", "LISTEN_FDNAMES": names}, [s.fileno()])
                assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
            assert "sabus: cannot-start fd=3 name=\"%s\"" % names in bus.said()


@pytest.mark.parametrize("abstract", [False, True])
def test_notify(abstract):
    with Sabusd() as bus:
        bus.stop()
        name = os.path.join(bus.top, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind("\0" + name if abstract else name)
            s.settimeout(30)
            pid = spawn(bus, {"NOTIFY_SOCKET": "@" + name if abstract else name})
            assert s.recv(1000).split(b"\n")[0] == b"READY=1"
            assert bus.reader().answer("198.51.100.1") == (wire.UNKNOWN, [])
            os.kill(pid, signal.SIGTERM)
            assert s.recv(1000) == b"STOPPING=1"
        assert os.waitpid(pid, 0)[1] == 0


def test_user():
    """Root becomes that user and keeps its sockets; anybody else is told that this cannot be."""
    if os.getuid():
        got = run("--foreground", "--user", "root", "--dir", "/nonexistent")
        assert got.returncode == 1 and "--user root" in got.stderr
        return
    with Sabusd("--user", "nobody") as bus:
        with open("/proc/%d/status" % bus.process.pid) as f:
            assert [line.split()[1:] for line in f if line.startswith("Uid:")] == [["65534"] * 4]
        assert os.stat(bus.dir).st_uid == os.stat(bus.path("sa")).st_uid == 65534
        bus.publisher().sync((1, "198.51.100.1"))
        assert bus.reader().answer("198.51.100.1") == (wire.PRESENT, [1])


def test_cannot_make_the_directory():
    got = run("--foreground", "--dir", "/proc/sabus")
    assert got.returncode == 1 and "/proc/sabus" in got.stderr and "--dir" in got.stderr
