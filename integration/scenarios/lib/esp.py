# SPDX-License-Identifier: GPL-2.0-or-later
"""ESP suites of the scenarios, and what they cost on the wire: RFC 4303 in a few
lines, written without looking at plugins/common, and a table of expected values
that is looked at by both."""

from collections import namedtuple

UDP, ESP_HEADER, ESP_TRAILER, L2TP_PPP = 8, 8, 2, 10
IP = {4: 20, 6: 40}

# proposal: swanctl's word.  iv, align, icv: bytes.  xfrm: words for 'ip xfrm state'.
Suite = namedtuple("Suite", "proposal iv align icv xfrm")


def _key(n):
    return "0x" + bytes(range(1, n + 1)).hex()


def _auth(name, key, bits):
    return ["auth-trunc", "hmac(%s)" % name, _key(key), str(bits)]


SUITES = {
    "gcm": Suite("aes256gcm128", 8, 4, 16, ["aead", "rfc4106(gcm(aes))", _key(36), "128"]),
    "chacha": Suite("chacha20poly1305", 8, 4, 16, ["aead", "rfc7539esp(chacha20,poly1305)", _key(36), "128"]),
    "cbc-sha1": Suite("aes256-sha1", 16, 16, 12, ["enc", "cbc(aes)", _key(32)] + _auth("sha1", 20, 96)),
    "cbc-sha256": Suite("aes256-sha256", 16, 16, 16, ["enc", "cbc(aes)", _key(32)] + _auth("sha256", 32, 128)),
    "cbc-sha512": Suite("aes256-sha512", 16, 16, 32, ["enc", "cbc(aes)", _key(32)] + _auth("sha512", 64, 256)),
    "3des-sha1": Suite("3des-sha1", 8, 8, 12, ["enc", "cbc(des3_ede)", _key(24)] + _auth("sha1", 20, 96)),
    "null-sha256": Suite("null-sha256", 0, 4, 16, ["enc", "ecb(cipher_null)", ""] + _auth("sha256", 32, 128)),
}

# PPP MTU by suite: columns as in COLUMNS.
COLUMNS = ((4, False, 1500), (4, True, 1500), (4, False, 1492), (4, True, 1492), (6, False, 1500), (6, True, 1500))
TABLE = {
    "gcm": (1428, 1420, 1420, 1412, 1408, 1400),
    "chacha": (1428, 1420, 1420, 1412, 1408, 1400),
    "cbc-sha1": (1420, 1404, 1404, 1404, 1404, 1388),
    "cbc-sha256": (1420, 1404, 1404, 1404, 1388, 1388),
    "cbc-sha512": (1404, 1388, 1388, 1388, 1372, 1372),
    "3des-sha1": (1428, 1420, 1420, 1412, 1412, 1404),
    "null-sha256": (1436, 1428, 1428, 1420, 1416, 1408),
}


def expected_mtu(suite, natt=False, version=4, path=1500):
    return TABLE[suite][COLUMNS.index((version, natt, path))]


def packet_size(suite, natt, version, ppp):
    """Bytes of the IP packet around PPP bytes of PPP information, transport mode."""
    s = SUITES[suite]
    inner = UDP + L2TP_PPP + ppp + ESP_TRAILER
    return IP[version] + (UDP if natt else 0) + ESP_HEADER + s.iv + -(-inner // s.align) * s.align + s.icv
