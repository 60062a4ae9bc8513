# SPDX-License-Identifier: GPL-2.0-or-later
"""The integrator's journey: README.md, "In containers", word by word.  Its first block, the images, was followed outside, where there is a
network (riglib/engine.py); this guest has the engine with what came of it."""

import os

import pytest

from lib import engine, readme

README = "/host/README.md"


@pytest.mark.seconds(600)
def test_journey_integrator(scene):
    """In a clone, the README's commands: a readable report in which every check holds, status 0, and nothing is left over."""
    clone = os.path.join("/tmp", "clone")
    os.makedirs(clone + "/integration", exist_ok=True)
    if not os.path.islink(clone + "/integration/compose"):
        os.symlink(engine.FOLDER, clone + "/integration/compose")
    with open(README) as f:
        manual = f.read()
    built = readme.commands(manual, "integrator-build")
    assert built[0].text == "cd integration/compose" and "build" in built[1].text
    said = engine.follow(built[:1] + readme.commands(manual, "integrator"), clone, os.path.join(scene.dir, "journey.log"))
    for step in ("1. The client has a wrong pre-shared key", "2. The right key", "3. The SA goes away", "12 of 12 checks hold"):
        assert step in said, said[-4000:]
    assert not engine.docker("ps", "-aq").stdout and "sabus-rig" not in engine.docker("network", "ls").stdout
