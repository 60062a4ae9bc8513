# SPDX-License-Identifier: GPL-2.0-or-later
"""The compose rig for integrators, on a real Docker engine: each profile ends with a report and the right exit code, and a capture outside of
the containers says the same."""

import os

import pytest

from lib import engine, readme

CLEAR, ONCE = "not one packet of L2TP in the clear", "encrypted once: by the SA, or by MPPE"
RADIUS = "RADIUS knows the session and what protects it"


@pytest.fixture
def compose(scene):
    """Factory: compose(profile, **values of .env) has made containers and networks, nothing runs yet."""
    runs = []

    def make(profile, **values):
        runs.append(engine.Run(profile, scene.dir, **values))
        return runs[-1]

    yield make
    for r in runs:
        r.down()


@pytest.mark.seconds(600)
def test_compose_sabus(compose):
    """Profile sabus: every check holds, exit code 0; on the bridge there is ESP and not one packet of L2TP in the clear."""
    r = compose("sabus").up()
    good, bad = r.checks()
    assert r.code == 0 and not bad, r.report
    assert {"no link", "the link comes up", CLEAR, ONCE, RADIUS, "the link ends with its SA"} <= set(good), good
    assert "AES_GCM_16-256" in good[RADIUS] and "0 L2TP" in good[CLEAR]
    assert not r.wire.clear_l2tp() and sum(r.wire.esp_by_spi().values()) > 20


@pytest.mark.seconds(600)
def test_compose_stock(compose):
    """Profile stock, the same steps: a link in the clear with a wrong key and after the SA's end, encrypted twice, unknown to RADIUS; exit code 1, and the bridge has seen it."""
    r = compose("stock").up()
    good, bad = r.checks()
    assert r.code == 1 and {"no link", CLEAR, ONCE, RADIUS, "the link ends with its SA", "RADIUS has the end of the session"} <= set(bad), r.report
    assert {"IKE fails", "the link comes up", "the host behind the LNS answers"} <= set(good), r.report
    assert len(r.wire.clear_l2tp()) > 5 and sum(r.wire.esp_by_spi().values()) > 5


@pytest.mark.seconds(600)
def test_compose_nat(compose):
    """Profile nat: two clients behind one NAT, both up, both talking, each on its SA, and the end of one is not the other's."""
    r = compose("nat").up()
    good, bad = r.checks()
    assert r.code == 0 and not bad, r.report
    assert "each session is on an SA of its own" in good and "the other one does not lose a packet" in good
    assert not r.wire.clear_l2tp() and len([n for n in r.wire.esp_by_spi().values() if n > 5]) == 4
    assert {p.src for p in r.wire.packets() if p.kind == "esp"} == {"10.9.0.10", "10.9.0.30"}


@pytest.mark.seconds(600)
def test_compose_chaos(compose):
    """Profile chaos: daemons killed, rekeyings, a bad wire, RADIUS away: nothing lost beside the link, nobody let in unprotected, every Stop delivered."""
    r = compose("chaos").up()
    good, bad = r.checks()
    assert r.code == 0 and not bad, r.report
    assert "no link while charon is dead" in good and "its Stop is delivered once RADIUS is back" in good
    # the first SA, three that replace it, one after charon's death: two SPIs each
    assert not r.wire.clear_l2tp() and len(r.wire.esp_by_spi()) >= 10


@pytest.mark.seconds(600)
def test_compose_policy(compose):
    """Negative control, by a documented variable: SABUS_ENCRYPTION=prohibit with an SA that encrypts: no link, exit code 1, the report has pppd's reason."""
    r = compose("sabus", SABUS_ENCRYPTION="prohibit", PATIENCE="15").up()
    good, bad = r.checks()
    assert r.code == 1 and "the link comes up" in bad and "no link" in good, r.report
    assert "policy-prohibit" in r.report
    assert not r.wire.clear_l2tp()


@pytest.mark.seconds(600)
def test_compose_null(compose):
    """ESP_PROPOSALS=null-sha256: the SA does not encrypt, so MPPE does, once; RADIUS knows the suite."""
    r = compose("sabus", ESP_PROPOSALS="null-sha256").up()
    good, bad = r.checks()
    assert r.code == 0 and not bad, r.report
    assert "MPPE 128-bit" in good[ONCE] and "NULL" in good[RADIUS]
    assert not r.wire.clear_l2tp() and not r.wire.readable()


@pytest.mark.seconds(600)
def test_compose_look(scene):
    """What the rig's own README has people type to look around: all become healthy, the verbs work, sabusctl and the database answer."""
    with open(os.path.join(engine.FOLDER, "README.md")) as f:
        manual = f.read()
    said = engine.follow(readme.commands(manual, "compose-look"), engine.FOLDER, os.path.join(scene.dir, "look.log"))
    assert "Container sabus-rig-lns-1  Healthy" in said and '"up": true' in said and "AES_GCM_16-256" in said


@pytest.mark.seconds(600)
def test_compose_broken(compose):
    """A rig that cannot work says so: RADIUS does not start, exit code 2, and the report names who is missing."""
    r = compose("sabus", PATIENCE="2")
    r.compose("rm", "-f", "-s", "radius")
    r.compose("up", "-d", "--no-deps", "lns", "client", "host")
    judge = r.compose("up", "--no-deps", "--exit-code-from", "sabus", "sabus", check=False, timeout=150)
    assert judge.returncode == 2 and "The rig did not work" in judge.stdout and "radius" in judge.stdout, judge.stdout


@pytest.mark.seconds(600)
def test_compose_podman(scene):
    """podman-compose runs the same file: profile sabus, every check holds, exit code 0."""
    engine.start_podman()
    try:
        r = engine.podman_compose("--profile", "sabus", "up", "--exit-code-from", "sabus")
        with open(os.path.join(scene.dir, "report.log"), "w") as f:
            f.write(r.stdout)
        assert r.returncode == 0 and "12 of 12 checks hold" in r.stdout, r.stdout[-4000:]
    finally:
        engine.podman_compose("--profile", "sabus", "down", "-v", "-t", "1", timeout=60)
