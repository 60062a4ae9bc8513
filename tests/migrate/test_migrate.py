# SPDX-License-Identifier: GPL-2.0-or-later
"""conf-templates/migrate: what it says it would do is what it does, what it does protects, and the way back ends where it began."""

import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys

import pytest

SRC = pathlib.Path(os.environ.get("top_srcdir", pathlib.Path(__file__).resolve().parents[2]))
FIXTURES = SRC / "tests/migrate/fixtures"
SHAPES = sorted(p.name for p in FIXTURES.iterdir() if p.is_dir())
SECRET = ("secrets", ".nmconnection", "swanctl.conf", "config.boot", "options.l2tpd.client")


def migrate(root, *args):
    return subprocess.run([sys.executable, "-B", str(SRC / "conf-templates/migrate"), "--root", str(root)] + list(args), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60, check=False)


def shown(root, *args):
    got = migrate(root, *args)
    assert got.returncode == 0 and not got.stderr, got
    return got.stdout


def state(root):
    """{path: (mode, text)} of all files, and the folders."""
    found = {}
    for path in sorted(root.rglob("*")):
        st = path.lstat()
        found[str(path.relative_to(root))] = (st.st_mode, path.read_bytes() if stat.S_ISREG(st.st_mode) else None)
    return found


@pytest.fixture(name="root")
def _root(tmp_path, request):
    """A copy of a fixture that may be written, with the modes that its secrets have on a host."""
    dest = tmp_path / "root"
    shutil.copytree(FIXTURES / request.param, dest)
    dest.chmod(0o755)  # a source tree may be read-only
    for path in dest.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o600 if path.name.endswith(SECRET) else 0o644)
    (dest / "var/lib").mkdir(parents=True)
    (dest / "shape").write_text(request.param)
    return dest


def every(*names):
    return pytest.mark.parametrize("root", names or SHAPES, indirect=True)


def test_all_fixtures_are_there():
    assert SHAPES == ["debian", "debian-client", "hwdsl2", "networkmanager", "vyos"]


@every()
def test_dry_run_changes_nothing(root):
    before = state(root)
    text = shown(root)
    assert state(root) == before
    assert "\n+++ b/etc/sabus/guard.batch\n" in text and "# then: sabusctl doctor" in text


@pytest.mark.skipif(not shutil.which("patch"), reason="no patch(1)")
@every()
def test_the_diff_is_what_happens(root, tmp_path):
    """patch(1) with the diff of the dry run, and --apply, end with the same files."""
    other = tmp_path / "other"
    shutil.copytree(root, other)
    text = shown(root)
    subprocess.run(["patch", "-s", "-p1", "-d", str(other)], input=text, text=True, check=True, timeout=60)
    assert shown(root, "--apply").startswith(text)
    shutil.rmtree(root / "var/lib/sabus")
    ours, theirs = ({p: text for p, (_, text) in state(r).items()} for r in (root, other))
    assert ours == theirs


@every()
def test_back_is_where_it_began(root):
    before = state(root)
    shown(root, "--apply")
    assert state(root) != before
    shown(root, "--back")
    shutil.rmtree(root / "var/lib/sabus", ignore_errors=True)
    assert state(root) == before
    again = migrate(root, "--back")
    assert again.returncode == 1 and "nothing to put back" in again.stderr


@every()
def test_once_is_enough(root):
    shown(root, "--apply")
    after = state(root)
    twice = migrate(root, "--apply")
    assert twice.returncode == 1 and "--back" in twice.stderr and state(root) == after
    shutil.rmtree(root / "var/lib/sabus")
    assert "# nothing to change" in shown(root)


@every()
def test_what_comes_out_protects(root):
    """pppd loads sabus and is left nothing to decide, charon publishes, the guard is whole, secrets are secret."""
    shown(root, "--apply")
    xl2tpd = (root / "etc/xl2tpd/xl2tpd.conf").read_text()
    (options,) = set(re.findall(r"^pppoptfile = (\S+)", xl2tpd, re.M))
    ppp = [x.strip() for x in (root / options.lstrip("/")).read_text().splitlines() if x.strip() and not x.startswith("#")]
    assert ppp.count("file /etc/ppp/options.sabus") == 1
    assert not [x for x in ppp if re.match(r"mtu|mru|.*mppe|noccp", x)]
    assert not re.search(r"^\s*(?:ipsec saref|force userspace)", xl2tpd, re.M)
    assert "plugin sabus.so\n" in (root / "etc/ppp/options.sabus").read_text()
    assert "load = yes" in (root / "etc/strongswan.d/charon/sabus.conf").read_text()
    assert (root / "etc/sabus/guard.batch").read_bytes() == (SRC / "conf-templates/lns/sabus/guard.batch").read_bytes()
    for path in root.rglob("*"):
        if path.is_file() and re.search(r"made.up|mysecret", path.read_text()):
            assert not path.stat().st_mode & 0o077, path
    assert (root / "var/lib/sabus/migrate").stat().st_mode & 0o777 == 0o700


