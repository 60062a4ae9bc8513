# SPDX-License-Identifier: GPL-2.0-or-later
"""Each rule of policy.d/sabus on the real server: what a client says of its SA, and what comes back."""
import hashlib
import hmac
import socket
import struct
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import server  # noqa: E402

if server.missing():
    pytest.skip(server.missing(), allow_module_level=True)

STRONG = [("Sabus-Protected", "Confidential"), ("Sabus-Strength", "Strong"), ("Sabus-Suite", "ESP AES_GCM_16-256"), ("Sabus-IKE-Auth", "pubkey")]
LEGACY = [("Sabus-Protected", "Confidential"), ("Sabus-Strength", "Legacy"), ("Sabus-Suite", "ESP 3DES_CBC"), ("Sabus-IKE-Auth", "psk")]
NULL = [("Sabus-Protected", "Integrity"), ("Sabus-Strength", "Good"), ("Sabus-Suite", "ESP NULL"), ("Sabus-IKE-Auth", "psk")]
NONE = [("Sabus-Protected", "No")]
SILENT = []

# the rule called alone: by the name that the client gives itself
ALONE = ("sabus_confidential", "sabus_protected", "sabus_strength", "sabus_no_group_psk", "sabus_identity", "sabus_encrypt")
RULES = "\n".join(['if (&NAS-Identifier == "quarantine") {', "sabus_quarantine", "sabus", "}"] +
                  ["\n".join(['elsif (&NAS-Identifier == "%s") {' % rule, rule, "}"]) for rule in ALONE] +
                  ["else {", "sabus", "}"])

USERS = {
    "alice": "", "root": "Sabus-Deny-Group-PSK := Yes", "staff": "Sabus-Need-Protected := Confidential", "guest": "Sabus-Need-Protected := Integrity",
    "good": "Sabus-Need-Strength := Good", "strong": "Sabus-Need-Strength := Strong", "any": "Sabus-Need-Protected := No, Sabus-Need-Strength := Broken",
    "equal": "Sabus-Bind-Identity := Equal", "bob": "Sabus-Bind-Identity := Name", "10": "Sabus-Bind-Identity := Name", "unbound": "Sabus-Bind-Identity := No",
    "shut": 'Sabus-Need-Protected := Confidential, Sabus-Need-Strength := Good, Sabus-Quarantine := "cage", Sabus-Quarantine-Pool := "cage-pool"',
    "both": 'Sabus-Need-Strength := Good, Sabus-Bind-Identity := Name, Sabus-Quarantine := "cage"',
    "eap": "Sabus-Authorize-Only := Yes, Sabus-Need-Strength := Good", "cert": "Sabus-Authorize-Only := No",
    "all": "Sabus-Need-Protected := Confidential, Sabus-Need-Strength := Good, Sabus-Deny-Group-PSK := Yes, Sabus-Bind-Identity := Name",
}


@pytest.fixture(scope="module")
def radius(tmp_path_factory):
    more = "\n".join('%s Cleartext-Password := "pw"%s\n\tFramed-IP-Address = 192.0.2.7' % (name, ", " + needs if needs else "") for name, needs in USERS.items())
    with server.Server(tmp_path_factory.mktemp("policy") / "s", {"RULES": RULES, "USERS_MORE": more}) as s:
        yield s


def ike(text, piece=240):
    """An identity in pieces, as the client sends it."""
    return [("Sabus-IKE-Identity", text[i:i + piece]) for i in range(0, len(text), piece)]


