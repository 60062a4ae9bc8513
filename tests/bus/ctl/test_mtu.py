# SPDX-License-Identifier: GPL-2.0-or-later
"""mtu: RFC 4303 in a few lines, written without looking at plugins/common, for every suite and path."""

import itertools

import ctl
import pytest

# suite: (iv, align, icv, what it is called)
SUITES = {
    "aes256gcm128": (8, 4, 16, "ESP AES_GCM_16-256"), "aes128gcm16": (8, 4, 16, "ESP AES_GCM_16-128"), "aes192gcm8": (8, 4, 8, "ESP AES_GCM_8-192"),
    "aes128ccm96": (8, 4, 12, "ESP AES_CCM_12-128"), "chacha20poly1305": (8, 4, 16, "ESP CHACHA20_POLY1305"),
    "aes128-sha1": (16, 16, 12, "ESP AES_CBC-128/HMAC_SHA1_96"), "aes-sha256-modp2048-noesn": (16, 16, 16, "ESP AES_CBC-128/HMAC_SHA2_256_128"),
    "aes256-sha256_96": (16, 16, 12, "ESP AES_CBC-256/HMAC_SHA2_256_96"), "AES256-SHA512-esn": (16, 16, 32, "ESP AES_CBC-256/HMAC_SHA2_512_256"),
    "aes256ctr-sha384": (8, 4, 24, "ESP AES_CTR-256/HMAC_SHA2_384_192"), "3des-md5": (8, 8, 12, "ESP 3DES_CBC/HMAC_MD5_96"),
    "null-sha256": (0, 4, 16, "ESP NULL/HMAC_SHA2_256_128"), "aes256gmac": (8, 4, 16, "ESP NULL_AES_GMAC-256"),
    "camellia256-aesxcbc-ecp256": (16, 16, 12, "ESP CAMELLIA_CBC-256/AES_XCBC_96"),
    "ESP AES_GCM_16-256": (8, 4, 16, "ESP AES_GCM_16-256"), "AES_CBC-128/HMAC_SHA1_96": (16, 16, 12, "ESP AES_CBC-128/HMAC_SHA1_96"),
}


def size(suite, natt, ipv6, tunnel, ppp):
    """Bytes of the IP packet around so many bytes of PPP information."""
    iv, align, icv, _ = SUITES[suite]
    ip = 40 if ipv6 else 20
    inner = (ip if tunnel else 0) + 8 + 6 + 4 + ppp + 2
    return ip + (8 if natt else 0) + 8 + iv + -(-inner // align) * align + icv


@pytest.mark.parametrize("suite", SUITES)
def test_largest_that_fits(suite):
    for natt, ipv6, tunnel, path in itertools.product((0, 1), (0, 1), (0, 1), (1500, 1491)):
        args = ["mtu", suite, "--path-mtu", str(path)] + ["--nat-t"] * natt + ["--ipv6"] * ipv6 + (["--mode", "tunnel"] if tunnel else [])
        got = ctl.ask(*args)
        mtu = got["mtu"]["mtu"]
        assert got["suite"] == SUITES[suite][3] and got["mode"] == ("tunnel" if tunnel else "transport")
        assert size(suite, natt, ipv6, tunnel, mtu) <= path < size(suite, natt, ipv6, tunnel, mtu + 1), args
        terms = [v for k, v in got["mtu"].items() if k not in ("mtu", "sum", "path_mtu")]
        assert got["mtu"]["path_mtu"] - sum(terms) == mtu


def test_text_adds_up():
    lines = ctl.run("mtu", "aes128-sha1", "--nat-t", "--mppe").stdout.splitlines()
    assert lines[0] == "ESP AES_CBC-128/HMAC_SHA1_96, transport mode, IPv4, NAT-T"
    numbers = [int(line.split()[0]) for line in lines[1:]]
    assert sum(numbers[:-1]) == numbers[-1] and numbers[0] == 1500 and any("MPPE" in line for line in lines)
    assert len({line.index(line.split(None, 1)[1]) for line in lines[1:]}) == 1


def test_ah_and_headers():
    ah = ctl.ask("mtu", "AH HMAC_SHA2_256_128")["mtu"]
    assert ah["mtu"] == 1500 - 20 - 12 - 16 - 8 - 6 - 4 and "ah" in ah["sum"]
    assert ctl.ask("mtu", "aes128gcm16", "--l2tp-header", "10")["mtu"]["l2tp"] == 10


@pytest.mark.parametrize("suite", ["", "foo", "aes512gcm16", "aes128-", "aes128-aes256", "sha1", "aes128-sha1-foo", "256", "AES_CBC-512", "AH AES_CBC-128",
                                   "x" * 200, "aes128-sha1-sha1", "esp ", "aes128gcm17"])
def test_no_suite(suite):
    got = ctl.run("mtu", suite)
    assert got.returncode == 2 and not got.stdout and "SUITE" in got.stderr and "aes256gcm128" in got.stderr


@pytest.mark.parametrize("option, value", [("--path-mtu", "575"), ("--path-mtu", "65536"), ("--path-mtu", "1500x"), ("--path-mtu", "-1"), ("--path-mtu", ""),
                                           ("--l2tp-header", "5"), ("--mode", "beet")])
def test_bad_values(option, value):
    got = ctl.run("mtu", "aes128gcm16", option, value)
    assert got.returncode == 2 and option[2:] in got.stderr and "'%s'" % value in got.stderr and not got.stdout


def test_what_cannot_be_computed():
    got = ctl.run("mtu", "aes256")
    assert got.returncode == 1 and "no integrity" in got.stderr and not got.stdout
