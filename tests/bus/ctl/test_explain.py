# SPDX-License-Identifier: GPL-2.0-or-later
"""explain: the decision of plugins/common for given facts, for what sabusd knows, and with what RADIUS says."""

import glob
import json
import os
import re

import ctl
import pytest
import wire
from ctl import A
from sabusd import Sabusd


@pytest.fixture
def bus():
    with Sabusd() as b:
        yield b


def reason(*args):
    got = ctl.ask("explain", *args)
    assert got["accept"] == (got["status"] == 0) == got["reason"].startswith("ok-") and (got["remedy"] is None) == got["accept"]
    return got["reason"]


@pytest.mark.parametrize("args, expected", [
    (["--suite", "aes256gcm128"], "ok-protected"),
    (["--suite", "null-sha256"], "ok-mppe-required"),
    (["--suite", "null-sha256", "--encryption", "allow"], "ok-not-confidential"),
    (["--suite", "null-sha256", "--encryption", "prohibit"], "ok-not-confidential"),
    (["--suite", "aes256gcm128", "--encryption", "prohibit"], "policy-prohibit"),
    (["--suite", "aes256gcm128", "--compulsory"], "ok-mppe-required"),
    (["--suite", "aes256gcm128", "--compulsory", "--trust-lac"], "ok-protected"),
    (["--suite", "aes256gcm128", "--compulsory", "--role", "client"], "ok-protected"),
    (["--suite", "aes256gcm128", "--require-ecp"], "ecp-unsupported"),
    (["--suite", "aes256gcm128", "--replay-window", "0"], "sa-no-replay"),
    (["--suite", "aes256gcm128", "--mode", "tunnel"], "ok-protected"),
    (["--suite", "aes256gcm128", "--mode", "tunnel", "--tunnel-mode", "refuse"], "sa-mode"),
    (["--suite", "AH HMAC_SHA2_256_128"], "sa-ah-only"),
    (["--suite", "aes256"], "sa-no-integrity"),
    (["--suite", "3des-md5"], "sa-weak"),
    (["--suite", "3des-md5", "--min-strength", "broken"], "ok-protected"),
    (["--suite", "aes256-sha1", "--min-strength", "good"], "sa-weak"),
    (["--known", "none"], "no-sa"),
    (["--known", "none", "--ipsec", "optional"], "ok-mppe-required"),
    (["--known", "none", "--ipsec", "optional", "--encryption", "allow"], "ok-no-ipsec"),
    (["--known", "pending"], "sa-pending"),
    (["--known", "pending", "--ipsec", "optional"], "sa-pending"),
    (["--known", "ambiguous"], "sa-ambiguous"),
    (["--known", "unknown"], "sa-unknown"),
    (["--known", "bus-down"], "bus-down"),
    (["--known", "timeout"], "bus-timeout"),
    (["--known", "no-tunnel"], "tunnel-unknown"),
])
def test_decisions(args, expected):
    assert reason(*args) == expected


def test_text_says_all_that_decided():
    got = ctl.run("explain", "--suite", "aes256-sha1", "--min-strength", "good")
    assert got.returncode == 3 and not got.stderr
    values = dict(line.split(None, 1) for line in got.stdout.splitlines())
    assert values["decision"] == "refused: sa-weak" and "stronger esp_proposals" in values["remedy"]
    assert "AES_CBC-256/HMAC_SHA1_96" in values["SA"] and values["gives"] == "confidential, strength legacy" and "minimum good" in values["policy"]
    good = ctl.run("explain", "--suite", "aes256gcm128", "--nat-t")
    values = dict(line.split(None, 1) for line in good.stdout.splitlines())
    assert good.returncode == 0 and values["decision"] == "accepted: ok-protected" and values["MPPE"] == "mirror" and values["CCP"] == "off"
    assert values["MTU"].startswith("1420 = 1500-20ip-8natt-") and "remedy" not in values


def test_mtu_and_its_cap():
    plain = ctl.ask("explain", "--suite", "aes256gcm128", "--path-mtu", "1492")
    assert plain["link_mtu"] == plain["mtu"]["mtu"] == ctl.ask("mtu", "aes256gcm128", "--path-mtu", "1492")["mtu"]["mtu"] and plain["mtu_cap"] is None
    capped = ctl.ask("explain", "--suite", "aes256gcm128", "--mtu-cap", "1300", "--reply", "Framed-MTU=1280", "--reply", "Sabus-MTU-Cap=1290")
    assert (capped["link_mtu"], capped["mtu_cap"]) == (1280, 1280) and capped["mtu"]["mtu"] > 1280
    loose = ctl.ask("explain", "--suite", "aes256gcm128", "--mtu-cap", "1490")
    assert loose["link_mtu"] == loose["mtu"]["mtu"] and loose["mtu_cap"] == 1490


