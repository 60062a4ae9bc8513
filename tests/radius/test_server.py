# SPDX-License-Identifier: GPL-2.0-or-later
"""sabus-radius-client against the real FreeRADIUS with our templates: UDP and TLS."""
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "freeradius")]
import helper as h  # noqa: E402
import server  # noqa: E402

if server.missing():
    pytest.skip(server.missing(), allow_module_level=True)

# RFC 2759 section 9.2 and RFC 3079 section 3.5.3: one user, all values
USER, PASSWORD = "User", "clientPass"
CHALLENGE = bytes.fromhex("5B5D7C7D7B3F2F3E3C2C602132262628")
PEER_CHALLENGE = bytes.fromhex("21402324255E262A28295F2B3A337C7E")
RESPONSE = bytes.fromhex("82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF")
SUCCESS = b"S=407A5589115FD0D6209F510FE9C04566932CDA56"
SEND_KEY = bytes.fromhex("8B7CDC149B993A1BA118CB153F56DCCB")


def mschap2(response=RESPONSE):
    return h.user(USER) + [(h.MICROSOFT, 11, CHALLENGE), (h.MICROSOFT, 25, bytes([7, 0]) + PEER_CHALLENGE + bytes(8) + response)]


def certificates(folder, names="DNS:localhost,IP:127.0.0.1"):
    """A CA and one certificate for both ends."""
    folder.mkdir()
    shell = """set -e
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=ca -addext basicConstraints=critical,CA:TRUE
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout end.key -out end.csr -subj /CN=localhost
printf 'subjectAltName=NAMES\\nextendedKeyUsage=serverAuth,clientAuth\\n' > ext
openssl x509 -req -in end.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out end.crt -days 2 -extfile ext
chmod 755 .; chmod 644 *""".replace("NAMES", names)
    subprocess.run(["sh", "-c", shell], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def server_at(folder, **more):
    server.SECRET = h.SECRET
    users = '%s Cleartext-Password := "%s"\n\tFramed-IP-Address = 192.0.2.7, Class = 0x00ff' % (USER, PASSWORD)
    return server.Server(folder, {"RULES": "", "USERS_MORE": users}, **more)


@pytest.fixture(scope="module")
def radius(tmp_path_factory):
    with server_at(tmp_path_factory.mktemp("radius") / "s") as s:
        yield s


@pytest.fixture
def client(radius, tmp_path):
    with h.Client(h.configure(tmp_path, [(radius.auth_port, radius.acct_port)])) as c:
        yield c


def check_mschap2(c):
    m = c.auth(mschap2())
    assert m.arg == h.OK, m.text
    assert m.get(h.MICROSOFT, 26) == b"\x07" + SUCCESS
    assert m.get(h.MICROSOFT, 16) == SEND_KEY
    assert len(m.get(h.MICROSOFT, 17)) == 16 and m.get(h.MICROSOFT, 17) != SEND_KEY
    assert m.get(0, 8) == bytes([192, 0, 2, 7]) and m.get(0, 25) == b"\x00\xff"


def test_mschap2_with_keys(client):
    check_mschap2(client)


def test_mschap2_wrong(client):
    m = client.auth(mschap2(RESPONSE[::-1]))
    assert m.arg == h.REJECT and m.get(h.MICROSOFT, 2).startswith(b"\x07E=691")


def test_pap_and_chap(client):
    assert client.auth(h.pap(USER, PASSWORD)).arg == h.OK
    assert client.auth(h.pap(USER, "wrong")).arg == h.REJECT
    import hashlib
    digest = hashlib.md5(b"\x05" + PASSWORD.encode() + CHALLENGE).digest()
    chap = h.user(USER) + [(0, 60, CHALLENGE), (0, 3, b"\x05" + digest)]
    assert client.auth(chap).arg == h.OK


def test_our_attributes_arrive(client, radius):
    identity = ("C=CH, O=" + "x" * 242)[:250]
    client.auth(h.pap(USER, PASSWORD) + [(h.OURS, 1, h.integer(2)), (h.OURS, 9, identity[:240].encode()), (h.OURS, 9, identity[240:].encode()),
                                         (0, 64, h.integer(3)), (0, 66, b"\x00192.0.2.1")])
    log = radius.log.read_text()
    assert "Sabus-Protected = Confidential" in log and identity[:240] in log
    assert "Tunnel-Type:0 = L2TP" in log and 'Tunnel-Client-Endpoint:0 = "192.0.2.1"' in log


def test_accounting(client, radius):
    client.acct(h.STOP, h.stop("over-udp", USER) + [(0, 49, h.integer(2)), (0, 55, h.integer(1700000000))])
    assert client.receive(5).arg == h.OK
    log = radius.log.read_text()
    assert "Acct-Terminate-Cause = Lost-Carrier" in log and "Event-Timestamp = \"Nov 14 2023" in log


needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")


def tls_server(tmp_path, names):
    certificates(tmp_path / "certs", names)
    tls = {"CA": str(tmp_path / "certs/ca.crt"), "CERT": str(tmp_path / "certs/end.crt"), "KEY": str(tmp_path / "certs/end.key")}
    s = server_at(tmp_path / "s", overlays={"freeradius-tls": {"CA_CERT": tls["CA"], "SERVER_CERT": tls["CERT"], "SERVER_KEY": tls["KEY"]}})
    config = h.configure(tmp_path / "c", [(s.tls_port, s.tls_port)], more="serv-type tls\ntls-ca-file %(CA)s\ntls-cert-file %(CERT)s\ntls-key-file %(KEY)s\n" % tls)
    return s, config


@needs_openssl
def test_tls(tmp_path):
    """Authentication and accounting over TLS; a connection that the server closed is made anew; a server that is gone is down."""
    s, config = tls_server(tmp_path, "DNS:localhost,IP:127.0.0.1")
    with s:
        with h.Client(config) as c:
            assert c.ready.arg == h.OK, c.ready.text
            check_mschap2(c)
            c.acct(h.START, h.stop("over-tls", USER))
            assert c.receive(5).arg == h.OK
            s.stop()
            m = c.auth(mschap2(), 3000)
            assert m.arg == h.DOWN and m.took < 4.5
            s.start()
            check_mschap2(c)
    with h.Client(config) as c:
        assert c.ready.arg == h.DOWN and "TLS" in c.ready.text
        assert c.auth(mschap2(), 2000).arg == h.DOWN


@needs_openssl
def test_tls_server_of_another_name(tmp_path):
    s, config = tls_server(tmp_path, "DNS:other.example,IP:192.0.2.99")
    with s, h.Client(config) as c:
        assert c.ready.arg == h.DOWN
        assert c.auth(mschap2(), 2000).arg == h.DOWN