@every("hwdsl2")
def test_libreswan_is_translated(root):
    text = shown(root, "--apply")
    swan = (root / "etc/swanctl/conf.d/sabus-l2tp.conf").read_text()
    value = dict(re.findall(r"^\s*(\w+) = (.*)$", swan, re.M))
    assert value["proposals"] == "aes256-sha256-modp2048,aes128-sha256-modp2048,aes256-sha1-modp2048,aes128-sha1-modp2048"
    assert value["esp_proposals"] == "aes256gcm16,aes128-sha1,aes256-sha1,aes256-sha512,aes128-sha256,aes256-sha256"
    assert (value["version"], value["secret"], value["local_addrs"], value["remote_addrs"]) == ("1", '"a-made-up-key-20-chars"', "%any", "%any")
    assert value["local_ts"] == "dynamic[udp/1701]" and value["remote_ts"] == "dynamic[udp]" and value["mode"] == "transport"
    assert re.search(r"local \{\s+auth = psk\s+id = 203\.0\.113\.7\n", swan)
    assert "3des-sha1;modp1024" in text and "conn xauth-psk" in text and "systemctl disable --now ipsec" in text


@every("debian")
def test_strongswan_stays_as_it_is(root):
    before = (root / "etc/ipsec.conf").read_text()
    text = shown(root, "--apply")
    assert (root / "etc/ipsec.conf").read_text() == before and "swanctl" not in text
    assert "require-mschap-v2" in text, "this file does not ask for it"


@every("debian")
def test_what_is_there_stays(root):
    """The administrator's own options of sabus, and his guard; only charon's plugin is switched on."""
    for name, text in (("ppp/options.sabus", "plugin sabus.so\nsabus-min-strength good\n"), ("sabus/guard.batch", "# ours\n"),
                       ("strongswan.d/charon/sabus.conf", "sabus {\n\tload = no # for now\n\treconnect = 5s\n}\n")):
        path = root / "etc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shown(root, "--apply")
    assert (root / "etc/ppp/options.sabus").read_text() == "plugin sabus.so\nsabus-min-strength good\n"
    assert (root / "etc/sabus/guard.batch").read_text() == "# ours\n"
    assert (root / "etc/strongswan.d/charon/sabus.conf").read_text() == "sabus {\n\tload = yes # for now\n\treconnect = 5s\n}\n"


@every("networkmanager")
def test_networkmanager(root):
    text = shown(root, "--apply")
    secrets = (root / "etc/ppp/chap-secrets").read_text()
    assert '"dsl"\t*\t"made-up"\n' in secrets and secrets.endswith('"alice"\t"lns"\t"a-made-up-password"\t*\n')
    assert 'secret = "a-made-up-key"' in (root / "etc/swanctl/conf.d/sabus-l2tp.conf").read_text()
    assert "lns = 192.0.2.10" in (root / "etc/xl2tpd/xl2tpd.conf").read_text()
    nm = (root / "etc/NetworkManager/system-connections/office.nmconnection").read_text()
    assert "autoconnect=false\n" in nm and "autoconnect=true" not in nm and "wired" not in text


@every("networkmanager")
def test_secret_in_a_keyring(root):
    path = root / "etc/NetworkManager/system-connections/office.nmconnection"
    path.write_text(path.read_text().replace("password=a-made-up-password\n", "").replace("password-flags=0", "password-flags=1"))
    before = state(root)
    got = migrate(root, "--apply")
    assert got.returncode == 1 and "PPP_SECRET=..." in got.stderr and state(root) == before
    shown(root, "--apply", "PPP_SECRET=typed")
    assert '"typed"' in (root / "etc/ppp/chap-secrets").read_text()


@every("networkmanager")
def test_without_ipsec_nothing_is_promised(root):
    path = root / "etc/NetworkManager/system-connections/office.nmconnection"
    path.write_text(path.read_text().replace("ipsec-enabled=yes", "ipsec-enabled=no"))
    got = migrate(root)
    assert got.returncode == 1 and "ipsec-enabled" in got.stderr