ACCEPT = None
TABLE = [
    # user, what the client says, the word of the refusal (None: accepted)
    ("alice", SILENT, ACCEPT), ("alice", NONE, ACCEPT), ("any", SILENT, ACCEPT),
    ("staff", STRONG, ACCEPT), ("staff", LEGACY, ACCEPT), ("staff", NULL, "sa-not-confidential"), ("staff", NONE, "no-sa"), ("staff", SILENT, "no-sa"),
    ("guest", NULL, ACCEPT), ("guest", STRONG, ACCEPT), ("guest", NONE, "no-sa"), ("guest", SILENT, "no-sa"),
    ("good", STRONG, ACCEPT), ("good", NULL, ACCEPT), ("good", LEGACY, "sa-weak"), ("good", NONE, "no-sa"), ("good", SILENT, "no-sa"),
    # a strength without an SA is nobody's
    ("good", [("Sabus-Strength", "Strong")], "no-sa"), ("good", [("Sabus-Strength", "Strong")] + NONE, "no-sa"),
    ("strong", NULL, "sa-weak"), ("strong", STRONG, ACCEPT),
    ("root", STRONG, ACCEPT), ("root", LEGACY, "group-psk"), ("root", SILENT, "no-sa"),
    ("root", [("Sabus-IKE-Auth", "psk+xauth")], "group-psk"), ("root", [("Sabus-IKE-Auth", "PSK")], "group-psk"), ("root", [("Sabus-IKE-Auth", "pubkey+eap-mschapv2")], ACCEPT),
    ("equal", ike("equal"), ACCEPT), ("equal", ike("equal@example.org"), "identity-mismatch"), ("equal", SILENT, "identity-mismatch"),
    ("equal", ike("Equal"), "identity-mismatch"), ("unbound", ike("somebody"), ACCEPT),
    ("bob", ike("bob"), ACCEPT), ("bob", ike("bob@example.org"), ACCEPT), ("bob", ike("bob.example.org"), ACCEPT),
    ("bob", ike("C=CH, O=Example, CN=bob"), ACCEPT), ("bob", ike("CN=bob, O=Example"), ACCEPT), ("bob", ike("CN=bob"), ACCEPT),
    ("bob", ike("C=CH, O=Example, CN=bobby"), "identity-mismatch"), ("bob", ike("bobby@example.org"), "identity-mismatch"),
    ("bob", ike("alice.bob.example.org"), "identity-mismatch"), ("bob", ike("O=bob, CN=alice"), "identity-mismatch"),
    ("bob", ike("O=x, CN=bob, CN=alice"), "identity-mismatch"), ("bob", ike("XCN=bob"), "identity-mismatch"), ("bob", ike("alice@bob"), "identity-mismatch"),
    ("bob", ike("%any"), "identity-mismatch"), ("bob", ike(""), "identity-mismatch"), ("bob", SILENT, "identity-mismatch"),
    # the EAP identity is the person, the IKE identity may be a device
    ("bob", ike("laptop17") + [("Sabus-EAP-Identity", "bob")], ACCEPT), ("bob", ike("bob") + [("Sabus-EAP-Identity", "alice")], "identity-mismatch"),
    # an address is no name
    ("10", ike("10.9.0.2"), "identity-mismatch"), ("10", ike("10.example.org"), ACCEPT),
    # longer than an attribute: in pieces, in order
    ("bob", ike("C=CH, O=%s, CN=bob" % ("x" * 230)), ACCEPT), ("bob", ike("C=CH, O=%s, CN=alice" % ("x" * 230)), "identity-mismatch"),
    ("bob", ike("O=%s, CN=bob" % ("x" * 226)), ACCEPT),
    ("all", STRONG + ike("all"), ACCEPT), ("all", STRONG + ike("bob"), "identity-mismatch"), ("all", LEGACY + ike("all"), "sa-weak"),
    ("all", NULL + ike("all"), "sa-not-confidential"), ("all", SILENT, "no-sa"),
]


@pytest.mark.parametrize("user, said, word", TABLE, ids=["%d-%s-%s" % (i, t[0], t[2] or "accept") for i, t in enumerate(TABLE)])
def test_rules(radius, user, said, word):
    """What a user needs decides over what the client says; a refusal says why, and nothing else."""
    r = radius.auth(user, *said)
    assert r.accepted == (word is None), r
    if word:
        assert r.get("Reply-Message").startswith("sabus: %s: " % word), r
        assert r.get("Framed-IP-Address") is None, r
    else:
        assert r.get("Reply-Message") is None, r


