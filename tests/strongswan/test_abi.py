# SPDX-License-Identifier: GPL-2.0-or-later
"""A real charon with a plugin that is built wrong on purpose, or configured wrong: one clear line, and charon stays up."""
import pathlib

import pytest

import harness


def spoil_version(config):
    version = config.split('#define VERSION "')[1].split('"')[0]
    return config.replace(f'#define VERSION "{version}"', '#define VERSION "6.0.99"')


def spoil_mediation(config):
    return config.replace("#define ME 1", "") if "#define ME 1" in config else config.replace("#endif\n", "#endif\n#define ME 1\n", 1)


@pytest.mark.parametrize("spoil, words", [
    (spoil_version, ["built for strongSwan 6.0.99", "another release", "strongswan-headers"]),
    (spoil_mediation, ["mediation", "strongswan-headers"]),
], ids=["version", "mediation"])
def test_wrong_build_is_refused_and_charon_stays(built, tmp_path, cleanup, spoil, words):
    config = tmp_path / "sabus-config.h"
    right = (pathlib.Path(harness.HEADERS) / "sabus-config.h").read_text()
    config.write_text(spoil(right))
    assert config.read_text() != right
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    harness.compile_plugin("sabus", wrong, config=config)
    host = harness.Host(tmp_path, "h", [built / "libstrongswan-fakekernel.so", wrong / "libstrongswan-sabus.so"])
    cleanup(host)
    charon = harness.Charon(host)
    cleanup(charon)
    lines = charon.lines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("sabus: not-loaded ") and "refused to load: " in lines[0]
    assert all(w in lines[0] for w in words), lines[0]
    stats = charon.swanctl("--stats")
    assert "fakekernel" in stats and "sabus" not in stats
    assert charon.stop() == 0


def test_right_build_loads(built, tmp_path, cleanup):
    """The control: the same set-up with the right build is not refused."""
    host = harness.Host(tmp_path, "h", built.iterdir())
    cleanup(host)
    charon = harness.Charon(host, sock=tmp_path / "nobody.sock")
    cleanup(charon)
    harness.wait_for("the line about the absent broker", charon.lines)
    assert "sabus" in charon.swanctl("--stats")
    assert charon.stop() == 0
    lines = charon.lines()
    assert len(lines) == 2, lines
    assert lines[0].startswith("sabus: bus-down path=") and "no sabusd there" in lines[0] and "trying every 1000 ms" in lines[0]
    assert lines[1] == "sabus: hooks count=0 p50-ns=0 p99-ns=0 p999-ns=0 max-ns=0"


@pytest.mark.parametrize("option, words", [
    ("reconnect = soon", [".plugins.sabus.reconnect = 'soon'", "100ms to 60s"]),
    ("reconnect = 0", [".plugins.sabus.reconnect = '0'", "100ms to 60s"]),
    ("socket = sa.sock", [".plugins.sabus.socket = 'sa.sock'", "absolute path"]),
    ("socket = /" + 120 * "x", ["at most 107 bytes"]),
], ids=["reconnect-word", "reconnect-zero", "socket-relative", "socket-long"])
def test_nonsense_option_is_refused_and_charon_stays(built, tmp_path, cleanup, option, words):
    host = harness.Host(tmp_path, "h", built.iterdir())
    cleanup(host)
    charon = harness.Charon(host, sabus=option)
    cleanup(charon)
    lines = charon.lines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("sabus: not-loaded ") and "refused to load: " in lines[0]
    assert all(w in lines[0] for w in words), lines[0]
    assert charon.swanctl("--stats").startswith("uptime")
    assert charon.stop() == 0
