# SPDX-License-Identifier: GPL-2.0-or-later
"""metrics: well-formed, complete, true; and over HTTP as a socket-activated unit speaks it."""

import os
import re
import signal
import socket
import subprocess
import time

import ctl
import pytest
import wire
from ctl import A
from sabusd import SABUSCTL, Sabusd

NAME, VALUE = r"[a-z_][a-z0-9_]*", r'(?:[^"\\\n]|\\\\|\\"|\\n)*'
SAMPLE = re.compile(r'(%s)(?:\{((?:%s="%s",?)*)\})? (\d+)$' % (NAME, NAME, VALUE))
UNITS = ("_total", "_bytes", "_seconds", "_info")


@pytest.fixture
def bus():
    with Sabusd() as b:
        yield b


def parse(text):
    """{(family, labels): value}; the format is as its description wants it."""
    assert text.endswith("\n")
    samples, families, current = {}, {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, current, words = line.split(" ", 3)
            assert current not in families and words.endswith(".")
            families[current] = None
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current and families[name] is None and kind in ("gauge", "counter")
            assert (kind == "counter") == name.endswith("_total"), name
            families[name] = kind
        else:
            found = SAMPLE.match(line)
            assert found, line
            name, labels, value = found.groups()
            assert name == current and families[name] and name.startswith("sabus_")
            key = name, tuple(sorted((k, re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m.group(1), m.group(1)), v))
                                     for k, v in re.findall(r'(%s)="(%s)"' % (NAME, VALUE), labels or "")))
            assert key not in samples, "twice: %r" % (key,)
            samples[key] = int(value)
    return samples


def scrape(bus, *args):
    got = ctl.ctl(bus, "metrics", *args)
    assert got.returncode == 0 and not got.stderr, got
    return parse(got.stdout)


def test_counts(bus):
    ctl.fill(bus)
    got = scrape(bus)
    assert got["sabus_up", ()] == got["sabus_publisher_synced", ()] == 1
    assert got["sabus_sas", (("state", "installed"), ("strength", "strong"), ("suite", "ESP AES_GCM_16-256"))] == 1
    assert got["sabus_sas", (("state", "pending"), ("strength", ""), ("suite", ""))] == 1
    assert got["sabus_sessions", (("mppe", "mirror"), ("reason", "ok-protected"), ("role", "lns"), ("state", "up"))] == 1
    assert got["sabus_tunnels", (("reason", "ok-protected"), ("role", "lns"), ("state", "up"))] == 1
    assert got["sabus_calls", (("state", "up"),)] == got["sabus_calls", (("state", "starting"),)] == 1
    assert sum(v for (name, _), v in got.items() if name == "sabus_sessions") == 2
    assert [labels for name, labels in got if name == "sabus_build_info"] == [(("version", ctl.run("--version").stdout.split()[1]),)]


def test_all_counters_of_sabusd_are_told(bus):
    ctl.fill(bus)
    stats, got = ctl.data(bus, "stats"), scrape(bus)
    broker = {name for name, _ in got if name.startswith("sabus_broker_")}
    for stat in set(stats) - {"schema", "sas", "sessions", "tunnels", "calls", "publisher_state"}:
        stems = {word.rstrip("s") for word in stat.split("_")}
        assert any(stems <= {word.rstrip("s") for word in name.split("_")} for name in broker), "%s is not in the table of metrics.c" % stat
    assert len(broker) == len(stats) - 6
    assert got["sabus_broker_lookups_total", ()] >= stats["lookups"] > 0


def test_sessions(bus):
    ctl.fill(bus)
    got = scrape(bus, "--sessions")
    (info,) = [dict(labels) for name, labels in got if name == "sabus_session_info" and dict(labels)["user"] == "alice"]
    assert (info["ifname"], info["peer"], info["suite"], info["protection"]) == ("lo", A, "ESP AES_GCM_16-256", "confidential")
    key = (("session", info["session"]),)
    assert got["sabus_session_mtu_bytes", key] == 1404 and got["sabus_session_start_time_seconds", key] == 1700000000
    assert got["sabus_session_received_bytes_total", key] >= 0 and got["sabus_session_sent_bytes_total", key] >= 0
    assert not [name for name, _ in scrape(bus) if name.startswith("sabus_session_")]


def test_bytes_are_the_kernels(bus):
    """The session says it is on lo, whose counters we can move."""
    def received():
        return [v for (name, _), v in scrape(bus, "--sessions").items() if name == "sabus_session_received_bytes_total"]

    ctl.fill(bus)
    before = received()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for _ in range(10):
            s.sendto(bytes(1000), ("127.0.0.1", 9))
    assert len(before) == 1 and received()[0] >= before[0] + 10000
    (session,) = [s for s in ctl.data(bus, "status")["sessions"] if s["user"] == "alice"]
    (other,) = [s for s in ctl.data(bus, "status")["sessions"] if s["user"] == "bob"]
    assert session["bytes_in"] >= before[0] + 10000 and other["bytes_in"] is other["bytes_out"] is None


def test_names_of_peers_cannot_break_the_format(bus):
    session = bus.session()
    evil = 'a"b\\c\nsabus_up 0\n\x1b\u00e9'
    session.send(wire.session_put(user=evil, reason="a\x01b", mppe='"', flow={}))
    session.answer(A)
    got = scrape(bus, "--sessions")
    assert got["sabus_up", ()] == 1
    (info,) = [dict(labels) for name, labels in got if name == "sabus_session_info"]
    assert info["user"] == evil.replace("\x1b", "?")
    assert len([1 for name, _ in got if name == "sabus_sessions"]) == 1