@pytest.mark.parametrize("rule, user, said, word", [
    ("sabus_confidential", "alice", STRONG, None), ("sabus_confidential", "alice", NULL, "sa-not-confidential"), ("sabus_confidential", "alice", SILENT, "no-sa"),
    ("sabus_protected", "all", LEGACY + ike("nobody"), None), ("sabus_protected", "all", NULL, "sa-not-confidential"),
    ("sabus_strength", "all", LEGACY, "sa-weak"), ("sabus_strength", "all", NULL, None),
    ("sabus_no_group_psk", "all", NULL, "group-psk"), ("sabus_no_group_psk", "all", [("Sabus-IKE-Auth", "pubkey")], None),
    ("sabus_identity", "all", ike("all"), None), ("sabus_identity", "all", ike("bob"), "identity-mismatch"),
])
def test_each_rule_alone(radius, rule, user, said, word):
    """A rule that is called alone asks for its own, and for nothing else."""
    r = radius.auth(user, ("NAS-Identifier", rule), *said)
    assert r.accepted == (word is None), r
    if word:
        assert r.get("Reply-Message").startswith("sabus: %s: " % word), r


def test_quarantine_in_place_of_a_refusal(radius):
    """Who is too weak is let in, into the cage: filter and pool, and no address of his own; who is strong is not."""
    for said, word in ((LEGACY, "sa-weak"), (NULL, "sa-not-confidential"), (SILENT, "no-sa")):
        r = radius.auth("shut", *said)
        assert r.accepted and r.get("Filter-Id") == "cage" and r.get("Framed-Pool") == "cage-pool" and r.get("Framed-IP-Address") is None, r
        assert r.get("Reply-Message").startswith("sabus: quarantine: %s: " % word), r
    r = radius.auth("shut", *STRONG)
    assert r.accepted and r.get("Filter-Id") is None and r.get("Framed-Pool") is None and r.get("Framed-IP-Address") == "192.0.2.7", r


def test_quarantine_for_everybody(radius):
    """sabus_quarantine before the rules: the cage of those who have none of their own."""
    r = radius.auth("good", ("NAS-Identifier", "quarantine"), *LEGACY)
    assert r.accepted and r.get("Filter-Id") == "quarantine", r
    r = radius.auth("shut", ("NAS-Identifier", "quarantine"), *LEGACY)
    assert r.accepted and r.get("Filter-Id") == "cage", r
    r = radius.auth("good", ("NAS-Identifier", "quarantine"), *STRONG)
    assert r.accepted and r.get("Filter-Id") is None, r


def test_somebody_else_is_never_let_into_quarantine(radius):
    """Whose SA stands for somebody else is refused, cage or not."""
    r = radius.auth("both", *LEGACY, *ike("mallory"))
    assert not r.accepted and "identity-mismatch" in r.get("Reply-Message") and r.get("Filter-Id") is None, r


def test_mppe_in_place_of_a_refusal(radius):
    """sabus_encrypt: where the SA does not encrypt, the link must."""
    assert radius.auth("alice", ("NAS-Identifier", "sabus_encrypt"), *NULL).get("Sabus-Encryption-Policy") == "Require"
    assert radius.auth("alice", ("NAS-Identifier", "sabus_encrypt"), *SILENT).get("Sabus-Encryption-Policy") == "Require"
    assert radius.auth("alice", ("NAS-Identifier", "sabus_encrypt"), *STRONG).get("Sabus-Encryption-Policy") is None


def test_users_whom_pppd_has_authenticated(radius):
    """EAP-TLS: asked is what the user may only; only for users who are marked, by the same rules, and never beside a password."""
    def ask(user, *said):
        return radius.send("auth", [("User-Name", user), ("Service-Type", "Authorize-Only"), ("NAS-IP-Address", "127.0.0.1"), ("Message-Authenticator", "0x00")] + list(said),
                           radius.auth_port)
    r = ask("eap", *STRONG)
    assert r.accepted and r.get("Framed-IP-Address") == "192.0.2.7", r
    r = ask("eap", *LEGACY)
    assert not r.accepted and "sa-weak" in r.get("Reply-Message"), r
    for user in ("alice", "cert", "nobody-knows"):
        assert not ask(user, *STRONG).accepted
    assert not ask("eap", ("User-Password", "wrong"), *STRONG).accepted
    assert ask("eap", ("User-Password", "pw"), *STRONG).accepted
    r = radius.send("auth", [("User-Name", "eap"), ("NAS-IP-Address", "127.0.0.1"), ("Message-Authenticator", "0x00")] + STRONG, radius.auth_port)
    assert not r.accepted, r