# ---- RADIUS ----

@pytest.mark.parametrize("suite, replies, expected", [
    ("null-sha256", ["Sabus-Encryption-Policy=Allow"], "ok-not-confidential"),
    ("null-sha256", ["sabus-encryption-policy=2"], "ok-not-confidential"),
    ("aes256gcm128", ["Sabus-Encryption-Policy=Prohibit"], "policy-prohibit"),
    ("aes256-sha1", ["Sabus-Min-Strength=Good"], "sa-weak"),
    ("aes256gcm128", ["Sabus-Allowed-IKE-Identity=*@example.org"], "ok-protected"),
    ("aes256gcm128", ["Sabus-Allowed-IKE-Identity=*@example.com", "Sabus-Allowed-IKE-Identity=al*"], "ok-protected"),
    ("aes256gcm128", ["Sabus-Allowed-IKE-Identity=*@example.com"], "identity-mismatch"),
    ("aes256gcm128", ["Sabus-Allowed-IKE-Identity=*"] * 9, "identity-mismatch"),
    ("aes256gcm128", ["MS-MPPE-Encryption-Policy=Encryption-Required"], "ok-protected"),
])
def test_reply(suite, replies, expected):
    args = ["--suite", suite, "--id", "alice@example.org", "--auth", "psk"]
    for r in replies:
        args += ["--reply", r]
    assert reason(*args) == expected


def test_a_mandate_is_not_for_those_without_an_sa():
    assert reason("--known", "none", "--ipsec", "optional", "--encryption", "allow", "--reply", "Sabus-IPsec-Mandate=None") == "ok-no-ipsec"
    assert reason("--known", "none", "--ipsec", "optional", "--encryption", "allow", "--reply", "Sabus-IPsec-Mandate=LNS") == "no-sa"
    assert reason("--suite", "aes256gcm128", "--compulsory", "--trust-lac", "--reply", "Sabus-IPsec-Mandate=Always") == "ok-mppe-required"


def test_a_reply_lets_nobody_in_whom_the_section_keeps_out():
    assert reason("--suite", "aes256gcm128", "--encryption", "prohibit", "--reply", "Sabus-Encryption-Policy=Require") == "policy-prohibit"


def test_contradictions_are_named():
    got = ctl.ask("explain", "--suite", "aes256gcm128", "--reply", "Sabus-Encryption-Policy=9")
    assert "Sabus-Encryption-Policy 9" in got["contradiction"] and got["policy"]["encryption"] == "require"
    assert ctl.ask("explain", "--suite", "aes256gcm128")["contradiction"] is None


def test_every_reply_attribute_is_known():
    """Of the table from which the dictionaries are made; each value by its name and by its number."""
    with open(os.path.join(ctl.SRC, "plugins/freeradius/attributes.tsv")) as f:
        rows = [line.rstrip("\n").split("\t") for line in f if line[:1].isdigit()]
    rows = [r for r in rows if r[3] == "reply"]
    assert len(rows) >= 5
    for _, name, kind, _, _, values, _ in rows:
        words = re.findall(r"([\w-]+)=(\d+)", values) or [("x*" if kind == "string" else "1400", "1400")]
        for word, number in words:
            by_name, by_number = (ctl.ask("explain", "--suite", "aes256gcm128", "--reply", "%s=%s" % (name, v)) for v in (word, number))
            assert kind == "string" or by_name == by_number


@pytest.mark.parametrize("value", ["", "=", "Sabus-Min-Strength", "Sabus-Min-Strength=", "Sabus-Min-Strength=better", "Sabus-Min-Strength=-1",
                                   "Sabus-MTU-Cap=99999999999", "Framed-IP-Address=10.0.0.1", "Sabus-Allowed-IKE-Identity="])
def test_bad_reply(value):
    got = ctl.run("explain", "--suite", "aes256gcm128", "--reply", value)
    assert got.returncode == 2 and "sabus-radius(7)" in got.stderr


# ---- who is it? ----

