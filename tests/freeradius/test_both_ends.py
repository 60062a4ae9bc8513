# SPDX-License-Identifier: GPL-2.0-or-later
"""Our RADIUS client (sabus-radius-client) and the real server, both by conf-templates: over UDP and over TLS, into the database."""
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "radius")]
import helper  # noqa: E402
import server  # noqa: E402

if server.missing():
    pytest.skip(server.missing(), allow_module_level=True)
if not os.access(helper.CLIENT, os.X_OK):
    pytest.skip("sabus-radius-client is not built", allow_module_level=True)

AT = {a.name: a.number for a in server.generate.parse((server.PLUGIN / "attributes.tsv").read_text())}
VALUES = {(a.name, word): n for a in server.generate.parse((server.PLUGIN / "attributes.tsv").read_text()) for word, n in a.values.items()}
USERS = """
alice Cleartext-Password := "pw", Sabus-Need-Strength := Good, Sabus-Bind-Identity := Name
	Class = "first",
	Class += "second",
	Sabus-Min-Strength = Good,
	Sabus-Allowed-IKE-Identity = "*, CN=alice",
	Sabus-Allowed-IKE-Identity += "alice",
	Sabus-MTU-Cap = 1300
"""
# longer than an attribute can be
IDENTITY = "C=CH, O=Example, OU=%s, CN=alice" % ("x" * 223)


def sabus(**values):
    """Our attributes as the plugin puts them; a '_' in a name is a '-'."""
    found = []
    for name, value in values.items():
        name = "Sabus-" + name.replace("_", "-")
        if isinstance(value, str) and (name, value) in VALUES:
            value = VALUES[name, value]
        if isinstance(value, int):
            found.append((helper.OURS, AT[name], helper.integer(value)))
        else:
            found += [(helper.OURS, AT[name], value.encode()[i:i + 240]) for i in range(0, len(value), 240)]
    return found


STRONG = sabus(Protected="Confidential", Strength="Strong", Suite="ESP AES_GCM_16-256", IKE_Auth="pubkey", IKE_Identity=IDENTITY)
LEGACY = sabus(Protected="Confidential", Strength="Legacy", Suite="ESP 3DES_CBC/HMAC_SHA1_96", IKE_Auth="psk", IKE_Identity=IDENTITY)


def authority(folder):
    """A CA of our own, certificates of the server (by its address: radcli tries only the first address of a name, and localhost has two) and of the
    LNS, and one of a CA that nobody knows."""
    folder.mkdir(parents=True)

    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=folder)

    for ca in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", ca + ".key", "-out", ca + ".pem", "-days", "2", "-subj", "/CN=" + ca)
    for name, ca, also in (("radius", "ca", "IP:127.0.0.1"), ("misnamed", "ca", "IP:127.0.0.2"), ("lns", "ca", "DNS:lns"), ("stranger", "other", "DNS:lns")):
        (folder / "ext").write_text("subjectAltName=%s\n" % also)
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
        openssl("x509", "-req", "-in", name + ".csr", "-CA", ca + ".pem", "-CAkey", ca + ".key", "-CAcreateserial", "-out", name + ".pem", "-days", "2", "-extfile", "ext")
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("client") / "s"
    certs = authority(folder / "certs")
    tls = {"SERVER_KEY": str(certs / "radius.key"), "SERVER_CERT": str(certs / "radius.pem"), "CA_CERT": str(certs / "ca.pem")}
    overlays = {"freeradius-sql": {"SQLITE_FILE": str(folder / "radius.db")}, "freeradius-tls": tls}
    with server.Server(folder, {"USERS_MORE": USERS}, overlays) as radius:
        yield radius


def configure(radius, folder, role, values):
    """conf-templates/ROLE in FOLDER in place of /etc; returns radiusclient.conf."""
    files = server.render.render(role, values)
    server.render.write({rel: text.replace("/etc/radcli/", "%s/radcli/" % folder) for rel, text in files.items()}, str(folder))
    return folder / "radcli" / "radiusclient.conf"


def over_udp(radius, folder, **more):
    generate = server.generate
    flat = generate.flat(generate.parse((server.PLUGIN / "attributes.tsv").read_text()), helper.OURS, (server.PLUGIN / "base.radiusclient").read_text())
    (folder / "dictionary.radiusclient").write_text(flat)
    return configure(radius, folder, "lns-radius", {"DATA": str(folder), "AUTH_SERVERS": "127.0.0.1:%d" % radius.auth_port, "ACCT_SERVERS": "127.0.0.1:%d" % radius.acct_port,
                                                     "SERVERS": "127.0.0.1 %s" % radius.plain_secret, **more})


