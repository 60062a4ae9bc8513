# SPDX-License-Identifier: GPL-2.0-or-later
"""One source for every strongSwan: it compiles, without a warning, with the headers of each release that can be had.

The configured headers, and those of other releases of the distribution, fetched once into the build tree (or given by SABUS_STRONGSWAN_SETS,
folders separated by colons)."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

import harness

CACHE = pathlib.Path(os.environ.get("top_builddir", ".")) / "tests/strongswan/headers"
SCRIPT = harness.TOP / "integration/strongswan-headers"
SUITES = ("bookworm", "sid")  # 5.9 and, at the time of writing, 6.1


def given():
    return [pathlib.Path(p) for p in os.environ.get("SABUS_STRONGSWAN_SETS", "").split(":") if p]


def fetched(suite):
    if not pathlib.Path("/etc/debian_version").exists():
        pytest.skip("not a Debian: no other release can be fetched; give SABUS_STRONGSWAN_SETS")
    folder = CACHE / suite
    if not (folder / "sabus-version").exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        try:
            done = subprocess.run([sys.executable, str(SCRIPT), "--suite", suite, "--output", str(folder)], capture_output=True, text=True, timeout=240,
                                  check=False)
        except subprocess.TimeoutExpired:
            pytest.skip(f"fetching the headers of {suite} takes too long")
        if done.returncode:
            pytest.skip(f"no headers of {suite}: {done.stderr.strip()[-300:]}")
    return folder


def compile_with(headers, tmp_path):
    harness.compile_plugin("sabus", tmp_path, headers=headers)
    harness.compile_plugin("fakekernel", tmp_path, headers=headers, sources=[pathlib.Path(__file__).parent / "fakekernel.c"])
    return re.search(rb"built for strongSwan", (tmp_path / "libstrongswan-sabus.so").read_bytes())


def test_configured_headers(tmp_path):
    if not harness.HEADERS:
        pytest.skip("configured without --with-strongswan-headers")
    assert compile_with(harness.HEADERS, tmp_path)


@pytest.mark.parametrize("release", given() or SUITES, ids=lambda r: getattr(r, "name", r))
def test_headers_of_another_release(release, tmp_path):
    assert compile_with(release if given() else fetched(release), tmp_path)


# ---- the script's own answers, without a network ----

def script(*argv):
    return subprocess.run([sys.executable, str(SCRIPT), *map(str, argv)], capture_output=True, text=True, timeout=60, check=False)


def test_script_does_nothing_when_there(tmp_path):
    (tmp_path / "sabus-version").write_text("6.0.1 mediation 6.0.1-6\n")
    done = script("--output", tmp_path, "--version", "6.0.1")
    assert done.returncode == 0 and "there already" in done.stdout


def test_script_does_not_replace_a_strangers_folder(tmp_path):
    (tmp_path / "precious").write_text("x")
    done = script("--output", tmp_path, "--version", "6.0.1")
    assert done.returncode == 1
    assert "was not made by this script" in done.stderr
    assert (tmp_path / "precious").exists()


def test_script_says_that_strongswan_is_missing(tmp_path):
    if not shutil.which("dpkg-query"):
        pytest.skip("dpkg-query is not installed")
    root = tmp_path / "root"
    (root / "var/lib/dpkg").mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    done = script("--output", tmp_path / "out", "--root", root)
    assert done.returncode == 1
    assert "installed: no strongSwan in" in done.stderr and "--suite" in done.stderr
    assert not (tmp_path / "out").exists()


def test_script_says_that_no_mirror_is_named(tmp_path):
    root = tmp_path / "root"
    (root / "etc/apt").mkdir(parents=True)
    (root / "etc/os-release").write_text("VERSION_CODENAME=trixie\nID=debian\n")
    done = script("--output", tmp_path / "out", "--root", root, "--version", "6.0.1")
    assert done.returncode == 1
    assert "names no mirror of trixie" in done.stderr


def test_script_takes_an_unpacked_source(tmp_path):
    """For distributions without apt: nothing is asked of a network, and what cannot be known must be said."""
    tree, out = tmp_path / "strongswan-6.0.9", tmp_path / "out"
    for name in ("src/libcharon/daemon.h", "src/libstrongswan/library.h", "src/libstrongswan/utils/enum.h"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(f"/* {name} */\n")
    (tree / "configure.ac").write_text("AC_INIT([strongSwan],[6.0.9])\n")
    done = script("--output", out, "--tree", tree, "--mediation", "no")
    assert done.returncode == 0, done.stderr
    assert (out / "sabus-version").read_text().split() == ["6.0.9", "no-mediation", "6.0.9"]
    assert '#define VERSION "6.0.9"' in (out / "sabus-config.h").read_text()
    assert (out / "src/libstrongswan/utils/enum.h").exists()
    done = script("--output", tmp_path / "other", "--tree", tree, "--root", tmp_path)
    assert done.returncode == 1 and "--mediation" in done.stderr
    (tree / "configure.ac").write_text("AC_INIT([other],[1])\n")
    done = script("--output", tmp_path / "other", "--tree", tree, "--mediation", "no")
    assert done.returncode == 1 and "is not strongSwan's" in done.stderr