def test_bind_identity(tmp_path):
    base = ["--suite", "aes256gcm128", "--id", "alice@example.org", "--auth", "psk", "--bind-identity"]
    assert reason(*base, "equal", "--user", "alice@example.org") == "ok-protected"
    assert reason(*base, "equal", "--user", "alice") == "identity-mismatch"
    map_file = tmp_path / "map"
    map_file.write_text("alice@example.org alice\n")
    assert reason(*base, "map", "--identity-map", str(map_file), "--user", "alice") == "ok-protected"
    assert reason(*base, "map", "--identity-map", str(map_file), "--user", "bob") == "identity-mismatch"
    map_file.write_text("\"alice@example.org alice\n")
    got = ctl.run("explain", *base, "map", "--identity-map", str(map_file), "--user", "alice")
    assert got.returncode == 1 and str(map_file) + ":1" in got.stderr
    got = ctl.run("explain", *base, "map", "--identity-map", str(tmp_path / "none"), "--user", "alice")
    assert got.returncode == 1 and "none" in got.stderr
    for missing in (["equal"], ["map", "--user", "alice"], ["sometimes"]):
        assert ctl.run("explain", *base, *missing).returncode == 2


# ---- pppd's options file ----

def test_options_file(tmp_path):
    options = tmp_path / "options"
    options.write_text("# comment sabus-encryption prohibit\nplugin sabus.so\nname 'a # b'\nsabus-encryption allow\nsabus-ipsec optional  "
                       "sabus-wait 500\nrequire-mschap-v2\nsabus-path-mtu 1400\n")
    got = ctl.ask("explain", "--suite", "null-sha256", "--options", str(options))
    assert got["policy"]["encryption"] == "allow" and got["policy"]["ipsec_optional"] and got["mtu"]["path_mtu"] == 1400
    got = ctl.ask("explain", "--suite", "null-sha256", "--options", str(options), "--encryption", "require", "--path-mtu", "1492")
    assert got["policy"]["encryption"] == "require" and got["policy"]["ipsec_optional"] and got["mtu"]["path_mtu"] == 1492


@pytest.mark.parametrize("text, said", [("lock\n\nsabus-encryption maybe\n", ":3: sabus-encryption: 'maybe'"), ("sabus-encryption", ":1: sabus-encryption: ''"),
                                        ("sabus-encrypt require\n", "pppd-sabus(8)"), ("sabus-mtu-cap 12\n", "128"), ("'sabus-ipsec' '\x1b'\n", "\\x1b")])
def test_bad_options_file(tmp_path, text, said):
    (tmp_path / "o").write_text(text)
    got = ctl.run("explain", "--suite", "aes256gcm128", "--options", str(tmp_path / "o"))
    assert got.returncode == 2 and said in got.stderr and "\x1b" not in got.stderr and not got.stdout


def test_options_file_is_missing(tmp_path):
    got = ctl.run("explain", "--suite", "aes256gcm128", "--options", str(tmp_path / "o"))
    assert got.returncode == 1 and str(tmp_path / "o") in got.stderr


def test_every_option_of_the_plugins_is_known(tmp_path):
    """Of their tables; with a value or without, as there."""
    rows = []
    for path in glob.glob(os.path.join(ctl.SRC, "plugins/pppd/*.c")) + glob.glob(os.path.join(ctl.SRC, "plugins/radius/*.c")):
        with open(path) as f:
            rows += re.findall(r'^\t(SPECIAL|SWITCH)\("sabus-([\w-]+)"', f.read(), re.M)
    assert len(rows) > 15
    value = {"encryption": "allow", "ipsec": "optional", "min-strength": "good", "compression": "keep", "tunnel-mode": "refuse", "path-mtu": "auto",
             "mtu-cap": "1400", "bind-identity": "none"}
    for kind, name in rows:
        (tmp_path / "o").write_text("sabus-%s %s\nsabus-min-strength strong\n" % (name, value.get(name, "x") if kind == "SPECIAL" else ""))
        got = ctl.ask("explain", "--suite", "aes256gcm128", "--options", str(tmp_path / "o"))
        assert got["policy"]["min_strength"] == "strong", name


# ---- what sabusd knows ----

def explain(bus, *args):
    got = ctl.ctl(bus, "explain", "--json", *args)
    assert got.returncode in (0, 3), got
    return json.loads(got.stdout)