def test_a_wrong_password_is_told_nothing_of_the_rules(radius):
    """The rules come after the password."""
    r = radius.auth("staff", *NULL, password="wrong")
    assert not r.accepted and r.get("Reply-Message") is None, r


def test_the_servers_own_attributes_do_not_come_from_clients(radius):
    """What a user needs is in the control list; a client that sends these attributes changes nothing."""
    r = radius.auth("staff", *NULL, ("Sabus-Need-Protected", "No"), ("Sabus-Quarantine", "nice"))
    assert not r.accepted and "sa-not-confidential" in r.get("Reply-Message"), r
    r = radius.auth("bob", ("Sabus-Identity", "bob"))
    assert not r.accepted and "identity-mismatch" in r.get("Reply-Message"), r


def test_mschap_gives_keys_of_128_bit_and_leaves_mppe_to_sabus(radius):
    """MS-CHAP: MPPE keys, policy 'allowed' (sabus decides by the SA), and no 40 bit."""
    r = radius.send("auth", [("User-Name", "alice"), ("MS-CHAP-Password", "pw"), ("NAS-IP-Address", "127.0.0.1"), ("Message-Authenticator", "0x00")], radius.auth_port)
    assert r.accepted and r.get("MS-CHAP-MPPE-Keys"), r
    assert r.get("MS-MPPE-Encryption-Policy") == "Encryption-Allowed" and r.get("MS-MPPE-Encryption-Types") == "4", r
    r = radius.send("auth", [("User-Name", "staff"), ("MS-CHAP-Password", "pw"), ("NAS-IP-Address", "127.0.0.1"), ("Message-Authenticator", "0x00")] + NULL, radius.auth_port)
    assert not r.accepted and r.get("MS-CHAP-MPPE-Keys") is None, r


def bare_request(user, password, ident=7, message_authenticator=None):
    """An Access-Request of our own making: radclient would add a Message-Authenticator."""
    vector = bytes(range(16))
    hidden = bytes(a ^ b for a, b in zip(password.encode().ljust(16, b"\0"), hashlib.md5(server.SECRET.encode() + vector).digest()))
    attributes = [(1, user.encode()), (2, hidden), (4, bytes([127, 0, 0, 1]))]
    if message_authenticator is not None:
        attributes.insert(0, (80, message_authenticator))
    body = b"".join(bytes([t, len(v) + 2]) + v for t, v in attributes)
    return struct.pack(">BBH", 1, ident, 20 + len(body)) + vector + body


def ask(port, packet, patience):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(patience)
        s.sendto(packet, ("127.0.0.1", port))
        try:
            return s.recv(4096)
        except socket.timeout:
            return None


def test_a_request_without_a_valid_message_authenticator_gets_no_answer(radius):
    """BlastRADIUS: require_message_authenticator; the same request with a valid one is answered."""
    assert ask(radius.auth_port, bare_request("alice", "pw"), 1.0) is None
    assert ask(radius.auth_port, bare_request("alice", "pw", 8, bytes(16)), 1.0) is None
    packet = bare_request("alice", "pw", 9, bytes(16))
    good = hmac.new(server.SECRET.encode(), packet, "md5").digest()
    answer = ask(radius.auth_port, packet.replace(bytes([80, 18]) + bytes(16), bytes([80, 18]) + good), server.LIMIT)
    # accepted, and the first attribute of the answer is its Message-Authenticator
    assert answer[0] == 2 and answer[20:22] == bytes([80, 18])