def over_tls(radius, folder, who="lns", ca="ca"):
    generate = server.generate
    flat = generate.flat(generate.parse((server.PLUGIN / "attributes.tsv").read_text()), helper.OURS, (server.PLUGIN / "base.radiusclient").read_text())
    (folder / "dictionary.radiusclient").write_text(flat)
    certs = radius.folder / "certs"
    return configure(radius, folder, "lns-radius-tls", {"DATA": str(folder), "TLS_HOST": "127.0.0.1", "TLS_SERVER": "127.0.0.1:%d" % radius.tls_port,
                                                         "CA_CERT": str(certs / (ca + ".pem")), "CLIENT_CERT": str(certs / (who + ".pem")), "CLIENT_KEY": str(certs / (who + ".key"))})


@pytest.fixture(params=[over_udp, over_tls], ids=["udp", "tls"])
def client(request, place, tmp_path):
    with helper.Client(request.param(place, tmp_path)) as c:
        assert c.ready.arg == helper.OK, c.ready.text
        yield c


def test_strong_is_accepted_with_its_policy(client):
    """What the server asks for arrives: each attribute, of two the second, too, in order."""
    m = client.auth(helper.pap() + STRONG)
    assert m.arg == helper.OK, m.text
    assert m.all(0, 25) == [b"first", b"second"]
    assert m.get(helper.OURS, AT["Sabus-Min-Strength"]) == helper.integer(2)
    assert m.get(helper.OURS, AT["Sabus-MTU-Cap"]) == helper.integer(1300)
    assert m.all(helper.OURS, AT["Sabus-Allowed-IKE-Identity"]) == [b"*, CN=alice", b"alice"]


def test_weak_is_refused_and_told_why(client):
    m = client.auth(helper.pap() + LEGACY)
    assert m.arg == helper.REJECT and b"sabus: sa-weak: " in m.get(0, 18)


def test_the_wrong_password_is_refused(client):
    m = client.auth(helper.pap(password="no") + STRONG)
    assert m.arg == helper.REJECT and not m.get(0, 18)


def row(place, session):
    db = sqlite3.connect(str(place.folder / "radius.db"), timeout=10)
    db.row_factory = sqlite3.Row
    found = db.execute("SELECT * FROM radacct WHERE acctsessionid = ?", (session,)).fetchone()
    db.close()
    return found


def test_accounting_reaches_the_database(client, place, request):
    """Start and Stop with an identity longer than an attribute: it is there whole."""
    name = request.node.name
    said = helper.stop(name) + [(0, 32, b"lns")] + STRONG
    client.acct(helper.START, said)
    client.acct(helper.STOP, said + sabus(Reason="sa-gone") + [(0, 49, helper.integer(2)), (0, 46, helper.integer(7))])
    end = time.monotonic() + server.LIMIT
    while not (row(place, name) and row(place, name)["acctstoptime"] and row(place, name)["sabus_reason"]):
        assert time.monotonic() < end, "no Stop in the database"
        time.sleep(0.1)
    found = row(place, name)
    assert found["sabus_ike_identity"] == IDENTITY and found["sabus_reason"] == "sa-gone" and found["acctterminatecause"] == "Lost-Carrier"
    assert found["sabus_strength"] == "Strong" and found["acctsessiontime"] == 7


@pytest.mark.parametrize("who, ca", [("stranger", "ca"), ("lns", "other")], ids=["client_of_another_ca", "server_of_another_ca"])
def test_a_certificate_of_another_ca_gets_nothing(place, tmp_path, who, ca):
    """Either end refuses: nobody is let in, and nothing is said."""
    with helper.Client(over_tls(place, tmp_path, who, ca)) as c:
        if c.ready.arg == helper.OK:
            assert c.auth(helper.pap() + STRONG, 6000).arg == helper.DOWN


def test_a_certificate_for_another_name_gets_nothing(place, tmp_path):
    """The right CA is not enough: radcli holds the server to the name in authserver."""
    certs = place.folder / "certs"
    tls = {"SERVER_KEY": str(certs / "misnamed.key"), "SERVER_CERT": str(certs / "misnamed.pem"), "CA_CERT": str(certs / "ca.pem")}
    with server.Server(tmp_path / "s", {"USERS_MORE": USERS}, {"freeradius-tls": tls}) as other:
        other.folder = place.folder
        with helper.Client(over_tls(other, tmp_path)) as c:
            if c.ready.arg == helper.OK:
                assert c.auth(helper.pap() + STRONG, 6000).arg == helper.DOWN


def test_another_secret_gets_no_answer(place, tmp_path):
    """Message-Authenticator: the server does not even say no."""
    with helper.Client(over_udp(place, tmp_path, SERVERS="127.0.0.1 another-secret", RADIUS_TIMEOUT="1", RADIUS_RETRIES="1")) as c:
        assert c.ready.arg == helper.OK
        assert c.auth(helper.pap() + STRONG, 4000).arg == helper.DOWN