@every("vyos")
def test_vyos(root):
    shown(root, "--apply")
    xl2tpd = (root / "etc/xl2tpd/xl2tpd.conf").read_text()
    assert "ip range = 192.168.255.2-192.168.255.254\n" in xl2tpd and "local ip = 192.168.255.1\n" in xl2tpd
    secrets = (root / "etc/ppp/chap-secrets").read_text()
    assert '"carol"\t"lns"\t"made-up-1"' in secrets and '"dave"\t"lns"\t"made up 2"' in secrets and "eve" not in secrets
    assert "local_addrs = 203.0.113.2\n" in (root / "etc/swanctl/swanctl.conf").read_text()


@every("hwdsl2")
def test_changed_since(root):
    """Somebody's later work is never lost on the way back: nothing at all is put back, and the file is named."""
    shown(root, "--apply")
    path = root / "etc/ppp/options.xl2tpd"
    path.write_text(path.read_text() + "ms-dns 9.9.9.9\n")
    before = state(root)
    got = migrate(root, "--back")
    assert got.returncode == 1 and "/etc/ppp/options.xl2tpd was changed" in got.stderr and state(root) == before


@every("debian")
def test_interrupted(root):
    """Killed between the note and the last file: back is back."""
    before = state(root)
    shown(root, "--apply")
    for name in ("etc/ppp/options.xl2tpd", "etc/sabus/guard.batch"):
        mode, text = before.get(name, (None, None))
        if text is None:
            (root / name).unlink()
        else:
            (root / name).write_bytes(text)
            assert (root / name).stat().st_mode == mode
    shown(root, "--back")
    shutil.rmtree(root / "var/lib/sabus", ignore_errors=True)
    assert state(root) == before


@every()
def test_a_name_that_nobody_knows(root):
    before = state(root)
    got = migrate(root, "--apply", "NO_SUCH=1")
    assert got.returncode == 1 and "NO_SUCH" in got.stderr and state(root) == before


def test_nothing_here(tmp_path):
    got = migrate(tmp_path)
    assert got.returncode == 1 and "no L2TP set-up that I know" in got.stderr
    assert migrate(tmp_path, "--sideways").returncode == 2
    assert migrate(tmp_path / "none").returncode == 1


@every("hwdsl2")
def test_certificates_are_not_guessed(root):
    (root / "etc/ipsec.secrets").write_text(": RSA key\n")
    got = migrate(root)
    assert got.returncode == 1 and "pre-shared" in got.stderr


# what the doctor says of each before, less what is advice
TRAPS = {
    "debian": {"unchecked", "userspace", "ppp-mtu"},    # MTU 1410
    "debian-client": {"unchecked", "ppp-mtu", "ppp-mppe"},      # require-mppe, and nobody who takes it back
    "hwdsl2": {"unchecked", "libreswan", "weak-esp", "weak-ike"},
    "networkmanager": set(),                            # nothing that it reads: all is in NetworkManager's own file
    "vyos": set(),
}


def install(root):
    """What packages bring, as far as the doctor looks at it."""
    for name, data in (("usr/sbin/pppd", b"\0/usr/lib/pppd/2.5.2\0"), ("usr/lib/pppd/2.5.2/sabus.so", b"\x002.5.2\0"), ("usr/sbin/xl2tpd", b"stock"),
                       ("usr/sbin/charon-systemd", b"\0(strongSwan 6.0.1, \0"), ("usr/lib/ipsec/plugins/libstrongswan-sabus.so", b"\x006.0.1\0"),
                       ("etc/systemd/system/sysinit.target.wants/sabus-guard.service", b"")):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def doctor(root):
    """{check} of what was found and is not advice."""
    got = subprocess.run([os.path.join(os.environ.get("top_builddir", os.getcwd()), "sabusctl"), "doctor", "--json", "--root", str(root)],
                         stdout=subprocess.PIPE, timeout=60, check=False)
    assert got.returncode in (0, 3), got
    return {f["check"] for f in json.loads(got.stdout)["findings"] if f["looked"] and f["weight"] != "advice"}


@every()
def test_the_doctor_agrees(root):
    """sabusctl doctor names the traps of each set-up, and has nothing to say of what comes out."""
    install(root)
    shape = (root / "shape").read_text()
    if shape == "hwdsl2":
        (root / "usr/libexec/ipsec").mkdir(parents=True)
        (root / "usr/libexec/ipsec/pluto").write_bytes(b"")
    assert doctor(root) == TRAPS[shape]
    shown(root, "--apply")
    if shape == "hwdsl2":
        # by hand, as it says: libreswan goes
        (root / "etc/ipsec.conf").unlink()
        (root / "usr/libexec/ipsec/pluto").unlink()
        (root / "etc/swanctl/swanctl.conf").write_text("include conf.d/*.conf\n")
    if shape == "networkmanager":
        (root / "etc/swanctl/swanctl.conf").write_text("include conf.d/*.conf\n")
    assert doctor(root) == set()
