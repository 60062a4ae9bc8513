# SPDX-License-Identifier: GPL-2.0-or-later
"""sabusctl-json(5) is the schema: its keys and types are read from the page and compared, both ways, with what is printed."""

import json
import re
import subprocess

import ctl
import pytest
import wire
from ctl import A
from sabusd import SABUSCTL, Sabusd


def read_page():
    """{section: {key: what it is}}; the section "SA object" is about objects, "status" about the top of that command's output."""
    sections, keys, now = {}, None, None
    with open(ctl.PAGE) as f:
        for line in f:
            line = line.rstrip("\n")
            if line.startswith(".Ss "):
                keys = sections.setdefault(line[4:], {})
                now = None
            elif line.startswith(".Sh ") and keys is not None:
                break
            elif line.startswith(".It Li ") and keys is not None:
                now = [k for k in line[7:].split() if k != ","]
                for key in now:
                    assert key not in keys, key
                    keys[key] = ""
            elif now and not line.startswith(".El"):
                for key in now:
                    keys[key] += " " + line
            elif line.startswith(".El"):
                now = None
    return sections


PAGE = read_page()
OBJECTS = {name[:-len(" object")].lower(): keys for name, keys in PAGE.items() if name.endswith(" object")}
ALWAYS = PAGE["Every object at the top"]
PLAIN = {"number": int, "string": str, "boolean": bool}


def check(value, words, where):
    """Is value what the page's words say?"""
    words = words.strip()
    first = re.match(r"(number|string|boolean)|array of (.*?) objects|(array of strings)|(.*?) object\b", words)
    assert first, "%s: the page does not say what it is: %s" % (where, words)
    plain, many, strings, one = first.groups()
    if value is None:
        assert "or null" in words, "%s is null, which the page does not say" % where
    elif many or strings:
        assert isinstance(value, list), where
        for i, entry in enumerate(value):
            check_object(entry, OBJECTS[many.lower()], "%s[%d]" % (where, i)) if many else check(entry, "string", where)
    elif one:
        check_object(value, OBJECTS[one.lower()], where)
    else:
        assert type(value) is PLAIN[plain], "%s is %r" % (where, value)
        allowed = re.findall(r"\.Qq (\S+)", words) if plain == "string" else []
        if allowed and "such as" not in words and "word of" not in words:
            assert value in allowed, "%s is %r, the page has %s" % (where, value, allowed)


def check_object(value, keys, where):
    assert isinstance(value, dict), where
    assert set(value) == set(keys), "%s: page and output differ in %s" % (where, sorted(set(value) ^ set(keys)))
    for key, words in keys.items():
        check(value[key], words, "%s.%s" % (where, key))


def check_output(value, *sections):
    keys = dict(ALWAYS)
    for s in sections:
        keys.update(PAGE[s])
    check_object(value, keys, sections[-1])


@pytest.fixture(scope="module")
def bus():
    with Sabusd() as b:
        b.filled = ctl.fill(b)
        yield b


def test_the_page_is_complete():
    assert {"sa", "mark", "endpoint", "selector", "selector pair", "session", "tunnel", "call", "policy", "mtu", "finding", "ike failure"} == set(OBJECTS)
    top = {name for name in PAGE if not name.endswith(" object") and not name.startswith("Event ")}
    assert top == {"Every object at the top"} | set(ctl.commands()) - {"metrics"}
    for section, keys in PAGE.items():
        for key, words in keys.items():
            assert words.strip(), "%s: %s" % (section, key)


def test_status(bus):
    got = ctl.data(bus, "status")
    check_output(got, "status")
    assert got["sas"] and got["sessions"] and got["tunnels"] and got["calls"] and got["sas"][0]["set_mark_in"]
    (alice,) = [s for s in got["sessions"] if s["user"] == "alice"]
    assert (alice["address"], alice["acct_id"]) == ("10.8.0.7", "5F3A-000001")


def test_show(bus):
    check_output(ctl.data(bus, "show", "lo"), "status", "show")


def test_ids(bus):
    check_output(ctl.data(bus, "ids"), "ids")


def test_stats(bus):
    check_output(ctl.data(bus, "stats"), "stats")


@pytest.mark.parametrize("args", [["--suite", "aes256gcm128"], ["--known", "none"], ["--peer", A], ["--peer", ctl.FAILED], ["--suite", "aes128-sha1", "--min-strength", "good"],
                                  ["--suite", "null-sha256", "--mtu-cap", "1300", "--reply", "Sabus-Encryption-Policy=7"], ["--sa", "2"]])
def test_explain(bus, args):
    got = ctl.ctl(bus, "explain", "--json", *args)
    check_output(json.loads(got.stdout), "explain")


def test_mtu():
    got = ctl.ask("mtu", "aes128-sha1", "--nat-t")
    assert got.pop("status") == 0
    check_output(got, "mtu")


@pytest.mark.parametrize("args", [[], ["--list"], ["--only", "secrets"], ["--root", "/nonexistent"]])
def test_doctor(args):
    got = ctl.ask("doctor", *args)
    assert got.pop("status") in (0, 3)
    check_output(got, "doctor")


def test_close(bus):
    pppd = bus.filled[1]
    child = subprocess.Popen([SABUSCTL, "close", "lo", "--json", "-s", bus.path("session")], stdout=subprocess.PIPE, text=True)
    pppd.send(wire.result(pppd.expect(wire.REQUEST).seq))
    out, _ = child.communicate(timeout=30)
    check_output(json.loads(out), "close")


def test_monitor():
    """Each event that there is comes once at least."""
    with Sabusd() as bus:
        publisher, _, other, xl2tpd = ctl.fill(bus)
        monitor = subprocess.Popen([SABUSCTL, "-s", bus.path("read"), "monitor", "--json"], stdout=subprocess.PIPE, text=True)
        seen = set()

        def until(name):
            while True:
                got = json.loads(monitor.stdout.readline())
                check_output(got, "monitor", "Event " + got["event"])
                seen.add(got["event"])
                if got["event"] == name:
                    return

        until("done")
        other.close()
        until("session-del")
        publisher.delete(2)
        until("sa-del")
        xl2tpd.send(wire.call_del(10, 21))
        until("call-del")
        xl2tpd.send(wire.tunnel_del(10))
        until("tunnel-del")
        bus.stop()
        until("lost")
        bus.start()
        until("resync")
        until("done")
        monitor.terminate()
        monitor.wait(30)
        monitor.stdout.close()
    assert {"Event " + name for name in seen} == {name for name in PAGE if name.startswith("Event ")}