def test_peer(bus):
    publisher = bus.publisher().sync()
    assert explain(bus, "--peer", A)["reason"] == "no-sa"
    publisher.put(1, A)
    got = explain(bus, "--peer", A)
    assert (got["reason"], got["sa"]["id"], got["known"]) == ("ok-protected", 1, "sa") and A + ":1701" in got["note"] and "192.0.2.1:1701" in got["note"]
    assert explain(bus, "--peer", A + ":1701")["accept"] and explain(bus, "--peer", A, "--local", "192.0.2.1")["accept"]
    assert explain(bus, "--peer", A + ":1702")["reason"] == "no-sa"
    assert explain(bus, "--peer", A, "--local", "192.0.2.99")["reason"] == "no-sa"
    publisher.put(2, A, id_remote="somebody else")
    assert explain(bus, "--peer", A)["reason"] == "sa-ambiguous"
    publisher.put(3, "2001:db8::7", local="2001:db8::1")
    got = explain(bus, "--peer", "2001:db8::7")
    assert got["accept"] and got["mtu"]["ip"] == 40
    assert explain(bus, "--peer", "[2001:db8::7]:1701")["accept"]
    publisher.put(4, "198.51.100.9", state=wire.PENDING, ts=None, proto=None)
    assert explain(bus, "--peer", "198.51.100.9")["reason"] == "sa-pending"
    publisher.close()
    assert explain(bus, "--peer", A)["reason"] == "sa-unknown"


def test_why_there_is_no_sa(bus):
    """What charon has said of IKE with this peer, in the words of the one list; its remedy is the nearer one."""
    publisher = bus.publisher().sync()
    publisher.send(wire.ike_failed(A, wire.PEER_AUTH))
    got = explain(bus, "--peer", A)
    assert got["reason"] == "no-sa" and got["ike_failure"]["cause"] == "peer-auth" and got["ike_failure"]["seconds_ago"] < 60
    assert "pre-shared key" in got["remedy"] and got["remedy"] == got["ike_failure"]["remedy"]
    text = ctl.ctl(bus, "explain", "--peer", A).stdout
    assert re.search(r"^IKE +failed \d+ s ago, peer-auth: the peer could not prove", text, re.M) and re.search(r"^remedy +compare the pre-shared key", text, re.M)
    assert explain(bus, "--peer", ctl.B)["ike_failure"] is None and "IKE connection" in explain(bus, "--peer", ctl.B)["remedy"]
    publisher.send(wire.ike_failed(A, 4711))        # of a newer charon's plugin
    assert explain(bus, "--peer", A)["ike_failure"] is None


def test_marks(bus):
    bus.publisher().sync().put(1, A, set_mark_in=5, set_mark_in_mask=255)
    assert explain(bus, "--peer", A, "--mark", "5")["accept"] and explain(bus, "--peer", A, "--mark", "0x6")["reason"] == "no-sa"


def test_no_sabusd_is_an_answer(bus):
    bus.stop()
    got = explain(bus, "--peer", A)
    assert got["reason"] == got["known"] == "bus-down" and bus.path("read") in got["note"]


def test_a_stopped_sabusd_is_an_answer(bus):
    bus.publisher().sync().put(1, A)
    bus.pause()
    try:
        got = explain(bus, "--peer", A, "--local", "192.0.2.1")
    finally:
        bus.resume()
    assert got["reason"] == "bus-timeout" and got["known"] == "timeout"


def test_sa_by_number(bus):
    publisher = bus.publisher().sync()
    publisher.put(1, A, flags=1)
    other = wire.l2tp_sa(2, A, name="lan")
    other["ts"] = [dict(p, local_port_from=22, local_port_to=22, remote_port_from=0, remote_port_to=65535, local_proto=6, remote_proto=6) for p in other["ts"]]
    publisher.send(wire.sa_put(**other))
    got = explain(bus, "--sa", "1")
    assert got["accept"] and got["mtu"]["udp_encap"] == 8
    got = explain(bus, "--sa", "2")
    assert got["reason"] == "no-sa" and "1701" in got["note"] and "lan" in got["note"]
    assert ctl.ctl(bus, "explain", "--sa", "3").returncode == 1
    assert ctl.ctl(bus, "explain", "--sa", "x").returncode == 2


@pytest.mark.parametrize("args", [[], ["--suite", "aes256gcm128", "--known", "none"], ["--known", "maybe"], ["--suite", "foo"], ["--peer", "nobody"],
                                  ["--peer", "192.0.2.1:0"], ["--peer", "192.0.2.1:x"], ["--peer", "[::1"], ["--peer", "::1", "--local", "x"],
                                  ["--peer", "::1", "--mark", "x"], ["--suite", "aes256gcm128", "--role", "lac"],
                                  ["--suite", "aes256gcm128", "--replay-window", "5000"], ["--suite", "aes256gcm128", "--ipsec", "perhaps"]])
def test_usage(args):
    got = ctl.run("explain", *args)
    assert got.returncode == 2 and not got.stdout and "must be" in got.stderr