def test_many_sessions(bus):
    """As many series as there are different ones, whatever their number."""
    keep = [bus.session() for _ in range(40)]
    for i, s in enumerate(keep):
        s.send(wire.session_put(user="u%d" % i, up=i % 2, reason="ok-protected", flow={}))
        s.answer(A)
    got = {labels: v for (name, labels), v in scrape(bus).items() if name == "sabus_sessions"}
    assert sorted(got.values()) == [20, 20]


def test_no_sabusd_is_measured(bus):
    bus.stop()
    got = ctl.ctl(bus, "metrics")
    assert got.returncode == 1 and "sabusd" not in got.stdout.split("# TYPE")[1] and bus.path("read") in got.stderr
    samples = parse(got.stdout)
    assert samples["sabus_up", ()] == 0 and {name for name, _ in samples} == {"sabus_up", "sabus_build_info"}


# ---- HTTP ----

class Scrape:
    """One connection, as systemd hands it over."""

    def __init__(self, bus, *options):
        self.sock, theirs = socket.socketpair()
        self.sock.settimeout(30)
        self.process = subprocess.Popen([SABUSCTL, "-s", bus.path("read"), "metrics", "--http"] + list(options), stdin=theirs, stdout=theirs,
                                        stderr=subprocess.PIPE, text=True)
        theirs.close()

    def answer(self):
        """(status line, {header: value}, body), when the other end has closed."""
        data = b""
        while True:
            got = self.sock.recv(65536)
            if not got:
                break
            data += got
        self.sock.close()
        _, self.err = self.process.communicate(timeout=30)
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        return lines[0], headers, body.decode()


def ask(bus, request, *options):
    s = Scrape(bus, *options)
    s.sock.sendall(request)
    return s.answer()


def test_http(bus):
    ctl.fill(bus)
    status, headers, body = ask(bus, b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n")
    assert status == "HTTP/1.1 200 OK" and headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert int(headers["Content-Length"]) == len(body.encode()) and headers["Connection"] == "close"
    assert parse(body)["sabus_up", ()] == 1
    assert ask(bus, b"GET /metrics?x=y HTTP/1.0\n\n", "--sessions")[2].count("sabus_session_info{") == 2


def test_http_in_pieces(bus):
    s = Scrape(bus)
    for piece in (b"GET /met", b"rics HTTP/1.1\r\nHo", b"st: x\r\n\r", b"\n"):
        s.sock.sendall(piece)
        time.sleep(0.05)
    assert s.answer()[0].endswith("200 OK")


def test_http_head(bus):
    status, headers, body = ask(bus, b"HEAD /metrics HTTP/1.1\r\n\r\n")
    assert status.endswith("200 OK") and int(headers["Content-Length"]) > 100 and not body


def test_http_without_sabusd(bus):
    """Prometheus must hear that it is down, and why it is is in the journal."""
    bus.stop()
    s = Scrape(bus)
    s.sock.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
    status, _, body = s.answer()
    assert status.endswith("200 OK") and parse(body)["sabus_up", ()] == 0 and bus.path("read") in s.err


@pytest.mark.parametrize("request_, status", [
    (b"GET / HTTP/1.1\r\n\r\n", 404), (b"GET /metrics/ HTTP/1.1\r\n\r\n", 404), (b"POST /metrics HTTP/1.1\r\n\r\n", 405),
    (b"GET /metrics\r\n\r\n", 400), (b"GET /metrics FTP/1.1\r\n\r\n", 400), (b"\r\n\r\n", 400), (b"GET  /metrics HTTP/1.1\r\n\r\n", 400),
    (b"\x00\x01\x02\r\n\r\n", 400), (b"x" * 9000, 431), (b"GET /metrics HTTP/1.1\r\n" + b"A: b\r\n" * 2000, 431)])
def test_http_refuses(bus, request_, status):
    s = Scrape(bus)
    try:
        s.sock.sendall(request_)
    except (BrokenPipeError, ConnectionResetError):
        pass
    try:
        line, headers, body = s.answer()
    except ConnectionResetError:        # it did not read all that we sent
        assert status == 431
        s.process.communicate(timeout=30)
        return
    assert line.split()[1] == str(status) and int(headers["Content-Length"]) == len(body) > 0 and s.process.returncode == 0
    assert ("Allow" in headers) == (status == 405)


def test_http_waits_not_for_ever(bus):
    s, begin = Scrape(bus), time.monotonic()
    s.sock.sendall(b"GET /metrics HT")
    assert s.answer()[0].split()[1] == "408" and 4 < time.monotonic() - begin < 25


def test_http_scraper_goes_away(bus):
    s = Scrape(bus)
    s.process.send_signal(signal.SIGSTOP)
    s.sock.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
    s.sock.close()
    s.process.send_signal(signal.SIGCONT)
    _, err = s.process.communicate(timeout=30)
    assert s.process.returncode == 1 and "standard output" in err


def test_no_json(bus):
    got = ctl.ctl(bus, "metrics", "--json")
    assert got.returncode == 2 and "json" in got.stderr


def test_unit(tmp_path):
    """What the units start is what is tested here, and they name no option that does not exist."""
    folder = os.path.join(ctl.SRC, "plugins/bus/ctl")
    with open(os.path.join(folder, "sabus-metrics@.service.in")) as f:
        service = f.read()
    with open(os.path.join(folder, "sabus-metrics.socket.in")) as f:
        unit = f.read()
    assert re.search(r"^ExecStart=@sbindir@/sabusctl metrics --http \$SABUS_METRICS_OPTIONS$", service, re.M)
    assert "StandardInput=socket" in service and "StandardOutput=socket" in service and "Accept=yes" in unit
    assert re.findall(r"^ListenStream=(.*)", unit, re.M) == ["127.0.0.1:9784"]
