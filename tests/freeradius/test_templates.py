# SPDX-License-Identifier: GPL-2.0-or-later
"""The configurations of conf-templates for FreeRADIUS and for an LNS with RADIUS: complete, well-formed for the server itself, and safe to write."""
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import server  # noqa: E402

render = server.render
SERVER_ROLES = ("freeradius", "freeradius-sql", "freeradius-tls", "freeradius-coa")
LNS_ROLES = ("lns-radius", "lns-radius-tls", "lns-radius-stock", "lns-dynauth")
no_server = pytest.mark.skipif(server.missing() is not None, reason=str(server.missing()))


def certificate(folder):
    folder.mkdir(parents=True)
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", "/CN=radius.example.org"],
                   check=True, capture_output=True)
    return {"SERVER_KEY": str(key), "SERVER_CERT": str(cert), "CA_CERT": str(cert)}


VARIANTS = {
    "files": ({}, ()),
    "stock_radius_so": ({"REQUIRE_MESSAGE_AUTHENTICATOR": "no"}, ()),
    "each_rule": ({"RULES": "\n".join(("sabus_quarantine", "sabus_confidential", "sabus_protected", "sabus_strength", "sabus_no_group_psk", "sabus_identity", "sabus_encrypt"))}, ()),
    "coa": ({"ACCOUNTING_MORE": "files.authorize\nsabus_disconnect", "CLIENT_MORE": "coa_server = sabus_dynauth"}, ("coa",)),
    "sqlite": ({}, ("sqlite",)),
    "postgresql": ({}, ("postgresql",)),
    "tls": ({}, ("tls",)),
    "sqlite_and_tls": ({}, ("sqlite", "tls")),
}


@no_server
@pytest.mark.parametrize("variant", VARIANTS)
def test_freeradius_takes_each_variant(tmp_path, variant):
    """freeradius -XC on what is rendered: dictionary, rules, modules and sites as they will run."""
    values, which = VARIANTS[variant]
    overlays = {}
    if "sqlite" in which:
        overlays["freeradius-sql"] = {"SQLITE_FILE": str(tmp_path / "s" / "radius.db")}
    if "postgresql" in which:
        overlays["freeradius-sql"] = {"DIALECT": "postgresql", "DATABASE": "host=127.0.0.1 port=1 dbname=radius"}
    if "coa" in which:
        overlays["freeradius-coa"] = {"DYNAUTH": "127.0.0.1"}
    if "tls" in which:
        overlays["freeradius-tls"] = certificate(tmp_path / "s" / "certs")
    ok, said = server.Server(tmp_path / "s", values, overlays).check()
    assert ok, said[-3000:]
    assert "Loading virtual module sabus" in said or "sabus" in said
    if "sqlite" in which:
        assert (tmp_path / "s" / "radius.db").exists()


@no_server
def test_freeradius_refuses_a_wrong_rule(tmp_path):
    """The check above can fail: a rule that does not exist is an error."""
    ok, _ = server.Server(tmp_path / "s", {"RULES": "sabus_no_such_rule"}).check()
    assert not ok


@no_server
def test_tls_listener_asks_for_a_certificate(tmp_path):
    """The TLS site really listens, with TLS 1.2 or later, and who shows no certificate gets nothing."""
    pem = certificate(tmp_path / "s" / "certs")
    with server.Server(tmp_path / "s", {}, {"freeradius-tls": pem}) as s:
        where = ["-connect", "127.0.0.1:%d" % s.tls_port]
        old = subprocess.run(["openssl", "s_client", *where, "-tls1_1"], input=b"", capture_output=True, timeout=20)
        assert b"Cipher is (NONE)" in old.stdout or old.returncode != 0
        bare = subprocess.run(["openssl", "s_client", *where, "-tls1_2"], input=b"", capture_output=True, timeout=20)
        assert b"CN = radius.example.org" in bare.stdout or b"CN=radius.example.org" in bare.stdout
        assert bare.returncode != 0 or b"alert" in bare.stderr, bare.stderr
        own = subprocess.run(["openssl", "s_client", *where, "-tls1_2", "-cert", pem["SERVER_CERT"], "-key", pem["SERVER_KEY"], "-CAfile", pem["CA_CERT"]],
                             input=b"", capture_output=True, timeout=20)
        assert own.returncode == 0 and b"Verify return code: 0 (ok)" in own.stdout, own.stdout


@pytest.mark.parametrize("role", SERVER_ROLES + LNS_ROLES)
def test_every_name_has_a_value_and_is_used(role):
    """No ${NAME} without a default, no default that no file uses."""
    files = render.render(role, {})
    assert files
    marked = {name: "«%s»" % name for name in render.defaults(role)}
    text = "".join(render.render(role, marked).values())
    assert [n for n, mark in marked.items() if mark not in text] == []


@pytest.mark.parametrize("role", SERVER_ROLES + LNS_ROLES)
def test_what_is_secret_is_private(tmp_path, role):
    """Files with secrets in them are for their owner alone, and what was there before is kept."""
    files = render.render(role, {})
    render.write(files, str(tmp_path))
    for rel, text in files.items():
        mode = stat.S_IMODE(os.stat(tmp_path / rel).st_mode)
        assert mode == (0o600 if "change-this" in text or render.private(text) else 0o644), rel
    render.write(files, str(tmp_path))
    assert all((tmp_path / (rel + ".bak")).exists() for rel in files)


@pytest.mark.parametrize("role", SERVER_ROLES)
def test_links_lead_to_files_of_the_role(tmp_path, role):
    """What a link names is there (or it takes one away), twice as well as once; a file in its place stays."""
    render.write(render.render(role, {}), str(tmp_path))
    for _ in range(2):
        render.link(render.links(role), str(tmp_path))
        for rel, target in render.links(role):
            path = tmp_path / rel
            assert path.is_file() and path.is_symlink() if target else not path.is_symlink()
    rel = render.links(role)[0][0]
    (tmp_path / rel).unlink()
    (tmp_path / rel).write_text("mine")
    with pytest.raises(FileExistsError):
        render.link(render.links(role), str(tmp_path))
    assert (tmp_path / rel).read_text() == "mine"


@pytest.mark.parametrize("role", LNS_ROLES)
def test_lines_of_the_clients_files_fit_their_readers(role):
    """radcli and radius.so read lines of at most 511 and 255 octets, KEYWORD blank VALUE, a keyword once."""
    for rel, text in render.render(role, {}).items():
        if "radiusclient.conf" not in rel:
            continue
        words = []
        for line in text.splitlines():
            assert len(line) < 255, line
            if line and not line.startswith("#"):
                word, _, value = line.partition("\t")
                assert word and " " not in word and (value or word == "default_realm"), line
                words.append(word)
        assert len(words) == len(set(words))
